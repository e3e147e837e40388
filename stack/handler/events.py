"""What an event may be, and its JSON values as DynamoDB's types and back."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

# DynamoDB's limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MAX_ID_BYTES = 2048
MAX_NAME_BYTES = 65_535
MAX_LEVELS = 32  # the value of an attribute is the first, so maps and lists nest one less
MAX_DIGITS = 38
SMALLEST_MAGNITUDE = 1e-130
MAGNITUDE_BOUND = 10**126
MAX_CHANGES = 300  # operators of one expression

# The handler's own: a hostile event must not be answered with more than Lambda can return.
MAX_PAGE = 1000
MAX_SHOWN = 40

Event = dict[str, Any]


class Fields(NamedTuple):
    """The fields of an operation's event, beside `operation` itself."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


OPERATIONS = {
    "create": Fields(required=("id", "item")),
    "read": Fields(required=("id",)),
    "query": Fields(required=("id",), optional=("limit", "continuation")),
    "update": Fields(required=("id", "changes")),
}


def operation_named_by(event: object) -> str | None:
    """Find the operation that an event names, if it is one."""
    name = event.get("operation") if isinstance(event, dict) else None
    return name if isinstance(name, str) and name in OPERATIONS else None


def event_problems(event: object) -> Iterator[str]:
    """Name all that keeps an event from being carried out: nothing, if it is valid."""
    if not isinstance(event, dict):
        yield 'the event: expected an object such as {"operation": "read", "id": "w-1"}'
        return
    name = operation_named_by(event)
    if name is None:
        yield f"operation: expected one of {', '.join(OPERATIONS)}"
    required = OPERATIONS[name].required if name else ("id",)
    allowed = (*required, *OPERATIONS[name].optional) if name else tuple(PROBLEMS)
    yield from unknown_problems(event, "the event", ("operation", *allowed))
    for field in allowed:
        if field in event:
            yield from PROBLEMS[field](event)
        elif field in required:
            yield f"{field}: missing"


def unknown_problems(fields: dict[str, Any], where: str, allowed: tuple[str, ...]) -> Iterator[str]:
    """Name the fields that nobody would read."""
    for field in fields:
        if field not in allowed:
            yield f"{where}: unexpected {shown(field)}; expected {', '.join(allowed)}"


def changes_problems(event: Event) -> Iterator[str]:
    """Judge the changes to an item: DynamoDB takes each name once."""
    changes = event["changes"]
    if not isinstance(changes, dict):
        yield 'changes: expected an object such as {"set": {"worth": 99}, "remove": ["name"]}'
        return
    yield from unknown_problems(changes, "changes", ("set", "remove"))
    assigned, removed = changes.get("set", {}), changes.get("remove", [])
    yield from attribute_problems(assigned, "changes.set")
    earlier = [*assigned] if isinstance(assigned, dict) else []
    if not isinstance(removed, list):
        yield "changes.remove: expected a list of attribute names"
        return
    if isinstance(assigned, dict) and not 1 <= (count := len(assigned) + len(removed)) <= MAX_CHANGES:
        yield f"changes: expected 1 to {MAX_CHANGES} attributes, found {count}"
    for index, name in enumerate(removed[:MAX_CHANGES]):
        where = f"changes.remove[{index}]"
        yield from name_problems(name, where, MAX_NAME_BYTES)
        if name == "id":
            yield f"{where}: id is the key and never changes"
        if name in earlier:
            yield f"{where}: {shown(name)} is changed already"
        earlier.append(name)


def limit_problems(event: Event) -> Iterator[str]:
    """Judge the size of a page."""
    limit = event["limit"]
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_PAGE:
        yield f"limit: expected a whole number from 1 to {MAX_PAGE}"


def continuation_problems(event: Event) -> Iterator[str]:
    """Judge the token, unless the id it should belong to is wrong itself."""
    if "id" in event and not any(PROBLEMS["id"](event)) and event["continuation"] != continuation_of(event["id"]):
        yield "continuation: expected the token from this id's last page; leave it out to start anew"


def attribute_problems(attributes: object, where: str) -> Iterator[str]:
    """Judge the attributes of an item, other than its key."""
    if not isinstance(attributes, dict):
        yield f"{where}: expected an object of attributes"
        return
    if "id" in attributes:
        yield f"{where}: must not hold id, which is the key, stands beside it and never changes"
    yield from map_problems(attributes, where, level=1)


def map_problems(attributes: dict[object, object], where: str, level: int) -> Iterator[str]:
    """Judge names and values that are nested `level` deep."""
    for name, value in attributes.items():
        yield from name_problems(name, f"{where}, the name {shown(name)}", MAX_NAME_BYTES)
        yield from value_problems(value, f"{where}[{shown(name)}]", level)


def value_problems(value: object, where: str, level: int) -> Iterator[str]:
    """Name what keeps DynamoDB from storing a value that is nested `level` deep."""
    match value:
        case None | bool():
            pass
        case str():
            yield from text_problems(value, where)
        case int() | float():
            yield from number_problems(value, where)
        case list() | dict() if level >= MAX_LEVELS:
            yield f"{where}: nested deeper than DynamoDB's {MAX_LEVELS} levels"
        case list():
            for index, element in enumerate(value):
                yield from value_problems(element, f"{where}[{index}]", level + 1)
        case dict():
            yield from map_problems(value, where, level + 1)
        case _:
            yield f"{where}: expected a JSON value"


def name_problems(name: object, where: str, max_bytes: int) -> Iterator[str]:
    """Judge a key or an attribute's name, which unlike other text has a length to keep."""
    if not isinstance(name, str):
        yield f"{where}: expected a string"
        return
    yield from text_problems(name, where)
    size = len(name.encode(errors="surrogatepass"))
    if not 1 <= size <= max_bytes:
        yield f"{where}: expected 1 to {max_bytes} bytes of UTF-8, found {size}"


def text_problems(text: str, where: str) -> Iterator[str]:
    """Name what keeps a text from being UTF-8: JSON can spell half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        yield f"{where}: expected valid Unicode, found half a surrogate pair"


def number_problems(number: float, where: str) -> Iterator[str]:
    """Name what keeps DynamoDB from storing a number without loss."""
    if isinstance(number, float) and not math.isfinite(number):
        yield f"{where}: expected a finite number, found {number}"
    elif number and not SMALLEST_MAGNITUDE <= abs(number) < MAGNITUDE_BOUND:
        yield f"{where}: expected 0 or a magnitude from 1E-130 to below 1E+126"
    elif isinstance(number, int) and len(str(abs(number)).rstrip("0")) > MAX_DIGITS:
        yield f"{where}: expected at most {MAX_DIGITS} significant digits"


PROBLEMS: dict[str, Callable[[Event], Iterator[str]]] = {
    "id": lambda event: name_problems(event["id"], "id", MAX_ID_BYTES),
    "item": lambda event: attribute_problems(event["item"], "item"),
    "changes": changes_problems,
    "limit": limit_problems,
    "continuation": continuation_problems,
}


def continuation_of(item_id: str) -> str:
    """Make the token that continues a query: `id` is the whole key, so a partition has but one."""
    return base64.urlsafe_b64encode(item_id.encode()).decode()


def shown(text: object) -> str:
    """Repeat a caller's text in a message: quoted, in ASCII and short."""
    quoted = json.dumps(str(text)[: MAX_SHOWN + 1])
    return quoted if len(quoted) <= MAX_SHOWN else f'{quoted[: MAX_SHOWN - 1]}..."'


# DynamoDB's types


def to_attributes(item: dict[str, Any]) -> dict[str, AttributeValueTypeDef]:
    """Type the attributes of an item for DynamoDB."""
    return {name: to_attribute(value) for name, value in item.items()}


def to_attribute(value: Any) -> AttributeValueTypeDef:
    """Type a valid JSON value for DynamoDB."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            return {"N": repr(value)}
        case list():
            return {"L": [to_attribute(element) for element in value]}
        case _:
            return {"M": to_attributes(value)}


def from_attributes(attributes: Mapping[str, AttributeValueTypeDef]) -> dict[str, Any]:
    """Read the attributes of an item as JSON values."""
    return {name: from_attribute(attribute) for name, attribute in attributes.items()}


def from_attribute(attribute: AttributeValueTypeDef) -> Any:
    """Read an attribute as a JSON value: sets and bytes, which only others write, as lists and base64."""
    [(kind, value)] = attribute.items()
    return FROM_DYNAMODB[kind](value)


def from_number(text: str) -> int | float:
    """Read a number, as an integer where it is whole: to DynamoDB 5 and 5.0 are one."""
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


def from_bytes(data: bytes) -> str:
    """Read bytes as JSON can hold them."""
    return base64.b64encode(data).decode()


FROM_DYNAMODB: dict[str, Callable[[Any], Any]] = {
    "NULL": lambda _: None,
    "BOOL": bool,
    "S": str,
    "N": from_number,
    "B": from_bytes,
    "L": lambda elements: [from_attribute(element) for element in elements],
    "M": from_attributes,
    "SS": sorted,
    "NS": lambda texts: sorted(map(from_number, texts)),
    "BS": lambda blobs: sorted(map(from_bytes, blobs)),
}
