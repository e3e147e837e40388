"""What other scanners have found, in a bundle: exported, verified, shown, replayed; and what contradicts it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from evidence.bundle import dsse
from evidence.bundle.canonical import canonical
from evidence.bundle.keys import read_public_key, read_signing_key
from evidence.bundle.scanning import SCANNED, SCHEMA_ID
from evidence.bundle.statement import PAYLOAD_TYPE
from evidence.bundle.verify import ATTESTATION
from gate import export as exporting
from gate import rescanned
from gate.exemptions import Exemptions
from gate.matrix import judge_synthesis
from gate.scans import read_scans
from policies.catalogue import load
from policies.waiver_model import Waiver
from scanners.canary import canary
from stack.synth import Synthesis, synthesise
from tests.gate.breaks import apply
from tests.gate.scanned import digest
from tests.gate.test_evidence import (
    AS_OF,
    CONTEXTS,
    Json,
    keygen,
    members,
    remade,
    retold,
    run,
    set_up,
    stand,
)
from tests.policies.waivers import waiver
from tests.scanners import logs

LOGS = "WorthWatchStorage/Function/Logs/Resource"
"""What is alike in all of the contexts."""

SOMETIMES, ALWAYS, MESSAGE = "S", "A", "no backup of <b>this</b>\x1b[31m"


@pytest.fixture(scope="module")
def syntheses() -> Sequence[Synthesis]:
    """Return what comes of a few contexts: sound in dev and prod, one that violates a scenario, one that is refused."""
    return list(synthesise(CONTEXTS, customise=apply))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of keys."""
    return keygen(tmp_path_factory.mktemp("keys"))


def compare_nothing(patch: pytest.MonkeyPatch) -> None:
    """Let no rule of a scanner that is not asked here be one that is compared."""
    for module in (exporting, rescanned):
        patch.setattr(module, "load_pairs", lambda _: ())


def report(file: Path, syntheses: Sequence[Synthesis], *others: str) -> Path:
    """Write what a scanner finds by two rules in each template, and by one in the canary; return the file."""
    digests = sorted({digest(one.template) for one in syntheses if one.template is not None})
    about = {"logicalLocations": [{"fullyQualifiedName": LOGS}]}
    results = [
        logs.result(digest, ruleId=rule, message={"text": MESSAGE}, locations=[place | about])
        for digest in (*digests, *others)
        for place in logs.at(f"{digest}.template.json")
        for rule in (SOMETIMES, ALWAYS)
    ]
    driver = {"version": "1.0", "rules": [{"id": rule, "helpUri": "https://example.org/"} for rule in (ALWAYS,)]}
    file.write_text(
        json.dumps(logs.log(logs.run(logs.result(canary(digests)), *results, driver=driver))), encoding="utf-8"
    )
    return file


def waivers(file: Path, syntheses: Sequence[Synthesis]) -> tuple[Waiver, ...]:
    """Return a waiver of what one rule finds, everywhere, and one of what the other finds, outside of prod."""
    exemptions = Exemptions((), read_scans([file]), AS_OF)
    for synthesis in syntheses:
        exemptions.take(judge_synthesis(load(), synthesis))
    known = {one.alert.rule: one.alert.fingerprint for one in exemptions.conclude().reported}
    days = {"created": AS_OF, "expires": date(2024, 3, 1)}
    common = {"scanner": "one", "resource": LOGS} | days
    return (
        waiver(rule=ALWAYS, fingerprints=[known[ALWAYS]], **common),
        waiver(rule=SOMETIMES, fingerprints=[known[SOMETIMES]], when={"stage": ["dev"]}, **common),
    )


@pytest.fixture(scope="module")
def sarif(syntheses: Sequence[Synthesis], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of the scanner "one" on the templates."""
    return report(tmp_path_factory.mktemp("reports") / "one.sarif", syntheses)


@pytest.fixture(scope="module")
def stood(sarif: Path, syntheses: Sequence[Synthesis]) -> tuple[Waiver, ...]:
    """Return the waivers that come with the rules."""
    return waivers(sarif, syntheses)


@pytest.fixture(autouse=True)
def _checkout(syntheses: Sequence[Synthesis], stood: tuple[Waiver, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(syntheses, monkeypatch)
    stand(monkeypatch, *stood)
    compare_nothing(monkeypatch)


@pytest.fixture(scope="module")
def exported(
    syntheses: Sequence[Synthesis],
    stood: tuple[Waiver, ...],
    sarif: Path,
    keys: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return a bundle with what the scanner has found."""
    file = tmp_path_factory.mktemp("bundles") / "bundle.zip"
    with pytest.MonkeyPatch.context() as patch:
        set_up(syntheses, patch)
        stand(patch, *stood)
        compare_nothing(patch)
        assert run("export", "--key", keys / "signing.key", "--output", file, "--import", sarif)[0] == 1
    return file


def alert(rule: str, covering: Waiver, waived: list[int]) -> Json:
    """Return what the bundle tells of a rule's findings."""
    return {
        "scanner": "one",
        "rule": rule,
        "resource": LOGS,
        "fingerprint": covering.fingerprints[0],
        "level": "warning",
        "message": MESSAGE,
        "help": "https://example.org/" if rule == ALWAYS else None,
        "contexts": [0, 1, 2],
        "waived": waived,
        "waivers": [covering.told(AS_OF)],
    }


def test_what_a_bundle_holds(exported: Path, stood: tuple[Waiver, ...]) -> None:
    """Scanners, alerts, where they are waived and by what; trace and statement tell the same."""
    held = members(exported)
    always, sometimes = stood
    told = json.loads(held[SCANNED])
    alerts = [alert(SOMETIMES, sometimes, [0, 2]), alert(ALWAYS, always, [0, 1, 2])]
    scanned = {"scanners": [{"name": "one", "version": "1.0"}], "alerts": alerts}
    assert told == {"schema": SCHEMA_ID, **scanned, "problems": []}
    assert json.loads(held["trace.json"])["scanned"] == scanned
    code, out, _ = run("export", "--help")
    assert (code, "--import" in out) == (0, True)


def test_verify(exported: Path, keys: Path) -> None:
    """What the signer states of other scanners' findings is told by name, and in all."""
    code, out, err = run("verify", exported, "--key", keys / "signing.pub", "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out)["alerts"] == {f"one A on {LOGS}": "waived", f"one S on {LOGS}": "non-compliant"}
    said = run("verify", exported, "--key", keys / "signing.pub")[1].splitlines()[-1]
    assert "3 non-compliant; 1 other scanner: 2 findings, 1 waived, 1 not waived; the trace: " in said


def test_show(exported: Path, stood: tuple[Waiver, ...]) -> None:
    """What stands comes first; what is waived is shown with its waiver; nothing that a scanner says is obeyed."""
    code, out, err = run("show", exported)
    assert (code, err, "\x1b" in out) == (0, "", False)
    assert (
        "others:    1 other scanner: 2 findings, 1 waived, 1 not waived\n           one 1.0: 2 findings, 1 not waived\n"
        in out
    )
    told = rf"""
non-compliant one S on {LOGS}
  no backup of <b>this</b>\x1b[31m
  contexts: 3, waived in 2 of them
  waiver:   {stood[1].told(AS_OF)}

waived one A on {LOGS}
  no backup of <b>this</b>\x1b[31m
  contexts: 3, waived in 3 of them
  waiver:   {stood[0].told(AS_OF)}
"""
    assert told in out
    document = json.loads(run("show", exported, "--format", "json")[1])
    assert document["scanners"] == [{"name": "one", "version": "1.0", "findings": 2, "not_waived": 1}]
    assert [(one["rule"], one["outcome"], one["contexts"], one["waived"]) for one in document["alerts"]] == [
        ("S", "non-compliant", 3, 2),
        ("A", "waived", 3, 3),
    ]


def test_replay(exported: Path) -> None:
    """The same templates, waivers and rules come to the same."""
    assert run("replay", exported) == (0, "the same: 4 contexts and 66 verdicts judged again\n", "")


def test_two_exports_are_the_same(exported: Path, sarif: Path, keys: Path, tmp_path: Path) -> None:
    """Where the report lies is nowhere in the bundle: with it elsewhere, the bundle is the same, byte for byte."""
    elsewhere = tmp_path / "another.sarif"
    elsewhere.write_bytes(sarif.read_bytes())
    run("export", "--key", keys / "signing.key", "--output", tmp_path / "b.zip", "--import", elsewhere)
    assert (tmp_path / "b.zip").read_bytes() == exported.read_bytes()
    assert [path for path, data in members(exported).items() if b".sarif" in data.replace(b"findings.sarif", b"")] == []


def restated(file: Path, held: dict[str, bytes], keys: Path) -> Path:
    """Return a bundle whose signer states another problem than there is."""
    public = read_public_key(keys / "signing.pub")
    said = json.loads(dsse.verify(held[ATTESTATION], PAYLOAD_TYPE, public, "a"))
    tests = said["predicate"]["failedTests"]
    said["predicate"]["failedTests"] = [name.replace("problem: one", "problem: two") for name in tests]
    private = read_signing_key(str(keys / "signing.key"), {})
    return remade(file, held | {ATTESTATION: dsse.sign(canonical(said), PAYLOAD_TYPE, private)}, keys)


def test_a_scanner_that_cannot_be_relied_on(
    syntheses: Sequence[Synthesis], stood: tuple[Waiver, ...], keys: Path, tmp_path: Path
) -> None:
    """The export could not judge, says why, and so do all that read the bundle."""
    strange = report(tmp_path / "one.sarif", syntheses, "0" * 64)
    bundle = tmp_path / "b.zip"
    code, out, _ = run("export", "--key", keys / "signing.key", "--output", bundle, "--import", strange)
    said = f"it has read {'0' * 64}, 1 of other runs; run it again on the templates of this one"
    assert (code, f"one: {said}\n" in out) == (2, True)
    problems = [{"where": "one", "message": said, "undecided": True}]
    assert json.loads(members(bundle)[SCANNED])["problems"] == problems
    code, out, _ = run("verify", bundle, "--key", keys / "signing.pub", "--format", "json")
    assert (code, json.loads(out)["problems"]) == (0, [f"problem: one: {said}"])
    code, _, err = run("verify", restated(tmp_path / "c.zip", members(bundle), keys), "--key", keys / "signing.pub")
    told = "the statement that is signed tells other problems than the bundle does"
    assert (code, told in err) == (2, True)
    assert run("replay", bundle) == (0, "the same: 4 contexts and 66 verdicts judged again\n", "")


def test_a_report_that_is_imported_twice(sarif: Path, keys: Path, tmp_path: Path) -> None:
    """It could not be judged by, and yet what was found can be read, with the scanner named once."""
    bundle, imports = tmp_path / "b.zip", ("--import", sarif, "--import", sarif)
    assert run("export", "--key", keys / "signing.key", "--output", bundle, *imports)[0] == 2
    told = json.loads(members(bundle)[SCANNED])
    said = "several runs of it are imported; import one report of all templates"
    assert told["scanners"] == [{"name": "one", "version": "1.0"}]
    assert told["problems"] == [{"where": "one", "message": said, "undecided": True}]
    assert run("replay", bundle)[0] == 0


def test_a_waiver_that_does_not_serve(
    stood: tuple[Waiver, ...], sarif: Path, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in the bundle as a problem, and judged again it is one."""
    unused = waiver(scanner="one", rule="X", resource=LOGS, created=AS_OF, expires=date(2024, 3, 1))
    stand(monkeypatch, *stood, unused)
    bundle = tmp_path / "b.zip"
    assert run("export", "--key", keys / "signing.key", "--output", bundle, "--import", sarif)[0] == 1
    said = "unused: nothing that it matches was found: take it out"
    problems = [{"where": f"the waiver of one X on {LOGS}", "message": said, "undecided": False}]
    assert json.loads(members(bundle)[SCANNED])["problems"] == problems
    assert run("replay", bundle)[0] == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [("{", "not valid JSON"), ("", "empty: the scanner has printed nothing")],
    ids=["json", "empty"],
)
def test_a_report_that_is_none(
    text: str, problem: str, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused before anything is synthesised."""
    monkeypatch.setattr("gate.export.synthesise", lambda _: pytest.fail("synthesised"))
    (tmp_path / "a.sarif").write_text(text, encoding="utf-8")
    arguments = ("export", "--key", keys / "signing.key", "--output", tmp_path / "b.zip")
    code, out, err = run(*arguments, "--import", tmp_path / "a.sarif")
    assert (code, out, problem in err) == (2, "", True)


def first(**changed: object) -> Callable[[Json], object]:
    """Return what changes the first alert."""
    return lambda scanned: scanned["alerts"][0].update(changed)


def named(name: str) -> Callable[[Json], object]:
    """Return what changes the scanner's name."""
    return lambda scanned: scanned["scanners"][0].update(name=name)


LINK = "expected an address that begins with https:// or http://, without spaces"
NAME = "expected a scanner's name, in a-z, 0-9 and hyphens, other than that of our own rules"
WAIVED = "$.alerts[0]: waived elsewhere, or otherwise, than by the waivers of waivers.json"
SHOWN = "$.alerts[0]: shown by no context, or by contexts that are out of order"
NOWHERE = "$.alerts[0]: shown by a context that there is not, or that gave no template"

CONTRADICTIONS = {
    "waived where it is not": (first(waived=[0, 1, 2]), WAIVED),
    "not waived where it is": (first(waived=[0]), WAIVED),
    "waived nowhere": (first(waived=[], waivers=[]), WAIVED),
    "waived by nobody": (first(waivers=[]), WAIVED),
    "waived by another": (first(waivers=["a waiver"]), WAIVED),
    "another fingerprint": (first(fingerprint="0" * 32), WAIVED),
    "another rule": (first(rule="X"), WAIVED),
    "another resource": (first(resource="X"), WAIVED),
    "in no context": (first(contexts=[], waived=[], waivers=[]), SHOWN),
    "in a context twice": (first(contexts=[0, 0, 1, 2]), SHOWN),
    "in a context that there is not": (first(contexts=[0, 1, 2, 4]), NOWHERE),
    "in a context that was refused": (first(contexts=[0, 1, 2, 3]), NOWHERE),
    "a negative place": (first(contexts=[-1, 0]), "$.alerts[0].contexts[0]"),
    "by nobody that was asked": (
        lambda scanned: scanned["scanners"].clear(),
        "$.alerts[0]: by 'one', which was not asked",
    ),
    "twice": (lambda scanned: scanned["alerts"].append(scanned["alerts"][0]), "$.alerts[2]: told twice"),
    "no level": (first(level="fatal"), "$.alerts[0].level"),
    "a link to a script": (first(help="javascript:alert(1)"), f"$.alerts[0].help: {LINK}"),
    "a link with more behind it": (first(help="https://example.org/\nx"), f"$.alerts[0].help: {LINK}"),
    "a link without end": (first(help=f"https://{'a' * 1_000}"), "$.alerts[0].help: String should have at most 1000"),
    "a rule without end": (first(rule="a" * 1_001), "$.alerts[0].rule: String should have at most 1000"),
    "a scanner of our name": (named("worth-watch"), f"$.scanners[0].name: 'worth-watch'; {NAME}"),
    "a scanner of no name": (named("One Two"), f"$.scanners[0].name: 'One Two'; {NAME}"),
    "a version without end": (
        lambda scanned: scanned["scanners"][0].update(version="1" * 1_001),
        "$.scanners[0].version: String should have at most 1000",
    ),
    "more": (lambda scanned: scanned.update(more=1), "$.more"),
    "no problems": (lambda scanned: scanned.pop("problems"), "$.problems"),
}


@pytest.mark.parametrize("name", list(CONTRADICTIONS))
def test_a_bundle_that_contradicts_itself(name: str, exported: Path, keys: Path, tmp_path: Path) -> None:
    """Whoever signed it: an alert is waived where a waiver covers it, in contexts that there are, and nowhere else."""
    change, problem = CONTRADICTIONS[name]
    held = members(exported)
    scanned = json.loads(held[SCANNED])
    change(scanned)
    bundle = remade(tmp_path / "b.zip", held | {SCANNED: canonical(scanned)}, keys)
    for command in (("verify", bundle, "--key", keys / "signing.pub"), ("show", bundle), ("replay", bundle)):
        code, out, err = run(*command)
        assert (code, out) == (2, "")
        assert f"{SCANNED}: {problem}" in err


def without_standing(held: dict[str, bytes], *, traced: bool) -> dict[str, bytes]:
    """Return members in which the alert that stands is left out, in the trace, too, if so wished."""
    scanned = json.loads(held[SCANNED])
    del scanned["alerts"][0]
    left = held | {SCANNED: canonical(scanned)}
    return retold(left, lambda trace: trace["scanned"]["alerts"].pop(0)) if traced else left


def test_a_trace_that_tells_others(exported: Path, keys: Path, tmp_path: Path) -> None:
    """Trace and member tell of the same alerts."""
    bundle = remade(tmp_path / "b.zip", without_standing(members(exported), traced=False), keys)
    problem = "trace.json: tells other findings of other scanners than scanned.json"
    assert run("show", bundle) == (2, "", f"error: {bundle}: {problem}\n")


def test_a_statement_that_tells_others(exported: Path, keys: Path, tmp_path: Path) -> None:
    """So do statement and member."""
    bundle = remade(tmp_path / "b.zip", without_standing(members(exported), traced=True), keys)
    problem = "the statement that is signed tells other findings of other scanners than scanned.json"
    assert run("verify", bundle, "--key", keys / "signing.pub") == (2, "", f"error: {bundle}: {problem}\n")


def test_replay_of_an_alert_left_out(exported: Path, keys: Path, tmp_path: Path) -> None:
    """Whoever leaves out what a scanner has found has a waiver that covers nothing."""
    bundle = remade(tmp_path / "b.zip", without_standing(members(exported), traced=True), keys)
    code, out, _ = run("replay", bundle)
    said = "scanned.json: does not tell what the templates, waivers and verdicts do"
    assert (code, said in out.splitlines()) == (1, True)


def test_replay_of_an_alert_left_out_of_few_contexts(
    stood: tuple[Waiver, ...], sarif: Path, keys: Path, tmp_path: Path
) -> None:
    """Of a small matrix nobody knows what it would show: that a waiver covers nothing is told, and no difference."""
    bundle = tmp_path / "b.zip"
    run("export", "--key", keys / "signing.key", "--output", bundle, "--import", sarif, "--matrix", "smoke")
    assert json.loads(run("replay", bundle, "--format", "json")[1])["notes"] == []
    held = without_standing(members(bundle), traced=True)
    _, out, _ = run("replay", remade(tmp_path / "c.zip", held, keys))
    told = (
        "not shown: whether findings of scanners that were asked are left out: in the matrix smoke nothing that is "
        f"told of them is covered by 1 waiver, such as {stood[1].name}"
    )
    assert (told in out.splitlines(), "scanned.json" in out) == (True, False)


def test_replay_of_a_problem_made_up(exported: Path, keys: Path, tmp_path: Path) -> None:
    """What is wrong with waivers and agreement comes of them, and is not for the signer to say."""
    held = members(exported)
    scanned = json.loads(held[SCANNED])
    scanned["problems"].append({"where": "one", "message": "a", "undecided": False})
    code, out, _ = run("replay", remade(tmp_path / "b.zip", held | {SCANNED: canonical(scanned)}, keys))
    said = "scanned.json: does not tell what the templates, waivers and verdicts do"
    assert (code, said in out.splitlines()) == (1, True)
