"""The worlds of a template in numbers: as many as are judged and one more, and against all that brute force finds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policies.catalogue import Entry, load
from policies.errors import UndeterminedError
from policies.exploration import MAX_WORLDS, explore
from policies.judge import judge_template
from policies.model import Outcome
from policies.template import Template
from policies.worlds import World

Json = dict[str, object]
ENTRIES = {entry.name: entry for entry in load()}


def ref(name: str) -> Json:
    """Refer to a parameter."""
    return {"Ref": name}


def equals(left: object, right: object) -> Json:
    """Compare two values."""
    return {"Fn::Equals": [left, right]}


def parameter(*allowed: str, **more: object) -> Json:
    """Declare a parameter."""
    return {"Type": "String", **({"AllowedValues": list(allowed)} if allowed else {}), **more}


def values(value: object, **sections: object) -> list[str]:
    """Return what a value is in all worlds, in their order."""
    resources = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"Value": value}}}
    template = Template("t", {"Resources": resources, **sections})

    def read(world: World) -> str:
        return world.properties(template.resources["Table"]).get("Value").string()

    return [found for _, found in explore(World(template), read)]


def test_most_worlds() -> None:
    """The largest number of worlds is judged; one more is undetermined."""
    names = [f"P{i}" for i in range(10)]
    parameters = {name: parameter() for name in names}
    conditions = {f"Is{name}": equals(ref(name), "x") for name in names}
    told = [{"Fn::If": [name, "1", "0"]} for name in conditions]
    most: Json = {"Fn::Join": ["", [*told[:9]]]}
    assert values(most, Parameters=parameters, Conditions=conditions) == [
        "".join(digits) for digits in product("10", repeat=9)
    ]
    with pytest.raises(UndeterminedError) as raised:
        values({"Fn::Join": ["", told]}, Parameters=parameters, Conditions=conditions)
    assert raised.value.reason == f"more than {MAX_WORLDS} worlds of the template differ in what is judged"
    exactly = tuple(map(str, range(MAX_WORLDS)))
    assert values(ref("P"), Parameters={"P": parameter(*exactly)}) == list(exactly)
    with pytest.raises(UndeterminedError):
        values(ref("P"), Parameters={"P": parameter(*exactly, "more")})


@pytest.mark.parametrize(
    ("first", "outcome", "message", "assuming"),
    [
        (True, Outcome.UNDETERMINED, f"more than {MAX_WORLDS} worlds of the template differ in what is judged", ()),
        (False, Outcome.NON_COMPLIANT, "the table is encrypted with a key that AWS owns", ('P is "0"',)),
    ],
)
def test_too_many_worlds_are_not_compliant(
    first: bool, outcome: Outcome, message: str, assuming: tuple[str, ...]
) -> None:
    """A table with more worlds than are judged is undetermined, or violates what the judged ones violate."""
    indices = map(str, range(MAX_WORLDS + 1))
    enabled = {"Fn::Select": [ref("P"), [first, *[True] * MAX_WORLDS]]}
    properties = {"SSESpecification": {"SSEEnabled": enabled}}
    template = Template(
        "t",
        {
            "Parameters": {"P": parameter(*indices)},
            "Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}},
        },
    )
    (verdict,) = judge_template([ENTRIES["table-encryption/encryption-enabled"]], template)
    assert (verdict.outcome, verdict.message, verdict.assuming) == (outcome, message, assuming)


# Brute force


@dataclass(frozen=True)
class Assignment:
    """Values of parameters, and conditions to evaluate with them."""

    given: Mapping[str, str]
    conditions: Mapping[str, object]

    def holds(self, expression: object) -> bool:
        """Evaluate a condition."""
        match expression:
            case {"Condition": str(name)}:
                return self.holds(self.conditions[name])
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": list(parts)}:
                return all(map(self.holds, parts))
            case {"Fn::Or": list(parts)}:
                return any(map(self.holds, parts))
            case {"Fn::Equals": [left, right]}:
                return self.value(left) == self.value(right)
        raise AssertionError(expression)

    def value(self, raw: object) -> object:
        """Evaluate a value; None is AWS::NoValue."""
        match raw:
            case {"Ref": "AWS::NoValue"}:
                return None
            case {"Ref": str(name)}:
                return self.given[name]
            case {"Fn::If": [str(name), left, right]}:
                return self.value(left if self.holds(self.conditions[name]) else right)
        return raw


NAMES = ("P", "Q", "R")
LITERALS = ("true", "false", "x")
OTHERS = ("other", "another", "third")
"""What free parameters may be besides the literals of the template; enough for all of them to differ."""


def comparisons(*, among_parameters: bool) -> st.SearchStrategy[Json]:
    """Make comparisons of parameters with literals, or with each other as well."""
    refs = st.sampled_from(NAMES).map(ref)
    right = st.sampled_from(LITERALS) | refs if among_parameters else st.sampled_from(LITERALS)
    return st.tuples(refs, right).map(lambda sides: equals(*sides))


def expressions(*, among_parameters: bool, earlier: tuple[str, ...]) -> st.SearchStrategy[Json]:
    """Make conditions that may name earlier ones."""
    leaves = comparisons(among_parameters=among_parameters)
    if earlier:
        leaves |= st.sampled_from(earlier).map(lambda name: {"Condition": name})
    return st.recursive(leaves, combined, max_leaves=4)


def combined(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Make conditions of conditions."""
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        inner.map(lambda one: {"Fn::Not": [one]}),
        several.map(lambda parts: {"Fn::And": parts}),
        several.map(lambda parts: {"Fn::Or": parts}),
    )


@st.composite
def worlds_of(draw: st.DrawFn, *, among_parameters: bool) -> tuple[Json, Json]:
    """Make parameters and conditions."""
    allowed = st.lists(st.sampled_from(LITERALS), min_size=1, max_size=3, unique=True)
    parameters: Json = {}
    for name in NAMES:
        chosen = draw(st.none() | allowed)
        default = draw(st.none() | st.sampled_from(chosen or LITERALS))
        parameters[name] = parameter(*(chosen or ()), **({} if default is None else {"Default": default}))
    conditions: Json = {}
    for name in ("C0", "C1", "C2"):
        conditions[name] = draw(expressions(among_parameters=among_parameters, earlier=tuple(conditions)))
    return parameters, conditions


def branching(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Make values that depend on conditions."""
    names = st.sampled_from(("C0", "C1", "C2"))
    return st.recursive(
        leaves, lambda inner: st.tuples(names, inner, inner).map(lambda parts: {"Fn::If": list(parts)}), max_leaves=4
    )


def assignments(parameters: Mapping[str, object], conditions: Json, *, defaults: bool) -> Iterator[Assignment]:
    """Return every assignment of values that can make a difference."""
    choices: list[tuple[str, ...]] = []
    for declared in parameters.values():
        assert isinstance(declared, dict)
        free = (*LITERALS, *OTHERS)
        choices.append(
            (declared["Default"],) if defaults and "Default" in declared else declared.get("AllowedValues", free)
        )
    for given_values in product(*choices):
        yield Assignment(dict(zip(parameters, given_values, strict=True)), conditions)


def sse_outcome(assignment: Assignment, enabled: object, condition: str | None) -> Outcome:
    """Judge the encryption of a table whose values are all known."""
    if condition is not None and not assignment.holds(assignment.conditions[condition]):
        return Outcome.NOT_APPLICABLE
    return Outcome.COMPLIANT if assignment.value(enabled) in {"true", True} else Outcome.NON_COMPLIANT


def billing_outcome(assignment: Assignment, mode: object, condition: str | None) -> Outcome:
    """Judge the billing mode of a table whose values are all known."""
    if condition is not None and not assignment.holds(assignment.conditions[condition]):
        return Outcome.NOT_APPLICABLE
    return Outcome.COMPLIANT if assignment.value(mode) == "PAY_PER_REQUEST" else Outcome.NON_COMPLIANT


def check_against_brute_force(
    sections: tuple[Json, Json], enabled: object, mode: object, condition: str | None
) -> None:
    """Compare the verdicts on encryption and billing with the worst of all assignments."""
    parameters, conditions = sections
    body: Json = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {"SSESpecification": {"SSEEnabled": enabled}, "BillingMode": mode},
        **({} if condition is None else {"Condition": condition}),
    }
    template = Template("t", {"Parameters": parameters, "Conditions": conditions, "Resources": {"Table": body}})
    expected = {
        "table-encryption/encryption-enabled": max(
            (sse_outcome(one, enabled, condition) for one in assignments(parameters, conditions, defaults=False)),
            key=lambda outcome: outcome.rank,
        ),
        "table-billing-mode/pay-per-request-billing": max(
            (billing_outcome(one, mode, condition) for one in assignments(parameters, conditions, defaults=True)),
            key=lambda outcome: outcome.rank,
        ),
    }
    entries: list[Entry] = [ENTRIES[name] for name in expected]
    assert {verdict.scenario: verdict.outcome for verdict in judge_template(entries, template)} == expected


NO_VALUE = ref("AWS::NoValue")
ENABLED = branching(st.sampled_from([True, True, True, "true", False, NO_VALUE]))
MODES = branching(st.sampled_from(["PAY_PER_REQUEST", "PAY_PER_REQUEST", "PAY_PER_REQUEST", "PROVISIONED", NO_VALUE]))
CONDITION = st.none() | st.sampled_from(("C0", "C1", "C2"))


@given(worlds_of(among_parameters=False), ENABLED, MODES, CONDITION)
@settings(deadline=None)
def test_against_brute_force(sections: tuple[Json, Json], enabled: object, mode: object, condition: str | None) -> None:
    """The verdict is the worst that any assignment of the parameters gives; a parameter compared with literals."""
    check_against_brute_force(sections, enabled, mode, condition)


@given(worlds_of(among_parameters=True), ENABLED, MODES, CONDITION)
@example(
    (
        {"P": parameter("true", "false"), "Q": parameter("x")},
        dict.fromkeys(("C0", "C1", "C2"), equals(ref("P"), ref("Q"))),
    ),
    {"Fn::If": ["C0", False, True]},
    "PAY_PER_REQUEST",
    None,
)
@settings(deadline=None)
def test_against_brute_force_among_parameters(
    sections: tuple[Json, Json], enabled: object, mode: object, condition: str | None
) -> None:
    """The verdict is the worst that any assignment of the parameters gives; parameters compared with each other."""
    check_against_brute_force(sections, enabled, mode, condition)
