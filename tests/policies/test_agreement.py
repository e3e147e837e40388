"""policies/agreement.toml: what is read, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policies.agreement import SHIPPED, Explanation, Pair, Side, parse_pairs, read_pairs
from policies.reading import InputError
from policies.toml_entries import MAX_PROBLEMS
from tests.policies.pairs import FIELDS, NOTE, RECOVERY, WHY, explained, pair

ROLES = ["AWS::IAM::Policy", "AWS::IAM::Role"]
PATH = "WorthWatchStorage/Function/Tracing/Resource"


def entry(**changes: object) -> str:
    """Return an entry in TOML, its explanations in line, without the fields that are None."""
    fields = {name: value for name, value in (FIELDS | changes).items() if value is not None}
    return "[[pair]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in fields.items())


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def refusal(text: str) -> str:
    """Return why the contents of a file are refused."""
    with pytest.raises(InputError) as raised:
        parse_pairs(text.encode(), "a.toml")
    return str(raised.value).removeprefix("a.toml: ")


def test_read() -> None:
    """A pair is read as it stands, with what is explained of it."""
    text = f"""
[[pair]]
scanner = "checkov"
rule = "CKV_AWS_28"
scenario = "{RECOVERY}"
types = ["AWS::DynamoDB::Table"]
note = "{NOTE}"

[[pair.explained]]
side = "they"
when.stage = ["dev", "prod"]
why = "{WHY}"

[[pair.explained]]
side = "we"
why = "{WHY}"
"""
    ((read),) = parse_pairs(text.encode(), "a.toml")
    explanations = [explained("they", when={"stage": ["dev", "prod"]}), explained("we")]
    assert read == pair(explained=explanations)
    assert [(one.side, one.resource, one.when, one.operators, one.why) for one in read.explained] == [
        (Side.THEY, "", {"stage": ("dev", "prod")}, (), WHY),
        (Side.WE, "", {}, (), WHY),
    ]


@pytest.mark.parametrize("text", ["", "pair = []\n", "\ufeff# a mark\r\n"])
def test_nothing_paired(text: str) -> None:
    """A file without entries compares nothing, which would agree with everything."""
    assert refusal(text) == "holds no pair: nothing would be compared; expected [[pair]] over each"


def test_shipped() -> None:
    """The table that comes with the package can be read, and pairs what is known to judge the same thing."""
    pairs = read_pairs(SHIPPED)
    paired = {(one.scanner, one.rule): one.by_table for one in pairs}
    assert paired.items() >= {
        (("cdk-nag", "AwsSolutions-DDB3"), True),
        (("cdk-nag", "AwsSolutions-IAM5"), False),
        (("cfn-lint", "I3011"), True),
        (("checkov", "CKV_AWS_111"), False),
        (("checkov", "CKV_AWS_119"), True),
    }
    assert {one.scanner for one in pairs} == {"cdk", "cdk-nag", "cfn-lint", "checkov"}


def test_by_table() -> None:
    """Rules on tables are compared on each table, rules on other resources on each template."""
    tables = pair(types=["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"])
    assert (tables.by_table, pair(types=ROLES).by_table) == (True, False)


def test_names() -> None:
    """Messages name a pair by both, and an explanation by what it matches."""
    read = pair(
        types=ROLES,
        explained=[
            explained("they", operators=["added/empty", "moves/deny"]),
            explained("they", resource=PATH, when={"deployVpc": [True]}),
            explained("we"),
        ],
    )
    assert (read.name, [one.name for one in read.explained]) == (
        f"checkov CKV_AWS_28 and {RECOVERY}",
        ["they in mutants by added/empty", f"they on {PATH} when deployVpc is true", "we"],
    )


# Refusals: each says which entry and which field, what was found there, and what was expected

EXPECTED = {name: field.description for name, field in Pair.model_fields.items()}
EXPLANATION = {name: field.description for name, field in Explanation.model_fields.items()}
TELLING = "20 to 400 characters on one line, with 4 different words or more, none such as TODO"


def test_expected_texts() -> None:
    """What a text has to be is told whole: how long, and of how many words."""
    assert (EXPECTED["note"], EXPLANATION["why"]) == (
        f"what each of them asks for, in {TELLING}",
        f"why both of them are right, in {TELLING}",
    )


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        pytest.param("scanner", "Checkov", "'Checkov'", id="scanner"),
        pytest.param("scanner", "worthwatch", "'worthwatch'", id="ourselves"),
        pytest.param("scanner", "worth-watch", "'worth-watch'", id="what-looks-like-us"),
        pytest.param("rule", "*", "'*'", id="every-rule"),
        pytest.param("rule", "AwsSolutions-IAM5[Resource::*]", "'AwsSolutions-IAM5[Resource::*]'", id="what-was-found"),
        pytest.param("rule", "CKV\u200b", "'CKV\\u200b'", id="invisible"),
        pytest.param("rule", 28, "28", id="number"),
        pytest.param("scenario", "encryption-enabled", "'encryption-enabled'", id="short-name"),
        pytest.param("types", [], "a list of 0", id="no-type"),
        pytest.param("types", ["AWS::IAM::Role", "AWS::IAM::Policy"], "a list of 2", id="types-out-of-order"),
        pytest.param("types", "AWS::IAM::Role", "'AWS::IAM::Role'", id="type-without-list"),
        pytest.param("note", "short", "'short'", id="short-note"),
        pytest.param("note", "TODO: say what both of them mean", "'TODO: say what both of them mean'", id="no-note"),
        pytest.param("explained", "why", "'why'", id="explained-as-text"),
    ],
)
def test_field(field: str, value: object, found: str) -> None:
    """A field that holds what it may not is refused."""
    rule = value if field == "rule" and isinstance(value, str) else "CKV_AWS_28"
    named = f" ({rule!r})".replace("\u200b", "\\u200b") if not isinstance(value, int) else ""
    assert refusal(entry(**{field: value})) == f"pair 1{named}.{field}: found {found}; expected {EXPECTED[field]}"


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        pytest.param("side", "both", "found 'both'", id="side"),
        pytest.param("side", 1, "found 1", id="side-as-number"),
        pytest.param("resource", "*", "found '*'", id="every-resource"),
        pytest.param("why", "because", "found 'because'", id="short"),
        pytest.param("why", None, "missing", id="no-reason"),
    ],
)
def test_field_of_an_explanation(field: str, value: object, found: str) -> None:
    """A field of an explanation is named with its place."""
    one = {key: each for key, each in (explained("they") | {field: value}).items() if each is not None}
    told = f"pair 1 ('CKV_AWS_28').explained[0].{field}: {found}; expected {EXPLANATION[field]}"
    assert refusal(entry(explained=[one])) == told


@pytest.mark.parametrize(
    ("when", "place", "found"),
    [
        pytest.param({}, "when", "a table of 0", id="nothing"),
        pytest.param({"stage": []}, "when.stage", "a list of 0", id="no-value"),
        pytest.param({"stage": ["prod", "dev"]}, "when.stage", "a list of 2", id="out-of-order"),
        pytest.param({"stage": [1.5]}, "when.stage", "1.5", id="fraction"),
        pytest.param({"Stage": ["dev"]}, "when.Stage", "'Stage'", id="no-name-of-a-setting"),
    ],
)
def test_condition(when: dict[str, object], place: str, found: str) -> None:
    """A condition is held to what one of a waiver is."""
    told = f"pair 1 ('CKV_AWS_28').explained[0].{place}: found {found}; expected {EXPLANATION['when']}"
    assert refusal(entry(explained=[explained("they", when=when)])) == told


@pytest.mark.parametrize(
    ("operators", "place", "found"),
    [
        pytest.param([], "operators", "a list of 0", id="none"),
        pytest.param(["moves/keys", "moves/deny"], "operators", "a list of 2", id="out-of-order"),
        pytest.param(["moves/deny", "moves/deny"], "operators", "a list of 2", id="twice"),
        pytest.param(["moves/*"], "operators[0]", "'moves/*'", id="any"),
    ],
)
def test_operators(operators: list[str], place: str, found: str) -> None:
    """Operators of the proof are named, in order."""
    told = f"pair 1 ('CKV_AWS_28').explained[0].{place}: found {found}; expected {EXPLANATION['operators']}"
    assert refusal(entry(explained=[explained("they", operators=operators)])) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param(
            {"types": ["AWS::DynamoDB::Table", "AWS::IAM::Role"]},
            "types: found tables and others; expected one pair for either",
            id="mixed",
        ),
        pytest.param(
            {"types": ROLES, "explained": [explained("they")]},
            "explained[0].resource: missing; expected the construct path of what the scanner flags",
            id="anything-flagged",
        ),
        pytest.param(
            {"explained": [explained("they", resource=PATH)]},
            "explained[0].resource: no such key where tables or mutants are compared, or we find fault; leave it out",
            id="resource-of-a-table",
        ),
        pytest.param(
            {"types": ROLES, "explained": [explained("we", resource=PATH)]},
            "explained[0].resource: no such key where tables or mutants are compared, or we find fault; leave it out",
            id="nothing-flagged",
        ),
        pytest.param(
            {"types": ROLES, "explained": [explained("they", resource=PATH, operators=["moves/deny"])]},
            "explained[0].resource: no such key where tables or mutants are compared, or we find fault; leave it out",
            id="resource-of-mutants",
        ),
        pytest.param(
            {"explained": [explained("we"), explained("they")]},
            "explained: expected in the order of side, resource, when and operators, each once",
            id="out-of-order",
        ),
        pytest.param(
            {"explained": [explained("we"), explained("we", why="For another reason, in other words.")]},
            "explained: expected in the order of side, resource, when and operators, each once",
            id="twice",
        ),
    ],
)
def test_contradiction(changes: dict[str, object], told: str) -> None:
    """Fields that are right by themselves and wrong together are refused."""
    assert refusal(entry(**changes)) == f"pair 1 ('CKV_AWS_28'): {told}"


def test_unknown_keys() -> None:
    """A key that is none is refused wherever it stands."""
    text = "pears = 1\n" + entry(owner="me", explained=[explained("they", reason="none")])
    assert refusal(text) == (
        "'pears': no such key; expected [[pair]] over each entry; "
        "pair 1 ('CKV_AWS_28').explained[0].reason: no such key; expected side, resource, when, operators, why; "
        "pair 1 ('CKV_AWS_28').owner: no such key; expected scanner, rule, scenario, types, note, explained"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pair = 1", "pair: found one table or value; expected [[pair]], in two pairs of brackets"),
        ("pair = [1]", "pair 1: found 1; expected a table"),
        (entry(explained=[1]), "pair 1 ('CKV_AWS_28').explained[0]: found 1; expected a table"),
    ],
)
def test_no_tables(text: str, told: str) -> None:
    """What should be a table and is none is refused."""
    assert refusal(text) == told


def test_order() -> None:
    """Pairs are in the order of scanner, rule and scenario, each once."""
    first, second = entry(), entry(rule="CKV_AWS_165")
    name = f"checkov CKV_AWS_165 and {RECOVERY}"
    assert refusal(first + second) == (
        f"pair 2 ({name}): expected before pair 1 (checkov CKV_AWS_28 and {RECOVERY}), in the order of scanner, rule "
        "and scenario"
    )
    assert refusal(first + first) == (
        f"pair 2 (checkov CKV_AWS_28 and {RECOVERY}): matches the same as pair 1; make one of them"
    )


def test_unknown_scenarios() -> None:
    """A scenario that there is not, or that is about contexts, can be compared with nothing; one like it is told."""
    none = "dynamodb-storage#table-encryption/encrypted"
    context = "storage-hardening#context-validation/invalid-context-refused"
    told = "(CKV_AWS_28).scenario: no scenario that judges tables is"
    assert refusal(entry(scenario=none) + entry(scenario=context)) == (
        f"pair 1 {told} {none}; expected the id of one, such as dynamodb-storage#table-encryption/encryption-enabled; "
        f"pair 2 {told} {context}; expected the id of one, such as "
        "storage-hardening#production-protection/production-table-retained"
    )


def test_many_problems() -> None:
    """No more problems are told than one mends at a time."""
    many = [f"a{number:03}#b/c" for number in range(MAX_PROBLEMS + 5)]
    assert (
        refusal("".join(entry(scenario=each) for each in many)).count("no scenario that judges tables") == MAX_PROBLEMS
    )
    told = refusal("".join(entry(note="short") for _ in many))
    assert (told.count("note: found"), told[-8:]) == (MAX_PROBLEMS, "and more")
    told = refusal("".join(entry(note="short") for _ in many[:MAX_PROBLEMS]))
    assert (told.count("note: found"), "and more" in told) == (MAX_PROBLEMS, False)


def test_long_names_and_values() -> None:
    """Of a name or a number that is very long its beginning is told."""
    name = "n" * 61
    assert refusal(entry(**{name: 1})).startswith(f"pair 1 ('CKV_AWS_28').{'n' * 60}: no such key; expected")
    when = explained("they") | {"when": {"N" * 61: ["dev"]}}
    assert refusal(entry(explained=[when])).startswith(f"pair 1 ('CKV_AWS_28').explained[0].when.{'N' * 60}: found ")
    assert refusal(entry(note=1.0 / 3)).startswith("pair 1 ('CKV_AWS_28').note: found 0.3333333333333333; expected ")
    one = f"[[pair]]\nnote = {'1' * 61}\n"
    assert f"pair 1.note: found {'1' * 60}; expected" in refusal(one)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"#" * 262_145, "larger than 262,144 bytes, the limit for such a file"),
        (256 * (1023 * b"#" + b"\n"), "holds no pair: nothing would be compared; expected [[pair]] over each"),
        (None, "no such file; check the path"),
    ],
    ids=["too-large", "largest", "missing"],
)
def test_file(data: bytes | None, problem: str, tmp_path: Path) -> None:
    """A file that is too large, empty or none is refused by its name."""
    file = tmp_path / "a.toml"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(InputError) as raised:
        read_pairs(file)
    assert (raised.value.where, raised.value.problem) == (file.as_posix(), problem)
