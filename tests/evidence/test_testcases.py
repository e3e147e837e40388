"""What formats of test results tell of a record, before it is in one: the words, the text, and how much of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from evidence.model import Scanned, TracedAlert, TracedFinding, Trouble
from evidence.record import JudgedScenario, Record, Standing
from evidence.testcases import MAX_ALERTS, MAX_FINDINGS, MAX_LENGTH, MAX_PROBLEMS, Case, cases_of
from policies.model import Outcome
from tests.evidence.records import alert, finding, judged, record, scanned

HOSTILE = "]]></error><a b='c'>&amp;\x00\x1b[31m\u202egnp\u2028\ufffe\ud800\r\n\nnon-compliant: forged\n\ttab"
SHOWN = [
    r"]]></error><a b='c'>&amp;\x00\x1b[31m\u202egnp\u2028\ufffe\ud800\r",
    "    ",
    "    non-compliant: forged",
    r"    \ttab",
]


def case(one: JudgedScenario, *findings: TracedFinding) -> Case:
    """Return the case of a scenario."""
    return next(cases_of(record(scenarios=(one,), findings=findings)))


def of_run(told: Record) -> list[tuple[str, str, str, str]]:
    """Return the name, word, message and text of the cases that are about the run."""
    return [(one.name, one.word, one.message, one.text) for one in cases_of(told) if one.judged is None]


def test_a_scenario() -> None:
    """The requirement, the name, our own word, and all that is known of a finding."""
    one = judged(Standing.NON_COMPLIANT)
    told = finding(
        Standing.NON_COMPLIANT,
        contexts=(0, 1),
        assuming=("IsProd is false", "IsDr is true"),
        command="gate --context x",
    )
    assert case(one, told) == Case(
        group="storage#table-keys",
        suite=("storage", "Table Keys"),
        name="It is non-compliant",
        word="non-compliant",
        message="non-compliant: the table is encrypted with a key that AWS owns",
        text="\n".join(
            [
                "non-compliant: of 2 verdicts, 1 compliant, 1 non-compliant",
                "scenario: storage#table-keys/it-is-non-compliant",
                "",
                "non-compliant: the table is encrypted with a key that AWS owns",
                "  resource: Table",
                "  path: $.Resources.Table.Properties.SSESpecification.SSEEnabled",
                "  found: false",
                "  expected: encryption on",
                "  mend: set encryption",
                "  assuming: IsProd is false; IsDr is true",
                "  context: prod and 1 other",
                "  see it: gate --context x",
            ]
        ),
        judged=one,
    )


@pytest.mark.parametrize(
    ("outcomes", "lacking", "message"),
    [
        ({Outcome.COMPLIANT: 1}, 0, "compliant: of 1 verdict, 1 compliant"),
        (
            {Outcome.COMPLIANT: 1, Outcome.NOT_APPLICABLE: 2},
            0,
            "compliant: of 3 verdicts, 1 compliant, 2 not-applicable",
        ),
        ({Outcome.NOT_APPLICABLE: 2_000}, 0, "not-applicable: of 2,000 verdicts, 2,000 not-applicable"),
        ({}, 0, "not-run: no verdict"),
        ({}, 1, "not-run: no verdict; none in 1 context"),
        ({Outcome.COMPLIANT: 1}, 2, "not-run: of 1 verdict, 1 compliant; none in 2 contexts"),
        ({Outcome.UNDETERMINED: 1}, 0, "undetermined: of 1 verdict, 1 undetermined"),
        ({Outcome.NON_COMPLIANT: 1}, 2, "non-compliant: of 1 verdict, 1 non-compliant; none in 2 contexts"),
        ({Outcome.ERROR: 1}, 0, "error: of 1 verdict, 1 error"),
        ({Outcome.WAIVED: 1}, 0, "waived: of 1 verdict, 1 waived"),
        ({Outcome.WAIVED: 1}, 1, "not-run: of 1 verdict, 1 waived; none in 1 context"),
        ({Outcome.WAIVED: 1, Outcome.ERROR: 1}, 0, "error: of 2 verdicts, 1 error, 1 waived"),
    ],
    ids=[
        *("compliant", "partly", "n/a", "none", "lacking-all", "lacking", "undetermined", "non-compliant", "error"),
        *("waived", "waived-lacking", "waived-error"),
    ],
)
def test_a_scenario_without_findings(outcomes: dict[Outcome, int], lacking: int, message: str) -> None:
    """How often it came to what, and in how many contexts it was not judged."""
    told = case(judged(Standing.COMPLIANT, outcomes=Counter(outcomes), lacking=lacking))
    assert told.message == message
    assert told.text == f"{message}\nscenario: storage#table-keys/it-is-compliant"


def test_several_findings() -> None:
    """The first is in the message; of more than are told, how many there are."""
    one = judged(Standing.ERROR)
    findings = [finding(Standing.ERROR, message=f"finding {i}") for i in range(MAX_FINDINGS + 2)]
    told = case(one, *findings)
    assert told.message == "error: finding 0 (and 21 other findings)"
    assert told.text.count("\nerror: finding ") == MAX_FINDINGS
    assert told.text.endswith("\n\nand 2 other findings, which the verdicts tell")
    assert case(one, *findings[:2]).message == "error: finding 0 (and 1 other finding)"


def of_scanners(*alerts: TracedAlert) -> list[Case]:
    """Return the cases of a run in which other scanners have found something, and nothing else is wrong."""
    return list(cases_of(record(Standing.COMPLIANT, scanned=scanned(*alerts))))[1:]


def test_an_alert_of_another_scanner() -> None:
    """The scanner, the rule and where, our own word, and all that is known of it."""
    one = alert(waived=(0,), waivers=("a waiver, 40 days left: So.",))
    assert of_scanners(one) == [
        Case(
            group="scanner checkov",
            suite=("scanner checkov",),
            name="CKV_AWS_119 on WorthWatchStorage/Storage/DynamoTable/Resource",
            word="non-compliant",
            message="non-compliant: Ensure DynamoDB Tables are encrypted using a KMS Customer Managed CMK",
            text="\n".join(
                [
                    "non-compliant: Ensure DynamoDB Tables are encrypted using a KMS Customer Managed CMK",
                    "  resource: WorthWatchStorage/Storage/DynamoTable/Resource",
                    "  level: error",
                    "  context: dev and 1 other",
                    "  not waived in: prod",
                    "  waiver: a waiver, 40 days left: So.",
                    "  known by: 0123456789abcdef0123456789abcdef",
                    "  help: https://example.com/CKV_AWS_119",
                ]
            ),
        )
    ]


def test_alerts_stand_or_are_waived() -> None:
    """One is waived if it is everywhere, and comes after what stands; that nothing was found is no case."""
    waived = alert(fingerprint="f" * 32, waived=(0, 1), waivers=("a",))
    told = of_scanners(waived, alert())
    on = "CKV_AWS_119 on WorthWatchStorage/Storage/DynamoTable/Resource"
    assert [(one.name, one.word) for one in told] == [
        (f"{on}, 0123456789abcdef0123456789abcdef", "non-compliant"),
        (f"{on}, {'f' * 32}", "waived"),
    ]
    assert of_scanners() == []
    assert len(list(cases_of(record(Standing.COMPLIANT, scanned=Scanned())))) == 1


@pytest.mark.parametrize(
    ("standing", "message"),
    [
        (MAX_ALERTS + 2, "non-compliant: 3 other findings, of which 2 not waived, which the trace tells"),
        (MAX_ALERTS, "waived: 3 other findings, of which 0 not waived, which the trace tells"),
    ],
)
def test_many_alerts(standing: int, message: str) -> None:
    """Beyond so many they are one case, which fails if one of them stands."""
    alerts = [alert(resource=f"r{i}") for i in range(MAX_ALERTS + 3)]
    waived = [replace(one, waived=one.contexts, waivers=("a",)) for one in alerts[standing:]]
    told = of_scanners(*waived, *alerts[:standing])
    assert len(told) == len({one.name for one in told}) == MAX_ALERTS + 1
    assert told[-1] == Case(
        "scanner checkov", ("scanner checkov",), "other findings", message.partition(":")[0], message, message
    )


def test_a_hostile_alert() -> None:
    """Nothing that is not printed is left, no line can be taken for ours, and all of it is short."""
    (told,) = of_scanners(alert(rule=HOSTILE, resource=HOSTILE, message=HOSTILE, help_uri=HOSTILE))
    assert told.message == f"non-compliant: {SHOWN[0]}  non-compliant: forged \\ttab"
    assert told.text.split("\n") == [
        f"non-compliant: {SHOWN[0]}",
        *SHOWN[1:],
        f"  resource: {SHOWN[0]}",
        *SHOWN[1:],
        "  level: error",
        "  context: dev and 1 other",
        "  known by: 0123456789abcdef0123456789abcdef",
    ]
    assert told.name.isprintable()
    (told,) = of_scanners(alert(rule="r" * 100_000, resource="r" * 100_000, message="m" * 100_000))
    assert len(told.name + told.message + told.text) < 5_000


def test_problems_of_the_run() -> None:
    """Each is a case of its own, beside the same problem, too; after so many, their number."""
    problem = Trouble("stage=prod", "no template\nwas made")
    told = record(Standing.COMPLIANT, problems=(problem,) * (MAX_PROBLEMS + 3))
    every = of_run(told)
    assert every[1] == (
        "problem 2: stage=prod",
        "error",
        "error: no template",
        "error: no template\n    was made",
    )
    assert len(every) == len({name for name, *_ in every}) == MAX_PROBLEMS + 1
    said = "error: 3 other problems, which the gate tells"
    assert every[-1] == ("other problems", "error", said, said)


def test_nothing_judged() -> None:
    """No scenario is a case of its own."""
    said = "not-run: there is no scenario, so nothing was judged"
    assert of_run(record(scenarios=(), findings=())) == [("scenarios", "not-run", said, said)]


def test_vacuous() -> None:
    """That a scenario applied nowhere, which is no failure of its own, is one of the run."""
    said = "vacuous: nothing shows whether they hold: 1 scenario applied in no context"
    assert of_run(record(Standing.COMPLIANT, Standing.NOT_APPLICABLE)) == [
        ("vacuous scenarios", "vacuous", said, f"{said}\n    storage#table-keys/it-is-not-applicable")
    ]


def test_a_case_of_the_run_exactly_where_the_scenarios_do_not_tell() -> None:
    """Without one, and without a scenario that failed, the exit code is 0; and only then."""
    passed = {Standing.COMPLIANT, Standing.WAIVED, Standing.NOT_APPLICABLE}
    for problems in ((), (Trouble("matrix", "a value was never tried", undecided=False),)):
        for number in range(1, len(Standing) + 1):
            for standings in combinations(Standing, number):
                told = record(*standings, problems=problems)
                assert (not of_run(told) and passed.issuperset(standings)) == (told.exit_code == 0)


def test_hostile_text() -> None:
    """Nothing that is not printed is left, and no line can be taken for ours."""
    whole = finding(Standing.ERROR, resource=None, path=None, found=HOSTILE, message=HOSTILE, remedy=HOSTILE)
    told = case(judged(Standing.ERROR), whole)
    assert told.message == f"error: {SHOWN[0]}  non-compliant: forged \\ttab"
    found = r"]]></error><a b='c'>&amp;\u0000\u001b[31m\u202egnp\u2028\ufffe\ud800\r\n\nnon-compliant: forged\n\ttab"
    assert told.text.split("\n")[3:] == [
        f"error: {SHOWN[0]}",
        *SHOWN[1:],
        f'  found: "{found}"',
        "  expected: encryption on",
        f"  mend: {SHOWN[0]}",
        *SHOWN[1:],
        "  context: prod",
    ]


def test_hostile_names() -> None:
    """A name is one line, in which each character that is not printed has an escape of its own."""
    one = judged(Standing.COMPLIANT)
    hostile = replace(
        one,
        scenario=replace(one.scenario, spec="a\n", name="b\x00"),
        requirement=replace(one.requirement, name="c\x01"),
    )
    told = case(hostile)
    assert (told.group, told.suite, told.name) == (r"a\n#table-keys", (r"a\n", r"c\x01"), r"b\x00")
    assert next(name for name, *_ in of_run(record(problems=(Trouble("a\nb\u202e", "no"),)))) == r"problem 1: a b\u202e"


def test_long_text() -> None:
    """It is cut, and what is left out is counted; a name is not cut, for it may then be another's."""
    long = "m" * 1_000_000
    cut = f"{'m' * MAX_LENGTH}… (999,000 more characters)"
    whole = finding(Standing.ERROR, resource=long, path=long, found=[long], message=long, remedy=long, assuming=(long,))
    told = case(judged(Standing.ERROR), whole)
    assert told.message == f"error: {cut}"
    assert f"\n  mend: {cut}\n" in told.text
    assert len(told.text) < 10 * MAX_LENGTH
    problem = of_run(record(Standing.COMPLIANT, problems=(Trouble(long, long),)))
    assert problem == [(f"problem 1: {cut}", "error", f"error: {cut}", f"error: {cut}")]
