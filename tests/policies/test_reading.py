"""Reading files and documents: what is accepted, and the whole message for what is not."""

import json
import os
import pickle
import socket
from io import BytesIO
from pathlib import Path

import pytest

from policies.reading import (
    InputError,
    files_of,
    infinity_problem,
    key_problem,
    length_problem,
    place_in,
    printable,
    quoted,
    read_document,
    read_file,
    surrogate_problem,
)

TOO_DEEP = "nested deeper than 100 levels, the limit"
TOO_MANY = "more than 200,000 keys and values, the limit; an alias counts as all that it stands for"
NO_OBJECT = "t: no object at the top; expected a CloudFormation template in JSON or YAML, an object with Resources"
EMPTY = "t: empty; expected a CloudFormation template in JSON or YAML, an object with Resources"
SURROGATE = "half of a surrogate pair is no character; expected both halves, or another character"
IS_JSON = "; a document that begins with { is read as JSON"

REFUSED = {
    "empty": (b"", EMPTY),
    "blank": (b" \n\t", EMPTY),
    "byte order mark only": (b"\xef\xbb\xbf", EMPTY),
    "text": (b"template", NO_OBJECT),
    "too large": (b"a" * 1_048_577, "t: larger than 1,048,576 bytes, the limit for such a file"),
    "utf-16 little": (
        "{}".encode("utf-16-le").join([b"\xff\xfe", b""]),
        "t: encoded as UTF-16; save it as UTF-8",
    ),
    "utf-16 big": (
        "{}".encode("utf-16-be").join([b"\xfe\xff", b""]),
        "t: encoded as UTF-16; save it as UTF-8",
    ),
    "latin-1": (b"a: 1\n\xc3\xa9: \xe9t\xe9", "t:2:4: the byte 0xe9 is not UTF-8; save the file as UTF-8"),
    "nul": (b"a: 1\nb: \0", "t:2:4: a NUL byte, so this is no text; expected JSON or YAML in UTF-8"),
    "json syntax": (b'{"a": 1,\n "b" 2}', "t:2:6: not valid JSON: Expecting ':' delimiter" + IS_JSON),
    "json trailing text": (b'{"a": 1} x', "t:1:10: not valid JSON: Extra data" + IS_JSON),
    "json unclosed string": (b'{"a', "t:1:2: not valid JSON: Unterminated string starting at" + IS_JSON),
    "json bad escape": (b'{"a": "\\q"}', "t:1:8: not valid JSON: Invalid \\escape" + IS_JSON),
    "json bad word": (b'{"a": ' + b"x" * 500 + b"}", "t:1:7: not valid JSON: Expecting value" + IS_JSON),
    "json closed too often": (b"{}}", "t:1:3: not valid JSON: Extra data" + IS_JSON),
    "json duplicate": (
        b'{"a": {"b": 1},\n "b": [{"b": 1}],\n "\\u0061" : 2}',
        "t:3:2: the key 'a' stands twice in one object; keep one of them",
    ),
    "json long duplicate": (
        json.dumps({"k" * 99: 1})[:-1].encode() + b', "' + b"k" * 99 + b'": 2}',
        f"t:1:108: the key '{'k' * 57}...' stands twice in one object; keep one of them",
    ),
    "json nan": (
        b'{"a": NaN}',
        "t:1:7: the number 'NaN' is not finite; expected a finite one, or text in quotes",
    ),
    "json infinity": (
        b'{"a": [-Infinity]}',
        "t:1:8: the number '-Infinity' is not finite; expected a finite one, or text in quotes",
    ),
    "json overflow": (
        b'{"a": 1e999}',
        "t:1:7: the number '1e999' is not finite; expected a finite one, or text in quotes",
    ),
    "json long number": (
        b'{"a": ' + b"1" * 5000 + b"}",
        "t:1:7: a number of 5,000 characters; the limit is 100",
    ),
    "json surrogate": (b'{"a": "\\ud800"}', f"t:1:7: {SURROGATE}"),
    "json surrogate key": (b'{"\\udc00": 1}', f"t:1:2: {SURROGATE}"),
    "json deep": (b'{"a": ' + b"[" * 100_000, f"t:1:106: {TOO_DEEP}"),
    "json deep after closed": (b'{"a": {}, "b": [[]], "c": ' + b"[" * 100, f"t:1:126: {TOO_DEEP}"),
    "json duplicate with a tab": (
        b'{"a\tb": 1, "a\tb": 2}',
        "t:1:12: the key 'a\\tb' stands twice in one object; keep one of them",
    ),
    "json beside the object": (b'{} "a": 1', "t:1:4: not valid JSON: Extra data" + IS_JSON),
    "json escaped line break": (
        b'{"a": "\\\n' + b"[" * 101 + b'"}',
        "t:1:8: not valid JSON: Invalid \\escape" + IS_JSON,
    ),
    "json keys of a list": (
        b'{"a": ["b": 1, "b": 2]}',
        "t:1:11: not valid JSON: Expecting ',' delimiter" + IS_JSON,
    ),
    "json number of 101": (b'{"a": ' + b"1" * 101 + b"}", "t:1:7: a number of 101 characters; the limit is 100"),
    "nul at the beginning": (b"\0\0", "t:1:1: a NUL byte, so this is no text; expected JSON or YAML in UTF-8"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_says_where_and_why(data: bytes, message: str) -> None:
    """Each input that cannot be judged gets one message with its place and what was expected."""
    with pytest.raises(InputError) as caught:
        read_document(data, "t")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("data", "document"),
    [
        (b'\xef\xbb\xbf{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b"\xef\xbb\xbfa: 1", {"a": 1}),
        (
            b'\n {"a": [true, false, null, -1, 1.5e3, "\\"{[NaN"]}',
            {"a": [True, False, None, -1, 1500.0, '"{[NaN']},
        ),
        (b'{"a": {"b": {}, "a": 1}, "b": [{"a": 2}]}', {"a": {"b": {}, "a": 1}, "b": [{"a": 2}]}),
        (b'{"ab": "b", "cb": "b", "ac": "ab", "\\u0062": ""}', {"ab": "b", "cb": "b", "ac": "ab", "b": ""}),
        (b'{"a": ' + b"1" * 100 + b"}", {"a": int("1" * 100)}),
        (b'{"a": ' + b"[" * 99 + b"]" * 99 + b', "b": [[]]}', {"a": json.loads("[" * 99 + "]" * 99), "b": [[]]}),
    ],
    ids=["escape", "yaml", "values", "keys of each", "keys", "number", "deep"],
)
def test_what_is_accepted(data: bytes, document: dict[str, object]) -> None:
    """JSON and YAML in UTF-8 are read, to a depth of a hundred levels and with numbers of a hundred characters."""
    assert read_document(data, "t") == document


def test_what_a_document_should_be() -> None:
    """Who reads another document than a template says what it should be, and how large it may be."""
    problems = []
    for data in (b" ", b"# nothing", b"[1]", b"12345"):
        with pytest.raises(InputError) as caught:
            read_document(data, "t", expected="a list of waivers", max_bytes=4 if len(data) == 5 else 9)
        problems.append(str(caught.value))
    assert problems == [
        "t: empty; expected a list of waivers",
        "t: empty; expected a list of waivers",
        "t: no object at the top; expected a list of waivers",
        "t: larger than 4 bytes, the limit for such a file",
    ]
    assert read_document(b"a: 1", "t", max_bytes=4) == {"a": 1}


def test_an_error_can_be_shown() -> None:
    """Whatever a problem repeats of the input, it is told in one line that any terminal can show."""
    error = InputError("t", "$.a\tb\u200b\n: wrong")
    assert str(error) == "t: $.a\\tb\\u200b\\n: wrong"


def test_an_error_in_another_process() -> None:
    """What one process tells another of an error is all that the error says."""
    error = pickle.loads(pickle.dumps(InputError("t:1:2", "wrong")))  # noqa: S301 - our own
    assert (type(error), error.args, error.where, error.problem) == (InputError, ("t:1:2", "wrong"), "t:1:2", "wrong")


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("x", 0, "t:1:1"),
        ("abc", 2, "t:1:3"),
        ("\nx", 1, "t:2:1"),
        ("\n\nx", 2, "t:3:1"),
        ("a\nbc\nd", 3, "t:2:2"),
        ("a\nbc\nd", 5, "t:3:1"),
        ("a\n", 1, "t:1:2"),
    ],
)
def test_place_in(text: str, offset: int, place: str) -> None:
    """Lines and columns are counted from one; a line break is the last character of its line."""
    assert place_in("t", text, offset) == place


def test_quoted() -> None:
    """A text of up to sixty characters is repeated as it is; of a longer one the beginning is."""
    assert [quoted(text) for text in ("", "a\n", "k" * 60, "k" * 61)] == [
        "''",
        "'a\\n'",
        f"'{'k' * 60}'",
        f"'{'k' * 57}...'",
    ]


def test_problems() -> None:
    """What is wrong with a key, a text and a number; of what is right there is no problem."""
    assert [key_problem("a", {"b"}), surrogate_problem("a\U0001f600"), length_problem("1" * 100)] == [None] * 3
    assert [
        key_problem("a", {"a", "b"}),
        surrogate_problem("a\ud83d"),
        length_problem("1" * 1234),
        infinity_problem("1e999"),
    ] == [
        "the key 'a' stands twice in one object; keep one of them",
        SURROGATE,
        "a number of 1,234 characters; the limit is 100",
        "the number '1e999' is not finite; expected a finite one, or text in quotes",
    ]


def test_a_file_is_read(tmp_path: Path) -> None:
    """A regular file gives its bytes, up to and including the limit."""
    file = tmp_path / "t.json"
    file.write_bytes(b"12345")
    assert read_file(file, max_bytes=5) == b"12345"


def test_what_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing files, folders, pipes, sockets, devices, loops and large files are named with what is wrong."""
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    os.mkfifo("pipe")
    pipe = os.open("pipe", os.O_RDWR)
    os.write(pipe, b"123456")  # whoever reads it all the same does not wait for ever
    Path("large").write_bytes(b"123456")
    Path("loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    names = [
        "missing",
        "folder",
        "pipe",
        "socket",
        "/dev/null",
        "large",
        "loop",
        "large/x",
        "n\0l",
        "x" * 300,
    ]
    problems = []
    for name in names:
        with pytest.raises(InputError) as caught:
            read_file(Path(name), max_bytes=5)
        problems.append(str(caught.value))
    os.close(pipe)
    assert problems == [
        "missing: no such file; check the path",
        "folder: a folder; expected a file",
        "pipe: a pipe, socket or device; expected a regular file",
        "socket: a pipe, socket or device; expected a regular file",
        "/dev/null: a pipe, socket or device; expected a regular file",
        "large: larger than 5 bytes, the limit for such a file",
        "loop: cannot be read: Too many levels of symbolic links",
        "large/x: cannot be read: Not a directory",
        "n\\x00l: cannot be read: embedded null byte",
        f"{'x' * 300}: cannot be read: File name too long",
    ]


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lack of permission is said as the system says it."""
    file = tmp_path / "t.json"
    file.write_bytes(b"{}")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError) as caught:
        read_file(file)
    assert str(caught.value) == f"{file}: cannot be read: Permission denied"


def test_a_file_that_tells_no_size_is_bounded_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows while it is read, or claims to be empty, is still held to the limit."""
    file = tmp_path / "t.json"
    file.touch()
    empty = file.stat()
    file.write_bytes(b"123456")
    monkeypatch.setattr(Path, "stat", lambda _: empty)
    with pytest.raises(InputError) as caught:
        read_file(file, max_bytes=5)
    assert str(caught.value) == f"{file}: larger than 5 bytes, the limit for such a file"


def test_a_file_of_an_error_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the system that has no name of its own is told as it tells itself."""
    file = tmp_path / "t.json"
    file.touch()

    def refuse(*_: object) -> None:
        raise OSError("broken")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError) as caught:
        read_file(file)
    assert str(caught.value) == f"{file}: cannot be read: broken"


def test_a_file_that_says_it_is_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is measured before it is read."""
    file = tmp_path / "t.json"
    file.write_bytes(b"123456")
    opened: list[Path] = []
    monkeypatch.setattr(Path, "open", lambda path, *_: opened.append(path))
    with pytest.raises(InputError) as caught:
        read_file(file, max_bytes=5)
    assert (str(caught.value), opened) == (f"{file}: larger than 5 bytes, the limit for such a file", [])


def test_no_more_is_read_than_tells_that_it_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file without an end, one byte more than the limit is read."""
    file = tmp_path / "t.json"
    file.touch()
    endless = BytesIO(b"1" * 100)
    monkeypatch.setattr(Path, "open", lambda *_: _KeptOpen(endless))
    with pytest.raises(InputError) as caught:
        read_file(file, max_bytes=5)
    assert (str(caught.value), endless.tell()) == (f"{file}: larger than 5 bytes, the limit for such a file", 6)


class _KeptOpen:
    """A file that can still be asked how far it was read once it is closed."""

    def __init__(self, file: BytesIO) -> None:
        self._file = file

    def __enter__(self) -> BytesIO:
        return self._file

    def __exit__(self, *_: object) -> None:
        pass


def test_files_of(tmp_path: Path) -> None:
    """A file is itself, whatever its name; of a folder, those files whose names end so, in order."""
    names = ["b.json", "a.json", "c.yaml", "json"]
    for name in names:
        (tmp_path / name).touch()
    assert files_of(tmp_path, ".json", "reports") == [tmp_path / "a.json", tmp_path / "b.json"]
    assert files_of(tmp_path / "c.yaml", ".json", "reports") == [tmp_path / "c.yaml"]
    assert files_of(tmp_path / "missing", ".json", "reports") == [tmp_path / "missing"]


def test_folders_that_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without such files is told with what was expected, one that cannot be read with the reason."""
    monkeypatch.chdir(tmp_path)
    folder = Path("a\nb")
    folder.mkdir()
    (folder / "c.yaml").touch()
    with pytest.raises(InputError) as caught:
        files_of(folder, ".json", "the reports of a scan")
    assert (caught.value.where, caught.value.problem) == (
        "a\\nb",
        "a folder without *.json; expected the reports of a scan",
    )

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", refuse)
    with pytest.raises(InputError) as caught:
        files_of(folder, ".json", "the reports of a scan")
    assert (caught.value.where, caught.value.problem) == ("a\\nb", "cannot be read: Permission denied")


def test_printable() -> None:
    """Text that a terminal would act on, or cannot encode, is shown as escapes."""
    assert printable("a\n\x1b[31m\udcff é") == "a\\n\\x1b[31m\\udcff é"


def test_exactly_the_limit_is_accepted() -> None:
    """As many bytes, keys and values are read as the limits say, however many lists are closed, and no more."""
    assert read_document(b'{"a": 1}'.ljust(1_048_576), "t") == {"a": 1}
    lists = b'{"a": [' + b"[]," * 199_996
    assert read_document(lists + b"0]}", "t") == {"a": [*([] for _ in range(199_996)), 0]}
    with pytest.raises(InputError) as caught:
        read_document(lists + b"[],0]}", "t")
    assert str(caught.value) == f"t:1:599999: {TOO_MANY}"
