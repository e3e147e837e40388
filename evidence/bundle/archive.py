"""The bundle's container: a zip of which every byte follows from its members' names and contents.

Members are stored as they are; there are no times, comments, flags, links or folders. A file is read only if it is what
the writer would have written: every zip program reads it, and nothing can hide in it.

Source: PKWARE's APPNOTE.TXT (https://support.pkware.com/pkzip/appnote), sections 4.3.7 (local file header), 4.3.12
(central directory), 4.3.16 (end of central directory record) and 4.4 (their fields).
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

from evidence.sequences import Made
from policies.reading import InputError, printable, quoted

MAX_BYTES = 2**30
"""The most bytes of a bundle."""

MAX_MEMBERS = 60_000
"""The most members; more than 65,534, or 4 GiB, would take another form of zip, zip64."""

MAX_NAME = 200
"""The most characters of a member's name."""

_NAME = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)
_NAMES = (
    f"expected a relative path of at most {MAX_NAME} ASCII letters, digits, '_', '-', '.' and '/', "
    "each part of which begins with a letter, a digit or '_'"
)
_CHUNK = 2**16

_LOCAL = struct.Struct("<4s5H3L2H")
_DIRECTORY = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_WRITTEN = struct.Struct("<32s3L")  # of a member that was written: its SHA-256, CRC-32, size, and where it begins


class _Header(NamedTuple):
    """A member in the central directory, its name aside; the fields that `of` does not set are the same for all."""

    signature: bytes = b"PK\x01\x02"
    made_by: int = 3 << 8 | 20  # Unix, by whose rules the attributes are read, and version 2.0 of the format
    version: int = 20
    flags: int = 0
    method: int = 0
    time: int = 0
    date: int = 1 << 5 | 1  # 1980-01-01, the first that the format has
    crc: int = 0
    stored: int = 0
    size: int = 0
    name_length: int = 0
    extra_length: int = 0
    comment_length: int = 0
    disk: int = 0
    kind: int = 0
    attributes: int = (stat.S_IFREG | 0o644) << 16
    offset: int = 0

    @classmethod
    def of(cls, name: bytes, crc: int, size: int, offset: int) -> _Header:
        return cls(crc=crc, stored=size, size=size, name_length=len(name), offset=offset)

    def local(self, name: bytes) -> bytes:
        """Return what stands before the member's contents."""
        fields = self.version, self.flags, self.method, self.time, self.date, self.crc, self.stored, self.size
        return _LOCAL.pack(b"PK\x03\x04", *fields, self.name_length, self.extra_length) + name


_WRONG = {
    "signature": "is listed with another signature than a zip's directory has",
    "flags": "is encrypted, written as a stream, or has other flags; a bundle's members have none",
    "method": "is compressed; a bundle's members are stored as they are",
    "stored": "takes another number of bytes in the file than it has",
    "extra_length": "has an extra field, as of zip64; a bundle's members have none",
    "comment_length": "has a comment; a bundle's members have none",
    "disk": "is in another file of several; a bundle is one file",
    "attributes": "is a link, a folder, or has other permissions than 644; a bundle's members are plain files",
    "kind": "is marked as text; a bundle's members have no such mark",
    "date": "has a date; a bundle's members have the first that a zip can say, 1980-01-01",
    "time": "has a time; a bundle's members have midnight",
    "version": "needs another version of zip, as zip64 does; a bundle says 2.0",
    "made_by": "was written by another system or version of zip; a bundle says Unix and 2.0",
    "name_length": "has a name that is cut off",
    "offset": "does not begin where the one before it ends",
}
"""What is wrong with a member, by the field that is not as the writer would have it; the telling ones first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A member as the manifest states it: its digest in lower-case hexadecimal, its size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the archive has it: its size and CRC-32, and where in the file its contents begin."""

    size: int
    crc: int
    offset: int


class Writer:
    """Writes members to a new file, one after another; `close` makes an archive of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._position = 0
        self._directory_size = 0
        self._written: dict[str, bytes] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._written

    @property
    def entries(self) -> Sequence[Entry]:
        """What a manifest states of the members that were written so far, in their order."""
        paths = tuple(self._written)
        return Made(len(paths), lambda number: self._entry(paths[number]))

    def add(self, path: str, source: bytes | Iterable[bytes]) -> Entry:
        """Write a member, from bytes or from parts of them, one by one.

        Raises `policies.reading.InputError` for a name that no member can have or one has, and where the archive would
        be larger than `MAX_BYTES` or have more than `MAX_MEMBERS`.
        """
        if problem := _name_problem(path) or self._number_problem(path):
            raise InputError(printable(path), problem)
        name, start = path.encode("ascii"), self._position
        contents = start + _LOCAL.size + len(name)
        crc, size, digest = 0, 0, hashlib.sha256()
        self._file.seek(contents)
        for chunk in (source,) if isinstance(source, bytes) else source:
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            digest.update(chunk)
            self._file.write(chunk)
        directory_size = self._directory_size + _DIRECTORY.size + len(name)
        if contents + size + directory_size + _END.size > MAX_BYTES:
            raise InputError(path, f"with it the bundle has more than {MAX_BYTES:,} bytes, the limit")
        self._file.seek(start)
        self._file.write(_Header.of(name, crc, size, start).local(name))
        self._written[path] = _WRITTEN.pack(digest.digest(), crc, size, start)
        self._position, self._directory_size = contents + size, directory_size
        return self._entry(path)

    def close(self) -> None:
        """Write the directory that ends an archive; the file stays open."""
        self._file.seek(self._position)
        for path, row in self._written.items():
            name, (_, *rest) = path.encode("ascii"), _WRITTEN.unpack(row)
            self._file.write(_DIRECTORY.pack(*_Header.of(name, *rest)) + name)
        self._file.write(_end(len(self._written), self._directory_size, self._position))

    def _entry(self, path: str) -> Entry:
        digest, _, size, _ = _WRITTEN.unpack(self._written[path])
        return Entry(path, digest.hex(), size)

    def _number_problem(self, path: str) -> str | None:
        if path in self:
            return "a second member of this name"
        return f"one member more than {MAX_MEMBERS:,}, the limit" if len(self._written) >= MAX_MEMBERS else None


class Archive:
    """An archive, open for reading; `members` are by their names, in their order.

    Every method raises `policies.reading.InputError` for a member that there is not, for contents that are not those of
    their checksum, and where the file can no longer be read.
    """

    def __init__(self, descriptor: int, where: str) -> None:
        self._descriptor = descriptor
        self.where = where
        self.members: Mapping[str, Member] = MappingProxyType(self._read_members(*self._read_directory()))

    def place(self, path: str) -> str:
        """Return how messages name a member."""
        return f"{self.where}: {path}"

    def read(self, path: str, max_bytes: int) -> bytes:
        """Return the contents of a member; raise InputError, too, where they are more than `max_bytes`."""
        if (size := self._member(path).size) > max_bytes:
            raise InputError(self.place(path), f"has {size:,} bytes; the limit for it is {max_bytes:,}")
        return b"".join(self.chunks(path))

    def chunks(self, path: str) -> Iterator[bytes]:
        """Return the contents of a member in chunks; they are known to be those of the checksum after the last."""
        member = self._member(path)
        crc = 0
        for start in range(0, member.size, _CHUNK):
            chunk = self._at(member.offset + start, min(_CHUNK, member.size - start))
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if crc != member.crc:
            raise InputError(self.place(path), "its contents are not those of its checksum; they have been changed")

    def _member(self, path: str) -> Member:
        if path not in self.members:
            raise InputError(self.where, f"has no member {quoted(path)}")
        return self.members[path]

    def _at(self, offset: int, length: int) -> bytes:
        try:
            data = os.pread(self._descriptor, length, offset)
        except OSError as error:
            raise InputError(self.where, f"cannot be read: {error.strerror}") from None
        if len(data) != length:
            raise InputError(self.where, "became shorter while it was read")
        return data

    def _read_directory(self) -> tuple[int, bytes, int]:
        """Return how many members there are, what the directory says of them, and where it begins."""
        length = os.fstat(self._descriptor).st_size
        if length > MAX_BYTES:
            raise InputError(self.where, f"larger than {MAX_BYTES:,} bytes, the limit for a bundle")
        end = self._at(length - _END.size, _END.size) if length >= _END.size else bytes(_END.size)
        count, size, start = _END.unpack(end)[4:7]
        if end != _end(count, size, start):
            raise InputError(self.where, "does not end as a bundle does; it was cut off or added to, or is none")
        if start + size + _END.size != length:
            problem = "has other bytes than its members and their directory; it was cut off or added to, or is none"
            raise InputError(self.where, problem)
        if count > MAX_MEMBERS:
            raise InputError(self.where, f"has {count:,} members; the limit is {MAX_MEMBERS:,}")
        if size > count * (_DIRECTORY.size + MAX_NAME):
            raise InputError(self.where, f"its directory is larger than one of {count:,} members can be")
        return count, self._at(start, size), start

    def _read_members(self, count: int, directory: bytes, end: int) -> dict[str, Member]:
        """Return the members; all that is not their contents is as the writer would have it."""
        members: dict[str, Member] = {}
        position = 0
        for header, name in self._listed(count, directory):
            path = name.decode("ascii", "backslashreplace")
            contents = position + _LOCAL.size + len(name)
            problem = _name_problem(path) or _header_problem(header, name, position)
            if path in members:
                problem = "stands in it twice"
            elif problem is None and contents + header.size > end:
                problem = "reaches beyond the end of the members"
            elif problem is None and self._at(position, contents - position) != header.local(name):
                problem = "has another header before its contents than the directory has"
            if problem:
                raise InputError(self.where, f"the member {quoted(path)} {problem}")
            members[path] = Member(header.size, header.crc, contents)
            position = contents + header.size
        if position != end:
            raise InputError(self.where, "has other bytes between its members and their directory")
        return members

    def _listed(self, count: int, directory: bytes) -> Iterator[tuple[_Header, bytes]]:
        """Return what a directory says of its members, with their names; it holds nothing else."""
        place = 0
        for _ in range(count):
            name_place = place + _DIRECTORY.size
            if name_place > len(directory):
                raise InputError(self.where, f"its directory lists fewer than the {count:,} members that it says")
            header = _Header._make(_DIRECTORY.unpack_from(directory, place))
            place = name_place + header.name_length
            yield header, directory[name_place:place]
        if place != len(directory):
            raise InputError(self.where, f"its directory lists more than the {count:,} members that it says")


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open an archive for reading; all but the contents of its members is checked before any is read.

    Raises `policies.reading.InputError` for a file that is not, byte for byte, what `Writer` would have written for
    members of these names and sizes, and for a path at which no file can be read. Nothing is waited for, and what a
    file claims of itself costs neither time nor memory.
    """
    where = printable(path.as_posix())
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        raise InputError(where, "no such file; check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(where, f"cannot be read: {reason}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
            raise InputError(where, f"{kind}; expected a bundle, which is a file")
        yield Archive(descriptor, where)
    finally:
        os.close(descriptor)


def _name_problem(path: str) -> str | None:
    return None if len(path) <= MAX_NAME and _NAME.fullmatch(path) else f"has a name that no member can have; {_NAMES}"


def _header_problem(header: _Header, name: bytes, position: int) -> str | None:
    expected = _Header.of(name, header.crc, header.size, position)
    if header == expected:
        return None
    return next(words for field, words in _WRONG.items() if getattr(header, field) != getattr(expected, field))


def _end(count: int, size: int, start: int) -> bytes:
    """Return what ends an archive, by its number of members, the size of its directory and where that begins."""
    return _END.pack(b"PK\x05\x06", 0, 0, count, count, size, start, 0)
