"""Contexts that nobody listed: every valid one is accepted by every scenario, every invalid one is refused by key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gate.matrix import judge_synthesis
from policies.catalogue import load
from policies.model import Outcome
from stack.axes import REFUSED
from stack.contexts import Context
from stack.node import use_bundled_node
from stack.settings import KEYS, PREFIX, ContextRefused, Settings, allowed
from stack.synth import Synthesis

NAMES = {
    "tableName": st.from_regex(r"[a-zA-Z0-9_.-]{3,40}", fullmatch=True),
    "tableEnvironmentVariableName": st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{1,20}", fullmatch=True),
}
ACCEPTED = {Outcome.COMPLIANT, Outcome.NOT_APPLICABLE}


def values(key: str) -> st.SearchStrategy[object]:
    """Return what a key may hold, as it was declared: also as the text that the CDK CLI makes of it."""
    name = key.removeprefix(PREFIX)
    match allowed(name).values:
        case ():
            return NAMES[name]
        case (int(low), int(high)) if not isinstance(low, bool):
            declared: st.SearchStrategy[object] = st.integers(low, high)
        case choices:
            declared = st.sampled_from(choices)
    return declared.flatmap(
        lambda value: st.sampled_from([value, value if value == str(value) else str(value).lower()])
    )


def without_contradictions(context: dict[str, object]) -> dict[str, object]:
    """Leave out what the others forbid."""
    try:
        Settings.from_context(context)
    except ContextRefused as refusal:
        forbidden = {problem.key for problem in refusal.problems}
        return {key: value for key, value in context.items() if key not in forbidden}
    return context


VALID = st.fixed_dictionaries({}, optional={key: values(key) for key in KEYS}).map(without_contradictions)
WRONG = st.sampled_from([refused for refused in REFUSED if len(refused.values) == 1 or "Capacity" in refused.label])


def synthesis(context: Context) -> Synthesis:
    """Synthesise one context in this process."""
    use_bundled_node()
    from stack.assembly import assemble  # noqa: PLC0415 - starts the Node.js that was named above

    with TemporaryDirectory() as folder:
        return assemble(context, Path(folder, "cdk.out"), None)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(VALID)
def test_a_valid_context_is_accepted_by_every_scenario(context: dict[str, object]) -> None:
    """Whatever settings are allowed together, the template complies with all that applies to it."""
    judged = judge_synthesis(load(), synthesis(Context("any", context)))
    assert judged.template is not None
    assert [verdict for verdict in judged.verdicts if verdict.outcome not in ACCEPTED] == []
    assert len(judged.verdicts) == len(load())


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(VALID, WRONG)
@example({f"{PREFIX}stage": "prod"}, next(refused for refused in REFUSED if refused.label == "several"))
def test_an_invalid_context_is_refused_by_its_keys(
    context: Mapping[str, object], wrong: tuple[str, Mapping[str, object], frozenset[str]]
) -> None:
    """One wrong value among right ones: the refusal names it and no other key, and that is compliant."""
    _, injected, keys = wrong
    synthesised = synthesis(Context("any", {**context, **injected}, refused=keys))
    assert synthesised.template is None
    assert {problem.key for problem in synthesised.refused or ()} == keys
    verdicts = judge_synthesis(load(), synthesised).verdicts
    assert [(verdict.scenario, verdict.outcome) for verdict in verdicts] == [
        ("context-validation/invalid-context-refused", Outcome.COMPLIANT)
    ]
