"""The Lambda of the WorthWatch storage: creates, reads, queries and updates items of its DynamoDB table.

An event is one JSON object; `id` is the item's partition key, an attribute is any JSON value:

    {"operation": "create", "id": "w-1", "item": {"name": "Ring", "worth": 120.5}}
    {"operation": "read",   "id": "w-1"}
    {"operation": "query",  "id": "w-1", "limit": 10, "continuation": "..."}
    {"operation": "update", "id": "w-1", "changes": {"set": {"worth": 99}, "remove": ["name"]}}

`limit`, `continuation` and one of `set` and `remove` may be left out. The answer is one of

    {"ok": true, "item": {"id": "w-1", ...}}                            the item as it is now
    {"ok": true, "items": [{"id": "w-1", ...}], "continuation": null}   a query's page; null after the last
    {"ok": false, "error": {"code": "...", "message": "..."}}

with the codes ValidationError (the message lists all problems of the event), NotFound, AlreadyExists (also
for a create that is repeated because its answer was lost) and Throttled (repeat the event later). What no
caller can mend, such as a missing table name or a denied access, is raised: Lambda counts it as an error, and
retries asynchronous events.
"""

from __future__ import annotations

import base64
import functools
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
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
MAX_PROBLEMS = 20
MAX_SHOWN = 40

THROTTLING = ("ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException")

Event = dict[str, Any]
Answer = dict[str, Any]


class LambdaContext(Protocol):
    """What the handler reads of the context that Lambda passes."""

    aws_request_id: str


class ConfigurationError(Exception):
    """The function's environment does not name its table."""


def handler(event: object, context: LambdaContext) -> Answer:
    """Answer an event, and print one JSON line about it that holds nothing of the item.

    Raises ConfigurationError when the environment does not name the table, and botocore's errors for all else
    that the caller cannot mend.
    """
    outcome = "raised"
    try:
        answer = answer_to(event)
        outcome = "ok" if answer["ok"] else answer["error"]["code"]
    finally:
        operation = operation_named_by(event)
        print(json.dumps({"request_id": context.aws_request_id, "operation": operation, "outcome": outcome}))
    return answer


def answer_to(event: object) -> Answer:
    """Perform what the event asks for, or say everything that is wrong with it."""
    problems = list(islice(event_problems(event), MAX_PROBLEMS + 1))
    if problems:
        problems[MAX_PROBLEMS:] = ["..."] * (len(problems) > MAX_PROBLEMS)
        return refusal("ValidationError", "; ".join(problems))
    valid = cast("Event", event)
    try:
        return OPERATIONS[valid["operation"]].perform(valid)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if code in THROTTLING:
            return refusal("Throttled", "the table takes no more requests now; repeat the event later")
        # Only DynamoDB measures an item; any other validation error means that the table is not as expected.
        if code == "ValidationException" and "size" in message.lower():
            return refusal("ValidationError", f"the item is larger than DynamoDB's 400 KB: {message}")
        raise


def refusal(code: str, message: str) -> Answer:
    """Answer an event that was not carried out."""
    return {"ok": False, "error": {"code": code, "message": message}}


# The table


@functools.cache
def dynamodb() -> DynamoDBClient:
    """Make the client when the first event needs it, and keep it as long as Lambda keeps the process.

    Its patience is short, so that throttling is answered before the function's own time is up.
    """
    patience = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})
    return boto3.client("dynamodb", config=patience)


def table_name() -> str:
    """Read the table's name from the environment variable that TABLE_NAME_VARIABLE names."""
    variable = os.environ.get("TABLE_NAME_VARIABLE") or "DDB_TABLE_NAME"
    name = os.environ.get(variable)
    if not name:
        raise ConfigurationError(
            f"the function's environment variable {variable} is missing or empty; expected the name of the"
            " DynamoDB table: set it, or let TABLE_NAME_VARIABLE name the variable that holds it"
        )
    return name


def create(event: Event) -> Answer:
    """Put an item whose id is not taken."""
    item = to_attributes({"id": event["id"], **event["item"]})
    unless_taken = "attribute_not_exists(id)"
    try:
        dynamodb().put_item(TableName=table_name(), Item=item, ConditionExpression=unless_taken)
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return refusal("AlreadyExists", f"an item with id {shown(event['id'])} exists; update it instead")
    return {"ok": True, "item": from_attributes(item)}


def read(event: Event) -> Answer:
    """Get the item as the last write left it."""
    key = to_attributes({"id": event["id"]})
    response = dynamodb().get_item(TableName=table_name(), Key=key, ConsistentRead=True)
    if "Item" not in response:
        return not_found(event)
    return {"ok": True, "item": from_attributes(response["Item"])}


def query(event: Event) -> Answer:
    """Get a page of the items of one partition; an empty one is an answer too."""
    key = to_attributes({"id": event["id"]})
    paging: dict[str, Any] = {}
    if "limit" in event:
        paging["Limit"] = event["limit"]
    if "continuation" in event:
        paging["ExclusiveStartKey"] = key
    response = dynamodb().query(
        TableName=table_name(),
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": key["id"]},
        ConsistentRead=True,
        **paging,
    )
    return {
        "ok": True,
        "items": [from_attributes(item) for item in response["Items"]],
        "continuation": continuation_of(event["id"]) if "LastEvaluatedKey" in response else None,
    }


def update(event: Event) -> Answer:
    """Set and remove attributes of an item that exists."""
    assigned, removed = event["changes"].get("set", {}), event["changes"].get("remove", [])
    names = {f"#{index}": name for index, name in enumerate([*assigned, *removed])}
    request: dict[str, Any] = {"ExpressionAttributeNames": names}
    clauses = []
    if assigned:
        clauses.append("SET " + ", ".join(f"#{index} = :{index}" for index in range(len(assigned))))
        numbered = {f":{index}": value for index, value in enumerate(assigned.values())}
        request["ExpressionAttributeValues"] = to_attributes(numbered)
    if removed:
        clauses.append("REMOVE " + ", ".join([*names][len(assigned) :]))
    try:
        response = dynamodb().update_item(
            TableName=table_name(),
            Key=to_attributes({"id": event["id"]}),
            UpdateExpression=" ".join(clauses),
            ConditionExpression="attribute_exists(id)",
            ReturnValues="ALL_NEW",
            **request,
        )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return not_found(event)
    return {"ok": True, "item": from_attributes(response["Attributes"])}


def not_found(event: Event) -> Answer:
    """Answer an event about an item that does not exist."""
    return refusal("NotFound", f"no item with id {shown(event['id'])} exists; create it first")


def continuation_of(item_id: str) -> str:
    """Make the token that continues a query: `id` is the whole key, so a partition has but one."""
    return base64.urlsafe_b64encode(item_id.encode()).decode()


# What an event may be


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


class Operation(NamedTuple):
    """What carries an operation out, and the fields of its event."""

    perform: Callable[[Event], Answer]
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


OPERATIONS = {
    "create": Operation(create, required=("id", "item")),
    "read": Operation(read, required=("id",)),
    "query": Operation(query, required=("id",), optional=("limit", "continuation")),
    "update": Operation(update, required=("id", "changes")),
}
PROBLEMS: dict[str, Callable[[Event], Iterator[str]]] = {
    "id": lambda event: name_problems(event["id"], "id", MAX_ID_BYTES),
    "item": lambda event: attribute_problems(event["item"], "item"),
    "changes": changes_problems,
    "limit": limit_problems,
    "continuation": continuation_problems,
}
