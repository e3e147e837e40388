"""Bytes to plain data, within bounds, with the place of every problem.

A document is a dict whose keys are strings and whose values are dict, list, str, int, float, bool or None.
Whatever is read is untrusted: size, depth, numbers, aliases and encodings are judged as it is read.

YAML is what CloudFormation documents: version 1.1 with the short forms of intrinsic functions, without merge
keys and without the binary, omap, pairs, set and timestamp tags
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html). Aliases are expanded,
as `aws cloudformation package` does before it uploads a template.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import stat
from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import yaml

MAX_TEMPLATE_BYTES = 1_048_576
"""CloudFormation's quota for a template body passed in S3, 1 MB
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""

MAX_DEPTH = 100
"""The most levels of objects and lists, the outermost being the first."""

MAX_NODES = 200_000
"""The most keys and values of a document, each alias counted as what it stands for."""

MAX_NUMBER_LENGTH = 100
"""The most characters of a number: every integer still fits a float and prints within Python's own limit."""

_SHORT_FORM = re.compile(
    "!(?:Ref|Condition|Base64|Cidr|FindInMap|GetAtt|GetAZs|GetStackOutput|ImportValue|Join|Length|Select|Split|Sub"
    "|ToJsonString|Transform|And|Equals|If|Not|Or|Contains|EachMemberEquals|EachMemberIn|RefAll|ValueOf|ValueOfAll)"
)
"""Short forms of intrinsic, condition and rule functions
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html)."""

_TAG = "tag:yaml.org,2002:"
_IMPLIED_TAGS = {_TAG + kind for kind in ("bool", "float", "int", "merge", "null")}
_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON_TOKEN = re.compile(
    r"""(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+"?)(?P<colon>\s*:)?|(?P<opening>[{\[])|(?P<closing>[}\]])"""
    r"""|(?P<word>[^\s"{}\[\]:,]++)""",
    re.DOTALL,
)

_EMPTY = "empty; expected a CloudFormation template in JSON or YAML"
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels, the limit"
_TOO_MANY = f"more than {MAX_NODES:,} keys and values, the limit; an alias counts as all that it stands for"
_SURROGATE_PROBLEM = "half of a surrogate pair is no character; expected both halves, or another character"


class InputError(Exception):
    """One input could not be read.

    `where` is the file as the user named it, with line and column (from 1) where they are known; `problem`
    says what is wrong and what was expected.
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(where, problem)
        self.where = where
        self.problem = problem

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


def read_document(data: bytes, where: str, *, max_bytes: int = MAX_TEMPLATE_BYTES) -> dict[str, object]:
    """Return the object that a JSON or YAML document holds.

    What begins with `{` is JSON; all else is YAML. Short forms of intrinsic functions become the long ones
    (`!GetAtt A.B` gives `{"Fn::GetAtt": ["A", "B"]}`), a scalar key is its literal text, dates stay text.
    What an alias repeats is one and the same Python object. Raises InputError, `where` naming the document.
    """
    if len(data) > max_bytes:
        _refuse_size(where, max_bytes)
    text = _decode(data, where)
    if not text.strip():
        raise InputError(where, _EMPTY)
    if text.lstrip().startswith("{"):
        return _read_json(text, where)
    return _read_yaml(text, where)


def _refuse_size(where: str, max_bytes: int) -> NoReturn:
    raise InputError(where, f"larger than {max_bytes:,} bytes, the limit for such a file")


def _key_problem(key: str, seen: Container[str]) -> str | None:
    if key in seen:
        return f"the key {_quoted(key)} stands twice in one object; keep one of them"
    return None


def _length_problem(number: str) -> str | None:
    if len(number) > MAX_NUMBER_LENGTH:
        return f"a number of {len(number):,} characters; the limit is {MAX_NUMBER_LENGTH}"
    return None


def _infinity_problem(number: str) -> str:
    return f"the number {_quoted(number)} is not finite; expected a finite one, or text in quotes"


def _quoted(text: str) -> str:
    return f"'{printable(text if len(text) <= 60 else text[:57] + '...')}'"  # noqa: PLR2004 -- a line's worth


def _place(where: str, text: str, offset: int) -> str:
    return f"{where}:{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}"


def _decode(data: bytes, where: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(where, "encoded as UTF-16; save it as UTF-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = _place(where, before, len(before))
        raise InputError(place, f"the byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8") from None
    if (nul := text.find("\0")) >= 0:
        raise InputError(_place(where, text, nul), "a NUL byte, so this is no text; expected JSON or YAML in UTF-8")
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
                problem = _TOO_DEEP if len(objects) > MAX_DEPTH else None
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
            problem = _TOO_MANY
        if problem:
            raise InputError(_place(where, text, token.start()), problem)


def _json_word_problem(word: str) -> str | None:
    try:
        finite = math.isfinite(float(word))
    except ValueError:
        return None  # true, false, null, or nothing of JSON's
    return _length_problem(word) or (None if finite else _infinity_problem(word))


def _json_string_problem(literal: str, keys: set[str] | None) -> str | None:
    """Judge a string; `keys` are the earlier ones of its object if it is a key, and it joins them."""
    text = literal[1:-1]
    if "\\" in text:
        try:
            text = json.loads(literal)
        except json.JSONDecodeError:
            return None  # `json.loads` will find it, and say what is wrong with it
        if _SURROGATE.search(text):
            return _SURROGATE_PROBLEM
    if keys is None:
        return None
    problem = _key_problem(text, keys)
    keys.add(text)
    return problem


def _read_yaml(text: str, where: str) -> dict[str, object]:
    import yaml  # noqa: PLC0415 -- most templates are JSON, and start-up is felt in every commit hook

    if stray := yaml.reader.Reader.NON_PRINTABLE.search(text):
        problem = f"the character U+{ord(stray[0]):04X}, which YAML forbids; write it as an escape in quotes"
        raise InputError(_place(where, text, stray.start()), problem)
    resolver = yaml.resolver.Resolver()
    builder = _YamlBuilder(where, yaml.constructor.SafeConstructor())
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            match event:
                case yaml.DocumentStartEvent():
                    builder.begin(event)
                case yaml.CollectionStartEvent():
                    builder.open(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
                case yaml.CollectionEndEvent():
                    builder.close()
                case yaml.AliasEvent():
                    builder.alias(event)
                case yaml.ScalarEvent():
                    tag = event.tag
                    if tag in {None, "!"}:
                        # types-PyYAML leaves `resolve` unannotated
                        tag = resolver.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
                        tag = tag if tag in _IMPLIED_TAGS else _TAG + "str"
                    builder.scalar(event, yaml.ScalarNode(tag, event.value))
    except (
        yaml.YAMLError,
        ValueError,
        OverflowError,
    ) as error:  # without libyaml, odd escapes raise the latter
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        problem = getattr(error, "problem", None) or str(error)
        raise InputError(place, f"not valid YAML: {printable(problem)}") from None
    return builder.document()


@dataclass(slots=True)
class _Node:
    """An object or list under construction, or any finished value that an anchor names."""

    value: Any
    function: str | None = None  # what the short form on it stands for
    depth: int = 0
    key: str | None = None  # of an object: the key that awaits its value
    size: int = 1  # keys and values, itself included
    height: int = 0  # levels of objects and lists, itself included
    finished: bool = False

    def finish(self) -> None:
        if self.function:
            self.value = {self.function: self.value}
            self.size += 2
            self.height += 1
        self.finished = True


class _YamlBuilder:
    """Builds the document from YAML's events, without recursion, and refuses once a bound is crossed."""

    def __init__(self, where: str, constructor: yaml.constructor.SafeConstructor) -> None:
        self._where = where
        self._conversions: dict[str, Callable[[yaml.ScalarNode], object]] = {
            _TAG + "int": constructor.construct_yaml_int,
            _TAG + "float": constructor.construct_yaml_float,
            _TAG + "bool": constructor.construct_yaml_bool,
            _TAG + "null": constructor.construct_yaml_null,
        }
        self._begun = False
        self._root: object = None
        self._open: list[_Node] = []
        self._anchors: dict[str, _Node] = {}
        self._nodes = 0

    def document(self) -> dict[str, object]:
        if not self._begun:
            raise InputError(self._where, _EMPTY)
        if not isinstance(self._root, dict):
            raise InputError(self._where, "no object at the top; expected a template, an object with Resources")
        return self._root

    def begin(self, event: yaml.Event) -> None:
        if self._begun:
            self._refuse(event, "a second YAML document begins here; expected one a file")
        self._begun = True

    def open(self, event: yaml.CollectionStartEvent, value: dict[str, object] | list[object]) -> None:
        function = _long_form(event.tag)
        own_tag = _TAG + ("map" if isinstance(value, dict) else "seq")
        if not function and event.tag not in {None, "!", own_tag}:
            self._refuse_tag(event, event.tag)
        levels = 2 if function else 1
        self._claim(event, size=levels * 2 - 1, levels=levels)
        node = _Node(value, function, self._depth() + levels, height=1)
        self._anchor(event, node)
        self._open.append(node)

    def close(self) -> None:
        node = self._open.pop()
        node.finish()
        self._add(node)

    def alias(self, event: yaml.AliasEvent) -> None:
        node = self._anchors.get(event.anchor or "")
        name = _quoted(f"*{event.anchor}")
        if not node:
            self._refuse(event, f"the alias {name} has no anchor before it; expected one")
        if not node.finished:
            self._refuse(event, f"the alias {name} stands inside what it repeats, so it would never end")
        self._claim(event, node.size, node.height)
        self._add(node)

    def scalar(self, event: yaml.ScalarEvent, scalar: yaml.ScalarNode) -> None:
        if _SURROGATE.search(event.value):
            self._refuse(event, _SURROGATE_PROBLEM)
        if self._awaits_key():
            self._key(event, scalar.tag)
            return
        node = _Node(event.value, _long_form(scalar.tag))
        if node.function == "Fn::GetAtt":
            node = _Node(event.value.split(".", 1), node.function, size=3, height=1)
        elif not node.function:
            node.value = self._converted(event, scalar)
        node.finish()
        self._claim(event, node.size, node.height)
        self._anchor(event, node)
        self._add(node)

    def _key(self, event: yaml.ScalarEvent, tag: str) -> None:
        if tag == _TAG + "merge":
            self._refuse(event, "the merge key '<<', which CloudFormation does not support; write the keys out")
        if tag == _TAG + "null":
            self._refuse(event, "null as a key; expected a name, in quotes if it is meant as text")
        if tag not in _IMPLIED_TAGS and tag != _TAG + "str":
            self._refuse(event, f"the tag {_quoted(_shown_tag(tag))} on a key; expected a plain name")
        parent = self._open[-1]
        if problem := _key_problem(event.value, parent.value):
            self._refuse(event, problem)
        self._anchor(event, _Node(event.value, finished=True))
        parent.key = event.value
        parent.size += 1
        self._count(event, 1)

    def _converted(self, event: yaml.ScalarEvent, scalar: yaml.ScalarNode) -> object:
        """Return a scalar as YAML 1.1 types it; dates stay text."""
        if scalar.tag in {_TAG + "str", _TAG + "merge"}:
            return event.value
        if scalar.tag not in self._conversions:
            self._refuse_tag(event, scalar.tag)
        if problem := _length_problem(event.value):
            self._refuse(event, problem)
        try:
            value = self._conversions[scalar.tag](scalar)
        except (ValueError, LookupError):
            self._refuse(event, f"{_quoted(event.value)} is no {_shown_tag(scalar.tag)}; put text in quotes")
        if isinstance(value, float) and not math.isfinite(value):
            self._refuse(event, _infinity_problem(event.value))
        return value

    def _add(self, node: _Node) -> None:
        if not self._open:
            self._root = node.value
            return
        parent = self._open[-1]
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if isinstance(parent.value, list):
            parent.value.append(node.value)
        elif isinstance(parent.value, dict):
            parent.value[parent.key] = node.value
            parent.key = None

    def _anchor(self, event: yaml.NodeEvent, node: _Node) -> None:
        if event.anchor:
            self._anchors[event.anchor] = node

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _depth(self) -> int:
        return self._open[-1].depth if self._open else 0

    def _claim(self, event: yaml.NodeEvent, size: int, levels: int) -> None:
        if self._awaits_key():
            self._refuse(event, "an object, list or alias as a key; expected a name")
        if self._depth() + levels > MAX_DEPTH:
            self._refuse(event, _TOO_DEEP)
        self._count(event, size)

    def _count(self, event: yaml.NodeEvent, size: int) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            self._refuse(event, _TOO_MANY)

    def _refuse_tag(self, event: yaml.NodeEvent, tag: str | None) -> NoReturn:
        self._refuse(event, f"the tag {_quoted(_shown_tag(tag or ''))}; expected none, or a short form such as !Ref")

    def _refuse(self, event: yaml.Event, problem: str) -> NoReturn:
        mark = event.start_mark
        raise InputError(f"{self._where}:{mark.line + 1}:{mark.column + 1}" if mark else self._where, problem)


def _long_form(tag: str | None) -> str | None:
    if not tag or not _SHORT_FORM.fullmatch(tag):
        return None
    return tag[1:] if tag in {"!Ref", "!Condition"} else f"Fn::{tag[1:]}"


def _shown_tag(tag: str) -> str:
    return "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
