"""YAML templates to plain data, within the bounds of `policies.reading`.

YAML is what CloudFormation documents: version 1.1 with the short forms of intrinsic functions, without merge
keys and without the binary, omap, pairs, set and timestamp tags
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html). Aliases are expanded,
as `aws cloudformation package` does before it uploads a template.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from policies.reading import (
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    TOO_MANY,
    InputError,
    infinity_problem,
    key_problem,
    length_problem,
    place_in,
    printable,
    quoted,
    surrogate_problem,
)

_SHORT_FORM = re.compile(
    "!(?:Ref|Condition|Base64|Cidr|FindInMap|GetAtt|GetAZs|GetStackOutput|ImportValue|Join|Length|Select|Split|Sub"
    "|ToJsonString|Transform|And|Equals|If|Not|Or|Contains|EachMemberEquals|EachMemberIn|RefAll|ValueOf|ValueOfAll)"
)
"""Short forms of intrinsic, condition and rule functions
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html)."""

_TAG = "tag:yaml.org,2002:"
_IMPLIED_TAGS = {_TAG + kind for kind in ("bool", "float", "int", "merge", "null")}


def read_yaml(text: str, where: str, expected: str) -> dict[str, object]:
    """Return the object that a YAML document holds; raise InputError with where it is and what it should be."""
    if stray := yaml.reader.Reader.NON_PRINTABLE.search(text):
        problem = f"the character U+{ord(stray[0]):04X}, which YAML forbids; write it as an escape in quotes"
        raise InputError(place_in(where, text, stray.start()), problem)
    resolver = yaml.resolver.Resolver()
    builder = _YamlBuilder(where, expected, yaml.constructor.SafeConstructor())
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
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the latter two: odd escapes, without libyaml
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        problem = getattr(error, "problem", None) or str(error)
        raise InputError(place, f"not valid YAML: {printable(problem)}") from None
    return builder.document()


@dataclass(slots=True)
class _Node:
    """An object or list under construction, or any finished value that an anchor names."""

    value: Any
    function: str | None  # what the short form on it stands for
    key: str | None = None  # of an object: the key that awaits its value
    size: int = 1  # keys and values, itself included
    height: int = 0  # levels of objects and lists, itself included

    def finish(self) -> None:
        if self.function:
            self.value = {self.function: self.value}
            self.size += 2
            self.height += 1


class _YamlBuilder:
    """Builds the document from YAML's events, without recursion, and refuses once a bound is crossed."""

    def __init__(self, where: str, expected: str, constructor: yaml.constructor.SafeConstructor) -> None:
        self._where = where
        self._expected = expected
        self._conversions: dict[str, Callable[[yaml.ScalarNode], object]] = {
            _TAG + "int": constructor.construct_yaml_int,
            _TAG + "float": constructor.construct_yaml_float,
            _TAG + "bool": constructor.construct_yaml_bool,
            _TAG + "null": constructor.construct_yaml_null,
        }
        self._roots: list[object] = []
        self._open: list[_Node] = []
        self._anchors: dict[str | None, _Node] = {}
        self._nodes = 0
        self._depth = 0

    def document(self) -> dict[str, object]:
        if not self._roots:
            raise InputError(self._where, f"empty; expected {self._expected}")
        root = self._roots[0]
        if not isinstance(root, dict):
            raise InputError(self._where, f"no object at the top; expected {self._expected}")
        return root

    def begin(self, event: yaml.Event) -> None:
        if self._roots:
            self._refuse(event, "a second YAML document begins here; expected one a file")

    def open(self, event: yaml.CollectionStartEvent, value: dict[str, object] | list[object]) -> None:
        function = _long_form(event.tag)
        own_tag = _TAG + ("map" if isinstance(value, dict) else "seq")
        if event.tag is not None and not function and event.tag not in {"!", own_tag}:
            self._refuse_tag(event, event.tag)
        levels = 2 if function else 1
        self._claim(event, size=levels * 2 - 1, levels=levels)
        self._depth += levels
        node = _Node(value, function, height=1)
        self._anchors[event.anchor] = node
        self._open.append(node)

    def close(self) -> None:
        node = self._open.pop()
        self._depth -= 2 if node.function else 1
        node.finish()
        self._add(node)

    def alias(self, event: yaml.AliasEvent) -> None:
        node = self._anchors.get(event.anchor)
        name = quoted(f"*{event.anchor}")
        if not node:
            self._refuse(event, f"the alias {name} has no anchor before it; expected one")
        if any(one is node for one in self._open):
            self._refuse(event, f"the alias {name} stands inside what it repeats, so it would never end")
        self._claim(event, node.size, node.height)
        self._add(node)

    def scalar(self, event: yaml.ScalarEvent, scalar: yaml.ScalarNode) -> None:
        if problem := surrogate_problem(event.value):
            self._refuse(event, problem)
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
        self._anchors[event.anchor] = node
        self._add(node)

    def _key(self, event: yaml.ScalarEvent, tag: str) -> None:
        if tag == _TAG + "merge":
            self._refuse(event, "the merge key '<<', which CloudFormation does not support; write the keys out")
        if tag == _TAG + "null":
            self._refuse(event, "null as a key; expected a name, in quotes if it is meant as text")
        if tag not in _IMPLIED_TAGS and tag != _TAG + "str":
            self._refuse(event, f"the tag {quoted(_shown_tag(tag))} on a key; expected a plain name")
        parent = self._open[-1]
        if problem := key_problem(event.value, parent.value):
            self._refuse(event, problem)
        self._anchors[event.anchor] = _Node(event.value, None)
        parent.key = event.value
        parent.size += 1
        self._count(event, 1)

    def _converted(self, event: yaml.ScalarEvent, scalar: yaml.ScalarNode) -> object:
        """Return a scalar as YAML 1.1 types it; dates stay text."""
        if scalar.tag in {_TAG + "str", _TAG + "merge"}:
            return event.value
        if scalar.tag not in self._conversions:
            self._refuse_tag(event, scalar.tag)
        if problem := length_problem(event.value):
            self._refuse(event, problem)
        try:
            value = self._conversions[scalar.tag](scalar)
        except (ValueError, LookupError):
            self._refuse(event, f"{quoted(event.value)} is no {_shown_tag(scalar.tag)}; put text in quotes")
        if isinstance(value, float) and not math.isfinite(value):
            self._refuse(event, infinity_problem(event.value))
        return value

    def _add(self, node: _Node) -> None:
        if not self._open:
            self._roots.append(node.value)
            return
        parent = self._open[-1]
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if isinstance(parent.value, list):
            parent.value.append(node.value)
        else:
            parent.value[parent.key] = node.value
            parent.key = None

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _claim(self, event: yaml.NodeEvent, size: int, levels: int) -> None:
        if self._awaits_key():
            self._refuse(event, "an object, list or alias as a key; expected a name")
        if self._depth + levels > MAX_DEPTH:
            self._refuse(event, TOO_DEEP)
        self._count(event, size)

    def _count(self, event: yaml.NodeEvent, size: int) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            self._refuse(event, TOO_MANY)

    def _refuse_tag(self, event: yaml.NodeEvent, tag: str) -> NoReturn:
        self._refuse(event, f"the tag {quoted(_shown_tag(tag))}; expected none, or a short form such as !Ref")

    def _refuse(self, event: yaml.Event, problem: str) -> NoReturn:
        mark: Any = event.start_mark  # the parser gives one to every event, which its types do not say
        raise InputError(f"{self._where}:{mark.line + 1}:{mark.column + 1}", problem)


def _long_form(tag: str | None) -> str | None:
    if not tag or not _SHORT_FORM.fullmatch(tag):
        return None
    return tag[1:] if tag in {"!Ref", "!Condition"} else f"Fn::{tag[1:]}"


def _shown_tag(tag: str) -> str:
    return "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
