"""CloudFormation's functions that compute a value from others.

A value of which something is unknown stays so through every function, and keeps what is known of it. Source: AWS
CloudFormation Template Reference, "Intrinsic function reference", where nothing else is said.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from policies import encodings
from policies.calls import Call, Function, Resolved, as_text, parameter_named, spelled
from policies.errors import TemplateError
from policies.values import Missing, Origin, Text, Unknown, origin_of

if TYPE_CHECKING:
    from policies.worlds import World

_MAX_BLOCKS = 256
"""How many blocks `Fn::Cidr` gives at most."""


def _join(call: Call) -> Resolved:
    match call.argument:
        case [str(separator), raw]:
            items = call.items(raw, "[1]")
        case _:
            raise call.refused("a separator and a list")
    if isinstance(items, Unknown):
        return call.unknown_by(items)
    pieces: list[str | Text] = []
    for item, place in items:
        pieces += [separator, as_text(item, place)] if pieces else [as_text(item, place)]
    return call.joined(pieces)


def _select(call: Call) -> Resolved:
    match call.argument:
        case [raw_index, raw_items]:
            index = parameter_named(call.world, raw_index) or call.text(raw_index, "[0]")
            items = call.raw_items(raw_items, "[1]")
        case _:
            raise call.refused("an index and a list")
    if isinstance(items, Unknown):
        return _unknown_item(call, index, items)
    if len(index.unknowns) > 1:
        return call.unknown(index.unknowns[0].reason)
    # Only a call may come to nothing: what else is in a long list need not be resolved to count its items.
    resolved = (
        (call.resolve(call.world, *item)[0] if isinstance(item[0], dict) else item[0], item[1]) for item in items
    )
    existing = [item for item in resolved if not isinstance(item[0], Missing)]
    chosen = _among(call.world, index, [str(i) for i in range(len(existing))], others=False)
    if chosen is None:
        said = index.literal if index.literal is not None else f"that {index.unknowns[0].key} may be"
        raise call.impossible(f"there is no item {said} in this list of {len(existing)}")
    return call.resolve(call.world, *existing[int(chosen)])[0]


def _unknown_item(call: Call, index: Text, items: Unknown) -> Resolved:
    """Return an item of a list that is not known as a whole."""
    if index.literal is None:
        return call.unknown_by(*index.unknowns, items)
    if not (index.literal.isascii() and index.literal.isdecimal()):
        raise call.impossible(f"there is no item {index.literal} in any list")
    if isinstance(items, _Pieces):
        for i, piece in enumerate(items.first):
            if str(i) == index.literal:
                return piece
    lacks = items.separator if isinstance(items, _Pieces) else ""
    item = Unknown(f"item {index.literal} of {items.key}", items.reason, origin_of((items,)), lacks=lacks)
    parameter = call.world.stacks.parameters.get(items.key)
    if parameter is not None and parameter.is_list and parameter.allowed and not parameter.is_stored:
        return Text.of(call.world.one_of(item, parameter.allowed, others=False) or item)
    return call.world.known(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pieces(Unknown):
    """The list that `Fn::Split` makes of a text which may hold more separators than are seen; its first are known."""

    first: tuple[Text, ...]
    separator: str


def _split(call: Call) -> Resolved:
    match call.argument:
        case [str(separator), raw] if separator:
            whole = call.text(raw, "[1]")
        case _:
            raise call.refused("a separator and a string")
    call.world.step(call.path, len(whole.unknowns) * len(separator) ** 2 // 1000)
    certain = Text(_certain_parts(whole, separator))
    separators = sum(part.count(separator) for part in certain.parts if isinstance(part, str))
    call.world.step(call.path, separators // 4)
    pieces = certain.split(separator)
    if certain == whole:
        return list(pieces)
    reason, origin = whole.unknowns[0].reason, origin_of(whole.unknowns)
    key = f"Fn::Split {json.dumps([separator, spelled(call.world, whole, call.path)])}"
    return Text.of(_Pieces(key, reason, origin, first=pieces[:-1], separator=separator))


def _certain_parts(text: Text, separator: str) -> tuple[str | Unknown, ...]:
    """Return the parts of a text up to an unknown one that may hold a separator, or begin or end one."""
    # How many characters of a separator may just have been read, with an unknown part among them; of several, any will
    # do: between two of them there is no other separator.
    begun: dict[int, int] = {}
    before = ""
    for i, part in enumerate(text.parts):
        if isinstance(part, Unknown):
            entering = {n: i for n in range(len(separator)) if before.endswith(separator[:n])} | begun
            begun, before = _read_on(entering, part, separator), ""
            if len(separator) in begun:
                return text.parts[: begun[len(separator)]]
            if part.origin is Origin.GENERATED:
                # Such a name is no piece of the separator: only what begins within it goes on after it.
                begun = _read_on({0: i}, part, separator)
        else:
            ended = [first for n, first in begun.items() if n and part.startswith(separator[n:])]
            if ended:
                return text.parts[: min(ended)]
            begun = {n + len(part): first for n, first in begun.items() if n and separator[n:].startswith(part)}
            before = part
    return text.parts


def _read_on(begun: Mapping[int, int], hidden: Unknown, separator: str) -> dict[int, int]:
    """Return how much of a separator may have been read after an unknown part, by how much may have been before."""
    after = dict(begun)
    for n, character in enumerate(separator):
        if n in after and not (hidden.atomic and character in ":/"):
            after.setdefault(n + 1, after[n])
    return after


def _find_in_map(call: Call) -> Resolved:
    default: list[object] = []
    match call.argument:
        case [name, top, second]:
            pass
        case [name, top, second, {"DefaultValue": value}]:
            default = [value]
        case _:
            raise call.refused("a map's name, a top level key and a second level key")
    keys = [parameter_named(call.world, key) or call.text(key, f"[{i}]") for i, key in enumerate((name, top, second))]
    found: object = call.world.template.mappings
    for depth, key in enumerate(keys):
        held = found if isinstance(found, dict) else {}
        if len(key.unknowns) > 1:
            return call.unknown(key.unknowns[0].reason)
        if key.literal not in held and any(name.startswith("Fn::") for name in held):
            return call.unknown("a macro may define the mapping at deployment")
        chosen = key.literal
        if chosen is None:
            call.world.step(call.path, len(held))
            leading = [name for name in held if _leads(held[name], keys[depth + 1 :])]
            chosen = _among(call.world, key, leading, others=bool(default))
        found = held.get(chosen)
    if found is not None:
        return call.resolve(call.world, found, call.path)[0]
    if default:
        return call.resolve(call.world, default[0], f"{call.path}[3].DefaultValue")[0]
    said = ".".join(key.literal if key.literal is not None else key.unknowns[0].key for key in keys)
    raise call.impossible(f"no mapping has {said}")


def _leads(place: object, keys: Sequence[Text]) -> bool:
    """Tell whether a place of a mapping has something under keys, as far as these are known."""
    for key in keys:
        if not isinstance(place, dict):
            return False
        if key.literal is None:
            return bool(place)
        place = place.get(key.literal)
    return place is not None


def _among(world: World, text: Text, strings: Sequence[str], *, others: bool) -> str | None:
    """Return which of some strings a text with at most one unknown part is, or None where it is another.

    `others` tells whether a deployment may come to another at all.
    """
    if text.literal is not None:
        return text.literal if text.literal in strings else None
    candidates: dict[str, str] = {}
    for string in strings:
        hidden, left = text.rest(Text.of(string))
        if hidden.parts == text.unknowns and left.literal is not None:
            candidates[left.literal] = string
    chosen = world.one_of(text.unknowns[0], tuple(candidates), others=others)
    return None if chosen is None else candidates[chosen]


def _length(call: Call) -> Resolved:
    items = call.items(call.argument, "")
    return call.unknown_by(items) if isinstance(items, Unknown) else sum(1 for _ in items)


def _cidr(call: Call) -> Resolved:
    match call.argument:
        case [_, _] | [_, _, _]:
            block, count, *bits = (call.text(raw, f"[{i}]") for i, raw in enumerate(call.argument))
        case _:
            raise call.refused("an IP block, a count and a number of bits")
    hidden = [part for text in (block, count, *bits) for part in text.unknowns]
    if hidden:
        return call.unknown_by(*hidden)
    try:
        network = ipaddress.ip_network(str(block.literal), strict=False)
    except ValueError:
        raise TemplateError(f"{call.path}[0]", "an IP block such as 10.0.0.0/16 is expected here") from None
    blocks = _number(count, f"{call.path}[1]", 1, _MAX_BLOCKS)
    if not bits:
        return call.unknown("how many bits Fn::Cidr takes by default is not documented", Origin.EXTERNAL)
    longest = network.max_prefixlen
    prefix = longest - _number(bits[0], f"{call.path}[2]", 1, longest)
    if prefix < network.prefixlen or blocks > 2 ** (prefix - network.prefixlen):
        raise TemplateError(call.path, f"{network} has no room for {blocks} blocks of {longest - prefix} bits")
    return [Text.of(str(subnet)) for subnet in islice(network.subnets(new_prefix=prefix), blocks)]


def _number(text: Text, path: str, least: int, most: int) -> int:
    numbers = {str(number): number for number in range(least, most + 1)}
    if text.literal in numbers:
        return numbers[text.literal]
    raise TemplateError(path, f"a number from {least} to {most} is expected here")


def _get_azs(call: Call) -> Resolved:
    if call.argument is not None:
        call.text(call.argument, "")
    return call.unknown(f"what {call.name} gives is known at deployment only", Origin.EXTERNAL)


FUNCTIONS: dict[str, Function] = {
    "Fn::Base64": encodings.base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::ToJsonString": encodings.to_json_string,
}
