"""Evidence as a user makes and reads it: exported, verified, shown, replayed; bundles that contradict themselves."""

from __future__ import annotations

import getpass
import hashlib
import json
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from evidence.basis import basis, digest_of_tests
from evidence.bundle import dsse
from evidence.bundle.archive import Entry, Writer, open_archive
from evidence.bundle.canonical import canonical, canonical_parts
from evidence.bundle.contents import ALWAYS
from evidence.bundle.keys import key_id, read_public_key, read_signing_key
from evidence.bundle.manifest import MANIFEST, write_manifest
from evidence.bundle.scanning import SCHEMA_ID as SCANNED_ID
from evidence.bundle.statement import PAYLOAD_TYPE
from evidence.bundle.synthesis import SynthesisLine, anonymous
from evidence.bundle.verify import ATTESTATION
from evidence.document import matrix_as_json
from evidence.page import render
from evidence.results_model import TESTS_SCHEMA, VerdictResult
from evidence.tally import Tally
from evidence.trace import PARTIAL, TESTS, of_others
from gate import contradictions, replay, rescanned
from gate import export as exporting
from gate.exemptions import Exemptions
from gate.export import Inputs
from gate.matrix import judge_synthesis
from gate.scans import Scans
from gate.waivers import load_pairs
from policies.catalogue import Entry as Ruled
from policies.catalogue import load
from policies.model import Outcome, TableRule
from policies.waiver_model import Waiver
from stack.contexts import Context
from stack.settings import PREFIX
from stack.synth import Synthesis, synthesise
from tests.commands import invoke
from tests.gate.breaks import CONTEXT_KEY, apply
from tests.policies.waivers import waiver

ROOT = Path(__file__).parents[2]
ENCRYPTION = "table-encryption/encryption-enabled"
CONTEXTS = (
    Context("sound"),
    Context("prod", {f"{PREFIX}stage": "prod"}),
    Context("broken", {CONTEXT_KEY: ENCRYPTION}),
    Context("refused", {f"{PREFIX}stage": "production"}, refused=frozenset({f"{PREFIX}stage"})),
)

Json = dict[str, Any]

AS_OF = date(2023, 11, 14)
"""The day of SOURCE_DATE_EPOCH here, on which waivers are held against what is found."""

WAIVER = waiver(created=date(2023, 11, 1), expires=date(2024, 3, 1))
"""A waiver of what a scanner finds that is not asked here, as long as that is not imported."""

NOT_ASKED = (
    "what other scanners would find: none was asked, though waivers, or pairs of policies/agreement.toml, are about "
    "checkov (1 waiver)"
)
SAME = f"not shown: {NOT_ASKED}\nthe same: 4 contexts and 66 verdicts judged again\n"

MIN_TELLING = 8
"""The fewest letters of a host's name that nothing else is likely to spell."""


@pytest.fixture(scope="module")
def syntheses() -> Sequence[Synthesis]:
    """Return what comes of a few contexts: sound ones, one that violates a scenario, one that is refused."""
    return list(synthesise(CONTEXTS, customise=apply))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of keys."""
    return keygen(tmp_path_factory.mktemp("keys"))


def keygen(folder: Path) -> Path:
    """Make a pair of keys in a folder; return that."""
    assert invoke(["evidence", "keygen", str(folder)]).exit_code == 0
    return folder


def set_up(syntheses: Sequence[Synthesis], patch: pytest.MonkeyPatch) -> None:
    """Work at the root of the checkout, at a fixed time, on what was synthesised once."""
    patch.chdir(ROOT)
    patch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    patch.delenv("STORAGE_COMPLIANCE_SIGNING_KEY", raising=False)
    patch.setattr(exporting, "matrix", lambda _: CONTEXTS)
    patch.setattr(contradictions, "matrix", lambda _: CONTEXTS)
    patch.setattr(exporting, "synthesise", lambda _: iter(syntheses))
    patch.setattr(rescanned, "load_pairs", lambda _: ())
    stand(patch, WAIVER)


def stand(patch: pytest.MonkeyPatch, *waivers: Waiver) -> None:
    """Let these waivers be those that come with the rules."""
    for module in (exporting, contradictions):
        patch.setattr(module, "load_waivers", lambda _: waivers)


@pytest.fixture(autouse=True)
def _checkout(syntheses: Sequence[Synthesis], monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(syntheses, monkeypatch)


@pytest.fixture(scope="module")
def exported(syntheses: Sequence[Synthesis], keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle of these contexts."""
    file = tmp_path_factory.mktemp("bundles") / "bundle.zip"
    with pytest.MonkeyPatch.context() as patch:
        set_up(syntheses, patch)
        assert run("export", "--key", keys / "signing.key", "--output", file)[0] == 1
    return file


def run(*arguments: object) -> tuple[int, str, str]:
    """Run a command of `evidence`; return its exit code, and what it says on stdout and stderr."""
    result = invoke(["evidence", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def members(bundle: Path) -> dict[str, bytes]:
    """Return what a bundle holds."""
    with open_archive(bundle) as archive:
        return {path: archive.read(path, 2**24) for path in archive.members}


def remade(file: Path, held: Mapping[str, bytes], keys: Path, standings: Mapping[str, str] | None = None) -> Path:
    """Write a bundle of other members, with the manifest and the signature that a signer of them would make."""
    listed = {path: data for path, data in held.items() if path not in {MANIFEST, ATTESTATION}}
    entries = [Entry(path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in listed.items()]
    manifest = b"".join(write_manifest(entries, None))
    private, public = read_signing_key(str(keys / "signing.key"), {}), read_public_key(keys / "signing.pub")
    said = json.loads(dsse.verify(held[ATTESTATION], PAYLOAD_TYPE, public, "a"))
    said["subject"] = [
        {"name": path, "digest": {"sha256": hashlib.sha256(data).hexdigest()}}
        for path, data in {MANIFEST: manifest, **listed}.items()
        if path == MANIFEST or path.startswith("templates/")
    ]
    if standings is not None:
        said["predicate"]["worthwatchStandings"] |= standings
        words = said["predicate"]["worthwatchStandings"]
        passing = {"compliant", "waived", "not-applicable"}
        said["predicate"]["passedTests"] = sorted(id_ for id_, word in words.items() if word == "compliant")
        said["predicate"]["warnedTests"] = sorted(id_ for id_, word in words.items() if word == "waived")
        said["predicate"]["failedTests"] = sorted(id_ for id_, word in words.items() if word not in passing)
    with file.open("w+b") as opened:
        writer = Writer(opened)
        for path, data in listed.items():
            writer.add(path, data)
        writer.add(MANIFEST, manifest)
        writer.add(ATTESTATION, dsse.sign(canonical(said), PAYLOAD_TYPE, private))
        writer.close()
    return file


def lines(held: Mapping[str, bytes], path: str) -> list[Json]:
    """Return the lines of a member."""
    return [json.loads(line) for line in held[path].splitlines()]


def joined(values: Sequence[object]) -> bytes:
    """Return lines as a member has them."""
    return b"".join(canonical(value) + b"\n" for value in values)


def changed(held: Mapping[str, bytes], path: str, change: Callable[[list[Json]], object]) -> dict[str, bytes]:
    """Return members of which the lines of one are changed in place."""
    values = lines(held, path)
    change(values)
    return {**held, path: joined(values)}


def test_export(keys: Path, tmp_path: Path) -> None:
    """What was written is said, and what it comes to: the trace's and the scenarios' verdicts, each by itself."""
    file = tmp_path / "b.zip"
    code, out, err = run("export", "--key", keys / "signing.key", "--output", file)
    untried = [line for line in out.splitlines() if "no accepted context of the results has the value" in line]
    *_, wrote, covered, holds = [line for line in out.splitlines() if "in no commit" not in line]
    assert (code, err, len(untried)) == (1, "", 12)
    assert re.fullmatch(rf"wrote {re.escape(str(file))}: 22 members, root sha256:[0-9a-f]{{64}}", wrote)
    assert covered == (
        "not covered: 21 scenarios: 18 covered, 3 failing; 12 problems; 4 contexts, 3 templates; no results of tests; "
        "proof not-run"
    )
    assert holds == (
        "does not hold: 4 contexts, 3 templates, 21 scenarios: 18 compliant, 3 non-compliant; "
        "no other scanner was asked"
    )


def test_two_exports_are_the_same(exported: Path, keys: Path, tmp_path: Path) -> None:
    """One commit, one key, one bundle, byte for byte."""
    run("export", "--key", keys / "signing.key", "--output", tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_bytes() == exported.read_bytes()


def test_the_key_of_the_environment(exported: Path, keys: Path, tmp_path: Path) -> None:
    """A CI's secret is as good as a file."""
    key = (keys / "signing.key").read_text(encoding="ascii")
    arguments = ["evidence", "export", "--output", str(tmp_path / "b.zip")]
    result = invoke(arguments, env={"STORAGE_COMPLIANCE_SIGNING_KEY": key})
    assert result.exit_code == 1
    assert (tmp_path / "b.zip").read_bytes() == exported.read_bytes()


def test_what_a_bundle_holds(exported: Path) -> None:
    """All that the auditor asks for is there; what did not run says so."""
    held = members(exported)
    names = [path for path in held if not path.startswith(("templates/", "constructs/"))]
    assert names == [
        "contexts.jsonl",
        "verdicts.jsonl",
        "scanned.json",
        "externals.json",
        "provenance.json",
        "trace.json",
        "waivers.json",
        "proof.json",
        "sbom.cdx.json",
        "specs/dynamodb-storage/spec.md",
        "specs/storage-hardening/spec.md",
        "specs/reviewed.toml",
        "reports/assessment-results.oscal.json",
        "reports/component-definition.oscal.json",
        "reports/findings.sarif",
        "reports/junit.xml",
        "reports/ctrf.json",
        "reports/trace.html",
        "manifest.json",
        "attestation.json",
    ]
    assert [parse_waiver_of(told) for told in json.loads(held["waivers.json"])["waivers"]] == [WAIVER]
    assert json.loads(held["scanned.json"]) == {"schema": SCANNED_ID, "scanners": [], "alerts": [], "problems": []}
    assert json.loads(held["proof.json"]) == {"schema": "urn:worthwatch:storage-compliance:proof:1", "state": "not-run"}
    assert held["specs/dynamodb-storage/spec.md"] == (ROOT / "specs/dynamodb-storage/spec.md").read_bytes()
    assert [line["name"] for line in lines(held, "contexts.jsonl")] == [context.name for context in CONTEXTS]


def test_nothing_names_the_machine(exported: Path, keys: Path) -> None:
    """No host, user, folder or key is in it, in any member."""
    private = (keys / "signing.key").read_bytes()
    secret = private.splitlines()[1]
    named = [str(ROOT), str(Path.home()), tempfile.gettempdir(), f"{getpass.getuser()}@", f"/{getpass.getuser()}/"]
    # A host that is called "vm" or "ci" is named by accident, in any digest.
    named += [name for name in (socket.gethostname(), socket.getfqdn()) if len(name) >= MIN_TELLING]
    telling = [name.encode() for name in named if name != "/"]
    assert {(path, name) for path, data in members(exported).items() for name in telling if name in data} == set()
    assert secret not in exported.read_bytes()


def test_a_failure_names_no_folder() -> None:
    """What a synthesis failed of is told without the folders of this machine."""
    failed = Synthesis(Context("a"), failure=f"no file {ROOT}/stack/x.py, nor {tempfile.gettempdir()}/y")
    assert anonymous(failed).failure == "no file ./stack/x.py, nor <tmp>/y"
    refused = Synthesis(Context("a"), message=f"{Path.home()}/.cdk.json")
    assert anonymous(refused).message == "<home>/.cdk.json"


def test_verify(exported: Path, keys: Path) -> None:
    """What holds is said; the last line tells what the signer states, which is another thing."""
    code, out, err = run("verify", exported, "--key", keys / "signing.pub")
    said = dict(line.split(":", 1) for line in out.splitlines()[:-1])
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == (
        "verified; its signer states FAILED of 21 scenarios: 18 compliant, 3 non-compliant; "
        "no other scanner was asked; the trace: 18 covered, 3 failing, 12 problems, no results of tests, proof not-run"
    )
    assert said["time"].strip() == "2023-11-14T22:13:20Z"
    assert said["holds"].strip() == "22 members, 3 templates, none missing, changed or added"
    document = json.loads(run("verify", exported, "--key", keys / "signing.pub", "--format", "json")[1])
    assert (document["result"], document["members"], document["signer"]) == ("FAILED", 22, said["signed by"].strip())
    assert document["standings"][f"dynamodb-storage#{ENCRYPTION}"] == "non-compliant"


def test_show(exported: Path, keys: Path) -> None:
    """What was required, judged and found is read at a glance; that nobody looked at the signature is said, too."""
    code, out, err = run("show", exported)
    assert (code, err) == (0, "")
    key = key_id(read_public_key(keys / "signing.pub"))
    verifying = "storage-compliance evidence verify BUNDLE.zip --key signing.pub"
    assert f"signed by: {key}, by its own account; to verify that: {verifying}" in out
    assert "again:     to judge it once more: storage-compliance evidence replay BUNDLE.zip" in out
    assert "    THEN it SHALL have encryption enabled using AWS managed keys" in out
    assert "The system SHALL enable encryption at rest for the DynamoDB table." in out
    assert out.splitlines()[-4:] == [
        f"not shown: {NOT_ASKED}",
        "",
        "does not hold, or could not all be judged: 21 scenarios: 18 compliant, 3 non-compliant; "
        "no other scanner was asked",
        "the trace: 18 covered, 3 failing, 12 problems, no results of tests, proof not-run",
    ]
    document = json.loads(run("show", exported, "--format", "json")[1])
    assert document["scenarios"][f"dynamodb-storage#{ENCRYPTION}"] == {
        "standing": "non-compliant",
        "outcomes": {"compliant": 2, "non-compliant": 1},
        "mutants": None,
    }
    assert document["proof"] == {"state": "not-run"}
    assert document["findings"][0]["scenario"] == f"dynamodb-storage#{ENCRYPTION}"
    assert document["notes"] == [NOT_ASKED]
    assert (document["contexts"], document["tests"], document["previous"]) == (4, False, None)


def test_a_chain(exported: Path, keys: Path, tmp_path: Path) -> None:
    """A bundle names the one that it follows, and verifies with that one only."""
    after = tmp_path / "after.zip"
    run("export", "--key", keys / "signing.key", "--output", after, "--previous", exported)
    assert run("verify", after, "--key", keys / "signing.pub", "--previous", exported)[0] == 0
    assert run("verify", exported, "--key", keys / "signing.pub", "--previous", after)[0] == 2


def test_replay(exported: Path) -> None:
    """The same rules come to the same verdicts."""
    assert run("replay", exported) == (0, SAME, "")
    document = json.loads(run("replay", exported, "--format", "json")[1])
    assert (document["compared"], document["not_compared"]) == (["verdicts", *MEMBERS], [])


@pytest.mark.parametrize(("rules", "pairs"), [("same", " and 11 pairs"), ("other", "")])
def test_scanners_that_were_not_asked(rules: str, pairs: str, exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waivers are about is told, and what pairs of the same rules are."""
    monkeypatch.setattr(rescanned, "load_pairs", load_pairs)
    if rules == "other":
        monkeypatch.setattr(rescanned, "basis", lambda: {"rules": ""})
    note = json.loads(run("replay", exported, "--format", "json")[1])["notes"][0]
    assert (f"checkov (1 waiver{pairs})" in note, "cfn-lint (7 pairs)" in note) == (True, rules == "same")


def test_replay_starts_no_cdk(exported: Path) -> None:
    """Neither the CDK nor what starts Node.js is imported."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gate import evidence_run\n"
        f"code = evidence_run.replay({str(exported)!r}, 'json')\n"
        "print([name for name in ('aws_cdk', 'jsii', 'constructs') if name in sys.modules], code)"
    )
    ended = subprocess.run(  # noqa: S603 -- ourselves
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # The matrix that is installed is another than that of these few contexts.
    assert ended.stdout.splitlines()[-1] == "[] 1"


def weakened(entry: Ruled) -> Ruled:
    """Return a scenario whose rule has nothing against anything."""
    assert isinstance(entry.rule, TableRule)
    return replace(entry, rule=replace(entry.rule, check=lambda table, world: iter(())))


def test_other_rules_judge_otherwise(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict that differs is told, with the context and what it was; so is that other rules judged."""
    entries = [weakened(one) if one.name == ENCRYPTION else one for one in load()]
    monkeypatch.setattr("gate.matrix.load", lambda: entries)
    monkeypatch.setattr(
        replay, "basis", lambda: {**json.loads(members(exported)["provenance.json"])["basis"], "rules": ""}
    )
    code, out, _ = run("replay", exported)
    assert code == 1
    assert out == (
        f"dynamodb-storage#{ENCRYPTION}\n"
        "  context:  broken\n"
        "  resource: StorageDynamoTable201FACD8\n"
        "  was:      non-compliant: the table is encrypted with a key that AWS owns\n"
        "  now:      compliant\n\n"
        "judged by other rules than the bundle's\n"
        "compared: verdicts; contexts, externals and settings\n"
        "not compared: waivers; findings of other scanners; reports; trace\n"
        f"not shown: {NOT_ASKED}\n"
        "differs: 4 contexts and 66 verdicts judged again, 1 of them otherwise\n"
    )
    document = json.loads(run("replay", exported, "--format", "json")[1])
    assert (document["exit_code"], document["other"], len(document["differences"])) == (1, ["rules"], 1)
    assert [document["differences"][0][when]["outcome"] for when in ("was", "now")] == ["non-compliant", "compliant"]


MEMBERS = "contexts, externals and settings", "waivers", "findings of other scanners", "reports", "trace"
"""What replay compares beside verdicts."""


@pytest.mark.parametrize(
    ("other", "compared"),
    [
        (["specs"], [MEMBERS[0], MEMBERS[1]]),
        (["rules"], [MEMBERS[0]]),
        (["stack"], [MEMBERS[1], MEMBERS[2], MEMBERS[3]]),
        (["rules", "stack"], []),
        (["specs", "rules", "stack"], []),
    ],
    ids=" ".join,
)
def test_the_same_verdicts_by_others(
    other: list[str], compared: list[str], exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other specs, rules or another stack make is not compared, and nobody is told that it is the same."""
    monkeypatch.setattr(replay, "basis", lambda: basis() | dict.fromkeys(other, "sha256:"))
    left = [name for name in MEMBERS if name not in compared]
    code, out, err = run("replay", exported)
    named = " and ".join(other)
    assert (code, out, err) == (
        2,
        f"judged by other {named} than the bundle's\n"
        f"compared: {'; '.join(['verdicts', *compared])}\n"
        f"not compared: {'; '.join(left)}\n"
        f"not shown: {NOT_ASKED}\n"
        f"verdicts the same, by other {named}; could not compare the rest: 4 contexts and 66 verdicts judged again\n",
        "",
    )
    assert json.loads(run("replay", exported, "--format", "json")[1]) == {
        "schema": "urn:worthwatch:storage-compliance:replay:1",
        "contexts": 4,
        "verdicts": 66,
        "other": other,
        "compared": ["verdicts", *compared],
        "not_compared": left,
        "notes": [NOT_ASKED],
        "contradictions": [],
        "differences": [],
        "exit_code": 2,
    }


@pytest.mark.parametrize("name", ["rules", "stack"])
def test_a_false_digest_hides_nothing(name: str, exported: Path, keys: Path, tmp_path: Path) -> None:
    """Whoever makes up reports, and names rules or a stack that nobody has, is not told to be the same."""
    held, report = members(exported), "reports/findings.sarif"
    made = json.loads(held["provenance.json"])
    made["basis"][name] = f"sha256:{'0' * 64}"
    lied = {"provenance.json": canonical(made), report: held[report].replace(b"non-compliant", b"compliant")}
    code, out, _ = run("replay", remade(tmp_path / "b.zip", held | lied, keys))
    told = f"{report}: does not tell what the contexts and verdicts do"
    assert (code, told in out.splitlines()) == ((2, False) if name == "rules" else (1, True))


def test_replay_of_a_whitewash(exported: Path, keys: Path, tmp_path: Path) -> None:
    """Verdicts that a signer has made up agree with each other, and not with the templates."""
    held = members(exported)

    def whitewash(verdicts: list[Json]) -> None:
        for one in verdicts:
            if one["scenario"] == ENCRYPTION:
                one |= {"outcome": "compliant", "message": "", "found": None, "path": None, "expected": None}

    lied = agreeing(changed(held, "verdicts.jsonl", whitewash))
    bundle = remade(tmp_path / "b.zip", lied, keys, {f"dynamodb-storage#{ENCRYPTION}": "compliant"})
    assert run("verify", bundle, "--key", keys / "signing.pub")[::2] == (0, "")
    code, out, _ = run("replay", bundle)
    assert (code, out.splitlines()[-4:]) == (
        1,
        [
            "compared: verdicts; contexts, externals and settings; waivers",
            "not compared: findings of other scanners; reports; trace",
            f"not shown: {NOT_ASKED}",
            "differs: 4 contexts and 66 verdicts judged again, 1 of them otherwise",
        ],
    )


@pytest.mark.parametrize(
    "path",
    [
        "reports/assessment-results.oscal.json",
        "reports/component-definition.oscal.json",
        "reports/findings.sarif",
        "reports/junit.xml",
        "reports/ctrf.json",
        "reports/trace.html",
    ],
)
def test_replay_of_a_report_that_tells_otherwise(path: str, exported: Path, keys: Path, tmp_path: Path) -> None:
    """A report that a signer has made up verifies; judged again, it is not what the verdicts make of it."""
    held = members(exported)
    bundle = remade(tmp_path / "b.zip", held | {path: held[path].replace(b"non-compliant", b"compliant")}, keys)
    if path == "reports/component-definition.oscal.json":  # it tells no results
        bundle = remade(tmp_path / "b.zip", held | {path: held[path].replace(b"encryption", b"decryption")}, keys)
    assert run("verify", bundle, "--key", keys / "signing.pub")[0] == 0
    assert run("replay", bundle) == (
        1,
        f"{path}: does not tell what the contexts and verdicts do\n"
        f"not shown: {NOT_ASKED}\n"
        "differs: 4 contexts and 66 verdicts judged again\n",
        "",
    )


def agreeing(held: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return members of which the trace tells what the contexts and verdicts do, which a liar takes care of, too."""
    trace, tally = json.loads(held["trace.json"]), Tally()
    for line in lines(held, "contexts.jsonl"):
        tally.add_context(SynthesisLine.read(line, "a").traced())
    for line in lines(held, "verdicts.jsonl"):
        tally.add(VerdictResult.model_validate(line).verdict())
    for scenario in trace["scenarios"]:
        outcomes = tally.outcomes[scenario["id"]]
        scenario["outcomes"] = {outcome: outcomes[Outcome(outcome)] for outcome in scenario["outcomes"]}
        if not outcomes[Outcome.NON_COMPLIANT] + outcomes[Outcome.WAIVED]:
            scenario |= {"state": "covered", "problems": []}
    ids = [scenario["id"] for scenario in trace["scenarios"]]
    matrix = matrix_as_json(tally.contexts(ids), tally.axes(), tally.findings())
    return {**held, "trace.json": b"".join(canonical_parts(trace | matrix))}


def retold(held: Mapping[str, bytes], change: Callable[[Json], object]) -> dict[str, bytes]:
    """Return members of which the trace is another, and the page is the trace's."""
    trace = json.loads(held["trace.json"])
    change(trace)
    try:
        page = f"{render(trace)}\n".encode()
    except (LookupError, UndefinedError):
        page = held["reports/trace.html"]
    return {**held, "trace.json": canonical(trace), "reports/trace.html": page}


@pytest.mark.parametrize(
    "change",
    [
        lambda trace: trace["scenarios"][0]["rule"].update(source="pass\n"),
        lambda trace: trace["problems"].pop(),
        lambda trace: trace["problems"].reverse(),
        lambda trace: trace["problems"][0].update(message="never mind"),
        lambda trace: trace["problems"][0].update(more=1),
        lambda trace: next(one for one in trace["scenarios"] if one["problems"])["problems"][0].update(message="a"),
        lambda trace: trace["summary"].update(exit_code=0),
        lambda trace: trace["summary"]["states"].update(waived=1),
        lambda trace: trace["orphans"].append({"kind": "rule", "name": "a", "message": "b"}),
        lambda trace: trace.update(more=1),
        lambda trace: trace["summary"].update(templates=99),
    ],
)
def test_replay_of_another_trace(change: Callable[[Json], object], exported: Path, keys: Path, tmp_path: Path) -> None:
    """A trace that tells other rules, problems or sums than there are, and its page with it."""
    bundle = remade(tmp_path / "b.zip", retold(members(exported), change), keys)
    assert run("verify", bundle, "--key", keys / "signing.pub")[0] == 0
    code, out, _ = run("replay", bundle)
    assert (code, out.splitlines()[0]) == (1, "trace.json: does not tell what the contexts and verdicts do")


A_PROBLEM = {"where": "the gate", "message": "never mind"}


@pytest.mark.parametrize(
    "change",
    [
        lambda problems: [*problems, *problems],
        lambda problems: [*problems, problems[0]],
        lambda problems: [problems[-1], *problems],
        lambda problems: [*problems, A_PROBLEM],
        lambda problems: [A_PROBLEM, *problems],
        lambda problems: [*problems, {"where": "tests.json", "message": PARTIAL}],
        lambda problems: [{"where": "tests.json", "message": of_others("tests")}] * 2 + problems,
        lambda problems: [{"where": "tests/a.py", "message": "not valid Python"}] * 2 + problems,
        lambda problems: [{"where": "tests/a.py", "message": "not valid Python", "more": 1}, *problems],
    ],
)
def test_replay_of_problems_made_up(
    change: Callable[[list[Json]], list[Json]], exported: Path, keys: Path, tmp_path: Path
) -> None:
    """Around the problems that come again stand those of tests alone, each once, in a trace that could not judge."""

    def could_not_judge(trace: Json) -> None:
        trace["problems"] = change(trace["problems"])
        trace["summary"]["exit_code"] = 2

    bundle = remade(tmp_path / "b.zip", retold(members(exported), could_not_judge), keys)
    assert run("verify", bundle, "--key", keys / "signing.pub")[0] == 0
    code, out, _ = run("replay", bundle)
    assert (code, out.splitlines()[0]) == (1, "trace.json: does not tell what the contexts and verdicts do")


def test_replay_of_problems_of_tests(exported: Path, keys: Path, tmp_path: Path) -> None:
    """What is wrong with the tests of then nobody finds out again."""

    def unreadable(trace: Json) -> None:
        stale = {"where": "tests.json", "message": of_others("tests")}
        trace["problems"] = [stale, {"where": "tests/a.py:1", "message": "not valid Python"}, *trace["problems"]]
        trace["summary"]["exit_code"] = 2

    bundle = remade(tmp_path / "b.zip", retold(members(exported), unreadable), keys)
    assert run("replay", bundle) == (0, SAME, "")


def left_out(held: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """Return members in which a context, and all that came of it, is left out."""
    contexts = [line for line in lines(held, "contexts.jsonl") if line["name"] != name]
    kept = {f"templates/{line['template'][7:]}.json" for line in contexts if line["template"]}
    verdicts = [line for line in lines(held, "verdicts.jsonl") if line["context"] != name]
    rest = {path: data for path, data in held.items() if not path.startswith("templates/") or path in kept}
    return agreeing(rest | {"contexts.jsonl": joined(contexts), "verdicts.jsonl": joined(verdicts)})


def test_replay_of_a_context_left_out(exported: Path, keys: Path, tmp_path: Path) -> None:
    """Whoever leaves out the context that fails has a bundle that agrees with itself; the matrix has one more."""
    held = left_out(members(exported), "broken")
    bundle = remade(tmp_path / "b.zip", held, keys, {f"dynamodb-storage#{ENCRYPTION}": "compliant"})
    assert run("verify", bundle, "--key", keys / "signing.pub")[::2] == (0, "")
    code, out, _ = run("replay", bundle)
    assert (code, out.splitlines()[0]) == (1, "broken: a context of the matrix pairwise that is left out")


def test_replay_of_other_externals(exported: Path, keys: Path, tmp_path: Path) -> None:
    """What was told of the world outside the templates is told by the stack, not by the signer."""
    held = members(exported)
    told = json.loads(held["externals.json"]) | {"managedPolicies": {}}
    code, out, _ = run("replay", remade(tmp_path / "b.zip", held | {"externals.json": canonical(told)}, keys))
    assert (code, out.splitlines()[0]) == (1, "externals.json: other than what the matrix is judged with")


def test_replay_of_other_settings(exported: Path, keys: Path, tmp_path: Path) -> None:
    """Settings that the context's values do not come to were made up."""

    def excuse(contexts: list[Json]) -> None:
        contexts[0]["settings"]["table_name"] = "orders"

    bundle = remade(tmp_path / "b.zip", changed(members(exported), "contexts.jsonl", excuse), keys)
    code, out, _ = run("replay", bundle)
    assert (code, "sound: its settings are not those that its values come to" in out) == (1, True)


def set_first(**values: object) -> Callable[[list[Json]], object]:
    """Return what changes the first line."""
    return lambda lines: lines[0].update(values)


def without(path: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """Return what takes a member away."""
    return lambda held: {each: data for each, data in held.items() if each != path}


SHOWS_OTHERS = "trace.json: shows other axes, contexts, outcomes or findings than contexts and verdicts come to"

CONTRADICTIONS: Mapping[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]] = {
    "an outcome": (
        lambda held: changed(held, "verdicts.jsonl", set_first(outcome="error")),
        SHOWS_OTHERS,
    ),
    "a verdict less": (
        lambda held: changed(held, "verdicts.jsonl", lambda all_: all_.pop()),
        SHOWS_OTHERS,
    ),
    "a verdict twice": (
        lambda held: changed(held, "verdicts.jsonl", lambda all_: all_.append(all_[0])),
        "trace.json: counts other verdicts on",
    ),
    "other values of a context": (
        lambda held: retold(held, lambda trace: trace["contexts"][0].update(values={f"{PREFIX}stage": "prod"})),
        SHOWS_OTHERS,
    ),
    "a finding less": (lambda held: retold(held, lambda trace: trace["findings"].pop()), SHOWS_OTHERS),
    "another finding": (lambda held: retold(held, lambda trace: trace["findings"][0].update(message="")), SHOWS_OTHERS),
    "no axes": (lambda held: retold(held, lambda trace: trace.pop("axes")), SHOWS_OTHERS),
    "no summary": (lambda held: retold(held, lambda trace: trace.pop("summary")), "trace.json: $.summary: missing"),
    "half a summary": (
        lambda held: retold(held, lambda trace: trace["summary"].pop("outcomes")),
        "trace.json: $.summary.outcomes: missing",
    ),
    "a trace that is cut off": (
        lambda held: held | {"trace.json": held["trace.json"][: held["trace.json"].index(b',"judged"') + 1]},
        "trace.json: not valid JSON",
    ),
    "a trace of nothing": (lambda held: held | {"trace.json": b""}, SHOWS_OTHERS),
    "a verdict on no context": (
        lambda held: changed(held, "verdicts.jsonl", set_first(context="nowhere")),
        "verdicts.jsonl:1: on the context 'nowhere', which there is not",
    ),
    "a verdict on another template": (
        lambda held: changed(held, "verdicts.jsonl", set_first(template="sha256:" + "0" * 64)),
        "verdicts.jsonl:1: on another template than its context gave",
    ),
    "a verdict on no scenario": (
        lambda held: changed(held, "verdicts.jsonl", set_first(scenario="a/b")),
        "verdicts.jsonl: verdicts on",
    ),
    "a verdict of another shape": (
        lambda held: changed(held, "verdicts.jsonl", set_first(more=1)),
        "verdicts.jsonl:1: $.more: unknown key",
    ),
    "a context twice": (
        lambda held: changed(held, "contexts.jsonl", lambda all_: all_.append(all_[0])),
        "contexts.jsonl:5: the context 'sound' again",
    ),
    "a context of another shape": (
        lambda held: changed(held, "contexts.jsonl", set_first(template="a")),
        "contexts.jsonl:1: template: String should match pattern",
    ),
    "a template that is not there": (
        lambda held: changed(held, "contexts.jsonl", set_first(template="sha256:" + "0" * 64)),
        f"contexts.jsonl:1: names templates/{'0' * 64}.json, which the bundle does not hold",
    ),
    "a template of no context": (
        lambda held: {f"templates/{hashlib.sha256(b'{}').hexdigest()}.json": b"{}"} | held,
        "no context gave it",
    ),
    **{f"no {name}": (without(name), f"has no member '{name}'") for name in ALWAYS},
    "another sentence": (
        lambda held: (
            held | {"trace.json": held["trace.json"].replace(b"SHALL enable encryption", b"MAY enable encryption")}
        ),
        "trace.json: tells other requirements, scenarios or reviews than the specs",
    ),
    "a scenario less": (
        lambda held: retold(held, lambda trace: trace["scenarios"].pop()),
        "trace.json: tells other requirements, scenarios or reviews than the specs",
    ),
    "another review": (
        lambda held: held | {"specs/reviewed.toml": b""},
        "trace.json: tells other requirements, scenarios or reviews than the specs",
    ),
    "no review": (lambda held: held | {"specs/reviewed.toml": b"pwned"}, "specs/reviewed.toml: not valid TOML"),
    "no SBOM": (lambda held: held | {"sbom.cdx.json": b"{}"}, "sbom.cdx.json: no SBOM in CycloneDX"),
    "garbage for an SBOM": (
        lambda held: held | {"sbom.cdx.json": b"\xff"},
        "sbom.cdx.json: byte 1, 0xff, is not UTF-8",
    ),
    "another version": (
        lambda held: held | {"provenance.json": held["provenance.json"].replace(b'"0.1.0"', b'"99.0"')},
        "sbom.cdx.json: no SBOM in CycloneDX of the time and version",
    ),
    "another spec": (
        lambda held: held | {"specs/dynamodb-storage/spec.md": b"Anything goes."},
        "the specs that it holds are not those that were judged by",
    ),
    "a waiver": (
        lambda held: held | {"waivers.json": held["waivers.json"].replace(b'"waivers":[', b'"waivers":[{},')},
        "waivers.json: holds what is no waiver",
    ),
    "a proof": (
        lambda held: held | {"proof.json": held["proof.json"].replace(b"not-run", b"killed")},
        "proof.json: $.state",
    ),
    "no results in the trace": (
        lambda held: (
            held
            | {"trace.json": canonical(json.loads(held["trace.json"]) | {"judged": {"gate": False, "tests": False}})}
        ),
        "trace.json: $.scenarios[0].outcomes: expected counts if $.judged.gate is true, or else null",
    ),
}


@pytest.mark.parametrize("name", list(CONTRADICTIONS))
def test_a_bundle_that_contradicts_itself(name: str, exported: Path, keys: Path, tmp_path: Path) -> None:
    """Whoever signed it: what says one thing here and another there is refused by all that read it."""
    change, problem = CONTRADICTIONS[name]
    bundle = remade(tmp_path / "b.zip", change(members(exported)), keys)
    for command in (("verify", bundle, "--key", keys / "signing.pub"), ("show", bundle), ("replay", bundle)):
        code, out, err = run(*command)
        assert (code, out) == (2, "")
        assert problem in err


def test_a_statement_that_the_verdicts_do_not_bear_out(exported: Path, keys: Path, tmp_path: Path) -> None:
    """A signer states what is not in the bundle."""
    held = members(exported)
    bundle = remade(tmp_path / "b.zip", held, keys, {f"dynamodb-storage#{ENCRYPTION}": "compliant"})
    problem = "the statement that is signed has other standings than the verdicts come to"
    assert run("verify", bundle, "--key", keys / "signing.pub") == (2, "", f"error: {bundle}: {problem}\n")


@pytest.fixture
def waived(syntheses: Sequence[Synthesis], keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a bundle in which a waiver covers what is violated."""
    exemptions = Exemptions((), Scans(()), AS_OF)
    for synthesis in syntheses:
        exemptions.take(judge_synthesis(load(), synthesis))
    (violation,) = exemptions.conclude().reported
    covering = waiver(
        scanner="worthwatch",
        rule=f"dynamodb-storage#{ENCRYPTION}",
        resource=violation.alert.resource,
        fingerprints=[violation.alert.fingerprint],
        reason="The key is changed with the next release of the backend.",
        created=AS_OF,
        expires=date(2024, 3, 1),
    )
    stand(monkeypatch, covering)
    # These contexts do not try every value of every setting, which is what does not hold.
    assert run("export", "--key", keys / "signing.key", "--output", tmp_path / "waived.zip")[0] == 1
    return tmp_path / "waived.zip"


def test_what_is_waived_keeps_its_word(waived: Path, keys: Path) -> None:
    """The waiver is in the bundle; its scenario is waived everywhere, no pass, and judged again it still is."""
    held = members(waived)
    (stood,) = json.loads(held["waivers.json"])["waivers"]
    assert (stood["owner"], stood["expires"], stood["resource"]) == (
        "Storage team",
        "2024-03-01",
        "WorthWatchStorage/Storage/DynamoTable/Resource",
    )
    (verdict,) = [line for line in lines(held, "verdicts.jsonl") if line["outcome"] == "waived"]
    assert (verdict["scenario"], verdict["context"]) == (ENCRYPTION, "broken")
    assert verdict["waiver"].endswith(
        "by Storage team until 2024-03-01, 108 days left: The key is changed with the next release of the backend."
    )
    code, out, _ = run("verify", waived, "--key", keys / "signing.pub", "--format", "json")
    assert (code, json.loads(out)["standings"][f"dynamodb-storage#{ENCRYPTION}"]) == (0, "waived")
    shown = json.loads(run("show", waived, "--format", "json")[1])
    assert shown["waivers"] == [stood | {"when": {}}]
    assert shown["scenarios"][f"dynamodb-storage#{ENCRYPTION}"]["standing"] == "waived"
    assert "waivers:   1 stood, the first of which ends on 2024-03-01" in run("show", waived)[1]
    code, out, _ = run("replay", waived)
    assert (code, out.splitlines()[-1]) == (0, "the same: 4 contexts and 66 verdicts judged again")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda waivers: waivers.clear(), "verdicts.jsonl:52: waived by a waiver that waivers.json does not hold"),
        (
            lambda waivers: waivers[0].update(owner="Somebody else"),
            "waived by a waiver that waivers.json does not hold",
        ),
        (lambda waivers: waivers[0].update(owner=""), "waivers.json: holds what is no waiver"),
        (lambda waivers: waivers[0].pop("expires"), "waivers.json: holds what is no waiver"),
    ],
)
def test_a_waiver_that_is_not_there(
    change: Callable[[list[Json]], object], problem: str, waived: Path, keys: Path, tmp_path: Path
) -> None:
    """Nothing is waived but by a waiver that the bundle holds, with owner, reason and end."""
    held = members(waived)
    told = json.loads(held["waivers.json"])
    change(told["waivers"])
    bundle = remade(tmp_path / "b.zip", held | {"waivers.json": canonical(told)}, keys)
    for command in (("verify", bundle, "--key", keys / "signing.pub"), ("show", bundle), ("replay", bundle)):
        code, out, err = run(*command)
        assert (code, out) == (2, "")
        assert problem in err


@pytest.mark.parametrize("change", [{"fingerprints": ["0" * 32]}, {"resource": "WorthWatchStorage/Other"}])
def test_replay_of_a_waiver_that_does_not_cover(
    change: Mapping[str, object], waived: Path, keys: Path, tmp_path: Path
) -> None:
    """A signer's waiver covers what it covers: judged again, the violation is one."""
    held = members(waived)
    told = json.loads(held["waivers.json"])
    (stood,) = told["waivers"]
    before = parse_waiver_of(stood).told(AS_OF)
    stood |= change
    after = parse_waiver_of(stood).told(AS_OF)
    retold = held | {"waivers.json": canonical(told)}
    if before != after:
        retold = agreeing(changed(retold, "verdicts.jsonl", lambda all_: rewaived(all_, before, after)))
    bundle = remade(tmp_path / "b.zip", retold, keys)
    assert run("verify", bundle, "--key", keys / "signing.pub")[0] == 0
    code, out, _ = run("replay", bundle)
    assert (code, out.splitlines()[-1]) == (1, "differs: 4 contexts and 66 verdicts judged again, 1 of them otherwise")


def test_replay_of_waivers_that_did_not_stand(waived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signer's own waivers verify, and agree with the verdicts; the rules that judged came with others."""
    monkeypatch.setattr(contradictions, "load_waivers", lambda _: (WAIVER,))
    assert run("replay", waived) == (
        1,
        "waivers.json: other waivers than stood with these rules\ndiffers: 4 contexts and 66 verdicts judged again\n",
        "",
    )


def parse_waiver_of(told: Json) -> Waiver:
    """Return the waiver that a bundle tells."""
    return Waiver.model_validate_json(json.dumps(told))


def rewaived(verdicts: list[Json], before: str, after: str) -> None:
    """Let verdicts name another waiver."""
    for verdict in verdicts:
        if verdict["waiver"] == before:
            verdict["waiver"] = after


def test_an_export_that_is_ended_leaves_what_was(
    syntheses: Sequence[Synthesis], keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old bundle stays as it was, and nothing is left beside it."""

    def interrupted(_: object) -> Iterator[Synthesis]:
        yield syntheses[0]
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "synthesise", interrupted)
    file = tmp_path / "b.zip"
    file.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        exporting.export_matrix("smoke", file, exporting.sealing(str(keys / "signing.key"), sigstore=False), Inputs())
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("b.zip", b"old")]


def test_an_export_that_nobody_could_read_is_not_written(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trace beyond what verify takes ends the export, and not the reader."""
    monkeypatch.setattr("evidence.bundle.canonical.MAX_NODES", 1_000)
    file = tmp_path / "b.zip"
    code, out, err = run("export", "--key", keys / "signing.key", "--output", file)
    assert (code, out, err) == (2, "", "error: trace.json: more than 1,000 keys and values, the limit\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ("export", "--output", "b.zip", "--sigstore", "--key", "k"),
            "--sigstore: signs without a key; leave out --key",
        ),
        (("verify", "b.zip"), "evidence verify: name who must have signed: --key signing.pub, or with Sigstore both"),
        (("verify", "b.zip", "--identity", "a"), "evidence verify: name who must have signed"),
        (
            ("verify", "b.zip", "--key", "k", "--identity", "a", "--issuer", "b"),
            "evidence verify: who must have signed is told by",
        ),
        (("replay", "b.zip"), "b.zip: no such file; check the path"),
        (("show", "."), "a folder"),
        (("keygen", "specs/reviewed.toml"), "specs/reviewed.toml"),
    ],
)
def test_wrong_arguments(arguments: Sequence[str], problem: str) -> None:
    """Each is refused with what to do."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert problem in err


def test_results_of_a_gate_are_no_tests(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export judges by itself; what cannot be read is refused before anything is synthesised."""
    monkeypatch.setattr(exporting, "synthesise", lambda _: pytest.fail("synthesised"))
    (tmp_path / "tests.json").write_text("{", encoding="utf-8")
    arguments = ("export", "--key", keys / "signing.key", "--output", tmp_path / "b.zip", "--results")
    code, _, err = run(*arguments, tmp_path / "tests.json")
    assert (code, "not valid JSON" in err) == (2, True)


def result(id_: str, *scenarios: str, **cases: int) -> Json:
    """Return what came of a test."""
    told = {"passed": 0, "failed": 0, "skipped": 0, "error": 0} | cases
    return {"id": id_, "path": "tests/a.py", "line": 1, "scenarios": list(scenarios), "cases": told}


@pytest.mark.parametrize("basis_of", [{}, {"tests": f"sha256:{'0' * 64}"}], ids=["these", "stale"])
def test_replay_of_results_of_tests(basis_of: Json, keys: Path, tmp_path: Path) -> None:
    """What a trace tells of tests is taken as it stands, and what follows from it comes out again."""
    scenario = f"dynamodb-storage#{ENCRYPTION}"
    document = {
        "schema": TESTS_SCHEMA,
        "basis": {**basis(), "tests": digest_of_tests(TESTS)} | basis_of,
        "complete": False,
        "tests": [
            result("tests/a.py::test_a", scenario, passed=2),
            result("tests/a.py::test_b", scenario, f"dynamodb-storage#{ENCRYPTION}r", failed=1),
            result("tests/a.py::test_c", scenario, skipped=1),
        ],
    }
    (tmp_path / "tests.json").write_text(json.dumps(document), encoding="utf-8")
    bundle = tmp_path / "b.zip"
    run("export", "--key", keys / "signing.key", "--output", bundle, "--results", tmp_path / "tests.json")
    trace = json.loads(members(bundle)["trace.json"])
    assert (trace["judged"]["tests"], len(trace["orphans"])) == ((False, 0) if basis_of else (True, 1))
    assert run("replay", bundle) == (0, SAME, "")
    if not basis_of:
        held = retold(members(bundle), lambda trace: trace["scenarios"][0]["problems"].pop())
        assert run("replay", remade(bundle, held, keys))[0] == 1


def test_no_checkout(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence is of a checkout: elsewhere nothing is written."""
    monkeypatch.chdir(tmp_path)
    code, _, err = run("export", "--key", keys / "signing.key", "--output", "b.zip")
    assert (code, (tmp_path / "b.zip").exists()) == (2, False)
    assert "requirements/runtime.txt" in err or "specs" in err
