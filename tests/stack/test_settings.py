"""Settings: what each context key may hold, what follows from leaving it out, and how all else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stack.axes import REFUSED
from stack.settings import KEYS, PREFIX, ContextRefused, Problem, Settings, allowed

DEFAULTS: dict[str, object] = {
    "stage": "dev",
    "removalPolicy": "retain",
    "pointInTimeRecovery": True,
    "billingMode": "PAY_PER_REQUEST",
    "deletionProtection": False,
    "tableEnvironmentVariableName": "DDB_TABLE_NAME",
    "deployVpc": False,
}


def parsed(**values: object) -> dict[str, object]:
    """Parse keys given without prefix."""
    return Settings.from_context({PREFIX + key: value for key, value in values.items()}).plain()


def problems(**values: object) -> tuple[Problem, ...]:
    """Refuse keys given without prefix."""
    with pytest.raises(ContextRefused) as refusal:
        parsed(**values)
    return refusal.value.problems


def test_defaults() -> None:
    """Nothing set is a development table that is retained, recoverable and on demand."""
    assert parsed() == DEFAULTS


def test_keys_of_the_cdk_are_ignored() -> None:
    """Keys without our prefix belong to the CDK, whatever they hold."""
    context = {"@aws-cdk/core:newStyleStackSynthesis": "?", "stage": "nonsense", "": None}
    assert Settings.from_context(context).plain() == DEFAULTS


@pytest.mark.parametrize(
    ("values", "differs"),
    [
        ({"stage": "staging"}, {"stage": "staging"}),
        ({"stage": "prod"}, {"stage": "prod", "deletionProtection": True}),
        ({"deletionProtection": "true"}, {"deletionProtection": True}),
        ({"pointInTimeRecovery": "false"}, {"pointInTimeRecovery": False}),
        ({"pointInTimeRecovery": False}, {"pointInTimeRecovery": False}),
        ({"recoveryPeriodInDays": "1"}, {"recoveryPeriodInDays": 1}),
        ({"recoveryPeriodInDays": 35}, {"recoveryPeriodInDays": 35}),
        (
            {"billingMode": "PROVISIONED", "writeCapacity": "40000"},
            {"billingMode": "PROVISIONED", "readCapacity": 5, "writeCapacity": 40_000},
        ),
        ({"tableName": "a.-"}, {"tableName": "a.-"}),
        ({"tableName": "T" * 255}, {"tableName": "T" * 255}),
        ({"tableEnvironmentVariableName": "Ta"}, {"tableEnvironmentVariableName": "Ta"}),
        ({"deployVpc": "true"}, {"deployVpc": True}),
        ({"removalPolicy": "destroy"}, {"removalPolicy": "destroy"}),
    ],
)
def test_values_that_are_allowed(values: dict[str, object], differs: dict[str, object]) -> None:
    """Each key takes its values, booleans and whole numbers also as the strings that the CDK CLI passes."""
    assert parsed(**values) == DEFAULTS | differs


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.label)
def test_the_wrong_key_is_named(refused: tuple[str, dict[str, object], frozenset[str]]) -> None:
    """A refusal names the keys that are wrong, and no other."""
    _, values, keys = refused
    with pytest.raises(ContextRefused) as refusal:
        Settings.from_context(values)
    assert {problem.key for problem in refusal.value.problems} == keys


def test_all_problems_in_one_message() -> None:
    """Unknown keys, wrong values and contradictions come together, with what was found and what is allowed."""
    with pytest.raises(ContextRefused) as refusal:
        Settings.from_context(
            {
                "worthwatch:stage": "prod",
                "worthwatch:removalPolicy": "destroy",
                "worthwatch:recoveryPeriodInDays": 36,
                "worthwatch:deployVPC": True,
            }
        )
    assert str(refusal.value) == (
        "The context is refused: 3 problems. Nothing was synthesised.\n"
        "  worthwatch:deployVPC: found true; allowed: no such key; did you mean worthwatch:deployVpc?\n"
        "  worthwatch:recoveryPeriodInDays: found 36; allowed: a whole number from 1 to 35\n"
        '  worthwatch:removalPolicy: found "destroy"; allowed: retain or retain-on-update-or-delete, '
        "because worthwatch:stage is prod\n"
        "Correct them where they are set: -c KEY=VALUE, cdk.json, cdk.context.json or ~/.cdk.json."
    )


def test_no_contradiction_with_a_key_that_is_itself_wrong() -> None:
    """Whether a capacity is out of place cannot be said while the billing mode is unknown."""
    assert problems(billingMode="ON_DEMAND", readCapacity=5) == (
        Problem("worthwatch:billingMode", '"ON_DEMAND"', "PAY_PER_REQUEST or PROVISIONED"),
    )


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, "null"),
        (1.5, "1.5"),
        ({"a": 1}, "an object"),
        ([[[]]], "a list"),
        ("x" * 1000, '"' + "x" * 80 + '\\u2026"'),
        ("\x1b[31m\n", '"\\u001b[31m\\n"'),
        ("\ud800", '"\\ud800"'),
        (10**40, "a number of more than 30 digits"),
    ],
)
def test_what_was_found_is_shown_safely(value: object, found: str) -> None:
    """Whatever a context holds, the message stays short, on its line and printable."""
    assert problems(tableName=value) == (
        Problem("worthwatch:tableName", found, "3 to 255 characters of a-z, A-Z, 0-9, _ . and -"),
    )


def test_an_unknown_key_is_shown_safely() -> None:
    """The key itself is as untrusted as its value."""
    with pytest.raises(ContextRefused) as refusal:
        Settings.from_context({"worthwatch:\x1b" + "q" * 1000: 1})
    (problem,) = refusal.value.problems
    assert problem == Problem(
        "worthwatch:\\u001b" + "q" * 68 + "\\u2026", "1", f"no such key; the keys are {', '.join(KEYS)}"
    )


def test_settings_made_directly_obey_the_same_rules() -> None:
    """Code cannot build what a context could not."""
    with pytest.raises(ContextRefused) as refusal:
        Settings(stage="prod", deletion_protection=False)
    assert refusal.value.problems == (
        Problem("worthwatch:deletionProtection", "false", "true, because worthwatch:stage is prod"),
    )


def test_allowed_is_told_for_every_key() -> None:
    """Axes and messages take what a key may hold from its declaration."""
    assert {key: allowed(key.removeprefix(PREFIX)).values for key in KEYS} == {
        "worthwatch:stage": ("dev", "staging", "prod"),
        "worthwatch:removalPolicy": ("destroy", "retain", "retain-on-update-or-delete"),
        "worthwatch:pointInTimeRecovery": (True, False),
        "worthwatch:recoveryPeriodInDays": (1, 35),
        "worthwatch:billingMode": ("PAY_PER_REQUEST", "PROVISIONED"),
        "worthwatch:readCapacity": (1, 40_000),
        "worthwatch:writeCapacity": (1, 40_000),
        "worthwatch:deletionProtection": (True, False),
        "worthwatch:tableName": (),
        "worthwatch:tableEnvironmentVariableName": (),
        "worthwatch:deployVpc": (True, False),
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(KEYS) | st.text().map(PREFIX.__add__), JSON, max_size=6))
def test_any_context_is_parsed_or_refused(context: dict[str, object]) -> None:
    """No context raises anything but a refusal that names keys of it; plain settings parse to themselves."""
    refusal = None
    try:
        settings = Settings.from_context(context)
    except ContextRefused as refused:
        refusal = refused
    if refusal is None:
        again = {PREFIX + key: value for key, value in settings.plain().items()}
        assert Settings.from_context(again) == settings
    else:
        assert {problem.key for problem in refusal.problems if problem.key in KEYS} <= context.keys()
        assert str(refusal).count("\n") == len(refusal.problems) + 1
