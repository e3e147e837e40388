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

import functools
import json
import os
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from events import (
    Event,
    continuation_of,
    event_problems,
    from_attributes,
    operation_named_by,
    shown,
    to_attributes,
)

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

MAX_PROBLEMS = 20  # a hostile event must not be answered with more than Lambda can return

THROTTLING = ("ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException")

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
        return PERFORM[valid["operation"]](valid)
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


PERFORM: dict[str, Callable[[Event], Answer]] = {"create": create, "read": read, "query": query, "update": update}
