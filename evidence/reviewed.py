"""specs/reviewed.toml: the texts of each scenario and its requirement, as last reviewed against its rule and tests."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evidence.model import Fingerprint
from policies.outline import read_outline
from policies.reading import InputError, printable, quoted, read_file
from policies.specs import Requirement, Scenario
from policies.toml_reading import read_toml

FILE = Path("specs", "reviewed.toml")

MAX_BYTES = 262_144
"""256 KiB: a thousand scenarios."""

_HEAD = (
    "# Each scenario's text, and its requirement's, as last reviewed against its rule and tests.\n"
    "# Written by `storage-compliance trace review`.\n"
)
_KEYS = ("requirement", "scenario")
_ITEM = re.compile(r"\A\s*[-*+]\s")
_DIGEST = re.compile("sha256:[0-9a-f]{64}")


def fingerprint(requirement: Requirement, scenario: Scenario) -> Fingerprint:
    """Return the digests of both texts, each with the name above it.

    How a text is wrapped and spaced does not count, nor which of `-`, `*` and `+` marks its items.
    """
    return Fingerprint(_digest(requirement), _digest(scenario))


def _digest(named: Requirement | Scenario) -> str:
    text = "\n".join([named.name, *_as_read(named.text)])
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _as_read(text: str) -> Iterator[str]:
    """Return the lines of a text such that it has the same ones however it is wrapped, spaced and itemised.

    Each item is a line, and so is what stands before, between and after code fences, whose lines are left alone.
    """
    (start, *_), _ = read_outline(text)
    joined: list[str] = []
    for line in start.body:
        if joined and (line.fenced or _ITEM.match(line.text)):
            yield " ".join(joined)
            joined = []
        if line.fenced:
            yield line.text
        else:
            joined += _ITEM.sub("- ", line.text).split()
    if joined:
        yield " ".join(joined)


def read_reviewed(file: Path) -> dict[str, Fingerprint]:
    """Return the fingerprints by scenario id; none where there is no such file.

    Raises `InputError` for unknown keys and wrong values, all of them at once.
    """
    if not file.exists() and not file.is_symlink():
        return {}
    return parse_reviewed(read_file(file, max_bytes=MAX_BYTES), printable(file.as_posix()))


def parse_reviewed(data: bytes, where: str) -> dict[str, Fingerprint]:
    """Return the fingerprints that the contents of such a file hold; see `read_reviewed`."""
    document: dict[str, Any] = read_toml(data, where)
    if problems := list(_problems(document)):
        raise InputError(where, "; ".join(problems))
    return {id_: Fingerprint(**table) for id_, table in document.items()}


def _problems(document: Mapping[str, object]) -> Iterator[str]:
    for id_, table in document.items():
        if not isinstance(table, dict):
            yield f"{quoted(id_)}: expected a table, named by the full id of a scenario in quotes"
            continue
        for key in table.keys() - set(_KEYS):
            yield f"{quoted(id_)}.{printable(key)}: unknown key; expected {' and '.join(_KEYS)}"
        for key in _KEYS:
            value = table.get(key)
            if not (isinstance(value, str) and _DIGEST.fullmatch(value)):
                found = "missing" if key not in table else "wrong"
                yield f"{quoted(id_)}.{key}: {found}; expected sha256: and 64 hexadecimal digits"


def render(reviewed: Mapping[str, Fingerprint]) -> str:
    """Return the file of these fingerprints, in their order."""
    tables = (
        f'\n[{json.dumps(id_)}]\nrequirement = "{digests.requirement}"\nscenario = "{digests.scenario}"\n'
        for id_, digests in reviewed.items()
    )
    return _HEAD + "".join(tables)
