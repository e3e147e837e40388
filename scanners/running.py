"""Runs a scanner over a folder's templates: a report tells of each that it was read, or why not; or there is none.

Nothing is obeyed but our settings.

Standard library only: it runs in the scanner's own environment.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scanners import canary
from scanners.offline import REFUSED
from scanners.parts import parts_of
from scanners.report_sarif import unread_at

SECONDS = 3600
"""How long a scanner may take. cfn-lint, the slowest, takes about half a second for each template."""

_TEMPLATE = re.compile(r"(?P<digest>[0-9a-f]{64})\.template\.json")
_NAMED = 3
_LINES = 8


class ScanError(Exception):
    """Why there is no report that can be relied on, and what to do, in one message."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a scanner that has ended without an error left: its SARIF results, standard error and folder of reports."""

    results: list[dict[str, Any]]
    errors: str
    reports: Path


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scanner made of its templates, by the names of their files.

    `read` are those that it proves to have read; `failed` are those that it failed on, in whole or in part, each with
    what it says of that: nothing that it has found in these is believed.
    """

    read: Set[str]
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scanner:
    """A scanner that is a Python program.

    - `name`, that of its command, of its SARIF driver (in any case) and of the file written: `<name>.sarif`.
    - `arguments`, the command's, given its folder of reports and the names of the templates in the current folder.
    - `sarif`, the file that it writes its SARIF to, within the folder of reports.
    - `read`, what it made of the templates; raises ScanError where it failed, and does not say on which.
    - `canary`, rules that it finds violated in the canary: what the canary asks it to ignore among them.
    - `environment`, the variables that it needs beside ours: it gets no others.
    - `check`, which raises ScanError for a template (by name and content) that would change what the scanner looks for.
    - `program`, the file of the program; None for the one of the scanner's name in its environment.
    """

    name: str
    arguments: Callable[[Path, Sequence[str]], list[str]]
    sarif: str
    read: Callable[[Ran], Reading]
    canary: Set[str]
    environment: dict[str, str] = field(default_factory=dict)
    check: Callable[[str, bytes], None] = lambda _name, _data: None
    program: Path | None = None


def main(scanner: Scanner, arguments: Sequence[str], programs: Path | None = None) -> int:
    """Scan the folder that is the only argument, or each of its parts, and return the exit code.

    It is 0 whatever was found, and 2 for a template that was not read, or no report. `programs` is the folder that the
    scanner's program is in, by its name, where it is not the scanner's own.
    """
    if len(arguments) != 1:
        return _fail(scanner, f"expected one argument, the folder with templates/ in it, but got {len(arguments)}")
    named = Path(programs or sysconfig.get_path("scripts"), scanner.name)
    program = named if programs else scanner.program or named
    try:
        return max([_scan(scanner, folder, program) for folder in parts_of(Path(arguments[0]))])
    except OSError as error:
        return _fail(scanner, str(error))


def _scan(scanner: Scanner, folder: Path, program: Path) -> int:
    try:
        read, failed = scan(scanner, folder, program)
    except (ScanError, OSError) as error:
        return _fail(scanner, str(error))
    except RecursionError:
        return _fail(scanner, "a document is nested too deeply to be read")
    report = f"see {folder / scanner.name}.sarif"
    sys.stdout.write(f"{scanner.name}: {read} templates read, and the canary; {report}\n")
    if failed:
        first = min(failed)
        return _fail(scanner, f"has not read {_some(failed)}; {report}; of the first it says: {failed[first]}")
    return 0


def _fail(scanner: Scanner, message: str) -> int:
    sys.stderr.write(f"{scanner.name}: {message}\n")
    return 2


def scan(scanner: Scanner, folder: Path, program: Path) -> tuple[int, Mapping[str, str]]:
    """Write `folder/<name>.sarif`; return how many templates it is about, without the canary, and those it failed on.

    The report tells of these that they were not read. Whatever happens, none of an earlier run is left. Raises
    ScanError, OSError.
    """
    output = folder / f"{scanner.name}.sarif"
    output.unlink(missing_ok=True)
    sizes, beside = _templates(scanner, folder / "templates")
    if not program.is_file():
        raise ScanError(f"is not installed at {program}; run it as `tox run -e {scanner.name}`")
    with tempfile.TemporaryDirectory(prefix="scanner-") as scratch:
        reports = Path(scratch, "reports")
        reports.mkdir()
        errors = _run(scanner, program, sorted(sizes), folder / "templates", Path(scratch))
        log, run = _report(scanner, reports / scanner.sarif)
        ran = Ran(run["results"], errors, reports)
        reading = scanner.read(ran)
    failed = reading.failed
    if strange := failed.keys() - sizes.keys():
        raise ScanError(f"failed on {_some(strange)}, which it was not given")
    if beside in failed or len(failed) == len(sizes) - 1:
        first = beside if beside in failed else min(failed)
        raise ScanError(f"failed on {first}: {failed[first]}")
    if unread := sizes.keys() - failed.keys() - reading.read:
        raise ScanError(f"there is no proof that it has read {_some(unread)}")
    sung = {str(result.get("ruleId")) for result in ran.results if file_of(result) == beside}
    if silent := scanner.canary - sung:
        raise ScanError(f"did not find in the canary what is wrong with it: {_some(silent)}; its rules were not all on")
    found = [result for result in run["results"] if file_of(result) not in failed]
    run["results"] = sorted(found, key=lambda result: (file_of(result), json.dumps(result, sort_keys=True)))
    run["artifacts"] = [
        {"location": {"uri": name}, "length": size, "roles": ["analysisTarget"]}
        for name, size in sorted(sizes.items())
        if name not in failed
    ]
    run["invocations"] = [_invocation(failed)]
    _write(output, json.dumps(log, indent=1))
    return len(sizes) - 1 - len(failed), failed


def _invocation(failed: Mapping[str, str]) -> dict[str, Any]:
    """Return a run that came to its end, and what it says of templates that were not read, if there are any."""
    told = [unread_at(name, reason) for name, reason in sorted(failed.items())]
    return {"executionSuccessful": True, "exitCode": 0} | ({"toolExecutionNotifications": told} if told else {})


def _templates(scanner: Scanner, folder: Path) -> tuple[dict[str, int], str]:
    """Return the size of each template by its file's name, and the name of the canary's file, which is among them.

    Another file might be a configuration that switches rules off.
    """
    if not folder.is_dir():
        raise ScanError(f"{folder} is no folder; `storage-compliance synth` writes it")
    files = {file.name: file for file in sorted(folder.iterdir())}
    digests = [template["digest"] for template in map(_TEMPLATE.fullmatch, files) if template]
    beside = f"{canary.canary(digests)}.template.json"
    sizes = {}
    for name, file in files.items():
        template = _TEMPLATE.fullmatch(name)
        if name != beside and canary.is_canary(name.partition(".")[0]):
            raise ScanError(f"{file} is the canary of other templates than those beside it; synthesise again")
        if file.is_symlink() or not file.is_file() or not (template or name == beside):
            raise ScanError(f"{file} is no template: expected <sha256>.template.json and {beside} alone")
        data = file.read_bytes()
        if template and hashlib.sha256(data).hexdigest() != template["digest"]:
            raise ScanError(f"{file} is not what its name says: its SHA-256 is another; synthesise again")
        if not template and data != canary.CANARY:
            raise ScanError(f"{file} is not this version's canary; synthesise again")
        scanner.check(name, data)
        sizes[name] = len(data)
    if beside not in sizes:
        raise ScanError(f"{folder / beside} is missing; `storage-compliance synth` writes it")
    if not digests:
        raise ScanError(f"{folder} holds no template but the canary: there is nothing to scan")
    return sizes, beside


def _run(scanner: Scanner, program: Path, names: Sequence[str], templates: Path, scratch: Path) -> str:
    """Run the scanner, and return what it wrote to standard error.

    Its environment, home and folder are ours: no variable, configuration or cache of the user's changes what it does.
    """
    home = scratch / "home"
    home.mkdir()
    # Reproducible: a scanner that writes a set writes it in one order. SYSTEMROOT is what Windows cannot do without.
    inherited = {key: os.environ[key] for key in ("SYSTEMROOT",) if key in os.environ}
    environment = inherited | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(home),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        **scanner.environment,
    }
    offline = Path(__file__).with_name("offline.py")
    arguments = scanner.arguments(scratch / "reports", names)
    command = [sys.executable, "-P", "-s", str(offline), str(program.resolve()), *arguments]
    errors = scratch / "stderr"
    # Files, not pipes: a process that the scanner leaves behind cannot keep us waiting.
    with (scratch / "stdout").open("wb") as stdout, errors.open("wb") as stderr:
        try:
            ended = subprocess.run(  # noqa: S603 (the scanner of this environment, and no shell)
                command,
                cwd=templates,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ScanError(f"was not done after {SECONDS} seconds") from None
    said = errors.read_text("utf-8", "replace")
    if ended.returncode < 0:
        raise ScanError(f"was killed by signal {-ended.returncode}{_last(said)}")
    if ended.returncode > 0:
        raise ScanError(f"ended with exit code {ended.returncode}{_last(said)}")
    if REFUSED in said:
        raise ScanError(f"used the network{_last(said)}")
    return said


def _report(scanner: Scanner, file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the SARIF log and its only run."""
    try:
        log = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise ScanError("ended without a word: it wrote no SARIF") from None
    except ValueError as error:
        raise ScanError(f"wrote something that is no JSON as its SARIF: {error}") from None
    match log:
        case {
            "version": "2.1.0",
            "runs": [{"tool": {"driver": {"name": str(name)}}, "results": [*results]} as run],
        } if name.casefold() == scanner.name and all(isinstance(result, dict) for result in results):
            return log, run
    raise ScanError(f"wrote no SARIF 2.1.0 with one run of {scanner.name}, and its results")


def file_of(result: dict[str, Any]) -> str:
    """Return the URI of the file that a SARIF result is about, or an empty text."""
    match result:
        case {"locations": [{"physicalLocation": {"artifactLocation": {"uri": str(uri)}}}, *_]}:
            return uri
    return ""


def _write(file: Path, text: str) -> None:
    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.write_text(text, "utf-8")
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _some(names: Iterable[str]) -> str:
    named = sorted(names)
    more = len(named) - _NAMED
    return ", ".join(named[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _last(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return "\n  ".join(["; the last that it said:", *lines[-_LINES:]]) if lines else "; it said nothing"
