"""`storage-compliance waive`: a waiver written from what a gate found, or refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gate.document import render
from gate.run import Run
from policies.waiver_model import Waiver
from policies.waivers import read_waivers, write
from scanners.model import ScannerFinding
from stack.contexts import Context
from stack.settings import Settings
from tests.commands import invoke
from tests.gate.scanned import ENCRYPTION, FUNCTION, TABLE, found, gated, judged, scan, source, violated
from tests.policies.waivers import CREATED, waiver

PLAIN = source()
AT_TABLE, AT_FUNCTION = found(PLAIN, logical="Table"), found(PLAIN, logical="Function")
SAID = {
    "--scanner": "one",
    "--rule": "R",
    "--resource": TABLE,
    "--owner": "Storage team",
    "--link": "https://example.org/12",
    "--reason": "The table holds nothing that anyone would miss.",
}

NOTHING = "nothing that was found and is not waived yet is"


def run_of(*findings: ScannerFinding, waivers: tuple[Waiver, ...] = (), ours: bool = False) -> Run:
    """Return a run whose contexts are dev, prod with flags as texts, and a provisioned one, all of one template."""
    given: dict[str, dict[str, object]] = {
        "dev": {},
        "prod": {"worthwatch:stage": "prod", "worthwatch:deployVpc": "true"},
        "nine": {"worthwatch:billingMode": "PROVISIONED", "worthwatch:readCapacity": 9, "worthwatch:deployVpc": True},
        "ten": {"worthwatch:billingMode": "PROVISIONED", "worthwatch:readCapacity": "10"},
    }
    contexts = []
    for name, values in given.items():
        settings = Settings.from_context(values).plain()
        verdicts = (violated(PLAIN),) if ours else ()
        one = judged(PLAIN, *verdicts, name=name, settings=settings)
        contexts.append(replace(one, context=Context(name, values)))
    return gated(*contexts, scans=(scan(*findings),), waivers=waivers, today=datetime.now(UTC).date())


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def gate(*findings: ScannerFinding, **more: Any) -> dict[str, Any]:
    """Write the results of a gate that has found this, as gate.json, and return them."""
    document = "".join(render(run_of(*findings, **more)))
    Path("gate.json").write_text(document, encoding="utf-8")
    told: dict[str, Any] = json.loads(document)
    return told


def asked(*more: str, file: str = "w.toml", source: str = "gate.json", **changed: str) -> tuple[int, str, str]:
    """Run the command; return its exit code, what it printed, and its complaint."""
    options = SAID | {f"--{name}": value for name, value in changed.items()}
    words = [word for option in options.items() for word in option]
    result = invoke(["waive", "--from", source, "--file", file, *words, *more])
    return result.exit_code, result.stdout, result.stderr


def written() -> tuple[Waiver, ...]:
    """Return the waivers that there are."""
    return read_waivers(Path("w.toml"))


def test_written() -> None:
    """One entry, with the fingerprints of what matches, from today on and for half a year; a line for each finding."""
    told = gate(AT_TABLE, found(PLAIN, logical="Table", message="another"), AT_FUNCTION)
    known = sorted(one["fingerprint"] for one in told["alerts"] if one["resource"] == TABLE)
    before = datetime.now(UTC).date()
    code, printed, complaint = asked()
    (one,) = written()
    assert before <= one.created <= datetime.now(UTC).date()
    assert one == waiver(
        scanner="one",
        rule="R",
        resource=TABLE,
        fingerprints=known,
        reason=SAID["--reason"],
        owner="Storage team",
        created=one.created,
        expires=one.created + timedelta(days=182),
        link="https://example.org/12",
    )
    assert (code, complaint) == (0, "")
    *lines, last = printed.splitlines()
    assert sorted(lines) == [f"waived: one R on {TABLE}, {each}" for each in known]
    assert last == f"written to w.toml, until {one.expires}: read it, and have it reviewed"


def test_the_gate_takes_it() -> None:
    """What was written covers what it was written from, and nothing is wrong with it."""
    gate(AT_TABLE)
    assert asked()[0] == 0
    run = run_of(AT_TABLE, waivers=written())
    assert run.others is not None
    assert (run.exit_code, run.others.standing, run.others.waiving.problems) == (0, [], ())


def test_beside_others() -> None:
    """The others stay as they are, to the byte; the new one is in its place."""
    gate(AT_TABLE)
    others = [waiver(scanner="checkov"), waiver(scanner="two", when={"stage": ["dev"]})]
    Path("w.toml").write_text(write(others), encoding="utf-8")
    assert asked()[0] == 0
    text = Path("w.toml").read_text(encoding="utf-8")
    assert [one.scanner for one in written()] == ["checkov", "one", "two"]
    head, first, mine, last = re.split(r"(?<=\n)\n(?=\[\[waiver\]\]\n)", text)
    assert "\n".join([head, first, last]) == write(others)
    assert 'scanner = "one"\n' in mine


def test_ours() -> None:
    """A violation that a rule of ours has found is waived by its scenario."""
    gate(ours=True)
    assert asked(scanner="worthwatch", rule=ENCRYPTION)[0] == 0
    run = run_of(waivers=written(), ours=True)
    assert (run.exit_code, [str(one.outcome) for one in [*run.verdicts][:2]]) == (0, ["waived", "compliant"])


@pytest.mark.parametrize(("changed", "count"), [({"rule": "*"}, 2), ({"resource": "*"}, 2), ({}, 1)])
def test_wildcards(changed: dict[str, str], count: int) -> None:
    """Every rule, or every resource: all that matches is in it."""
    gate(AT_TABLE, found(PLAIN, rule="S", logical="Table"), AT_FUNCTION)
    assert asked(**changed)[0] == 0
    assert [len(one.fingerprints) for one in written()] == [count]


@pytest.mark.parametrize(
    ("given", "when"),
    [
        (["stage=dev"], {"stage": ("dev",)}),
        (["stage=prod", "stage=dev"], {"stage": ("dev", "prod")}),
        (["stage=dev", "stage=dev"], {"stage": ("dev",)}),
        (["deployVpc=true"], {"deployVpc": (True,)}),
        (["deployVpc=true", "stage=prod"], {"deployVpc": (True,), "stage": ("prod",)}),
        (["readCapacity=10", "readCapacity=9"], {"readCapacity": (9, 10)}),
        (["pointInTimeRecovery=true"], {"pointInTimeRecovery": (True,)}),
    ],
)
def test_when(given: list[str], when: dict[str, tuple[object, ...]]) -> None:
    """Settings as they are resolved: defaults count, and so do flags and numbers that came as texts."""
    gate(AT_TABLE)
    assert asked(*(f"--when={each}" for each in given)) == (0, *asked_of_one())
    assert [one.when for one in written()] == [when]


def asked_of_one() -> tuple[str, str]:
    """Return what the command has printed of the one waiver that there is."""
    (one,) = written()
    lines = [f"waived: one R on {TABLE}, {each}" for each in one.fingerprints]
    return "\n".join([*lines, f"written to w.toml, until {one.expires}: read it, and have it reviewed", ""]), ""


def test_a_name_that_looks_like_a_number() -> None:
    """A table's name is a text, whatever it looks like."""
    told = gate(AT_TABLE)
    told["contexts"]["dev"]["values"] = {"worthwatch:tableName": "12345"}
    Path("gate.json").write_text(json.dumps(told), encoding="utf-8")
    assert asked("--when=tableName=12345")[0] == 0
    assert [one.when for one in written()] == [{"tableName": ("12345",)}]


def test_when_narrows() -> None:
    """What is not found where the condition is met is not in it, and not waived."""
    told = gate(AT_TABLE, AT_FUNCTION)
    (function,) = (one for one in told["alerts"] if one["resource"] == FUNCTION)
    function["contexts"] = [list(told["contexts"]).index("prod")]
    Path("gate.json").write_text(json.dumps(told), encoding="utf-8")
    assert asked("--when=stage=dev", resource="*")[0] == 0
    assert [len(one.fingerprints) for one in written()] == [1]


@pytest.mark.parametrize(
    ("more", "changed", "complaint"),
    [
        ([], {"rule": "S"}, f"{NOTHING} one S on {TABLE}; there is one R on {TABLE}"),
        (
            [],
            {"scanner": "two"},
            f"{NOTHING} two R on {TABLE}; there is one R on {TABLE}; one R on {FUNCTION}",
        ),
        (
            ["--when=stage=staging"],
            {},
            f'one R on {TABLE} was found, but not where stage is "staging", or is waived there',
        ),
        (
            [],
            {"rule": "*", "resource": "*"},
            "the waiver: rule and resource: found * in both; expected one of them to be named",
        ),
        (
            [],
            {"owner": "me"},
            "the waiver.owner: found 'me'; expected the name or address of a person or a team, in at most 100 "
            "characters",
        ),
        (
            [],
            {"link": "http://a"},
            "the waiver.link: found 'http://a'; expected an https URL, without user, password and blanks, of where it "
            "was decided",
        ),
    ],
)
def test_refused(more: list[str], changed: dict[str, str], complaint: str) -> None:
    """What matches nothing, or is no waiver, is told, with what there is or was expected; nothing is written."""
    gate(AT_TABLE, AT_FUNCTION)
    assert asked(*more, **changed) == (2, "", f"error: waive: {complaint}\n")
    assert not Path("w.toml").exists()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("stage", "--when: found 'stage'; expected SETTING=VALUE, such as stage=dev"),
        ("stage=", '--when: stage: found ""; expected dev or staging or prod'),
        ("stage=test", '--when: stage: found "test"; expected dev or staging or prod'),
        ("deployVpc=True", '--when: deployVpc: found "True"; expected true or false'),
        ("recoveryPeriodInDays=36", "--when: recoveryPeriodInDays: found 36; expected a whole number from 1 to 35"),
        (
            "recoveryPeriodInDays=\u0661",
            '--when: recoveryPeriodInDays: found "\u0661"; expected a whole number from 1 to 35',
        ),
    ],
)
def test_conditions_that_nothing_meets(given: str, complaint: str) -> None:
    """They are told before anything is looked for."""
    gate(AT_TABLE)
    assert asked(f"--when={given}") == (2, "", f"error: {complaint}\n")


@pytest.mark.parametrize("given", ["stages=dev", "=", "worthwatch:stage=dev", "__class__=1"])
def test_settings_that_there_are_not(given: str) -> None:
    """The settings that there are, are told."""
    gate(AT_TABLE)
    code, _, complaint = asked(f"--when={given}")
    name = given.partition("=")[0]
    assert code == 2
    assert complaint.startswith(f"error: --when: {name}: no such setting; expected stage, removalPolicy, ")


def test_a_number_of_very_many_digits() -> None:
    """It is refused as no value of the setting."""
    gate(AT_TABLE)
    code, _, complaint = asked(f"--when=readCapacity={'9' * 5000}")
    assert (code, complaint.startswith('error: --when: readCapacity: found "9')) == (2, True)


@pytest.mark.parametrize(
    ("day", "complaint"),
    [
        ("tomorrow", "--expires: found 'tomorrow'; expected a date, such as 2026-12-31"),
        ("2026-02-30", "--expires: found '2026-02-30'; expected a date, such as 2026-12-31"),
        ("2020-01-01", "waive: the waiver: expires: found 2020-01-01; expected a day after "),
        ("9999-12-31", "waive: the waiver: expires: found 9999-12-31; expected a day after "),
    ],
)
def test_dates(day: str, complaint: str) -> None:
    """What is no date, over already, or more than a year away is refused."""
    gate(AT_TABLE)
    code, _, told = asked("--expires", day)
    assert (code, told.startswith(f"error: {complaint}")) == (2, True)


def test_a_last_day() -> None:
    """A day that is given is the last one."""
    gate(AT_TABLE)
    day = datetime.now(UTC).date() + timedelta(days=30)
    assert asked("--expires", day.isoformat())[0] == 0
    assert written()[0].expires == day


def test_twice() -> None:
    """What is waived is not waived again; a second with the same selector is refused, and the file left as it is."""
    gate(AT_TABLE)
    assert asked()[0] == 0
    kept = Path("w.toml").read_bytes()
    (one,) = written()
    assert asked() == (
        2,
        "",
        f"error: the waiver of one R on {TABLE}: there is one already, of Storage team, until {one.expires}; "
        "change it, or take it out first\n",
    )
    gate(AT_TABLE, waivers=(one,))
    told = f"{NOTHING} one R on {TABLE}; there is nothing: all is waived, or nothing was found"
    assert asked() == (2, "", f"error: waive: {told}\n")
    assert Path("w.toml").read_bytes() == kept


def test_what_another_covers() -> None:
    """A waiver that would match what another does is refused: neither would waive it."""
    gate(AT_TABLE)
    assert asked("--when=stage=prod")[0] == 0
    kept = Path("w.toml").read_bytes()
    gate(AT_TABLE, waivers=written())
    code, _, complaint = asked()
    assert (code, complaint.partition(":")[0]) == (2, "error")
    assert f"waive: one R on {TABLE} would be overlapping: matches what another matches, too (" in complaint
    assert Path("w.toml").read_bytes() == kept
    assert asked("--when=stage=dev")[0] == 0
    assert len(written()) == 2


# What is read


def lists(told: dict[str, Any], key: str, value: object) -> dict[str, Any]:
    """Return results with something else in their first alert."""
    return told | {"alerts": [told["alerts"][0] | {key: value}]}


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda told: lists(told, "contexts", [4]), "$.alerts[0]: tells other contexts than the 4 that there are"),
        (lambda told: lists(told, "contexts", [10**30]), "$.alerts[0]: tells other contexts than the 4 that there are"),
        (lambda told: lists(told, "contexts", [-1]), "$.alerts[0].contexts[0]: expected 0 or more"),
        (lambda told: lists(told, "contexts", ["0"]), "$.alerts[0].contexts[0]: expected a whole number"),
        (lambda told: lists(told, "contexts", [True]), "$.alerts[0].contexts[0]: expected a whole number"),
        (lambda told: lists(told, "waived", [0]), "$.alerts[0]: waived by no waiver, or by none that covers it"),
        (
            lambda told: lists(lists(told, "waived", [0]), "waivers", [asdict(waiver().cover(CREATED))]),
            "$.alerts[0].waivers[0]: none of $.waivers.waived, which hold all that cover something",
        ),
        (lambda told: lists(told, "fingerprint", "../x"), "$.alerts[0].fingerprint: "),
        (lambda told: lists(told, "level", "fatal"), "$.alerts[0].level: "),
        (lambda told: told | {"alerts": []}, "$.scanners[0]: tells 1 findings, 1 not waived; the alerts come to 0"),
        (lambda told: told | {"contexts": {}}, "$.contexts: empty, as of `check`"),
        (lambda told: told | {"waivers": {}}, "$.waivers.waived: missing"),
    ],
)
def test_hostile_results(spoil: Callable[[dict[str, Any]], dict[str, Any]], place: str) -> None:
    """Results that are none, or contradict themselves, are refused by their place; nothing is written."""
    told = spoil(gate(AT_TABLE))
    Path("gate.json").write_text(json.dumps(told), encoding="utf-8")
    code, printed, complaint = asked()
    assert (code, printed, Path("w.toml").exists()) == (2, "", False)
    assert complaint.startswith(f"error: gate.json: {place}")


@pytest.mark.parametrize(
    "values",
    [
        {"worthwatch:stage": "test"},
        {"worthwatch:stages": "dev"},
        {"worthwatch:stage": None},
        {"worthwatch:stage": {"a": [{}] * 9}},
        {"worthwatch:readCapacity": 5},
    ],
)
def test_contexts_that_the_stack_refuses(values: dict[str, object]) -> None:
    """No template can have come of them."""
    told = gate(AT_TABLE)
    told["contexts"]["dev"]["values"] = values
    Path("gate.json").write_text(json.dumps(told), encoding="utf-8")
    assert asked() == (
        2,
        "",
        "error: gate.json: $.contexts.dev.values: the stack refuses these, so that no template can have come of them; "
        "run the gate again\n",
    )


def test_contexts_without_a_template() -> None:
    """What they hold is not looked at."""
    told = gate(AT_TABLE)
    told["contexts"]["refused"] = told["contexts"]["dev"] | {"values": {"worthwatch:stage": 1}, "template": None}
    told["summary"]["contexts"] += 1
    Path("gate.json").write_text(json.dumps(told), encoding="utf-8")
    assert asked()[0] == 0


def test_hostile_texts_are_told_printably() -> None:
    """A resource that a scanner made up moves no cursor, and cannot be waived by name."""
    name = "A/\x1b[31mB"
    gate(found(PLAIN, logical=name))
    code, printed, complaint = asked(resource="*")
    assert (code, complaint) == (0, "")
    assert printed.splitlines()[0].startswith("waived: one R on A/\\x1b[31mB, ")
    Path("w.toml").unlink()
    assert asked(rule="S")[2].endswith("there is one R on A/\\x1b[31mB\n")
    assert asked(resource=name)[2].startswith("error: waive: the waiver.resource: found ")


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (None, "no such file; check the path"),
        (
            b"",
            "not valid JSON in UTF-8: EOF while parsing a value at line 1 column 0; expected "
            "the results of `storage-compliance gate --format json`",
        ),
        (b"[]", "no JSON object; expected the results of `storage-compliance gate --format json`"),
    ],
)
def test_no_results(data: bytes | None, complaint: str) -> None:
    """What is no gate's document is refused."""
    if data is not None:
        Path("gate.json").write_bytes(data)
    assert asked() == (2, "", f"error: gate.json: {complaint}\n")


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "--file: the name is empty; name a file"),
        ("folder", "folder: a folder; expected a file"),
        ("wrong.toml", "wrong.toml: not valid TOML: Invalid value (at line 1, column 5)"),
        ("link.toml", "link.toml: a link, pipe or device; name a file"),
        ("file/w.toml", "file/w.toml: cannot be written: what its folder would be is a file"),
    ],
)
def test_no_place_to_write_to(name: str, complaint: str) -> None:
    """It is left as it is."""
    gate(AT_TABLE)
    Path("folder").mkdir()
    Path("file").touch()
    Path("wrong.toml").write_text("a = <", encoding="utf-8")
    Path("link.toml").symlink_to("file")
    code, printed, told = asked(file=name)
    assert (code, printed, told) == (2, "", f"error: {complaint}\n")
    assert (Path("wrong.toml").read_text(encoding="utf-8"), Path("file").read_bytes()) == ("a = <", b"")


def test_the_first_of_all() -> None:
    """A file that there is not is made, and the folders above it; where the waiver is refused, nothing is."""
    gate(AT_TABLE)
    assert asked(file="new/w.toml", rule="S")[0] == 2
    assert not Path("new").exists()
    assert asked(file="new/w.toml")[0] == 0
    assert Path("new/w.toml").read_text(encoding="utf-8") == write(read_waivers(Path("new/w.toml")))


def test_help() -> None:
    """The help says what it reads, what it writes, and the exit codes."""
    said = " ".join(invoke(["waive", "--help"]).stdout.split())
    lessons = [
        "--from",
        "--when stage=dev --when stage=staging",
        "Exit codes: 0 written; 2 nothing matches",
        "YYYY-MM-DD",
    ]
    assert [lesson for lesson in lessons if lesson not in said] == []
