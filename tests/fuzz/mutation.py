"""Inputs made of others: JSON changed as the tree that it is, so that what comes of it is read; all else as text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any

MAX_BYTES = 65_536
"""What becomes larger is cut off, or left as it was: what is large by design is for tests of its own."""

_MAX_CHANGES = 4
_TOKEN = re.compile(rb"\s+|\w+|[^\w\s]")
_BYTES = (b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\r", b"\t", b"\x1b[31m")

SCALARS: Sequence[Any] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**70, -(10**99), 1.5, 1e308, 1e-320),
    *("", " ", "true", "FALSE", "yes", "0", "*", "?", "${", "${}", "${!a}", "{{resolve:ssm:/a:1}}", "(a+)+$", "\x00"),
    *("$", "\u2028", "\U0001f600", "\ud800", "a" * 300, "AWS::NoValue", "AWS::Region", "arn:aws:iam::aws:policy/"),
    *("PAY_PER_REQUEST", "Delete", "Retain", "HASH", "S", "Allow", "Deny", "dynamodb:*", "lambda.amazonaws.com"),
)
"""Values that readers stumble over, and words that rules look for."""

_KEYS = (
    *("Ref", "Condition", "Type", "Properties", "Default", "AllowedValues", "AllowedPattern", "NoEcho", "Transform"),
    *("Metadata", "Rules", "Mappings", "Outputs", "Value", "Export", "Name", "DependsOn", "Fn::Transform"),
    *("Statement", "NotAction", "NotResource", "NotPrincipal", "Principal", "", "worthwatch:settings", "AWS::NoValue"),
)


def mutate_json(data: bytes, random: Random) -> bytes:
    """Change a JSON document in some places; what is none, and every twentieth one, is changed as text."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return mutate_text(data, random)
    if random.randrange(20) == 0:
        return mutate_text(data, random)
    holder = [tree]
    for _ in range(random.randint(1, _MAX_CHANGES)):
        _change(holder, random)
    changed = json.dumps(holder[0]).encode()
    return changed if len(changed) <= MAX_BYTES else data


def mutate_text(data: bytes, random: Random) -> bytes:
    """Change words, lines and bytes of a text."""
    for _ in range(random.randint(1, _MAX_CHANGES)):
        data = random.choice(_OF_TEXT)(data, random)
    return data[:MAX_BYTES]


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each object and list of a tree with each of its keys or indices."""
    if isinstance(tree, dict | list):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            yield tree, key
            yield from places(tree[key])


def _change(holder: list[Any], random: Random) -> None:
    container, key = random.choice(list(places(holder)))
    random.choice(_OF_TREES)(holder, container, key, random)


def _drop(holder: list[Any], container: Any, key: Any, _: Random) -> None:
    if container is not holder:
        del container[key]


def _nasty(_: list[Any], container: Any, key: Any, random: Random) -> None:
    container[key] = deepcopy(random.choice((*SCALARS, [], {}, [[]], {"": {}})))


def _spliced(holder: list[Any], container: Any, key: Any, random: Random) -> None:
    """Put what stands elsewhere in this place."""
    other, other_key = random.choice(list(places(holder)))
    container[key] = deepcopy(other[other_key])


def _repeated(_: list[Any], container: Any, key: Any, random: Random) -> None:
    if isinstance(container, list):
        container.insert(key, deepcopy(container[key]))
    else:
        container[f"{key}{random.choice('2xZ')}"] = deepcopy(container[key])


def _renamed(holder: list[Any], container: Any, key: Any, random: Random) -> None:
    if isinstance(container, dict):
        names = [known for _, known in places(holder) if isinstance(known, str)]
        container[random.choice((*names, *_KEYS))] = container.pop(key)


def _respelled(_: list[Any], container: Any, key: Any, random: Random) -> None:
    """Write a scalar otherwise: some of it means the same, some does not."""
    match container[key]:
        case bool() as value:
            container[key] = random.choice([str(value), str(value).lower(), int(value), not value])
        case int() | float() as number:
            container[key] = random.choice([str(number), number + 1, -number, float(number) if number < 2**60 else 0])
        case str() as text:
            at = random.randint(0, len(text))
            other = random.choice(["*", "?", " ", "/", "-", "${AWS::Region}", ":", "A", "\n"])
            container[key] = random.choice(
                [text.upper(), text.lower(), text[:at] + other + text[at:], text[:at], text[at:], {"Fn::Sub": text}]
            )
        case None:
            container[key] = {"Ref": "AWS::NoValue"}
        case value:
            container[key] = random.choice([[value], json.dumps(value), {"Fn::ToJsonString": value}])


def _wrapped(holder: list[Any], container: Any, key: Any, random: Random) -> None:
    """Let a function give the value, which the template may know or not, and may call rightly or not."""
    value = container[key]
    document = holder[0] if isinstance(holder[0], dict) else {}
    named = [name for _, name in places(holder) if isinstance(name, str)] or ["A"]
    name = random.choice(named)
    condition = random.choice([*_names(document, "Conditions"), "Never"])
    container[key] = random.choice(
        [
            {"Ref": random.choice([*_names(document, "Parameters"), *_names(document, "Resources"), name])},
            {"Fn::GetAtt": [random.choice([*_names(document, "Resources"), name]), "Arn"]},
            {"Fn::GetAtt": f"{name}.Arn"},
            {"Fn::If": [condition, value, random.choice(SCALARS)]},
            {"Fn::If": [condition, {"Ref": "AWS::NoValue"}, value]},
            {"Fn::Select": [random.choice([0, "1", -1, value]), [value, random.choice(SCALARS)]]},
            {"Fn::Join": [random.choice(["", ",", value]), [value, {"Ref": name}]]},
            {"Fn::Split": [random.choice(["", ",", "a"]), value]},
            {"Fn::Sub": [f"x${{{name}}}", {name: value}]},
            {"Fn::FindInMap": [name, random.choice(named), value]},
            {"Fn::ImportValue": value},
            {"Fn::Base64": value},
            {"Fn::Cidr": ["10.0.0.0/8", value, 8]},
            {"Fn::Length": value},
            {"Fn::ForEach::A": ["A", [name, "b"], {"${A}": value}]},
            {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": value}}},
            {f"Fn::{name}": value},
            {"Fn::Not": [{"Fn::Equals": [value, value]}]},
        ]
    )


def _names(document: dict[str, Any], section: str) -> list[str]:
    held = document.get(section)
    return list(held) if isinstance(held, dict) else []


def _declared(holder: list[Any], _: Any, __: Any, random: Random) -> None:
    """Declare something that other changes may come to use: a condition, a parameter or a macro."""
    document = holder[0]
    if not isinstance(document, dict):
        return
    names = [*_names(document, "Parameters"), "Never", "Stage"]
    section, body = random.choice(
        [
            ("Parameters", {"Type": "String", "Default": random.choice(["", "true", "dev"])}),
            ("Parameters", {"Type": "String", "AllowedValues": ["true", "false", random.choice(SCALARS)]}),
            (
                "Parameters",
                {"Type": "CommaDelimitedList", "AllowedPattern": random.choice(["a|b", "(a*)*", "[", ".*"])},
            ),
            ("Conditions", {"Fn::Equals": [{"Ref": random.choice(names)}, random.choice(["true", "dev"])]}),
            ("Conditions", {"Fn::Or": [{"Condition": random.choice(names)}, {"Condition": random.choice(names)}]}),
            ("Rules", {"Assertions": [{"Assert": {"Fn::Contains": [["true"], {"Ref": random.choice(names)}]}}]}),
            ("Mappings", {"a": {"b": random.choice(SCALARS)}}),
        ]
    )
    if not isinstance(document.get(section), dict):
        document[section] = {}
    document[section][random.choice(names)] = body
    if random.randrange(4) == 0:
        document["Transform"] = random.choice(["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31", "Other"])


_OF_TREES: Sequence[Callable[[list[Any], Any, Any, Random], None]] = (
    *(_drop, _nasty, _spliced, _repeated, _renamed, _respelled, _respelled, _wrapped, _wrapped, _declared),
)


def _word(data: bytes, random: Random) -> bytes:
    """Put another word of the text, or nothing, or a nasty one, in the place of one."""
    words = _TOKEN.findall(data)
    if not words:
        return random.choice(_BYTES)
    at = random.randrange(len(words))
    words[at] = random.choice([random.choice(words), b"", words[at] * 2, random.choice(_BYTES), _spelled(random)])
    return b"".join(words)


def _line(data: bytes, random: Random) -> bytes:
    """Take a line away, say it twice, or say it elsewhere."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return _spelled(random)
    line = random.choice(lines)
    if random.randrange(2):
        lines.remove(line)
    if random.randrange(2):
        lines.insert(random.randint(0, len(lines)), line)
    return b"".join(lines)


def _indented(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    at = random.randrange(len(lines))
    lines[at] = random.choice([b"  " + lines[at], lines[at].lstrip(), b"- " + lines[at], b"# " + lines[at]])
    return b"".join(lines)


def _cut(data: bytes, random: Random) -> bytes:
    start = random.randint(0, len(data))
    return data[:start] + data[random.randint(start, min(len(data), start + 40)) :]


def _deep(data: bytes, random: Random) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + random.choice([b"[", b"{", b"{a: ", b'{"a":', b"- ", b"a.", b"> ", b"("]) * 150 + data[at:]


def _spelled(random: Random) -> bytes:
    return json.dumps(random.choice(SCALARS)).encode()


_OF_TEXT: Sequence[Callable[[bytes, Random], bytes]] = (_word, _word, _word, _line, _line, _indented, _cut, _deep)
