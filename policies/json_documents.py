"""Large JSON documents read within bounds, held against their models, and what is wrong with them in our words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from policies.nodes import child
from policies.reading import InputError, quoted

_Model = TypeVar("_Model", bound=BaseModel)

_MAX_TOLD = 5

_WORDS = {
    "missing": "missing",
    "extra_forbidden": "unknown key",
    "model_type": "expected an object",
    "dict_type": "expected an object",
    "list_type": "expected a list",
    "string_type": "expected a string",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
    "greater_than_equal": "expected {ge} or more",
    "string_pattern_mismatch": "expected sha256: and 64 hexadecimal digits",
}


_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


def parse_object(data: bytes, where: str, expected: str, *, max_values: int) -> dict[str, object]:
    """Return the object that a JSON document in UTF-8 holds, of so many values, reckoned by its commas and brackets.

    No object may have a key twice: what it holds by that is for each reader to guess (RFC 8259, section 4). Raises
    `InputError`, which says what was `expected` where it is no such document.
    """

    def unique(members: list[tuple[str, object]]) -> dict[str, object]:
        read = dict(members)
        if len(read) < len(members):
            ((twice, _),) = Counter(key for key, _ in members).most_common(1)
            raise InputError(where, f"the key {quoted(twice)} stands twice in one object; expected {expected}")
        return read

    # What stands in strings is no value: messages hold templates.
    if sum(map(_STRING.sub(b"", data).count, (b",", b"[", b"{"))) > max_values:
        raise InputError(where, f"more than {max_values:,} values, the limit")
    try:
        # This one bounds the depth and knows no other encoding and no NaN; the next tells the members of an object.
        from_json(data, allow_inf_nan=False)
        document = json.loads(data, object_pairs_hook=unique)
    except ValueError as error:
        raise InputError(where, f"not valid JSON in UTF-8: {error}; expected {expected}") from None
    if not isinstance(document, dict):
        raise InputError(where, f"no JSON object; expected {expected}")
    return document


def validate(model: type[_Model], document: object, where: str) -> _Model:
    """Return a document as a model has it. Raises `InputError` with the first places where it differs."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise InputError(where, _told(error.errors())) from None


def _told(details: Iterable[ErrorDetails]) -> str:
    told = [f"{_place(detail['loc'])}: {_problem(detail)}" for detail in details]
    return "; ".join(told if len(told) <= _MAX_TOLD else [*told[:_MAX_TOLD], "and more"])


def _problem(detail: ErrorDetails) -> str:
    words = _WORDS.get(detail["type"])
    return detail["msg"] if words is None else words.format(**detail.get("ctx", {}))


def _place(location: tuple[int | str, ...]) -> str:
    place = "$"
    for step in location:
        place = f"{place}[{step}]" if isinstance(step, int) else child(place, step)
    return place
