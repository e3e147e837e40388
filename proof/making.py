"""What operators are written with: the parts of the stack, found by what they are, and mutants of some changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from policies.model import Outcome
from proof.bases import Base, Tree
from proof.model import Form, Mutant, Noticed, Operator
from proof.places import Document, Place, drop, put, value_at
from proof.scenarios import DATA_PLANE, OTHER_TABLE, READ, TRUST, VARIABLE, WRITE

ABSENT: Final = object()
"""The new value of what a change takes away."""

CHOICE, CHOSEN, UNKNOWN = "ProofChoice", "ProofChosen", "ProofUnknown"
TWIN, OTHER_ROLE, OTHER_POLICY, OTHER_FUNCTION = "ProofTable", "ProofRole", "ProofPolicy", "ProofFunction"

VIOLATED = frozenset({Outcome.NON_COMPLIANT})
REFUSED = frozenset({Outcome.NON_COMPLIANT, Outcome.ERROR})
"""What comes of a value that its place cannot take."""
OPEN = frozenset({Outcome.UNDETERMINED, Outcome.NON_COMPLIANT})
"""What comes of a value that nobody knows: it may be a wrong one."""
UNSURE = frozenset({Outcome.UNDETERMINED})
NO_CONCERN = frozenset({Outcome.NOT_APPLICABLE})

NOBODY_TOLD: Noticed = {
    **dict.fromkeys((VARIABLE, READ, WRITE), VIOLATED),
    **dict.fromkeys((DATA_PLANE, OTHER_TABLE, TRUST), NO_CONCERN),
}
"""Who notices that no function is given the table's name; its output tells it all the same."""

Changes = Mapping[Place, object]


def operator(form: Form, noticed: Noticed) -> Callable[[Callable[[Base], Iterator[Mutant]]], Operator]:
    """Make what yields mutants of a base an operator, of its module's name and its own."""

    def decorate(apply: Callable[[Base], Iterator[Mutant]]) -> Operator:
        return Operator(f"{apply.__module__.rpartition('.')[2]}/{apply.__name__}", form, noticed, apply)

    return decorate


def noticed(outcomes: frozenset[Outcome], *scenarios: str) -> dict[str, frozenset[Outcome]]:
    """Return that scenarios must notice, by coming to one of some outcomes."""
    return dict.fromkeys(scenarios, outcomes)


def changed(base: Base, changes: Changes) -> Mutant:
    """Return a base with a value at each of some places, one after the other; the first is what the mutant is about."""
    document = base.document
    for place, value in changes.items():
        document = drop(document, place) if value is ABSENT else put(document, place, value)
    return Mutant(next(iter(changes)), document, base.tree)


def grown(base: Base, tree: Tree | None) -> Mutant:
    """Return a base whose construct tree is another, or none."""
    return Mutant(table(base), base.document, tree)


def either(value: object, otherwise: object) -> dict[str, Any]:
    """Return what comes to one value by default, and may come to the other; see `CHOICES`."""
    return {"Fn::If": [CHOSEN, value, otherwise]}


CHOICES: Final[Changes] = {
    ("Parameters", CHOICE): {"Type": "String", "Default": "yes", "AllowedValues": ["yes", "no"]},
    ("Conditions", CHOSEN): {"Fn::Equals": [{"Ref": CHOICE}, "yes"]},
}
"""What declares the parameter and the condition on which `either` depends."""

UNKNOWNS: Final[Changes] = {("Parameters", UNKNOWN): {"Type": "String"}}
"""What declares a parameter of which nothing is known."""


def table(base: Base) -> Place:
    """Return the place of the table."""
    return next(_of_type(base, "AWS::DynamoDB::Table"))


def function(base: Base) -> Place:
    """Return the place of the function that is given the table's name."""
    return next(one for one in _of_type(base, "AWS::Lambda::Function") if _told(base, one))


def variable(base: Base) -> Place:
    """Return the place of the environment variable that is the table's name."""
    place = function(base)
    name = next(iter(_told(base, place)))
    return (*place, "Properties", "Environment", "Variables", name)


def output(base: Base) -> Place:
    """Return the place of the output that is the table's name."""
    outputs = base.document["Outputs"]
    return next(("Outputs", name) for name, body in outputs.items() if body["Value"] == {"Ref": table(base)[1]})


def role(base: Base) -> Place:
    """Return the place of the function's role."""
    arn = value_at(base.document, (*function(base), "Properties", "Role"))
    return "Resources", arn["Fn::GetAtt"][0]


def statement(base: Base) -> Place:
    """Return the place of the statement that allows to read and write the table."""
    for policy in _of_type(base, "AWS::IAM::ManagedPolicy"):
        place = (*policy, "Properties", "PolicyDocument", "Statement")
        for i, one in enumerate(value_at(base.document, place)):
            if "dynamodb:GetItem" in one["Action"]:
                return (*place, i)
    raise LookupError("no statement allows to read the table")


def policy(base: Base) -> Place:
    """Return the place of the policy that holds that statement."""
    return statement(base)[:2]


def trust(base: Base, *keys: str | int) -> Place:
    """Return the place of the statements by which the role is assumed, or of something in them."""
    return (*role(base), "Properties", "AssumeRolePolicyDocument", "Statement", *keys)


def queue(base: Base) -> Place:
    """Return the place of the queue of dead letters: a resource that has nothing to do with the table."""
    return next(_of_type(base, "AWS::SQS::Queue"))


def ref(place: Place) -> dict[str, Any]:
    """Return a reference to a resource."""
    return {"Ref": place[1]}


def arn(place: Place) -> dict[str, Any]:
    """Return the ARN of a resource."""
    return {"Fn::GetAtt": [place[1], "Arn"]}


def added_statement(base: Base, stated: Mapping[str, object], more: Changes = MappingProxyType({})) -> Mutant:
    """Return a base in which the role's policy has one more statement, and what that needs."""
    statements = statement(base)[:-1]
    return changed(base, {(*statements, len(value_at(base.document, statements))): stated, **more})


def other_role(base: Base) -> Changes:
    """Return what adds a role that Lambda alone assumes and that may do nothing."""
    trust = value_at(base.document, (*role(base), "Properties", "AssumeRolePolicyDocument"))
    return {("Resources", OTHER_ROLE): {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}}


def own_policy(statements: object, **properties: object) -> dict[str, Any]:
    """Return an inline policy of its own, as a resource."""
    document = {"Version": "2012-10-17", "Statement": statements}
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": OTHER_POLICY, "PolicyDocument": document, **properties},
    }


def twin(base: Base) -> Changes:
    """Return what adds a second table, as sound as the first: named to the function, which may use it."""
    body = dict(value_at(base.document, table(base)))
    properties = {key: value for key, value in body["Properties"].items() if key != "TableName"}
    items = statement(base)
    return {
        ("Resources", TWIN): {**body, "Properties": properties},
        (*variable(base)[:-1], "PROOF_TABLE"): {"Ref": TWIN},
        (*items, "Resource"): [value_at(base.document, (*items, "Resource")), {"Fn::GetAtt": [TWIN, "Arn"]}],
    }


def with_twin(base: Base, changes: Changes) -> Mutant:
    """Return a base with a second table, by the same construct, that is changed."""
    made = changed(base, {**twin(base), **changes})
    return Mutant(("Resources", TWIN), made.document, {**base.tree, TWIN: base.tree[str(table(base)[1])]})


def _of_type(base: Base, kind: str) -> Iterator[Place]:
    resources: Document = base.document["Resources"]
    return (("Resources", name) for name, body in resources.items() if body["Type"] == kind)


def _told(base: Base, place: Place) -> list[str]:
    """Return the environment variables of a function that are the table's name."""
    properties = value_at(base.document, place)["Properties"]
    variables = properties.get("Environment", {}).get("Variables", {})
    return [name for name, value in variables.items() if value == ref(table(base))]
