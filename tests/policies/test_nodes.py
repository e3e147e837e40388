"""Places of a template: what each accessor takes, and what it says of anything else."""

from collections.abc import Callable, Iterable

import pytest

from policies.assumptions import Assumptions
from policies.errors import ForkError, MismatchError, TemplateError, UndeterminedError
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
            "Truly": {"Type": "String", "AllowedPattern": "true.*"},
            "Key": {"Type": "String", "AllowedValues": ["a", "b", "c"]},
        },
        "Mappings": {
            "Values": {
                "a": {"V": "on", "W": "on"},
                "b": {"V": "off", "W": "true"},
                "c": {"V": ["x"], "W": ["x"]},
            }
        },
        "Conditions": {
            "Yes": {"Fn::Equals": ["a", "a"]},
            "Never": {"Fn::Equals": ["a", "b"]},
            "Maybe": {"Fn::Equals": [{"Ref": "Free"}, "a"]},
        },
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


def either(raw: object, other: object) -> dict[str, object]:
    """Return one of two values, by a condition of which nobody knows whether it holds."""
    return {"Fn::If": ["Maybe", raw, other]}


def places(here: Node, found: Iterable[Node]) -> list[tuple[object, str]]:
    """Return what stands at places of the same world, and where."""
    return [(one.raw, one.path) for one in found if one.world is here.world]


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
    "is object": lambda here: here.is_object,
    "branches": lambda here: places(here, here.branches()),
    "members": lambda here: places(here, here.members()),
    "values": lambda here: places(here, here.values()),
    "of a member": lambda here: here.get("a").equals("default", default="default"),
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
        ("is object", {}, True),
        ("is object", yes({}), True),
        *(("is object", raw, False) for raw in NO_OBJECTS),
        ("is object", MISSING, False),
        ("is object", NO_VALUE, False),
        ("is object", yes([]), False),
        ("branches", MISSING, [(MISSING, "$.Here")]),
        ("branches", "a", [("a", "$.Here")]),
        ("branches", REF, [(REF, "$.Here")]),
        ("branches", either("a", "b"), [("a", "$.Here['Fn::If'][1]"), ("b", "$.Here['Fn::If'][2]")]),
        (
            "branches",
            either(either("a", NO_VALUE), either("b", "c")),
            [
                ("a", "$.Here['Fn::If'][1]['Fn::If'][1]"),
                (NO_VALUE, "$.Here['Fn::If'][1]['Fn::If'][2]"),
                ("b", "$.Here['Fn::If'][2]['Fn::If'][1]"),
                ("c", "$.Here['Fn::If'][2]['Fn::If'][2]"),
            ],
        ),
        ("branches", {**either("a", "b"), "c": 1}, [({**either("a", "b"), "c": 1}, "$.Here")]),
        ("branches", {"Fn::If": ["Maybe", "a"]}, [({"Fn::If": ["Maybe", "a"]}, "$.Here")]),
        ("members", MISSING, []),
        ("members", NO_VALUE, []),
        ("members", "a", [("a", "$.Here")]),
        ("members", REF, [(REF, "$.Here")]),
        ("members", [], []),
        (
            "members",
            ["a", NO_VALUE, either("b", NO_VALUE)],
            [("a", "$.Here[0]"), (NO_VALUE, "$.Here[1]"), (either("b", NO_VALUE), "$.Here[2]")],
        ),
        ("members", yes(["a"]), [("a", "$.Here['Fn::If'][1][0]")]),
        ("values", {}, []),
        (
            "values",
            {"a": 1, "b-c": NO_VALUE, "d": either(1, NO_VALUE)},
            [(1, "$.Here.a"), (NO_VALUE, "$.Here['b-c']"), (either(1, NO_VALUE), "$.Here.d")],
        ),
        ("values", yes({"a": 1}), [(1, "$.Here['Fn::If'][1].a")]),
        ("of a member", MISSING, True),
        ("of a member", {}, True),
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
        *(("values", raw, "$.Here", raw, "an object") for raw in NO_OBJECTS),
        ("values", MISSING, "$.Here", None, "an object"),
    ],
)
def test_mismatch(reader: str, raw: object, path: str, found: object, expected: str) -> None:
    """What an accessor cannot take is a mismatch that says where, what and what was expected."""
    with pytest.raises(MismatchError) as raised:
        READERS[reader](node(raw))
    assert (raised.value.path, raised.value.found, raised.value.expected) == (path, found, expected)


@pytest.mark.parametrize(
    "reader", ["get", "string", "string or", "boolean", "boolean or", "items", "entries", "values"]
)
@pytest.mark.parametrize(("raw", "path"), [(REF, "$.Here"), (yes(REF), "$.Here['Fn::If'][1]")])
def test_undetermined(reader: str, raw: object, path: str) -> None:
    """What nobody knows is neither given nor a mismatch."""
    with pytest.raises(UndeterminedError) as raised:
        READERS[reader](node(raw))
    assert raised.value.reason == FREE.reason
    assert raised.value.path in {path, "$.Here"}


def test_a_boolean_of_which_something_is_known() -> None:
    """What may be "true" as well as something else is not taken for false."""
    with pytest.raises(UndeterminedError) as raised:
        node({"Ref": "Truly"}).boolean()
    assert raised.value.reason == "parameter Truly may be given any value"


@pytest.mark.parametrize(
    ("raw", "ends"),
    [
        ({"Fn::FindInMap": ["Values", {"Ref": "Key"}, "V"]}, MismatchError),
        ({"Fn::If": ["Never", "true", {"Fn::FindInMap": ["Values", {"Ref": "Key"}, "V"]}]}, MismatchError),
        ({"Fn::If": ["Never", "no", {"Fn::FindInMap": ["Values", {"Ref": "Key"}, "W"]}]}, ForkError),
    ],
)
def test_no_boolean_in_this_world(raw: object, ends: type[Exception]) -> None:
    """What is no boolean here ends the world where it is one in another, whatever the other branches hold."""
    world = World(TEMPLATE).under(Assumptions().assume("Ref Key", "a"))
    with pytest.raises(ends):
        world.node(raw, "$.Here").boolean()


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


def test_what_is_refused_where_nothing_is_asked_for() -> None:
    """What CloudFormation refuses is refused at its place, even where only its existence is asked for."""
    with pytest.raises(TemplateError) as raised:
        _ = node({"a": {"Fn::GetAtt": ["Nowhere"]}}).get("a").exists
    assert raised.value.path == "$.Here.a['Fn::GetAtt']"


@pytest.mark.parametrize(("count", "ends"), [(62, MismatchError), (63, ForkError)])
def test_booleans_are_looked_for_in_so_many_worlds(count: int, ends: type[Exception]) -> None:
    """What is a boolean in none of the worlds is a mismatch; of more than are looked at, another may be one."""
    given = {"Given": {"Type": "String", "AllowedValues": [f"v{number}" for number in range(count)]}}
    table = {"Table": {"Type": "AWS::DynamoDB::Table"}}
    world = World(Template("t", {"Parameters": given, "Resources": table})).under(
        Assumptions().assume("Ref Given", "v0")
    )
    with pytest.raises(ends):
        world.node({"Ref": "Given"}, "$.Here").boolean()


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
        ('a"b', "$['a\"b']"),
        ("a\\b", "$['a\\\\b']"),
        ("é", "$['é']"),
        ("a\nb", "$['a\\nb']"),
    ],
)
def test_child(key: str, path: str) -> None:
    """The path of a member is RFC 9535's; names that are no plain words are quoted, and control characters escaped."""
    assert child("$", key) == path
