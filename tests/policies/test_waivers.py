"""policies/waivers.toml: what is read, what is refused, and what is written."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policies.reading import InputError
from policies.waiver_model import Cover, Waiver, is_met
from policies.waivers import MAX_BYTES, SHIPPED, add, parse_waiver, parse_waivers, read_waivers, write
from tests.policies.waivers import CREATED, EXPIRES, FIELDS, PATH, A, B, C, waiver

ENTRY = f"""
[[waiver]]
scanner = "checkov"
rule = "CKV_AWS_116"
resource = "{PATH}"
fingerprints = ["{A}"]
reason = "The function is called synchronously: nothing is lost."
owner = "Storage team"
created = 2025-01-31
expires = 2025-07-31
link = "https://tracker.worthwatch.io/browse/WW-12?focus=4"
"""


def refusal(text: str | bytes) -> str:
    """Return why the contents of a file are refused."""
    with pytest.raises(InputError) as raised:
        parse_waivers(text if isinstance(text, bytes) else text.encode(), "w.toml")
    return str(raised.value).removeprefix("w.toml")


def entry(**changes: str | None) -> str:
    """Return an entry with fields given in TOML, or without those that are None."""
    lines: dict[str, str | None] = {}
    for line in ENTRY.strip().splitlines()[1:]:
        name, _, value = line.partition(" = ")
        lines[name] = value
    lines |= {name.replace("__", "."): value for name, value in changes.items()}
    return "[[waiver]]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items() if value is not None)


# Reading


def test_read() -> None:
    """An entry is read as it stands, and holds everywhere where it names no setting."""
    assert parse_waivers(ENTRY.encode(), "w.toml") == (Waiver.model_validate(FIELDS),)
    assert waiver().when == {}


def test_conditions() -> None:
    """Settings and their values keep their types, however the table is written."""
    inline = entry(when='{ deployVpc = [true], readCapacity = [5, 40000], stage = ["dev", "prod"] }')
    dotted = entry(when__deployVpc="[true]", when__readCapacity="[\n  5,\n  40000,\n]", when__stage='["dev", "prod"]')
    ((first,), (second,)) = (parse_waivers(text.encode(), "w.toml") for text in (inline, dotted))
    assert first == second
    assert json.dumps(first.when) == '{"deployVpc": [true], "readCapacity": [5, 40000], "stage": ["dev", "prod"]}'


@pytest.mark.parametrize("text", ["", "# nothing\n", "waiver = []\n", "\ufeff# a mark\r\n"])
def test_nothing_waived(text: str) -> None:
    """A file without entries waives nothing."""
    assert parse_waivers(text.encode(), "w.toml") == ()


def test_shipped() -> None:
    """The file that comes with the package can be read, and is as the program would write it."""
    waivers = read_waivers(SHIPPED)
    assert SHIPPED.read_text(encoding="utf-8") == write(waivers)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("[[waiver]\n", ": not valid TOML: Expected ']]' at the end of an array declaration (at line 1, column 9)"),
        ("a\0 = 1", ": not valid TOML: Expected '=' after a key in a key/value pair (at line 1, column 2)"),
        (b"# a\n\xff", ":2: the byte 0xff is not UTF-8; save the file as UTF-8"),
        ("# a".encode("utf-16"), ":1: the byte 0xff is not UTF-8; save the file as UTF-8"),
        ("a = " + "[\n" * 5_000, ": not valid TOML of ours: nested too deeply; expected tables of plain values"),
        ("a = " + "{a=" * 600, ": not valid TOML of ours: nested too deeply; expected tables of plain values"),
        (".".join("a" * 1_100) + " = 1", ":1: a line of 2,203 bytes; the limit is 2,000"),
        (f'{ENTRY}owner = "me"\n', ": not valid TOML: Cannot overwrite a value (at line 12, column 13)"),
        ("created = 2025-02-30\n", ": not valid TOML: Invalid date or datetime (at line 1, column 11)"),
        ("[waiver]\n", ": waiver: found one table or value; expected [[waiver]], in two pairs of brackets"),
        ("[[waivers]]\n", ": 'waivers': no such key; expected [[waiver]] over each entry"),
        ("waiver = [1, 'x']\n", ": waiver 1: found 1; expected a table; waiver 2: found 'x'; expected a table"),
    ],
)
def test_no_waivers(data: str | bytes, problem: str) -> None:
    """What is no TOML in UTF-8, or no table of waivers, is refused with its place."""
    assert refusal(data) == problem


def test_too_large(tmp_path: Path) -> None:
    """A file is not read beyond the limit."""
    file = tmp_path / "w.toml"
    file.write_text("#" * (MAX_BYTES + 1), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_waivers(file)
    assert raised.value.problem == "larger than 262,144 bytes, the limit for such a file"


def test_no_file(tmp_path: Path) -> None:
    """Where there is no file, there is no empty list: nobody said that nothing is waived."""
    with pytest.raises(InputError, match="no such file; check the path"):
        read_waivers(tmp_path / "w.toml")


def test_many_problems() -> None:
    """Of a file that is wrong all over, so much is told as a reader takes in."""
    told = refusal("[[waiver]]\n" * 20_000).split("; waiver ")
    assert (len(told), told[-1].rpartition("; ")[2]) == (20, "and more")


EXPECTED = {
    "scanner": "the scanner's name in lower case, such as checkov, cfn-lint or worthwatch",
    "rule": "the id of a rule or scenario, in ASCII, or * alone, for every one",
    "resource": "a construct path in ASCII, such as WorthWatchStorage/Storage/LambdaFunction/Resource, the word "
    "template for what is about no resource, or * alone, for every one",
    "when": 'lists of values by setting, without prefix, such as when.stage = ["dev"]: of one type, in order, each '
    "once; to hold everywhere, leave when out",
    "fingerprints": "a list of fingerprints, each 32 hexadecimal digits in lower case, in order, each once",
    "reason": "why it may stand: 20 to 400 characters on one line, with 4 different words or more, and none such as "
    "TODO",
    "owner": "the name or address of a person or a team, in at most 100 characters",
    "created": "a date without time and quotes, such as 2025-01-31",
    "expires": "a date without time and quotes, such as 2025-07-31",
    "link": "an https URL, without user, password and blanks, of where it was decided",
}
"""What each field is expected to hold, in the words that are told."""


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"scanner": '"Checkov"'}, f".scanner: found 'Checkov'; expected {EXPECTED['scanner']}"),
        ({"resource": '"A/*"'}, f".resource: found 'A/*'; expected {EXPECTED['resource']}"),
        ({"reason": '"because"'}, f".reason: found 'because'; expected {EXPECTED['reason']}"),
        ({"owner": None}, f".owner: missing; expected {EXPECTED['owner']}"),
        ({"owner": '"n/a"'}, f".owner: found 'n/a'; expected {EXPECTED['owner']}"),
        ({"link": '"http://x.org"'}, f".link: found 'http://x.org'; expected {EXPECTED['link']}"),
        ({"created": '"2025-01-31"'}, f".created: found '2025-01-31'; expected {EXPECTED['created']}"),
        ({"expires": "2025-07-31T00:00:00"}, f".expires: found 2025-07-31 00:00:00; expected {EXPECTED['expires']}"),
        (
            {"expires": "2025-07-31T00:00:00Z"},
            f".expires: found 2025-07-31 00:00:00+00:00; expected {EXPECTED['expires']}",
        ),
        ({"expires": "00:00:00"}, f".expires: found 00:00:00; expected {EXPECTED['expires']}"),
        ({"rule": "true"}, f": waiver 1.rule: found true; expected {EXPECTED['rule']}"),
        ({"rule": "nan"}, f": waiver 1.rule: found nan; expected {EXPECTED['rule']}"),
        ({"rule": "{ id = 1 }"}, f": waiver 1.rule: found a table of 1; expected {EXPECTED['rule']}"),
        ({"fingerprints": "[]"}, f".fingerprints: found a list of 0; expected {EXPECTED['fingerprints']}"),
        ({"fingerprints": f'"{A}"'}, f".fingerprints: found '{A}'; expected {EXPECTED['fingerprints']}"),
        (
            {"fingerprints": f'["{A}", "{B.upper()}", 3]'},
            f".fingerprints[1]: found '{B.upper()}'; expected {EXPECTED['fingerprints']}; "
            f"waiver 1 ('CKV_AWS_116').fingerprints[2]: found 3; expected {EXPECTED['fingerprints']}",
        ),
        (
            {"fingerprints": f'["{B}", "{A}"]'},
            f".fingerprints: found a list of 2; expected {EXPECTED['fingerprints']}",
        ),
        ({"when": "{}"}, f".when: found a table of 0; expected {EXPECTED['when']}"),
        ({"when": "[1]"}, f".when: found a list of 1; expected {EXPECTED['when']}"),
        ({"when.stage": '"dev"'}, f".when.stage: found 'dev'; expected {EXPECTED['when']}"),
        ({"when.stage": "[]"}, f".when.stage: found a list of 0; expected {EXPECTED['when']}"),
        ({"when.stage": "[1.5]"}, f".when.stage: found 1.5; expected {EXPECTED['when']}"),
        ({"when.stage": '["dev", "dev"]'}, f".when.stage: found a list of 2; expected {EXPECTED['when']}"),
        ({"when.deployVpc": "[true, 1]"}, f".when.deployVpc: found a list of 2; expected {EXPECTED['when']}"),
        (
            {"when.'worthwatch:stage'": '["dev"]'},
            f".when.worthwatch:stage: found 'worthwatch:stage'; expected {EXPECTED['when']}",
        ),
        (
            {"until": "2025-07-31"},
            ".until: no such key; expected scanner, rule, resource, when, fingerprints, reason, owner, created, "
            "expires, link",
        ),
        (
            {"expires": "2026-02-01"},
            ": expires: found 2026-02-01; expected a day after 2025-01-31, at the latest 2026-01-31",
        ),
        (
            {"expires": "2025-01-31", "rule": '"*"', "resource": '"*"'},
            ": waiver 1 ('*'): rule and resource: found * in both; expected one of them to be named; "
            "expires: found 2025-01-31; expected a day after 2025-01-31, at the latest 2026-01-31",
        ),
    ],
)
def test_wrong_entries(changes: dict[str, str | None], problem: str) -> None:
    """What is wrong with an entry is told with its number and rule, what was found, and what was expected."""
    said = problem if problem.startswith(": waiver") else f": waiver 1 ('CKV_AWS_116'){problem}"
    assert refusal(entry(**changes)) == said


def test_all_at_once() -> None:
    """Every entry's problems are told, each by its place."""
    assert refusal(entry(owner='"TODO"', reason='"because"') + entry() + entry(rule=None)) == (
        f": waiver 1 ('CKV_AWS_116').reason: found 'because'; expected {EXPECTED['reason']}; "
        f"waiver 1 ('CKV_AWS_116').owner: found 'TODO'; expected {EXPECTED['owner']}; "
        f"waiver 3.rule: missing; expected {EXPECTED['rule']}"
    )


@pytest.mark.parametrize(
    ("later", "problem"),
    [
        ({}, f": waiver 2 (checkov CKV_AWS_116 on {PATH}): matches the same as waiver 1; make one of them"),
        (
            {"rule": '"CKV_AWS_115"'},
            f": waiver 2 (checkov CKV_AWS_115 on {PATH}): expected before waiver 1 (checkov CKV_AWS_116 on {PATH}), "
            "in the order of scanner, rule, resource and when",
        ),
    ],
)
def test_disorder(later: dict[str, str], problem: str) -> None:
    """Two that match the same, and those that are not in order, are refused."""
    assert refusal(entry() + entry(**later)) == problem


def test_order() -> None:
    """By scanner, rule, resource and when; what holds everywhere comes before what holds in some settings."""
    ordered = (
        waiver(rule="*"),
        waiver(resource="*"),
        waiver(),
        waiver(when={"deployVpc": [False]}),
        waiver(when={"deployVpc": [True]}),
        waiver(when={"stage": ["dev"]}),
        waiver(scanner="worthwatch"),
    )
    assert parse_waivers(write(reversed(ordered)).encode(), "w.toml") == ordered


# The model


def accepted(**changes: object) -> bool:
    """Tell whether a waiver with these changes is one."""
    try:
        waiver(**changes)
    except ValidationError:
        return False
    return True


GOOD: dict[str, list[object]] = {
    "scanner": ["worthwatch", "cfn-lint", "kics2"],
    "rule": [
        "*",
        "dynamodb-storage#a-b/c-d",
        "AwsSolutions-IAM5[Resource::*]",
        "AwsSolutions-IAM5[Action::dynamodb:*]",
        "AwsSolutions-IAM5[Resource::*[x]]",
    ],
    "resource": ["*", "template", "WorthWatchStorage/Storage Table/Resource"],
    "owner": ["Storage team", "ada@worthwatch.io", "José Núñez", "李娜", "Al"],
    "reason": [
        "It is so, for now, since nothing else is.",
        "x" * 383 + " is no short word",
        "It is so, is it not?",
        'It "is" \\so\\ for now.',
    ],
    "link": ["https://worthwatch.io", "https://jira:8443/browse/WW-1", "https://a.b/?q=a@b#c", "https://a.b/%20(x)[1]"],
    "created": [date(2024, 7, 31), date(2025, 7, 30)],
    "expires": [date(2025, 2, 1), date(2026, 1, 31)],
    "fingerprints": [[A], [A, B, C], ("0" * 32,)],
    "when": [{"stage": ["dev"]}, {"deployVpc": [False, True]}, {"readCapacity": [0, 1]}],
}
NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)
BAD: dict[str, list[object]] = {
    "scanner": [
        "*", "", "Checkov", "check ov", "-checkov", "cfn--lint", "\u0441heckov", "checkov\n", "c" * 51, 1, True,
    ],
    "rule": [
        "", " ", "CKV_*", "CKV_AWS_116 ", "\u0421KV_AWS_116", "CKV\n", "CKV\x00", "**", "C" * 501, "*[x]", "CKV\u200b",
    ],
    "resource": [
        "", "/", f"{PATH}/", f"/{PATH}", "A//B", "A/ B", "A/*", "A/B*", "St\u043erage/Resource", "A\tB", "A\n",
        "R" * 501,
    ],
    "owner": [
        "", " ", "n/a", "N/A", "TODO", "todo: Ada", "none", "None.", "nobody", "no-one", "T.B.D.", "me", "-", "??",
        "unowned", "xx", "unknown", "Ada ", "Ada\n", "Ada\x1b[31m",
        "\u3164\u3164", "\u3164\u115f", "\u200bAda", "A" * 101,
        "\uff4eone",
    ],
    "reason": [
        "", " " * 30, "too short a reason", "because because because because", "reason " * 8, "n/a " * 6 + "n/a",
        "TODO: write down why this one may stand", "to be told: FIXME before the release", "." * 40,
        "It is so for now: asdf asdf", "Lorem ipsum dolor sit amet", "This is but a placeholder for a reason",
        "Why it may stand is TBA", "Why it may stand is tbc", "Why it may stand is TBD", "xxx xx x, that is why",
        "one two three " * 20 + "one", "x" * 384 + " is no short word", "It is so, for now,\nsince nothing else is.",
        "It is so, for now, since \x07 nothing else is.", " It is so, for now, since nothing else is.",
        "It is so for now " + "x" * 400, "It is so, for \u202enow, as it is.",
    ],
    "link": [
        "", "https://", "http://worthwatch.io", "HTTPS://worthwatch.io", "ftp://worthwatch.io", "javascript:alert(1)",
        "https://ada@worthwatch.io", "https://ada:word@worthwatch.io/", "https://:@worthwatch.io", "https:///x",
        "https://worthwatch.io\\@other.org", "https://worthwatch.io/a b", "https://worthwatch.io/\n", "//worthwatch.io",
        "https://worthwatch.io/\x1b", "https://wörthwatch.io", "https://worthwatch.io/ä", "https://a.b/<x>", "#",
        "https://worthwatch.io:port/", "https://worthwatch.io:", "https://[::1]/", f"https://a.b/{'x' * 500}",
    ],
    "created": [date(2024, 7, 30), EXPIRES, date.max, "2025-01-31", NOON, 1738281600],
    "expires": [CREATED, date(2026, 2, 1), date.min, "2025-07-31", NOON, time(1), None],
    "fingerprints": [
        [], A, [A, A], [B, A], ["a" * 31], ["a" * 33], ["A" * 32], [f"{A[:-1]}\n"], ["g" * 32], [1], [None], {A: 1},
        [f"{number:032x}" for number in range(1001)],
    ],
    "when": [
        {}, None, [], {"stage": []}, {"stage": "dev"}, {"stage": ["prod", "dev"]}, {"stage": ["dev", "dev"]},
        {"": ["x"]}, {"stage": [1.0]}, {"stage": [None]}, {"stage": [["dev"]]}, {"stage": [CREATED]}, {"stage": [""]},
        {"deployVpc": [True, "true"]}, {"deployVpc": [0, True]}, {"deployVpc": [False, 1]}, {"Stage": ["dev"]},
        {"worthwatch:stage": ["dev"]}, {"stage ": ["dev"]}, {"stage": ["dev\n"]}, {"stage": [" dev"]}, {1: ["dev"]},
        {"readCapacity": [10**9 + 1]}, {"readCapacity": [-1]}, {"tableName": ["x" * 256]},
        {"tableName": [f"{number:02}" for number in range(51)]}, {f"s{number}": ["x"] for number in range(21)},
    ],
}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in GOOD for value in GOOD[field]])
def test_accepted(field: str, value: object) -> None:
    """What a field is expected to hold, it may."""
    assert accepted(**{field: value})


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in BAD for value in BAD[field]])
def test_refused(field: str, value: object) -> None:
    """A placeholder, a look-alike, a blank, a wrong type and what goes too far are refused."""
    assert not accepted(**{field: value})


@pytest.mark.parametrize(
    ("created", "last"),
    [
        (date(2025, 3, 1), date(2026, 3, 1)),
        (date(2023, 3, 1), date(2024, 3, 1)),
        (date(2024, 1, 31), date(2025, 1, 31)),
        (date(2023, 2, 28), date(2024, 2, 28)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_year(created: date, last: date) -> None:
    """A year ends on the same day of the next; that of February 29, and that of the last year there is, earlier."""
    assert accepted(created=created, expires=last)
    assert last == date.max or not accepted(created=created, expires=last + timedelta(days=1))


def test_wildcards() -> None:
    """One of rule and resource is named."""
    assert [accepted(rule=rule, resource=resource) for rule in ("*", "R") for resource in ("*", PATH, "template")] == [
        False, True, True, True, True, True,
    ]  # fmt: skip


def test_frozen() -> None:
    """A waiver stays as it was read."""
    with pytest.raises(ValidationError, match="frozen"):
        waiver().owner = "another"  # type: ignore[misc] # which is what is refused


@pytest.mark.parametrize(
    ("today", "left", "told"),
    [
        (date(2025, 7, 1), 30, "30 days left"),
        (date(2025, 7, 29), 2, "2 days left"),
        (date(2025, 7, 30), 1, "1 day left"),
        (EXPIRES, 0, "0 days left"),
    ],
)
def test_told(today: date, left: int, told: str) -> None:
    """Where a waiver covers something, it is told which one it is, whose, until when, for how long yet, and why."""
    when: dict[str, list[object]] = {"stage": ["dev", "prüf"], "deployVpc": [True]}
    covering = waiver(when=when)
    assert covering.cover(today) == Cover(
        "checkov",
        "CKV_AWS_116",
        PATH,
        {"stage": ("dev", "prüf"), "deployVpc": (True,)},
        "Storage team",
        "2025-07-31",
        left,
        "The function is called synchronously: nothing is lost.",
    )
    line = (
        f'checkov CKV_AWS_116 on {PATH} when deployVpc is true and stage is "dev" or "prüf", '
        f"by Storage team until 2025-07-31, {told}: The function is called synchronously: nothing is lost."
    )
    assert covering.told(today) == line
    assert covering.name == line.partition(", by")[0]


@pytest.mark.parametrize(
    ("when", "met"),
    [
        ({}, True),
        ({"stage": ["dev"]}, False),
        ({"stage": ["dev", "prod"]}, True),
        ({"deployVpc": [True]}, True),
        ({"deployVpc": [False]}, False),
        ({"deployVpc": [1]}, False),
        ({"readCapacity": [True]}, False),
        ({"readCapacity": [1], "stage": ["prod"]}, True),
        ({"readCapacity": [1], "stage": ["dev"]}, False),
        ({"region": ["eu-west-1"]}, False),
    ],
)
def test_conditions_that_are_met(when: dict[str, list[object]], met: bool) -> None:
    """A condition is met where every setting has one of its values, of the same type."""
    assert is_met(when, {"stage": "prod", "deployVpc": True, "readCapacity": 1}) is met


def test_days_left() -> None:
    """Its last day counts as a whole: then 0 days follow, and less once it is over."""
    assert [waiver().days_left(date(2025, 7, day)) for day in (1, 30, 31)] == [30, 1, 0]
    assert waiver().days_left(date(2025, 8, 1)) == -1


# Writing


def test_written() -> None:
    """An entry is written as a person would, and what is long stands below each other."""
    text = write([waiver(fingerprints=[A, B], when={"stage": ["dev", "prod"], "deployVpc": [True]}), waiver()])
    head, first, second = text.split("\n[[waiver]]\n")
    assert head == write(())
    assert "[[waiver]]\n" + first == ENTRY[1:]
    assert second.startswith(
        f'scanner = "checkov"\nrule = "CKV_AWS_116"\nresource = "{PATH}"\nwhen.deployVpc = [true]\n'
        f'when.stage = [\n    "dev",\n    "prod",\n]\nfingerprints = [\n    "{A}",\n    "{B}",\n]\nreason = "'
    )


def test_the_longest_line_is_read() -> None:
    """The longest reason in the largest characters fits a line that is read."""
    wide = "𐐀𐐁𐐂 𐐃𐐄 𐐅𐐆𐐇 𐐈" + "𐐉" * 388
    assert len(wide) == 400
    assert parse_waivers(write([waiver(reason=wide)]).encode(), "w.toml") == (waiver(reason=wide),)


def test_too_many_to_be_read() -> None:
    """What could not be read again is not written."""
    many = [waiver(rule=f"R{number:05}") for number in range(1_000)]
    with pytest.raises(InputError, match=r"^the waivers: a file of [0-9,]+ bytes; the limit is 262,144$"):
        write(many)


_LETTERS = st.characters(categories=("L", "M", "N", "P", "S", "Zs"))
_TEXTS = st.text(_LETTERS | st.sampled_from("\"'\\#=[]{}\u00e9"), max_size=60)
_VALUES: st.SearchStrategy[list[Any]] = (
    st.sets(_TEXTS, min_size=1, max_size=4).map(sorted)
    | st.sets(st.booleans(), min_size=1).map(sorted)
    | st.sets(st.integers(0, 10**9), min_size=1, max_size=4).map(sorted)
)
_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "scanner": st.from_regex(r"[a-z0-9]{1,8}(-[a-z]{1,4})?", fullmatch=True),
        "rule": st.just("*") | st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20),
        "resource": st.from_regex(r"[!-)+-.0-~]{1,9}(/[!-)+-.0-~]{1,9}){0,3}", fullmatch=True),
        "when": st.dictionaries(
            st.from_regex("[a-z][A-Za-z0-9]{0,9}", fullmatch=True), _VALUES, min_size=1, max_size=3
        ),
        "fingerprints": st.sets(st.sampled_from([A, B, C]), min_size=1).map(sorted),
        "reason": _TEXTS.map(lambda text: f"It is so for now: {text}!"),
        "owner": _TEXTS.map(lambda text: f"Ada {text}!"),
        "expires": st.dates(date(2025, 2, 1), date(2026, 1, 31)),
        "link": st.from_regex(r"https://[a-z]{1,9}(/[A-Za-z0-9._~:?#@!$&'()*+,;=%-]{0,20})?", fullmatch=True),
    },
)


def made(changes: dict[str, object]) -> Waiver | None:
    """Return the waiver with these changes, or None where they are refused."""
    return waiver(**changes) if accepted(**changes) else None


@given(st.lists(_CHANGES.map(made), max_size=4))
def test_read_what_is_written(found: list[Waiver | None]) -> None:
    """Whatever is added and written is read again, in order, and written again as the same text."""
    waivers: tuple[Waiver, ...] = ()
    for each in found:
        if each is not None and each.selector not in {known.selector for known in waivers}:
            waivers = add(waivers, each)
    text = write(waivers)
    read = parse_waivers(text.encode(), "w.toml")
    assert read == waivers
    # `==` would take true for 1.
    assert [json.dumps(each.when, sort_keys=True) for each in read] == [
        json.dumps(each.when, sort_keys=True) for each in waivers
    ]
    assert write(read) == text


@given(st.text(max_size=300) | st.text("[]{}=.\"'#\n\\ atw\ufeff\r\x000-:", max_size=300))
def test_whatever_is_read(text: str) -> None:
    """No text ends in anything but waivers or a refusal."""
    with contextlib.suppress(InputError):
        assert parse_waivers(text.encode("utf-8", "surrogatepass"), "w.toml") == ()


def test_add() -> None:
    """A new waiver comes to its place among the others."""
    before = (waiver(rule="A"), waiver(rule="C"))
    assert add(before, waiver(rule="B")) == (before[0], waiver(rule="B"), before[1])


def test_add_what_is_there() -> None:
    """One that matches the same as another is refused, whatever else it says; one of other settings is not."""
    before = (waiver(when={"deployVpc": [True]}),)
    with pytest.raises(InputError) as raised:
        add(before, waiver(when={"deployVpc": [True]}, owner="Another team", fingerprints=[B]))
    assert str(raised.value) == (
        f"the waiver of checkov CKV_AWS_116 on {PATH} when deployVpc is true: there is one already, of Storage team, "
        "until 2025-07-31; change it, or take it out first"
    )
    assert len(add(before, waiver(when={"deployVpc": [1]}))) == 2


def test_one_table() -> None:
    """One table is a waiver, or refused by the name that it is given, with all that is wrong."""
    assert parse_waiver(FIELDS, "the waiver") == waiver()
    with pytest.raises(InputError) as raised:
        parse_waiver(FIELDS | {"owner": "me", "until": 1}, "what was asked for")
    assert str(raised.value) == (
        f"what was asked for: the waiver.owner: found 'me'; expected {EXPECTED['owner']}; "
        f"the waiver.until: no such key; expected {', '.join(EXPECTED)}"
    )


def test_a_file_by_its_name(tmp_path: Path) -> None:
    """What is wrong in a file is told with the file's name."""
    file = tmp_path / "w.toml"
    file.write_text("=", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_waivers(file)
    assert str(raised.value) == f"{file.as_posix()}: not valid TOML: Invalid statement (at line 1, column 1)"


def test_as_large_as_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of as many bytes as are read is written, and none of one more."""
    size = len(write([waiver(owner="José Núñez")]).encode())
    monkeypatch.setattr("policies.waivers.MAX_BYTES", size)
    assert len(write([waiver(owner="José Núñez")]).encode()) == size
    with pytest.raises(InputError) as raised:
        write([waiver(owner="José Núñez!")])
    assert str(raised.value) == f"the waivers: a file of {size + 1:,} bytes; the limit is {size:,}"
