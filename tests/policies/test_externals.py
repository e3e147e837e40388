"""Externals: what a file may tell, the whole message for what it may not, and the published schema."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from policies.externals import NOTHING, Externals
from policies.externals_model import problems
from policies.externals_reading import SCHEMA_ID, read_externals, schema
from policies.reading import InputError
from tests.policies.templates import Row

Json = dict[str, Any]

STRING = "expected a string; in YAML, what looks like a number, true or false is one in quotes"
SCALAR = "expected a string, a number, true or false"
EMPTY = "empty; expected at least one item"
WANTED = 'expected externals in YAML or JSON, such as pseudoParameters: {"AWS::Region": eu-west-1}'
VARIABLES = "in which ${AWS::Partition} and ${AWS::AccountId} may stand"
POLICY_ARN = f"expected the ARN of a managed policy, {VARIABLES}"
POLICY_KEY = f"{POLICY_ARN}, or what follows :policy/ in it, such as team/ReadWrite"
ROLE_KEY = f"expected the ARN of a role, {VARIABLES}, or what follows :role/ in it, such as team/Reader"
ACTION = "expected an action, such as dynamodb:GetItem, dynamodb:* or *"
RESOURCE = "expected a resource: an ARN, with or without wildcards, or *"
EXPORT = "expected the name of an export: 1 to 255 of A-Z, a-z, 0-9, : and -"
PSEUDO_PARAMETERS = "AWS::Region, AWS::AccountId, AWS::Partition, AWS::StackName, AWS::URLSuffix, AWS::StackId"
TRUST_STATEMENTS = "$.roles.R.AssumeRolePolicyDocument.Statement"
TOP = "pseudoParameters, exports, ssmParameters, managedPolicies, roles"

ALLOW: Json = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
TRUST: Json = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
STACK_ID = "arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/01234567-89ab-cdef-0123-456789abcdef"


def policy(**changes: object) -> Json:
    """Return the document of a managed policy, of one statement with other elements; None takes one away."""
    return {"Statement": [{key: value for key, value in {**ALLOW, **changes}.items() if value is not None}]}


def accepted(name: str, document: Json) -> Row:
    """Return a document that is accepted, as a row."""
    return pytest.param(document, id=name)


def refused(name: str, document: Json, *problems: str) -> Row:
    """Return a document that is refused, with its problems, as a row."""
    return pytest.param(document, "; ".join(problems), id=name)


def refused_statement(name: str, changes: Json, *problems: str) -> Row:
    """Return a document with a statement that is refused, with the problems below the statement, as a row."""
    place = "$.managedPolicies.P.Statement[0]"
    return refused(name, {"managedPolicies": {"P": policy(**changes)}}, *(place + problem for problem in problems))


WHOLE: Json = {
    "pseudoParameters": {
        "AWS::Region": "eu-west-1",
        "AWS::AccountId": "111122223333",
        "AWS::Partition": "aws",
        "AWS::StackName": "orders",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::StackId": STACK_ID,
    },
    "exports": {"Shared:Table-Name": "orders", "Empty": ""},
    "ssmParameters": {"/team/stage": "prod", "zones:3": "a,b", "plain.name_1-x": "1"},
    "managedPolicies": {
        "arn:aws:iam::111122223333:policy/Boundary": {"Version": "2012-10-17", "Id": "x", "Statement": [ALLOW]},
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/team/Own": {"Statement": ALLOW},
        "arn:aws-cn:iam::aws:policy/service-role/OfAws": policy(),
        "ReadWrite": policy(),
        "team/sub/ReadWrite@1": policy(),
    },
    "roles": {
        "arn:aws:iam::111122223333:role/Reader": {},
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/team/Reader": {"Tags": []},
        "team/Reader": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [TRUST]},
            "Policies": [{"PolicyName": "Own", "PolicyDocument": policy()}],
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
            "PermissionsBoundary": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/Boundary",
            "Tags": [{"Key": "team", "Value": "orders"}],
        },
    },
}


def statements(*changes: Json) -> Json:
    """Return a file with a policy of a statement for each change."""
    return {"managedPolicies": {f"P{n}": policy(**change) for n, change in enumerate(changes)}}


ACCEPTED = [
    accepted("nothing", {}),
    accepted("whole", WHOLE),
    accepted("empty-sections", {key: {} for key in WHOLE}),
    *(
        accepted(f"region-{region}", {"pseudoParameters": {"AWS::Region": region}})
        for region in ("us-east-1", "us-gov-west-1", "us-isob-east-1", "cn-north-1", "eusc-de-east-1", "mx-central-1")
    ),
    *(
        accepted(f"suffix-{suffix}", {"pseudoParameters": {"AWS::URLSuffix": suffix}})
        for suffix in ("amazonaws.com.cn", "c2s.ic.gov", "amazonaws.eu")
    ),
    accepted(
        "actions",
        statements(
            {"Action": "*"},
            {"Action": ["dynamodb:GetItem", "DynamoDB:Batch*", "dynamodb:?utItem"]},
            {"Action": None, "NotAction": "iam:*"},
        ),
    ),
    accepted(
        "resources",
        statements(
            {"Resource": ["arn:aws:dynamodb:*:*:table/orders", "arn:*:dynamodb:*:*:table/${aws:PrincipalTag/app}"]},
            {"Resource": None, "NotResource": "arn:aws:s3:::bucket/*"},
        ),
    ),
    accepted(
        "conditions",
        statements(
            {"Condition": {}},
            {"Condition": {"Bool": {"aws:SecureTransport": True}, "Null": {"aws:SourceVpc": "false"}}},
            {"Condition": {"NumericLessThanEquals": {"aws:MultiFactorAuthAge": [1, 2.5]}}},
            {"Condition": {"ForAllValues:StringNotEqualsIgnoreCaseIfExists": {"dynamodb:LeadingKeys": ["a", "b"]}}},
            {"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}, "DateLessThan": {}}},
            {"Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "BinaryEquals": {"a.b/c:d": "QQ=="}}},
        ),
    ),
    *(
        accepted(
            f"principals-{number}",
            {"roles": {"R": {"AssumeRolePolicyDocument": {"Statement": {**TRUST, "Principal": principal}}}}},
        )
        for number, principal in enumerate(["*", {"AWS": ["111122223333", "*"], "Federated": "x"}, {}], 1)
    ),
    accepted(
        "not-principal",
        {
            "roles": {
                "R": {
                    "AssumeRolePolicyDocument": {
                        "Statement": [{"Effect": "Deny", "NotPrincipal": "*", "NotAction": "sts:TagSession"}]
                    }
                }
            }
        },
    ),
]

REFUSED = [
    refused("no-such-section", {"export": {}}, f"$.export: no such key; expected {TOP}"),
    *(
        refused(
            f"section-{kind}",
            {"exports": value, "roles": value},
            "$.exports: expected an object",
            "$.roles: expected an object",
        )
        for kind, value in (("null", None), ("list", []), ("text", "x"))
    ),
    refused(
        "pseudo-parameters",
        {
            "pseudoParameters": {
                "AWS::Region": "Ireland",
                "AWS::AccountId": "1111-2222-3333",
                "AWS::Partition": "amazon",
                "AWS::StackName": "1st",
                "AWS::URLSuffix": "amazonaws",
                "AWS::StackId": "orders",
                "AWS::NoValue": "x",
            }
        },
        "$.pseudoParameters['AWS::Region']: expected a region, such as eu-west-1",
        "$.pseudoParameters['AWS::AccountId']: expected the 12 digits of an account, in quotes",
        "$.pseudoParameters['AWS::Partition']: expected a partition, such as aws or aws-cn",
        "$.pseudoParameters['AWS::StackName']: expected a stack's name: a letter, then at most 127 of A-Z, a-z, 0-9 "
        "and -",
        "$.pseudoParameters['AWS::URLSuffix']: expected a domain, such as amazonaws.com",
        "$.pseudoParameters['AWS::StackId']: expected a stack's ARN, "
        "arn:aws:cloudformation:<region>:<account>:stack/<name>/<id>",
        f"$.pseudoParameters['AWS::NoValue']: no such key; expected {PSEUDO_PARAMETERS}",
    ),
    refused(
        "account-as-number",
        {"pseudoParameters": {"AWS::AccountId": 111122223333}},
        f"$.pseudoParameters['AWS::AccountId']: {STRING}",
    ),
    refused(
        "values",
        {"exports": {"A": 1, "B": True, "C": None, "D": {"Ref": "T"}, "E": ["a"]}, "ssmParameters": {"a": 1}},
        *(f"$.exports.{key}: {STRING}" for key in "ABCDE"),
        f"$.ssmParameters.a: {STRING}",
    ),
    refused(
        "names",
        {"exports": {"a b": "x", "": "x", "x" * 256: "x"}, "ssmParameters": {"/team/*": "x"}},
        f"$.exports['a b']: {EXPORT}",
        f"$.exports['']: {EXPORT}",
        f"$.exports.{'x' * 256}: {EXPORT}",
        "$.ssmParameters['/team/*']: expected the name of an SSM parameter, such as /team/stage, or /team/stage:3",
    ),
    *(
        refused(
            f"policy-key-{number}", {"managedPolicies": {key: policy()}}, f"$.managedPolicies['{key}']: {POLICY_KEY}"
        )
        for number, key in enumerate(
            [
                "arn:aws:iam::1111:policy/P",
                "arn:aws:iam::111122223333:role/P",
                "arn:aws:iam::${AWS::Region}:policy/P",
                "arn:aws:s3:::bucket",
                "/P",
                "team/",
                "a b",
                "team//P*",
            ],
            1,
        )
    ),
    refused(
        "role-keys",
        {"roles": {"arn:aws:iam::aws:role/R": {}, "arn:aws:iam::111122223333:policy/R": {}, "R" * 65: {}}},
        f"$.roles['arn:aws:iam::aws:role/R']: {ROLE_KEY}",
        f"$.roles['arn:aws:iam::111122223333:policy/R']: {ROLE_KEY}",
        f"$.roles.{'R' * 65}: {ROLE_KEY}",
    ),
    refused(
        "documents",
        {
            "managedPolicies": {
                "A": {},
                "B": {"Statement": []},
                "C": {"Statement": "x"},
                "D": [],
                "E": {"statement": []},
            }
        },
        "$.managedPolicies.A.Statement: missing",
        f"$.managedPolicies.B.Statement: {EMPTY}",
        "$.managedPolicies.C.Statement: expected an object",
        "$.managedPolicies.D: expected an object",
        "$.managedPolicies.E.Statement: missing",
        "$.managedPolicies.E.statement: no such key; expected Version, Id, Statement",
    ),
    refused(
        "version",
        {"managedPolicies": {"A": {"Version": "2012-10-18", "Id": 1, "Statement": ALLOW}}},
        "$.managedPolicies.A.Version: expected '2012-10-17' or '2008-10-17'",
        f"$.managedPolicies.A.Id: {STRING}",
    ),
    refused_statement("effect", {"Effect": "allow"}, ".Effect: expected 'Allow' or 'Deny'"),
    refused_statement("no-effect", {"Effect": None}, ".Effect: missing"),
    refused_statement("sid", {"Sid": 1}, f".Sid: {STRING}"),
    refused_statement("no-action", {"Action": None}, ": expected either Action or NotAction"),
    refused_statement("two-actions", {"NotAction": "s3:*"}, ": expected either Action or NotAction"),
    refused_statement("empty-actions", {"Action": []}, f".Action: {EMPTY}"),
    refused_statement(
        "actions",
        {"Action": ["GetItem", "s3:*", 1, "s3:{x}"]},
        *(f".Action[{n}]: {said}" for n, said in ((0, ACTION), (2, STRING), (3, ACTION))),
    ),
    refused_statement("no-resource", {"Resource": None}, ": expected either Resource or NotResource"),
    refused_statement("two-resources", {"NotResource": "*"}, ": expected either Resource or NotResource"),
    refused_statement("resource", {"Resource": "orders"}, f".Resource: {RESOURCE}"),
    refused_statement("resource-as-function", {"Resource": {"Fn::Sub": "arn:aws:s3:::x"}}, f".Resource: {STRING}"),
    refused_statement("null", {"Condition": []}, ".Condition: expected an object"),
    refused("no-list", {"roles": {"R": {"Tags": {}}}}, "$.roles.R.Tags: expected a list"),
    refused_statement(
        "conditions",
        {
            "Condition": {
                "StringEqual": {"aws:x": "y"},
                "StringLike": {"Ref": "x", "Fn::Sub": "x", "aws:a": {}, "aws:b": [], "aws:c": [None, "x"]},
                "Fn::If": {},
                "Bool": "true",
            }
        },
        ".Condition.StringEqual: expected a condition operator, such as StringEquals or ForAllValues:StringLike",
        ".Condition.StringLike.Ref: expected a condition key, such as aws:SourceVpc",
        ".Condition.StringLike['Fn::Sub']: expected a condition key, such as aws:SourceVpc",
        f".Condition.StringLike['aws:a']: {SCALAR}",
        f".Condition.StringLike['aws:b']: {EMPTY}",
        f".Condition.StringLike['aws:c'][0]: {SCALAR}",
        ".Condition['Fn::If']: expected a condition operator, such as StringEquals or ForAllValues:StringLike",
        ".Condition.Bool: expected an object",
    ),
    refused_statement(
        "principal",
        {"Principal": "*", "Action": "*:"},
        f".Action: {ACTION}",
        ".Principal: no such key; expected Sid, Effect, Action, NotAction, Condition, Resource, NotResource",
    ),
    refused(
        "role",
        {
            "roles": {
                "R": {
                    "RoleName": "R",
                    "AssumeRolePolicyDocument": {
                        "Statement": [
                            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
                            {**TRUST, "Principal": {"Lambda": "x", "AWS": [1]}},
                            {**TRUST, "Principal": "lambda"},
                        ]
                    },
                    "Policies": [{"PolicyName": "a/b"}],
                    "ManagedPolicyArns": ["AdministratorAccess", "arn:aws:iam::aws:policy/"],
                    "PermissionsBoundary": None,
                    "Tags": [{"key": "a", "Value": 1}],
                }
            }
        },
        f"{TRUST_STATEMENTS}[0].Resource: no such key; expected Sid, Effect, Action, NotAction, Condition, Principal, "
        "NotPrincipal",
        f"{TRUST_STATEMENTS}[0]: expected either Principal or NotPrincipal",
        f"{TRUST_STATEMENTS}[1].Principal.Lambda: expected 'AWS', 'CanonicalUser', 'Federated' or 'Service'",
        f"{TRUST_STATEMENTS}[1].Principal.AWS[0]: {STRING}",
        f"{TRUST_STATEMENTS}[2].Principal: expected '*'",
        "$.roles.R.Policies[0].PolicyName: expected a policy's name: 1 to 128 of A-Z, a-z, 0-9 and _+=,.@-",
        "$.roles.R.Policies[0].PolicyDocument: missing",
        f"$.roles.R.ManagedPolicyArns[0]: {POLICY_ARN}",
        f"$.roles.R.ManagedPolicyArns[1]: {POLICY_ARN}",
        f"$.roles.R.PermissionsBoundary: {STRING}",
        "$.roles.R.Tags[0].Key: missing",
        f"$.roles.R.Tags[0].Value: {STRING}",
        "$.roles.R.Tags[0].key: no such key; expected Key, Value",
        "$.roles.R.RoleName: no such key; expected AssumeRolePolicyDocument, Policies, ManagedPolicyArns, "
        "PermissionsBoundary, Tags",
    ),
    refused(
        "many",
        {"exports": {f"{n} x": "" for n in range(30)}},
        *(f"$.exports['{n} x']: {EXPORT}" for n in range(20)),
        "and more",
    ),
]


VALIDATOR = Draft202012Validator(json.loads(schema()))


def read(folder: Path, content: str) -> Externals:
    """Read a file of this content."""
    file = folder / "externals.yaml"
    file.write_text(content, encoding="utf-8")
    return read_externals(file)


def refusal(folder: Path, content: str) -> str:
    """Return why a file of this content is refused."""
    with pytest.raises(InputError) as caught:
        read(folder, content)
    assert caught.value.where == (folder / "externals.yaml").as_posix()
    return caught.value.problem


@pytest.mark.parametrize("document", ACCEPTED)
def test_accepted(tmp_path: Path, document: Json) -> None:
    """What is told arrives as it stands in the file, and the schema accepts it."""
    assert read(tmp_path, json.dumps(document)) == Externals(
        document.get("pseudoParameters", {}),
        document.get("exports", {}),
        document.get("ssmParameters", {}),
        document.get("managedPolicies", {}),
        document.get("roles", {}),
    )
    assert VALIDATOR.is_valid(document)


@pytest.mark.parametrize(("document", "problem"), REFUSED)
def test_refused(tmp_path: Path, document: Json, problem: str) -> None:
    """All that is wrong is told, each with its place, and the schema refuses it."""
    assert refusal(tmp_path, json.dumps(document)) == problem
    assert not VALIDATOR.is_valid(document)


def test_nothing_is_told_of_nothing(tmp_path: Path) -> None:
    """A file that tells nothing is as none at all."""
    assert read(tmp_path, "{}") == NOTHING == Externals({}, {}, {}, {}, {})


def test_yaml(tmp_path: Path) -> None:
    """YAML is read as templates are: a version's date stays text, an account needs quotes."""
    told = read(
        tmp_path,
        "pseudoParameters: {AWS::AccountId: '011122223333'}\n"
        "managedPolicies:\n"
        "  Team:\n"
        "    Version: 2012-10-17\n"
        "    Statement: {Effect: Allow, Action: [dynamodb:GetItem], Resource: '*'}\n",
    )
    statement = {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": "*"}
    assert told == Externals(
        pseudo_parameters={"AWS::AccountId": "011122223333"},
        managed_policies={"Team": {"Version": "2012-10-17", "Statement": statement}},
    )


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        ("", "", f"empty; {WANTED}"),
        ("\ufeff", "", f"empty; {WANTED}"),
        ("# exports", "", f"empty; {WANTED}"),
        ("exports", "", f"no object at the top; {WANTED}"),
        ("[exports]", "", f"no object at the top; {WANTED}"),
        ("- exports: {a: b}", "", f"no object at the top; {WANTED}"),
        ("<html><body>Not found</body></html>", "", f"no object at the top; {WANTED}"),
        ("exports: {a: b, a: c}", ":1:17", "the key 'a' stands twice in one object; keep one of them"),
        ('{"exports": }', ":1:13", "not valid JSON: Expecting value; a document that begins with { is read as JSON"),
        ("exports: !!python/name:os.x a", ":1:10", None),
        ("exports: &a {x: *a}", ":1:17", "the alias '*a' stands inside what it repeats, so it would never end"),
    ],
)
def test_unreadable(tmp_path: Path, content: str, place: str, problem: str | None) -> None:
    """What is no document is refused as a template would be, with its place."""
    file = tmp_path / "externals.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_externals(file)
    tag = "the tag '!!python/name:os.x'; expected none, or a short form such as !Ref"
    assert (caught.value.where, caught.value.problem) == (file.as_posix() + place, problem or tag)


def test_no_file(tmp_path: Path) -> None:
    """A file that is missing is told by its name."""
    with pytest.raises(InputError, match=r"missing\.yaml: no such file; check the path"):
        read_externals(tmp_path / "missing.yaml")


@pytest.mark.parametrize(
    "content",
    [
        "managedPolicies: {P: {Statement: [&s {}," + "*s," * 40_000 + "]}}",
        "managedPolicies: {P: &p {Statement: [&s {},"
        + "*s," * 400
        + "]}, "
        + ", ".join(f"P{n}: *p" for n in range(400))
        + "}",
    ],
    ids=["one-policy", "many-policies"],
)
def test_countless_problems(tmp_path: Path, content: str) -> None:
    """A small file can repeat a wrong statement by aliases: the first problems are told, the rest not searched."""
    statements = range(7)
    told = [
        f"$.managedPolicies.P.Statement[{n}]{problem}"
        for n in statements
        for problem in (
            ".Effect: missing",
            ": expected either Action or NotAction",
            ": expected either Resource or NotResource",
        )
    ]
    assert refusal(tmp_path, content) == "; ".join([*told[:20], "and more"])


def test_all_problems_are_told(tmp_path: Path) -> None:
    """Twenty problems are all told, and nothing is said of more; of one more that is said."""
    problem = "expected a string; in YAML, what looks like a number, true or false is one in quotes"
    told = [f"$.exports.e{n}: {problem}" for n in range(20)]
    assert refusal(tmp_path, json.dumps({"exports": {f"e{n}": 1 for n in range(20)}})) == "; ".join(told)
    assert refusal(tmp_path, json.dumps({"exports": {f"e{n}": 1 for n in range(21)}})) == "; ".join([*told, "and more"])


def test_problems_of_many_objects() -> None:
    """What is wrong deep within is counted once, and so is what is missing or too many; far more is not searched."""

    def roles(number: int) -> Json:
        return {"roles": {f"R{n}": {"Policies": [{"PolicyName": "P", "PolicyDocument": {}}]} for n in range(number)}}

    assert problems({}) == []
    assert len(problems(roles(20))) == 20
    assert len(problems(roles(21))) == 21
    assert len(problems(roles(1_000))) == 21
    statement = {key: value for key, value in ALLOW.items() if key != "Action"}
    found = problems({"managedPolicies": {f"P{n}": {"Statement": statement} for n in range(1_000)}})
    assert [each["loc"][:2] for each in found] == [("managedPolicies", f"P{n}") for n in range(21)]


@pytest.mark.parametrize("missing", ["Action", "Effect"])
def test_many_problems_are_not_searched(missing: str) -> None:
    """Where more is wrong than will be told, the rest is not looked at: a small file can repeat it without end."""
    looked_at = []

    class Statement(dict[str, object]):
        def __contains__(self, key: object) -> bool:
            looked_at.append(key)
            return super().__contains__(key)

    wrong = Statement((key, value) for key, value in ALLOW.items() if key != missing)
    assert len(problems({"managedPolicies": {f"P{n}": {"Statement": wrong} for n in range(1_000)}})) == 21
    assert len(looked_at) <= 22 * 4


def test_the_published_schema() -> None:
    """The schema beside the module is the model's; write what `schema()` returns there where it differs."""
    assert files("policies").joinpath("externals.schema.json").read_text(encoding="utf-8") == schema()
    Draft202012Validator.check_schema(VALIDATOR.schema)
    assert json.loads(schema())["$id"] == SCHEMA_ID


KEYS = [*WHOLE, *WHOLE["pseudoParameters"], *WHOLE["roles"]["team/Reader"], *ALLOW, *TRUST]
KEYS += ["Statement", "Condition", "StringLike", "aws:x", "NotAction", "AWS", "PolicyName", "PolicyDocument"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "*", "Allow", "x", "a:b", "eu-west-1", STACK_ID]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    st.dictionaries(st.sampled_from([*WHOLE]), VALUES, max_size=2)
    | st.fixed_dictionaries({"managedPolicies": st.fixed_dictionaries({"P": VALUES})})
    | st.fixed_dictionaries({"roles": st.fixed_dictionaries({"R": VALUES})})
    | st.builds(
        lambda changes: {"managedPolicies": {"P": {"Statement": {**ALLOW, **changes}}}},
        st.dictionaries(st.sampled_from([*ALLOW, "Condition", "NotAction", "Sid"]), VALUES, max_size=1),
    )
)
def test_reader_and_schema_agree(tmp_path_factory: pytest.TempPathFactory, document: Json) -> None:
    """Whatever stands in a file, the reader takes it exactly where the schema does."""
    folder = tmp_path_factory.getbasetemp()
    taken = True
    try:
        read(folder, json.dumps(document))
    except InputError:
        taken = False
    assert VALIDATOR.is_valid(document) is taken
