"""Places of a template: what each accessor takes, and what it says of anything else."""

from collections.abc import Callable

import pytest

from policies.errors import MismatchError, UndeterminedError
from policies.nodes import Node, child
from policies.template import Template
from policies.values import MISSING, Text, Unknown
from policies.worlds import World

TEMPLATE = Template(
    "t",
    {
        "Parameters": {
            "Free": {"Type": "String"},
            "Digits": {"Type": "Number"},
            "NotTrue": {"Type": "String", "AllowedPattern": "f.*"},
        },
        "Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}},
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
    },
)
FREE = Unknown("Ref Free", "parameter Free may be given any value")
REF: dict[str, object] = {"Ref": "Free"}
NO_VALUE: dict[str, object] = {"Ref": "AWS::NoValue"}


NO_STRINGS: tuple[object, ...] = ([], {}, None)
NO_LISTS: tuple[object, ...] = ("a", {}, None, 0)
NO_OBJECTS: tuple[object, ...] = ("a", [], None, 0)


def node(raw: object) -> Node:
    """Return a place that holds this."""
    return Node(World(TEMPLATE), raw, "$.Here")


def yes(raw: object) -> dict[str, object]:
    """Wrap a value into a condition that holds."""
    return {"Fn::If": ["Yes", raw, "never"]}


Read = Callable[[Node], object]

READERS: dict[str, Read] = {
    "get": lambda here: here.get("a", "b").raw,
    "exists": lambda here: here.exists,
    "found": lambda here: here.found,
    "text": lambda here: here.text(),
    "text or": lambda here: here.text("default"),
    "string": lambda here: here.string(),
    "string or": lambda here: here.string("default"),
    "said": lambda here: here.said(),
    "said or": lambda here: here.said("default"),
    "equals": lambda here: here.equals("a", "b"),
    "equals or": lambda here: here.equals("default", default="default"),
    "boolean": lambda here: here.boolean(),
    "boolean or": lambda here: here.boolean(default=True),
    "items": lambda here: [(item.raw, item.path) for item in here.items()],
    "one or more": lambda here: [(item.raw, item.path) for item in here.one_or_more()],
    "entries": lambda here: [(key, entry.raw, entry.path) for key, entry in here.entries()],
}


@pytest.mark.parametrize(
    ("reader", "raw", "value"),
    [
        ("get", {"a": {"b": 1}}, 1),
        ("get", yes({"a": yes({"b": 1})}), 1),
        ("get", {"a": {}}, MISSING),
        ("get", {}, MISSING),
        ("get", MISSING, MISSING),
        ("get", NO_VALUE, MISSING),
        ("get", {"a": NO_VALUE}, MISSING),
        ("exists", MISSING, False),
        ("exists", NO_VALUE, False),
        ("exists", yes(NO_VALUE), False),
        ("exists", None, True),
        ("exists", "", True),
        ("exists", False, True),
        ("exists", [], True),
        ("exists", REF, True),
        ("found", MISSING, None),
        ("found", REF, REF),
        ("found", yes(1), yes(1)),
        ("text", "a", Text.of("a")),
        ("text", yes("a"), Text.of("a")),
        ("text", 1, Text.of("1")),
        ("text", True, Text.of("true")),
        ("text", REF, Text.of(FREE)),
        ("text or", MISSING, Text.of("default")),
        ("text or", NO_VALUE, Text.of("default")),
        ("text or", "", Text.of("")),
        ("string", "a", "a"),
        ("string", False, "false"),
        ("string or", MISSING, "default"),
        ("string or", "a", "a"),
        ("said", "a", "a"),
        ("said", {"Fn::Sub": "x-${Free}"}, "x-${Free}"),
        ("said or", MISSING, "default"),
        ("equals", "b", True),
        ("equals", "c", False),
        ("equals", {"Fn::Sub": "x-${Free}"}, False),
        ("equals", {"Ref": "Digits"}, False),
        ("equals or", MISSING, True),
        ("boolean", {"Ref": "NotTrue"}, False),
        *(("boolean", raw, True) for raw in (True, "true", "True", "TRUE", yes(True))),
        *(("boolean", raw, False) for raw in (False, "false", "False", yes("false"))),
        ("boolean or", MISSING, True),
        ("boolean or", NO_VALUE, True),
        ("boolean or", False, False),
        ("items", MISSING, []),
        ("items", NO_VALUE, []),
        ("items", [], []),
        ("items", ["a", NO_VALUE, REF], [("a", "$.Here[0]"), (REF, "$.Here[2]")]),
        ("items", yes(["a"]), [("a", "$.Here['Fn::If'][1][0]")]),
        ("one or more", MISSING, []),
        ("one or more", NO_VALUE, []),
        ("one or more", "a", [("a", "$.Here")]),
        ("one or more", {"a": 1}, [({"a": 1}, "$.Here")]),
        ("one or more", REF, [(REF, "$.Here")]),
        ("one or more", ["a", NO_VALUE, "b"], [("a", "$.Here[0]"), ("b", "$.Here[2]")]),
        ("entries", MISSING, []),
        ("entries", NO_VALUE, []),
        ("entries", {}, []),
        ("entries", {"a": 1, "b": NO_VALUE, "c-d": REF}, [("a", 1, "$.Here.a"), ("c-d", REF, "$.Here['c-d']")]),
        ("entries", yes({"a": 1}), [("a", 1, "$.Here['Fn::If'][1].a")]),
    ],
)
def test_read(reader: str, raw: object, value: object) -> None:
    """What an accessor gives of what stands there."""
    assert READERS[reader](node(raw)) == value


@pytest.mark.parametrize(
    ("reader", "raw", "path", "found", "expected"),
    [
        ("get", "a", "$.Here", "a", "an object"),
        ("get", None, "$.Here", None, "an object"),
        ("get", [], "$.Here", [], "an object"),
        ("get", {"a": 1}, "$.Here.a", 1, "an object"),
        ("get", {"a": None}, "$.Here.a", None, "an object"),
        *(("text", raw, "$.Here", raw, "a string") for raw in NO_STRINGS),
        ("text", MISSING, "$.Here", None, "a string"),
        ("text or", None, "$.Here", None, "a string"),
        ("text", yes([]), "$.Here['Fn::If'][1]", yes([]), "a string"),
        ("string", {"a": 1}, "$.Here", {"a": 1}, "a string"),
        ("boolean", MISSING, "$.Here", None, "true or false"),
        ("boolean", NO_VALUE, "$.Here", None, "true or false"),
        *(("boolean", raw, "$.Here", raw, "true or false") for raw in ("", "yes", 1, 0, "1")),
        ("boolean or", "off", "$.Here", "off", "true or false"),
        ("boolean", [], "$.Here", [], "a string"),
        *(("items", raw, "$.Here", raw, "a list") for raw in NO_LISTS),
        *(("entries", raw, "$.Here", raw, "an object") for raw in NO_OBJECTS),
    ],
)
def test_mismatch(reader: str, raw: object, path: str, found: object, expected: str) -> None:
    """What an accessor cannot take is a mismatch that says where, what and what was expected."""
    with pytest.raises(MismatchError) as raised:
        READERS[reader](node(raw))
    assert (raised.value.path, raised.value.found, raised.value.expected) == (path, found, expected)


@pytest.mark.parametrize("reader", ["get", "string", "string or", "boolean", "boolean or", "items", "entries"])
@pytest.mark.parametrize(("raw", "path"), [(REF, "$.Here"), (yes(REF), "$.Here['Fn::If'][1]")])
def test_undetermined(reader: str, raw: object, path: str) -> None:
    """What nobody knows is neither given nor a mismatch."""
    with pytest.raises(UndeterminedError) as raised:
        READERS[reader](node(raw))
    assert raised.value.reason == FREE.reason
    assert raised.value.path in {path, "$.Here"}


def test_partly_unknown_string() -> None:
    """A string of which a part is unknown is unknown as a string, and a text all the same."""
    here = node({"Fn::Sub": "a-${Free}"})
    assert here.text() == Text.of("a-", FREE)
    with pytest.raises(UndeterminedError) as raised:
        here.string()
    assert (raised.value.reason, raised.value.path) == (FREE.reason, "$.Here")


def test_place_of_what_is_not_there() -> None:
    """A place that does not exist has the path that it would have."""
    assert node({"a": yes({})}).get("a", "b", "c").path == "$.Here.a['Fn::If'][1].b.c"
    assert node(MISSING).get("a", "b").path == "$.Here.a.b"


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("Type", "$.Type"),
        ("_a1", "$._a1"),
        ("1a", "$['1a']"),
        ("", "$['']"),
        ("a.b", "$['a.b']"),
        ("Fn::If", "$['Fn::If']"),
        ("it's", "$['it\\'s']"),
        ("a\\b", "$['a\\\\b']"),
        ("é", "$['é']"),
        ("a\nb", "$['a\\nb']"),
    ],
)
def test_child(key: str, path: str) -> None:
    """The path of a member is RFC 9535's; names that are no plain words are quoted, and control characters escaped."""
    assert child("$", key) == path
