"""What a run comes to: its exit code, its counts, and the refusal of a run that shows nothing."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from dataclasses import replace

import pytest

from evidence.model import TracedContext
from gate.excerpt import Excerpt
from gate.run import Finding, Problem, Run
from policies.catalogue import load
from policies.model import Outcome, Verdict
from policies.template import Template

KEY = ("dynamodb-storage", "table-key-schema/partition-key-defined")
ACCESS = ("storage-hardening", "table-access/no-public-access")
NAMES = [(entry.scenario.spec, entry.name) for entry in load()]


def run(*outcomes: Outcome, problems: int = 0) -> Run:
    """Return a run with verdicts of these outcomes and so many problems."""
    run = Run(problems=[Problem("here", "unreadable")] * problems)
    run.add(Verdict(*KEY, outcome, template=outcome.value) for outcome in outcomes)
    return run


@pytest.mark.parametrize(
    ("judged", "exit_code"),
    [
        (run(Outcome.COMPLIANT), 0),
        (run(Outcome.COMPLIANT, Outcome.NOT_APPLICABLE), 0),
        (run(Outcome.NOT_APPLICABLE), 2),
        (run(), 2),
        (run(Outcome.COMPLIANT, Outcome.UNDETERMINED), 2),
        (run(Outcome.COMPLIANT, Outcome.NON_COMPLIANT), 1),
        (run(Outcome.UNDETERMINED, Outcome.NON_COMPLIANT), 1),
        (run(Outcome.COMPLIANT, Outcome.ERROR), 2),
        (run(Outcome.NON_COMPLIANT, Outcome.ERROR), 2),
        (run(Outcome.COMPLIANT, problems=1), 2),
        (run(Outcome.NON_COMPLIANT, problems=1), 2),
    ],
)
def test_exit_code(judged: Run, exit_code: int) -> None:
    """Problems and errors outrank a violation, which outranks the undetermined; nothing compliant is no pass."""
    assert judged.exit_code == exit_code


def test_counts_are_in_the_order_of_the_specs() -> None:
    """Each scenario that was judged is counted once for each verdict."""
    judged = Run()
    judged.add(Verdict(*ACCESS, Outcome.COMPLIANT) for _ in range(2))
    judged.add([Verdict(*KEY, Outcome.ERROR, template="t"), Verdict(*KEY, Outcome.COMPLIANT, template="t")])
    assert list(judged.counts().items()) == [
        (KEY, Counter({Outcome.ERROR: 1, Outcome.COMPLIANT: 1})),
        (ACCESS, Counter({Outcome.COMPLIANT: 2})),
    ]
    assert judged.outcomes() == {Outcome.ERROR: 1, Outcome.COMPLIANT: 3}
    assert judged.templates == {"t"}


def test_each_scenario_that_nothing_shows_is_vacuous() -> None:
    """Not applicable everywhere, or without any verdict: nothing shows that the scenario holds."""
    judged = Run()
    judged.add([Verdict(*KEY, Outcome.COMPLIANT), Verdict(*ACCESS, Outcome.NOT_APPLICABLE)])
    judged.refuse_vacuity()
    vacuous = "vacuous: the scenario applied nowhere, so that nothing shows it holds"
    assert judged.problems == [Problem("#".join(name), vacuous) for name in NAMES if name != KEY]
    assert judged.exit_code == 2


def test_a_run_in_which_each_scenario_applies_is_not_vacuous() -> None:
    """A violation, too, shows that the scenario applies."""
    judged = Run()
    judged.add(Verdict(*name, Outcome.NON_COMPLIANT if name == KEY else Outcome.COMPLIANT) for name in NAMES)
    judged.refuse_vacuity()
    assert (judged.problems, judged.exit_code) == ([], 1)


def test_a_scenario_without_a_verdict_in_some_context_was_not_run() -> None:
    """What was compliant in one context says nothing of another; a context that is to be refused lacks nothing."""
    judged = Run()
    for name, refused in (("dev", ()), ("prod", ()), ("refused", ("worthwatch:stage",))):
        judged.contexts[name] = TracedContext(name, {}, None, None, refused, None, ())
    judged.add(Verdict(*name, Outcome.COMPLIANT, context="dev") for name in NAMES)
    judged.add(Verdict(*name, Outcome.COMPLIANT, context="prod") for name in NAMES if name != KEY)
    judged.refuse_vacuity()
    problem = "not run: no verdict on it in 1 of the contexts, such as prod"
    assert (judged.problems, judged.exit_code) == ([Problem("#".join(KEY), problem)], 2)


def test_the_first_of_each_scenario_and_outcome_the_worst_first() -> None:
    """Errors before violations before the undetermined; what says the same of one context and template together."""
    verdicts = [
        Verdict(*KEY, Outcome.COMPLIANT),
        Verdict(*KEY, Outcome.UNDETERMINED, message="unknown"),
        Verdict(*KEY, Outcome.NON_COMPLIANT, "t", "prod", message="wrong"),
        Verdict(*KEY, Outcome.NON_COMPLIANT, "u", "dev", message="wrong"),
        Verdict(*ACCESS, Outcome.ERROR, message="failed"),
        Verdict(*ACCESS, Outcome.NON_COMPLIANT, "t", "prod", message="wrong"),
    ]
    judged = Run()
    judged.add(verdicts)
    assert judged.findings() == [
        [Finding(4, verdicts[4])],
        [Finding(2, verdicts[2]), Finding(5, verdicts[5])],
        [Finding(1, verdicts[1])],
    ]


FAILED = Verdict(*KEY, Outcome.ERROR, "t")
TABLE = "$.Resources.Table"


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (replace(FAILED, path=f"{TABLE}.Type"), Excerpt(TABLE, {"Type": "T"})),
        (replace(FAILED, resource="Table"), Excerpt(TABLE, {"Type": "T"})),
        (replace(FAILED, path="$.Outputs", resource="Table"), Excerpt("$.Outputs", {"Name": "here"})),
        (replace(FAILED, path=f"(other){TABLE}"), None),
        (FAILED, None),
        (replace(FAILED, path=TABLE, template="another"), None),
    ],
)
def test_what_stands_around_a_finding(verdict: Verdict, expected: Excerpt | None) -> None:
    """By its path, or else by its resource; nothing where it is about another template or about no place of it."""
    document: dict[str, object] = {"Resources": {"Table": {"Type": "T"}}, "Outputs": {"Name": "here"}}
    judged = Run()
    judged.add([verdict], Template("t", document))
    assert judged.findings() == [[Finding(0, verdict, expected)]]


def test_a_template_is_not_kept() -> None:
    """Of thousands of templates, no more than the excerpts stay in memory."""
    template = Template("t", {"Resources": {"Table": {"Type": "T"}}})
    gone = weakref.ref(template)
    judged = Run()
    judged.add([replace(FAILED, path=TABLE)], template)
    del template
    gc.collect()
    assert gone() is None
