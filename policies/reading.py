"""Bytes to plain data, within bounds, with the place of every problem.

A document is a dict whose keys are strings and whose values are dict, list, str, int, float, bool or None.
Whatever is read is untrusted: size, depth, numbers, aliases and encodings are judged as it is read.

JSON is read here, YAML by `policies.yaml_reading` within the same bounds.
"""

import codecs
import json
import math
import re
import stat
from collections.abc import Container
from pathlib import Path
from typing import NoReturn

MAX_TEMPLATE_BYTES = 1_048_576
"""CloudFormation's quota for a template body passed in S3, 1 MB
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""

MAX_DEPTH = 100
"""The most levels of objects and lists, the outermost being the first."""

MAX_NODES = 200_000
"""The most keys and values of a document, each alias counted as what it stands for."""

MAX_NUMBER_LENGTH = 100
"""The most characters of a number: every integer still fits a float and prints within Python's own limit."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON_TOKEN = re.compile(
    r"""(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+"?)(?P<colon>\s*:)?|(?P<opening>[{\[])|(?P<closing>[}\]])"""
    r"""|(?P<word>[^\s"{}\[\]:,]++)""",
    re.DOTALL,
)

TEMPLATE = "a CloudFormation template in JSON or YAML, an object with Resources"
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels, the limit"
TOO_MANY = f"more than {MAX_NODES:,} keys and values, the limit; an alias counts as all that it stands for"


class InputError(Exception):
    """One input could not be read.

    `where` is the file as the user named it, with line and column (from 1) where they are known; `problem`
    says what is wrong and what was expected, as one line that can be shown, whatever it repeats of the input.
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(where, problem)
        self.where = where
        self.problem = printable(problem)

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


def printable(text: str) -> str:
    """Return the text with everything that a terminal would act on, or cannot encode, as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def read_file(path: Path, *, max_bytes: int = MAX_TEMPLATE_BYTES) -> bytes:
    """Return the bytes of a regular file of at most `max_bytes`; raise InputError for anything else."""
    where = printable(path.as_posix())
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(where, "a folder; expected a file")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(where, "a pipe, socket or device; expected a regular file")
        if status.st_size > max_bytes:
            _refuse_size(where, max_bytes)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise InputError(where, "no such file; check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(where, f"cannot be read: {reason}") from None
    if len(data) > max_bytes:  # it grew since it was measured, or, as under /proc, tells no size
        _refuse_size(where, max_bytes)
    return data


def files_of(path: Path, suffix: str, expected: str) -> list[Path]:
    """Return a file, or the files in a folder whose names end with a suffix, in order.

    Raises `InputError` for a folder that cannot be read or has none, which says what was `expected`.
    """
    where = printable(path.as_posix())
    try:
        files = sorted(path.glob(f"*{suffix}")) if path.is_dir() else [path]
    except OSError as error:
        raise InputError(where, f"cannot be read: {error.strerror}") from None
    if not files:
        raise InputError(where, f"a folder without *{suffix}; expected {expected}")
    return files


def read_document(
    data: bytes, where: str, *, expected: str = TEMPLATE, max_bytes: int = MAX_TEMPLATE_BYTES
) -> dict[str, object]:
    """Return the object that a JSON or YAML document holds.

    What begins with `{` is JSON; all else is YAML. Short forms of intrinsic functions become the long ones
    (`!GetAtt A.B` gives `{"Fn::GetAtt": ["A", "B"]}`), a scalar key is its literal text, dates stay text.
    What an alias repeats is one and the same Python object. Raises InputError, `where` naming the document and
    `expected` what it should be.
    """
    if len(data) > max_bytes:
        _refuse_size(where, max_bytes)
    text = _decode(data, where)
    if not text.strip():
        raise InputError(where, f"empty; expected {expected}")
    if text.lstrip().startswith("{"):
        return _read_json(text, where)
    from policies.yaml_reading import read_yaml  # noqa: PLC0415 - it imports this module; and JSON needs no yaml

    return read_yaml(text, where, expected)


def _refuse_size(where: str, max_bytes: int) -> NoReturn:
    raise InputError(where, f"larger than {max_bytes:,} bytes, the limit for such a file")


def key_problem(key: str, seen: Container[str]) -> str | None:
    """Judge a key by the earlier ones of its object."""
    if key in seen:
        return f"the key {quoted(key)} stands twice in one object; keep one of them"
    return None


def surrogate_problem(text: str) -> str | None:
    """Judge a text by its characters, none of which may be half of a pair."""
    if _SURROGATE.search(text):
        return "half of a surrogate pair is no character; expected both halves, or another character"
    return None


def length_problem(number: str) -> str | None:
    """Judge a number by its characters, before it is converted."""
    if len(number) > MAX_NUMBER_LENGTH:
        return f"a number of {len(number):,} characters; the limit is {MAX_NUMBER_LENGTH}"
    return None


def infinity_problem(number: str) -> str:
    """Say what is wrong with a number that is infinite or none at all."""
    return f"the number {quoted(number)} is not finite; expected a finite one, or text in quotes"


def quoted(text: str) -> str:
    """Repeat a document's text in a message: printable, in quotes and short."""
    return f"'{printable(text if len(text) <= 60 else text[:57] + '...')}'"  # noqa: PLR2004 -- a line's worth


def place_in(where: str, text: str, offset: int) -> str:
    """Return `where` with the line and column of an offset in the document's text."""
    return f"{where}:{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}"


def _decode(data: bytes, where: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(where, "encoded as UTF-16; save it as UTF-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = place_in(where, before, len(before))
        raise InputError(place, f"the byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8") from None
    if (nul := text.find("\0")) >= 0:
        raise InputError(place_in(where, text, nul), "a NUL byte, so this is no text; expected JSON or YAML in UTF-8")
    return text


def _read_json(text: str, where: str) -> dict[str, object]:
    _check_json(text, where)
    try:
        document: dict[str, object] = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{where}:{error.lineno}:{error.colno}"
        problem = f"not valid JSON: {error.msg}; a document that begins with {{ is read as JSON"
        raise InputError(place, problem) from None
    return document


def _check_json(text: str, where: str) -> None:
    """Refuse what `json.loads` lets through, overflows on or cannot place; the grammar is left to it."""
    objects: list[set[str] | None] = []  # the keys so far of every open object; None for a list
    nodes = 0
    for token in _JSON_TOKEN.finditer(text):
        problem = None
        match token.lastgroup:
            case "opening":
                objects.append(set() if token[0] == "{" else None)
                problem = TOO_DEEP if len(objects) > MAX_DEPTH else None
            case "closing":
                del objects[-1:]
                nodes -= 1
            case "word":
                problem = _json_word_problem(token[0])
            case _:
                keys = objects[-1] if objects and token["colon"] else None
                problem = _json_string_problem(token["string"], keys)
        nodes += 1
        if nodes > MAX_NODES:
            problem = TOO_MANY
        if problem:
            raise InputError(place_in(where, text, token.start()), problem)


def _json_word_problem(word: str) -> str | None:
    try:
        finite = math.isfinite(float(word))
    except ValueError:
        return None  # true, false, null, or nothing of JSON's
    return length_problem(word) or (None if finite else infinity_problem(word))


def _json_string_problem(literal: str, keys: set[str] | None) -> str | None:
    """Judge a string; `keys` are the earlier ones of its object if it is a key, and it joins them."""
    text = literal[1:-1]
    if "\\" in text:
        try:
            text = json.loads(literal)
        except json.JSONDecodeError:
            return None  # `json.loads` will find it, and say what is wrong with it
        if problem := surrogate_problem(text):  # which only an escape can bring into what was UTF-8
            return problem
    if keys is None:
        return None
    problem = key_problem(text, keys)
    keys.add(text)
    return problem
