"""What a run judged by, as digests: the specs, the rules, the stack, the tests, and the suite that ran them.

Results that name them can be told from those of others. A checkout and the packages installed from it have the same.
"""

from __future__ import annotations

import fnmatch
import hashlib
import importlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from policies.catalogue import shipped_specs
from policies.reading import InputError, printable
from stack.cdk_json import cdk_json

SUITE = ("gate", "evidence", "scanners", "proof")
"""The packages that lead the judging, write the evidence, read what other scanners found, and prove the rules."""

_CODE_AND_DATA = ("*.py", "*.json", "*.toml", "*.html", "*.css", "*.js")

_COUNTED = {
    "specs": ("spec.md",),
    "policies": ("*.py", "*.json", "*.toml"),
    "stack": ("*.py",),
    **dict.fromkeys(SUITE, _CODE_AND_DATA),
}
"""The names of the files that count, by the folder of a checkout that they are below."""

_SETTINGS = "cdk.json"

_NO_SOURCES = {"__pycache__", "node_modules"}


def basis(specs: Path | None = None) -> dict[str, str]:
    """Return the digests of the `specs`, those that are shipped unless others are given, the `rules` and the `stack`.

    The rules are the sources of `policies`, the stack those of `stack` with cdk.json. A digest, `sha256:` and
    hexadecimal, is over the paths and bytes of the files, so that a comment counts as much as a rule. Raises
    `policies.reading.InputError` for a file that cannot be read.
    """
    return {
        "specs": _digest(_below(specs or shipped_specs(), *_COUNTED["specs"])),
        "rules": _digest(_of_rules(_running("policies"))),
        "stack": _digest(_of_stack(_running("stack"), cdk_json())),
    }


def suite() -> str:
    """Return the digest of the packages that judge and write evidence here, as `basis` returns others, and raises."""
    return digest_of({path: data for path, data in sources().items() if path.partition("/")[0] in SUITE})


def sources() -> dict[str, bytes]:
    """Return what `basis` and `suite` are the digests of: the files that run here, by their paths in a checkout.

    Raises `policies.reading.InputError` for a file that cannot be read.
    """
    folders = {
        "specs": _below(shipped_specs(), *_COUNTED["specs"]),
        "policies": _of_rules(_running("policies")),
        "stack": _below(_running("stack"), *_COUNTED["stack"]),
        **{package: _of_suite(_running(package)) for package in SUITE},
    }
    files = {f"{folder}/{path}": file for folder, found in folders.items() for path, file in found.items()}
    return {path: _read(file) for path, file in (files | {_SETTINGS: cdk_json()}).items()}


def counts(path: str) -> bool:
    """Tell whether a file, by its path in a checkout, is one of those that `sources` returns."""
    *folders, name = path.split("/")
    if not folders:
        return name == _SETTINGS
    return all(map(_holds_sources, folders)) and _is_source(name, _COUNTED.get(folders[0], ()))


def differing(checkout: Path) -> Iterator[tuple[str, str]]:
    """Return the folders of a checkout whose packages, as they run here, are others, and how to say so.

    Raises `policies.reading.InputError` for a file that cannot be read.
    """
    present = basis()
    rules, of_stack = checkout / "policies", checkout / "stack"
    if rules.is_dir() and _digest(_of_rules(rules)) != present["rules"]:
        yield "policies", "the rules that are installed are not those of"
    if of_stack.is_dir() and _digest(_of_stack(of_stack, checkout / _SETTINGS)) != present["stack"]:
        yield "stack", "the stack that is installed is not that of"


def differing_suite(checkout: Path) -> Iterator[tuple[str, str]]:
    """Return those of them that belong to the suite, as `differing` returns others, and raises."""
    for package in SUITE:
        there = checkout / package
        if there.is_dir() and _digest(_of_suite(there)) != _digest(_of_suite(_running(package))):
            yield package, "the suite that is installed is not that of"


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


def _running(package: str) -> Path:
    # By its name, since `evidence` may not import `gate`.
    return Path(importlib.import_module(package).__path__[0])


def _of_rules(package: Path) -> dict[str, Path]:
    files = _below(package, *_COUNTED["policies"])
    return {path: file for path, file in files.items() if shipped_specs() not in file.parents}


def _of_stack(package: Path, settings: Path) -> dict[str, Path]:
    return _below(package, *_COUNTED["stack"]) | {_SETTINGS: settings}


def _of_suite(package: Path) -> dict[str, Path]:
    return _below(package, *_CODE_AND_DATA)


def _below(folder: Path, *patterns: str) -> dict[str, Path]:
    """Return the files below a folder, by their paths there; what begins with a dot does not count."""
    files: dict[str, Path] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = filter(_holds_sources, folders)
        for name in names:
            file = Path(place, name)
            if _is_source(name, patterns) and file.is_file():
                files[file.relative_to(folder).as_posix()] = file
    return files


def _holds_sources(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _NO_SOURCES


def _is_source(name: str, patterns: Sequence[str]) -> bool:
    return not name.startswith(".") and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _digest(files: Mapping[str, Path]) -> str:
    return digest_of({path: _read(file) for path, file in files.items()})


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(printable(file.as_posix()), f"cannot be read: {error.strerror}") from None
