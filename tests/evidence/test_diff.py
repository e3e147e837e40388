"""Two traces compared: every kind of change by its whole value, what of it is a loss, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.diff.comparison import Diff, Loss, ScenarioChange, Standing, compare
from evidence.diff.contexts import AxisValue, Changes, Transition
from evidence.diff.reading import Orphan, Problem, parse_trace
from evidence.model import State
from policies.model import Outcome
from tests.evidence.trace_documents import (
    DEV,
    KEY,
    NONE,
    PROD,
    SORT,
    STAGE,
    VPC,
    Json,
    context,
    diff,
    linked,
    scenario,
    static,
    trace,
    with_key,
)

NOTHING = Diff((), Changes(), Changes(), Changes(), Changes(), (), ())


def changed(before: str = "covered", after: str = "covered", **other: Any) -> ScenarioChange:
    """Return what became of that scenario."""
    return replace(ScenarioChange(Standing(KEY, State(before)), Standing(KEY, State(after))), **other)


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
                Loss("storage#keys/other", "none of its tests is left, of 1"),
            ),
        )

    def test_of_two_with_one_id_each_is_compared(self) -> None:
        """The second of them is added, and both are duplicates."""
        twice = [scenario(KEY, "duplicate"), scenario(SORT), scenario(KEY, "duplicate")]
        assert diff(trace(contexts=[]), trace(contexts=[], scenarios=twice)) == replace(
            NOTHING,
            scenarios=(
                changed(after="duplicate", newly=(State.DUPLICATE,)),
                ScenarioChange(None, Standing(KEY, State.DUPLICATE)),
            ),
            losses=(Loss(KEY, "was covered and is duplicate"), Loss(KEY, "was added and is duplicate")),
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

    def test_what_was_never_covered_is_no_loss(self) -> None:
        """It is told that its problem is another one."""
        found = diff(with_key("vacuous"), with_key("failing"))
        change = changed("vacuous", "failing", newly=(State.FAILING,), no_longer=(State.VACUOUS,))
        assert found == replace(NOTHING, scenarios=(change,))
        assert diff(with_key("uncovered"), with_key("uncovered")) == NOTHING

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
        found = diff(with_key("outdated"), with_key("uncovered", "outdated", rule=None))
        assert found.losses == (Loss(KEY, "its rule is gone"),)


class TestTests:
    """What becomes of the tests of a scenario."""

    A, B, C = (linked(f"tests/key.py::test_{name}", passed=1) for name in "abc")
    OLD = with_key(tests=[A, B])

    def test_fewer_tests_are_told(self) -> None:
        """They are no loss as long as one is left."""
        change = changed(tests_lost=(self.B["id"],))
        assert diff(self.OLD, with_key(tests=[self.A])) == replace(NOTHING, scenarios=(change,))

    def test_other_tests_are_told(self) -> None:
        """Those that are gone and those that are new."""
        change = changed(tests_lost=(self.A["id"],), tests_gained=(self.C["id"],))
        assert diff(self.OLD, with_key(tests=[self.B, self.C])) == replace(NOTHING, scenarios=(change,))

    def test_no_test_any_more_is_a_loss(self) -> None:
        """It is one for a scenario that was not covered, too."""
        found = diff(with_key("outdated"), with_key("uncovered", "outdated", tests=[]))
        assert found.losses == (Loss(KEY, "none of its tests is left, of 1"),)
        assert found.exit_code == 1

    def test_a_test_that_fails_now_is_told(self) -> None:
        """So is a new one that fails; not one that failed before."""
        old = with_key("failing", tests=[linked("a", failed=1), linked("b", passed=1)])
        tests = [linked("a", failed=1), linked("b", error=1), linked("c", passed=1, failed=1)]
        change = changed("failing", "failing", tests_gained=("c",), failing=("b", "c"))
        assert diff(old, with_key("failing", tests=tests)) == replace(NOTHING, scenarios=(change,))


class TestResults:
    """What becomes of the outcomes in contexts."""

    def test_outcomes_that_change_are_counted(self) -> None:
        """By what they were and are, with the first context, in the contexts of both traces."""
        old = trace(contexts=[DEV, PROD, context("vpc", {VPC: True})])
        new = with_key("failing", outcomes=NONE | {"compliant": 1, "non-compliant": 2})
        new["contexts"] = [
            context("development", {STAGE: "dev"}, "non-compliant", "compliant"),
            context("prod", {STAGE: "prod"}, "non-compliant", "not-applicable"),
            context("vpc", {VPC: True}),
        ]
        worse = Transition(Outcome.COMPLIANT, Outcome.NON_COMPLIANT, 2, "development")
        other = Transition(Outcome.COMPLIANT, Outcome.NOT_APPLICABLE, 1, "prod")
        standing = Standing(SORT, State.COVERED)
        assert diff(old, new) == replace(
            NOTHING,
            scenarios=(
                changed(after="failing", newly=(State.FAILING,), transitions=(worse,)),
                ScenarioChange(standing, standing, transitions=(other,)),
            ),
            losses=(Loss(KEY, "was covered and is failing"),),
        )

    @pytest.mark.parametrize("nothing", [None, "error"])
    def test_contexts_in_which_it_is_not_judged_any_more_are_a_loss(self, nothing: str | None) -> None:
        """They are, though the scenario is judged in others."""
        new = trace(contexts=[DEV, context("prod", {STAGE: "prod"}, nothing, "compliant")])
        message = "is not judged any more in 1 of the contexts that are still there"
        assert diff(trace(), new).losses == (Loss(KEY, message),)
        assert diff(new, trace()).losses == ()

    @pytest.mark.parametrize("outcomes", [NONE, NONE | {"error": 2}])
    def test_no_result_any_more_is_a_loss(self, outcomes: Json) -> None:
        """It is one for a scenario that was not covered, too; once, and not for every context."""
        new = with_key("outdated", outcomes=outcomes)
        new["contexts"] = [context(each["name"], each["values"], None, "compliant") for each in (DEV, PROD)]
        found = diff(with_key("outdated"), new)
        assert found.losses == (Loss(KEY, "the gate has no result of it any more"),)


class TestContexts:
    """What becomes of contexts and the values of axes."""

    def test_a_name_is_nothing(self) -> None:
        """A context is what it sets, in whatever order, and what it must refuse."""
        old = context("a", {STAGE: "dev", VPC: True}, account="1", region="eu", refused=["x", "y"])
        new = context("b", {VPC: True, STAGE: "dev"}, account="1", region="eu", refused=["y", "x"])
        assert diff(trace(contexts=[old]), trace(contexts=[new])) == NOTHING

    @pytest.mark.parametrize(
        "other",
        [
            {"values": {STAGE: "dev", VPC: "true"}},
            {"values": {STAGE: "dev"}},
            {"account": "2"},
            {"region": None},
            {"refused": [STAGE]},
        ],
    )
    def test_what_differs_is_another_context(self, other: Json) -> None:
        """True is not "true", and each of the four parts counts."""
        old = context("a", {STAGE: "dev", VPC: True}, account="1", region="eu")
        found = diff(trace(contexts=[old]), trace(contexts=[old | other]))
        assert [each.name for each in (*found.contexts.lost, *found.contexts.gained)] == ["a", "a"]
        assert [loss.where for loss in found.losses].count("contexts") == 1

    def test_two_values_together_are_lost(self) -> None:
        """A matrix that covers pairs is another one after each change: what counts is what is tried together."""
        both = context("both", {STAGE: "prod", VPC: True, "c": 1})
        apart = [context("a", {STAGE: "prod", VPC: False, "c": 1}), context("b", {STAGE: "dev", VPC: True, "c": 1})]
        together = [*apart, context("c", {STAGE: "prod", VPC: True, "c": 2})]
        message = "none has worthwatch:deployVpc=true together with worthwatch:stage=prod any more"
        assert diff(trace(contexts=[both, *apart]), trace(contexts=apart)).losses == (Loss("contexts", message),)
        found = diff(trace(contexts=[both, *apart]), trace(contexts=together))
        assert (len(found.contexts.lost), found.losses) == (1, ())

    def test_a_refusal_is_lost(self) -> None:
        """What had to be refused is tried by nothing else."""
        refused = context("refused", {STAGE: "x"}, refused=[STAGE])
        found = diff(trace(contexts=[DEV, refused]), trace(contexts=[DEV]))
        assert found.losses == (Loss("contexts", "1 of those that had to be refused are gone"),)

    def test_a_context_that_was_not_judged_is_no_loss(self) -> None:
        """It is told."""
        broken = context("broken", {STAGE: "x"}, "error", None)
        old = parse_trace(trace(contexts=[DEV, PROD, broken]), "old.json")
        found = compare(old, parse_trace(trace(), "new.json"))
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
    GATE, TESTS = "results of the gate", "results of the tests"

    def test_links_alone_are_compared(self) -> None:
        """It is said that there is no more."""
        neither = (f"{self.GATE}: neither trace was judged by them", f"{self.TESTS}: neither trace was judged by them")
        assert diff(static(*self.BOTH), static(*self.BOTH)) == replace(NOTHING, not_compared=neither)
        found = diff(static(*self.BOTH), static(scenario(KEY, "outdated"), scenario(SORT)))
        assert found.losses == (Loss(KEY, "was covered and is outdated"),)

    def test_what_only_the_new_one_was_judged_by_is_no_loss(self) -> None:
        """Failing, vacuous, orphaned results and problems may have been so before; but outdated is outdated."""
        new = trace(
            scenarios=[
                scenario(KEY, "failing", tests=[linked("new", failed=1)]),
                scenario(SORT, "outdated", "vacuous"),
            ],
            orphans=[{"kind": "result", "name": "name", "message": "message"}],
            problems=[{"where": "gate.json", "message": "stale"}],
        )
        only = (
            f"{self.GATE}: only the new trace was judged by them",
            f"{self.TESTS}: only the new trace was judged by them",
        )
        before, after = Standing(SORT, State.COVERED), Standing(SORT, State.OUTDATED)
        assert diff(static(*self.BOTH), new) == replace(
            NOTHING,
            scenarios=(ScenarioChange(before, after, newly=(State.OUTDATED,)),),
            losses=(Loss(SORT, "was covered and is outdated"),),
            not_compared=only,
        )

    def test_to_be_judged_no_more_is_a_loss(self) -> None:
        """It is one for each kind of results, and none for each scenario and context."""
        message = "the old trace was judged by them, the new one is not; give them to trace"
        found = diff(trace(), static(*self.BOTH))
        assert found == replace(NOTHING, losses=(Loss(self.GATE, message), Loss(self.TESTS, message)))
        assert diff(with_key("failing"), static(*self.BOTH)).scenarios == ()

    @pytest.mark.parametrize(
        ("scenario_now", "kinds"),
        [
            (scenario(KEY, "failing", outcomes=NONE | {"non-compliant": 1}), (State.FAILING,)),
            (scenario(KEY, "undetermined", outcomes=NONE | {"undetermined": 1}), (State.UNDETERMINED,)),
            (scenario(KEY, "vacuous", outcomes=NONE | {"not-applicable": 1}), (State.VACUOUS,)),
            (scenario(KEY, "never-run", outcomes=NONE), (State.NEVER_RUN,)),
            (scenario(KEY, "failing", tests=[linked("tests/key.py::test_it", failed=1)]), ()),
            (scenario(KEY, "never-run", tests=[linked("tests/key.py::test_it", skipped=1)]), ()),
        ],
    )
    def test_what_both_were_judged_by_is_compared(self, scenario_now: Json, kinds: tuple[State, ...]) -> None:
        """Where the tests were run for the new trace alone, what the gate says is compared, and no more."""
        old = trace(judged={"gate": True, "tests": False})
        for each in old["scenarios"]:
            each["tests"] = [test | {"cases": None} for test in each["tests"]]
        found = diff(old, trace(scenarios=[scenario_now, scenario(SORT)]))
        assert tuple(change.newly for change in found.scenarios) == ((kinds,) if kinds else ())

    @pytest.mark.parametrize(
        ("scenario_now", "kinds"),
        [
            (scenario(KEY, "failing", outcomes=NONE | {"non-compliant": 1}), ()),
            (scenario(KEY, "failing", tests=[linked("tests/key.py::test_it", error=1)]), (State.FAILING,)),
            (scenario(KEY, "never-run", tests=[linked("tests/key.py::test_it")]), (State.NEVER_RUN,)),
        ],
    )
    def test_so_are_the_tests_without_a_gate(self, scenario_now: Json, kinds: tuple[State, ...]) -> None:
        """Where the gate was run for the new trace alone, what the tests say is compared."""
        old = trace(judged={"gate": False, "tests": True}, contexts=[])
        for each in old["scenarios"]:
            each["outcomes"] = None
        found = diff(old, trace(scenarios=[scenario_now, scenario(SORT)]))
        assert tuple(change.newly for change in found.scenarios) == ((kinds,) if kinds else ())
        assert found.contexts == Changes()


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
        st.lists(_NAMES),
    ),
    max_size=4,
)
_VALUES = st.dictionaries(_NAMES, st.none() | st.booleans() | st.integers(0, 1) | _NAMES | st.lists(st.booleans()))


@st.composite
def traces(draw: st.DrawFn) -> Json:
    """Return a trace document, judged by both."""
    scenarios = draw(_SCENARIOS)
    outcomes = st.tuples(*(st.none() | st.sampled_from(Outcome) for _ in scenarios))
    contexts = [
        context(name, values, region=region, refused=refused) | {"outcomes": list(draw(outcomes))}
        for name, values, region, refused in draw(
            st.lists(st.tuples(_NAMES, _VALUES, st.none() | _NAMES, st.lists(_NAMES, max_size=1)), max_size=4)
        )
    ]
    orphans = [{"kind": "test", "name": name, "message": ""} for name in draw(st.lists(_NAMES))]
    problems = [{"where": name, "message": ""} for name in draw(st.lists(_NAMES))]
    return trace(scenarios=scenarios, contexts=contexts, orphans=orphans, problems=problems)


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
