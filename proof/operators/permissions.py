"""Permissions to read and write the table, taken away in every way that IAM knows.

Source: AWS IAM User Guide, "Policy evaluation logic": an explicit Deny wins, and a boundary allows nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.model import Outcome
from proof.bases import Base
from proof.making import (
    ABSENT,
    CHOICES,
    CHOSEN,
    OPEN,
    OTHER_POLICY,
    OTHER_ROLE,
    UNKNOWN,
    UNKNOWNS,
    UNSURE,
    VIOLATED,
    added_statement,
    arn,
    changed,
    either,
    function,
    noticed,
    operator,
    other_role,
    own_policy,
    policy,
    queue,
    ref,
    role,
    statement,
    table,
)
from proof.model import Form, Mutant
from proof.places import value_at
from proof.scenarios import DATA_PLANE, OTHER_TABLE, READ, TRUST, WRITE

_BOTH = noticed(VIOLATED, READ, WRITE)
_WHATEVER = frozenset({Outcome.COMPLIANT, Outcome.UNDETERMINED, Outcome.NON_COMPLIANT, Outcome.ERROR})
"""What comes of a question that a document raises which IAM refuses."""

_READS, _WRITES = ("dynamodb:GetItem", "dynamodb:Query"), ("dynamodb:PutItem", "dynamodb:UpdateItem")


def _without(base: Base, actions: Sequence[str]) -> Iterator[Mutant]:
    place = (*statement(base), "Action")
    for action in actions:
        yield changed(base, {place: [one for one in value_at(base.document, place) if one != action]})
    yield changed(base, {place: [one for one in value_at(base.document, place) if one not in actions]})


@operator(Form.MISSING, noticed(VIOLATED, READ))
def no_reads(base: Base) -> Iterator[Mutant]:
    """Allow to read items no longer, by one action or by both."""
    yield from _without(base, _READS)


@operator(Form.MISSING, noticed(VIOLATED, WRITE))
def no_writes(base: Base) -> Iterator[Mutant]:
    """Allow to write items no longer, by one action or by both."""
    yield from _without(base, _WRITES)


@operator(Form.MISSING, _BOTH)
def nothing_allowed(base: Base) -> Iterator[Mutant]:
    """Take the statement away, the policy, and its attachment."""
    yield changed(base, {statement(base): ABSENT})
    yield changed(base, {(*policy(base), "Type"): "Custom::Policy"})
    yield changed(base, {(*policy(base), "Properties", "Roles"): ABSENT})
    yield changed(base, {(*policy(base), "Properties", "Roles"): []})


@operator(Form.WRONG_LITERAL, _BOTH)
def other_actions(base: Base) -> Iterator[Mutant]:
    """Allow actions of other names only."""
    place = (*statement(base), "Action")
    for actions in (["dynamodb:Get", "dynamodb:Put"], ["dynamodb:DescribeTable"], ["s3:*"], ["dynamodb:*Items"]):
        yield changed(base, {place: actions})
    yield changed(base, {(*statement(base), "Effect"): "Deny"})


@operator(Form.CONDITIONAL, _BOTH)
def allowed_perhaps(base: Base) -> Iterator[Mutant]:
    """Allow it in one world only: by the statement, its resource, or the whole policy."""
    stated = value_at(base.document, statement(base))
    place = statement(base)
    yield changed(base, {place: either(stated, {"Ref": "AWS::NoValue"}), **CHOICES})
    yield changed(base, {place: either({**stated, "Effect": "Deny"}, stated), **CHOICES})
    yield changed(base, {(*place, "Resource"): either(arn(table(base)), arn(queue(base))), **CHOICES})
    yield changed(base, {(*policy(base), "Condition"): CHOSEN, **CHOICES})
    roles = (*policy(base), "Properties", "Roles")
    yield changed(
        base, {(*roles, 0): either(ref(role(base)), ref(("Resources", OTHER_ROLE))), **other_role(base), **CHOICES}
    )


@operator(Form.DENY, _BOTH)
def denied(base: Base) -> Iterator[Mutant]:
    """Deny it: in the same policy, in one of its own, inline, by wildcards, and under a condition of the template."""
    place = arn(table(base))
    for actions in (
        "dynamodb:*",
        "*",
        ["DYNAMODB:getitem", "dynamodb:Put*"],
        ["dynamodb:?uery", "dynamodb:UpdateItem"],
    ):
        yield added_statement(base, {"Effect": "Deny", "Action": actions, "Resource": place})
    deny = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}
    attached = own_policy(deny, Roles=[ref(role(base))])
    yield changed(base, {("Resources", OTHER_POLICY): attached})
    yield changed(base, {("Resources", OTHER_POLICY): {**attached, "Condition": CHOSEN}, **CHOICES})
    inline = {"PolicyName": "proof", "PolicyDocument": {"Version": "2012-10-17", "Statement": [deny]}}
    yield changed(base, {(*role(base), "Properties", "Policies"): [inline]})


@operator(Form.DENY, noticed(VIOLATED, READ))
def reads_denied(base: Base) -> Iterator[Mutant]:
    """Deny one action of reading."""
    for action in _READS:
        yield added_statement(base, {"Effect": "Deny", "Action": action, "Resource": arn(table(base))})


@operator(Form.DENY, noticed(VIOLATED, WRITE))
def writes_denied(base: Base) -> Iterator[Mutant]:
    """Deny one action of writing."""
    for action in _WRITES:
        yield added_statement(base, {"Effect": "Deny", "Action": action, "Resource": "*"})


@operator(Form.DENY, noticed(OPEN, READ, WRITE))
def denied_to_some_requests(base: Base) -> Iterator[Mutant]:
    """Deny it under a condition that each request decides."""
    yield added_statement(
        base,
        {
            "Effect": "Deny",
            "Action": "dynamodb:*",
            "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        },
    )


@operator(Form.NOT_ACTION, noticed(VIOLATED, READ))
def all_but_writes_denied(base: Base) -> Iterator[Mutant]:
    """Deny everything on the table but its writes."""
    yield added_statement(base, {"Effect": "Deny", "NotAction": list(_WRITES), "Resource": arn(table(base))})


@operator(Form.NOT_ACTION, noticed(VIOLATED, WRITE, DATA_PLANE))
def all_but_a_write_allowed(base: Base) -> Iterator[Mutant]:
    """Allow everything on the table but one write, and so to delete it."""
    stated = {"Effect": "Allow", "NotAction": "dynamodb:PutItem", "Resource": arn(table(base))}
    yield changed(base, {statement(base): stated})


@operator(Form.NOT_RESOURCE, _BOTH)
def all_but_another_denied(base: Base) -> Iterator[Mutant]:
    """Deny DynamoDB on everything but something else than the table."""
    yield added_statement(base, {"Effect": "Deny", "Action": "dynamodb:*", "NotResource": arn(queue(base))})


@operator(Form.NOT_RESOURCE, {**_BOTH, **noticed(VIOLATED, OTHER_TABLE)})
def all_but_the_table_allowed(base: Base) -> Iterator[Mutant]:
    """Allow to read and write every table but this one."""
    place = statement(base)
    yield changed(base, {(*place, "Resource"): ABSENT, (*place, "NotResource"): arn(table(base))})


def _bounded(base: Base, statements: object) -> Mutant:
    boundary = ("Resources", "ProofBoundary")
    document = {"Version": "2012-10-17", "Statement": statements}
    return changed(
        base,
        {
            (*role(base), "Properties", "PermissionsBoundary"): ref(boundary),
            boundary: {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}},
        },
    )


@operator(Form.BOUNDARY, _BOTH)
def boundary_without_the_table(base: Base) -> Iterator[Mutant]:
    """Bound the role to what is not on the table, and deny it there."""
    anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    yield _bounded(base, [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}])
    yield _bounded(base, [{"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": "*"}])
    yield _bounded(base, [{"Effect": "Allow", "Action": "*", "Resource": arn(queue(base))}])
    yield _bounded(base, [anything, {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}])


@operator(Form.BOUNDARY, noticed(VIOLATED, WRITE))
def boundary_that_only_reads(base: Base) -> Iterator[Mutant]:
    """Bound the role to reading."""
    yield _bounded(base, [{"Effect": "Allow", "Action": list(_READS), "Resource": "*"}])


@operator(Form.BOUNDARY, noticed(UNSURE, READ, WRITE))
def boundary_elsewhere(base: Base) -> Iterator[Mutant]:
    """Bound the role by a policy that nobody has read."""
    named = "arn:aws:iam::111122223333:policy/proof"
    yield changed(base, {(*role(base), "Properties", "PermissionsBoundary"): named})


@operator(Form.WRONG_ARN, _BOTH)
def another_resource(base: Base) -> Iterator[Mutant]:
    """Allow it on something else: a queue, the table's indexes and streams."""
    place, logical_id = (*statement(base), "Resource"), table(base)[1]
    yield changed(base, {place: arn(queue(base))})
    yield changed(base, {place: {"Fn::Sub": f"${{{logical_id}.Arn}}/index/*"}})
    yield changed(base, {place: {"Fn::Sub": f"${{{logical_id}.Arn}}/stream/*"}})


@operator(Form.WRONG_ARN, noticed(VIOLATED, READ, WRITE, OTHER_TABLE))
def another_table(base: Base) -> Iterator[Mutant]:
    """Allow it on a table from elsewhere, whose name may begin like this one's."""
    place, logical_id = (*statement(base), "Resource"), table(base)[1]
    yield changed(base, {place: {"Fn::Sub": f"${{{logical_id}.Arn}}2"}})
    yield changed(base, {place: "arn:aws:dynamodb:eu-central-1:111122223333:table/customers"})


@operator(
    Form.NAME_FOR_ARN,
    {**noticed(frozenset({*OPEN, Outcome.ERROR}), READ, WRITE), **noticed(_WHATEVER, DATA_PLANE, OTHER_TABLE)},
)
def name_for_the_arn(base: Base) -> Iterator[Mutant]:
    """Allow it on the table's name, which is no ARN: IAM refuses such a document."""
    yield changed(base, {(*statement(base), "Resource"): ref(table(base))})


@operator(Form.WRONG_ROLE, _BOTH)
def policy_of_another_role(base: Base) -> Iterator[Mutant]:
    """Attach the policy to another role, and to the name of none."""
    roles = (*policy(base), "Properties", "Roles")
    yield changed(base, {roles: [ref(("Resources", OTHER_ROLE))], **other_role(base)})
    yield changed(base, {roles: ["worthwatch"]})
    yield changed(base, {roles: [arn(role(base))]})


@operator(Form.WRONG_ROLE, _BOTH)
def function_of_another_role(base: Base) -> Iterator[Mutant]:
    """Run the function as another role, always and in one world."""
    place, other = (*function(base), "Properties", "Role"), arn(("Resources", OTHER_ROLE))
    yield changed(base, {place: other, **other_role(base)})
    yield changed(base, {place: either(arn(role(base)), other), **other_role(base), **CHOICES})


@operator(Form.UNKNOWN, noticed(UNSURE, READ, WRITE, DATA_PLANE, OTHER_TABLE, TRUST))
def role_elsewhere(base: Base) -> Iterator[Mutant]:
    """Run the function as a role that nobody has seen."""
    place = (*function(base), "Properties", "Role")
    yield changed(base, {place: {"Ref": UNKNOWN}, **UNKNOWNS})
    yield changed(base, {place: "arn:aws:iam::111122223333:role/worthwatch"})


@operator(Form.HARMLESS, {})
def permissions_in_other_words(base: Base) -> Iterator[Mutant]:
    """Allow the same in other words, and deny what takes nothing away."""
    place = statement(base)
    yield changed(
        base, {(*place, "Action"): ["DynamoDB:GETITEM", "dynamodb:Quer?", "dynamodb:PutI*", "dynamodb:UpdateItem"]}
    )
    yield changed(base, {(*place, "Resource"): [arn(table(base))]})
    yield changed(base, {(*place, "Resource"): {"Fn::Sub": f"${{{table(base)[1]}.Arn}}"}})
    yield changed(base, {place[:-1]: [*reversed(value_at(base.document, place[:-1]))]})
    stated = value_at(base.document, place)
    yield changed(base, {("Resources", OTHER_POLICY): own_policy([stated], Roles=[ref(role(base))]), place: ABSENT})
    yield added_statement(base, {"Effect": "Deny", "Action": "dynamodb:DeleteTable", "Resource": "*"})
    yield added_statement(base, {"Effect": "Deny", "Action": "dynamodb:*", "Resource": arn(queue(base))})
    yield _bounded(base, [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
    yield changed(
        base,
        {
            ("Resources", OTHER_POLICY): own_policy(
                {"Effect": "Deny", "Action": "*", "Resource": "*"}, Roles=[ref(("Resources", OTHER_ROLE))]
            ),
            **other_role(base),
        },
    )
