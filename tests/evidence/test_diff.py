"""Two traces compared: every kind of change by its whole value, what of it is a loss, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.diff.alerts import AlertChange
from evidence.diff.comparison import compare
from evidence.diff.contexts import AxisValue, Changes, Transition
from evidence.diff.model import Diff, FewerPassed, Loss, ScenarioChange, Standing
from evidence.diff.reading import Orphan, Problem, parse_trace
from evidence.model import Scanner, State
from policies.model import Outcome
from tests.evidence.trace_documents import (
    ALL_KILLED,
    DEV,
    KEY,
    NONE,
    NOT_RUN,
    PROD,
    SORT,
    STAGE,
    VPC,
    Json,
    alert,
    context,
    diff,
    linked,
    scanned,
    scenario,
    static,
    trace,
    with_key,
)

NOTHING = Diff((), Changes(), Changes(), Changes(), Changes(), Changes(), (), (), ())


def changed(before: str = "covered", after: str = "covered", **other: Any) -> ScenarioChange:
    """Return what became of that scenario."""
    return replace(ScenarioChange(Standing(KEY, State(before)), Standing(KEY, State(after))), **other)


def with_waived(*contexts: Json) -> Json:
    """Return a trace document of these contexts, of which a waiver covers that scenario in some."""
    return trace(scenarios=[scenario(KEY, "waived"), scenario(SORT)], contexts=list(contexts))


def test_the_same_is_no_change() -> None:
    """A trace compared with itself has no change, and nothing was left out."""
    assert diff(trace(), trace()) == NOTHING
    assert NOTHING.is_empty
    assert NOTHING.exit_code == 0


class TestScenarios:
    """What becomes of scenarios."""

    def test_one_that_is_added_covered_loses_nothing(self) -> None:
        """It is told."""
        new = trace(scenarios=[scenario(KEY), scenario("storage#a/b"), scenario(SORT)], contexts=[])
        found = diff(trace(contexts=[]), new)
        assert found == replace(NOTHING, scenarios=(ScenarioChange(None, Standing("storage#a/b", State.COVERED)),))
        assert found.exit_code == 0

    @pytest.mark.parametrize("state", [state for state in State if state is not State.COVERED])
    def test_one_that_is_added_must_be_covered(self, state: State) -> None:
        """Coverage falls with each that is not."""
        new = trace(scenarios=[scenario(KEY), scenario(SORT), scenario("storage#a/b", state)], contexts=[])
        assert diff(trace(contexts=[]), new) == replace(
            NOTHING,
            scenarios=(ScenarioChange(None, Standing("storage#a/b", state)),),
            losses=(Loss("storage#a/b", f"was added and is {state}"),),
        )

    def test_one_that_left_the_spec_loses_nothing(self) -> None:
        """It takes its coverage with it."""
        found = diff(trace(contexts=[]), trace(scenarios=[scenario(SORT)], contexts=[]))
        assert found == replace(NOTHING, scenarios=(ScenarioChange(Standing(KEY, State.COVERED), None),))
        assert found.exit_code == 0

    def test_one_that_leaves_its_test_behind_fails(self) -> None:
        """What is left behind is an orphan."""
        left = {"kind": "test", "name": "tests/key.py::test_it", "message": "marked with nothing"}
        found = diff(trace(contexts=[]), trace(scenarios=[scenario(SORT)], contexts=[], orphans=[left]))
        assert found.losses == (Loss("tests/key.py::test_it", "a test that has become an orphan"),)
        assert found.orphans == Changes(gained=(Orphan(kind="test", name=left["name"], message=left["message"]),))
        assert found.exit_code == 1

    def test_one_that_moved_is_renamed(self) -> None:
        """Its text is the same, its id another."""
        moved = scenario(KEY) | {"id": "storage#other/key", "steps": []}
        found = diff(trace(), trace(scenarios=[scenario(SORT), moved]))
        after = Standing("storage#other/key", State.COVERED)
        assert found == replace(NOTHING, scenarios=(ScenarioChange(Standing(KEY, State.COVERED), after),))
        assert found.scenarios[0].kind == "renamed"

    def test_one_with_a_new_name_is_renamed(self) -> None:
        """Its steps are the same; its rule is not found any more under the new name, which is a loss."""
        renamed = scenario("storage#keys/other", "uncovered", steps=scenario(KEY)["steps"], rule=None, tests=[])
        assert diff(trace(), trace(scenarios=[renamed, scenario(SORT)])) == replace(
            NOTHING,
            scenarios=(
                ScenarioChange(
                    Standing(KEY, State.COVERED),
                    Standing("storage#keys/other", State.UNCOVERED),
                    newly=(State.UNCOVERED,),
                    edited=("scenario",),
                    rules=("policies.key", None),
                    tests_lost=("tests/key.py::test_it",),
                ),
            ),
            losses=(
                Loss("storage#keys/other", "was covered and is uncovered"),
                Loss("storage#keys/other", "its rule is gone"),
                Loss("storage#keys/other", "all of its tests are gone:", ("tests/key.py::test_it",)),
            ),
        )

    @pytest.mark.parametrize("state", [state for state in State if state is not State.COVERED])
    def test_a_state_that_gets_worse_is_a_loss(self, state: State) -> None:
        """It is, whatever the scenario was covered by; and that it was mended is none."""
        assert diff(trace(), with_key(state)) == replace(
            NOTHING,
            scenarios=(changed(after=state, newly=(state,)),),
            losses=(Loss(KEY, f"was covered and is {state}"),),
        )
        assert diff(with_key(state), trace()) == replace(
            NOTHING, scenarios=(changed(before=state, no_longer=(state,)),)
        )

    def test_several_problems_are_told_the_gravest_first(self) -> None:
        """All of them are new."""
        found = diff(trace(), with_key("failing", "vacuous", "uncovered"))
        assert found.losses == (Loss(KEY, "was covered and is uncovered, failing, vacuous"),)

    @pytest.mark.parametrize("state", [state for state in State if state not in {State.OUTDATED, State.COVERED}])
    def test_a_new_kind_of_problem_is_a_loss(self, state: State) -> None:
        """It is, whatever the state was before; what was so before is none."""
        found = diff(with_key("outdated"), with_key("outdated", state))
        change = changed("outdated", "outdated", newly=(state,))
        loss = Loss(KEY, f"was outdated and is {state}")
        assert found == replace(NOTHING, scenarios=(change,), losses=(loss,))
        assert diff(with_key(state), with_key(state)) == NOTHING

    def test_another_problem_is_a_loss(self) -> None:
        """Though the one it had is gone."""
        found = diff(with_key("vacuous"), with_key("failing"))
        change = changed("vacuous", "failing", newly=(State.FAILING,), no_longer=(State.VACUOUS,))
        assert found == replace(NOTHING, scenarios=(change,), losses=(Loss(KEY, "was vacuous and is failing"),))

    def test_another_text_is_told(self) -> None:
        """It loses nothing as long as it was reviewed."""
        new = with_key(fingerprint={"requirement": "sha256:other", "scenario": "sha256:other"})
        assert diff(trace(), new) == replace(NOTHING, scenarios=(changed(edited=("requirement", "scenario")),))

    def test_another_rule_is_told(self) -> None:
        """It loses nothing as long as there is one."""
        new = with_key(rule=scenario(SORT)["rule"])
        found = replace(NOTHING, scenarios=(changed(rules=("policies.key", "policies.sort")),))
        assert diff(trace(), new) == found

    def test_a_rule_that_is_gone_is_a_loss(self) -> None:
        """It is one for a scenario that was not covered, too."""
        found = diff(with_key("uncovered"), with_key("uncovered", rule=None))
        assert found.losses == (Loss(KEY, "its rule is gone"),)


class TestTests:
    """What becomes of the tests of a scenario."""

    A, B, C, D = (linked(f"tests/key.py::test_{name}", passed=1) for name in "abcd")

    def test_fewer_tests_are_a_loss(self) -> None:
        """They are, though some are left."""
        change = changed(tests_lost=(self.B["id"],))
        loss = Loss(KEY, "1 of its 2 tests is gone:", (self.B["id"],))
        assert diff(with_key(tests=[self.A, self.B]), with_key(tests=[self.A])) == replace(
            NOTHING, scenarios=(change,), losses=(loss,)
        )
        found = diff(with_key(tests=[self.A, self.B, self.C]), with_key(tests=[self.A, self.D]))
        assert found.losses == (Loss(KEY, "2 of its 3 tests are gone:", (self.B["id"], self.C["id"])),)

    def test_as_many_other_tests_are_told(self) -> None:
        """Those that are gone and those that are new; they may have been renamed."""
        change = changed(tests_lost=(self.A["id"],), tests_gained=(self.C["id"],))
        found = diff(with_key(tests=[self.A, self.B]), with_key(tests=[self.B, self.C]))
        assert found == replace(NOTHING, scenarios=(change,))

    def test_no_test_any_more_is_a_loss(self) -> None:
        """It is one for a scenario that was not covered, too."""
        found = diff(with_key("uncovered", tests=[self.A, self.B]), with_key("uncovered", tests=[]))
        assert found.losses == (Loss(KEY, "all of its tests are gone:", (self.A["id"], self.B["id"])),)
        assert found.exit_code == 1

    def test_tests_are_lost_without_results_too(self) -> None:
        """Links alone show it."""
        found = diff(static(scenario(KEY, tests=[self.A, self.B])), static(scenario(KEY, tests=[self.B])))
        assert found.losses == (Loss(KEY, "1 of its 2 tests is gone:", (self.A["id"],)),)

    def test_fewer_passed_cases_are_told(self) -> None:
        """They are no loss as long as one passes."""
        found = diff(with_key(tests=[linked("a", passed=8)]), with_key(tests=[linked("a", passed=3)]))
        assert found == replace(NOTHING, scenarios=(changed(fewer_passed=(FewerPassed("a", 8, 3),)),))

    def test_a_test_that_fails_now_is_a_loss(self) -> None:
        """Though another failed before; so is a new one that fails, but not one that failed before."""
        old = with_key("failing", tests=[linked("a", failed=1), linked("b", passed=1)])
        tests = [linked("a", failed=1), linked("b", error=1), linked("c", passed=1, failed=1)]
        change = changed(
            "failing", "failing", tests_gained=("c",), failing=("b", "c"), fewer_passed=(FewerPassed("b", 1, 0),)
        )
        loss = Loss(KEY, "tests that did not fail before fail now:", ("b", "c"))
        found = diff(old, with_key("failing", tests=tests))
        assert found == replace(NOTHING, scenarios=(change,), losses=(loss,))

    def test_a_test_that_fails_where_the_gate_failed_is_a_loss(self) -> None:
        """The state is the same, and what shows it is more."""
        counts = NONE | {"compliant": 2, "non-compliant": 1}
        old = with_key("failing", outcomes=counts, tests=[self.A])
        new = with_key("failing", outcomes=counts, tests=[self.A | {"cases": linked("", failed=1)["cases"]}])
        assert diff(old, new).losses == (Loss(KEY, "is failing by the tests, which it was not before"),)

    def test_a_test_that_is_not_run_any_more_is_a_loss(self) -> None:
        """Though another was not run before."""
        old = with_key("never-run", tests=[linked("a", skipped=1), linked("b", passed=1)])
        new = with_key("never-run", tests=[linked("a", skipped=1), linked("b", skipped=1)])
        assert diff(old, new).losses == (Loss(KEY, "tests that were run before are only skipped now:", ("b",)),)
        assert diff(new, old).losses == ()


class TestResults:
    """What becomes of the outcomes in contexts."""

    def test_outcomes_that_change_are_counted(self) -> None:
        """By what they were and are, with the first context, in the contexts of both traces."""
        old = trace(contexts=[DEV, PROD, context("vpc", {VPC: True})])
        new = trace(
            scenarios=[scenario(KEY, "failing"), scenario(SORT, outcomes=NONE | {"compliant": 2})],
            contexts=[
                context("development", {STAGE: "dev"}, "non-compliant", "compliant"),
                context("prod", {STAGE: "prod"}, "non-compliant", "not-applicable"),
                context("vpc", {VPC: True}),
            ],
        )
        for each in (old, new):  # what a gate judged of the matrix as a whole is counted, too
            each["scenarios"][1]["outcomes"] = NONE | {"compliant": 4, "not-applicable": 1}
        worse = Transition(Outcome.COMPLIANT, Outcome.NON_COMPLIANT, 2, "development")
        other = Transition(Outcome.COMPLIANT, Outcome.NOT_APPLICABLE, 1, "prod")
        standing = Standing(SORT, State.COVERED)
        assert diff(old, new) == replace(
            NOTHING,
            scenarios=(
                changed(after="failing", newly=(State.FAILING,), transitions=(worse,)),
                ScenarioChange(standing, standing, transitions=(other,)),
            ),
            losses=(
                Loss(KEY, "was covered and is failing"),
                Loss(SORT, "does not apply any more in 1 context, where it was compliant, such as", ("prod",)),
            ),
        )

    @pytest.mark.parametrize("before", ["compliant", "not-applicable", None])
    def test_what_a_waiver_covers_now_is_a_loss(self, before: str | None) -> None:
        """It held, or was not judged, and now it is violated: the state tells it, or else the contexts."""
        old = trace(contexts=[DEV | {"outcomes": [before, "compliant"]}, PROD])
        new = with_waived(DEV | {"outcomes": ["waived", "compliant"]}, PROD)
        assert diff(old, new).losses == (Loss(KEY, "was covered and is waived"),)
        more = with_waived(*(each | {"outcomes": ["waived", "compliant"]} for each in (DEV, PROD)))
        lost = Loss(KEY, "is waived in 1 context, where it was compliant, such as", ("prod",))
        assert diff(new, more).losses == (lost,)

    @pytest.mark.parametrize(("before", "state"), [("non-compliant", "failing"), ("undetermined", "undetermined")])
    def test_a_waiver_on_what_was_no_better_is_no_loss(self, before: str, state: str) -> None:
        """Nor a gain: it is told what it was and is. Where the waiver ends, it is lost; once mended, it is not."""
        contexts = DEV | {"outcomes": [before, "compliant"]}, PROD
        old = trace(scenarios=[scenario(KEY, state), scenario(SORT)], contexts=list(contexts))
        new = with_waived(DEV | {"outcomes": ["waived", "compliant"]}, PROD)
        found = diff(old, new)
        transition = Transition(Outcome(before), Outcome.WAIVED, 1, "dev")
        change = changed(state, "waived", newly=(State.WAIVED,), no_longer=(State(state),), transitions=(transition,))
        assert found == replace(NOTHING, scenarios=(change,))
        assert diff(new, old).losses == (Loss(KEY, f"was waived and is {state}"),)
        assert diff(new, trace()).losses == ()

    def test_a_waiver_on_what_held_elsewhere_is_a_loss(self) -> None:
        """That it failed in one context does not excuse that it is waived in another."""
        contexts = [DEV | {"outcomes": ["non-compliant", "compliant"]}, PROD]
        old = trace(scenarios=[scenario(KEY, "failing"), scenario(SORT)], contexts=contexts)
        new = with_waived(*(each | {"outcomes": ["waived", "compliant"]} for each in (DEV, PROD)))
        lost = Loss(KEY, "is waived in 1 context, where it was compliant, such as", ("prod",))
        assert diff(old, new).losses == (lost,)

    A, B = context("a", {"c": 1}), context("b", {"c": 2})

    def between(self, before: str | None, after: str | None) -> tuple[Loss, ...]:
        """Return what is lost from one outcome to another in two contexts, where every problem was there before."""
        bad = ("error", "non-compliant", "undetermined")
        fixed = [context(one, {"c": one}, one, "compliant") for one in bad]
        old, new = (
            trace(
                scenarios=[scenario(KEY, "error", "failing", "undetermined"), scenario(SORT)],
                contexts=[each | {"outcomes": [outcome, "compliant"]} for each in (self.A, self.B)] + fixed,
            )
            for outcome in (before, after)
        )
        return diff(old, new).losses

    @pytest.mark.parametrize("before", ["compliant", "not-applicable", None])
    @pytest.mark.parametrize("after", ["non-compliant", "undetermined", "error"])
    def test_what_fails_in_more_contexts_is_a_loss(self, before: str | None, after: str) -> None:
        """It is, though it failed in others before."""
        was = before or "not judged"
        assert self.between(before, after) == (
            Loss(KEY, f"is {after} in 2 contexts, where it was {was}, such as", ("a",)),
        )

    @pytest.mark.parametrize("before", ["compliant", "not-applicable", "undetermined", "non-compliant"])
    def test_what_is_not_judged_any_more_is_a_loss(self, before: str) -> None:
        """It is, though the scenario is judged in others."""
        assert self.between(before, None) == (
            Loss(KEY, f"is not judged any more in 2 contexts, where it was {before}, such as", ("a",)),
        )

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("non-compliant", "compliant"),
            ("non-compliant", "undetermined"),
            ("error", None),
            ("error", "undetermined"),
            (None, "not-applicable"),
            ("not-applicable", "compliant"),
            ("undetermined", "not-applicable"),
        ],
    )
    def test_what_gets_no_worse_is_no_loss(self, before: str | None, after: str | None) -> None:
        """It is told."""
        assert self.between(before, after) == ()

    def test_a_failing_context_is_no_loss_where_the_state_says_so(self) -> None:
        """One thing is one loss: the outcome changed in all contexts, and so did the state."""
        na = [each | {"outcomes": ["not-applicable", "compliant"]} for each in (DEV, PROD)]
        vacuous = [scenario(KEY, "vacuous", outcomes=NONE), scenario(SORT)]
        assert diff(trace(), trace(scenarios=vacuous, contexts=na)).losses == (Loss(KEY, "was covered and is vacuous"),)

    def test_what_the_gate_shows_where_tests_failed_is_a_loss(self) -> None:
        """The state is the same, and what shows it is more."""
        tests = [linked("a", failed=1)]
        old = with_key("failing", tests=tests)
        new = with_key("failing", tests=tests, outcomes=NONE | {"compliant": 2, "non-compliant": 1})
        assert diff(old, new).losses == (Loss(KEY, "is failing by the gate, which it was not before"),)

    def test_no_result_any_more_is_a_loss(self) -> None:
        """It is one for a scenario that was not covered, too; once, and not for every context."""
        silent = [context(each["name"], each["values"], None, "compliant") for each in (DEV, PROD)]
        new = [scenario(KEY, "outdated", "never-run", outcomes=NONE), scenario(SORT)]
        found = diff(with_key("outdated"), trace(scenarios=new, contexts=silent))
        assert found.losses == (Loss(KEY, "was outdated and is never-run"),)

    def test_errors_alone_are_no_result(self) -> None:
        """They are, though there was an error before."""
        broken = context("broken", {"c": 1}, "error", "compliant")
        failed = [each | {"outcomes": ["error", "compliant"]} for each in (DEV, PROD, broken)]
        old = trace(scenarios=[scenario(KEY, "error"), scenario(SORT)], contexts=[DEV, PROD, broken])
        new = [scenario(KEY, "error", outcomes=NONE), scenario(SORT)]
        found = diff(old, trace(scenarios=new, contexts=failed))
        assert found.losses == (Loss(KEY, "the gate has no result of it any more"),)

    def test_of_two_that_are_the_same_the_worst_counts(self) -> None:
        """A context may stand there under two names."""
        bad = [scenario(KEY, "failing"), scenario(SORT)]
        again = DEV | {"name": "again"}
        worse = again | {"outcomes": ["non-compliant", "compliant"]}
        other = context("vpc", {VPC: True}, "non-compliant", "compliant")
        old = trace(scenarios=bad, contexts=[DEV, again, other])
        new = trace(scenarios=bad, contexts=[DEV, worse, other])
        loss = Loss(KEY, "is non-compliant in 1 context, where it was compliant, such as", ("dev",))
        assert diff(old, new).losses == (loss,)


class TestContexts:
    """What becomes of contexts and the values of axes."""

    def test_a_name_is_nothing(self) -> None:
        """A context is what it sets, in whatever order, and what it must refuse."""
        old = context("a", {STAGE: "dev", VPC: True}, account="1", region="eu", refused=["x", "y"])
        new = context("b", {VPC: True, STAGE: "dev"}, account="1", region="eu", refused=["y", "x"])
        assert diff(trace(contexts=[old]), trace(contexts=[new])) == NOTHING

    @pytest.mark.parametrize(
        ("other", "lost"),
        [
            ({"values": {STAGE: "dev", VPC: "true"}}, ["worthwatch:deployVpc=true"]),
            ({"values": {STAGE: "dev"}}, ["worthwatch:deployVpc=true"]),
            ({"account": "2"}, ['account="1"']),
            ({"region": None}, ["region=eu"]),
            (
                {"refused": [STAGE]},
                ['account="1"', "region=eu", "worthwatch:stage=dev", "worthwatch:deployVpc=true"],
            ),
        ],
    )
    def test_what_differs_is_another_context(self, other: Json, lost: list[str]) -> None:
        """True is not "true", and each of the four parts counts; what is lost by itself is not told in pairs again."""
        old = context("a", {STAGE: "dev", VPC: True}, account="1", region="eu")
        found = diff(trace(contexts=[old]), trace(contexts=[old | other]))
        assert [each.name for each in (*found.contexts.lost, *found.contexts.gained)] == ["a", "a"]
        assert [loss.where for loss in found.losses] == lost

    def test_two_values_together_are_lost(self) -> None:
        """A matrix that covers pairs is another one after each change: what counts is what is tried together."""
        both = context("both", {STAGE: "prod", VPC: True, "c": 1})
        apart = [context("a", {STAGE: "prod", VPC: False, "c": 1}), context("b", {STAGE: "dev", VPC: True, "c": 1})]
        together = [*apart, context("c", {STAGE: "prod", VPC: True, "c": 2})]
        pair = ("worthwatch:deployVpc=true with worthwatch:stage=prod",)
        message = "none has these two values together any more:"
        assert diff(trace(contexts=[both, *apart]), trace(contexts=apart)).losses == (Loss("contexts", message, pair),)
        found = diff(trace(contexts=[both, *apart]), trace(contexts=together))
        assert (len(found.contexts.lost), found.losses) == (1, ())

    def test_a_value_with_a_key_that_is_not_set_is_a_pair(self) -> None:
        """That a context leaves to the defaults what others set is tried, too."""
        kept = [context("a", {STAGE: "prod", VPC: True}), context("b", {STAGE: "dev"}), context("c", {VPC: True})]
        found = diff(trace(contexts=[PROD, *kept]), trace(contexts=kept))
        pair = ("worthwatch:deployVpc unset with worthwatch:stage=prod",)
        assert found.losses == (Loss("contexts", "none has these two values together any more:", pair),)

    def test_of_many_pairs_the_first_is_told(self) -> None:
        """And how many there are."""
        kept = [context(key, {"a": 0, "b": 0, "c": 0} | {key: 1}) for key in "abc"]
        found = diff(trace(contexts=[context("gone", {"a": 1, "b": 1, "c": 1}), *kept]), trace(contexts=kept))
        message = "none has 3 pairs of values together any more, such as"
        assert found.losses == (Loss("contexts", message, ("a=1 with b=1",)),)

    def test_the_context_that_sets_nothing_is_lost(self) -> None:
        """It is what most people deploy: it is a loss though others show every pair of values that it has."""
        unset, kept = context("defaults", {}), [DEV, context("vpc", {VPC: True}), context("eu", {}, region="eu")]
        found = diff(trace(contexts=[unset, *kept]), trace(contexts=kept))
        message = "the one that sets nothing, which most people deploy, is gone:"
        assert found.losses == (Loss("contexts", message, ("defaults",)),)

    def test_a_refusal_is_lost(self) -> None:
        """What had to be refused is tried by nothing else."""
        refused = context("refused", {STAGE: "x"}, refused=[STAGE])
        found = diff(trace(contexts=[DEV, refused]), trace(contexts=[DEV]))
        assert found.losses == (Loss("contexts", "1 of those that had to be refused is gone"),)

    def test_a_context_that_was_not_judged_is_no_loss(self) -> None:
        """It is told."""
        broken = context("broken", {STAGE: "x"}, "error", None)
        scenarios = [scenario(KEY, "error"), scenario(SORT)]
        old = parse_trace(trace(scenarios=scenarios, contexts=[DEV, PROD, broken]), "old.json")
        found = compare(old, parse_trace(trace(scenarios=scenarios), "new.json"))
        assert found == replace(NOTHING, contexts=Changes(lost=(old.contexts[2],)))

    def test_values_that_no_context_has_any_more_are_lost(self) -> None:
        """A context that must be refused shows nothing of the values that it sets."""
        refused = context("refused", {STAGE: "prod", VPC: 1}, refused=[VPC])
        found = diff(trace(contexts=[DEV, PROD, refused]), trace(contexts=[DEV, refused]))
        assert found.axes == Changes(lost=(AxisValue(STAGE, '"prod"'),))
        assert found.losses == (Loss("worthwatch:stage=prod", "is in no judged context any more"),)

    def test_account_region_and_the_unset_are_values(self) -> None:
        """A key that no context leaves unset any more has lost a value; a new value is gained."""
        old = context("a", {VPC: True}, account="1", region="eu")
        new = context("a", {STAGE: "true"}, account="1", region="us")
        assert diff(trace(contexts=[old]), trace(contexts=[new])).axes == Changes(
            lost=(AxisValue("region", '"eu"'), AxisValue(VPC, "true"), AxisValue(STAGE, None)),
            gained=(AxisValue("region", '"us"'), AxisValue(STAGE, '"true"'), AxisValue(VPC, None)),
        )

    def test_of_one_that_stands_twice_one_may_go(self) -> None:
        """It is still judged."""
        assert diff(trace(contexts=[DEV, DEV | {"name": "again"}]), trace(contexts=[DEV])) == NOTHING


def of_scanners(*alerts: Json, contexts: tuple[Json, ...] = (DEV, PROD), **versions: str | None) -> Json:
    """Return a trace document in which other scanners have found this."""
    return trace(scanned=scanned(*alerts, **versions), contexts=list(contexts))


class TestScanners:
    """What other scanners have found."""

    NAME = "checkov R on Storage/Table"
    STANDS, WAIVED = Outcome.NON_COMPLIANT, Outcome.WAIVED

    def changed(self, old: Json, new: Json) -> list[tuple[object, ...]]:
        """Return what became of alerts, without what is told of them."""
        return [change[1:] for change in diff(old, new).alerts]

    @pytest.mark.parametrize(
        ("old", "new", "change", "message"),
        [
            ([], [alert("R")], (None, STANDS, 2, "dev"), "is new, and not waived"),
            ([], [alert("R", waived=[1])], (None, STANDS, 1, "dev"), "is new, and not waived"),
            (
                [alert("R", waived=[0, 1])],
                [alert("R", waived=[0])],
                (WAIVED, STANDS, 1, "prod"),
                "was waived, and is not waived in every context any more",
            ),
            ([alert("R", [0])], [alert("R")], (STANDS, STANDS, 1, "prod"), "is not waived in 1 context more, such as"),
            (
                [alert("R", waived=[1])],
                [alert("R")],
                (STANDS, STANDS, 1, "prod"),
                "is not waived in 1 context more, such as",
            ),
        ],
    )
    def test_what_is_not_waived_and_was_not_so_is_a_loss(
        self, old: list[Json], new: list[Json], change: tuple[object, ...], message: str
    ) -> None:
        """In any context."""
        found = diff(of_scanners(*old), of_scanners(*new))
        assert [each[1:] for each in found.alerts] == [change]
        names = ("prod",) if message.endswith("such as") else ()
        assert found.losses == (Loss(self.NAME, message, names),)
        assert found.exit_code == 1

    @pytest.mark.parametrize(
        ("old", "new", "change"),
        [
            ([alert("R")], [], (STANDS, None, 0, None)),
            ([alert("R", waived=[0, 1])], [], (WAIVED, None, 0, None)),
            ([alert("R")], [alert("R", waived=[0, 1])], (STANDS, WAIVED, 0, None)),
            ([], [alert("R", waived=[0, 1])], (None, WAIVED, 0, None)),
        ],
    )
    def test_what_is_gone_or_waived_now_is_told(
        self, old: list[Json], new: list[Json], change: tuple[object, ...]
    ) -> None:
        """And loses nothing: whoever reviews a waiver decides on it."""
        found = diff(of_scanners(*old), of_scanners(*new))
        assert [each[1:] for each in found.alerts] == [change]
        assert found == replace(NOTHING, alerts=found.alerts)
        assert not found.is_empty

    def test_what_is_told_of_an_alert(self) -> None:
        """It is the new trace's, or the old one's where it is gone; what is gone comes last."""
        gone, came = alert("GONE"), alert("CAME", waived=[0, 1])
        old, new = of_scanners(gone), of_scanners(came)
        there = parse_trace(old, "old.json").scanned.scanned().alerts[0]
        here = parse_trace(new, "new.json").scanned.scanned().alerts[0]
        assert diff(old, new).alerts == (
            AlertChange(here, None, Outcome.WAIVED),
            AlertChange(there, Outcome.NON_COMPLIANT, None),
        )

    def test_another_day_is_no_change(self) -> None:
        """The days left are others every day; nor is another message, which is the scanner's own business."""
        today, tomorrow = (alert("R", waived=[0, 1], waivers=[f"by Jane, {days} days left"]) for days in (9, 8))
        assert diff(of_scanners(today), of_scanners(tomorrow | {"message": "other words"})) == NOTHING

    def test_another_fingerprint_is_another_finding(self) -> None:
        """What has changed is new, and what it was is gone."""
        old, new = alert("R", waived=[0, 1]), alert("R", fingerprint="f" * 32)
        assert self.changed(of_scanners(old), of_scanners(new)) == [
            (None, self.STANDS, 2, "dev"),
            (self.WAIVED, None, 0, None),
        ]

    def test_contexts_are_compared_by_what_they_are(self) -> None:
        """Neither their order nor their names, nor contexts that one trace alone has, make an alert new."""
        vpc = context("vpc", {VPC: True})
        old = of_scanners(alert("R", [0]))
        assert self.changed(old, of_scanners(alert("R", [1]), contexts=(PROD, DEV | {"name": "d"}))) == []
        assert self.changed(old, of_scanners(alert("R", [0, 2]), contexts=(DEV, PROD, vpc))) == []
        assert self.changed(old, of_scanners(alert("R", [0, 1]), contexts=(PROD | {"name": "p"}, DEV))) == [
            (self.STANDS, self.STANDS, 1, "p")
        ]

    def test_one_that_is_not_asked_any_more_is_a_loss(self) -> None:
        """What it had found is not told as gone."""
        old = of_scanners(alert("R"), checkov="3", tfsec=None)
        assert diff(old, of_scanners(tfsec=None)) == replace(
            NOTHING,
            scanners=Changes(lost=(Scanner("checkov", "3"),)),
            losses=(
                Loss("checkov", "another scanner that was asked before and is not any more; gate --import takes it"),
            ),
        )

    def test_another_version_or_a_new_one_is_told(self) -> None:
        """It loses nothing."""
        changes = Changes(lost=(Scanner("checkov", "3"),), gained=(Scanner("checkov", "4"), Scanner("tfsec", None)))
        found = diff(of_scanners(), of_scanners(checkov="4", tfsec=None))
        assert found == replace(NOTHING, scanners=changes)
        assert not found.is_empty

    def test_what_one_that_is_new_has_found_is_a_loss(self) -> None:
        """It may have been so before, and it is not as it should be."""
        found = diff(trace(), of_scanners(alert("R")))
        assert found.losses == (Loss(self.NAME, "is new, and not waived"),)
        unjudged = diff(static(scenario(KEY), scenario(SORT)), of_scanners(alert("R")))
        assert unjudged.losses == (Loss(self.NAME, "is new, and not waived"),)
        assert [each[1:] for each in unjudged.alerts] == [(None, Outcome.NON_COMPLIANT, 0, None)]

    def test_without_a_gate_s_results_scanners_are_not_compared(self) -> None:
        """That the results are not given any more is the loss."""
        found = diff(of_scanners(alert("R")), static(scenario(KEY), scenario(SORT)))
        assert (found.scanners, found.alerts) == (Changes(), ())
        assert [loss.where for loss in found.losses] == [
            "results of the gate",
            "results of the tests",
            "results of the proof",
        ]


class TestRun:
    """What becomes of orphans and problems."""

    @pytest.mark.parametrize("kind", ["rule", "test", "review", "result"])
    def test_a_new_orphan_is_a_loss(self, kind: str) -> None:
        """One that is gone is none; one whose message alone is another is the same."""
        one = Orphan.model_validate({"kind": kind, "name": "name", "message": "message"})
        new = trace(orphans=[one.model_dump()])
        assert diff(trace(), new) == replace(
            NOTHING,
            orphans=Changes(gained=(one,)),
            losses=(Loss("name", f"a {kind} that has become an orphan"),),
        )
        assert diff(new, trace()) == replace(NOTHING, orphans=Changes(lost=(one,)))
        assert diff(new, trace(orphans=[one.model_dump() | {"message": "other"}])) == NOTHING

    def test_a_second_orphan_of_one_name_is_new(self) -> None:
        """A test may be marked with two scenarios that no spec has."""
        one = {"kind": "test", "name": "name", "message": "message"}
        assert len(diff(trace(orphans=[one]), trace(orphans=[one, one])).losses) == 1

    def test_a_new_problem_is_a_loss(self) -> None:
        """What could be judged cannot be any more; that a problem is gone is told."""
        new = trace(problems=[{"where": "gate.json", "message": "stale"}])
        problem = Problem(where="gate.json", message="stale")
        assert diff(trace(), new) == replace(
            NOTHING,
            problems=Changes(gained=(problem,)),
            losses=(Loss("gate.json", "a problem that was not there"),),
        )
        assert diff(new, trace()) == replace(NOTHING, problems=Changes(lost=(problem,)))


class TestJudged:
    """What one of the traces was not judged by."""

    BOTH = scenario(KEY), scenario(SORT)
    GATE, TESTS, PROOF = "results of the gate", "results of the tests", "results of the proof"

    def test_links_alone_are_compared(self) -> None:
        """It is said that there is no more."""
        neither = tuple(f"{one}: neither trace was judged by them" for one in (self.GATE, self.TESTS, self.PROOF))
        assert diff(static(*self.BOTH), static(*self.BOTH)) == replace(NOTHING, not_compared=neither)
        found = diff(static(*self.BOTH), static(scenario(KEY, "outdated"), scenario(SORT)))
        assert found.losses == (Loss(KEY, "was covered and is outdated"),)

    def test_what_fails_where_only_the_new_one_was_judged_is_a_loss(self) -> None:
        """It may have been so before, and it is not as it should be; problems and orphans likewise."""
        new = trace(
            scenarios=[
                scenario(KEY, "failing", tests=[linked("tests/key.py::test_it", failed=1)]),
                scenario(SORT, "outdated", "vacuous", outcomes=NONE | {"not-applicable": 1}),
            ],
            contexts=[],
            orphans=[{"kind": "result", "name": "name", "message": "message"}],
            problems=[{"where": "gate.json", "message": "stale"}],
        )
        only = (
            f"{self.GATE}: only the new trace was judged by them",
            f"{self.TESTS}: only the new trace was judged by them",
            f"{self.PROOF}: only the new trace was judged by them",
        )
        before, after = Standing(SORT, State.COVERED), Standing(SORT, State.OUTDATED)
        assert diff(static(*self.BOTH), new) == replace(
            NOTHING,
            scenarios=(
                changed(after="failing", newly=(State.FAILING,), failing=("tests/key.py::test_it",)),
                ScenarioChange(before, after, newly=(State.OUTDATED, State.VACUOUS)),
            ),
            orphans=Changes(gained=(Orphan(kind="result", name="name", message="message"),)),
            problems=Changes(gained=(Problem(where="gate.json", message="stale"),)),
            losses=(
                Loss(KEY, "was not judged by the tests before and is failing"),
                Loss(SORT, "was covered and is outdated"),
                Loss(SORT, "was not judged by the gate before and is vacuous"),
                Loss("name", "a result that has become an orphan"),
                Loss("gate.json", "a problem that was not there"),
            ),
            not_compared=only,
        )
        assert diff(static(*self.BOTH), trace()) == replace(NOTHING, not_compared=only)

    def test_to_be_judged_no_more_is_a_loss(self) -> None:
        """It is one for each kind of results, and none for each scenario and context."""
        message = "the old trace was judged by them, the new one is not; give them to trace"
        found = diff(trace(), static(*self.BOTH))
        losses = tuple(Loss(one, message) for one in (self.GATE, self.TESTS, self.PROOF))
        assert found == replace(NOTHING, losses=losses)
        failing = with_key("failing", outcomes=NONE | {"compliant": 2, "non-compliant": 1})
        assert diff(failing, static(*self.BOTH)).scenarios == ()

    @pytest.mark.parametrize(
        ("scenario_now", "message"),
        [
            (scenario(KEY, "failing", outcomes=NONE | {"non-compliant": 1}), "was covered and is failing"),
            (scenario(KEY, "error", outcomes=NONE | {"compliant": 1, "error": 1}), "was covered and is error"),
            (scenario(KEY, "undetermined", outcomes=NONE | {"undetermined": 1}), "was covered and is undetermined"),
            (scenario(KEY, "vacuous", outcomes=NONE | {"not-applicable": 1}), "was covered and is vacuous"),
            (scenario(KEY, "never-run", outcomes=NONE), "was covered and is never-run"),
            (
                scenario(KEY, "failing", tests=[linked("tests/key.py::test_it", failed=1)]),
                "was not judged by the tests before and is failing",
            ),
            (
                scenario(KEY, "never-run", tests=[linked("tests/key.py::test_it", skipped=1)]),
                "was not judged by the tests before and is never-run",
            ),
        ],
    )
    def test_what_was_not_judged_before_is_told_from_what_was(self, scenario_now: Json, message: str) -> None:
        """Where the tests were run for the new trace alone, what the gate says is compared."""
        old = trace(judged={"gate": True, "tests": False}, contexts=[])
        for each in old["scenarios"]:
            each["tests"] = [test | {"cases": None} for test in each["tests"]]
        found = diff(old, trace(scenarios=[scenario_now, scenario(SORT)], contexts=[]))
        assert found.losses == (Loss(KEY, message),)

    @pytest.mark.parametrize(
        ("scenario_now", "message"),
        [
            (
                scenario(KEY, "failing", outcomes=NONE | {"non-compliant": 1}),
                "was not judged by the gate before and is failing",
            ),
            (
                scenario(KEY, "failing", tests=[linked("tests/key.py::test_it", error=1)]),
                "was covered and is failing",
            ),
            (
                scenario(KEY, "never-run", tests=[linked("tests/key.py::test_it", skipped=1)]),
                "was covered and is never-run",
            ),
        ],
    )
    def test_so_it_is_without_a_gate(self, scenario_now: Json, message: str) -> None:
        """Where the gate was run for the new trace alone, what the tests say is compared."""
        old = trace(judged={"gate": False, "tests": True}, contexts=[])
        for each in old["scenarios"]:
            each["outcomes"] = None
        found = diff(old, trace(scenarios=[scenario_now, scenario(SORT)]))
        assert found.losses == (Loss(KEY, message),)
        assert found.contexts == Changes()

    @pytest.mark.parametrize(
        ("mutants", "state"),
        [
            ({"killed": 2}, "failing"),
            ({"false_alarms": 1}, "failing"),
            ({"crashes": 1}, "failing"),
            ({"made": 0, "killed": 0}, "vacuous"),
        ],
    )
    def test_what_a_proof_shows_is_compared_where_both_have_one(self, mutants: Json, state: str) -> None:
        """A mutant that survives, a false alarm, a crash, and that no mutant is made any more, are losses."""
        new = with_key(state, mutants=ALL_KILLED | mutants)
        assert diff(trace(), new).losses == (Loss(KEY, f"was covered and is {state}"),)
        old = trace(scenarios=[scenario(KEY, mutants=None), scenario(SORT, mutants=None)], proof=NOT_RUN)
        assert diff(old, new).losses == (Loss(KEY, f"was not judged by the proof before and is {state}"),)
        assert diff(new, trace()).losses == ()


_NAMES = st.sampled_from("abcd")
_SCENARIOS = st.lists(
    st.builds(
        lambda name, text, state, tests: scenario(
            f"storage#keys/{name}",
            *([] if state is State.COVERED else [state]),
            fingerprint={"requirement": "r", "scenario": text},
            steps=[{"keyword": "WHEN", "text": text}],
            tests=[linked(test, passed=1) for test in tests],
        ),
        _NAMES,
        _NAMES,
        st.sampled_from(State),
        st.lists(_NAMES, unique=True),
    ),
    max_size=4,
    unique_by=lambda one: one["id"],
)
_VALUES = st.dictionaries(_NAMES, st.none() | st.booleans() | st.integers(0, 1) | _NAMES | st.lists(st.booleans()))


_SHOWN_BY = {
    State.ERROR: {Outcome.ERROR},
    State.FAILING: {Outcome.NON_COMPLIANT},
    State.UNDETERMINED: {Outcome.UNDETERMINED},
    State.WAIVED: {Outcome.WAIVED},
}


@st.composite
def traces(draw: st.DrawFn) -> Json:
    """Return a trace document, judged by both."""
    scenarios = draw(_SCENARIOS)
    outcomes = st.tuples(*(st.none() | st.sampled_from(Outcome) for _ in scenarios))
    contexts = [
        context(name, values, region=region, refused=refused) | {"outcomes": list(draw(outcomes))}
        for name, values, region, refused in draw(
            st.lists(
                st.tuples(_NAMES, _VALUES, st.none() | _NAMES, st.lists(_NAMES, max_size=1)),
                max_size=4,
                unique_by=lambda one: one[0],
            )
        )
    ]
    for place, each in enumerate(scenarios):
        held = {one["outcomes"][place] for one in contexts}
        kinds = [kind for kind, shown_by in _SHOWN_BY.items() if held & shown_by and kind is not each["state"]]
        each["problems"] += [{"kind": kind, "message": ""} for kind in kinds]
        each["state"] = each["problems"][0]["kind"] if each["problems"] else State.COVERED
    orphans = [{"kind": "test", "name": name, "message": ""} for name in draw(st.lists(_NAMES))]
    problems = [{"where": name, "message": ""} for name in draw(st.lists(_NAMES))]
    alerts = []
    for number in draw(st.sets(st.integers(0, 3))) if contexts else ():
        places = draw(st.sets(st.sampled_from(range(len(contexts))), min_size=1))
        alerts.append(alert(f"R{number}", sorted(places), sorted(draw(st.sets(st.sampled_from(sorted(places)))))))
    return trace(scenarios=scenarios, contexts=contexts, orphans=orphans, problems=problems, scanned=scanned(*alerts))


@given(traces())
def test_no_trace_differs_from_itself(one: Json) -> None:
    """Whatever is in it."""
    assert diff(one, one) == NOTHING


@given(traces(), traces())
def test_the_other_way_round_what_was_lost_is_gained(one: Json, other: Json) -> None:
    """Scenarios are matched alike, and what is new in them one way is gone the other."""
    there, back = diff(one, other), diff(other, one)
    for side in ("contexts", "axes", "orphans", "problems"):
        lost, gained = getattr(there, side).lost, getattr(there, side).gained
        assert (sorted(map(str, lost)), sorted(map(str, gained))) == (
            sorted(map(str, getattr(back, side).gained)),
            sorted(map(str, getattr(back, side).lost)),
        )
    forth = [
        (each.before, each.after, each.newly, each.no_longer, each.tests_lost, each.tests_gained)
        for each in there.scenarios
    ]
    mirrored = [
        (each.after, each.before, each.no_longer, each.newly, each.tests_gained, each.tests_lost)
        for each in back.scenarios
    ]
    assert sorted(map(str, forth)) == sorted(map(str, mirrored))
    forth_of_alerts = {(each.alert.name, each.before, each.after) for each in there.alerts if each.before != each.after}
    back_of_alerts = {(each.alert.name, each.after, each.before) for each in back.alerts if each.before != each.after}
    assert forth_of_alerts == back_of_alerts
