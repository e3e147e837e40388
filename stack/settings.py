"""CDK context keys, parsed into Settings: what the user intends, validated before anything is synthesised.

Imports no CDK, so that settings can be read and refused without starting Node.js.
"""

import difflib
import json
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, NamedTuple, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_camel

PREFIX = "worthwatch:"
"""Every context key of ours begins with it; keys without it are the CDK's and are left alone."""

DEFAULT_TABLE_VARIABLE = "DDB_TABLE_NAME"
"""The environment variable in which the construct, and the handler, expect the table's name."""

TABLE_VARIABLE_POINTER = "TABLE_NAME_VARIABLE"
"""The environment variable that tells the handler the name of the one that holds the table's name."""

Stage = Literal["dev", "staging", "prod"]
Removal = Literal["destroy", "retain", "retain-on-update-or-delete"]
Billing = Literal["PAY_PER_REQUEST", "PROVISIONED"]


class Problem(NamedTuple):
    """One thing that is wrong with a context: the whole key, what was found as JSON, and what is allowed."""

    key: str
    found: str
    allowed: str


class ContextRefused(Exception):  # noqa: N818 (refusal is the spec's word; it is a verdict, not a fault)
    """The context cannot be used: `problems` holds all that is wrong and `str()` tells it to the user."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = (f"  {p.key}: found {p.found}; allowed: {p.allowed}" for p in self.problems)
        return "\n".join(
            [
                f"The context is refused: {count}. Nothing was synthesised.",
                *lines,
                "Correct them where they are set: -c KEY=VALUE, cdk.json, cdk.context.json or ~/.cdk.json.",
            ]
        )


class Allowed(NamedTuple):
    """What a key may hold: in words, and as values (all of a choice, the bounds of a range, no names)."""

    text: str
    values: tuple[object, ...] = ()


def _choice(choices: object) -> Allowed:
    values = get_args(choices)
    return Allowed(" or ".join(values), values)


def _whole_numbers(low: int, high: int, text: str) -> Allowed:
    return Allowed(f"a whole number from {low} to {high}{text}", (low, high))


def _boolean(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _integer(value: object) -> object:
    return int(value) if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,8}", value) else value


def _not_of_lambda(name: str) -> str:
    if name.startswith("AWS_") or name in _OF_LAMBDA:
        raise ValueError("reserved")
    return name


_OF_LAMBDA = frozenset(
    {"LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", TABLE_VARIABLE_POINTER}
    # Lambda lets these be set, but its Python runtime would not survive a table's name in them.
    | {"PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "TZ"}
)

_DAYS = (1, 35)
_UNITS = (1, 40_000)
_FLAG = Allowed("true or false", (True, False))
_CAPACITY = _whole_numbers(*_UNITS, " (DynamoDB's default quota for a table)")

_Flag = Annotated[bool, BeforeValidator(_boolean), Strict(), _FLAG]
_Days = Annotated[int, BeforeValidator(_integer), Strict(), Field(ge=_DAYS[0], le=_DAYS[1])]
_Units = Annotated[int, BeforeValidator(_integer), Strict(), Field(ge=_UNITS[0], le=_UNITS[1])]
_TableName = Annotated[str, Strict(), StringConstraints(pattern=r"^[a-zA-Z0-9_.-]{3,255}$")]
_VariableName = Annotated[
    str,
    Strict(),
    StringConstraints(pattern=r"^[a-zA-Z][a-zA-Z0-9_]+$", max_length=255),
    AfterValidator(_not_of_lambda),
]


def _in_prod(validated: dict[str, object]) -> bool:
    return validated.get("stage") == "prod"


def _five_if_provisioned(validated: dict[str, object]) -> int | None:
    return 5 if validated.get("billing_mode") == "PROVISIONED" else None


class Settings(BaseModel):
    """What the storage shall be. Each field is a context key: `removal_policy` is `worthwatch:removalPolicy`.

    Sources. Recovery period: AWS::DynamoDB::Table PointInTimeRecoverySpecification. Table names, capacity:
    "Naming rules" and "Quotas" in the DynamoDB developer guide. Names of environment variables, the reserved
    ones: "Working with Lambda environment variables" in the Lambda developer guide.

    Raises pydantic's ValidationError for a wrong value and ContextRefused for values that contradict each
    other; `from_context` reports both, together, as ContextRefused.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )

    stage: Annotated[Stage, _choice(Stage)] = "dev"
    removal_policy: Annotated[Removal, _choice(Removal)] = "retain"
    point_in_time_recovery: _Flag = True
    recovery_period_in_days: Annotated[_Days | None, _whole_numbers(*_DAYS, "")] = None
    billing_mode: Annotated[Billing, _choice(Billing)] = "PAY_PER_REQUEST"
    read_capacity: Annotated[_Units | None, _CAPACITY] = Field(default_factory=_five_if_provisioned)
    write_capacity: Annotated[_Units | None, _CAPACITY] = Field(default_factory=_five_if_provisioned)
    deletion_protection: _Flag = Field(default_factory=_in_prod)
    table_name: Annotated[_TableName | None, Allowed("3 to 255 characters of a-z, A-Z, 0-9, _ . and -")] = None
    table_environment_variable_name: Annotated[
        _VariableName,
        Allowed(
            "a letter, then 1 to 254 of a-z, A-Z, 0-9 and _; not AWS_… nor another name that Lambda, its "
            f"Python runtime or the handler uses ({', '.join(sorted(_OF_LAMBDA))})"
        ),
    ] = DEFAULT_TABLE_VARIABLE
    deploy_vpc: _Flag = False

    @classmethod
    def from_context(cls, values: Mapping[str, object]) -> Self:
        """Parse the context of a CDK app; keys that do not begin with `worthwatch` are ignored.

        Raises ContextRefused with every problem at once: unknown keys, wrong values, contradictions.
        """
        ours = {key: value for key, value in values.items() if key.lower().startswith("worthwatch")}
        known = {key.removeprefix(PREFIX): value for key, value in ours.items() if key in KEYS}
        wrong = cls._wrong_by_itself(known)
        problems = [_unknown(key, value) for key, value in ours.items() if key not in KEYS]
        problems += [Problem(PREFIX + key, _shown(known[key]), allowed(key).text) for key in known if key in wrong]
        try:
            settings = cls.model_validate({k: v for k, v in known.items() if k not in wrong}, context=wrong)
        except ContextRefused as contradictory:
            problems += contradictory.problems
        else:
            if not problems:
                return settings
        raise ContextRefused(tuple(problems))

    @classmethod
    def _wrong_by_itself(cls, known: Mapping[str, object]) -> frozenset[str]:
        # null would pass for "unset" where that is the default, and say nothing of what the user meant.
        null = {key for key, value in known.items() if value is None}
        try:
            cls.model_validate(known)
        except ValidationError as error:
            return frozenset(null | {str(detail["loc"][0]) for detail in error.errors(include_input=False)})
        except ContextRefused:
            pass
        return frozenset(null)

    @model_validator(mode="after")
    def _agree_with_each_other(self, info: ValidationInfo) -> Self:
        wrong: frozenset[str] = info.context or frozenset()
        problems = tuple(
            Problem(PREFIX + c.key, _shown(getattr(self, _FIELDS[c.key])), c.allowed)
            for c in _CONTRADICTIONS
            if c.against not in wrong and c.holds(self)
        )
        if problems:
            raise ContextRefused(problems)
        return self

    def plain(self) -> dict[str, object]:
        """JSON values by context key without prefix, defaults applied; a setting that is unset is absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


_FIELDS = {to_camel(name): name for name in Settings.model_fields}

KEYS = tuple(PREFIX + key for key in _FIELDS)
"""Every context key that has a meaning, with its prefix, in the order of the fields."""


def allowed(key: str) -> Allowed:
    """Tell what a context key, given without its prefix, may hold; raises KeyError for an unknown one."""
    metadata = Settings.model_fields[_FIELDS[key]].metadata
    return next(entry for entry in metadata if isinstance(entry, Allowed))


class _Contradiction(NamedTuple):
    key: str
    against: str
    holds: Callable[[Settings], bool]
    allowed: str


_PROD = f"because {PREFIX}stage is prod"
_ON_DEMAND = f"no value, because {PREFIX}billingMode is not PROVISIONED"
_CONTRADICTIONS = (
    _Contradiction(
        "removalPolicy",
        "stage",
        lambda s: s.stage == "prod" and s.removal_policy == "destroy",
        f"retain or retain-on-update-or-delete, {_PROD}",
    ),
    _Contradiction(
        "pointInTimeRecovery",
        "stage",
        lambda s: s.stage == "prod" and not s.point_in_time_recovery,
        f"true, {_PROD}",
    ),
    _Contradiction(
        "deletionProtection",
        "stage",
        lambda s: s.stage == "prod" and not s.deletion_protection,
        f"true, {_PROD}",
    ),
    _Contradiction(
        "recoveryPeriodInDays",
        "pointInTimeRecovery",
        lambda s: s.recovery_period_in_days is not None and not s.point_in_time_recovery,
        f"no value, because {PREFIX}pointInTimeRecovery is false",
    ),
    _Contradiction(
        "readCapacity",
        "billingMode",
        lambda s: s.read_capacity is not None and s.billing_mode != "PROVISIONED",
        _ON_DEMAND,
    ),
    _Contradiction(
        "writeCapacity",
        "billingMode",
        lambda s: s.write_capacity is not None and s.billing_mode != "PROVISIONED",
        _ON_DEMAND,
    ),
)


def _unknown(key: str, value: object) -> Problem:
    by_lower = {known.removeprefix(PREFIX).lower(): known for known in KEYS}
    meant = re.sub(r"[^a-z]", "", key[:100].lower().removeprefix("worthwatch"))
    near = difflib.get_close_matches(meant, by_lower, n=1)
    advice = f"did you mean {by_lower[near[0]]}?" if near else f"the keys are {', '.join(KEYS)}"
    return Problem(json.dumps(_cut(key))[1:-1], _shown(value), f"no such key; {advice}")


def _shown(value: object) -> str:
    match value:
        case str():
            return json.dumps(_cut(value))
        case None | bool() | float():
            return json.dumps(value)
        case int():
            return str(value) if abs(value) < 10**30 else "a number of more than 30 digits"
        case Mapping():
            return "an object"
    return "a list"


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:80] + "…"  # noqa: PLR2004 (as much as a line has room for)
