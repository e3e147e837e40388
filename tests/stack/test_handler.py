"""The Lambda's handler against a DynamoDB table of the stack's schema, as moto plays it."""

import importlib
import itertools
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

HANDLER = Path(__file__).parents[2] / "stack" / "handler"
JSON = Any
Fields = dict[str, Any]
HALF_A_PAIR = "\ud800"


@dataclass(frozen=True)
class Context:
    """The context of one invocation."""

    aws_request_id: str = "request-1"


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Load the handler afresh, as a new Lambda process does."""
    for variable in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "TABLE_NAME_VARIABLE"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(variable, "testing")
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, os.devnull)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("DDB_TABLE_NAME", "worthwatch")
    # The folder is the Lambda's asset: its root is where modules are found, and it is no place for byte code.
    monkeypatch.syspath_prepend(HANDLER)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield importlib.import_module("index")
    for name in ("index", "events"):
        del sys.modules[name]


@pytest.fixture
def table(index: ModuleType) -> Iterator[None]:
    """Give the handler an empty table."""
    with mock_aws():
        index.dynamodb().create_table(
            TableName="worthwatch",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield


def ask(index: ModuleType, operation: str, item_id: str = "w-1", **fields: JSON) -> JSON:
    """Send an event about an item."""
    return index.handler({"operation": operation, "id": item_id, **fields}, Context())


def refused(code: str, message: str) -> JSON:
    """Answer an event that was not carried out."""
    return {"ok": False, "error": {"code": code, "message": message}}


def nested(wraps: int) -> JSON:
    """Wrap a text in that many lists."""
    value: JSON = "leaf"
    for _ in range(wraps):
        value = [value]
    return value


RING = {"name": "Ring", "worth": 120.5, "tags": ["gold", {"carat": 18}], "sold": False, "note": None}
STORED_RING = {"id": "w-1", **RING}


@pytest.mark.usefixtures("table")
class TestCreate:
    """A create puts a new item."""

    def test_new(self, index: ModuleType) -> None:
        """It answers the item, and the item is in the table."""
        assert ask(index, "create", item=RING) == {"ok": True, "item": STORED_RING}
        assert ask(index, "read") == {"ok": True, "item": STORED_RING}

    def test_without_attributes(self, index: ModuleType) -> None:
        """An item may be its key alone."""
        assert ask(index, "create", item={}) == {"ok": True, "item": {"id": "w-1"}}

    def test_taken(self, index: ModuleType) -> None:
        """An id that is taken is refused, and its item stays as it was."""
        ask(index, "create", item=RING)
        assert ask(index, "create", item={"name": "Watch"}) == refused(
            "AlreadyExists", 'an item with id "w-1" exists; update it instead'
        )
        assert ask(index, "read") == {"ok": True, "item": STORED_RING}

    def test_too_large(self, index: ModuleType) -> None:
        """DynamoDB's refusal of a large item is the caller's to mend."""
        assert ask(index, "create", item={"text": "x" * 410_000}) == refused(
            "ValidationError",
            "the item is larger than DynamoDB's 400 KB: Item size has exceeded the maximum allowed size",
        )


@pytest.mark.usefixtures("table")
class TestRead:
    """A read gets one item."""

    def test_missing(self, index: ModuleType) -> None:
        """An id without an item is not found; a long one is repeated in short."""
        assert ask(index, "read") == refused("NotFound", 'no item with id "w-1" exists; create it first')
        assert ask(index, "read", item_id="é" * 1024) == refused(
            "NotFound", 'no item with id "' + r"\u00e9" * 6 + r'\u..." exists; create it first'
        )

    def test_types_of_other_writers(self, index: ModuleType) -> None:
        """Sets and bytes, which no event can hold, are read as sorted lists and base64."""
        index.dynamodb().put_item(
            TableName="worthwatch",
            Item={
                "id": {"S": "w-1"},
                "names": {"SS": ["b", "a"]},
                "worths": {"NS": ["10", "9.5"]},
                "photo": {"B": b"\x00\xff"},
                "photos": {"BS": [b"b", b"a"]},
            },
        )
        assert ask(index, "read") == {
            "ok": True,
            "item": {
                "id": "w-1",
                "names": ["a", "b"],
                "worths": [9.5, 10],
                "photo": "AP8=",
                "photos": ["YQ==", "Yg=="],
            },
        }


@pytest.mark.usefixtures("table")
class TestQuery:
    """A query gets the items of one partition, page by page."""

    def test_whole(self, index: ModuleType) -> None:
        """Without a limit one page holds all there is, and only of that id."""
        ask(index, "create", item=RING)
        ask(index, "create", item_id="w-2", item={})
        assert ask(index, "query") == {"ok": True, "items": [STORED_RING], "continuation": None}

    def test_nothing(self, index: ModuleType) -> None:
        """A partition without items is an empty page, no error."""
        assert ask(index, "query") == {"ok": True, "items": [], "continuation": None}

    def test_pages(self, index: ModuleType) -> None:
        """A page that the limit filled has a continuation, and the next page goes on from there."""
        ask(index, "create", item=RING)
        ask(index, "create", item_id="w-2", item={})
        first = {"ok": True, "items": [STORED_RING], "continuation": "dy0x"}
        # DynamoDB names the last key of every page that the limit filled, moto not that of the last page.
        with Stubber(index.dynamodb()) as stub:
            stub.add_response(
                "query",
                {"Items": [index.to_attributes(STORED_RING)], "LastEvaluatedKey": {"id": {"S": "w-1"}}},
                {
                    "TableName": "worthwatch",
                    "KeyConditionExpression": "id = :id",
                    "ExpressionAttributeValues": {":id": {"S": "w-1"}},
                    "ConsistentRead": True,
                    "Limit": 1,
                },
            )
            assert ask(index, "query", limit=1) == first
        assert ask(index, "query", limit=1, continuation="dy0x") == {
            "ok": True,
            "items": [],
            "continuation": None,
        }


@pytest.mark.usefixtures("table")
class TestUpdate:
    """An update sets and removes attributes of one item."""

    @pytest.mark.parametrize(
        ("changes", "item"),
        [
            ({"set": {"worth": 99, "size": {"mm": 17}}}, {**STORED_RING, "worth": 99, "size": {"mm": 17}}),
            ({"remove": ["tags", "sold", "note", "absent"]}, {"id": "w-1", "name": "Ring", "worth": 120.5}),
            (
                {"set": {"status": "reserved word", "a.b": 1}, "remove": ["tags", "name"]},
                {
                    "id": "w-1",
                    "worth": 120.5,
                    "sold": False,
                    "note": None,
                    "status": "reserved word",
                    "a.b": 1,
                },
            ),
            ({"set": {"name": None}, "remove": []}, {**STORED_RING, "name": None}),
        ],
    )
    def test_existing(self, index: ModuleType, changes: JSON, item: JSON) -> None:
        """It answers the item as it is now, and so the table holds it."""
        ask(index, "create", item=RING)
        assert ask(index, "update", changes=changes) == {"ok": True, "item": item}
        assert ask(index, "read") == {"ok": True, "item": item}

    def test_most_changes(self, index: ModuleType) -> None:
        """The expression of as many changes as an event may hold keeps to DynamoDB's 4 KB."""
        changes = {f"attribute {number}": True for number in range(300)}
        expression = "SET " + ", ".join(f"#{number} = :{number}" for number in range(300))
        item = {"id": {"S": "w-1"}, **{name: {"BOOL": True} for name in changes}}
        # moto copies an expression recursively, and so deep it cannot go.
        with Stubber(index.dynamodb()) as stub:
            stub.add_response(
                "update_item",
                {"Attributes": item},
                {
                    "TableName": "worthwatch",
                    "Key": {"id": {"S": "w-1"}},
                    "UpdateExpression": expression,
                    "ConditionExpression": "attribute_exists(id)",
                    "ExpressionAttributeNames": {f"#{number}": f"attribute {number}" for number in range(300)},
                    "ExpressionAttributeValues": {f":{number}": {"BOOL": True} for number in range(300)},
                    "ReturnValues": "ALL_NEW",
                },
            )
            assert ask(index, "update", changes={"set": changes}) == {
                "ok": True,
                "item": {"id": "w-1", **changes},
            }
        assert len(expression) <= 4096

    def test_missing(self, index: ModuleType) -> None:
        """An update creates no item."""
        assert ask(index, "update", changes={"set": {"worth": 99}}) == refused(
            "NotFound", 'no item with id "w-1" exists; create it first'
        )
        assert ask(index, "query") == {"ok": True, "items": [], "continuation": None}

    def test_too_large(self, index: ModuleType) -> None:
        """An item that would outgrow DynamoDB stays as it was."""
        ask(index, "create", item={"text": "x" * 300_000})
        assert ask(index, "update", changes={"set": {"more": "x" * 200_000}}) == refused(
            "ValidationError",
            "the item is larger than DynamoDB's 400 KB: Item size to update has exceeded the maximum allowed size",
        )
        assert ask(index, "read") == {"ok": True, "item": {"id": "w-1", "text": "x" * 300_000}}


NO_OBJECT = 'the event: expected an object such as {"operation": "read", "id": "w-1"}'
NO_OPERATION = "operation: expected one of create, read, query, update"
BAD_EVENTS: list[tuple[JSON, list[str]]] = [
    (None, [NO_OBJECT]),
    ([{"operation": "read"}], [NO_OBJECT]),
    ("read", [NO_OBJECT]),
    ({}, [NO_OPERATION, "id: missing"]),
    ({"operation": "delete", "id": "w-1"}, [NO_OPERATION]),
    ({"operation": ["read"], "id": "w-1"}, [NO_OPERATION]),
    (
        {"id": "", "limit": 0, "key": 1},
        [
            NO_OPERATION,
            'the event: unexpected "key"; expected operation, id, item, changes, limit, continuation',
            "id: expected 1 to 2048 bytes of UTF-8, found 0",
            "limit: expected a whole number from 1 to 1000",
        ],
    ),
    (
        {"operation": "read", "item": {}},
        ['the event: unexpected "item"; expected operation, id', "id: missing"],
    ),
    ({"operation": "read", "id": 1}, ["id: expected a string"]),
    ({"operation": "read", "id": "é" * 1025}, ["id: expected 1 to 2048 bytes of UTF-8, found 2050"]),
    (
        {"operation": "read", "id": HALF_A_PAIR},
        ["id: expected valid Unicode, found half a surrogate pair"],
    ),
    ({"operation": "create"}, ["id: missing", "item: missing"]),
    ({"operation": "create", "id": "w-1", "item": []}, ["item: expected an object of attributes"]),
    ({"operation": "update", "id": "w-1"}, ["changes: missing"]),
    (
        {"operation": "query", "id": "w-1", "limit": True, "continuation": None},
        [
            "limit: expected a whole number from 1 to 1000",
            "continuation: expected the token from this id's last page; leave it out to start anew",
        ],
    ),
    (
        {"operation": "query", "id": "w-2", "limit": 1001, "continuation": "dy0x"},
        [
            "limit: expected a whole number from 1 to 1000",
            "continuation: expected the token from this id's last page; leave it out to start anew",
        ],
    ),
    ({"operation": "query", "id": None, "continuation": "dy0x"}, ["id: expected a string"]),
    ({"operation": "query", "continuation": "dy0x"}, ["id: missing"]),
]
BAD_ITEMS: list[tuple[JSON, list[str]]] = [
    ({"id": "w-1"}, ["item: must not hold id, which is the key, stands beside it and never changes"]),
    ({"": 1}, ['item, the name "": expected 1 to 65535 bytes of UTF-8, found 0']),
    ({"a": {"": 1}}, ['item["a"], the name "": expected 1 to 65535 bytes of UTF-8, found 0']),
    (
        {"n" * 65_536: 1},
        [f'item, the name "{"n" * 38}...": expected 1 to 65535 bytes of UTF-8, found 65536'],
    ),
    (
        {HALF_A_PAIR: [HALF_A_PAIR]},
        [
            r'item, the name "\ud800": expected valid Unicode, found half a surrogate pair',
            r'item["\ud800"][0]: expected valid Unicode, found half a surrogate pair',
        ],
    ),
    ({1: 1}, ['item, the name "1": expected a string']),
    ({"a": {1}}, ['item["a"]: expected a JSON value']),
    ({"a": [1, float("nan")]}, ['item["a"][1]: expected a finite number, found nan']),
    ({"a": float("-inf")}, ['item["a"]: expected a finite number, found -inf']),
    ({"a": 10**126}, ['item["a"]: expected 0 or a magnitude from 1E-130 to below 1E+126']),
    ({"a": -(10**5000)}, ['item["a"]: expected 0 or a magnitude from 1E-130 to below 1E+126']),
    ({"a": 9e-131}, ['item["a"]: expected 0 or a magnitude from 1E-130 to below 1E+126']),
    ({"a": -(10**38) - 1}, ['item["a"]: expected at most 38 significant digits']),
    ({"a": nested(32)}, ['item["a"]' + "[0]" * 31 + ": nested deeper than DynamoDB's 32 levels"]),
    ({"a": nested(100_000)}, ['item["a"]' + "[0]" * 31 + ": nested deeper than DynamoDB's 32 levels"]),
    (
        {"a": [float("nan")] * 21},
        [*(f'item["a"][{number}]: expected a finite number, found nan' for number in range(20)), "..."],
    ),
]
BAD_CHANGES: list[tuple[JSON, list[str]]] = [
    ([], ['changes: expected an object such as {"set": {"worth": 99}, "remove": ["name"]}']),
    ({}, ["changes: expected 1 to 300 attributes, found 0"]),
    ({"set": {}, "remove": []}, ["changes: expected 1 to 300 attributes, found 0"]),
    (
        {"add": {"worth": 1}, "set": {"worth": 1}},
        ['changes: unexpected "add"; expected set, remove'],
    ),
    (
        {"set": [], "remove": "name"},
        [
            "changes.set: expected an object of attributes",
            "changes.remove: expected a list of attribute names",
        ],
    ),
    (
        {"set": None, "remove": ["id"]},
        [
            "changes.set: expected an object of attributes",
            "changes.remove[0]: id is the key and never changes",
        ],
    ),
    (
        {"set": {"id": "w-2", "worth": float("inf")}},
        [
            "changes.set: must not hold id, which is the key, stands beside it and never changes",
            'changes.set["worth"]: expected a finite number, found inf',
        ],
    ),
    (
        {"set": {"worth": 1}, "remove": ["worth", "name", "name", "", {}]},
        [
            'changes.remove[0]: "worth" is changed already',
            'changes.remove[2]: "name" is changed already',
            "changes.remove[3]: expected 1 to 65535 bytes of UTF-8, found 0",
            "changes.remove[4]: expected a string",
        ],
    ),
    (
        {"set": {"worth": 1}, "remove": [f"attribute {number}" for number in range(300)]},
        ["changes: expected 1 to 300 attributes, found 301"],
    ),
]


class TestValidation:
    """A wrong event is answered with everything that is wrong with it, and the table is not asked."""

    @pytest.mark.parametrize(
        ("event", "problems"),
        [
            *BAD_EVENTS,
            *(({"operation": "create", "id": "w-1", "item": item}, problems) for item, problems in BAD_ITEMS),
            *(
                ({"operation": "update", "id": "w-1", "changes": changes}, problems)
                for changes, problems in BAD_CHANGES
            ),
        ],
        ids=itertools.count(),
    )
    def test_refused(self, index: ModuleType, event: JSON, problems: list[str]) -> None:
        """The message lists all problems, in the order of the fields."""
        assert index.handler(event, Context()) == refused("ValidationError", "; ".join(problems))
        assert index.dynamodb.cache_info().currsize == 0

    @pytest.mark.usefixtures("table")
    @pytest.mark.parametrize(
        "value",
        [
            nested(31),
            10**125,
            -(10**38) + 1,
            int("9" * 38 + "0" * 88),
            1e-130,
            "",
            [],
            {},
            {"id": "nested"},
        ],
    )
    def test_just_valid(self, index: ModuleType, value: JSON) -> None:
        """What lies on the valid side of a limit is stored."""
        assert ask(index, "create", item={"a": value}) == {"ok": True, "item": {"id": "w-1", "a": value}}
        assert ask(index, "read") == {"ok": True, "item": {"id": "w-1", "a": value}}

    @pytest.mark.usefixtures("table")
    @pytest.mark.parametrize("item_id", ["é" * 1024, "w", "x" * 2048])
    def test_just_valid_id(self, index: ModuleType, item_id: str) -> None:
        """An id may have 1 to 2048 bytes."""
        assert ask(index, "create", item_id=item_id, item={}) == {"ok": True, "item": {"id": item_id}}


class TestConfiguration:
    """The environment names the table."""

    @pytest.mark.usefixtures("table")
    def test_other_variable(self, index: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        """TABLE_NAME_VARIABLE says which variable holds the name."""
        monkeypatch.setenv("TABLE_NAME_VARIABLE", "WATCHED_TABLE")
        monkeypatch.setenv("WATCHED_TABLE", "worthwatch")
        monkeypatch.setenv("DDB_TABLE_NAME", "another")
        assert ask(index, "create", item={}) == {"ok": True, "item": {"id": "w-1"}}

    @pytest.mark.parametrize("variable", ["DDB_TABLE_NAME", "WATCHED_TABLE"])
    @pytest.mark.parametrize(
        ("operation", "fields"),
        [("create", {"item": {}}), ("read", {}), ("query", {}), ("update", {"changes": {"remove": ["a"]}})],
    )
    def test_missing(
        self,
        index: ModuleType,
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
        operation: str,
        fields: Fields,
    ) -> None:
        """A function that does not know its table raises, so that its owner hears of it."""
        monkeypatch.setenv("TABLE_NAME_VARIABLE", variable)
        monkeypatch.setenv("DDB_TABLE_NAME", "")
        with pytest.raises(index.ConfigurationError) as raised:
            ask(index, operation, **fields)
        assert str(raised.value) == (
            f"the function's environment variable {variable} is missing or empty; expected the name of the"
            " DynamoDB table: set it, or let TABLE_NAME_VARIABLE name the variable that holds it"
        )


REQUESTS: list[tuple[str, str, Fields]] = [
    ("create", "put_item", {"item": {}}),
    ("read", "get_item", {}),
    ("query", "query", {}),
    ("update", "update_item", {"changes": {"remove": ["a"]}}),
]


class TestAws:
    """What AWS refuses is answered if repeating the event can help, and raised otherwise."""

    @pytest.mark.parametrize(
        "code", ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"]
    )
    @pytest.mark.parametrize(("operation", "method", "fields"), REQUESTS)
    def test_throttled(self, index: ModuleType, operation: str, method: str, fields: Fields, code: str) -> None:
        """A throttled request is the caller's to repeat."""
        with Stubber(index.dynamodb()) as stub:
            stub.add_client_error(method, service_error_code=code)
            assert ask(index, operation, **fields) == refused(
                "Throttled", "the table takes no more requests now; repeat the event later"
            )

    @pytest.mark.parametrize(
        "error",
        [
            {"Code": "AccessDeniedException", "Message": "not authorized to perform this on the resource"},
            {"Code": "InternalServerError", "Message": "The request processing has failed"},
            {"Code": "ValidationException", "Message": "The provided key element does not match the schema"},
        ],
    )
    @pytest.mark.parametrize(("operation", "method", "fields"), REQUESTS)
    def test_raised(
        self, index: ModuleType, operation: str, method: str, fields: Fields, error: dict[str, str]
    ) -> None:
        """What no caller can mend reaches Lambda's error metric."""
        with Stubber(index.dynamodb()) as stub:
            stub.add_client_error(method, error["Code"], error["Message"])
            with pytest.raises(ClientError) as raised:
                ask(index, operation, **fields)
        assert raised.value.response["Error"] == error

    @pytest.mark.usefixtures("table")
    def test_table_gone(self, index: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        """A table that does not exist is no missing item."""
        monkeypatch.setenv("DDB_TABLE_NAME", "gone")
        with pytest.raises(ClientError) as raised:
            ask(index, "read")
        assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"

    @pytest.mark.usefixtures("table")
    def test_actions(self, index: ModuleType) -> None:
        """The role needs no more than four actions."""
        actions: list[str] = []
        index.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: actions.append(model.name))
        for operation, _, fields in REQUESTS:
            ask(index, operation, **fields)
        assert actions == ["PutItem", "GetItem", "Query", "UpdateItem"]


@pytest.mark.usefixtures("table")
class TestLog:
    """Every event leaves one JSON line, which holds nothing of the item."""

    @pytest.mark.parametrize(
        ("event", "operation", "outcome"),
        [
            ({"operation": "create", "id": "secret", "item": {"secret": "secret"}}, "create", "ok"),
            ({"operation": "read", "id": "secret"}, "read", "NotFound"),
            ({"operation": "read", "id": "secret", "secret": "secret"}, "read", "ValidationError"),
            ({"operation": "secret"}, None, "ValidationError"),
            ("secret", None, "ValidationError"),
        ],
    )
    def test_answered(
        self,
        index: ModuleType,
        capsys: pytest.CaptureFixture[str],
        event: JSON,
        operation: str | None,
        outcome: str,
    ) -> None:
        """It tells the operation and the outcome of the request."""
        index.handler(event, Context())
        assert capsys.readouterr() == (
            json.dumps({"request_id": "request-1", "operation": operation, "outcome": outcome}) + "\n",
            "",
        )

    def test_raised(
        self, index: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What is raised is logged too; Lambda itself adds the traceback."""
        monkeypatch.delenv("DDB_TABLE_NAME")
        with pytest.raises(index.ConfigurationError):
            ask(index, "read")
        assert capsys.readouterr() == (
            '{"request_id": "request-1", "operation": "read", "outcome": "raised"}\n',
            "",
        )


NAMES = st.text(min_size=1, max_size=20)
NUMBERS = st.integers(-(10**38) + 1, 10**38 - 1) | st.floats(-9e125, 9e125).filter(
    lambda number: number == 0 or abs(number) >= 1e-130
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda values: st.lists(values, max_size=5) | st.dictionaries(NAMES, values, max_size=5),
    max_leaves=20,
)
ITEMS = st.dictionaries(NAMES.filter(lambda name: name != "id"), VALUES, max_size=8)

HOSTILE_TEXT = st.text(st.characters(exclude_categories=[]))
HOSTILE_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | HOSTILE_TEXT,
    lambda values: st.lists(values, max_size=5) | st.dictionaries(HOSTILE_TEXT, values, max_size=5),
    max_leaves=10,
)
HOSTILE_EVENTS = HOSTILE_VALUES | st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(["create", "read", "query", "update"]) | HOSTILE_VALUES,
        "id": HOSTILE_TEXT | HOSTILE_VALUES,
        "item": HOSTILE_VALUES | ITEMS,
        "changes": HOSTILE_VALUES
        | st.fixed_dictionaries({}, optional={"set": ITEMS, "remove": st.lists(HOSTILE_TEXT)}),
        "limit": st.integers() | HOSTILE_VALUES,
        "continuation": HOSTILE_VALUES,
    },
)


def exactly(value: JSON) -> JSON:
    """Make numbers comparable: digit by digit, and never equal to a boolean."""

    def number(text: str) -> JSON:
        return ("number", Decimal(text))

    return json.loads(json.dumps(value), parse_int=number, parse_float=number)


@pytest.mark.usefixtures("table")
class TestProperties:
    """What holds for all events."""

    def test_round_trip(self, index: ModuleType) -> None:
        """Whatever valid item is created is read back, digit by digit."""
        serial = itertools.count()

        @settings(deadline=None)
        @given(item=ITEMS)
        def created_is_read(item: JSON) -> None:
            item_id = f"w-{next(serial)}"
            stored = exactly({"ok": True, "item": {"id": item_id, **item}})
            assert exactly(ask(index, "create", item_id=item_id, item=item)) == stored
            assert exactly(ask(index, "read", item_id=item_id)) == stored

        created_is_read()

    def test_every_event_is_answered(self, index: ModuleType) -> None:
        """No event raises, and every answer is JSON in UTF-8, as Lambda demands."""

        @settings(deadline=None)
        @given(event=HOSTILE_EVENTS)
        def is_answered(event: JSON) -> None:
            answer = index.handler(event, Context())
            assert json.loads(json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()) == answer

        is_answered()
