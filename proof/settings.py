"""Contexts to try, valid and invalid, as README.md and specs/storage-hardening have them.

That is said here once more, so that nothing of `stack.settings` decides what it is held against. No context holds null,
which the CDK CLI drops; a boolean or a number is written as such, or as the text that `-c` makes of it.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

PREFIX = "worthwatch:"

Values = dict[str, object]

STAGES = ("dev", "staging", "prod")
KEPT = ("retain", "retain-on-update-or-delete")
BILLING = ("PAY_PER_REQUEST", "PROVISIONED")
FLAG = (True, False)
DAYS = range(1, 36)
UNITS = range(1, 40_001)
NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{1,254}")
RESERVED = (
    *("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "TABLE_NAME_VARIABLE"),
    *("PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "TZ"),
)
"""Names of environment variables that Lambda, its Python runtime or the handler use.

Source: "Defined runtime environment variables" in the Lambda developer guide.
"""


class Invalid(NamedTuple):
    """A context that must be refused, and the keys for which."""

    values: Mapping[str, object]
    keys: frozenset[str]


@st.composite
def valid(draw: st.DrawFn) -> Values:
    """Draw a context that must synthesise: keys that do not contradict each other, any of them left out."""
    stage = draw(_maybe("stage", st.sampled_from(STAGES)))
    prod = stage.get(f"{PREFIX}stage") == "prod"
    recovery = draw(_maybe("pointInTimeRecovery", _either(FLAG[:1] if prod else FLAG)))
    on = recovery.get(f"{PREFIX}pointInTimeRecovery") not in (False, "false")
    billing = draw(_maybe("billingMode", st.sampled_from(BILLING)))
    provisioned = billing.get(f"{PREFIX}billingMode") == "PROVISIONED"
    return {
        **stage,
        **draw(_maybe("removalPolicy", st.sampled_from(KEPT if prod else (*KEPT, "destroy")))),
        **recovery,
        **(draw(_maybe("recoveryPeriodInDays", _either(DAYS))) if on else {}),
        **billing,
        **(draw(_maybe("readCapacity", _either(UNITS))) if provisioned else {}),
        **(draw(_maybe("writeCapacity", _either(UNITS))) if provisioned else {}),
        **draw(_maybe("deletionProtection", _either(FLAG[:1] if prod else FLAG))),
        **draw(_maybe("tableName", _matching(NAME))),
        **draw(_maybe("tableEnvironmentVariableName", _matching(VARIABLE).filter(_is_free))),
        **draw(_maybe("deployVpc", _either(FLAG))),
    }


def invalid() -> tuple[st.SearchStrategy[Invalid], ...]:
    """Return what draws a valid context with a fault, for each fault: drawn together, some would hardly be met.

    The faults are a key that does not exist, for each key a value that is not allowed, and each contradiction.
    """
    wrong_values = (_with_wrong_value(name, values) for name, values in _WRONG.items())
    return (_with_unknown_key(), *wrong_values, *(_with_contradiction(*one) for one in _CONTRADICTIONS))


@st.composite
def _with_unknown_key(draw: st.DrawFn) -> Invalid:
    unknown = st.builds(str.__add__, _BEGINNINGS, st.text(_KEY_LETTERS, max_size=30)).filter(_is_unknown)
    key = draw(unknown)
    return Invalid({**draw(valid()), key: draw(_JSON)}, frozenset({key}))


@st.composite
def _with_wrong_value(draw: st.DrawFn, name: str, values: st.SearchStrategy[object]) -> Invalid:
    return Invalid({**draw(valid()), PREFIX + name: draw(values)}, frozenset({PREFIX + name}))


@st.composite
def _with_contradiction(draw: st.DrawFn, values: Values, wrong: str, in_its_way: tuple[str, ...]) -> Invalid:
    around = {key: value for key, value in draw(valid()).items() if key.removeprefix(PREFIX) not in in_its_way}
    return Invalid({**around, **{PREFIX + key: value for key, value in values.items()}}, frozenset({PREFIX + wrong}))


def _maybe(name: str, values: st.SearchStrategy[object]) -> st.SearchStrategy[Values]:
    return st.just({}) | values.map(lambda value: {PREFIX + name: value})


def _either(values: Sequence[object]) -> st.SearchStrategy[object]:
    """Draw one of some values, as it is or as text."""
    return st.sampled_from(values).flatmap(lambda value: st.sampled_from([value, str(value).lower()]))


def _matching(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True)


def _is_free(name: str) -> bool:
    return not name.startswith("AWS_") and name not in RESERVED


_JSON: st.SearchStrategy[object] = st.recursive(
    st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda within: st.lists(within, max_size=2) | st.dictionaries(st.text(max_size=5), within, max_size=2),
    max_leaves=3,
)


def _but(allowed: Callable[[object], bool], *near: object) -> st.SearchStrategy[object]:
    """Draw JSON that is not allowed, some of it near to what is."""
    return (st.sampled_from(near) | _JSON).filter(lambda value: not allowed(value))


def _one_of(choices: Sequence[object]) -> Callable[[object], bool]:
    """Return what tells whether a value is one of some, or the text of one: 1 is not true.

    But 1.0 is 1 to JavaScript, and so to the CDK, which gives it to the app as 1.
    """
    allowed = {(type(choice), choice) for choice in choices} | {(str, str(choice).lower()) for choice in choices}

    def is_one(value: object) -> bool:
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        return isinstance(number, str | int) and (type(number), number) in allowed

    return is_one


def _literally(choices: Sequence[str]) -> Callable[[object], bool]:
    return lambda value: value in choices


def _is(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None and _is_free(value)


_WRONG: Mapping[str, st.SearchStrategy[object]] = {
    "stage": _but(_literally(STAGES), "Prod", "production", " dev"),
    "removalPolicy": _but(_literally((*KEPT, "destroy")), "snapshot", "RETAIN"),
    "pointInTimeRecovery": _but(_one_of(FLAG), "True", "yes", "1", 0),
    "recoveryPeriodInDays": _but(_one_of(DAYS), 0, 36, "0", "36", "07", 7.5, "7.0", " 7"),
    "billingMode": _but(_literally(BILLING), "ON_DEMAND", "provisioned"),
    "readCapacity": _but(_one_of(UNITS), 0, 40_001, "40001", "4e3"),
    "writeCapacity": _but(_one_of(UNITS), 0, 40_001, "-1", 5.5),
    "deletionProtection": _but(_one_of(FLAG), "on", "FALSE", 1),
    "tableName": _but(
        lambda value: isinstance(value, str) and bool(NAME.fullmatch(value)), "ab", "t" * 256, "a b", "abc\n"
    ),
    "tableEnvironmentVariableName": _but(_is(VARIABLE), "T", "_TABLE", "1T", "T" * 256, "TABLE\n", *RESERVED),
    "deployVpc": _but(_one_of(FLAG), "no", ""),
}

_CONTRADICTIONS: tuple[tuple[Values, str, tuple[str, ...]], ...] = (
    ({"stage": "prod", "removalPolicy": "destroy"}, "removalPolicy", ("pointInTimeRecovery", "deletionProtection")),
    (
        {"stage": "prod", "pointInTimeRecovery": False},
        "pointInTimeRecovery",
        ("removalPolicy", "recoveryPeriodInDays", "deletionProtection"),
    ),
    (
        {"stage": "prod", "deletionProtection": "false"},
        "deletionProtection",
        ("removalPolicy", "pointInTimeRecovery"),
    ),
    ({"pointInTimeRecovery": "false", "recoveryPeriodInDays": 7}, "recoveryPeriodInDays", ("stage",)),
    ({"readCapacity": 5}, "readCapacity", ("billingMode", "writeCapacity")),
    ({"writeCapacity": "5"}, "writeCapacity", ("billingMode", "readCapacity")),
)
"""Values that contradict each other, the key that is wrong by that, and the keys that may be wrong, too, beside it."""

_BEGINNINGS = st.sampled_from([PREFIX, "worthwatch", "WorthWatch:", "worthwatch:stage", "WORTHWATCH"])
_KEY_LETTERS = string.ascii_letters + string.digits + ":_-. ="


def _is_unknown(key: str) -> bool:
    return key.removeprefix(PREFIX) not in _WRONG
