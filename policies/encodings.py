"""CloudFormation's functions that write a value in another notation: Fn::Base64 and Fn::ToJsonString.

What is known of the value is written; what is unknown of it stays so. Source: AWS CloudFormation Template Reference,
"Intrinsic function reference", where nothing else is said.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator

from policies.calls import Call, Piece, Resolved, as_text, spelled, wholly_unknown
from policies.values import Origin, Text, Unknown, origin_of


def base64(call: Call) -> Resolved:
    """Give the Base64 of a string's UTF-8, as far as the string is known."""
    plain = call.text(call.argument, "")
    first = plain.parts[0] if plain.parts else ""
    known = first.encode(errors="surrogatepass") if isinstance(first, str) else b""
    if plain.literal is not None:
        return call.joined([b64encode(known).decode()])
    # Three bytes become four characters whatever follows them.
    whole = len(known) // 3 * 3
    after = spelled(call.world, Text(plain.parts[1:] if known else plain.parts), call.path)
    generated = all(part.origin is Origin.GENERATED for part in plain.unknowns)
    # What is made of such names alone is as much this deployment's own as they are.
    origin = Origin.GENERATED if generated else origin_of(plain.unknowns)
    rest = Unknown(f"Fn::Base64 of {known[whole:].hex()}{after}", plain.unknowns[0].reason, origin)
    return call.joined([b64encode(known[:whole]).decode(), call.world.known(rest)])


def to_json_string(call: Call) -> Resolved:
    """Give the JSON of an object or a list, as far as it is known."""
    value, place = call.resolve(call.world, call.argument, call.path)
    hidden = wholly_unknown(value)
    if hidden is not None:
        return call.unknown_by(hidden)
    if not isinstance(value, dict | list):
        raise call.refused("an object or a list")
    return call.joined(_json(call, value, place))


def _json(call: Call, value: Resolved, path: str) -> Iterator[Piece]:
    """Give the pieces of a value's JSON, in the order of the template and without spaces.

    Source: RFC 14 of the repository aws-cloudformation/cfn-language-discussion, "New Intrinsic Function to Convert
    Template Block to JSON String".
    """
    comma = ""
    if isinstance(value, dict):
        yield "{"
        for key, raw in value.items():
            place = call.world.node({key: raw}, path).get(key)
            for member in call.existing([(raw, place.path)]):
                yield f"{comma}{json.dumps(key, ensure_ascii=False)}:"
                yield from _json(call, *member)
                comma = ","
        yield "}"
    elif isinstance(value, list):
        yield "["
        for member in call.existing((raw, f"{path}[{i}]") for i, raw in enumerate(value)):
            yield comma
            yield from _json(call, *member)
            comma = ","
        yield "]"
    elif isinstance(value, Text):
        yield from _json_string(value)
    else:
        yield as_text(value, path)


def _json_string(text: Text) -> Iterator[Piece]:
    hidden = wholly_unknown(text)
    if hidden is not None and not hidden.atomic:
        # It may be a list, or a number.
        yield Unknown(f"Fn::ToJsonString of {hidden.key}", hidden.reason, origin_of((hidden,)))
        return
    yield '"'
    for part in text.parts:
        if isinstance(part, str):
            yield json.dumps(part, ensure_ascii=False)[1:-1]
        elif part.atomic:
            yield part
        else:
            yield Unknown(f"{part.key} in JSON", part.reason, origin_of((part,)))
    yield '"'
