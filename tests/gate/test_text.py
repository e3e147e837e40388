"""A run as a person reads it: the worst first, what is alike together, and no more than one takes in."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from rich.console import Console

from gate.run import Problem, Run
from gate.text import first_findings, render
from policies.catalogue import load
from policies.model import Outcome, Verdict

NAMES = [(entry.scenario.spec, entry.name) for entry in load()]
KEY = Verdict(
    "dynamodb-storage",
    "table-key-schema/partition-key-defined",
    Outcome.NON_COMPLIANT,
    "t.json",
    None,
    "Table",
    "$.Resources.Table",
    {"a": "[b]"},
    "id",
    "the key is\nwrong",
    "mend it",
    ("IsProd is true", "Stage is [prod]"),
)


def printed(run: Run, commands: dict[int, str] | None = None) -> str:
    """Return what is printed on a terminal without colours, 120 columns wide, without spaces at line ends."""
    out = StringIO()
    render(run, Console(file=out, width=120, highlight=False), commands)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def test_a_violation_is_told_in_full() -> None:
    """Table, finding, problem and bottom line: the whole text of a small run."""
    run = Run(problems=[Problem("x.json:1:2", "not [valid]")])
    run.add([KEY, replace(KEY, outcome=Outcome.COMPLIANT), replace(KEY, outcome=Outcome.NOT_APPLICABLE)])
    assert printed(run, {id(KEY): "npx aws-cdk@2 synth -c 'a=[b]'"}) == (
        "scenario                           compliant  non-compliant  not-applicable\n"
        "dynamodb-storage#table-key-schema\n"
        "  partition-key-defined                    1              1               1\n"
        "\n"
        "non-compliant dynamodb-storage#table-key-schema/partition-key-defined\n"
        "  the key is\n"
        "  wrong\n"
        "  resource: Table\n"
        "  path:     $.Resources.Table\n"
        '  found:    {"a": "[b]"}\n'
        "  expected: id\n"
        "  mend:     mend it\n"
        "  assuming: IsProd is true; Stage is [prod]\n"
        "  template: t.json\n"
        "  see it:   npx aws-cdk@2 synth -c 'a=[b]'\n"
        "\n"
        "could not judge x.json:1:2: not [valid]\n"
        "\n"
        "could not judge all: 1 templates, 1 scenarios, 3 verdicts: 1 not-applicable, 1 compliant, 1 non-compliant"
    )


def test_of_a_matrix_the_context_is_told() -> None:
    """A digest says nothing to a reader; the context does."""
    run = Run(contexts={"prod-vpc": {}})
    run.add([replace(KEY, context="prod-vpc")])
    assert "  context:  prod-vpc\n" in printed(run)
    assert "t.json" not in printed(run)
    assert printed(run).endswith("does not hold: 1 contexts, 1 templates, 1 scenarios, 1 verdicts: 1 non-compliant")


def test_false_and_null_are_found_too() -> None:
    """What stands in the template is shown even where it is false; where nothing stands, nothing is said."""
    run = Run()
    run.add([replace(KEY, found=False)])
    assert "  found:    false\n" in printed(run)
    run = Run()
    run.add([replace(KEY, found=None)])
    assert "found:" not in printed(run)


def test_the_first_of_each_scenario_the_worst_first() -> None:
    """Errors before violations before the undetermined, one of each scenario and outcome."""
    verdicts = [Verdict(*NAMES[0], Outcome.UNDETERMINED, message="u"), KEY, replace(KEY, resource="Other")]
    error = Verdict(*NAMES[1], Outcome.ERROR, message="e")
    assert first_findings([*verdicts, error]) == [[error], [KEY], [verdicts[0]]]


def test_findings_that_say_the_same_come_together() -> None:
    """A context that did not synthesise fails every scenario, and is told once."""
    failed = [Verdict(*name, Outcome.ERROR, context="prod", message="ValueError: no") for name in NAMES]
    assert first_findings(failed) == [failed]
    run = Run(contexts={"prod": {}})
    run.add(failed)
    assert printed(run).count("ValueError: no") == 1


def test_no_more_than_a_reader_takes_in() -> None:
    """Of many findings and problems the first are shown, and of the problems how many are left."""
    run = Run(problems=[Problem(f"{number}.json", "unreadable") for number in range(25)])
    run.add(Verdict(*name, Outcome.NON_COMPLIANT, message=name[1]) for name in NAMES)
    text = printed(run)
    assert text.count("\nnon-compliant ") == 8
    assert text.count("could not judge ") == 22
    assert "could not judge 19.json: unreadable\ncould not judge 5 more\n" in text
