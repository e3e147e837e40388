"""Policy documents: what IAM refuses is a finding, in whichever form a document stands."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from policies.documents import (
    action,
    check_document,
    check_statement,
    document_of,
    has_variables,
    named,
    principals,
    resource,
)
from policies.errors import MismatchError, UndeterminedError
from policies.model import Outcome
from policies.nodes import Node
from policies.template import Template
from policies.values import Origin, Text, Unknown
from policies.worlds import World
from tests.policies.templates import ABSENT, NO_VALUE, POLICY, ROLE, TABLE, TABLE_ARN, template, verdict

Json = dict[str, object]
READ = "lambda-dynamodb-integration/read-permissions-granted"
PUBLIC = "table-access/no-public-access"
DOCUMENT = f"{POLICY}PolicyDocument"
GOOD: Json = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": TABLE_ARN}
OWN_POLICY: Json = {"PolicyName": "Own", "PolicyDocument": {"Statement": [GOOD]}}


def judged(statement: Json, **document: object) -> tuple[Outcome, str | None, str]:
    """Judge whether the role may read, with one statement."""
    found = verdict(template({DOCUMENT: {"Statement": [statement], **document}}), READ)
    return found.outcome, found.path, found.message


PLACE = "$.Resources.Policy.Properties.PolicyDocument"


@pytest.mark.parametrize(
    ("statement", "document", "path", "expected"),
    [
        ({**GOOD, "NotAction": "s3:*"}, {}, ".Statement[0].NotAction", "either Action or NotAction"),
        ({**GOOD, "NotResource": "*"}, {}, ".Statement[0].NotResource", "either Resource or NotResource"),
        ({**GOOD, "Principal": "*"}, {}, ".Statement[0].Principal", "no Principal in a policy of a role"),
        ({**GOOD, "Actions": "s3:*"}, {}, ".Statement[0].Actions", "an element that a statement has"),
        (
            {**GOOD, "Action": "GetItem"},
            {},
            ".Statement[0].Action",
            "an action with its service, such as dynamodb:GetItem",
        ),
        ({**GOOD, "Resource": "orders"}, {}, ".Statement[0].Resource", "an ARN, or *"),
        ({**GOOD, "Resource": ""}, {}, ".Statement[0].Resource", "an ARN, or *"),
        ({**GOOD, "Effect": "Deny", "Resource": [TABLE_ARN, ""]}, {}, ".Statement[0].Resource[1]", "an ARN, or *"),
        ({**GOOD, "Effect": "allow"}, {}, ".Statement[0].Effect", "Allow or Deny"),
        (GOOD, {"Version": "2012-10-18"}, ".Version", "the Version 2012-10-17 or 2008-10-17"),
        (GOOD, {"Statements": [GOOD]}, ".Statements", "an element that a policy document has"),
        (GOOD, {"": {"Ref": "AWS::Region"}}, "['']", "an element that a policy document has"),
    ],
)
def test_refused(statement: Json, document: Json, path: str, expected: str) -> None:
    """What IAM refuses is told at its place, and grants nothing."""
    assert judged(statement, **document) == (Outcome.NON_COMPLIANT, PLACE + path, f"{expected} is expected here")


@pytest.mark.parametrize("document", [{}, {"Version": "2012-10-17"}])
def test_nothing_stated(document: Json) -> None:
    """What states nothing is no document, and not one that grants nothing."""
    found = verdict(template({DOCUMENT: document}), "least-privilege/data-plane-only")
    assert (found.outcome, found.path) == (Outcome.NON_COMPLIANT, PLACE)
    assert found.message == "a policy document with a Statement is expected here"


@pytest.mark.parametrize(
    "refused",
    [
        {"Effect": "Allow", "Action": "logs:*"},
        {"Effect": "Allow", "Action": "logs:*", "Resource": []},
        {"Effect": "allow", "Action": "logs:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "logs:*", "Resource": "*", "NotResource": "*"},
        {"Effect": "Allow", "Action": "logs:*", "NotAction": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "logs:*", "Resource": "*", "Principal": "*"},
        {"Effect": "Deny", "Action": "dynamodb:*", "Resource": ""},
        {"Effect": "Deny", "Action": "dynamodb:*", "NotResource": [""]},
    ],
)
def test_another_statement_that_is_refused(refused: Json) -> None:
    """IAM refuses a policy for any statement of it, whatever that is about."""
    made = template({DOCUMENT: {"Statement": [GOOD, refused]}})
    assert verdict(made, READ).outcome is Outcome.NON_COMPLIANT
    allowed = {"Sid": "Logs", "Effect": "Allow", "Action": "logs:*", "Resource": "*", "Condition": {}}
    assert verdict(template({DOCUMENT: {"Statement": [GOOD, allowed]}}), READ).outcome is Outcome.COMPLIANT


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_accepted(version: str) -> None:
    """Both versions are read."""
    assert judged(GOOD, Version=version) == (Outcome.COMPLIANT, None, "")


def text(resource: str, principal: str | None = None) -> str:
    """Write a document as text."""
    statement = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": resource}
    return json.dumps({"Statement": [statement if principal is None else {**statement, "Principal": principal}]})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"Fn::Sub": text("${Table.Arn}")}, Outcome.COMPLIANT),
        (
            {"Fn::Sub": text("arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}")},
            Outcome.COMPLIANT,
        ),
        ({"Fn::Sub": text("arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/other")}, Outcome.NON_COMPLIANT),
        ({"Fn::Sub": text("${Free}")}, Outcome.UNDETERMINED),
        (
            {"Fn::Join": ["", ['{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "', TABLE_ARN, '"}}']]},
            Outcome.COMPLIANT,
        ),
        ("{", Outcome.NON_COMPLIANT),
    ],
)
def test_text(document: object, expected: Outcome) -> None:
    """A document may be the text of its JSON, with names that only the deployment knows in its strings."""
    made = template({DOCUMENT: document, "Parameters.Free": {"Type": "String"}})
    assert verdict(made, READ).outcome is expected


def test_text_of_a_resource_policy() -> None:
    """So may the table's own policy."""
    made = template({f"{TABLE}ResourcePolicy.PolicyDocument": {"Fn::Sub": text("${AWS::Region}", "*")}})
    assert verdict(made, PUBLIC).outcome is Outcome.NON_COMPLIANT


@pytest.mark.parametrize(
    ("name", "condition", "expected"),
    [
        ("ReadWrite", None, Outcome.UNDETERMINED),
        ("Other", None, Outcome.COMPLIANT),
        ("ReadWrite", "Never", Outcome.COMPLIANT),
    ],
)
def test_two_inline_policies_of_one_name(name: str, condition: str | None, expected: Outcome) -> None:
    """The later replaces the earlier, whatever the later is about."""
    properties = {
        "PolicyName": name,
        "Roles": [{"Ref": "Role"}],
        "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}},
    }
    logs: Json = {"Type": "AWS::IAM::Policy", "Properties": properties}
    changes: dict[str, object] = {
        "Conditions.Never": {"Fn::Equals": ["a", "b"]},
        "Resources.Logs": logs if condition is None else {**logs, "Condition": condition},
    }
    assert verdict(template(changes), READ).outcome is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ({"Ref": "Free"}, Outcome.UNDETERMINED),
        ({"Ref": "Listed"}, Outcome.UNDETERMINED),
        ({"Ref": "Patterned"}, Outcome.COMPLIANT),
        ({"Fn::Sub": "${Free}-logs"}, Outcome.COMPLIANT),
        ({"Fn::Join": ["-", [{"Fn::If": [f"C{i}", "a", "b"]} for i in range(10)]]}, Outcome.COMPLIANT),
        (
            {"Fn::Join": ["", ["Read", *({"Fn::If": [f"C{i}", "Write", NO_VALUE]} for i in range(5))]]},
            Outcome.UNDETERMINED,
        ),
        ({"Fn::If": ["C0", "Logs", "ReadWrite"]}, Outcome.UNDETERMINED),
        ({"Fn::If": ["Never", "ReadWrite", "Logs"]}, Outcome.COMPLIANT),
    ],
)
def test_the_name_of_an_inline_policy(name: object, expected: Outcome) -> None:
    """A name that may be another's may replace it; how the conditions in it turn out is asked for only then."""
    properties = {
        "PolicyName": name,
        "Roles": [{"Ref": "Role"}],
        "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}},
    }
    changes: dict[str, object] = {
        "Parameters.Free": {"Type": "String"},
        "Parameters.Listed": {"Type": "String", "AllowedValues": ["Logs", "ReadWrite"]},
        "Parameters.Patterned": {"Type": "String", "AllowedPattern": "logs.*"},
        "Conditions.Never": {"Fn::Equals": ["a", "b"]},
        **{f"Parameters.P{i}": {"Type": "String"} for i in range(10)},
        **{f"Conditions.C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(10)},
        "Resources.Logs": {"Type": "AWS::IAM::Policy", "Properties": properties},
    }
    assert verdict(template(changes), READ).outcome is expected


@pytest.mark.parametrize(
    ("policies", "expected"),
    [([OWN_POLICY], Outcome.COMPLIANT), (OWN_POLICY, Outcome.NON_COMPLIANT)],
)
def test_inline_policies_are_a_list(policies: object, expected: Outcome) -> None:
    """CloudFormation takes no single policy for a list of one."""
    made = template({"Resources.Policy": ABSENT, f"{ROLE}Policies": policies})
    found = verdict(made, READ)
    assert found.outcome is expected
    assert found.expected == (None if expected is Outcome.COMPLIANT else "a list")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"Sid": {"Fn::If": ["C", "Read", {"Ref": "AWS::NoValue"}]}}, Outcome.COMPLIANT),
        ({"Note": {"Ref": "AWS::NoValue"}}, Outcome.COMPLIANT),
        ({"Note": {"Fn::If": ["C", "Read", {"Ref": "AWS::NoValue"}]}}, Outcome.NON_COMPLIANT),
        ({"Note": "Read"}, Outcome.NON_COMPLIANT),
    ],
)
def test_elements(more: Json, expected: Outcome) -> None:
    """An element that a statement has may be there or not; any other is refused where it is there."""
    changes = {
        "Parameters.P": {"Type": "String"},
        "Conditions.C": {"Fn::Equals": [{"Ref": "P"}, "a"]},
        **{f"{DOCUMENT}.Statement.0.{key}": value for key, value in more.items()},
    }
    assert verdict(template(changes), READ).outcome is expected


HERE = Template(
    "t", {"Parameters": {"Free": {"Type": "String"}}, "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}
)
FREE = Unknown("Ref Free", "parameter Free may be given any value")
NAMED = Unknown("Ref Table", "Table is named at deployment", Origin.GENERATED)
REGION = Unknown("AWS::Region", "AWS::Region is known at deployment only")
Refusal = tuple[str, object, str]


def at(raw: object) -> Node:
    """Return a place of a template."""
    return Node(World(HERE), raw, "$.P")


def refusal(judge: Callable[[], object]) -> Refusal | None:
    """Return where something is refused, what was found there, and what is expected, or None where it is not."""
    try:
        judge()
    except MismatchError as error:
        return error.path, error.found, error.expected
    return None


@pytest.mark.parametrize(
    ("stated", "document"),
    [
        ({"Statement": []}, {"Statement": []}),
        ('{"Statement": [{"Sid": "x", "n": [1, true, null, ["${a}"]]}]}',) * 2,
        ('\n {"Statement": []} ', {"Statement": []}),
        (
            {"Fn::Sub": '{"a": "${Table}", "b": ["-${AWS::Region}-", "c", 1], "d": {"e": "${Table}${AWS::Region}"}}'},
            {
                "a": Text.of(NAMED),
                "b": [Text.of("-", REGION, "-"), Text.of("c"), 1],
                "d": {"e": Text.of(NAMED, REGION)},
            },
        ),
        ({"Ref": "AWS::NoValue"}, {"Ref": "AWS::NoValue"}),
    ],
)
def test_document_of(stated: object, document: object) -> None:
    """The text of a document is read as its JSON, with what is unknown of its strings where it was."""
    found = document_of(at(stated))
    assert found.raw == (json.loads(document) if isinstance(document, str) else document)
    assert (found.path, found.world.template) == ("$.P", HERE)


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ("[]", "no object in JSON"),
        ("", "no object in JSON"),
        ("Statement: []", "no object in JSON"),
        (
            '{"Statement": [',
            "not valid JSON: Expecting value; a document that begins with { is read as JSON",
        ),
        *(
            (stated, "a function in its text, which CloudFormation leaves there")
            for stated in (
                '{"Statement": {"Resource": {"Ref": "Table"}}}',
                '{"Statement": [{"Resource": [{"Fn::GetAtt": ["Table", "Arn"]}]}]}',
                '{"Statement": {"Ref": "AWS::NoValue"}}',
                '{"Fn::Transform": {"Name": "AWS::Include"}, "Statement": []}',
            )
        ),
    ],
)
def test_a_text_that_is_no_document(stated: str, problem: str) -> None:
    """A text that holds no document in JSON, or functions, which nobody resolves there, is refused, and why is told."""
    assert refusal(lambda: document_of(at(stated))) == ("$.P", stated, f"a policy document ({problem})")


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ('{"a": "${Table}${Free}"}', FREE.reason),
        ('{"a": "${Table}", "-${AWS::Region}": "b"}', REGION.reason),
        *(
            (stated, "a text with characters of private use is not resolved")
            for stated in (
                '{"a": "\ue0000\ue001", "b": "${AWS::Region}"}',
                '{"a": "\\ue0005\\ue001${AWS::Region}"}',
                '{"a": "\\uE0000\\ue001${AWS::Region}"}',
            )
        ),
    ],
)
def test_a_text_that_may_be_any_document(stated: str, reason: str) -> None:
    """What may end its string, or name an element or a key, may change all of a document; so may what hides itself."""
    with pytest.raises(UndeterminedError) as raised:
        document_of(at({"Fn::Sub": stated}))
    assert (raised.value.reason, raised.value.path) == (reason, "$.P")


def test_a_text_of_which_all_is_known() -> None:
    """Any character is itself in a text of which all is known."""
    stated = {"Id": "\ue0000\ue001", "\ue0000\ue001": ["\ue000"]}
    assert document_of(at(json.dumps(stated))).raw == document_of(at(json.dumps(stated, ensure_ascii=False))).raw
    assert document_of(at(json.dumps(stated))).raw == stated


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"Ref": "AWS::NoValue"}, None),
        ({"Statement": [], "Id": "x", "Version": "2008-10-17"}, None),
        ({"Statement": [], "Version": {"Ref": "Free"}}, None),
        ({"Statement": [], "x": {"Ref": "AWS::NoValue"}}, None),
        ({"Statement": [], "x": 1}, (".x", 1, "an element that a policy document has")),
        ({"Id": "x"}, ("", {"Id": "x"}, "a policy document with a Statement")),
        (
            {"Statement": [], "Version": "2012-10-18"},
            (".Version", "2012-10-18", "the Version 2012-10-17 or 2008-10-17"),
        ),
    ],
)
def test_check_document(document: object, expected: Refusal | None) -> None:
    """A document has a Statement, of one of the Versions, and nothing that no document has; none need be there."""
    told = None if expected is None else (f"$.P{expected[0]}", *expected[1:])
    assert refusal(lambda: check_document(at(document))) == told


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"Version": "2012-10-17"}, True),
        ({"Version": "2008-10-17"}, False),
        ({"Version": {"Ref": "AWS::NoValue"}}, False),
        ({}, False),
    ],
)
def test_has_variables(document: Json, expected: bool) -> None:
    """Policy variables are those of the newer Version; a document that states none is of the older."""
    assert has_variables(at(document)) is expected


NOBODY, SOMEBODY = "no Principal in a policy of a role", "one of Principal and NotPrincipal"
STATED: Json = {"Effect": "Deny", "Sid": "x", "NotAction": "*", "NotResource": "*", "Condition": {}}


@pytest.mark.parametrize(
    ("statement", "with_principal", "expected"),
    [
        (STATED, False, None),
        (STATED | {"Effect": "Allow", "Principal": "*"}, True, None),
        (STATED | {"NotPrincipal": "*"}, True, None),
        (STATED | {"x": {"Ref": "AWS::NoValue"}}, False, None),
        (STATED | {"x": 1}, False, (".x", 1, "an element that a statement has")),
        (STATED | {"Effect": "deny"}, False, (".Effect", "deny", "Allow or Deny")),
        ({"Sid": "x"}, False, (".Effect", None, "a string")),
        (STATED | {"Principal": "*"}, False, (".Principal", "*", NOBODY)),
        (STATED | {"NotPrincipal": "*"}, False, (".Principal", None, NOBODY)),
        (STATED, True, (".Principal", None, SOMEBODY)),
        (STATED | {"Principal": "a", "NotPrincipal": "b"}, True, (".Principal", "a", SOMEBODY)),
    ],
)
def test_check_statement(statement: Json, with_principal: bool, expected: Refusal | None) -> None:
    """A statement allows or denies, and names whom it is about where it stands in a policy of no role."""
    told = None if expected is None else (f"$.P{expected[0]}", *expected[1:])
    assert refusal(lambda: check_statement(at(statement), with_principal=with_principal)) == told


@pytest.mark.parametrize(
    ("read", "stated", "accepted"),
    [
        *((action, stated, True) for stated in ("*", "s3:*", "dynamodb:GetItem", {"Ref": "Free"})),
        *((action, stated, False) for stated in ("", "GetItem", "**", "dynamodb")),
        *((resource, stated, True) for stated in ("*", "arn:x", "a?", "*:table/x", {"Ref": "Free"})),
        *((resource, stated, False) for stated in ("", "x", "table/arn:", "arn")),
    ],
)
def test_names_that_are_refused(read: Callable[[Node], Text], stated: object, accepted: bool) -> None:
    """An action has its service, and a resource is an ARN, as far as they are known."""
    expected = "an ARN, or *" if read is resource else "an action with its service, such as dynamodb:GetItem"
    assert refusal(lambda: read(at(stated))) == (None if accepted else ("$.P", stated, expected))
    if accepted:
        assert read(at(stated)) == at(stated).text()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Action": "a"}, ["$.P.Action"]),
        ({"NotAction": ["a", {"Ref": "AWS::NoValue"}, "b"]}, ["$.P.NotAction[0]", "$.P.NotAction[2]"]),
        ({"Action": "a", "NotAction": {"Ref": "AWS::NoValue"}, "Resource": "b"}, ["$.P.Action"]),
        ({"Action": "a", "NotAction": "b"}, ("$.P.NotAction", "b", "either Action or NotAction")),
        ({"Resource": "a"}, ("$.P.Action", None, "at least one name")),
        ({"NotAction": []}, ("$.P.NotAction", [], "at least one name")),
    ],
)
def test_named(statement: Json, expected: list[str] | Refusal) -> None:
    """A statement names something, in one way."""
    if isinstance(expected, list):
        assert [one.path for one in named(at(statement), "Action")] == expected
    else:
        assert refusal(lambda: named(at(statement), "Action")) == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("*", [("AWS", "$.P")]),
        ({"Ref": "AWS::NoValue"}, []),
        (
            {"AWS": ["a", "b"], "Service": "c", "Federated": "d", "CanonicalUser": "e"},
            [
                ("AWS", "$.P.AWS[0]"),
                ("AWS", "$.P.AWS[1]"),
                ("Service", "$.P.Service"),
                ("Federated", "$.P.Federated"),
                ("CanonicalUser", "$.P.CanonicalUser"),
            ],
        ),
        ({"Aws": "a"}, ("$.P.Aws", "a", "a kind of principal: AWS, CanonicalUser, Federated, Service")),
    ],
)
def test_principals(principal: object, expected: list[tuple[str, str]] | Refusal) -> None:
    """Whom a policy names is told with the kind; everyone is an AWS principal."""
    if isinstance(expected, list):
        assert [(kind, one.path) for kind, one in principals(at(principal))] == expected
    else:
        assert refusal(lambda: list(principals(at(principal)))) == expected
