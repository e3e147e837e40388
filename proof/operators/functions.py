"""Values that CloudFormation comes to in ways of their own: conditions of three parts, maps, rules, stored parameters.

Source: AWS CloudFormation User Guide and Template Reference, "Fn::Or", "Fn::FindInMap" with its DefaultValue, "Rules",
"Parameters" and "Systems Manager parameter types".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from proof.bases import Base
from proof.making import CHOICE, OPEN, UNKNOWN, VIOLATED, Changes, changed, noticed, operator, table
from proof.model import Form, Mutant
from proof.scenarios import ENCRYPTION

_CONDITION, _MAP, _RULE = "ProofPerhaps", "ProofMap", "ProofRule"
_EITHER = {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]}


def _encrypted(base: Base, value: object, more: Changes) -> Mutant:
    return changed(base, {(*table(base), "Properties", "SSESpecification", "SSEEnabled"): value, **more})


def _parameter(name: str, declared: Mapping[str, object]) -> Changes:
    return {("Parameters", name): dict(declared)}


@operator(Form.CONDITIONAL, noticed(VIOLATED, ENCRYPTION))
def encryption_by_the_last_of_three(base: Base) -> Iterator[Mutant]:
    """Turn encryption off where the last of three conditions holds, and where the last of three does not."""
    is_one = [{"Fn::Equals": [{"Ref": CHOICE}, letter]} for letter in ("a", "b", "c")]
    is_none = [{"Fn::Not": [one]} for one in is_one]
    declared = _parameter(CHOICE, {"Type": "String", "Default": "d", "AllowedValues": ["c", "d"]})
    for condition, branches in (({"Fn::Or": is_one}, ("false", "true")), ({"Fn::And": is_none}, ("true", "false"))):
        value = {"Fn::If": [_CONDITION, *branches]}
        yield _encrypted(base, value, {("Conditions", _CONDITION): condition, **declared})


@operator(Form.CONDITIONAL, noticed(VIOLATED, ENCRYPTION))
def encryption_by_a_map(base: Base) -> Iterator[Mutant]:
    """Turn encryption off where a map does not know the region."""
    found = {"Fn::FindInMap": [_MAP, {"Ref": "AWS::Region"}, "Enabled", {"DefaultValue": "false"}]}
    held = {"eu-west-1": {"Enabled": "true"}}
    yield _encrypted(base, found, {("Mappings", _MAP): held, ("Transform",): "AWS::LanguageExtensions"})


@operator(Form.CONDITIONAL, noticed(VIOLATED, ENCRYPTION))
def encryption_by_a_rule(base: Base) -> Iterator[Mutant]:
    """Let a rule ask for encryption under a condition of its own, that need not hold."""
    asserted = [{"Assert": {"Fn::Equals": [{"Ref": CHOICE}, "true"]}}]
    asks = {"RuleCondition": {"Fn::Equals": [{"Ref": UNKNOWN}, "careful"]}, "Assertions": asserted}
    declared = {**_parameter(CHOICE, _EITHER), **_parameter(UNKNOWN, {"Type": "String"})}
    yield _encrypted(base, {"Ref": CHOICE}, {("Rules", _RULE): asks, **declared})


@operator(Form.HARMLESS, {})
def encryption_asked_for_by_a_rule(base: Base) -> Iterator[Mutant]:
    """Let a rule ask for encryption whatever else is chosen."""
    asserted = [{"Assert": {"Fn::Equals": [{"Ref": CHOICE}, "true"]}}]
    yield _encrypted(base, {"Ref": CHOICE}, {("Rules", _RULE): {"Assertions": asserted}, **_parameter(CHOICE, _EITHER)})


@operator(Form.PARAMETER_DEFAULT, noticed(OPEN, ENCRYPTION))
def encryption_by_a_free_parameter(base: Base) -> Iterator[Mutant]:
    """Leave encryption to a parameter that may be anything, and to one whose value the Parameter Store holds."""
    yield _encrypted(base, {"Ref": CHOICE}, _parameter(CHOICE, {"Type": "String", "Default": "true"}))
    stored = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "true", "AllowedValues": ["true"]}
    yield _encrypted(base, {"Ref": CHOICE}, _parameter(CHOICE, stored))
