"""The trace: every state, every orphan and every problem of a run, each shown on a small checkout."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence.basis import basis
from evidence.model import (
    Axis,
    Cases,
    Fingerprint,
    Judged,
    LinkedTest,
    Orphan,
    Problem,
    State,
    Trace,
    TracedContext,
    TracedFinding,
    Trouble,
)
from evidence.reviewed import fingerprint
from evidence.trace import SPECS
from policies.model import Outcome
from policies.reading import InputError
from policies.specs import SpecError
from tests.evidence.projects import (
    CONTEXTS,
    HEAD,
    HELD,
    KEPT,
    RULES,
    SCENARIO,
    SPEC,
    TEMPLATE,
    TESTS,
    WAIVER,
    Project,
    gate_results,
    make,
    present,
    ran,
    run_results,
    summary,
    verdict,
    write_json,
)

Make = Callable[..., Project]


@pytest.fixture
def making(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return what makes a project in a folder of its own."""

    def made(*, reviewed: bool = True, **parts: str) -> Project:
        return make(tmp_path, monkeypatch, reviewed=reviewed, **parts)

    return made


@pytest.fixture
def project(making: Make) -> Project:
    """Return a project in which all is covered."""
    return making()


def problems(trace: Trace) -> dict[str, list[Problem]]:
    """Return what is wrong with the scenarios, by slug; the sound ones are left out."""
    return {one.scenario.slug: list(one.problems) for one in trace.scenarios if one.problems}


def states(trace: Trace) -> list[str]:
    """Return the states of the scenarios."""
    return [one.state for one in trace.scenarios]


def results(project: Project, gate: Mapping[str, object] | None, tests: Mapping[str, object] | None) -> Trace:
    """Trace with results."""
    given = {"gate.json": gate, "tests.json": tests}
    return project.trace(*(write_json(Path(name), one) for name, one in given.items() if one is not None))


def do(scenario: str) -> str:
    """Return the advice to review a scenario."""
    return f"read it with its rule and tests, then run `storage-compliance trace review {scenario}`"


# Links alone


def test_covered(project: Project) -> None:
    """A scenario with a rule, a test and a review of its text is covered; all that is linked to it is told."""
    traced = project.trace()
    assert (traced.exit_code, states(traced), traced.orphans, traced.problems) == (0, ["covered"] * 2, (), ())
    assert (traced.judged, traced.contexts, traced.axes, traced.findings) == (
        Judged(gate=False, tests=False),
        (),
        (),
        (),
    )
    kept, _ = traced.scenarios
    assert kept.scenario.id == KEPT
    assert kept.requirement.name == "Table Shape"
    assert kept.reviewed == kept.fingerprint == fingerprint(kept.requirement, kept.scenario)
    assert kept.outcomes is None
    assert kept.tests == (LinkedTest("tests/test_shape.py::test_kept", "tests/test_shape.py", 5),)
    assert kept.rule is not None
    assert (kept.rule.name, kept.rule.path, kept.rule.line, kept.rule.page) == (
        f"{project.package}.table_shape.shape_kept",
        f"{project.package}/table_shape.py",
        5,
        "Keep.",
    )
    assert kept.rule.source == '@rule()\ndef shape_kept(*_):\n    """Keep."""\n    yield from ()\n'


def test_no_rule(project: Project) -> None:
    """A scenario without a rule is uncovered; the rule that is missing is named, with the scenario's place."""
    project.write("specs/storage/spec.md", SPEC + SCENARIO.format(name="Shape shown"))
    project.write("tests/test_more.py", TESTS.replace(KEPT, "storage#table-shape/shape-shown"))
    traced = project.trace()
    new = "storage#table-shape/shape-shown"
    name = f"{project.package}.table_shape.shape_shown"
    missing = f"{new} (storage/spec.md:19): no rule {name} enforces it"
    assert problems(traced) == {
        "shape-shown": [
            Problem(State.UNCOVERED, f"{missing}: write it; if a name has changed, change the rule's too"),
            Problem(State.OUTDATED, f"never reviewed: {do(new)}"),
        ]
    }
    assert (traced.exit_code, traced.scenarios[2].rule, traced.orphans) == (1, None, ())


def test_no_test(project: Project) -> None:
    """A scenario without a test is uncovered."""
    project.write("tests/test_shape.py", TESTS.replace(f'@pytest.mark.scenario("{HELD}")\n', ""))
    traced = project.trace()
    message = f'no test is written for it: write one under @pytest.mark.scenario("{HELD}")'
    assert problems(traced) == {"shape-held": [Problem(State.UNCOVERED, message)]}
    assert traced.exit_code == 1


def test_no_review(making: Make) -> None:
    """A scenario that was never reviewed is outdated, also where there is no file of reviews at all."""
    traced = making(reviewed=False).trace()
    assert problems(traced) == {
        "shape-kept": [Problem(State.OUTDATED, f"never reviewed: {do(KEPT)}")],
        "shape-held": [Problem(State.OUTDATED, f"never reviewed: {do(HELD)}")],
    }
    assert traced.exit_code == 1


def test_sentence_changed(project: Project) -> None:
    """A scenario whose text is another is outdated, until it is reviewed; no other is."""
    project.write("specs/storage/spec.md", SPEC[::-1].replace("answer"[::-1], "reply"[::-1], 1)[::-1])
    assert problems(project.trace()) == {
        "shape-held": [Problem(State.OUTDATED, f"its text is not the reviewed one: {do(HELD)}")]
    }
    assert project.review(HELD) == [HELD]
    assert project.trace().exit_code == 0


def test_requirement_changed(project: Project) -> None:
    """A requirement whose text is another makes each of its scenarios outdated, until each is reviewed."""
    project.write("specs/storage/spec.md", SPEC.replace("have a shape", "keep a shape"))
    changed = "the text of its requirement 'Table Shape' is not the reviewed one: "
    assert problems(project.trace()) == {
        "shape-kept": [Problem(State.OUTDATED, changed + do(KEPT))],
        "shape-held": [Problem(State.OUTDATED, changed + do(HELD))],
    }
    project.review("shape-held")
    assert list(problems(project.trace())) == ["shape-kept"]


def test_layout_is_no_change(project: Project) -> None:
    """Space, wrapping, comments and the sign of an item are no change of a text."""
    for old, new in (
        ("- **THEN**", "\n<!-- so -->\n- **THEN**"),
        ("asked", "asked  "),
        ("it SHALL", "it\n\tSHALL"),
        ("SHALL have a shape.", "SHALL\nhave   a shape."),
        ("- **WHEN**", "*  **WHEN**"),
        ("- **THEN**", "  + **THEN**"),
    ):
        project.write("specs/storage/spec.md", SPEC.replace(old, new))
        assert project.trace().exit_code == 0, new


FENCED = SPEC.replace("have a shape.", "have a shape:\n```\na  b\n- c\n```\nor another.")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a  b", "a b"),
        ("a  b", " a  b"),
        ("a  b\n", "a  b\n\n"),
        ("- c", "* c"),
        ("```\na", "```text\na"),
        ("or another", "- or another"),
        ("have a", "havea"),
    ],
)
def test_fenced_text(old: str, new: str, making: Make) -> None:
    """In a code fence every space and line counts, and so does what is an item and what is none."""
    project = making(spec=FENCED)
    assert project.trace().exit_code == 0
    project.write("specs/storage/spec.md", FENCED.replace(old, new))
    assert [problem.kind for each in problems(project.trace()).values() for problem in each] == ["outdated"] * 2


def test_duplicate_scenarios(project: Project) -> None:
    """Two scenarios that name one rule are duplicates, both."""
    project.write("specs/more/spec.md", HEAD + SCENARIO.format(name="Shape kept"))
    other = "more#table-shape/shape-kept"
    traced = project.trace()
    message = f"{KEPT}: {other} has the same rule table_shape.shape_kept; rename one"
    duplicate = Problem(State.DUPLICATE, message)
    assert [one.scenario.id for one in traced.scenarios] == [other, KEPT, HELD]
    assert [one.problems[:1] for one in traced.scenarios] == [(duplicate,), (duplicate,), ()]
    assert traced.exit_code == 1


def test_duplicate_rules(making: Make) -> None:
    """A rule that is defined twice makes its scenario a duplicate, and the others of its module uncovered."""
    project = making(rules=RULES.replace("shape_kept", "shape_held"), reviewed=False)
    name = f"{project.package}.table_shape"
    twice = f"{name} defines the rule shape_held twice"
    broken = f"{name}: cannot be imported: DuplicateRuleError: {twice}; mend the module"
    assert [one.problems[0] for one in project.trace().scenarios] == [
        Problem(State.UNCOVERED, broken),
        Problem(State.DUPLICATE, f"{twice}: remove one"),
    ]


def test_broken_module(making: Make) -> None:
    """A module that cannot be imported leaves its scenarios uncovered and says why; one nobody needs is an orphan."""
    project = making(rules=RULES + "\n1 / 0\n", reviewed=False)
    project.write(f"{project.package}/table_size.py", RULES + "\nunknown\n")
    traced = project.trace()
    why = f"{project.package}.table_shape: cannot be imported: ZeroDivisionError: division by zero; mend the module"
    assert [one.problems[0] for one in traced.scenarios] == [Problem(State.UNCOVERED, why)] * 2
    name = f"{project.package}.table_size"
    message = f"{name}: cannot be imported: NameError: name 'unknown' is not defined"
    assert traced.orphans == (Orphan("rule", name, message),)


def test_orphans(project: Project) -> None:
    """A scenario that is renamed is uncovered, and what named it is orphaned: rule, test and review, each by name."""
    project.write("specs/storage/spec.md", SPEC.replace("Shape held", "Shape upheld"))
    traced = project.trace()
    name = f"{project.package}.table_shape.shape_held"
    new = "storage#table-shape/shape-upheld"
    advice = "write the scenario, or remove the rule; if a name has changed, change the rule's too"
    assert traced.orphans == (
        Orphan("rule", name, f"{name}: no scenario of a spec asks for this rule; {advice}"),
        Orphan(
            "test",
            "tests/test_shape.py::test_held",
            f"marked with {HELD}, which no spec has: mend the marker, or remove the test",
        ),
        Orphan("review", HELD, "no spec has this scenario: remove its table from specs/reviewed.toml"),
    )
    assert [problem.kind for problem in problems(traced)["shape-upheld"]] == ["uncovered", "uncovered", "outdated"]
    assert problems(traced)["shape-upheld"][0].message.startswith(f"{new} (storage/spec.md:15): no rule ")
    assert traced.exit_code == 1


def test_unreadable_tests(project: Project) -> None:
    """A file of tests that is no Python is a problem of the run; what else there is is judged."""
    project.write("tests/test_other.py", "\ndef (")
    traced = project.trace()
    assert traced.problems == (Trouble("tests/test_other.py:2", "not valid Python: invalid syntax"),)
    assert (traced.exit_code, states(traced)) == (2, ["covered", "covered"])


def test_unreadable_specs(project: Project) -> None:
    """A spec that cannot be read leaves nothing to trace."""
    project.write("specs/storage/spec.md", SPEC.replace("- **WHEN** asked", "", 1))
    with pytest.raises(SpecError) as raised:
        project.trace()
    assert [(problem.where, problem.line) for problem in raised.value.problems] == [("specs/storage/spec.md", 11)]


@pytest.mark.parametrize("missing", ["specs", "tests"])
def test_no_checkout(missing: str, project: Project) -> None:
    """Where a folder of a checkout is missing, the trace says that it runs in one."""
    (project.root / missing).rename(project.root / "elsewhere")
    with pytest.raises(InputError) as raised:
        project.trace()
    assert str(raised.value) == f"{missing}: no such folder; trace runs in a checkout, at its root"


# Results of the gate


def test_all_covered(project: Project) -> None:
    """With the results of both, all is judged: outcomes, contexts, axes and cases."""
    traced = results(project, gate_results(), run_results())
    assert (traced.exit_code, traced.orphans, traced.problems) == (0, (), ())
    assert traced.judged == Judged(gate=True, tests=True)
    assert [one.outcomes for one in traced.scenarios] == [
        Counter({Outcome.COMPLIANT: 1, Outcome.NOT_APPLICABLE: 3}),
    ] * 2
    assert [one.tests[0].cases for one in traced.scenarios] == [Cases(passed=1)] * 2
    compliant, none = (Outcome.COMPLIANT,) * 2, (Outcome.NOT_APPLICABLE,) * 2
    assert traced.contexts == tuple(
        TracedContext(name, values, None, None, (), TEMPLATE, compliant if name == "plain" else none)
        for name, values in CONTEXTS.items()
    )
    assert traced.axes == (
        Axis("worthwatch:stage", ("prod", "staging")),
        Axis("worthwatch:removalPolicy", ("retain-on-update-or-delete", "destroy")),
        Axis("worthwatch:pointInTimeRecovery", (False,)),
        Axis("worthwatch:recoveryPeriodInDays", (1, "35")),
        Axis("worthwatch:billingMode", ("PROVISIONED",)),
        Axis("worthwatch:readCapacity", (1, "40000")),
        Axis("worthwatch:writeCapacity", ("40000", 1)),
        Axis("worthwatch:deployVpc", ("true",)),
    )
    assert (traced.templates, traced.outcomes) == (1, Counter({Outcome.COMPLIANT: 2, Outcome.NOT_APPLICABLE: 6}))


VACUOUS = "it applied in no context, so that nothing shows it holds: add a context in which its WHEN is met"


@pytest.mark.parametrize(
    ("outcomes", "found", "exit_code"),
    [
        (["compliant", "not-applicable"], [], 0),
        (["compliant", "non-compliant"], [("failing", "1 verdict is non-compliant: see the findings")], 1),
        (
            ["undetermined", "error", "error"],
            [
                ("error", "2 verdicts are error: see the findings"),
                ("undetermined", "1 verdict is undetermined: see the findings"),
            ],
            2,
        ),
        (["compliant", "error"], [("error", "1 verdict is error: see the findings")], 2),
        (
            ["non-compliant", "error"],
            [
                ("error", "1 verdict is error: see the findings"),
                ("failing", "1 verdict is non-compliant: see the findings"),
            ],
            2,
        ),
        (["compliant", "waived", "waived"], [("waived", "2 verdicts are waived: see the findings")], 0),
        (["not-applicable", "waived"], [("waived", "1 verdict is waived: see the findings")], 0),
        (
            ["waived", "non-compliant"],
            [
                ("failing", "1 verdict is non-compliant: see the findings"),
                ("waived", "1 verdict is waived: see the findings"),
            ],
            1,
        ),
        (
            ["waived", "error"],
            [("error", "1 verdict is error: see the findings"), ("waived", "1 verdict is waived: see the findings")],
            2,
        ),
        (["not-applicable", "not-applicable"], [("vacuous", VACUOUS)], 1),
        ([], [("never-run", "the gate's results hold no verdict on it: run the gate again, with its rule")], 1),
        (
            ["non-compliant", "undetermined"],
            [
                ("failing", "1 verdict is non-compliant: see the findings"),
                ("undetermined", "1 verdict is undetermined: see the findings"),
            ],
            2,
        ),
    ],
)
def test_outcomes(outcomes: list[str], found: list[tuple[str, str]], exit_code: int, project: Project) -> None:
    """What the verdicts on a scenario come to, the gravest first."""
    verdicts = [verdict(KEPT), *(verdict(HELD, outcome, message="so") for outcome in outcomes)]
    traced = results(project, gate_results(verdicts), None)
    expected = [Problem(State(kind), message) for kind, message in found]
    assert problems(traced) == ({"shape-held": expected} if expected else {})
    assert (traced.exit_code, traced.judged) == (exit_code, Judged(gate=True, tests=False))


def test_worst_outcome_of_a_context(project: Project) -> None:
    """Of several verdicts on one scenario in one context the worst is the context's; a matrix's own is in none."""
    verdicts = [
        verdict(KEPT, "non-compliant"),
        verdict(KEPT, "compliant"),
        verdict(HELD, "not-applicable", "prod"),
        verdict(HELD, "compliant", "prod"),
        verdict(HELD, "undetermined", None),
    ]
    traced = results(project, gate_results(verdicts), None)
    assert {one.name: one.outcomes for one in traced.contexts} == {
        "plain": (Outcome.NON_COMPLIANT, Outcome.NOT_APPLICABLE),
        "prod": (Outcome.NOT_APPLICABLE, Outcome.COMPLIANT),
        "staging": (Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE),
        "bounds": (Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE),
    }


def test_findings(project: Project) -> None:
    """What verdicts say alike is one finding, the worst first, with what the gate has looked up for any of them."""
    wrong: dict[str, Any] = {
        "message": "wrong",
        "path": "$.Resources.Table",
        "found": {"Ref": "A"},
        "expected": "B",
        "remedy": "C",
    }
    verdicts = [
        verdict(KEPT, "non-compliant", **wrong, assuming=["x is y"]),
        verdict(KEPT, "non-compliant", "prod", **wrong, assuming=["x is y"]),
        verdict(HELD, "error", message="broken"),
        verdict(KEPT, "non-compliant", "prod", message="another"),
        verdict(HELD, "waived", "prod", message="another"),
        verdict(HELD, "undetermined", None, template=None, resource=None, message="open"),
    ]
    looked_up = {
        "verdict": 1,
        "context": {"worthwatch:stage": "prod"},
        "command": "npx aws-cdk@2 synth -c worthwatch:stage=prod",
        "excerpt": {"Type": "AWS::DynamoDB::Table"},
        "at": "$.Resources.Table",
    }
    traced = results(project, gate_results(verdicts, findings=[looked_up]), None)
    nothing = {"path": None, "found": None, "expected": None, "remedy": None, "assuming": ()}
    plain = {"template": TEMPLATE, "resource": "Table"} | nothing
    assert traced.findings == (
        TracedFinding(
            scenario=HELD,
            outcome=Outcome.ERROR,
            context="plain",
            contexts=(0,),
            message="broken",
            **plain,  # type: ignore[arg-type]
        ),
        TracedFinding(
            scenario=KEPT,
            outcome=Outcome.NON_COMPLIANT,
            template=TEMPLATE,
            context="prod",
            contexts=(0, 1),
            resource="Table",
            path="$.Resources.Table",
            found={"Ref": "A"},
            expected="B",
            message="wrong",
            remedy="C",
            assuming=("x is y",),
            minimal={"worthwatch:stage": "prod"},
            command="npx aws-cdk@2 synth -c worthwatch:stage=prod",
            excerpt={"Type": "AWS::DynamoDB::Table"},
            at="$.Resources.Table",
        ),
        TracedFinding(
            scenario=KEPT,
            outcome=Outcome.NON_COMPLIANT,
            context="prod",
            contexts=(1,),
            message="another",
            **plain,  # type: ignore[arg-type]
        ),
        TracedFinding(
            scenario=HELD,
            outcome=Outcome.UNDETERMINED,
            template=None,
            context=None,
            contexts=(),
            resource=None,
            message="open",
            **nothing,  # type: ignore[arg-type]
        ),
        TracedFinding(
            scenario=HELD,
            outcome=Outcome.WAIVED,
            context="prod",
            contexts=(1,),
            message="another",
            waiver=WAIVER,
            **plain,  # type: ignore[arg-type]
        ),
    )


def test_untried_values(project: Project) -> None:
    """An allowed value, or bound, that no accepted context has is named with its key; a default need not be set."""
    document = gate_results()
    contexts = document["contexts"]
    assert isinstance(contexts, dict)
    contexts["staging"] |= {"refused": ["worthwatch:removalPolicy"]}
    contexts["bounds"] |= {"refused": ["worthwatch:recoveryPeriodInDays"]}
    contexts["wrong"] = contexts["plain"] | {"values": {"worthwatch:stage": "production"}}
    verdicts = [verdict(id_, context=name) for name in ("plain", "wrong") for id_ in (KEPT, HELD)]
    traced = results(project, gate_results(verdicts, contexts=contexts), None)
    advice = "add it to the axes in stack/axes.py, or run a larger matrix"
    assert traced.problems == tuple(
        Trouble(
            f"worthwatch:{key}", f"no accepted context of the results has the value {value}: {advice}", undecided=False
        )
        for key, value in (
            ("stage", '"staging"'),
            ("removalPolicy", '"destroy"'),
            ("pointInTimeRecovery", "false"),
            ("recoveryPeriodInDays", "35"),
            ("readCapacity", "40000"),
            ("writeCapacity", "1"),
        )
    )
    assert (traced.exit_code, states(traced)) == (1, ["covered", "covered"])


def test_contexts_without_a_verdict(project: Project) -> None:
    """Results in which contexts were not judged at all are not whole."""
    contexts = {f"more-{number}": context for number in range(4) for context in _contexts()[:1]}
    traced = results(project, gate_results(contexts=dict(zip(CONTEXTS, _contexts(), strict=True)) | contexts), None)
    some = "more-0, more-1, more-2, …"
    message = f"4 of the contexts have no verdict at all ({some}): run the gate again"
    assert traced.problems == (Trouble("gate.json", message),)
    assert traced.exit_code == 2
    lacking = Problem(State.NEVER_RUN, "no verdict on it in 4 contexts, such as more-0: run the gate again")
    assert problems(traced) == {"shape-kept": [lacking], "shape-held": [lacking]}


def test_contexts_without_a_verdict_on_a_scenario(project: Project) -> None:
    """A scenario is never run where any context lacks a verdict on it that is not refused, whatever others have."""
    document = gate_results()
    contexts, verdicts = document["contexts"], document["verdicts"]
    assert isinstance(contexts, dict)
    assert isinstance(verdicts, list)
    contexts["refused"] = contexts["plain"] | {"refused": ["worthwatch:stage"]}
    verdicts = [verdict(KEPT, context="refused"), *verdicts]
    whole = gate_results() | {"contexts": contexts, "verdicts": verdicts}
    assert problems(results(project, whole | {"summary": summary(whole)}, None)) == {}
    wanting = whole | {
        "verdicts": [one for one in verdicts if one["context"] != "prod" or one["scenario"] != "table-shape/shape-held"]
    }
    traced = results(project, wanting | {"summary": summary(wanting)}, None)
    message = "no verdict on it in 1 context, such as prod: run the gate again"
    assert problems(traced) == {"shape-held": [Problem(State.NEVER_RUN, message)]}
    assert (traced.exit_code, traced.problems) == (1, ())


def _contexts() -> list[object]:
    contexts = gate_results()["contexts"]
    assert isinstance(contexts, dict)
    return list(contexts.values())


def test_problems_of_the_gate(project: Project) -> None:
    """The gate's own problems are the trace's; that a scenario is vacuous it says itself."""
    verdicts = [verdict(KEPT), verdict(HELD, "not-applicable")]
    own = [{"where": HELD, "message": "vacuous: …"}, {"where": "prod", "message": "did not synthesise"}]
    traced = results(project, gate_results(verdicts, problems=own), None)
    assert traced.problems == (Trouble("prod", "did not synthesise"),)
    assert (traced.exit_code, problems(traced)) == (2, {"shape-held": [Problem(State.VACUOUS, VACUOUS)]})


def test_orphaned_results(project: Project) -> None:
    """Results of scenarios that no spec has are orphans, once for each file."""
    gone = "storage#table-shape/shape-gone"
    gate = gate_results([verdict(KEPT), verdict(HELD), verdict(gone), verdict(gone, context="prod")])
    tests = run_results([ran("test_kept", 5, KEPT, gone, passed=1), ran("test_held", 10, HELD, passed=1)])
    traced = results(project, gate, tests)
    assert traced.orphans == tuple(
        Orphan("result", gone, f"{file} holds results of it, and no spec has it: run again")
        for file in ("gate.json", "tests.json")
    )
    assert (traced.exit_code, states(traced)) == (1, ["covered", "covered"])


@pytest.mark.parametrize(
    ("part", "other"), [("specs", "other specs"), ("rules", "other rules"), ("stack", "another stack")]
)
def test_stale_results(part: str, other: str, project: Project) -> None:
    """Results of other specs, other rules or another stack are a problem, and nothing is judged by them."""
    changed = {part: f"sha256:{'0' * 64}"}
    gate = gate_results([verdict(HELD, "non-compliant"), verdict("a#b/c")], basis=basis(SPECS) | changed)
    tests = run_results([ran("test_kept", 5, KEPT, failed=1)], basis=present() | changed)
    traced = results(project, gate, tests)
    message = f"these results are of {other}: run it again"
    troubles = (Trouble("gate.json", message), Trouble("tests.json", message))
    assert traced == replace(project.trace(), problems=troubles)
    assert (traced.exit_code, traced.judged) == (2, Judged(gate=False, tests=False))


def test_part_of_the_tests(project: Project) -> None:
    """Results of some of the tests only are a problem, and what they hold is shown."""
    traced = results(project, None, run_results(complete=False))
    message = "only some of the tests were run: run all of them, without selecting any"
    assert traced.problems == (Trouble("tests.json", message),)
    assert [one.tests[0].cases for one in traced.scenarios] == [Cases(passed=1)] * 2
    assert (traced.exit_code, traced.judged) == (2, Judged(gate=False, tests=True))


# Results of the tests


@pytest.mark.parametrize(
    ("cases", "kind", "said"),
    [
        ({"passed": 3, "failed": 1}, "failing", "failed: mend what it tests"),
        ({"passed": 3, "error": 1}, "failing", "failed: mend what it tests"),
        ({"skipped": 2}, "never-run", "was only skipped: run it"),
        ({}, "never-run", "was only skipped: run it"),
    ],
)
def test_cases(cases: dict[str, int], kind: str, said: str, project: Project) -> None:
    """A test that failed, or of which no case ran, keeps its scenario from being covered."""
    tests = run_results([ran("test_kept", 5, KEPT, passed=1), ran("test_held", 10, HELD, **cases)])
    traced = results(project, None, tests)
    assert problems(traced) == {"shape-held": [Problem(State(kind), f"tests/test_shape.py::test_held {said}")]}
    assert (traced.exit_code, traced.judged) == (1, Judged(gate=False, tests=True))


def test_skipped_in_part(project: Project) -> None:
    """A test of which one case passed and another was skipped was run."""
    tests = run_results([ran("test_kept", 5, KEPT, passed=1), ran("test_held", 10, HELD, passed=1, skipped=1)])
    assert results(project, None, tests).exit_code == 0


def test_not_run(project: Project) -> None:
    """A test whose source is marked and of which there are no results was never run."""
    traced = results(project, None, run_results([ran("test_kept", 5, KEPT, passed=1)]))
    message = "tests/test_shape.py::test_held was not run: run all tests again"
    assert problems(traced) == {"shape-held": [Problem(State.NEVER_RUN, message)]}


MADE = f"""import pytest


def make(scenario):
    @pytest.mark.scenario(scenario)
    def test():
        pass

    return test


test_kept = make("{KEPT}")
test_held = make("{HELD}")
"""


def test_made_tests(project: Project) -> None:
    """Tests with a computed marker are linked by their results alone, and are not written for any scenario."""
    project.write("tests/test_shape.py", MADE)
    assert [one.tests for one in project.trace().scenarios] == [(), ()]
    tests = run_results([ran("test_kept", 6, KEPT, passed=1), ran("test_held", 5, HELD, passed=2)])
    traced = results(project, None, tests)
    assert problems(traced) == {
        slug: [Problem(State.UNCOVERED, f'no test is written for it: write one under @pytest.mark.scenario("{id_}")')]
        for slug, id_ in (("shape-kept", KEPT), ("shape-held", HELD))
    }
    assert traced.scenarios[1].tests == (
        LinkedTest("tests/test_shape.py::test_held", "tests/test_shape.py", 5, Cases(passed=2)),
    )


def test_results_of_one_test_in_two_parts(project: Project) -> None:
    """Results that come in parts, one for each scenario or set of parameters, are added up."""
    parts = [
        ran("test_kept", 5, KEPT, passed=1),
        ran("test_kept", 5, KEPT, failed=2),
        ran("test_held", 10, HELD, passed=1),
    ]
    traced = results(project, None, run_results(parts))
    assert traced.scenarios[0].tests[0].cases == Cases(passed=1, failed=2)


@pytest.mark.parametrize("path", ["tests/test_shape.py", "tests/shapes/new.json"])
def test_results_of_other_tests(path: str, project: Project) -> None:
    """Where anything of the tests has changed since, their results are a problem, and those of the gate are none."""
    gate, tests = gate_results(), run_results()
    project.write("tests/.cache/new.json", "{}")
    assert results(project, gate, tests).exit_code == 0
    project.write(path, f"{TESTS}\n")
    traced = results(project, gate, tests)
    assert traced.problems == (Trouble("tests.json", "these results are of other tests: run it again"),)
    assert traced.exit_code == 2


def test_unreadable_results(project: Project) -> None:
    """Results that cannot be read are a problem of the run; the links are judged all the same."""
    traced = project.trace(project.write("gate.json", "{"), Path("missing.json"))
    assert [(trouble.where, trouble.undecided) for trouble in traced.problems] == [
        (f"{project.root.as_posix()}/gate.json", True),
        ("missing.json", True),
    ]
    assert (traced.exit_code, traced.judged) == (2, Judged(gate=False, tests=False))


def test_order_of_gravity() -> None:
    """The states are in the order of their gravity."""
    words = ["duplicate", "uncovered", "outdated", "error", "failing", "undetermined", "never-run"]
    words += ["vacuous", "waived", "covered"]
    assert [state.value for state in sorted(State, key=lambda state: state.gravity)] == words


def test_fingerprint_of_names(project: Project) -> None:
    """A fingerprint is of the name, too, and of nothing else's name or text."""
    kept, held = project.trace().scenarios
    assert kept.scenario.text == held.scenario.text
    assert kept.fingerprint == Fingerprint(
        "sha256:" + hashlib.sha256(b"Table Shape\nA table SHALL have a shape.").hexdigest(),
        "sha256:" + hashlib.sha256(b"Shape kept\n- **WHEN** asked\n- **THEN** it SHALL answer").hexdigest(),
    )
    assert kept.fingerprint.scenario != held.fingerprint.scenario
