"""The lock of an environment, as `uv pip compile --universal --generate-hashes` writes it, read strictly.

It is split into lines as pip splits it, so that both see the same requirements. Whatever would install anything but
hashed releases of one version each is refused, with its line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from policies.reading import InputError, printable, quoted, read_file

DISTRIBUTION = "worthwatch-storage-compliance"
"""The name of this project's own distribution, for which the environment is locked."""

MAX_BYTES = 1_048_576
"""1 MiB: a thousand requirements."""

_MAX_LENGTH = 1_000
"""The most characters of a requirement with its marker."""

_MAX_PARENTHESES = 50
"""The most that a marker opens: `packaging` reads what they enclose by recursion."""

_REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([^ ;=]+)(?: ?; ?(.+))?")
_HASH = re.compile("sha256:([0-9a-f]{64})")
_REQUIRING = re.compile(r"# (?:via|via |  )([A-Za-z0-9._-]*)(?: \(.*\))?")
_OPTION = re.compile("# (?:via |  )-.*")


@dataclass(frozen=True, slots=True)
class Release:
    """A locked release: its name in normal form, its version, and the SHA-256 of each of its files, in hexadecimal.

    `line` is where the lock has it, `marker` says where it is needed, None if everywhere, and `needed` whether it is
    here. `required_by` are the names of those that require it, this project's among them.
    """

    line: int
    name: str
    version: str
    marker: str | None
    needed: bool
    hashes: tuple[str, ...]
    required_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock: the SHA-256 of its bytes, in hexadecimal, and its releases in the order of their names."""

    digest: str
    releases: tuple[Release, ...]


def read_lock(file: Path) -> Lock:
    """Return what a file locks.

    Raises `InputError` for anything but hashed releases of one version, each there once, and required by another or by
    this project.
    """
    where = printable(file.as_posix())
    data = read_file(file, max_bytes=MAX_BYTES)
    releases: dict[str, Release] = {}
    for number, requirement, comments in _entries(_text(data, where), where):
        release = _release(number, requirement, comments, f"{where}:{number}")
        if release.name == DISTRIBUTION:
            raise _refused(f"{where}:{number}", f"{quoted(release.name)} is what the lock is for, and no part of it")
        if (before := releases.setdefault(release.name, release)) is not release:
            raise _refused(f"{where}:{number}", f"{quoted(release.name)} again, as in line {before.line}")
    if not releases:
        raise _refused(where, "locks nothing")
    for release in releases.values():
        for name in sorted(release.required_by - releases.keys() - {DISTRIBUTION}):
            raise _refused(f"{where}:{release.line}", f"required by {quoted(name)}, which is not locked")
    return Lock(hashlib.sha256(data).hexdigest(), tuple(releases[name] for name in sorted(releases)))


def _refused(where: str, problem: str) -> InputError:
    return InputError(where, f"{problem}; make the lock again, as CONTRIBUTING.md says")


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(f"{where}:{line}", f"the byte 0x{data[error.start]:02x} is not ASCII") from None


def _entries(text: str, where: str) -> Iterator[tuple[int, str, list[str]]]:
    """Return the requirements: the line each begins in, its words with a space between, and the comments below it."""
    words: list[str] = []
    comments: list[str] = []
    start = 0
    complete = True
    for number, line in enumerate([*text.splitlines(), ""], 1):
        comment = line.lstrip().startswith("#")
        if not complete and (comment or not line.strip()):
            raise _refused(f"{where}:{start}", "the requirement breaks off")
        if comment:
            comments.append(line.strip())
        elif line.strip():
            if complete:
                if words:
                    yield start, " ".join(words), comments
                start, words, comments = number, [], []
            words += line.removesuffix("\\").split()
            complete = not line.endswith("\\")
    if words:
        yield start, " ".join(words), comments


def _release(line: int, requirement: str, comments: list[str], place: str) -> Release:
    head, *hashes = requirement.split(" --hash=")
    found = _REQUIREMENT.fullmatch(head) if len(head) <= _MAX_LENGTH else None
    if found is None or not _is_version(found[2]):
        # What it holds instead is not repeated: options and addresses may hold passwords.
        expected = f"expected name==version and, where it has one, its marker, in {_MAX_LENGTH:,} characters or fewer"
        raise _refused(place, f"an option, an address, or no requirement of one version; {expected}")
    name, version, marker = found.groups()
    if not hashes or not all(map(_HASH.fullmatch, hashes)):
        raise _refused(
            place, f"{quoted(name)}: expected one or more --hash=sha256:<64 hexadecimal digits>, and no more"
        )
    required_by = {canonicalize_name(by) for comment in comments if (by := _requiring(comment, place))}
    if not required_by:
        raise _refused(place, f"{quoted(name)}: no comment `# via` below it says what requires it")
    digests = tuple(sorted({one.removeprefix("sha256:") for one in hashes}))
    needed = marker is None or _holds(marker, place)
    return Release(line, canonicalize_name(name), version, marker, needed, digests, frozenset(required_by))


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _holds(marker: str, place: str) -> bool:
    if marker.count("(") > _MAX_PARENTHESES:
        raise _refused(place, f"{quoted(marker)} has more than {_MAX_PARENTHESES} parentheses, the limit")
    try:
        return Marker(marker).evaluate()
    except ValueError:
        raise _refused(place, f"{quoted(marker)} is no marker") from None


def _requiring(comment: str, place: str) -> str | None:
    """Return what a comment names as requiring the release; a file that it names requires nothing."""
    if _OPTION.fullmatch(comment):
        return None
    found = _REQUIRING.fullmatch(comment)
    if found is None:
        raise _refused(place, f"{quoted(comment)} below it; expected `# via` and the names of what requires it")
    return found[1]
