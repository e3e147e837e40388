"""`storage-compliance waivers`: conditions held against the settings, the list, and the exit codes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from gate import waivers_listing
from gate.waivers import load_waivers
from policies.reading import InputError
from policies.waiver_model import Waiver
from policies.waivers import SHIPPED, read_waivers, write
from tests.commands import invoke
from tests.policies.waivers import PATH, A, B, waiver

NAMES = (
    "stage, removalPolicy, pointInTimeRecovery, recoveryPeriodInDays, billingMode, readCapacity, writeCapacity, "
    "deletionProtection, tableName, tableEnvironmentVariableName, deployVpc"
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where a test writes its waivers, on a day of 2025."""
    monkeypatch.setattr(waivers_listing, "_today", lambda: date(2025, 7, 2))
    return tmp_path / "w.toml"


def run(file: Path, waivers: list[Waiver], *arguments: str) -> tuple[int, str]:
    """Run the command on waivers; return its exit code and what it printed."""
    file.write_text(write(waivers), encoding="utf-8")
    result = invoke(["waivers", "--file", str(file), *arguments])
    assert result.stderr == ""
    return result.exit_code, result.stdout


# Conditions


@pytest.mark.parametrize(
    "when",
    [
        {"stage": ["dev", "prod", "staging"]},
        {"removalPolicy": ["destroy", "retain-on-update-or-delete"]},
        {"pointInTimeRecovery": [False, True], "deployVpc": [True]},
        {"recoveryPeriodInDays": [1, 35]},
        {"readCapacity": [1], "writeCapacity": [40_000]},
        {"tableName": ["None", "worthwatch.storage-Table_1"]},
        {"tableEnvironmentVariableName": ["DDB_TABLE_NAME"]},
    ],
)
def test_conditions(when: dict[str, list[object]], file: Path) -> None:
    """What a setting can be in some context, whatever others it takes, it may be in a condition."""
    one = waiver(when=when)
    file.write_text(write([one]), encoding="utf-8")
    assert load_waivers(file) == (one,)


@pytest.mark.parametrize(
    ("when", "place", "problem"),
    [
        ({"stages": ["dev"]}, "stages", f"no such setting; expected {NAMES}"),
        ({"stage": ["dev", "test"]}, "stage", 'found "test"; expected dev or staging or prod'),
        ({"stage": ["Dev", "Prod"]}, "stage", 'found "Dev" and "Prod"; expected dev or staging or prod'),
        ({"deployVpc": ["true"]}, "deployVpc", 'found "true"; expected true or false'),
        ({"deployVpc": [1]}, "deployVpc", "found 1; expected true or false"),
        ({"recoveryPeriodInDays": ["7"]}, "recoveryPeriodInDays", 'found "7"; expected a whole number from 1 to 35'),
        ({"recoveryPeriodInDays": [True]}, "recoveryPeriodInDays", "found true; expected a whole number from 1 to 35"),
        (
            {"recoveryPeriodInDays": [0, 7, 36]},
            "recoveryPeriodInDays",
            "found 0 and 36; expected a whole number from 1 to 35",
        ),
        ({"tableName": ["T"]}, "tableName", 'found "T"; expected 3 to 255 characters of a-z, A-Z, 0-9, _ . and -'),
        ({"tableName": [123]}, "tableName", "found 123; expected 3 to 255 characters of a-z, A-Z, 0-9, _ . and -"),
    ],
)
def test_conditions_that_nothing_meets(when: dict[str, list[object]], place: str, problem: str, file: Path) -> None:
    """A setting that there is not, and a value that one, resolved, cannot have, are refused by number and name."""
    one = waiver(when=when)
    file.write_text(write([waiver(), one]), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_waivers(file)
    assert (raised.value.where, raised.value.problem) == (
        file.as_posix(),
        f"waiver 2 ({one.name}).when.{place}: {problem}",
    )


def test_shipped() -> None:
    """The waivers that come with the package are about settings that there are."""
    assert load_waivers(SHIPPED) == read_waivers(SHIPPED)


# The list

EXPIRED = waiver(rule="A", expires=date(2025, 7, 1))
LAST_DAY = waiver(rule="B", expires=date(2025, 7, 2), when={"stage": ["dev", "prod"], "deployVpc": [True]})
SOON = waiver(rule="C", expires=date(2025, 8, 1), owner="[red]Ada[/red] :smile:")
HELD = waiver(rule="D", expires=date(2025, 8, 2))
EARLY = waiver(rule="E", created=date(2025, 7, 3), expires=date(2025, 8, 3))


@pytest.mark.parametrize(
    ("waivers", "code"),
    [([], 0), ([HELD], 0), ([LAST_DAY, SOON, HELD], 0), ([EXPIRED, HELD], 1), ([HELD, EARLY], 1)],
)
def test_exit_codes(waivers: list[Waiver], code: int, file: Path) -> None:
    """One that has expired, or does not hold yet, is exit code 1, in either form."""
    assert [run(file, waivers, "--format", form)[0] for form in ("text", "json")] == [code, code]


def test_json(file: Path) -> None:
    """The document has each waiver as it stands, with its days and state, in the order in which they end."""
    code, printed = run(file, [EARLY, HELD, SOON, LAST_DAY, EXPIRED], "--format", "json")
    document = json.loads(printed)
    assert (code, document["today"]) == (1, "2025-07-02")
    assert [(each["rule"], each["days_left"], each["state"]) for each in document["waivers"]] == [
        ("A", -1, "expired"),
        ("B", 0, "ending-soon"),
        ("C", 30, "ending-soon"),
        ("D", 31, "in-force"),
        ("E", 32, "not-yet-in-force"),
    ]
    assert document["waivers"][1] == {
        "scanner": "checkov",
        "rule": "B",
        "resource": PATH,
        "when": {"deployVpc": [True], "stage": ["dev", "prod"]},
        "fingerprints": [A],
        "reason": "The function is called synchronously: nothing is lost.",
        "owner": "Storage team",
        "created": "2025-01-31",
        "expires": "2025-07-02",
        "link": "https://tracker.worthwatch.io/browse/WW-12?focus=4",
        "days_left": 0,
        "state": "ending-soon",
    }


def test_text(file: Path) -> None:
    """The text has all that a reader needs, as it stands, in the order in which they end."""
    code, printed = run(file, [SOON, LAST_DAY, EXPIRED])
    reason, link = (
        "The function is called synchronously: nothing is lost.",
        "https://tracker.worthwatch.io/browse/WW-12?focus=4",
    )
    assert code == 1
    assert [" ".join(line.split()) for line in printed.splitlines()] == [
        "expires days left waives reason owner",
        f"2025-07-01 -1 checkov A {reason} Storage team",
        f"expired {PATH} {link}",
        f"2025-07-02 0 checkov B {reason} Storage team",
        f"ending soon {PATH} {link}",
        'when deployVpc is true and stage is "dev" or "prod"',
        f"2025-08-01 30 checkov C {reason} [red]Ada[/red] :smile:",
        f"ending soon {PATH} {link}",
        "",
        "3 waivers: 1 expired, 2 ending soon",
    ]


def test_nothing_waived(file: Path) -> None:
    """Without waivers, that is said."""
    assert run(file, []) == (0, "no waivers\n")
    assert run(file, [], "--format", "json") == (0, '{\n  "today": "2025-07-02",\n  "waivers": []\n}\n')


def test_one(file: Path) -> None:
    """One is counted as one."""
    assert run(file, [waiver(fingerprints=[A, B])])[1].splitlines()[-1] == "1 waiver: 1 ending soon"


def test_shipped_are_listed() -> None:
    """Without a file, those that come with the package are listed."""
    result = invoke(["waivers", "--format", "json"])
    expected = sorted(each.rule for each in load_waivers(SHIPPED))
    assert sorted(each["rule"] for each in json.loads(result.stdout)["waivers"]) == expected


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "error: --file: the name is empty; name a file\n"),
        ("nowhere.toml", "error: nowhere.toml: no such file; check the path\n"),
        (".", "error: .: a folder; expected a file\n"),
        ("wrong.toml", "error: wrong.toml: not valid TOML: Invalid value (at line 1, column 5)\n"),
    ],
)
def test_refused(name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read is exit code 2 and a message, and nothing is printed."""
    monkeypatch.chdir(tmp_path)
    Path("wrong.toml").write_text("a = <", encoding="utf-8")
    result = invoke(["waivers", "--file", name])
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", said)


def test_help() -> None:
    """The help says what is listed, what the days mean, and the exit codes."""
    said = " ".join(invoke(["waivers", "--help"]).stdout.split())
    lessons = [
        "Days are in UTC",
        "through the whole of its last one",
        "Exit codes: 0 all hold today; 1 one has expired",
    ]
    assert [lesson for lesson in lessons if lesson not in said] == []
