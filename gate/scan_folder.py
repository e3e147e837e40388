"""The folder in which scanners find the templates of a matrix, and leave what they found, as SARIF.

It holds `templates/<SHA-256>.template.json`, the canary of these (`scanners.canary.canary`) beside them, and `*.sarif`,
and nothing else; or parts of which each does (`scanners.parts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from policies.reading import InputError, printable
from scanners.canary import CANARY, PREFIX, canary
from scanners.parts import is_part, part

_TEMPLATES = "templates"
_TEMPLATE = re.compile(rf"(?:{PREFIX})?[0-9a-f]{{64}}\.template\.json")


def prepared(name: str, option: str = "--output") -> Path:
    """Return the folder that an option names, made where there is none, emptied of what an earlier run left.

    A template of that would be scanned once more, and its SARIF be taken for this run's. Raises
    `policies.reading.InputError`, and removes nothing, where the folder holds anything else, or cannot be written.
    """
    if not name:
        raise InputError(option, "the name is empty; name a folder, or . for this one")
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for entry in list(_earlier(folder)):
            entry.rmdir() if entry.is_dir() else entry.unlink()
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        raise _unwritable(folder, error) from None
    return folder


def _earlier(folder: Path) -> Iterator[Path]:
    """Yield what an earlier run left, the SARIF first: without it, what is left is no whole run; folders come last."""
    entries = sorted(folder.iterdir(), key=lambda entry: (entry.suffix != ".sarif", entry.name))
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink() and entry.name == _TEMPLATES:
            yield from (_own(file, _TEMPLATE.fullmatch(file.name) is not None) for file in sorted(entry.iterdir()))
            yield entry
        elif entry.is_dir() and not entry.is_symlink() and is_part(entry.name):
            yield from _earlier(entry)
            yield entry
        else:
            yield _own(entry, entry.suffix == ".sarif" and (folder / _TEMPLATES).is_dir())


def _own(file: Path, named: bool) -> Path:
    if not named or file.is_symlink() or not file.is_file():
        mend = "name a folder that is empty, or one that storage-compliance synth wrote"
        raise InputError(printable(file.as_posix()), f"not of an earlier run, so nothing is removed; {mend}")
    return file


def fill(folder: Path, templates: Mapping[str, bytes], logs: Mapping[str, str]) -> None:
    """Write templates, by digest, their canary, and last the logs, by tool: a run that was cut short has no log.

    Raises `policies.reading.InputError` where something cannot be written.
    """
    try:
        (folder / _TEMPLATES).mkdir(exist_ok=True)
        for stem, template in {**templates, canary(templates): CANARY}.items():
            (folder / _TEMPLATES / f"{stem}.template.json").write_bytes(template)
        for tool, log in logs.items():
            (folder / f"{tool}.sarif").write_text(f"{log}\n", encoding="utf-8")
    except OSError as error:
        raise _unwritable(folder, error) from None


def fill_parts(folder: Path, parts: Iterable[Mapping[str, bytes]]) -> Iterator[Path]:
    """Write templates, by digest, in parts, and give the folder of each; see `fill`."""
    for number, templates in enumerate(parts, 1):
        at = part(folder, number)
        try:
            at.mkdir()
        except OSError as error:
            raise _unwritable(folder, error) from None
        fill(at, templates, {})
        yield at


def _unwritable(folder: Path, error: Exception) -> InputError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(printable(folder.as_posix()), f"cannot be written: {reason}")
