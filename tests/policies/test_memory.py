"""What is remembered of a verdict serves where all that it was found by is the same, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import policies
from policies.catalogue import Entry
from policies.errors import NotApplicableError, TemplateError, UndeterminedError
from policies.externals import Externals
from policies.judge import judge_template
from policies.memory import Memory
from policies.model import Finding, Outcome, TableRule, Verdict
from policies.specs import Scenario
from policies.template import Resource, Template
from policies.worlds import World

Json = dict[str, Any]
Read = Callable[[World, Resource], object]

SCENARIO = Scenario("storage", "table-shape", "Shape kept", (), "", 1)
EXTERNALS = Externals()
TREE = {"Table": ("app@1", "table@1"), "Other": ("other@1",)}
SETTINGS = {"stage": "dev", "tableName": None}


def document(**changed: Any) -> Json:
    """Return a template of a table and another resource, with some sections changed."""
    table = {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "Properties": {"BillingMode": "PROVISIONED", "SSESpecification": {"SSEEnabled": True}},
    }
    other = {"Type": "Custom::Other", "Properties": {"Name": "a"}}
    held: Json = {
        "Parameters": {"P": {"Type": "String", "Default": "p"}},
        "Conditions": {"C": {"Fn::Equals": ["a", "b"]}},
        "Mappings": {"M": {"a": {"b": "c"}}},
        "Outputs": {"O": {"Value": "o"}},
        "Metadata": {"worthwatch:settings": SETTINGS},
        "Resources": {"Table": table, "Other": other},
    }
    return held | changed


def resources(table: Json | None = None, other: Json | None = None, **more: Json) -> Json:
    """Return the template with attributes of its resources changed."""
    held = document()["Resources"]
    return document(Resources={"Table": held["Table"] | (table or {}), "Other": held["Other"] | (other or {}), **more})


def properties(**changed: object) -> Json:
    """Return the template with properties of its table changed."""
    return resources({"Properties": {**document()["Resources"]["Table"]["Properties"], **changed}})


class Judgement:
    """A rule that tells what it reads, and how often it was asked."""

    def __init__(self, read: Read) -> None:
        self.asked = 0
        self._read = read
        self._memory = Memory(EXTERNALS)

    def __call__(self, held: Json, **more: Any) -> list[Verdict]:
        """Judge a template with a memory, by this rule."""
        template = Template("t", held, **{"constructs": TREE, "externals": EXTERNALS, **more})
        return list(judge_template([Entry(SCENARIO, TableRule(self._check))], template, "c", memory=self._memory))

    def anew(self, held: Json, **more: Any) -> list[Verdict]:
        """Judge it without a memory."""
        template = Template("t", held, **{"constructs": TREE, "externals": EXTERNALS, **more})
        return list(judge_template([Entry(SCENARIO, TableRule(self._check))], template, "c"))

    def _check(self, table: Resource, world: World) -> Iterator[Finding]:
        self.asked += 1
        yield Finding(repr(self._read(world, table)))


def whole(world: World, table: Resource) -> object:
    """Read all properties of a table."""
    return [(name, node.raw) for name, node in world.properties(table).entries()]


OTHER_TABLE = {"Type": "AWS::DynamoDB::Table"}
READS: dict[str, tuple[Read, list[Json], list[Json]]] = {
    "a property": (
        lambda world, table: world.properties(table).get("BillingMode").found,
        [
            properties(BillingMode="PAY_PER_REQUEST"),
            properties(BillingMode=1),
            properties(BillingMode=True),
            properties(BillingMode=1.0),
            properties(BillingMode=None),
            resources({"Properties": {}}),
            resources({"Properties": {"Fn::If": ["C", {"BillingMode": "PROVISIONED"}, {}]}}),
        ],
        [
            properties(SSESpecification={}),
            properties(Tags=[]),
            resources({"DeletionPolicy": "Delete"}),
            resources(other={"Properties": {}}),
            document(Outputs={}),
            document(Mappings={}),
            document(Metadata={}),
            document(Conditions={}),
            document(Description="x"),
        ],
    ),
    "a property of a property": (
        lambda world, table: world.properties(table).get("SSESpecification", "SSEEnabled").found,
        [properties(SSESpecification={"SSEEnabled": False}), properties(SSESpecification={"SSEEnabled": True, "a": 1})],
        [properties(BillingMode="x")],
    ),
    "a property that is not there": (
        lambda world, table: world.properties(table).get("TableName").exists,
        [properties(TableName="x")],
        [properties(Tags=[])],
    ),
    "all properties": (
        whole,
        [properties(Tags=[]), properties(BillingMode="x")],
        [resources(other={"Properties": {}}), document(Outputs={})],
    ),
    "an attribute": (
        lambda world, table: world.attributes(table).get("DeletionPolicy").found,
        [resources({"DeletionPolicy": "Delete"}), resources({"DeletionPolicy": {"Ref": "P"}})],
        [properties(BillingMode="x"), resources({"UpdateReplacePolicy": "Retain"})],
    ),
    "whether there are properties": (
        lambda world, table: world.attributes(table).get("Properties").exists,
        [resources({"Properties": {"Ref": "AWS::NoValue"}}), properties(BillingMode="x")],
        [resources({"DeletionPolicy": "Delete"})],
    ),
    "all attributes": (
        lambda world, table: [name for name, _ in world.attributes(table).entries()],
        [resources({"UpdateReplacePolicy": "Retain"}), properties(BillingMode="x")],
        [resources(other={"Properties": {}})],
    ),
    "whether it exists": (
        lambda world, _: world.has(world.template.resources["Other"]),
        [resources(other={"Condition": "C"})],
        [properties(BillingMode="x"), resources(other={"Properties": {}})],
    ),
    "another resource": (
        lambda world, _: world.properties(world.template.resources["Other"]).get("Name").text(),
        [resources(other={"Properties": {"Name": "b"}})],
        [properties(BillingMode="x"), resources(other={"Properties": {"Name": "a", "More": 1}})],
    ),
    "what refers": (
        lambda world, table: world.properties(table).get("SSESpecification").get("SSEEnabled").text(),
        [properties(SSESpecification={"SSEEnabled": {"Fn::FindInMap": ["M", "a", "b"]}})],
        [],
    ),
    "an output": (
        lambda world, _: world.output("O").get("Value").text(),
        [document(Outputs={"O": {"Value": "p"}}), document(Outputs={})],
        [properties(BillingMode="x")],
    ),
    "a mapping": (
        lambda world, _: world.node({"Fn::FindInMap": ["M", "a", "b"]}, "$").text(),
        [document(Mappings={"M": {"a": {"b": "d"}}})],
        [properties(BillingMode="x")],
    ),
    "a condition": (
        lambda world, _: world.condition("C", "$"),
        [document(Conditions={"C": {"Fn::Equals": ["a", "a"]}}), document(Outputs={})],
        [],
    ),
    "a parameter": (
        lambda world, _: world.node({"Ref": "P"}, "$").text(),
        [document(Parameters={"P": {"Type": "Number"}}), document(Parameters={"P": {"Type": "String"}})],
        [properties(BillingMode="x")],
    ),
    "the resources of a type": (
        lambda world, _: [one.logical_id for one in world.declared("Custom::Other")],
        [resources(other={"Type": "Custom::Else"}), resources(more={"Type": "Custom::Other"})],
        [resources(other={"Properties": {}})],
    ),
    "a setting": (
        lambda world, _: world.template.setting("stage", ("dev", "prod")),
        [
            document(Metadata={"worthwatch:settings": {"stage": "prod"}}),
            document(Metadata={"worthwatch:settings": {"stage": 1}}),
            document(Metadata={"worthwatch:settings": {"stage": "dev", "Stage": "dev"}}),
            document(Metadata={"worthwatch:settings": []}),
            document(Metadata={}),
        ],
        [document(Metadata={"worthwatch:settings": {"stage": "dev", "tableName": "x"}})],
    ),
    "all settings": (
        lambda world, _: world.template.settings,
        [document(Metadata={"worthwatch:settings": {"stage": "dev"}})],
        [document(Metadata={"worthwatch:settings": SETTINGS, "a": 1}), properties(BillingMode="x")],
    ),
    "nothing": (
        lambda _world, _table: 1,
        [document(Rules={"R": {"Assertions": []}}), document(Parameters={})],
        [properties(BillingMode="x"), document(Outputs={}), document(Conditions={})],
    ),
}


@pytest.mark.parametrize("name", READS)
def test_what_was_read(name: str) -> None:
    """A template that differs in what a rule has read is judged anew; one that differs elsewhere is not."""
    read, telling, silent = READS[name]
    judge = Judgement(read)
    first = judge(document())
    for held in silent:
        asked = judge.asked
        assert judge(held) == first
        assert judge.asked == asked
        assert judge.anew(held) == first
    for held in telling:
        asked = judge.asked
        came = judge(held)
        assert judge.asked > asked
        assert came == judge.anew(held)
        asked = judge.asked
        assert (judge(held), judge.asked) == (came, asked)
    asked = judge.asked
    assert (judge(document()), judge.asked) == (first, asked)


def test_constructs() -> None:
    """What a resource was made by is a piece of its own, and so is that nothing is known of it."""
    judge = Judgement(lambda world, table: world.template.lineage(table.logical_id))
    first = judge(document())
    assert judge(document(), constructs={**TREE, "Other": ()}) == first
    assert judge.asked == 1
    others = [judge(document(), constructs=tree) for tree in ({**TREE, "Table": ("app@2",)}, {}, None)]
    assert [one.message for (one,) in (first, *others)] == [repr(TREE["Table"]), "('app@2',)", "None", "None"]
    assert judge.asked == 3


def test_what_is_found_out_once() -> None:
    """A rule that is handed what another has found out has read all that it was found by."""
    found: list[object] = []

    def find(world: World, table: Resource) -> object:
        def ask() -> object:
            found.append(world.properties(table).get("BillingMode").found)
            return found[-1]

        return world.remember("key", ask)

    memory = Memory(EXTERNALS)
    entries = [
        Entry(Scenario("storage", "table-shape", name, (), "", 1), TableRule(check))
        for name, check in (
            ("one", lambda table, world: iter([Finding(repr(find(world, table)))])),
            ("two", lambda table, world: iter([Finding(repr(find(world, table)))])),
        )
    ]

    def messages(held: Json) -> list[str]:
        template = Template("t", held, externals=EXTERNALS)
        return [one.message for one in judge_template(entries, template, memory=memory)]

    assert messages(document()) == ["'PROVISIONED'"] * 2
    assert messages(properties(BillingMode="x")) == ["'x'"] * 2
    assert found == ["PROVISIONED", "x"]


def test_a_condition_that_was_asked_before() -> None:
    """What is found out by a condition hangs on it, even where the one who finds it out has asked for it before."""

    def find(world: World) -> object:
        return world.remember("key", lambda: world.condition("C", "$"))

    def asks_before(_table: Resource, world: World) -> Iterator[Finding]:
        yield Finding(f"{world.condition('C', '$')} {find(world)}")

    def is_handed(_table: Resource, world: World) -> Iterator[Finding]:
        yield Finding(f"{find(world)}")

    entries = [
        Entry(Scenario("storage", "table-shape", name, (), "", 1), TableRule(check))
        for name, check in (("one", asks_before), ("two", is_handed))
    ]
    memory = Memory(EXTERNALS)
    met = document(Conditions={"C": {"Fn::Equals": ["a", "a"]}})
    said = [
        [one.message for one in judge_template(entries, Template("t", held, externals=EXTERNALS), memory=memory)]
        for held in (document(), met)
    ]
    assert said == [["False False", "False"], ["True True", "True"]]


def test_whose_verdict_it_is() -> None:
    """A verdict that is remembered is one on the template, in the context and on the table that it is asked for."""
    memory = Memory(EXTERNALS)
    entries = [Entry(SCENARIO, TableRule(lambda table, _: iter([Finding(table.logical_id)])))]
    held = resources(More=OTHER_TABLE)
    first = judge_template(entries, Template("one", held, externals=EXTERNALS), "dev", memory=memory)
    second = judge_template(entries, Template("two", held, externals=EXTERNALS), "prod", memory=memory)
    assert [
        [(one.template, one.context, one.resource, one.message) for one in verdicts] for verdicts in (first, second)
    ] == [
        [("one", "dev", "Table", "Table"), ("one", "dev", "More", "More")],
        [("two", "prod", "Table", "Table"), ("two", "prod", "More", "More")],
    ]


def test_rules_are_told_apart() -> None:
    """Another rule of the same scenario is another matter, and so is another scenario by the same rule."""
    memory = Memory(EXTERNALS)
    held = Template("t", document(), externals=EXTERNALS)

    def said(rule: TableRule, scenario: Scenario = SCENARIO) -> tuple[str, str]:
        (one,) = judge_template([Entry(scenario, rule)], held, memory=memory)
        return one.scenario, one.message

    one, two = (TableRule(lambda _table, _world: iter([Finding("one")])), TableRule(lambda *_: iter([Finding("two")])))
    other = Scenario("storage", "table-shape", "Other kept", (), "", 1)
    assert [said(one), said(two), said(one, other)] == [
        ("table-shape/shape-kept", "one"),
        ("table-shape/shape-kept", "two"),
        ("table-shape/other-kept", "one"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"externals": Externals()},
        {"given_parameters": {"P": "x"}},
        {"scope": "(nested)"},
    ],
)
def test_templates_of_which_nothing_is_remembered(more: Json) -> None:
    """Where something else was told or given, or the template is one of several, every template is judged anew."""
    judge = Judgement(lambda world, table: world.properties(table).get("BillingMode").found)
    judge(document())
    judge(document(), **more)
    judge(document(), **more)
    assert judge.asked == 3


def test_macros() -> None:
    """Of a template that a macro will rewrite nothing is remembered."""
    judge = Judgement(whole)
    judge(document())
    (pending,) = judge(document(Transform="Company::Own"))
    assert pending.outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("error", "outcome", "times"),
    [
        (TemplateError("$.X", "wrong"), Outcome.ERROR, 2),
        (RuntimeError("a fault"), Outcome.ERROR, 2),
        (UndeterminedError("nobody knows"), Outcome.UNDETERMINED, 1),
        (NotApplicableError("no matter"), Outcome.NOT_APPLICABLE, 1),
    ],
)
def test_failures_are_not_remembered(error: Exception, outcome: Outcome, times: int) -> None:
    """What a rule comes to is remembered, but for that it failed."""

    def fail(_world: World, _table: Resource) -> object:
        raise error

    judge = Judgement(fail)
    assert [judge(document())[0].outcome, judge(document())[0].outcome] == [outcome] * 2
    assert judge.asked == times


def test_what_was_read_before_a_failure() -> None:
    """What a rule has read until it knew no more is what its verdict was found by."""

    def fail(world: World, table: Resource) -> object:
        raise NotApplicableError(world.properties(table).get("BillingMode").string())

    judge = Judgement(lambda world, table: world.remember("key", lambda: fail(world, table)))
    assert [judge(held)[0].message for held in (document(), properties(BillingMode="x"))] == ["PROVISIONED", "x"]


def test_objects_that_are_no_json() -> None:
    """What cannot be compared is like nothing else: it is judged anew, and spoils nothing."""
    judge = Judgement(lambda world, table: world.properties(table).get("BillingMode").found)
    strange = [properties(BillingMode=object()) for _ in range(2)]
    assert [judge(held)[0].message for held in strange] == [
        repr(held["Resources"]["Table"]["Properties"]["BillingMode"]) for held in strange
    ]
    assert judge.asked == 2


def test_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many verdicts are remembered, and with one more that one alone."""
    monkeypatch.setattr("policies.memory._MOST", 3)
    judge = Judgement(lambda world, table: world.properties(table).get("BillingMode").found)
    asked = []
    for number in (0, 1, 2, 0, 3, 3, 0, 1, 3, 0, 1, 2, 2, 3):
        judge(properties(BillingMode=number))
        asked.append(judge.asked)
    assert asked == [1, 2, 3, 3, 4, 4, 5, 6, 6, 6, 6, 7, 7, 8]


def test_what_objects_are_shared() -> None:
    """Where an alias has made one object of two equal ones, they are as equal as before."""
    judge = Judgement(lambda world, table: world.properties(table).get("Tags").found)
    shared = [1]
    assert judge(properties(Tags=[shared, shared])) == judge(properties(Tags=[[1], [1]]))
    assert judge.asked == 1


def test_a_resource_that_a_function_gives() -> None:
    """Where a function stands among the attributes of a resource, they are not the same as without it."""
    wrong = "Ref has to stand alone in its object"
    of_attribute = Judgement(lambda world, table: world.attributes(table).get("DeletionPolicy").found)
    of_property = Judgement(lambda world, table: world.properties(table).get("BillingMode").found)
    for judge, right in ((of_attribute, "'Retain'"), (of_property, "'PROVISIONED'")):
        (one,), (other,) = judge(document()), judge(resources({"Ref": "P"}))
        assert (one.message, other.message, other.path) == (right, wrong, "$.Resources.Table")


def test_a_resource_that_a_macro_writes() -> None:
    """What a macro makes of a resource is read as a whole."""
    judge = Judgement(lambda world, _: world.attributes(world.template.resources["Other"]).get("DeletionPolicy").found)
    one, other = (resources(other={"Fn::Transform": {"Name": name}}) for name in ("Company::One", "Company::Other"))
    assert [judge(held)[0].outcome for held in (one, other, one)] == [Outcome.UNDETERMINED] * 3
    assert judge.asked == 2


def test_a_role_from_outside() -> None:
    """What was told of a role is no piece of a template, and the same in all."""

    def read(world: World, _: Resource) -> object:
        told = Resource("Told", "AWS::IAM::Role", {"Properties": {"Path": "/told/"}}, "(role Told)", world.template)
        return world.properties(told).get("Path").string()

    judge = Judgement(read)
    assert [judge(held)[0].message for held in (document(), properties(BillingMode="x"))] == ["'/told/'"] * 2
    assert judge.asked == 1


UNNOTED = {"_held", "body", "constructs", "document", "given_settings"}
"""What of a template, a resource or a place nobody takes note of when it is read."""
MAKES_TEMPLATES = {"assembly", "cloud_assembly", "expansion", "linking", "loops", "nag", "template"}
TAKES_NOTE = {"memory", "nodes", "worlds"}


def test_rules_read_what_is_noted() -> None:
    """No module that reads templates reads past what takes note: it would not be known what a verdict was found by."""
    past: set[str] = set()
    for file in Path(policies.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_bytes())
        names = {one.module for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
        if names & {"policies.template", "policies.worlds", "policies.nodes"} and file.stem not in MAKES_TEMPLATES:
            read = {one.attr for one in ast.walk(tree) if isinstance(one, ast.Attribute)}
            past |= {f"{file.stem}.{name}" for name in read & UNNOTED if file.stem not in TAKES_NOTE}
    assert past == set()
