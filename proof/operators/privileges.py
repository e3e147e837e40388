"""More than a function may have: the control plane, other tables, other principals, a table that is open to everyone.

Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"; AWS IAM User
Guide, "AWS JSON policy elements: Principal"; Amazon DynamoDB Developer Guide, "Using resource-based policies".
"""

from __future__ import annotations

from collections.abc import Iterator

from proof.bases import Base
from proof.making import (
    CHOICES,
    CHOSEN,
    OPEN,
    OTHER_FUNCTION,
    OTHER_POLICY,
    OTHER_ROLE,
    REFUSED,
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
    ref,
    role,
    statement,
    table,
    trust,
)
from proof.model import Form, Mutant
from proof.places import Place, value_at
from proof.scenarios import DATA_PLANE, OTHER_TABLE, PUBLIC, READ, TRUST, WRITE

_NO_VALUE = {"Ref": "AWS::NoValue"}


def _allow(actions: object, resource: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


@operator(Form.ADDED, noticed(VIOLATED, DATA_PLANE))
def control_plane(base: Base) -> Iterator[Mutant]:
    """Allow to delete or change the table, by name and by wildcard, and to copy or delete its backups."""
    for actions in (
        "dynamodb:DeleteTable",
        ["dynamodb:Describe*", "DYNAMODB:updatetable"],
        "dynamodb:*",
        "*",
        "dynamodb:?eleteTable",
        ["dynamodb:UpdateTimeToLive"],
        "dynamodb:ExportTableToPointInTime",
        "dynamodb:PutResourcePolicy",
        "dynamodb:UpdateContinuousBackups",
    ):
        yield added_statement(base, _allow(actions, arn(table(base))))
    backups = {"Fn::Sub": f"${{{table(base)[1]}.Arn}}/backup/*"}
    yield added_statement(base, _allow("dynamodb:DeleteBackup", backups))
    inline = {"PolicyName": "proof", "PolicyDocument": {"Statement": _allow("dynamodb:*", arn(table(base)))}}
    yield changed(base, {(*role(base), "Properties", "Policies"): [inline]})


@operator(Form.NOT_ACTION, noticed(VIOLATED, DATA_PLANE))
def all_but_an_action(base: Base) -> Iterator[Mutant]:
    """Allow everything on the table but an action of the data plane, or of another service."""
    for actions in ("dynamodb:Scan", ["dynamodb:Get*", "dynamodb:Put*"], "s3:*"):
        yield added_statement(base, {"Effect": "Allow", "NotAction": actions, "Resource": arn(table(base))})


@operator(Form.NOT_ACTION, noticed(VIOLATED, DATA_PLANE, OTHER_TABLE))
def all_but_an_action_everywhere(base: Base) -> Iterator[Mutant]:
    """Allow everything but another service, everywhere."""
    yield added_statement(base, {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})


@operator(Form.CONDITIONAL, noticed(VIOLATED, DATA_PLANE))
def control_plane_perhaps(base: Base) -> Iterator[Mutant]:
    """Allow to delete the table in one world only: by a statement, an action, and a policy."""
    stated = _allow("dynamodb:DeleteTable", arn(table(base)))
    statements = statement(base)[:-1]
    count = len(value_at(base.document, statements))
    yield changed(base, {(*statements, count): either(_NO_VALUE, stated), **CHOICES})
    actions = (*statement(base), "Action")
    count = len(value_at(base.document, actions))
    yield changed(base, {(*actions, count): either("dynamodb:Scan", "dynamodb:DeleteTable"), **CHOICES})
    attached = own_policy(stated, Roles=[ref(role(base))])
    yield changed(base, {("Resources", OTHER_POLICY): {**attached, "Condition": CHOSEN}, **CHOICES})


@operator(Form.UNKNOWN, noticed(OPEN, DATA_PLANE))
def unknown_action(base: Base) -> Iterator[Mutant]:
    """Allow whatever action a parameter names on the table."""
    yield added_statement(base, _allow({"Ref": UNKNOWN}, arn(table(base))), UNKNOWNS)


@operator(Form.WRONG_ARN, noticed(VIOLATED, OTHER_TABLE))
def other_tables(base: Base) -> Iterator[Mutant]:
    """Allow to read tables that the stack does not create."""
    here = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table"
    for resource in (
        "*",
        {"Fn::Sub": f"{here}/*"},
        {"Fn::Sub": f"{here}/customers"},
        {"Fn::Sub": f"${{{table(base)[1]}.Arn}}*"},
        "arn:aws:dynamodb:*:*:table/*",
        [arn(table(base)), "arn:aws:dynamodb:eu-central-1:111122223333:table/customers"],
    ):
        yield changed(base, {(*statement(base), "Resource"): resource} if resource == "*" else _widened(base, resource))


def _widened(base: Base, resource: object) -> dict[Place, object]:
    listed = resource if isinstance(resource, list) else [arn(table(base)), resource]
    return {(*statement(base), "Resource"): listed}


@operator(Form.NOT_RESOURCE, noticed(VIOLATED, OTHER_TABLE))
def all_but_the_table(base: Base) -> Iterator[Mutant]:
    """Allow to read every table but this one, too."""
    yield added_statement(base, {"Effect": "Allow", "Action": "dynamodb:GetItem", "NotResource": arn(table(base))})


@operator(Form.CONDITIONAL, noticed(VIOLATED, OTHER_TABLE))
def other_tables_perhaps(base: Base) -> Iterator[Mutant]:
    """Allow to read every table in one world only."""
    place = (*statement(base), "Resource")
    for branches in ((arn(table(base)), "*"), ("*", arn(table(base)))):
        yield changed(base, {place: either(*branches), **CHOICES})


@operator(Form.ADDED, noticed(VIOLATED, DATA_PLANE, OTHER_TABLE))
def managed_policy_of_all(base: Base) -> Iterator[Mutant]:
    """Attach an AWS managed policy that allows all of DynamoDB."""
    for name in ("AmazonDynamoDBFullAccess", "AdministratorAccess"):
        yield changed(base, {(*role(base), "Properties", "ManagedPolicyArns"): [_of_aws(name)]})


@operator(Form.ADDED, noticed(VIOLATED, OTHER_TABLE))
def managed_policy_of_reads(base: Base) -> Iterator[Mutant]:
    """Attach an AWS managed policy that allows to read all tables."""
    name = _of_aws("AmazonDynamoDBReadOnlyAccess")
    yield changed(base, {(*role(base), "Properties", "ManagedPolicyArns"): [name]})


@operator(Form.UNKNOWN, noticed(UNSURE, READ, WRITE, DATA_PLANE, OTHER_TABLE))
def managed_policy_elsewhere(base: Base) -> Iterator[Mutant]:
    """Attach a managed policy that nobody has read: it may allow anything, and deny it."""
    name = "arn:aws:iam::111122223333:policy/proof"
    yield changed(base, {(*role(base), "Properties", "ManagedPolicyArns"): [name]})


@operator(Form.WRONG_TYPE, noticed(REFUSED, READ, WRITE, DATA_PLANE, OTHER_TABLE))
def managed_policy_alone(base: Base) -> Iterator[Mutant]:
    """Name one managed policy in place of a list, which CloudFormation refuses."""
    name = _of_aws("service-role/AWSLambdaBasicExecutionRole")
    yield changed(base, {(*role(base), "Properties", "ManagedPolicyArns"): name})


def _of_aws(name: str) -> object:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{name}"}


_ROOT = "arn:aws:iam::111122223333:root"


@operator(Form.WRONG_PRINCIPAL, noticed(VIOLATED, TRUST))
def trusted_by_others(base: Base) -> Iterator[Mutant]:
    """Trust others: beside Lambda, in its place, and by leaving out somebody."""
    principal = trust(base, 0, "Principal")
    for named in (
        {"AWS": "*"},
        "*",
        {"AWS": _ROOT},
        {"Service": "ec2.amazonaws.com"},
        {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]},
        {"Service": "lambda.amazonaws.com", "AWS": _ROOT},
        {"Federated": "cognito-identity.amazonaws.com"},
        {"Service": "edgelambda.amazonaws.com"},
    ):
        yield changed(base, {principal: named})
    stated = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": _ROOT}}
    yield changed(base, {trust(base, 1): stated})
    left_out = {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": _ROOT}}
    yield changed(base, {trust(base, 1): left_out})


@operator(Form.CONDITIONAL, noticed(VIOLATED, TRUST))
def trusted_by_others_perhaps(base: Base) -> Iterator[Mutant]:
    """Trust others in one world only."""
    service = {"Service": "lambda.amazonaws.com"}
    for branches in ((service, {"AWS": "*"}), ({"AWS": _ROOT}, service)):
        yield changed(base, {trust(base, 0, "Principal"): either(*branches), **CHOICES})
    stated = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": _ROOT}}
    yield changed(base, {trust(base, 1): either(_NO_VALUE, stated), **CHOICES})


@operator(Form.UNKNOWN, noticed(OPEN, TRUST))
def trusted_by_whom(base: Base) -> Iterator[Mutant]:
    """Trust whatever account a parameter names."""
    yield changed(base, {trust(base, 0, "Principal"): {"AWS": {"Ref": UNKNOWN}}, **UNKNOWNS})


@operator(Form.DENY, noticed(VIOLATED, TRUST))
def not_trusted(base: Base) -> Iterator[Mutant]:
    """Do not trust Lambda: by a Deny, by another action."""
    yield changed(base, {trust(base, 0, "Effect"): "Deny"})
    yield changed(base, {trust(base, 0, "Action"): "sts:TagSession"})
    yield changed(
        base,
        {
            trust(base, 1): {
                "Effect": "Deny",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
            }
        },
    )


@operator(Form.HARMLESS, {})
def privileges_in_other_words(base: Base) -> Iterator[Mutant]:
    """Trust and allow no more than before, in other words; and let a role that has nothing to do with it have more."""
    yield changed(base, {trust(base, 0, "Principal"): {"Service": ["lambda.amazonaws.com"]}})
    yield changed(base, {trust(base, 0, "Action"): ["sts:AssumeRole"]})
    yield added_statement(base, _allow(["dynamodb:Describe*", "dynamodb:ListTables"], arn(table(base))))
    yield added_statement(base, _allow(["dynamodb:Scan", "dynamodb:BatchGetItem"], arn(table(base))))
    yield added_statement(base, {"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": arn(table(base))})
    basic = _of_aws("service-role/AWSLambdaBasicExecutionRole")
    yield changed(base, {(*role(base), "Properties", "ManagedPolicyArns"): [basic]})
    powerful = own_policy(_allow("dynamodb:*", "*"), Roles=[ref(("Resources", OTHER_ROLE))])
    unconcerned = dict(value_at(base.document, function(base)))
    properties = {**unconcerned["Properties"], "Role": arn(("Resources", OTHER_ROLE)), "Environment": {"Variables": {}}}
    yield changed(
        base,
        {
            ("Resources", OTHER_POLICY): powerful,
            ("Resources", OTHER_FUNCTION): {**unconcerned, "Properties": properties},
            **other_role(base),
        },
    )


def _opened(base: Base, stated: object, *above: str) -> Mutant:
    document = {"Version": "2012-10-17", "Statement": stated}
    place = (*table(base), "Properties", *above, "ResourcePolicy")
    return changed(base, {place: {"PolicyDocument": document}, **CHOICES})


def _everyone(**more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "*", **more}


@operator(Form.WRONG_PRINCIPAL, noticed(VIOLATED, PUBLIC))
def open_to_everyone(base: Base) -> Iterator[Mutant]:
    """Open the table, or its stream, to everyone."""
    yield _opened(base, _everyone())
    yield _opened(base, [_everyone(Principal={"AWS": "*"})])
    yield _opened(base, [_everyone(Principal={"AWS": [_ROOT, "*"]})])
    yield _opened(base, [_everyone(Condition={})])
    left_out = {key: value for key, value in _everyone(NotPrincipal={"AWS": _ROOT}).items() if key != "Principal"}
    yield _opened(base, [left_out])
    yield _opened(base, [_everyone(Action="dynamodb:GetRecords")], "StreamSpecification")


@operator(Form.CONDITIONAL, noticed(VIOLATED, PUBLIC))
def open_to_everyone_perhaps(base: Base) -> Iterator[Mutant]:
    """Open the table to everyone in one world only."""
    yield _opened(base, [either(_NO_VALUE, _everyone())])
    yield _opened(base, [_everyone(Principal={"AWS": either(_ROOT, "*")})])


@operator(Form.ADDED, noticed(VIOLATED, PUBLIC, DATA_PLANE))
def everything_open_to_everyone(base: Base) -> Iterator[Mutant]:
    """Open the table to everyone for everything, the function among them."""
    yield _opened(base, [_everyone(Action="dynamodb:*")])


@operator(Form.DENY, noticed(VIOLATED, WRITE))
def denied_by_the_table(base: Base) -> Iterator[Mutant]:
    """Deny everyone to write, by the table's own policy."""
    yield _opened(base, [_everyone(Effect="Deny", Action="dynamodb:PutItem")])


@operator(Form.HARMLESS, {})
def open_to_some(base: Base) -> Iterator[Mutant]:
    """Open the table to an account, and to everyone of an organisation."""
    yield _opened(base, [_everyone(Principal={"AWS": _ROOT})])
    yield _opened(base, [_everyone(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}})])
