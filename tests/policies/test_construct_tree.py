"""The construct tree: which constructs a resource stands in, and of which stack it is."""

from __future__ import annotations

import pytest

from policies.construct_tree import Construct, as_object, constructs_by_stack, logical_ids_in
from policies.reading import InputError

TABLE = "AWS::DynamoDB::Table"


def construct(name: str | None = None, **children: object) -> dict[str, object]:
    """Return a node of the tree, of a class by this name, with others under it."""
    info = {} if name is None else {"constructInfo": {"fqn": name, "version": "1.2"}}
    return {**info, "children": children}


def resource(logical_id: object = None, kind: object = TABLE) -> dict[str, object]:
    """Return the node of a resource, with what the CDK tells of it."""
    attributes = {"aws:cdk:cloudformation:logicalId": logical_id, "aws:cdk:cloudformation:type": kind}
    return {
        "constructInfo": {"fqn": "CfnTable", "version": "1.2"},
        "attributes": {key: value for key, value in attributes.items() if value is not None},
    }


def found(
    root: object, stacks: tuple[str, ...] = ("App",), logical_ids: dict[str, str] | None = None
) -> dict[str, dict[str, Construct]]:
    """Return the constructs of a tree, by stack, without stacks of which it shows none."""
    constructs = constructs_by_stack({"tree": root}, "tree.json", stacks, logical_ids or {})
    return {stack: shown for stack, shown in constructs.items() if shown}


def test_a_tree() -> None:
    """A resource stands in all constructs above it that tell what they are, from the app to its own."""
    root = construct("App", App=construct("Stack", Storage=construct(None, Table=resource("Table1"))), Else=construct())
    assert found(root) == {
        "App": {"Table1": Construct("App/Storage/Table", ("App@1.2", "Stack@1.2", "CfnTable@1.2"), TABLE)}
    }


def test_two_stacks() -> None:
    """The same logical id in two stacks is that of two resources."""
    root = construct(None, A=construct(None, Table=resource("T")), B=construct(None, Stage=resource("T")))
    assert found(root, ("A", "B/Stage")) == {
        "A": {"T": Construct("A/Table", ("CfnTable@1.2",), TABLE)},
        "B/Stage": {"T": Construct("B/Stage", ("CfnTable@1.2",), TABLE)},
    }


def test_outside_of_stacks() -> None:
    """What stands in no stack is of none."""
    assert found(construct(None, Table=resource("T"))) == {"": {"T": Construct("Table", ("CfnTable@1.2",), TABLE)}}


def test_a_nested_stack() -> None:
    """A nested stack is one of its own, and the resource that it is stands in the stack above it."""
    nested = {"Inner.NestedStack": construct(None, Res=resource("N", "AWS::CloudFormation::Stack"))}
    root = construct(None, App=construct(None, Inner=construct("Nested", Table=resource("T")), **nested))
    constructs = found(root)
    assert constructs == {
        "App": {
            "N": Construct("App/Inner.NestedStack/Res", ("CfnTable@1.2",), "AWS::CloudFormation::Stack"),
        },
        "App/Inner": {"T": Construct("App/Inner/Table", ("Nested@1.2", "CfnTable@1.2"), TABLE)},
    }
    assert constructs["App"]["N"].nested_stack == "App/Inner"
    assert constructs["App/Inner"]["T"].nested_stack == "App/Inner"


def test_logical_ids_by_metadata() -> None:
    """What the metadata tell of a construct wins over what the tree does."""
    root = construct(None, App=construct(None, A=resource("T"), B=resource(), C=resource()))
    assert found(root, logical_ids={"App/A": "M", "App/B": "N"}) == {
        "App": {
            "M": Construct("App/A", ("CfnTable@1.2",), TABLE),
            "N": Construct("App/B", ("CfnTable@1.2",), TABLE),
        }
    }


def test_what_contradicts_itself() -> None:
    """Of a logical id that two constructs of one stack claim nothing is told; it spoils no other."""
    twins = construct(None, A=resource("T"), B=resource("T"), C=resource("C"), D=resource("T"))
    root = construct(None, App=twins, Other=construct(None, A=resource("T")))
    assert found(root, ("App", "Other")) == {
        "App": {"C": Construct("App/C", ("CfnTable@1.2",), TABLE)},
        "Other": {"T": Construct("Other/A", ("CfnTable@1.2",), TABLE)},
    }


@pytest.mark.parametrize(
    ("node", "told"),
    [
        ({"attributes": {"aws:cdk:cloudformation:logicalId": "T"}}, Construct("App/Odd", (), None)),
        ({**resource("T", 1), "children": []}, Construct("App/Odd", ("CfnTable@1.2",), None)),
        ({**resource("T"), "constructInfo": {"fqn": "X"}}, Construct("App/Odd", ("X@None",), TABLE)),
        ({**resource("T"), "constructInfo": {"version": "1"}}, Construct("App/Odd", (), TABLE)),
        ({**resource("T"), "constructInfo": "X"}, Construct("App/Odd", (), TABLE)),
        (resource(1), None),
        ({"attributes": "T"}, None),
        ("Table", None),
    ],
)
def test_odd_nodes(node: object, told: Construct | None) -> None:
    """What lacks its shape tells nothing."""
    assert found(construct(None, App=construct(None, Odd=node))) == ({"App": {"T": told}} if told else {})


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, "'tree' is no object; expected a construct tree that the CDK wrote"),
        ({"tree": [1]}, "'tree' is no object; expected a construct tree that the CDK wrote"),
        (
            {"tree": construct(None, App=construct(None, A={"fileName": "more.json"}))},
            "the construct tree goes on in another file at 'App/A'; expected it whole",
        ),
        (
            {"tree": construct(None, **{"A\n": {"fileName": "more.json"}})},
            r"the construct tree goes on in another file at 'A\n'; expected it whole",
        ),
    ],
)
def test_no_tree(document: dict[str, object], problem: str) -> None:
    """What is no tree, or not all of one, is refused."""
    with pytest.raises(InputError) as raised:
        constructs_by_stack(document, "tree.json", ("App",), {})
    assert (raised.value.where, raised.value.problem) == ("tree.json", problem)


def test_logical_ids() -> None:
    """The metadata of a stack tell logical ids by path; what else they tell, or lacks its shape, is none."""
    told = {"type": "aws:cdk:logicalId", "data": "T"}
    assert logical_ids_in(
        {
            "/App/A": [told],
            "App/B": [{"type": "aws:cdk:warning", "data": "W"}, {**told, "data": "B"}],
            "/App/C": [{**told, "data": 1}, "text", {"data": "T"}, {"type": "aws:cdk:logicalId"}],
            "/App/D": told,
            "/App/E": None,
        }
    ) == {"App/A": "T", "App/B": "B"}


def test_as_object() -> None:
    """What is no object is an empty one."""
    assert [as_object(value) for value in ({"a": 1}, ["a"], "a", None)] == [{"a": 1}, {}, {}, {}]
