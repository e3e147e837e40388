"""Laws that verdicts keep: what must not matter does not, and what is not known never helps.

Each law changes a template and compares the verdicts before and after, on hand-made templates and generated ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final, TypeAlias

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from policies.catalogue import load
from policies.judge import judge_template
from policies.model import Outcome
from policies.reading import read_document
from tests.policies.generated import PLACEMENTS, Generated, moved, templates
from tests.policies.templates import (
    ABSENT,
    FUNCTION,
    POLICY,
    ROLE,
    SETTINGS,
    TABLE,
    TABLE_ARN,
    Changes,
    Document,
    global_table,
    template,
    two_tables,
)

Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a template: the keys and indices that lead to it."""

Law: TypeAlias = Callable[[Generated, st.DataObject], Generated]
"""A change that must not matter."""

OURS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

READ = "lambda-dynamodb-integration/read-permissions-granted"
WRITE = "lambda-dynamodb-integration/write-permissions-granted"
PLANE = "least-privilege/data-plane-only"
FOREIGN = "least-privilege/no-other-table"

STATEMENTS: Final = f"{POLICY}PolicyDocument.Statement"
EVERYONE: Final = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "*"}

VIOLATIONS: Mapping[str, Changes] = {
    "compliant": {},
    "prod": {SETTINGS: {"stage": "prod", "removalPolicy": "retain", "pointInTimeRecovery": True}},
    "prod-unprotected": {
        SETTINGS: {"stage": "prod", "pointInTimeRecovery": True},
        f"{TABLE}DeletionProtectionEnabled": False,
        f"{TABLE}PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
        "Resources.Table.DeletionPolicy": "Delete",
    },
    "names-and-keys": {
        f"{TABLE}TableName": "orders",
        f"{TABLE}KeySchema.1": {"AttributeName": "at", "KeyType": "RANGE"},
        f"{TABLE}AttributeDefinitions.0.AttributeType": "N",
        f"{FUNCTION}Environment.Variables.DDB_TABLE_NAME": TABLE_ARN,
        "Outputs.TableName.Value": "none",
    },
    "settings-of-the-table": {
        f"{TABLE}BillingMode": "PROVISIONED",
        f"{TABLE}SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": "alias/ours", "SSEType": "KMS"},
        "Resources.Table.UpdateReplacePolicy": "Delete",
        "Resources.Table.DeletionPolicy": "Snapshot",
    },
    "denied": {f"{STATEMENTS}.1": {"Effect": "Deny", "Action": "dynamodb:*", "Resource": TABLE_ARN}},
    "nothing-granted": {f"{STATEMENTS}.0.Action": "dynamodb:Describe*"},
    "all-granted": {f"{STATEMENTS}.0.Action": "dynamodb:*", f"{STATEMENTS}.0.Resource": "*"},
    "bounded": {f"{ROLE}PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"},
    "trusted-by-all": {f"{ROLE}AssumeRolePolicyDocument.Statement.0.Principal": {"AWS": ["*"]}},
    "open-to-all": {f"{TABLE}ResourcePolicy": {"PolicyDocument": {"Statement": [EVERYONE]}}},
}


def hand_made() -> dict[str, Generated]:
    """Return templates that comply with every rule, or violate some, by name."""
    documents = {name: template(changes) for name, changes in VIOLATIONS.items()}
    documents["global-table"] = global_table()
    documents["unprotected-replica"] = global_table(
        {
            SETTINGS: {"stage": "prod"},
            f"{TABLE}Replicas.1.DeletionProtectionEnabled": False,
            f"{TABLE}Replicas.0.PointInTimeRecoverySpecification": ABSENT,
        }
    )
    documents["two-tables"] = two_tables({f"{FUNCTION}Environment.Variables.SECOND": {"Ref": "Second"}})
    return {name: Generated(document) for name, document in documents.items()}


HAND_MADE = hand_made()


def outcomes(generated: Generated) -> dict[tuple[str, str | None], Outcome]:
    """Judge a template: the outcome of each scenario for each table."""
    verdicts = judge_template(load(), generated.template())
    return {(verdict.scenario, verdict.resource): verdict.outcome for verdict in verdicts}


def with_document(generated: Generated, document: Document) -> Generated:
    """Return what was generated with another document."""
    return replace(generated, document=document)


# Places in a template


def places(raw: Any, here: Place = ()) -> Iterator[Place]:
    """Return the places of the values below a value; what a function is given is none, but for branches of `Fn::If`."""
    if here:
        yield here
    if isinstance(raw, dict):
        if "Fn::If" in raw:
            for i, branch in enumerate(raw["Fn::If"][1:], start=1):
                yield from places(branch, (*here, "Fn::If", i))
        elif not any(key == "Ref" or key.startswith("Fn::") for key in raw):
            for key, value in raw.items():
                yield from places(value, (*here, key))
    elif isinstance(raw, list):
        for i, value in enumerate(raw):
            yield from places(value, (*here, i))


def changeable(document: Document) -> Iterator[Place]:
    """Return the places of a template where a function may stand, and be read by a rule."""
    for name, body in document["Resources"].items():
        for place in places(body["Properties"]):
            yield ("Resources", name, "Properties", *place)
        yield from (("Resources", name, key) for key in ("DeletionPolicy", "UpdateReplacePolicy") if key in body)
    yield from (("Outputs", name, "Value") for name in document.get("Outputs", {}))


def at(document: Document, place: Place) -> Any:
    """Return the value at a place."""
    value: Any = document
    for key in place:
        value = value[key]
    return value


def put(document: Document, place: Place, value: object) -> Document:
    """Return the template with another value at a place."""
    changed = deepcopy(document)
    at(changed, place[:-1])[place[-1]] = deepcopy(value)
    return changed


def added(document: Document, section: str, **entries: object) -> Document:
    """Return the template with more in one of its sections."""
    return {**document, section: {**document.get(section, {}), **entries}}


# What must not matter


def keys_reordered(generated: Generated, _: st.DataObject) -> Generated:
    """Reverse the order of the keys of every object."""
    return with_document(generated, _reversed(generated.document))


def _reversed(raw: Any) -> Any:
    if isinstance(raw, dict):
        return {key: _reversed(raw[key]) for key in reversed(raw)}
    return [_reversed(one) for one in raw] if isinstance(raw, list) else raw


def statements_reordered(generated: Generated, _: st.DataObject) -> Generated:
    """Reverse the order of the statements of every policy."""
    document = deepcopy(generated.document)
    for place in list(changeable(document)):
        if place[-1] == "Statement":
            at(document, place).reverse()
    return with_document(generated, document)


def through_json(generated: Generated, _: st.DataObject) -> Generated:
    """Write the template as JSON and read it."""
    return with_document(generated, read_document(json.dumps(generated.document).encode(), "t.json"))


def through_yaml(generated: Generated, _: st.DataObject) -> Generated:
    """Write the template as YAML and read it."""
    return with_document(generated, read_document(yaml.safe_dump(_tree(generated.document)).encode(), "t.yaml"))


class ShortForms(yaml.SafeDumper):
    """Writes YAML with the short forms of functions."""


def _mapping(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.Node:
    ((key, argument), *others) = value.items() or (("", None),)
    if others or not (key == "Ref" or key.startswith("Fn::")):
        return dumper.represent_dict(value)
    node = dumper.represent_data(argument)
    node.tag = f"!{key.removeprefix('Fn::')}"
    return node


ShortForms.add_representer(dict, _mapping)


def through_short_forms(generated: Generated, _: st.DataObject) -> Generated:
    """Write the template as YAML with `!Ref`, `!Sub` and so on, and read it."""
    text = yaml.dump(_tree(generated.document), Dumper=ShortForms)
    return with_document(generated, read_document(text.encode(), "t.yaml"))


def _tree(document: Document) -> Any:
    """Return the document without what stands in it twice, which YAML would write as an alias."""
    return json.loads(json.dumps(document))


def in_equal_branches(generated: Generated, data: st.DataObject) -> Generated:
    """Make of a value both branches of an `Fn::If`."""
    place = _drawn(generated, data)
    value = at(generated.document, place)
    document = put(generated.document, place, {"Fn::If": ["Either", value, value]})
    document = added(document, "Parameters", Any={"Type": "String"})
    either = {"Fn::Equals": [{"Ref": "Any"}, "one"]}
    return with_document(generated, added(document, "Conditions", Either=either))


def unrelated_added(generated: Generated, _: st.DataObject) -> Generated:
    """Add what no table, function or role has to do with."""
    document = added(generated.document, "Parameters", **{f"Any{i}": {"Type": "String"} for i in range(20)})
    conditions = {f"Is{i}": {"Fn::Equals": [{"Ref": f"Any{i}"}, "x"]} for i in range(20)}
    document = added(document, "Conditions", **conditions)
    document = added(document, "Mappings", Sizes={"small": {"cpu": 1}})
    buckets = {f"Bucket{i}": {"Type": "AWS::S3::Bucket", "Condition": f"Is{i}"} for i in range(20)}
    user = {"Type": "AWS::IAM::User", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": ALL}]}}
    group = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "g", "Groups": ["g"], "PolicyDocument": ALL}}
    document = added(document, "Resources", **buckets, User=user, Group=group)
    bucket = {"Condition": "Is1", "Value": {"Fn::GetAtt": ["Bucket1", "Arn"]}}
    return with_document(generated, added(document, "Outputs", BucketArn=bucket))


ALL: Final = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def as_parameter(generated: Generated, data: st.DataObject) -> Generated:
    """Make of a string a parameter that has no other value."""

    def spell(value: str, document: Document) -> tuple[object, Document]:
        only = {"Type": "String", "AllowedValues": [value]}
        return {"Ref": "Only"}, added(document, "Parameters", Only=only)

    return _spelled(generated, data, spell)


def as_sub(generated: Generated, data: st.DataObject) -> Generated:
    """Make of a string an `Fn::Sub` without variables."""
    return _spelled(generated, data, lambda value, document: ({"Fn::Sub": value.replace("${", "${!")}, document))


def as_join(generated: Generated, data: st.DataObject) -> Generated:
    """Make of a string an `Fn::Join` of its pieces."""
    separator = data.draw(st.sampled_from(["", ":", "/", "e"]))

    def spell(value: str, document: Document) -> tuple[object, Document]:
        return {"Fn::Join": [separator, value.split(separator) if separator else list(value)]}, document

    return _spelled(generated, data, spell)


def as_mapping(generated: Generated, data: st.DataObject) -> Generated:
    """Make of a string a value of a mapping."""

    def spell(value: str, document: Document) -> tuple[object, Document]:
        return {"Fn::FindInMap": ["Only", "one", "value"]}, added(document, "Mappings", Only={"one": {"value": value}})

    return _spelled(generated, data, spell)


def _spelled(
    generated: Generated, data: st.DataObject, spell: Callable[[str, Document], tuple[object, Document]]
) -> Generated:
    """Spell a string, or a boolean, which CloudFormation takes as one, in another way."""
    place = _drawn(generated, data, str, bool)
    value = at(generated.document, place)
    spelled, document = spell(str(value).lower() if isinstance(value, bool) else value, generated.document)
    return with_document(generated, put(document, place, spelled))


def _drawn(generated: Generated, data: st.DataObject, *types: type) -> Place:
    """Draw a place of the template, where a value of one of these types stands."""
    document = generated.document
    found = [place for place in changeable(document) if isinstance(at(document, place), types or object)]
    return data.draw(st.sampled_from(found))


def statements_moved(generated: Generated, data: st.DataObject) -> Generated:
    """Place the statements of each policy elsewhere."""
    resources = generated.document["Resources"]
    if resources.get("Policy", {}).get("Type") != "AWS::IAM::Policy":
        return generated
    placement = data.draw(st.sampled_from(PLACEMENTS))
    return with_document(generated, {**generated.document, "Resources": moved(resources, "Policy", "Role", placement)})


LAWS: Sequence[Law] = (
    keys_reordered,
    statements_reordered,
    through_json,
    through_yaml,
    through_short_forms,
    in_equal_branches,
    unrelated_added,
    as_parameter,
    as_sub,
    as_join,
    as_mapping,
    statements_moved,
)


@pytest.mark.parametrize("law", LAWS)
def test_what_must_not_matter(law: Law) -> None:
    """The outcomes stay the same."""

    @given(st.one_of(st.sampled_from(list(HAND_MADE.values())), templates()), st.data())
    @OURS
    def check(generated: Generated, data: st.DataObject) -> None:
        assert outcomes(law(generated, data)) == outcomes(generated)

    check()


def test_renaming() -> None:
    """The outcomes are the same under other logical ids, names of parameters, conditions and mappings."""

    @given(st.one_of(st.sampled_from(list(HAND_MADE.values())), templates()))
    @OURS
    def check(generated: Generated) -> None:
        wanted = {(scenario, _new(str(table))): outcome for (scenario, table), outcome in outcomes(generated).items()}
        assert outcomes(renamed(generated)) == wanted

    check()


def renamed(generated: Generated) -> Generated:
    """Rename all that a template defines."""
    sections = ("Resources", "Parameters", "Conditions", "Mappings")
    names = {name for section in sections for name in generated.document.get(section, {})}
    document = _renamed(generated.document, names)
    for section in sections:
        if section in document:
            document[section] = {_new(name): body for name, body in document[section].items()}
    constructs = generated.constructs and {_new(name): lineage for name, lineage in generated.constructs.items()}
    return Generated(document, constructs, {_new(name): value for name, value in generated.given.items()})


def _new(name: str) -> str:
    """Return another name, by which the order of names is another, too."""
    return f"New{name[::-1]}"


def _renamed(raw: Any, names: set[str]) -> Any:
    """Rename what refers to names."""
    match raw:
        case {"Fn::GetAtt": [name, *others]} | {"Fn::If": [name, *others]} | {"Fn::FindInMap": [name, *others]}:
            return {key: [_new(name), *_renamed(others, names)] for key in raw}
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _in_text(text, names)}
        case {"Fn::Sub": [text, variables]}:
            return {"Fn::Sub": [_in_text(text, names), _renamed(variables, names)]}
        case dict():
            return {key: _referring(key, value, names) for key, value in raw.items()}
        case list():
            return [_renamed(one, names) for one in raw]
    return raw


def _referring(key: str, value: Any, names: set[str]) -> Any:
    refers = key in {"Ref", "Condition"} and isinstance(value, str) and value in names
    return _new(value) if refers else _renamed(value, names)


def _in_text(text: str, names: set[str]) -> str:
    def new(found: re.Match[str]) -> str:
        return f"${{{_new(found[1])}" if found[1] in names else found[0]

    return re.sub(r"\$\{(\w+)", new, text)


# What permissions may become


DENIES = st.fixed_dictionaries(
    {
        "Effect": st.just("Deny"),
        "Action": st.sampled_from(["*", "dynamodb:*", "dynamodb:GetItem", "dynamodb:Delete*", "s3:*"]),
        "Resource": st.sampled_from(
            ["*", TABLE_ARN, {"Ref": "Any"}, {"Fn::Join": ["", [TABLE_ARN, "/index/*"]]}, "arn:aws:s3:::bucket"]
        ),
    },
    optional={"Condition": st.sampled_from([{"Bool": {"aws:SecureTransport": "true"}}, {"Null": {"aws:Token": "x"}}])},
)


def test_a_deny_adds_no_permission() -> None:
    """With one more Deny, no more is granted than before, and nothing reaches further."""

    @given(st.one_of(st.sampled_from(list(HAND_MADE.values())), templates()), DENIES)
    @OURS
    def check(generated: Generated, deny: Document) -> None:
        assert_less_granted(outcomes(generated), outcomes(with_statement(generated, deny)))

    check()


def test_an_allow_takes_no_permission() -> None:
    """With one more Allow, no less is granted than before, and nothing reaches less far."""

    @given(st.one_of(st.sampled_from(list(HAND_MADE.values())), templates()), DENIES)
    @OURS
    def check(generated: Generated, deny: Document) -> None:
        allow = with_statement(generated, {**deny, "Effect": "Allow"})
        assert_less_granted(outcomes(allow), outcomes(generated))

    check()


def with_statement(generated: Generated, statement: Document) -> Generated:
    """Add a statement to the role's inline policies."""
    policy = {"PolicyName": "added", "PolicyDocument": {"Statement": [statement]}}
    document = added(deepcopy(generated.document), "Parameters", Any={"Type": "String"})
    document["Resources"]["Role"]["Properties"].setdefault("Policies", []).append(policy)
    return with_document(generated, document)


def assert_less_granted(
    more: Mapping[tuple[str, str | None], Outcome], less: Mapping[tuple[str, str | None], Outcome]
) -> None:
    """Compare what is granted: a rule that demands permissions gets worse with fewer, one that forbids them better."""
    for key in more:
        if key[0] in {READ, WRITE}:
            assert less[key].rank >= more[key].rank
        elif key[0] in {PLANE, FOREIGN}:
            assert less[key].rank <= more[key].rank
        else:
            assert less[key] is more[key]


# What is not known


UNKNOWNS: Mapping[str, object] = {
    "parameter": {"Ref": "Any"},
    "import": {"Fn::ImportValue": "of-another-stack"},
    "dynamic": "{{resolve:ssm:/some/name}}",
}


@pytest.mark.parametrize("name", HAND_MADE)
@pytest.mark.parametrize("unknown", UNKNOWNS)
def test_the_unknown_never_helps(name: str, unknown: str) -> None:
    """A value that is made unknown turns nothing undetermined or violated into compliant.

    What did not apply may become compliant: it then applies perhaps, and holds if it does.
    """
    generated = HAND_MADE[name]
    before = outcomes(generated)
    declared = added(generated.document, "Parameters", Any={"Type": "String"})
    for place in changeable(generated.document):
        # What is no parameter gives strings only: it cannot stand for a whole block.
        if unknown != "parameter" and any(places(at(generated.document, place))):
            continue
        after = outcomes(with_document(generated, put(declared, place, UNKNOWNS[unknown])))
        helped = {key for key, outcome in after.items() if before[key].rank > outcome.rank == Outcome.COMPLIANT.rank}
        assert (place, helped) == (place, set())


ANY: Final = {"Ref": "Any"}
DECLARED: Final[Changes] = {"Parameters.Any": {"Type": "String"}}
PROD: Final[Changes] = {SETTINGS: {"stage": "prod", "pointInTimeRecovery": True}}


def trusting(*principals: Document) -> Document:
    """Let principals assume the role, each by a statement of its own."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    statements = [{**trust, "Principal": principal} for principal in principals]
    return template({**DECLARED, f"{ROLE}AssumeRolePolicyDocument.Statement": statements})


def keyed(*kinds: object) -> Document:
    """Give the table keys of these kinds."""
    keys = [{"AttributeName": "id", "KeyType": kind} for kind in kinds]
    return template({**DECLARED, f"{TABLE}KeySchema": keys})


def defined(*attributes: tuple[object, str]) -> Document:
    """Define attributes by name and type."""
    definitions = [{"AttributeName": name, "AttributeType": kind} for name, kind in attributes]
    return template({**DECLARED, f"{TABLE}AttributeDefinitions": definitions})


def replicated(name: str, *inner: str) -> Callable[..., Document]:
    """Return what gives the replicas of a production table these values of a property."""

    def make(*values: object) -> Document:
        changes: dict[str, object] = {**DECLARED, **PROD}
        for i, value in enumerate(values):
            changes[f"{TABLE}Replicas.{i}.{name}"] = {inner[0]: value} if inner else value
        return global_table(changes)

    return make


def allowing(*resources: object) -> Document:
    """Allow all on these resources, each by a statement of its own, beside what the compliant policy allows."""
    statements = at(template(), tuple(STATEMENTS.split(".")))
    statements += [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": resource} for resource in resources]
    return template({**DECLARED, STATEMENTS: statements})


@pytest.mark.parametrize("reverse", [False, True], ids=["unknown-first", "unknown-last"])
@pytest.mark.parametrize(
    ("scenario", "make", "values"),
    [
        ("least-privilege/role-assumed-by-lambda-only", trusting, [{"Service": ANY}, {"AWS": "*"}]),
        ("least-privilege/no-other-table", allowing, [ANY, "*"]),
        ("table-key-schema/no-sort-key-required", keyed, [ANY, "RANGE"]),
        ("table-key-schema/partition-key-defined", defined, [(ANY, "S"), ("id", "N")]),
        ("table-encryption/encryption-enabled", replicated("SSESpecification", "KMSMasterKeyId"), [ANY, "alias/ours"]),
        ("production-protection/deletion-protection-enabled", replicated("DeletionProtectionEnabled"), [ANY, False]),
        (
            "production-protection/production-recovery-enabled",
            replicated("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
            [ANY, False],
        ),
        (
            "point-in-time-recovery/pitr-configurable",
            replicated("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
            [ANY, False],
        ),
    ],
)
def test_the_unknown_hides_no_violation(
    scenario: str, make: Callable[..., Document], values: list[object], *, reverse: bool
) -> None:
    """What one item of a list violates is found, whatever is unknown of another, before it or behind it."""
    generated = Generated(make(*(reversed(values) if reverse else values)))
    assert outcomes(generated)[scenario, "Table"] is Outcome.NON_COMPLIANT
