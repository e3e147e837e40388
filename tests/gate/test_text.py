"""A run as a person reads it: the worst first, what is alike together, and no more than one takes in."""

from __future__ import annotations

from dataclasses import replace

from evidence.console import Console
from evidence.model import TracedContext
from gate.run import Problem, Run
from gate.text import render
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


def printed(run: Run) -> str:
    """Return what is printed on a terminal without colours, 120 columns wide, without spaces at line ends."""
    console = Console(width=120)
    render(run, console)
    return console.printed


def test_a_violation_is_told_in_full() -> None:
    """Table, finding, problem and bottom line: the whole text of a small run."""
    run = Run(problems=[Problem("x.json:1:2", "not [valid]")])
    run.add([KEY, replace(KEY, outcome=Outcome.COMPLIANT), replace(KEY, outcome=Outcome.NOT_APPLICABLE)])
    run.findings()[0][0].command = "npx aws-cdk@2 synth -c 'a=[b]'"
    assert printed(run) == (
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


def test_what_is_waived_is_told_with_its_waiver() -> None:
    """It has a column, its finding its waiver and no red, and the bottom line says that not all holds by itself."""
    run = Run()
    waived = [replace(KEY, outcome=Outcome.WAIVED, waiver=f"waivers.toml: {name}") for name in ("one", "other")]
    run.add([replace(KEY, outcome=Outcome.COMPLIANT), waived[0]])
    run.add([replace(waived[1], scenario="table-key-schema/no-sort-key-required")])
    said = [" ".join(line.split()) for line in printed(run).splitlines()]
    assert said[0] == "scenario compliant waived"
    assert said[2:4] == ["partition-key-defined 1 1", "no-sort-key-required · 1"]
    assert said[5:7] == [
        "waived dynamodb-storage#table-key-schema/partition-key-defined",
        "waived dynamodb-storage#table-key-schema/no-sort-key-required",
    ]
    assert "waiver: waivers.toml: one; waivers.toml: other" in said
    assert said[-1] == ("holds, but for what is waived: 1 templates, 2 scenarios, 3 verdicts: 1 compliant, 2 waived")
    console = Console(width=120, coloured=True)
    render(run, console)
    assert "\x1b[1;36m" in console.printed
    assert "\x1b[1;31m" not in console.printed


def test_findings_alike_keep_their_words() -> None:
    """One that is waived, beside one that is not in the same words, is told as waived."""
    run = Run()
    other = replace(KEY, scenario="table-key-schema/no-sort-key-required", outcome=Outcome.WAIVED, waiver="ours")
    run.add([KEY, other])
    assert (
        "non-compliant dynamodb-storage#table-key-schema/partition-key-defined\n"
        "waived dynamodb-storage#table-key-schema/no-sort-key-required\n"
    ) in printed(run)


def test_of_a_matrix_the_context_is_told() -> None:
    """A digest says nothing to a reader; the context does."""
    run = Run(contexts={"prod-vpc": TracedContext("prod-vpc", {}, None, None, (), None, ())})
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


def test_findings_that_say_the_same_come_together() -> None:
    """A context that did not synthesise fails every scenario, and is told once."""
    failed = [Verdict(*name, Outcome.ERROR, context="prod", message="ValueError: no") for name in NAMES]
    run = Run(contexts={"prod": TracedContext("prod", {}, None, None, (), None, ())})
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
