"""The container: one form for the same members, and no other file is read."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.bundle import archive as module
from evidence.bundle.archive import Entry, Member, Writer, open_archive
from policies.reading import InputError

MEMBERS = {"a.json": b"{}", "specs/x/spec.md": b"# X\n", "empty": b""}

NAMES = (
    "has a name that no member can have; expected a relative path of at most 200 ASCII letters, digits, '_', '-', '.' "
    "and '/', each part of which begins with a letter, a digit or '_'"
)
NO_END = "does not end as a bundle does; it was cut off or added to, or is none"
OTHER_BYTES = "has other bytes than its members and their directory; it was cut off or added to, or is none"

BAD_NAMES = [
    *(
        "",
        "/",
        "/etc/passwd",
        "../evil",
        "a/../../evil",
        "a/..",
        ".",
        "./a",
        "a//b",
        "a/",
        "specs/",
        "a\\b",
        "C:\\a",
        "c:a",
    ),
    *("é", "a\0", "a\n", "a b", "-rf", ".hidden", "a/.b", "~", "a" * 201, "٣"),
]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.zip").touch()


def written(members: Mapping[str, bytes]) -> bytes:
    """Return the archive of members."""
    file = io.BytesIO()
    writer = Writer(file)
    for path, data in members.items():
        writer.add(path, data)
    writer.close()
    return file.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    """Return the members of an archive."""
    with Path("b.zip").open("r+b") as file:  # emptying a file first would take much longer, ten thousand times
        file.write(data)
        file.truncate()
    with open_archive(Path("b.zip")) as archive:
        return {name: b"".join(archive.chunks(name)) for name in archive.members}


def refusal(data: bytes) -> str:
    """Return why a file is refused."""
    with pytest.raises(InputError) as caught:
        read(data)
    where, _, problem = str(caught.value).partition(": ")
    assert where == "b.zip"
    return problem


def made_by_python(fill: Callable[[zipfile.ZipFile], object]) -> bytes:
    """Return a zip that Python's zipfile writes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        fill(zipped)
    return file.getvalue()


def information(name: str, attributes: int = (stat.S_IFREG | 0o644) << 16) -> zipfile.ZipInfo:
    """Return what zipfile needs to write a member of a name as we do."""
    info = zipfile.ZipInfo(name)
    info.external_attr = attributes
    return info


def made_by_hand(*names: bytes, count: int | None = None, gap: bytes = b"", **fields: int) -> bytes:
    """Return an archive of members that hold an x, as ours are by APPNOTE.TXT, but for some fields of the last one.

    `count` is what the end states, `gap` what stands between the members and their directory.
    """
    members, directory = b"", b""
    for number, name in enumerate(names, 1):
        header = {"version": 20, "flags": 0, "method": 0, "time": 0, "date": 0x21, "crc": zlib.crc32(b"x")}
        header |= {"stored": 1, "size": 1, "name_length": len(name), "extra_length": 0}
        listed = {"signature": 0x02014B50, "made_by": 0x0314} | header
        listed |= {"comment_length": 0, "disk": 0, "kind": 0, "attributes": 0o100644 << 16, "offset": len(members)}
        if number == len(names):
            header |= {key: fields[key] for key in fields.keys() & header.keys()}
            listed |= fields
        members += struct.pack("<IHHHHHIIIHH", 0x04034B50, *header.values()) + name + b"x"
        directory += struct.pack("<IHHHHHHIIIHHHHHII", *listed.values()) + name
    stated = len(names) if count is None else count
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, stated, stated, len(directory), len(members + gap), 0)
    return members + gap + directory + end


def test_the_form_of_an_archive() -> None:
    """An archive is, field by field, what the format's description says, as this test reads it."""
    assert written({"a": b"x", "b/c": b"x"}) == made_by_hand(b"a", b"b/c")


def test_an_archive_is_read_as_written() -> None:
    """Names, order, sizes, checksums and contents come back; of no members, too."""
    assert read(written(MEMBERS)) == MEMBERS
    assert read(written({})) == {}
    with open_archive(Path("b.zip")) as archive:
        assert (dict(archive.members), archive.where, archive.place("a")) == ({}, "b.zip", "b.zip: a")
    Path("b.zip").write_bytes(written(MEMBERS))
    with open_archive(Path("b.zip")) as archive:
        assert list(archive.members.items()) == [
            ("a.json", Member(2, zlib.crc32(b"{}"), 36)),
            ("specs/x/spec.md", Member(4, zlib.crc32(b"# X\n"), 83)),
            ("empty", Member(0, 0, 122)),
        ]
        assert archive.read("a.json", 2) == b"{}"
        assert [*zip(archive.chunks("a.json"), archive.chunks("specs/x/spec.md"), strict=True)] == [(b"{}", b"# X\n")]


def test_other_programs_read_it_alike() -> None:
    """Python's zipfile does, and unzip and zipinfo where they are installed."""
    Path("b.zip").write_bytes(written(MEMBERS))

    with zipfile.ZipFile("b.zip") as zipped:
        assert zipped.testzip() is None
        assert {info.filename: zipped.read(info) for info in zipped.infolist()} == MEMBERS
        assert {(info.date_time, info.compress_type, info.external_attr) for info in zipped.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 0o100644 << 16)
        }
    expected = {"unzip -tq b.zip": "No errors detected", "zipinfo -1 b.zip": "\n".join(MEMBERS)}
    for command, words in expected.items():
        program, *arguments = command.split()
        if found := shutil.which(program):
            done = subprocess.run([found, *arguments], capture_output=True, text=True, check=True)  # noqa: S603
            assert words in done.stdout


def test_entries_are_of_what_was_written() -> None:
    """Bytes, whole or part by part, are written alike; their digest and size are told."""
    file = io.BytesIO()
    writer = Writer(file)

    entry = writer.add("a.json", iter([b"{", b"", b"}"]))
    writer.close()

    assert entry == Entry("a.json", hashlib.sha256(b"{}").hexdigest(), 2)
    assert file.getvalue() == written({"a.json": b"{}"})


@given(st.dictionaries(st.from_regex(r"\A[a-z]\w{0,3}(/[a-z0-9]\.?){0,2}\Z").filter(str.isascii), st.binary()))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_members_come_through(members: dict[str, bytes]) -> None:
    """Writing, reading and zipfile agree on whatever is in it, also on what looks like a zip's own records."""
    data = written({"zip": written(members), **members})

    assert read(data) == {"zip": written(members), **members}
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        assert {name: zipped.read(name) for name in zipped.namelist()} == {"zip": written(members), **members}


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_names_are_neither_written_nor_read(name: str) -> None:
    """No name leads elsewhere, hides, or is another one to another program."""
    with pytest.raises(InputError) as caught:
        Writer(io.BytesIO()).add(name, b"")
    assert caught.value.problem == NAMES
    problem = refusal(made_by_hand(b"a", name.encode()))

    assert problem.startswith("the member '")
    assert problem.endswith(f"' {NAMES}")


def test_a_writer_keeps_to_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last byte and the last member that the limits allow are written, the next one is not; no name comes twice."""
    monkeypatch.setattr(module, "MAX_BYTES", len(written({"a": b"xx"})))
    monkeypatch.setattr(module, "MAX_MEMBERS", 1)
    assert read(written({"a": b"xx"})) == {"a": b"xx"}
    writer = Writer(io.BytesIO())
    sources: list[tuple[str, bytes | list[bytes]]] = [
        ("a", b"xxx"),
        ("a", [b"xx", b"x"]),
        ("a", b"x"),
        ("a", b""),
        ("b", b""),
    ]

    problems = []
    for path, source in sources:
        try:
            writer.add(path, source)
        except InputError as error:
            problems.append(str(error))

    assert problems == [
        *["a: with it the bundle has more than 102 bytes, the limit"] * 2,
        "a: a second member of this name",
        "b: one member more than 1, the limit",
    ]


def test_one_member_is_read() -> None:
    """A member that there is, and no larger than is asked for."""
    Path("b.zip").write_bytes(written(MEMBERS))
    refused: dict[str, Callable[[module.Archive], object]] = {
        "b.zip: a.json: has 2 bytes; the limit for it is 1": lambda archive: archive.read("a.json", 1),
        "b.zip: has no member 'b\\n'": lambda archive: archive.read("b\n", 9),
        "b.zip: has no member 'specs'": lambda archive: list(archive.chunks("specs")),
    }

    with open_archive(Path("b.zip")) as archive:
        for message, access in refused.items():
            with pytest.raises(InputError) as caught:
                access(archive)
            assert str(caught.value) == message


COMPRESSED = "the member 'a' is compressed; a bundle's members are stored as they are"
PLAIN = "is a link, a folder, or has other permissions than 644; a bundle's members are plain files"
FLAGS = "the member 'a' is encrypted, written as a stream, or has other flags; a bundle's members have none"
DATE = "the member 'a' has a date; a bundle's members have the first that a zip can say, 1980-01-01"
VERSION = "the member 'a' needs another version of zip, as zip64 does; a bundle says 2.0"
SYSTEM = "the member 'a' was written by another system or version of zip; a bundle says Unix and 2.0"


def _zip64(zipped: zipfile.ZipFile) -> None:
    with zipped.open(information("a"), "w", force_zip64=True) as member:
        member.write(b"x")


def _with(zipped: zipfile.ZipFile, **fields: object) -> None:
    info = information("a")
    for field, value in fields.items():
        setattr(info, field, value)
    zipped.writestr(info, b"x")


PYTHONS: dict[str, tuple[Callable[[zipfile.ZipFile], object], str]] = {
    "compressed": (lambda zipped: zipped.writestr(information("a"), b"x" * 999, zipfile.ZIP_DEFLATED), COMPRESSED),
    "compressed otherwise": (lambda zipped: zipped.writestr(information("a"), b"x" * 999, zipfile.ZIP_LZMA), FLAGS),
    "link": (
        lambda zipped: zipped.writestr(information("a", (stat.S_IFLNK | 0o777) << 16), "/etc/passwd"),
        f"the member 'a' {PLAIN}",
    ),
    "folder": (lambda zipped: zipped.mkdir("a"), f"the member 'a/' {NAMES}"),
    "folder by its mode": (
        lambda zipped: zipped.writestr(information("a", (stat.S_IFDIR | 0o755) << 16), ""),
        f"the member 'a' {PLAIN}",
    ),
    "setuid": (
        lambda zipped: zipped.writestr(information("a", (stat.S_IFREG | 0o4755) << 16), ""),
        f"the member 'a' {PLAIN}",
    ),
    "way out": (lambda zipped: zipped.writestr(information("../../a"), ""), f"the member '../../a' {NAMES}"),
    "absolute": (lambda zipped: zipped.writestr(information("/a"), ""), f"the member '/a' {NAMES}"),
    "not ASCII": (lambda zipped: zipped.writestr(information("\xe9"), ""), f"the member '\\xc3\\xa9' {NAMES}"),
    "zip64": (_zip64, VERSION),
    "extra field": (
        lambda zipped: _with(zipped, extra=b"\xfe\xca\0\0"),
        "the member 'a' has an extra field, as of zip64; a bundle's members have none",
    ),
    "comment on a member": (
        lambda zipped: _with(zipped, comment=b"hidden"),
        "the member 'a' has a comment; a bundle's members have none",
    ),
    "date": (lambda zipped: _with(zipped, date_time=(2026, 1, 1, 0, 0, 0)), DATE),
    "other system": (lambda zipped: _with(zipped, create_system=0), SYSTEM),
    "comment": (lambda zipped: setattr(zipped, "comment", b"hidden"), NO_END),
}


@pytest.mark.parametrize("case", PYTHONS)
def test_other_zips_are_refused(case: str) -> None:
    """What another program puts into a zip is no part of a bundle, and is named."""
    fill, problem = PYTHONS[case]

    assert refusal(made_by_python(fill)) == problem


def test_a_zip_of_our_form_may_come_from_anywhere() -> None:
    """What counts is each byte, not who wrote it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for name, data in MEMBERS.items():
            zipped.writestr(information(name), data)

    assert file.getvalue() == written(MEMBERS)


def test_streamed_zips_are_refused() -> None:
    """A member whose size follows its contents is none of ours."""

    class Pipe(io.BytesIO):
        def tell(self) -> int:
            raise OSError

    file = Pipe()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr(information("a"), b"x")

    assert refusal(file.getvalue()) == FLAGS


BY_HAND: dict[str, tuple[bytes, str]] = {
    "duplicate": (made_by_hand(b"a", b"a"), "the member 'a' stands in it twice"),
    "duplicate, overlapping": (made_by_hand(b"a", b"a", offset=0), "the member 'a' stands in it twice"),
    "overlapping": (made_by_hand(b"b", b"a", offset=0), "the member 'a' does not begin where the one before it ends"),
    "beyond the end": (made_by_hand(b"a", size=99, stored=99), "the member 'a' reaches beyond the end of the members"),
    "4 GiB": (
        made_by_hand(b"a", size=2**32 - 1, stored=2**32 - 1),
        "the member 'a' reaches beyond the end of the members",
    ),
    "shorter than its place": (
        made_by_hand(b"a", size=0, stored=0),
        "has other bytes between its members and their directory",
    ),
    "gap": (made_by_hand(b"a", gap=b"x"), "has other bytes between its members and their directory"),
    "bomb": (
        made_by_hand(b"a", size=2**31),
        "the member 'a' takes another number of bytes in the file than it has",
    ),
    "two headers": (
        made_by_hand(b"a").replace(struct.pack("<I", zlib.crc32(b"x")), bytes(4), 1),
        "the member 'a' has another header before its contents than the directory has",
    ),
    "name cut off": (made_by_hand(b"a", name_length=9), "the member 'a' has a name that is cut off"),
    "signature": (
        made_by_hand(b"a", signature=0),
        "the member 'a' is listed with another signature than a zip's directory has",
    ),
    "encrypted": (made_by_hand(b"a", flags=1), FLAGS),
    "unknown method": (made_by_hand(b"a", method=99), COMPRESSED),
    "second disk": (made_by_hand(b"a", disk=1), "the member 'a' is in another file of several; a bundle is one file"),
    "text": (made_by_hand(b"a", kind=1), "the member 'a' is marked as text; a bundle's members have no such mark"),
    "time": (made_by_hand(b"a", time=1), "the member 'a' has a time; a bundle's members have midnight"),
    "DOS folder": (made_by_hand(b"a", attributes=0o100644 << 16 | 0x10), f"the member 'a' {PLAIN}"),
    "fewer than it says": (made_by_hand(b"a", count=2), "its directory lists fewer than the 2 members that it says"),
    "more than it says": (
        made_by_hand(b"a", b"b", count=1),
        "its directory lists more than the 1 members that it says",
    ),
    "none, it says": (made_by_hand(b"a", count=0), "its directory is larger than one of 0 members can be"),
    "too many": (made_by_hand(b"a", count=60_001), "has 60,001 members; the limit is 60,000"),
    "zip64's number": (made_by_hand(b"a", count=2**16 - 1), "has 65,535 members; the limit is 60,000"),
    "after": (made_by_hand(b"a") + b"\0", NO_END),
    "before": (b"\0" + made_by_hand(b"a"), OTHER_BYTES),
    "two archives": (made_by_hand(b"a") + made_by_hand(b"b"), OTHER_BYTES),
    "empty": (b"", NO_END),
    "short": (b"PK\x05\x06", NO_END),
    "text file": (b"# Hello, I am no zip at all.\n", NO_END),
    "contents": (
        made_by_hand(b"a").replace(b"ax", b"ay"),
        "a: its contents are not those of its checksum; they have been changed",
    ),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_hostile_zips_are_refused(case: str) -> None:
    """What claims more, less or other than there is, is refused with what it is."""
    data, problem = BY_HAND[case]

    assert refusal(data) == problem


def test_every_flipped_bit_is_refused() -> None:
    """There is no bit in an archive that does not count."""
    data = written({"a.json": b"{}", "b": b"x"})
    accepted = []
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            read(bytes(changed))
        except InputError:
            continue
        accepted.append(bit)

    assert accepted == []


def test_every_truncation_is_refused() -> None:
    """A file that was cut off anywhere, or from which a byte was taken anywhere, is none."""
    data = written(MEMBERS)
    changed = [data[:end] for end in range(len(data))] + [data[:at] + data[at + 1 :] for at in range(len(data))]

    assert [one for one in changed if not refusal(one)] == []


def test_what_is_no_file_is_refused() -> None:
    """Nothing is waited for, nothing is opened twice, and each is named."""
    Path("folder").mkdir()
    os.mkfifo("pipe")
    with Path("large").open("wb") as file:
        file.truncate(2**30 + 1)
    problems = {}
    for name in ("folder", "pipe", "/dev/zero", "missing", "folder/missing/more", "a\0b", "a" * 300, "large", "pipe/x"):
        with pytest.raises(InputError) as caught, open_archive(Path(name)):
            pass
        problems[caught.value.where] = caught.value.problem

    assert problems == {
        "folder": "a folder; expected a bundle, which is a file",
        "pipe": "a pipe or device; expected a bundle, which is a file",
        "/dev/zero": "a pipe or device; expected a bundle, which is a file",
        "missing": "no such file; check the path",
        "folder/missing/more": "no such file; check the path",
        "a\\x00b": "cannot be read: embedded null byte",
        "a" * 300: "cannot be read: File name too long",
        "large": "larger than 1,073,741,824 bytes, the limit for a bundle",
        "pipe/x": "cannot be read: Not a directory",
    }


def test_a_file_that_fails_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that becomes shorter, or whose disk fails, is told of as such."""
    Path("b.zip").write_bytes(written({"a": b"x" * 100}))

    def fail(*_: object) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with open_archive(Path("b.zip")) as archive:
        os.truncate("b.zip", 50)
        with pytest.raises(InputError) as shorter:
            archive.read("a", 100)
        monkeypatch.setattr(os, "pread", fail)
        with pytest.raises(InputError) as failing:
            archive.read("a", 100)

    assert str(shorter.value) == "b.zip: became shorter while it was read"
    assert str(failing.value) == "b.zip: cannot be read: Input/output error"


def peak_of(action: Callable[[], object]) -> int:
    """Return the most memory that an action takes, in bytes."""
    tracemalloc.start()
    action()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("count", [1, 60_000])
def test_a_claim_costs_no_memory(count: int) -> None:
    """A directory of nearly 1 GiB, in a file that has as much, is refused unread, whatever its members' number."""
    size = 2**30 - 22
    with Path("b.zip").open("wb") as file:
        file.seek(size)
        file.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, size, 0, 0))

    def refused() -> None:
        with pytest.raises(InputError, match="larger than one of"), open_archive(Path("b.zip")):
            pass

    assert peak_of(refused) < 100_000


def test_contents_are_not_kept_in_memory() -> None:
    """A member of 16 MiB is written part by part and read in chunks."""

    def through() -> None:
        with Path("b.zip").open("wb") as file:
            writer = Writer(file)
            writer.add("large", (bytes(2**16) for _ in range(2**8)))
            writer.close()
        with open_archive(Path("b.zip")) as archive:
            assert sum(map(len, archive.chunks("large"))) == 2**24

    assert peak_of(through) < 1_000_000


def test_nothing_around_changes_the_bytes() -> None:
    """Neither time zone, umask, hash seed nor language do."""
    code = (
        "import os, sys; os.umask(int(sys.argv[1])); from evidence.bundle.archive import Writer\n"
        "from evidence.bundle.manifest import write_manifest\n"
        "file = open(sys.argv[2], 'wb'); writer = Writer(file)\n"
        "writer.add('manifest.json', write_manifest([writer.add(name, b'{}') for name in ('a', 'b')], None))\n"
        "writer.close(); file.close()"
    )
    surroundings = {
        "0": {"TZ": "UTC", "PYTHONHASHSEED": "1", "LC_ALL": "C"},
        "63": {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8"},
    }
    root = Path(module.__file__).parents[2]
    for umask, environment in surroundings.items():
        arguments = [sys.executable, "-c", code, umask, f"{umask}.zip"]
        subprocess.run(arguments, env={**environment, "PYTHONPATH": str(root)}, check=True)  # noqa: S603

    assert Path("0.zip").read_bytes() == Path("63.zip").read_bytes() != b""
