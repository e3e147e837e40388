"""The model of a file of externals: its objects, the formats of their values, and our words for what is wrong.

Sources of the formats: AWS IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM and AWS STS quotas"; AWS
CloudFormation User Guide, "Pseudo parameters reference" and "Get exported outputs from a deployed CloudFormation
stack"; AWS Systems Manager API reference, "PutParameter".
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    Tag,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel, to_pascal
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import CoreSchema

MAX_PROBLEMS = 20
"""So many problems are told; a file with more is not searched to its end, which could take minutes."""

_EXPECTED: dict[str, str] = {}
"""What a reader is told to write, by the pattern that it must match."""


def _text(pattern: str, expected: str) -> FieldInfo:
    _EXPECTED[f"^{pattern}$"] = expected
    field: FieldInfo = Field(pattern=f"^{pattern}$", description=expected)
    return field


_PARTITION = "aws(-[a-z]+)*"
_REGION = "[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}"
_STACK = "[A-Za-z][A-Za-z0-9-]{0,127}"
_IAM = f"arn:({_PARTITION}|[$][{{]AWS::Partition[}}]):iam:"
_OWN = "[0-9]{12}|[$][{]AWS::AccountId[}]"
_PATH = "([!-.0-9;-~]+/)*"  # without the colon, so that what is wrong with an ARN does not pass for a path
_NAME = "[A-Za-z0-9_+=,.@-]"
_POLICY_ARN = f"{_IAM}:({_OWN}|aws):policy/{_PATH}{_NAME}{{1,128}}"
_VARIABLES = "in which ${AWS::Partition} and ${AWS::AccountId} may stand"

_Region = Annotated[str, _text(_REGION, "a region, such as eu-west-1")]
_Account = Annotated[str, _text("[0-9]{12}", "the 12 digits of an account, in quotes")]
_Partition = Annotated[str, _text(_PARTITION, "a partition, such as aws or aws-cn")]
_StackName = Annotated[str, _text(_STACK, "a stack's name: a letter, then at most 127 of A-Z, a-z, 0-9 and -")]
_Suffix = Annotated[str, _text("[a-z0-9-]+([.][a-z0-9-]+)+", "a domain, such as amazonaws.com")]
_StackId = Annotated[
    str,
    _text(
        f"arn:{_PARTITION}:cloudformation:{_REGION}:[0-9]{{12}}:stack/{_STACK}/[0-9a-f-]+",
        "a stack's ARN, arn:aws:cloudformation:<region>:<account>:stack/<name>/<id>",
    ),
]
_Export = Annotated[str, _text("[A-Za-z0-9:-]{1,255}", "the name of an export: 1 to 255 of A-Z, a-z, 0-9, : and -")]
_Stored = Annotated[
    str,
    _text("[A-Za-z0-9_./-]+(:[0-9]+)?", "the name of an SSM parameter, such as /team/stage, or /team/stage:3"),
]
_PolicyArn = Annotated[str, _text(_POLICY_ARN, f"the ARN of a managed policy, {_VARIABLES}")]
_PolicyKey = Annotated[
    str,
    _text(
        f"({_POLICY_ARN}|{_PATH}{_NAME}{{1,128}})",
        f"the ARN of a managed policy, {_VARIABLES}, or what follows :policy/ in it, such as team/ReadWrite",
    ),
]
_RoleKey = Annotated[
    str,
    _text(
        f"(({_IAM}:({_OWN}):role/)?{_PATH}{_NAME}{{1,64}})",
        f"the ARN of a role, {_VARIABLES}, or what follows :role/ in it, such as team/Reader",
    ),
]
_PolicyName = Annotated[str, _text(f"{_NAME}{{1,128}}", "a policy's name: 1 to 128 of A-Z, a-z, 0-9 and _+=,.@-")]
_Action = Annotated[
    str, _text("([*]|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+)", "an action, such as dynamodb:GetItem, dynamodb:* or *")
]
_Resource = Annotated[str, _text("([*]|arn:.+)", "a resource: an ARN, with or without wildcards, or *")]
_Operator = Annotated[
    str,
    _text(
        "(For(AllValues|AnyValue):)?(String(Not)?(Equals(IgnoreCase)?|Like)"
        "|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)"
        "|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?",
        "a condition operator, such as StringEquals or ForAllValues:StringLike",
    ),
]
_ConditionKey = Annotated[str, _text("[A-Za-z0-9./_-]+:[^:].*", "a condition key, such as aws:SourceVpc")]


_WORDED = "worded"
"""The type of a problem that is in our words."""


def _is_scalar(value: object) -> object:
    if not isinstance(value, str | int | float):
        raise PydanticCustomError("scalar_type", "expected a string, a number, true or false")
    return value


_Scalar = Annotated[Any, AfterValidator(_is_scalar), WithJsonSchema({"type": ["string", "number", "boolean"]})]

TAGS = _ONE, _MORE = "(one)", "(more)"
"""Steps in a problem's location that are no keys of the file: they tell which form of a value was meant."""

_Item = TypeVar("_Item")
_OneOrMore = Annotated[
    Annotated[_Item, Tag(_ONE)] | Annotated[list[_Item], Field(min_length=1), Tag(_MORE)],
    Discriminator(lambda value: _MORE if isinstance(value, list) else _ONE),
]
_Principal = Annotated[
    Annotated[Literal["*"], Tag(_ONE)]
    | Annotated[dict[Literal["AWS", "CanonicalUser", "Federated", "Service"], _OneOrMore[str]], Tag(_MORE)],
    Discriminator(lambda value: _MORE if isinstance(value, dict) else _ONE),
]

_Optionally = Annotated[_Item, Field(default=None)]
"""What may be left out, but is not null where it stands."""

_WORDS = {
    "missing": "missing",
    "too_short": "empty; expected at least one item",
    "string_type": "expected a string; in YAML, what looks like a number, true or false is one in quotes",
    "list_type": "expected a list",
    "dict_type": "expected an object",
    "model_type": "expected an object",
}


class _Object(BaseModel):
    """An object with no other keys than its fields, and of each pair of `choices` with exactly one."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_pascal)
    choices: ClassVar[tuple[tuple[str, str], ...]] = ()

    @model_validator(mode="wrap")
    @classmethod
    def _tell_all(cls, value: object, validate: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Any:
        """Put every problem into words: pydantic's own do not say which keys there are.

        The context of the validation is a list of what the file was found wrong in so far.
        """
        found: Any = info.context
        if len(found) > MAX_PROBLEMS:
            return None  # the file is refused, whatever stands here
        problems: list[InitErrorDetails] = []
        try:
            valid = validate(value)
        except ValidationError as error:
            details = error.errors()[: MAX_PROBLEMS + 1]
            problems = [_problem(cls._worded(detail), detail["loc"]) for detail in details]
            found += (detail for detail in details if detail["type"] != _WORDED)
        if isinstance(value, dict):
            wrong = [pair for pair in cls.choices if (pair[0] in value) is (pair[1] in value)]
            problems += [_problem(f"expected either {one} or {other}", ()) for one, other in wrong]
            found += wrong
        if problems:
            raise ValidationError.from_exception_data(cls.__name__, problems)
        return valid

    @classmethod
    def _worded(cls, detail: ErrorDetails) -> str:
        match detail["type"]:
            case "extra_forbidden":
                return f"no such key; expected {', '.join(str(field.alias) for field in cls.model_fields.values())}"
            case "string_pattern_mismatch":
                return f"expected {_EXPECTED[detail['ctx']['pattern']]}"
            case "literal_error":
                return f"expected {detail['ctx']['expected']}"
            case kind:
                return _WORDS.get(kind, detail["msg"])

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Add the choices, of which the fields tell nothing."""
        made = handler.resolve_ref_schema(handler(core))
        if cls.choices:
            made["allOf"] = [{"oneOf": [{"required": [key]} for key in pair]} for pair in cls.choices]
        return made


def _problem(words: str, location: tuple[int | str, ...]) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError(_WORDED, words), loc=location, input=None)


class _Statement(_Object):
    sid: _Optionally[str]
    effect: Literal["Allow", "Deny"]
    action: _Optionally[_OneOrMore[_Action]]
    not_action: _Optionally[_OneOrMore[_Action]]
    condition: _Optionally[dict[_Operator, dict[_ConditionKey, _OneOrMore[_Scalar]]]]


class PolicyStatement(_Statement):
    """A statement of a policy that says what an identity may do."""

    choices = (("Action", "NotAction"), ("Resource", "NotResource"))

    resource: _Optionally[_OneOrMore[_Resource]]
    not_resource: _Optionally[_OneOrMore[_Resource]]


class TrustStatement(_Statement):
    """A statement of a policy that says who may assume a role."""

    choices = (("Action", "NotAction"), ("Principal", "NotPrincipal"))

    principal: _Optionally[_Principal]
    not_principal: _Optionally[_Principal]


class _Document(_Object):
    version: _Optionally[Literal["2012-10-17", "2008-10-17"]]
    id: _Optionally[str]


class Policy(_Document):
    """A policy document as IAM shows it, without CloudFormation's functions."""

    statement: _OneOrMore[PolicyStatement]


class TrustPolicy(_Document):
    """A role's trust policy as IAM shows it, without CloudFormation's functions."""

    statement: _OneOrMore[TrustStatement]


class InlinePolicy(_Object):
    """A policy that is embedded in a role."""

    policy_name: _PolicyName
    policy_document: Policy


class RoleTag(_Object):
    """A tag of a role."""

    key: str
    value: str


class Role(_Object):
    """The properties of an AWS::IAM::Role; what is not stated is what the role does not have."""

    assume_role_policy_document: _Optionally[TrustPolicy]
    policies: _Optionally[list[InlinePolicy]]
    managed_policy_arns: _Optionally[list[_PolicyArn]]
    permissions_boundary: _Optionally[_PolicyArn]
    tags: _Optionally[list[RoleTag]]


class PseudoParameters(_Object):
    """What CloudFormation's pseudo parameters stand for."""

    model_config = ConfigDict(alias_generator=lambda name: f"AWS::{to_pascal(name)}")

    region: _Optionally[_Region]
    account_id: _Optionally[_Account]
    partition: _Optionally[_Partition]
    stack_name: _Optionally[_StackName]
    url_suffix: _Optionally[Annotated[_Suffix, Field(alias="AWS::URLSuffix")]]
    stack_id: _Optionally[_StackId]


_Exports = Annotated[dict[_Export, str], Field(description="What Fn::ImportValue imports, by the export's name.")]
_SsmParameters = Annotated[
    dict[_Stored, str],
    Field(description="What the SSM Parameter Store holds, by name, or by name:version for that version alone."),
]
_Policies = Annotated[dict[_PolicyKey, Policy], Field(description="Managed policies, by ARN or by path and name.")]
_Roles = Annotated[dict[_RoleKey, Role], Field(description="Roles, by ARN or by path and name.")]


class ExternalsFile(_Object):
    """What lives outside the templates that `storage-compliance check` judges, as `--externals FILE` tells it."""

    model_config = ConfigDict(alias_generator=to_camel, title="Externals of storage-compliance")

    pseudo_parameters: _Optionally[PseudoParameters]
    exports: _Optionally[_Exports]
    ssm_parameters: _Optionally[_SsmParameters]
    managed_policies: _Optionally[_Policies]
    roles: _Optionally[_Roles]


def problems(document: object) -> list[ErrorDetails]:
    """Return what is wrong with a document, in our words: all of it or, where that is much, more than MAX_PROBLEMS."""
    try:
        ExternalsFile.model_validate(document, context=[])
    except ValidationError as error:
        return error.errors()
    return []
