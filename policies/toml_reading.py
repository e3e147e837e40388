"""TOML to plain data, within bounds, with the place of every problem that Python's reader leaves without one."""

from __future__ import annotations

import re
import tomllib

from policies.reading import InputError

MAX_LINE = 2_000
"""The most bytes of a line: no number in it is longer than Python converts."""

MAX_PARTS = 8
"""The most parts of a dotted key: each of them, in two bytes, would cost kilobytes."""

# What has no end goes on to the end of the document, so that none of it is looked at twice.
_TEXT = re.compile(
    r"""\"""(?:[^"\\]|\\.|"(?!""))*+(?:\"""|\Z)|'''(?:[^']|'(?!''))*+(?:'''|\Z)"""
    r"""|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?|\#[^\n]*+""",
    re.DOTALL,
)
_DOTTED = re.compile(rf"(?:\.[^.\n=,\[\]{{}}]*+){{{MAX_PARTS}}}")


def read_toml(data: bytes, where: str) -> dict[str, object]:
    """Return the table that a document in UTF-8 holds, with or without a byte order mark.

    Whoever calls bounds its size. Raises `InputError`, `where` naming the document.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problem = f"the byte 0x{error.object[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise InputError(f"{where}:{line}", problem) from None
    _bound(text, where)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(where, f"not valid TOML: {error}") from None
    except RecursionError:
        raise InputError(where, "not valid TOML of ours: nested too deeply; expected tables of plain values") from None


def _bound(text: str, where: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if (size := len(line.encode())) > MAX_LINE:
            raise InputError(f"{where}:{number}", f"a line of {size:,} bytes; the limit is {MAX_LINE:,}")
    bare = _TEXT.sub(lambda found: '"' + "\n" * found[0].count("\n"), text)
    for number, line in enumerate(bare.split("\n"), 1):
        if _DOTTED.search(line):
            raise InputError(f"{where}:{number}", f"a key of more than {MAX_PARTS} parts; expected one or two")
