"""The macros of a template: in which order they run, which are left and why, and what is judged of the rest."""

import pytest

from policies.expansion import Expansion, expand
from policies.model import Verdict
from tests.policies.templates import TABLE_NAME, Document, Expected, template, verdict

Json = dict[str, object]
SAM = "AWS::Serverless-2016-10-31"
LANGUAGE = "AWS::LanguageExtensions"
AT_DEPLOYMENT = "what it makes of the template is known at deployment only"
PLAIN: Json = {"Type": "AWS::SNS::Topic"}
LOOP: Json = {"Fn::ForEach::L": ["X", ["a", "b"], {"T${X}": {"Type": "AWS::Serverless::SimpleTable"}}]}
OPEN: Json = {"Fn::ForEach::L": ["X", {"Ref": "Names"}, {"T${X}": PLAIN}]}
NAMES: Json = {"Names": {"Type": "CommaDelimitedList", "Default": "a,b"}}
MADE: Json = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    },
}
NEEDS_NAMES = "$.Resources['Fn::ForEach::L'][1]: parameter Names may be given any value; tell it, to judge the loop"
BEFORE = "it runs after the macros under Resources, which are not expanded"


def test_no_macro() -> None:
    """A template without a macro stays as it is, in an object of its own."""
    document: Json = {"Resources": {"Topic": PLAIN}, "Transform": []}
    told = expand(document, {})
    assert told == Expansion(document, {})
    assert told.document is not document


@pytest.mark.parametrize(
    ("transform", "left"),
    [
        ([LANGUAGE, SAM], {"Transform": [LANGUAGE]}),
        (
            [LANGUAGE, "AWS::SecretsManager-2020-07-23", SAM],
            {"Transform": [LANGUAGE, "AWS::SecretsManager-2020-07-23"]},
        ),
        (
            ["AWS::SecretsManager-2024-09-16", LANGUAGE, SAM],
            {"Transform": ["AWS::SecretsManager-2024-09-16", LANGUAGE]},
        ),
        ([LANGUAGE, SAM, SAM], {"Transform": [LANGUAGE]}),
    ],
)
def test_in_the_order_listed(transform: list[str], left: Json) -> None:
    """Loops are unrolled before what they make is translated, and what was translated is listed no longer."""
    document: Json = {"Transform": transform, "Resources": LOOP}
    assert expand(document, {}) == Expansion({**left, "Resources": {"Ta": MADE, "Tb": MADE}}, {})
    assert document == {"Transform": transform, "Resources": LOOP}


def test_sam_alone() -> None:
    """A template of which all is expanded states no Transform."""
    document: Json = {"Transform": SAM, "Resources": {"T": {"Type": "AWS::Serverless::SimpleTable"}}}
    assert expand(document, {}) == Expansion({"Resources": {"T": MADE}}, {})


def test_given_values() -> None:
    """A loop over a parameter is unrolled where its value was told."""
    document: Json = {"Transform": LANGUAGE, "Parameters": NAMES, "Resources": OPEN}
    expanded = {**document, "Resources": {"Tx": PLAIN}}
    assert expand(document, {"Names": "x"}) == Expansion(expanded, {})
    assert expand(document, {}) == Expansion(document, {"Fn::ForEach": NEEDS_NAMES})


@pytest.mark.parametrize(
    ("document", "pending"),
    [
        ({"Transform": "Company::Expand"}, {"Company::Expand": AT_DEPLOYMENT}),
        ({"Transform": {"Name": "AWS::Include"}}, {"Fn::Transform": AT_DEPLOYMENT}),
        ({"Transform": None}, {"Fn::Transform": AT_DEPLOYMENT}),
        (
            {"Transform": [["Nested"], "One"]},
            {"Fn::Transform": AT_DEPLOYMENT, "One": "it runs after Fn::Transform, which is not expanded"},
        ),
        (
            {"Transform": ["One", LANGUAGE, SAM, "One", "Two"], "Resources": LOOP},
            {
                "One": AT_DEPLOYMENT,
                SAM: "it runs after One, which is not expanded",
                "Two": "it runs after One, which is not expanded",
                "Fn::ForEach": "it runs after One, which is not expanded",
            },
        ),
        (
            {"Transform": SAM, "Resources": {"T": {"Type": "AWS::Serverless::New"}}},
            {SAM: "the SAM translator does not know the type 'AWS::Serverless::New'"},
        ),
        (
            {"Transform": [SAM, LANGUAGE], "Resources": LOOP},
            {SAM: BEFORE, "Fn::ForEach": f"it runs after {SAM}, which is not expanded"},
        ),
        (
            {"Transform": [LANGUAGE, SAM], "Parameters": NAMES, "Resources": OPEN},
            {SAM: BEFORE, "Fn::ForEach": NEEDS_NAMES},
        ),
        (
            {"Resources": LOOP},
            {
                "Fn::ForEach": "$.Resources['Fn::ForEach::L']: loops stand in Conditions, Outputs or Resources, "
                "with AWS::LanguageExtensions listed"
            },
        ),
        (
            {"Resources": {"Fn::Transform": {"Name": "AWS::Include"}}, "Fn::Transform": {}},
            {"Fn::Transform": f"$['Fn::Transform']: {AT_DEPLOYMENT}"},
        ),
        (
            {
                "Transform": LANGUAGE,
                "Parameters": NAMES,
                "Outputs": OPEN,
                "Resources": {"Fn::Transform": {"Name": "AWS::Include"}},
            },
            {"Fn::Transform": f"$.Resources['Fn::Transform']: {AT_DEPLOYMENT}"},
        ),
    ],
)
def test_pending(document: Json, pending: dict[str, str]) -> None:
    """What cannot be expanded leaves the template as it is, and is told by its name, with the reason."""
    assert expand(document, {}) == Expansion(document, pending)


@pytest.mark.parametrize("section", ["Conditions", "Outputs"])
def test_loops_that_leave_the_rest_to_be_judged(section: str) -> None:
    """A loop that stays in a condition, an output or a property is not waited for."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": OPEN}
    document: Json = {"Transform": LANGUAGE, "Parameters": NAMES, section: OPEN, "Resources": {"Topic": topic}}
    assert expand(document, {}) == Expansion(document, {})


# Verdicts


ENCRYPTED = Expected("dynamodb-storage#table-encryption/encryption-enabled")
DELETION = Expected("dynamodb-storage#table-deletion-protection/deletion-policy-applied")
READ = Expected("dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted")
WRITE = Expected("dynamodb-storage#lambda-dynamodb-integration/write-permissions-granted")
VARIABLE = Expected("dynamodb-storage#lambda-dynamodb-integration/environment-variable-injected")
NAME = Expected("dynamodb-storage#dynamodb-table-provisioning/table-name-available")
KEYED = Expected("dynamodb-storage#table-key-schema/partition-key-defined")


def serverless(policy: str = "DynamoDBCrudPolicy", encrypted: object = True) -> Document:
    """Make a serverless template of a table and a function that uses it."""
    return {
        "Transform": SAM,
        "Parameters": {"Encrypted": {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]}},
        "Resources": {
            "Table": {
                "Type": "AWS::Serverless::SimpleTable",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {"SSESpecification": {"SSEEnabled": encrypted}},
            },
            "Function": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "CodeUri": "./src",
                    "Handler": "app.handler",
                    "Runtime": "python3.12",
                    "Policies": [{policy: {"TableName": TABLE_NAME}}],
                    "Environment": {"Variables": {"TABLE_NAME": TABLE_NAME}},
                },
            },
        },
    }


@pytest.mark.parametrize("expected", [ENCRYPTED, DELETION, READ, WRITE, VARIABLE, NAME, KEYED], ids=lambda one: one.id)
def test_a_serverless_template_is_judged(expected: Expected) -> None:
    """A serverless template that holds what the specification demands complies."""
    assert verdict(serverless(), expected.scenario) == expected.compliant()


def test_a_policy_template_that_does_not_write() -> None:
    """A function that SAM gives a policy to read only may not write."""
    document = serverless("DynamoDBReadPolicy")
    assert verdict(document, READ.scenario) == READ.compliant()
    assert verdict(document, WRITE.scenario).outcome.value == "non-compliant"


def test_worlds_of_a_serverless_table() -> None:
    """The world in which a parameter has not its default is judged, too."""
    told = verdict(serverless(encrypted={"Ref": "Encrypted"}), ENCRYPTED.scenario)
    assert (told.outcome.value, told.path, told.assuming) == (
        "non-compliant",
        "$.Resources.Table.Properties.SSESpecification.SSEEnabled",
        ('Encrypted is "false"',),
    )


def looped(collection: object) -> Document:
    """Make the compliant template with its table made by a loop."""
    document = template()
    table = document["Resources"].pop("Table")
    document["Resources"]["Fn::ForEach::Tables"] = ["Name", collection, {"${Name}": table}]
    return {"Transform": LANGUAGE, "Parameters": NAMES, **document}


@pytest.mark.parametrize(
    ("collection", "expected"),
    [(["Table"], ENCRYPTED.compliant())],
)
def test_a_table_of_a_loop_is_judged(collection: object, expected: Verdict) -> None:
    """A table that a loop makes is judged like any other."""
    assert verdict(looped(collection), ENCRYPTED.scenario) == expected


def test_a_loop_that_is_open_is_undetermined() -> None:
    """Tables of which nobody knows how many there are leave the verdict open, with the reason."""
    told = verdict(looped({"Ref": "Names"}), ENCRYPTED.scenario)
    assert (told.outcome.value, told.resource) == ("undetermined", None)
    assert "parameter Names may be given any value; tell it, to judge the loop" in told.message
