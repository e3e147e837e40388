"""TOML within bounds: what is read, what is refused, and where."""

from __future__ import annotations

import contextlib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.reading import InputError
from policies.toml_reading import MAX_LINE, read_toml

KEY = "a.b.c.d.e.f.g.h"
LONGER = f"{KEY}.i"
TOO_LONG = "a key of more than 8 parts; expected one or two"


@pytest.mark.parametrize(
    "text",
    [
        f"{KEY} = 1.5",
        f"[{KEY}]\n[[i.{KEY[2:]}]]",
        f'a = "{LONGER}" # {LONGER}',
        f"a = '{LONGER}'",
        f'a = "\\"{LONGER}"',
        f'a = """\n{LONGER}\n""{LONGER}\\"""{LONGER}"""""',
        f'a = """\\\n{LONGER}"""',
        "\n".join(f"a{number} = {number}" for number in range(MAX_LINE)),
        f"a = '''\n{LONGER}\n''{LONGER}\\'''''",
        f'"{LONGER}".b = 1',
        f"'{LONGER}'.b = 1",
        "a = [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]",
        "a = [{b.c = 1}, {b.c = 1}, {b.c = 1}, {b.c = 1}, {b.c = 1}, {b.c = 1}, {b.c = 1}, {b.c = 1}, {b.c = 1}]",
        "\ufeffa = 1\r\n",
        f"#{'.' * (MAX_LINE - 1)}",
    ],
)
def test_read(text: str) -> None:
    """Dots in texts, comments and numbers, and of several keys on one line, make no long key."""
    assert read_toml(text.encode(), "f.toml") == tomllib.loads(text.removeprefix("\ufeff"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"a = 1\n{LONGER} = 1", f":2: {TOO_LONG}"),
        (f"a = 1\n\n[{LONGER}]", f":3: {TOO_LONG}"),
        (f"[[{LONGER}]]", f":1: {TOO_LONG}"),
        (f"a = [\n{{ {LONGER} = 1 }}]", f":2: {TOO_LONG}"),
        (f'{LONGER.replace(".", " . ")} = "text"', f":1: {TOO_LONG}"),
        ('""."".\'\'."a.b".a.b.c.d.e = 1', f":1: {TOO_LONG}"),
        (f'a = """\n\n"""\n{LONGER} = 1', f":4: {TOO_LONG}"),
        (f'a = "b" # "\n{LONGER} = "c"', f":2: {TOO_LONG}"),
        (f"# '''\n{LONGER} = 1 # '''", f":2: {TOO_LONG}"),
        (f"#{'.' * MAX_LINE}", ":1: a line of 2,001 bytes; the limit is 2,000"),
        (f"a = '{'é' * 1_000}'", ":1: a line of 2,006 bytes; the limit is 2,000"),
        ("a = 1\na = 2", ": not valid TOML: Cannot overwrite a value (at end of document)"),
        (f'a = """{LONGER}', ": not valid TOML: Unterminated string (at end of document)"),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """A key of many parts, wherever it stands and however it is written, a long line, and what is no TOML."""
    with pytest.raises(InputError) as raised:
        read_toml(text.encode(), "f.toml")
    assert str(raised.value) == f"f.toml{problem}"


@pytest.mark.parametrize(
    "line",
    [".".join("a" * 990), '\\"""x', "''", "\"\"\"'''", '"\\', "." * 1_900, "a . " * 7, "[[a]]", "{a=", "a=[", " "],
)
@pytest.mark.parametrize("start", ["", "a = [\n", 'a = """', "a = '''"])
def test_slow(start: str, line: str) -> None:
    """What is written to take the square of its size comes to an end all the same: it is no TOML of ours."""
    with pytest.raises(InputError):
        read_toml((start + f"{line}\n" * (100_000 // len(line)) + "=").encode(), "f.toml")


@given(st.text(max_size=200) | st.text("ab.=\"'\\#[]{},\n\r 1-", max_size=200))
def test_as_python_reads_it(text: str) -> None:
    """Whatever is read is what Python's reader makes of it; whatever it refuses is refused."""
    data = text.encode("utf-8", "surrogatepass")
    try:
        expected = tomllib.loads(data.decode("utf-8-sig"))
    except ValueError:
        expected = None
    read = None
    with contextlib.suppress(InputError):
        read = read_toml(data, "f.toml")
    assert read is None or read == expected


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xff", ":1: the byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"\n# a\n\xff", ":3: the byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"# a\n# \xc3\n\n\n", ":2: the byte 0xc3 is not UTF-8; save the file as UTF-8"),
    ],
)
def test_no_utf8(data: bytes, problem: str) -> None:
    """The first byte that is none of UTF-8 is told with its line."""
    with pytest.raises(InputError) as raised:
        read_toml(data, "f.toml")
    assert str(raised.value) == f"f.toml{problem}"


def test_too_deep() -> None:
    """What nests deeper than Python reads is refused."""
    with pytest.raises(InputError) as raised:
        read_toml(b"a = " + b"[\n" * 5_000, "f.toml")
    assert str(raised.value) == "f.toml: not valid TOML of ours: nested too deeply; expected tables of plain values"
