"""The table's name: the variable and the output that tell it; and the construct tree, which tells who made it.

Source: AWS CloudFormation Template Reference, "Return values" of AWS::DynamoDB::Table: `Ref` gives the name.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Outcome
from proof.bases import Base
from proof.making import (
    ABSENT,
    CHOICES,
    NO_CONCERN,
    NOBODY_TOLD,
    OPEN,
    OTHER_FUNCTION,
    OTHER_ROLE,
    UNKNOWN,
    UNKNOWNS,
    UNSURE,
    VIOLATED,
    arn,
    changed,
    either,
    function,
    grown,
    noticed,
    operator,
    other_role,
    output,
    queue,
    ref,
    table,
    variable,
    with_twin,
)
from proof.model import Form, Mutant
from proof.places import value_at
from proof.scenarios import (
    CONSTRUCT,
    DATA_PLANE,
    EVERY,
    NAME,
    OTHER_TABLE,
    READ,
    TRUST,
    VARIABLE,
    WRITE,
)

_ANYTHING = frozenset({Outcome.NOT_APPLICABLE, Outcome.UNDETERMINED, Outcome.COMPLIANT})
_NAMED_NOWHERE = {**NOBODY_TOLD, **noticed(VIOLATED, NAME)}
_SOLUTIONS_CONSTRUCT = "@aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB"


@operator(Form.MISSING, NOBODY_TOLD)
def variable_missing(base: Base) -> Iterator[Mutant]:
    """Take the variable away, the variables, and the whole environment."""
    for depth in range(3):
        yield changed(base, {variable(base)[: len(variable(base)) - depth]: ABSENT})


@operator(Form.WRONG_LITERAL, NOBODY_TOLD)
def variable_of_another_name(base: Base) -> Iterator[Mutant]:
    """Give the function a name that is not the table's, among them those that only look like it."""
    logical_id = str(table(base)[1])
    for name in ("items", "", logical_id, f"${{{logical_id}}}", {"Fn::Sub": f"{logical_id}"}):
        yield changed(base, {variable(base): name})
    yield changed(base, {variable(base): {"Fn::Join": ["-", [ref(table(base)), "copy"]]}})
    yield changed(base, {variable(base): {"Fn::Sub": f"${{{logical_id}}}-${{AWS::Region}}"}})


@operator(Form.NAME_FOR_ARN, NOBODY_TOLD)
def variable_of_the_arn(base: Base) -> Iterator[Mutant]:
    """Give the function the table's ARN in place of its name, and the ARN of its stream."""
    logical_id = table(base)[1]
    yield changed(base, {variable(base): arn(table(base))})
    yield changed(base, {variable(base): {"Fn::Sub": f"${{{logical_id}.Arn}}"}})
    yield changed(base, {variable(base): {"Fn::GetAtt": [logical_id, "StreamArn"]}})


@operator(Form.MOVED, NOBODY_TOLD)
def variable_of_another_resource(base: Base) -> Iterator[Mutant]:
    """Give the function the name of another resource."""
    yield changed(base, {variable(base): ref(queue(base))})


@operator(Form.CONDITIONAL, noticed(VIOLATED, VARIABLE, READ, WRITE))
def variable_perhaps(base: Base) -> Iterator[Mutant]:
    """Give the function the table's name in one world only."""
    name = ref(table(base))
    for branches in ((name, "items"), (arn(table(base)), name), (name, {"Ref": "AWS::NoValue"})):
        yield changed(base, {variable(base): either(*branches), **CHOICES})


@operator(Form.UNKNOWN, {**noticed(OPEN, VARIABLE, READ, WRITE), **noticed(_ANYTHING, DATA_PLANE, OTHER_TABLE, TRUST)})
def variable_unknown(base: Base) -> Iterator[Mutant]:
    """Give the function whatever a parameter holds."""
    yield changed(base, {variable(base): {"Ref": UNKNOWN}, **UNKNOWNS})


@operator(Form.MOVED, noticed(VIOLATED, READ, WRITE))
def variable_of_another_function(base: Base) -> Iterator[Mutant]:
    """Give the name to another function, whose role may do nothing, and take it from the first."""
    yield changed(base, {variable(base): ABSENT, **_other_function(base)})


@operator(Form.ADDED, noticed(VIOLATED, READ, WRITE))
def second_function(base: Base) -> Iterator[Mutant]:
    """Give the name to a second function, too, whose role may do nothing."""
    yield changed(base, _other_function(base))


@operator(Form.HARMLESS, {})
def sound_second_function(base: Base) -> Iterator[Mutant]:
    """Add a second function in the first one's role, and one in another role that knows nothing of the table."""
    second = ("Resources", OTHER_FUNCTION)
    body = value_at(base.document, function(base))
    yield changed(base, {second: body})
    other = _other_function(base)
    yield changed(base, {**other, (*second, "Properties", "Environment"): {"Variables": {"TABLE": "items"}}})


def _other_function(base: Base) -> dict[tuple[str | int, ...], object]:
    body = dict(value_at(base.document, function(base)))
    properties = {**body["Properties"], "Role": {"Fn::GetAtt": [OTHER_ROLE, "Arn"]}}
    return {("Resources", OTHER_FUNCTION): {**body, "Properties": properties}, **other_role(base)}


@operator(Form.HARMLESS, {})
def name_in_other_words(base: Base) -> Iterator[Mutant]:
    """Say the table's name in other words."""
    logical_id = table(base)[1]
    for name in (
        {"Fn::Sub": f"${{{logical_id}}}"},
        {"Fn::Join": ["", [ref(table(base))]]},
        {"Fn::Select": [1, ["items", ref(table(base))]]},
        {"Fn::Select": [1, {"Fn::Split": ["/", arn(table(base))]}]},
        either(ref(table(base)), {"Fn::Sub": f"${{{logical_id}}}"}),
    ):
        yield changed(base, {variable(base): name, **CHOICES})
    stated = value_at(base.document, table(base))["Properties"].get("TableName")
    if stated is not None:
        yield changed(base, {variable(base): stated})
    yield changed(base, {output(base): ABSENT})
    yield changed(base, {(*output(base), "Value"): arn(table(base))})


@operator(Form.WRONG_OUTPUT, _NAMED_NOWHERE)
def output_of_something_else(base: Base) -> Iterator[Mutant]:
    """Tell the name to nobody: the output is of the ARN, of another resource, of nothing."""
    for value in (arn(table(base)), ref(queue(base)), "items", {"Fn::Sub": "${AWS::StackName}-items"}):
        yield changed(base, {variable(base): ABSENT, (*output(base), "Value"): value})
    yield changed(base, {variable(base): ABSENT, output(base): ABSENT})


@operator(Form.CONDITIONAL, _NAMED_NOWHERE)
def output_perhaps(base: Base) -> Iterator[Mutant]:
    """Tell the name to nobody but an output that only one world has."""
    yield changed(base, {variable(base): ABSENT, (*output(base), "Condition"): "ProofChosen", **CHOICES})


@operator(Form.UNKNOWN, {**NOBODY_TOLD, **noticed(OPEN, NAME)})
def output_unknown(base: Base) -> Iterator[Mutant]:
    """Tell the name to nobody but an output of whatever a parameter holds."""
    yield changed(base, {variable(base): ABSENT, (*output(base), "Value"): {"Ref": UNKNOWN}, **UNKNOWNS})


@operator(Form.ADDED, {**noticed(VIOLATED, VARIABLE, READ, WRITE, NAME)})
def second_table_without_a_name(base: Base) -> Iterator[Mutant]:
    """Add a second table whose name nobody is told."""
    yield with_twin(base, {(*variable(base)[:-1], "PROOF_TABLE"): ABSENT})


@operator(Form.MISSING, {**noticed(NO_CONCERN, *EVERY), **noticed(VIOLATED, CONSTRUCT)})
def no_table(base: Base) -> Iterator[Mutant]:
    """Make a resource of another type of the table; what nobody can judge, then, applies nowhere."""
    yield changed(base, {(*table(base), "Type"): "Custom::Table"})


@operator(Form.WRONG_LITERAL, noticed(VIOLATED, CONSTRUCT))
def another_construct(base: Base) -> Iterator[Mutant]:
    """Make the table by another construct, by none, and under a name that only looks like the construct's."""
    logical_id = str(table(base)[1])
    lineage = list(base.tree[logical_id])
    made_by = next(i for i, one in enumerate(lineage) if one.startswith(_SOLUTIONS_CONSTRUCT))
    for other in (
        "@aws-solutions-constructs/aws-lambda-s3.LambdaToS3@2.105.0",
        "@aws-solutions-constructs/core.LambdaToDynamoDB@2.105.0",
        f"{_SOLUTIONS_CONSTRUCT}2@2.105.0",
        _SOLUTIONS_CONSTRUCT.lower() + "@2.105.0",
    ):
        yield grown(base, {**base.tree, logical_id: (*lineage[:made_by], other, *lineage[made_by + 1 :])})
    yield grown(base, {**base.tree, logical_id: (*lineage[:made_by], *lineage[made_by + 1 :])})
    yield grown(base, {**base.tree, logical_id: (*lineage[:made_by], f"{_SOLUTIONS_CONSTRUCT}@2.105.0")})


@operator(Form.UNKNOWN, noticed(UNSURE, CONSTRUCT))
def no_tree(base: Base) -> Iterator[Mutant]:
    """Judge the template alone, and with a tree that does not know the table."""
    yield grown(base, None)
    yield grown(base, {name: lineage for name, lineage in base.tree.items() if name != table(base)[1]})


@operator(Form.ADDED, noticed(VIOLATED, CONSTRUCT))
def second_table_beside_the_construct(base: Base) -> Iterator[Mutant]:
    """Add a second table, sound but for the construct that made it."""
    beside = ("aws-cdk-lib.App@2.273.0", "aws-cdk-lib.Stack@2.273.0", "aws-cdk-lib.aws_dynamodb.CfnTable@2.273.0")
    made = with_twin(base, {})
    yield Mutant(made.at, made.document, {**base.tree, str(made.at[1]): beside})


@operator(Form.HARMLESS, {})
def another_version(base: Base) -> Iterator[Mutant]:
    """Make the table by another version of the construct."""
    tree = {name: tuple(one.replace("@2.105.0", "@2.106.1") for one in lineage) for name, lineage in base.tree.items()}
    yield grown(base, tree)
