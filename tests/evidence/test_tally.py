"""The tally: verdicts taken in one by one, and what they come to; and the record that is concluded from it."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from dataclasses import replace

import pytest

from evidence.model import Scanned, TracedContext, Trouble
from evidence.record import JudgedScenario, Record, Standing, conclude
from evidence.record import standing as standing_of
from evidence.tally import Shown, Tally
from policies.catalogue import load
from policies.model import Outcome, Verdict
from tests.evidence.records import OUTCOMES, PROVENANCE, judged, record

DEV, PROD = TracedContext("dev", {}, None, None, (), None, ()), TracedContext("prod", {}, None, None, (), None, ())
REFUSED = TracedContext("refused", {}, None, None, ("worthwatch:stage",), None, ())


def verdict(name: str, outcome: Outcome, context: str | None = "dev", message: str = "") -> Verdict:
    """Return a verdict on a scenario of the spec "storage"."""
    return Verdict("storage", f"keys/{name}", outcome, context=context, message=message)


def tally(*verdicts: Verdict) -> Tally:
    """Return the tally of verdicts on three contexts, of which the last is refused."""
    made = Tally()
    for context in (DEV, PROD, REFUSED):
        made.add_context(context)
    for one in verdicts:
        made.add(one)
    return made


def test_outcomes() -> None:
    """Verdicts are counted by scenario; those on the matrix as a whole, too."""
    made = tally(
        verdict("a", Outcome.COMPLIANT), verdict("a", Outcome.ERROR, None), verdict("b", Outcome.COMPLIANT, "prod")
    )
    assert made.outcomes == {
        "storage#keys/a": Counter({Outcome.COMPLIANT: 1, Outcome.ERROR: 1}),
        "storage#keys/b": Counter({Outcome.COMPLIANT: 1}),
    }


@pytest.mark.parametrize("outcomes", [tuple(Outcome), tuple(reversed(Outcome))])
def test_the_worst_of_a_context(outcomes: tuple[Outcome, ...]) -> None:
    """Of several verdicts on one scenario in one context the worst counts, whichever came first."""
    made = tally(verdict("b", Outcome.COMPLIANT), *(verdict("a", outcome) for outcome in outcomes))
    dev, prod, _ = made.contexts(["storage#keys/a", "storage#keys/b", "storage#keys/c"])
    assert dev.outcomes == (Outcome.ERROR, Outcome.COMPLIANT, None)
    assert prod.outcomes == (None, None, None)


def test_lacking_and_silent() -> None:
    """A context that is to be refused lacks nothing; one without any verdict is silent whatever it is."""
    made = tally(verdict("a", Outcome.COMPLIANT), verdict("b", Outcome.NOT_APPLICABLE, "prod"))
    assert made.lacking("storage#keys/a") == ["prod"]
    assert made.lacking("storage#keys/b") == ["dev"]
    assert made.lacking("storage#keys/c") == ["dev", "prod"]
    assert made.silent() == ["refused"]


def test_findings() -> None:
    """What verdicts say alike is one finding, with all its contexts; the worst is first; acceptance is none."""
    made = tally(
        verdict("a", Outcome.UNDETERMINED, "prod", "unknown"),
        verdict("a", Outcome.NON_COMPLIANT, "prod", "wrong"),
        verdict("a", Outcome.NON_COMPLIANT, "dev", "wrong"),
        verdict("a", Outcome.NON_COMPLIANT, "dev", "wrong"),
        verdict("a", Outcome.NON_COMPLIANT, None, "wrong"),
        verdict("b", Outcome.COMPLIANT, "prod"),
        verdict("b", Outcome.NOT_APPLICABLE, "dev"),
    )
    assert [(one.message, one.context, one.contexts) for one in made.findings()] == [
        ("wrong", "prod", (0, 1)),
        ("unknown", "prod", (1,)),
    ]


def test_other_things_found_are_other_findings() -> None:
    """One message may be said of several things, or worlds, or be waived: none of them stands for the others."""
    deleting = replace(verdict("a", Outcome.NON_COMPLIANT, "prod"), found=["dynamodb:DeleteTable"])
    made = tally(
        replace(verdict("a", Outcome.NON_COMPLIANT), found=["dynamodb:CreateBackup"]),
        deleting,
        replace(deleting, assuming=("IsProd is true",)),
        replace(deleting, outcome=Outcome.WAIVED, waiver="one"),
        replace(deleting, outcome=Outcome.WAIVED, waiver="another", context="dev"),
    )
    assert [(one.found, one.assuming, one.contexts, one.waiver) for one in made.findings()] == [
        (["dynamodb:CreateBackup"], (), (0,), None),
        (["dynamodb:DeleteTable"], (), (1,), None),
        (["dynamodb:DeleteTable"], ("IsProd is true",), (1,), None),
        (["dynamodb:DeleteTable"], (), (1,), "one"),
        (["dynamodb:DeleteTable"], (), (0,), "another"),
    ]


def test_the_finding_that_was_looked_up_is_shown() -> None:
    """Of verdicts that say the same, the one that something was looked up for stands for the others."""
    made = tally(verdict("a", Outcome.ERROR, "dev"))
    made.add(verdict("a", Outcome.ERROR, "prod"), Shown({"worthwatch:stage": "prod"}, "see it"))
    (found,) = made.findings()
    assert (found.context, found.minimal, found.command) == ("prod", {"worthwatch:stage": "prod"}, "see it")


def test_axes_do_not_depend_on_how_contexts_are_written() -> None:
    """Our keys come as the settings have them, all others by name, in whichever order a context holds them."""
    keys = ["worthwatch:stage", "b", "worthwatch:deployVpc", "a"]
    orders = []
    for written in (keys, sorted(keys), list(reversed(keys))):
        made = Tally()
        made.add_context(TracedContext("dev", dict.fromkeys(written, 1), None, None, (), None, ()))
        orders.append([axis.key for axis in made.axes()])
    assert orders == [["worthwatch:stage", "worthwatch:deployVpc", "a", "b"]] * 3


def peak(contexts: int) -> int:
    """Return the most bytes that were held at a time while verdicts on so many contexts were taken in, for each one."""
    names = [f"context {number}" for number in range(contexts)]
    tracemalloc.start()
    made = Tally()
    for name in names:
        made.add_context(TracedContext(name, {}, None, None, (), None, ()))
        for scenario in range(21):
            made.add(Verdict("storage", f"keys/scenario-{scenario}", Outcome.COMPLIANT, context=name))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most // contexts


def test_memory() -> None:
    """A context takes less than the object of a single one of its 21 verdicts would with its texts."""
    assert peak(2_000) < 600


@pytest.mark.parametrize("standing", list(Standing))
def test_standing(standing: Standing) -> None:
    """The worst outcome decides, and only verdicts in every context make a pass."""
    assert judged(standing).standing is standing
    lacking = judged(standing, lacking=1).standing
    passes = {Standing.COMPLIANT, Standing.WAIVED, Standing.NOT_APPLICABLE}
    assert lacking is (Standing.NOT_RUN if standing in passes else standing)


@pytest.mark.parametrize("other", list(Outcome))
def test_what_is_waived_hides_nothing(other: Outcome) -> None:
    """Beside anything worse it is that; beside what is compliant or not applicable it stays waived."""
    assert list(Outcome)[:3] == [Outcome.NOT_APPLICABLE, Outcome.COMPLIANT, Outcome.WAIVED]
    worse = other.rank > Outcome.WAIVED.rank
    found = standing_of(Counter({Outcome.WAIVED: 5, other: 1}), 0)
    assert found is (Standing(other.value) if worse else Standing.WAIVED)


@pytest.mark.parametrize(
    ("made", "exit_code"),
    [
        (record(Standing.COMPLIANT), 0),
        (record(Standing.COMPLIANT, problems=(Trouble("dev", "broken"),)), 2),
        (record(Standing.COMPLIANT, Standing.WAIVED), 0),
        (record(Standing.WAIVED, problems=(Trouble("dev", "broken"),)), 2),
        (record(Standing.WAIVED, Standing.NOT_APPLICABLE), 2),
        (record(Standing.WAIVED, Standing.NOT_RUN), 2),
        (record(Standing.WAIVED, Standing.UNDETERMINED), 2),
        (record(Standing.WAIVED, Standing.NON_COMPLIANT), 1),
        (record(Standing.WAIVED, Standing.ERROR), 2),
        (record(Standing.COMPLIANT, Standing.NOT_APPLICABLE), 2),
        (record(Standing.COMPLIANT, Standing.NOT_RUN), 2),
        (record(Standing.COMPLIANT, Standing.UNDETERMINED), 2),
        (record(Standing.COMPLIANT, Standing.NON_COMPLIANT), 1),
        (record(Standing.UNDETERMINED, Standing.NON_COMPLIANT), 1),
        (record(Standing.NOT_RUN, Standing.NON_COMPLIANT), 2),
        (record(Standing.ERROR, Standing.NON_COMPLIANT), 2),
        (record(scenarios=()), 2),
    ],
)
def test_exit_code(made: Record, exit_code: int) -> None:
    """Only compliant and waived scenarios, one at least, come to 0."""
    assert made.exit_code == exit_code


def test_conclude() -> None:
    """A record holds every scenario that is shipped, judged or not, in the order of the specs."""
    made = Tally()
    made.add_context(DEV)
    entries = load()
    made.add(entries[0].verdict(Outcome.COMPLIANT, context="dev"))
    found = conclude(made, [Trouble("dev", "broken")], PROVENANCE, Scanned())
    assert [one.scenario.id for one in found.scenarios] == [entry.scenario.id for entry in entries]
    assert [one.standing for one in found.scenarios] == [Standing.COMPLIANT] + [Standing.NOT_RUN] * (len(entries) - 1)
    assert found.scenarios[0] == JudgedScenario(
        entries[0].scenario,
        found.specs[0].requirements[0],
        entries[0].page,
        OUTCOMES[Standing.COMPLIANT] - Counter({Outcome.COMPLIANT: 1}),
    )
    assert (found.problems, found.findings, found.provenance) == ((Trouble("dev", "broken"),), (), PROVENANCE)
    assert [context.name for context in found.contexts] == ["dev"]
    assert [len(one.outcomes) for one in found.contexts] == [len(entries)]
