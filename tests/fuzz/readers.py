"""The readers of all but templates: each refuses by the documented error, or what it has read keeps its laws."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random

from evidence import provenance
from evidence.bundle.archive import Archive, Writer, open_archive
from evidence.bundle.canonical import MAX_BYTES, canonical, read_canonical
from evidence.bundle.manifest import MANIFEST, check_members, read_manifest
from evidence.bundle.reading import read_contexts, read_verdicts
from evidence.bundle.recording import CONTEXTS, VERDICTS
from evidence.bundle.statement import read_statement, statement
from evidence.bundle.verify import ATTESTATION, stated_signer
from evidence.diff.reading import read_trace
from evidence.results import read_results
from evidence.reviewed import parse_reviewed, render
from gate.parameters import MAX_VALUE_BYTES, read_parameters
from policies.agreement import parse_pairs
from policies.catalogue import shipped_specs
from policies.externals_reading import parse_externals
from policies.reading import InputError
from policies.scopes import parse_scopes
from policies.specs import SpecError, read_spec
from policies.waivers import add, parse_waivers, write
from proof.equivalents import read_equivalents
from proof.kills import read_kills
from scanners.coverage import shortcomings
from scanners.sarif import read_sarif
from tests.evidence.projects import HELD, fault, gate_results, killing, proof_results, run_results
from tests.evidence.records import PROVENANCE, record
from tests.evidence.trace_documents import trace
from tests.fuzz.mutation import mutate_json, mutate_text
from tests.fuzz.targets import BrokenLawError, Target
from tests.policies.waivers import A, waiver
from tests.scanners.logs import REAL

ROOT = Path(__file__).parents[2]
_HARD = ROOT / "tests" / "hard"

_MORE = """
### Requirement: One That Is Added
It SHALL be read.

#### Scenario: It is read
- **WHEN** it stands at the end of a spec
- **THEN** it is read as any other
"""


_SURVIVED = [fault("survivor", HELD), fault("false alarm", HELD, form="harmless")]


def readers() -> dict[str, Target]:
    """Return the targets, by name."""
    return {
        "spec": Target(_spec, _files(shipped_specs(), "*/spec.md"), mutate_text),
        "waivers": _toml("policies/waivers.toml", _waivers, write([waiver()]).encode()),
        "scopes": _toml("policies/scopes.toml", lambda data: parse_scopes(data, "x")),
        "agreement": _toml("policies/agreement.toml", lambda data: parse_pairs(data, "x")),
        "equivalents": _toml("proof/equivalents.toml", lambda data: read_equivalents(_file(data))),
        "kills": _toml("proof/kills.toml", lambda data: read_kills(_file(data))),
        "reviewed": _toml("specs/reviewed.toml", _reviewed),
        "parameters": Target(_parameters, (*_files(_HARD, "*/*.parameters.json"), *_PARAMETERS), _mutate_either),
        "externals": Target(_externals, _files(_HARD, "*/*.externals.json"), _mutate_either),
        "sarif": _json(_sarif, *REAL.values()),
        "results": _json(_results, gate_results(), run_results()),
        "proof": _json(_proof, proof_results(), proof_results(killing(HELD, ("missing", 2, 1)), failures=_SURVIVED)),
        "trace": _json(lambda data: read_trace(_file(data)), trace()),
        "bundle": _json(_bundle, _members()),
    }


def _json(read: Callable[[bytes], object], *seeds: object) -> Target:
    return Target(_refusing(read), tuple(json.dumps(seed).encode() for seed in seeds), mutate_json)


def _toml(shipped: str, read: Callable[[bytes], object], *seeds: bytes) -> Target:
    """Return a target of which the shipped file, or the beginning of a long one, is a seed."""
    entries = (ROOT / shipped).read_bytes().split(b"\n\n[")
    return Target(_refusing(read), (b"\n\n[".join(entries[:4]), *seeds), mutate_text)


def _refusing(read: Callable[[bytes], object]) -> Callable[[bytes], None]:
    """Return what reads and takes the one error that is documented; its message is a line that can be shown."""

    def check(data: bytes) -> None:
        try:
            read(data)
        except InputError as error:
            _ensure(str(error).isprintable(), f"a message that cannot be shown: {str(error)!r}")

    return check


def _ensure(kept: object, law: str) -> None:
    if not kept:
        raise BrokenLawError(law)


def _files(folder: Path, pattern: str) -> tuple[bytes, ...]:
    return tuple(file.read_bytes() for file in sorted(folder.glob(pattern)))


def _file(data: bytes) -> Path:
    """Return a file that holds bytes: one for each process, in the folder in which the targets are driven."""
    file = Path(f"input-{os.getpid()}")
    file.write_bytes(data)
    return file


def _mutate_either(data: bytes, random: Random) -> bytes:
    return (mutate_json if random.randrange(3) else mutate_text)(data, random)


def _spec(data: bytes) -> None:
    """What stands at the end of a spec is read or refused: nothing before it can hide it."""
    text = data.decode(errors="replace")
    try:
        before = read_spec(text, "specs/x/spec.md")
    except SpecError as error:
        _ensure(error.problems and all(str(one).isprintable() for one in error.problems), "a refusal without a reason")
        return
    ids = [one.id for requirement in before.requirements for one in requirement.scenarios]
    _ensure(len(ids) == len(set(ids)) and all(r.scenarios for r in before.requirements), "ids twice, or no scenario")
    try:
        after = read_spec(text + _MORE, "specs/x/spec.md")
    except SpecError:
        return
    _ensure(len(after.requirements) == len(before.requirements) + 1, "a requirement at the end of a spec is not read")


def _waivers(data: bytes) -> None:
    """What is written of the waivers that were read is read as the same; all of them can be printed."""
    read = parse_waivers(data, "x")
    _ensure(parse_waivers(write(read).encode(), "x") == read, "waivers are not read as they are written")
    for one in read:
        _ensure(all(str(part).isprintable() for part in (one.name, one.owner, one.reason)), "a waiver to be escaped")
    add(read, waiver(rule="CKV_AWS_000", fingerprints=[A]))


def _reviewed(data: bytes) -> None:
    read = parse_reviewed(data, "x")
    _ensure(parse_reviewed(render(read).encode(), "x") == read, "reviews are not read as they are written")


_PARAMETERS = (
    b'{"Stage": "prod", "Count": 3}',
    b'[{"ParameterKey": "Stage", "ParameterValue": "prod", "UsePreviousValue": false}]',
    b'["Stage=prod", "Count=3"]',
    b'{"Parameters": {"Zones": ["a", "b"], "Stage": "prod"}, "Tags": {"a": "b"}}',
    b"# of the team\n- ParameterKey: Stage\n  ParameterValue: prod\n",
)


def _parameters(data: bytes) -> None:
    """Values are texts that CloudFormation takes."""
    try:
        values = read_parameters([str(_file(data))])
    except InputError as error:
        _ensure(str(error).isprintable(), f"a message that cannot be shown: {str(error)!r}")
        return
    for name, value in values.items():
        _ensure(name.isalnum() and name.isascii(), f"the name {name!r}")
        _ensure(len(value.encode()) <= MAX_VALUE_BYTES, f"a value of {len(value)} characters")


def _externals(data: bytes) -> None:
    try:
        told = parse_externals(data, "x")
    except InputError as error:
        _ensure(str(error).isprintable(), f"a message that cannot be shown: {str(error)!r}")
        return
    for values in (told.pseudo_parameters, told.exports, told.ssm_parameters):
        _ensure(all(isinstance(value, str) for value in values.values()), "a value that is no text")


def _sarif(data: bytes) -> None:
    """What is read can be held to templates, and told."""
    for scan in read_sarif(_file(data)):
        _ensure(scan.name and all(finding.rule for finding in scan.findings), "a finding of nobody, or of no rule")
        _ensure(all(why.isprintable() for why in shortcomings(scan, ["0" * 64])), "a message that cannot be shown")


def _results(data: bytes) -> None:
    """A file of results is believed or told as unreadable, and never both."""
    results = read_results([_file(data)])
    for error in results.unreadable:
        _ensure(str(error).isprintable(), f"a message that cannot be shown: {str(error)!r}")
    _ensure((results.gate or results.tests) is not None or results.unreadable, "results that are neither read nor not")
    _ensure(not (results.unreadable and (results.gate or results.tests)), "results that are read and not")


def _proof(data: bytes) -> None:
    """A proof that is believed counts no more as killed than was made, and one that holds has no survivor."""
    results = read_results([], _file(data))
    for error in results.unreadable:
        _ensure(str(error).isprintable(), f"a message that cannot be shown: {str(error)!r}")
    _ensure((results.proof is None) is bool(results.unreadable), "a proof that is neither read nor not")
    for mutants in results.proof.scenarios.values() if results.proof else ():
        _ensure(0 <= mutants.survivors <= mutants.made, "survivors that no mutants are")
        wrong = mutants.survivors or mutants.false_alarms or mutants.crashes
        _ensure(not (wrong and results.proof and results.proof.holds), "a proof that holds with a survivor")


def _members() -> dict[str, object]:
    """Return what a bundle holds, by the members' names: its manifest and its documents."""
    digest = "a" * 64
    stated = json.loads(statement(record(), [("manifest.json", digest)]))
    return {
        MANIFEST: {
            "schema": "urn:worthwatch:storage-compliance:bundle:1",
            "root": f"sha256:{digest}",
            "previous": None,
            "members": [{"path": "statement.json", "sha256": digest, "size": 2}],
        },
        "statement.json": stated,
        "provenance.json": provenance.document(PROVENANCE),
        ATTESTATION: {
            "payload": "e30=",
            "payloadType": "application/json",
            "signatures": [{"keyid": "a", "sig": "aa"}],
        },
        CONTEXTS: [
            {
                **dict.fromkeys(("account", "region", "constructs", "settings", "problems", "message", "failure")),
                "name": "defaults",
                "values": {"worthwatch:stage": "dev"},
                "refused": [],
                "template": f"sha256:{digest}",
            }
        ],
        f"templates/{digest}.json": {},
        VERDICTS: [gate_results()["verdicts"][0]],
    }


def _bundle(data: bytes) -> None:
    """Whatever its members hold, a bundle is read or refused, each part by itself."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    file = _archive(document) if isinstance(document, dict) else _file(data)
    with open_archive(file) as archive:
        for read in _PARTS:
            _refusing(partial(read, archive))(data)


_PARTS: Sequence[Callable[[Archive, bytes], object]] = (
    lambda archive, _: check_members(archive, read_manifest(archive)),
    lambda archive, _: list(read_contexts(archive)),
    lambda archive, _: list(read_verdicts(archive)),
    lambda archive, _: read_statement(archive.read("statement.json", MAX_BYTES), "x"),
    lambda archive, _: provenance.read(read_canonical(archive.read("provenance.json", MAX_BYTES), "x"), "x"),
    lambda archive, _: stated_signer(archive),
)


def _archive(document: Mapping[str, object]) -> Path:
    held = BytesIO()
    writer = Writer(held)
    for name, value in document.items():
        lines = value if name in (CONTEXTS, VERDICTS) and isinstance(value, list) else [value]
        end = b"\n" if name in (CONTEXTS, VERDICTS) else b""
        writer.add(name, b"".join(_canonical(line) + end for line in lines))
    writer.close()
    return _file(held.getvalue())


def _canonical(value: object) -> bytes:
    """Return the one form of a value, or what is near to it where there is none."""
    try:
        return canonical(value)
    except ValueError:
        return json.dumps(value).encode()
