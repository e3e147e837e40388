"""What a run judged by, as digests: the specs, the rules, the stack and the tests.

Results that name them can be told from those of others. A checkout and the packages installed from it have the same.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import policies
import stack
from policies.catalogue import shipped_specs
from policies.reading import InputError, printable
from stack.cdk_json import cdk_json

_NO_SOURCES = {"__pycache__", "node_modules"}


def basis(specs: Path | None = None) -> dict[str, str]:
    """Return the digests of the `specs`, those that are shipped unless others are given, the `rules` and the `stack`.

    The rules are the sources of `policies`, the stack those of `stack` with cdk.json. A digest, `sha256:` and
    hexadecimal, is over the paths and bytes of the files, so that a comment counts as much as a rule. Raises
    `policies.reading.InputError` for a file that cannot be read.
    """
    return {
        "specs": _digest(_below(specs or shipped_specs(), "spec.md")),
        "rules": _digest_of_rules(Path(policies.__path__[0])),
        "stack": _digest_of_stack(Path(stack.__path__[0]), cdk_json()),
    }


def differing(checkout: Path) -> Iterator[tuple[str, str]]:
    """Return the folders of a checkout whose packages, as they run here, are others, and how to say so.

    Raises `policies.reading.InputError` for a file that cannot be read.
    """
    present = basis()
    rules, of_stack = checkout / policies.__name__, checkout / stack.__name__
    if rules.is_dir() and _digest_of_rules(rules) != present["rules"]:
        yield policies.__name__, "the rules that are installed are not those of"
    if of_stack.is_dir() and _digest_of_stack(of_stack, checkout / "cdk.json") != present["stack"]:
        yield stack.__name__, "the stack that is installed is not that of"


def _digest_of_rules(package: Path) -> str:
    files = _below(package, "*.py", "*.json")
    return _digest({path: file for path, file in files.items() if shipped_specs() not in file.parents})


def _digest_of_stack(package: Path, settings: Path) -> str:
    return _digest(_below(package, "*.py") | {"cdk.json": settings})


def digest_of_tests(folder: Path) -> str:
    """Return the digest of all files below a folder, as `basis` returns those of others, and raises."""
    return _digest(_below(folder, "*"))


def digest_of(contents: Mapping[str, bytes]) -> str:
    """Return one digest of files that are at hand, by their paths.

    Each file adds its path, the number of its bytes, both ended by a NUL, and its bytes: no two trees run together.
    """
    total = hashlib.sha256()
    for path, data in sorted(contents.items()):
        total.update(b"%s\0%d\0%s" % (os.fsencode(path), len(data), data))
    return f"sha256:{total.hexdigest()}"


def _below(folder: Path, *patterns: str) -> dict[str, Path]:
    """Return the files below a folder, by their paths there; what begins with a dot does not count."""
    files: dict[str, Path] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NO_SOURCES]
        for name in names:
            file = Path(place, name)
            if not name.startswith(".") and any(fnmatch.fnmatchcase(name, one) for one in patterns) and file.is_file():
                files[file.relative_to(folder).as_posix()] = file
    return files


def _digest(files: Mapping[str, Path]) -> str:
    return digest_of({path: _read(file) for path, file in files.items()})


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(printable(file.as_posix()), f"cannot be read: {error.strerror}") from None
