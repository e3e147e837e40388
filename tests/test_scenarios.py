"""Every scenario in every context of the pairwise matrix: one test each, made from the specs.

What is expected is said here once more, by hand: a scenario holds wherever its WHEN is met, and is not applicable
exactly where it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from gate.judged import Judged
from policies.catalogue import Entry, load
from policies.model import ContextRule, Outcome, Verdict
from stack.contexts import Context, matrix
from stack.settings import Settings

Plain = Mapping[str, object]

WHEN: Mapping[str, Callable[[Plain], bool]] = {
    "table-billing-mode/pay-per-request-billing": lambda settings: settings["billingMode"] == "PAY_PER_REQUEST",
    "table-deletion-protection/retain-option-available": lambda settings: settings["removalPolicy"] != "destroy",
    "production-protection/deletion-protection-enabled": lambda settings: settings["stage"] == "prod",
    "production-protection/production-table-retained": lambda settings: settings["stage"] == "prod",
    "production-protection/production-recovery-enabled": lambda settings: settings["stage"] == "prod",
    "replacement-protection/replaced-table-kept": lambda settings: settings["removalPolicy"] != "destroy",
}
"""The scenarios whose WHEN depends on the settings; every other one applies to every template."""

CONTEXTS = tuple(matrix("pairwise"))
ACCEPTED = tuple(context for context in CONTEXTS if not context.refused)


def _make(entry: Entry) -> Callable[..., None]:
    """Return the test of a scenario."""
    of_context = isinstance(entry.rule, ContextRule)
    contexts = CONTEXTS if of_context else ACCEPTED

    @pytest.mark.scenario(entry.scenario.id)
    @pytest.mark.parametrize("context", contexts, ids=lambda context: context.name)
    def test(context: Context, pairwise: Mapping[str, Judged]) -> None:
        judged = pairwise[context.name]
        verdicts = [verdict for verdict in judged.verdicts if (verdict.spec, verdict.scenario) == _name(entry)]
        assert [verdict.outcome for verdict in verdicts] == [_expected(entry, context)], _told(verdicts)

    test.__doc__ = f"{entry.scenario.name}: holds wherever its WHEN is met."
    return test


def _name(entry: Entry) -> tuple[str, str]:
    return entry.scenario.spec, entry.name


def _expected(entry: Entry, context: Context) -> Outcome:
    if isinstance(entry.rule, ContextRule):
        applies = bool(context.refused)
    else:
        when = WHEN.get(entry.name)
        applies = when is None or when(Settings.from_context(context.complete).plain())
    return Outcome.COMPLIANT if applies else Outcome.NOT_APPLICABLE


def _told(verdicts: list[Verdict]) -> str:
    return "\n".join(f"{verdict.outcome} {verdict.resource} {verdict.path}: {verdict.message}" for verdict in verdicts)


for _entry in load():
    _test = f"test_{_entry.scenario.slug}".replace("-", "_")
    if _test in globals():  # a scenario of another spec has the same name
        _test = f"test_{_entry.scenario.spec}_{_entry.name}".replace("-", "_").replace("/", "_")
    globals()[_test] = _make(_entry)
