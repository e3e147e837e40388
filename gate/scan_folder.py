"""The folder in which scanners find the templates of a matrix, and leave what they found, as SARIF.

It holds `templates/<SHA-256>.template.json`, the canary of these (`scanners.canary.canary`) beside them, and `*.sarif`,
and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from policies.reading import InputError, printable
from scanners.canary import CANARY, PREFIX, canary

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
        earlier = list(_earlier(folder))
        for file in earlier:
            file.unlink()
        (folder / _TEMPLATES).mkdir(exist_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        raise _unwritable(folder, error) from None
    return folder


def _earlier(folder: Path) -> Iterator[Path]:
    """Yield the files of an earlier run, the SARIF first: without it, what is left is no whole run."""
    entries = sorted(folder.iterdir(), key=lambda entry: (entry.suffix != ".sarif", entry.name))
    for entry in entries:
        if entry.name == _TEMPLATES and entry.is_dir() and not entry.is_symlink():
            yield from (_own(file, _TEMPLATE.fullmatch(file.name) is not None) for file in sorted(entry.iterdir()))
        else:
            yield _own(entry, entry.suffix == ".sarif")


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
        for stem, template in {**templates, canary(templates): CANARY}.items():
            (folder / _TEMPLATES / f"{stem}.template.json").write_bytes(template)
        for tool, log in logs.items():
            (folder / f"{tool}.sarif").write_text(f"{log}\n", encoding="utf-8")
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(folder: Path, error: Exception) -> InputError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError(printable(folder.as_posix()), f"cannot be written: {reason}")
