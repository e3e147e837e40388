"""Other scanners as witnesses: what they notice of mutants, what only they do, and where they disagree with us."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from evidence.console import Console
from gate import witnesses, witnesses_document, witnesses_markdown, witnesses_text
from gate.scans import Scans
from gate.witnesses import Hearing, hear
from policies.agreement import Pair
from policies.model import Outcome, Outcomes
from policies.reading import InputError
from proof.answers import Answer
from proof.bases import Base
from proof.model import Findings, Seen
from proof.run import Proof
from scanners.canary import canary
from scanners.model import Scan, ScannerFinding
from tests.policies.pairs import RECOVERY, WHY, explained, pair
from tests.policies.templates import template
from tests.scanners.logs import finding, scan

ENCRYPTION = "dynamodb-storage#table-encryption/encryption-enabled"
SOUND, VIOLATED, OTHERWISE = "defaults", "moves/off", "moves/otherwise"
ANSWER = "A backup is not what the specification is about."


def seen(operator: str | None, outcome: Outcome, note: str) -> Seen:
    """Return a template that differs from others by a note, and what the scenario of recovery comes to."""
    source = json.dumps(template() | {"Description": note}).encode()
    outcomes: Outcomes = {
        RECOVERY: {"Table": frozenset({outcome})},
        ENCRYPTION: {"Table": frozenset({Outcome.COMPLIANT})},
    }
    return Seen(SOUND, operator, "$.Resources.Table", source, outcomes)


MUTANTS = (
    seen(None, Outcome.COMPLIANT, "sound"),
    seen(VIOLATED, Outcome.NON_COMPLIANT, "violated"),
    seen(VIOLATED, Outcome.NON_COMPLIANT, "violated otherwise"),
    seen(OTHERWISE, Outcome.COMPLIANT, "in other words"),
    seen(OTHERWISE, Outcome.UNDETERMINED, "who knows"),
)
ORIGINAL, FIRST, SECOND, HARMLESS, UNKNOWN = (hashlib.sha256(one.source).hexdigest() for one in MUTANTS)
ALL = (ORIGINAL, FIRST, SECOND, HARMLESS, UNKNOWN)


def proof() -> Proof:
    """Return a proof of the mutants."""
    base = Base(SOUND, f"sha256:{ORIGINAL}", template(), {}, {"stage": "prod"}, {}, {}, {"Table": "Stack/Table"})
    return Proof((base,), (), Findings(seen=list(MUTANTS)), ())


def said(rules: Mapping[str, Sequence[str]], *, sung: Sequence[str] = ("CKV_AWS_28",), **changes: object) -> Scan:
    """Return what checkov has found by rules in templates, on the table, and in their canary."""
    found: tuple[ScannerFinding, ...] = tuple(
        finding(scanner="checkov", rule=rule, template=digest, line=None, logical="Table", message=f"{rule} {number}")
        for rule, digests in rules.items()
        for number, digest in enumerate(digests)
    )
    told: dict[str, object] = {
        "name": "checkov",
        "version": "3.3.30",
        "templates": frozenset(ALL),
        "canaries": {canary(ALL): frozenset(sung)},
        "findings": found,
    }
    return scan(**(told | changes))


def heard(*scans: Scan, pairs: Sequence[Pair] = (), answers: Sequence[Answer] = ()) -> Hearing:
    """Return what scanners come to."""
    return hear(proof(), Scans(scans), pairs, answers)


def answer(*rules: str, scanner: str = "checkov") -> Answer:
    """Return our answer to rules."""
    return Answer(scanner=scanner, rules=rules, answer=ANSWER)


REASON = "it reports an error: the CDK includes it as another template"


def of_the_cdk(found_in: Sequence[str], *more: str, name: str = "cdk", unread: Mapping[str, str] | None = None) -> Scan:
    """Return what the CDK's validator has found, which does not list the first mutant, nor `more`, as read."""
    told = dict.fromkeys((FIRST, *more), REASON) if unread is None else unread
    read = said({"CKV_2": found_in}, name=name, templates=frozenset(ALL) - {FIRST, *more}, sung=["R1"], unread=told)
    return replace(read, findings=tuple(replace(one, scanner=name) for one in read.findings))


def test_what_is_noticed() -> None:
    """A violation is noticed where some rule finds more in it than in the template that it was made of."""
    told = heard(
        said({"CKV_1": ALL, "CKV_2": [FIRST], "CKV_3": [ORIGINAL, SECOND], "CKV_4": [ORIGINAL, FIRST, SECOND, SECOND]})
    )
    assert (told.templates, told.mutants, told.violations) == (5, 4, {RECOVERY: 2})
    (witness,) = told.witnesses
    assert (witness.name, witness.version, witness.noticed, witness.alone) == ("checkov", "3.3.30", {RECOVERY: 2}, {})
    assert heard(said({"CKV_1": ALL, "CKV_3": [ORIGINAL, SECOND]})).witnesses[0].noticed == {}
    assert (told.problems, told.exit_code) == ((), 0)


@pytest.mark.parametrize("name", ["cdk", "checkov"])
def test_what_was_not_read(name: str) -> None:
    """Of that a scanner sees nothing: it is not silent about it, and it is told how many mutants it is."""
    told = heard(of_the_cdk([HARMLESS], name=name))
    assert (told.witnesses[0].unread, told.problems) == (1, ())


def test_what_the_cdk_cannot_include() -> None:
    """It is compared with nothing, and where it is the original, its mutants are not seen either."""
    one = pair(scanner="cdk", rule="R1")
    told = heard(of_the_cdk([]), pairs=[one])
    assert (told.agreement.compared, [each.contexts for each in told.agreement.unexplained]) == (
        3,
        [[f"{VIOLATED} at $.Resources.Table in {SOUND}"]],
    )
    told = heard(of_the_cdk([HARMLESS, SECOND], ORIGINAL))
    assert (told.witnesses[0].unread, told.witnesses[0].noticed, told.problems) == (4, {}, ())


@pytest.mark.parametrize(
    ("scan", "start"),
    [
        (of_the_cdk([], unread={}), f"it has not read {FIRST}, 1 of 5 templates"),
        (of_the_cdk([FIRST]), f"it has not read {FIRST}, 1 of 5 templates: {REASON}"),
        (
            of_the_cdk([], unread={FIRST: REASON, SECOND: REASON}),
            f"it has not read {SECOND}, 1 of 5 templates: {REASON}",
        ),
        (of_the_cdk([], unread={"f" * 64: REASON, FIRST: REASON}), f"it has read {'f' * 64}, 1 of other runs"),
        (
            of_the_cdk([], ORIGINAL, SECOND, HARMLESS, UNKNOWN),
            f"it has not read {', '.join(sorted(ALL)[:3])}, …, 5 of 5 templates: {REASON}",
        ),
        (of_the_cdk([], name="checkov", unread={}), f"it has not read {FIRST}, 1 of 5 templates"),
    ],
    ids=["lost", "found-in", "listed", "of-another-run", "all", "of-another-scanner"],
)
def test_what_was_not_read_without_a_word(scan: Scan, start: str) -> None:
    """A template that a scanner does not say it could not read, or has read after all, is missing."""
    told = heard(scan)
    ((name, problem),) = told.problems
    assert (name, problem[: len(start)], told.exit_code) == (scan.name, start, 2)


def in_parts(*changes: Mapping[str, object]) -> list[Scan]:
    """Return a report of checkov's for each part of at most three templates, with something changed in it."""
    reports = []
    digests = sorted(ALL)
    for part, changed in zip((digests[:3], digests[3:]), changes, strict=True):
        told: dict[str, object] = {
            "templates": frozenset(part),
            "canaries": {canary(part): frozenset({"CKV_AWS_28"})},
            **changed,
        }
        one = said({"CKV_2": [digest for digest in part if digest == FIRST]})
        reports.append(scan(*one.findings, **({"name": one.name, "version": one.version} | told)))
    return reports


def test_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a scanner says of templates part by part, in reports of their own or in one, is heard as one."""
    monkeypatch.setattr(witnesses, "_MOST", 3)
    first, second = sorted(ALL)[:3], sorted(ALL)[3:]
    told = heard(*in_parts({}, {}), pairs=[pair()])
    assert [(one.name, one.noticed, one.unread) for one in told.witnesses] == [("checkov", {RECOVERY: 1}, 0)]
    assert (told.templates, told.agreement.asked, told.problems) == (5, 1, ())
    canaries = {canary(part): frozenset({"CKV_AWS_28"}) for part in (first, second)}
    assert heard(said({"CKV_2": [FIRST]}, canaries=canaries)).problems == ()


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        (({}, {"canaries": {}}), "it found nothing in the canary, "),
        (({"canaries": {canary(["f" * 64]): frozenset({"R"})}}, {}), f"it found something in {canary(['f' * 64])}, "),
        (({}, {"templates": frozenset()}), "it has not read "),
        (({}, {"failures": ("it crashed",)}), "it crashed"),
        (({}, {"unread": {"f" * 64: "it broke"}}), f"it has read {'f' * 64}, 1 of other runs"),
        (({}, {"canaries": {canary(sorted(ALL)[3:]): frozenset({"R"})}}), "CKV_AWS_28 found nothing in the canary"),
    ],
    ids=["without-a-canary", "of-another-run", "unread", "crashed", "strange", "silent"],
)
def test_a_part_that_cannot_be_relied_on(
    monkeypatch: pytest.MonkeyPatch, changes: Sequence[Mapping[str, object]], start: str
) -> None:
    """What is wrong with a report of one part is wrong with the scanner."""
    monkeypatch.setattr(witnesses, "_MOST", 3)
    told = heard(*in_parts(*changes), pairs=[pair()])
    assert [(name, problem[: len(start)]) for name, problem in told.problems] == [("checkov", start)]


def test_a_part_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of one part does not stand for the others; two of the same part are not heard."""
    monkeypatch.setattr(witnesses, "_MOST", 3)
    one, _ = in_parts({}, {})
    starts = ["it found nothing in the canary, ", "it has not read "]
    for (name, problem), start in zip(heard(one).problems, starts, strict=True):
        assert (name, problem[: len(start)]) == ("checkov", start)
    assert heard(one, one).problems[0] == (
        "checkov",
        "several runs of it are imported; import one report of all templates",
    )


def test_no_list_of_what_was_read() -> None:
    """Of a scanner that keeps none it is told, wherever it is told how much others have not read."""
    told = heard(said({"CKV_1": [FIRST]}, templates=None))
    assert (told.witnesses[0].unread, told.problems) == (None, ())
    assert printed(told)[3] == "could not be read" + "keeps no list".rjust(74)
    assert "| *could not be read* |  | *keeps no list* |" in witnesses_markdown.render(told).splitlines()


def test_what_only_they_notice() -> None:
    """A rule that finds more where every scenario is as content as before is to be answered."""
    scans = said({"CKV_1[one]": [HARMLESS], "CKV_2": [UNKNOWN, FIRST]})
    told = heard(scans)
    name = f"{OTHERWISE} at $.Resources.Table in {SOUND}"
    assert told.witnesses[0].alone == {"CKV_1": [name]}
    assert (told.unanswered, told.idle, told.exit_code) == ([("checkov", "CKV_1")], [], 1)
    told = heard(scans, answers=[answer("CKV_1")])
    assert (told.unanswered, told.idle, told.exit_code) == ([], [], 0)


def test_idle_answers() -> None:
    """An answer to what no rule notices by itself is told."""
    told = heard(said({"CKV_2": [FIRST]}), answers=[answer("CKV_2")])
    assert (told.unanswered, told.idle, told.exit_code) == ([], [("checkov", "CKV_2")], 1)


def test_disagreements() -> None:
    """A pair is compared on every mutant; an explanation is of the operators that it names."""
    flags = said({"CKV_AWS_28": [FIRST, HARMLESS]})
    one = pair()
    told = heard(flags, pairs=[one], answers=[answer("CKV_AWS_28")])
    assert [(each.side, each.resource, each.contexts) for each in told.agreement.unexplained] == [
        ("we", "Stack/Table", [f"{VIOLATED} at $.Resources.Table in {SOUND}"]),
        ("they", "Stack/Table", [f"{OTHERWISE} at $.Resources.Table in {SOUND}"]),
    ]
    assert (told.agreement.compared, told.exit_code) == (4, 1)
    both = [explained("they", operators=[OTHERWISE]), explained("we", operators=[VIOLATED])]
    told = heard(flags, pairs=[pair(explained=both)], answers=[answer("CKV_AWS_28")])
    assert (len(told.agreement.explained), told.agreement.unexplained, told.exit_code) == (2, [], 0)
    stale = [explained("they", operators=[VIOLATED, OTHERWISE]), explained("we", operators=[OTHERWISE])]
    told = heard(flags, pairs=[pair(explained=stale)], answers=[answer("CKV_AWS_28")])
    assert [(one.side, one.operators) for _, one in told.agreement.stale] == [
        ("they", (VIOLATED,)),
        ("we", (OTHERWISE,)),
    ]
    assert (len(told.agreement.unexplained), told.exit_code) == (1, 1)


@pytest.mark.parametrize(
    ("scans", "name", "start"),
    [
        pytest.param(Scans([]), "checkov", "has not run, though named by 1 pair; ", id="missing"),
        pytest.param(Scans([said({}, failures=("it crashed",))]), "checkov", "it crashed", id="crashed"),
        pytest.param(Scans([said({}, canaries={})]), "checkov", "it found nothing in the canary, ", id="no-canary"),
        pytest.param(Scans([said({}, sung=["CKV_1"])]), "checkov", "CKV_AWS_28 found nothing in the", id="silent"),
        pytest.param(
            Scans([said({}, templates=frozenset(ALL[1:]))]),
            "checkov",
            f"it has not read {ORIGINAL}, 1 of 5",
            id="unread",
        ),
        pytest.param(Scans([said({})], [InputError("a.sarif", "no JSON")]), "a.sarif", "no JSON", id="unreadable"),
    ],
)
def test_scanners_that_cannot_be_relied_on(scans: Scans, name: str, start: str) -> None:
    """A scanner that is missing, failed, or has not read all of it is a problem, whatever else there is."""
    told = hear(proof(), scans, [pair(explained=[explained("we", operators=[VIOLATED])])], [])
    (problem,) = told.problems
    assert (problem[0], problem[1][: len(start)], told.exit_code) == (name, start, 2)


def test_answers_of_a_scanner_that_did_not_run() -> None:
    """What is answered of it cannot be known to be needed."""
    told = heard(said({"CKV_2": [FIRST]}), answers=[answer("W1", scanner="cfn-lint")])
    assert told.problems == (
        ("cfn-lint", "has not run, though named by answers; run it on the folder of mutants, and import its report"),
    )


def printed(told: Hearing) -> list[str]:
    """Return what is printed of it."""
    console = Console(width=160)
    witnesses_text.render(told, console)
    return console.printed.splitlines()


def test_text() -> None:
    """A table of who notices what, each thing that is left to mend, and a last line that sums it up."""
    lines = printed(
        heard(
            said({"CKV_1": [FIRST], "CKV_2": [HARMLESS]}, failures=("it crashed",)),
            pairs=[],
            answers=[answer("CKV_3")],
        )
    )
    assert lines == [
        "                                                                              noticed by",
        "violated                                                             mutants     checkov",
        f"{RECOVERY}        2           1",
        "",
        "unanswered checkov CKV_2 notices what no scenario does",
        f"  in:       {OTHERWISE} at $.Resources.Table in {SOUND}",
        "  remedy:   make a scenario of it, or say in proof/answers.toml why there is none",
        "idle answer checkov CKV_3: notices nothing by itself; take it out of proof/answers.toml",
        "could not judge checkov: it crashed",
        "",
        "not all heard: 1 other scanners of 5 templates; what they alone notice: 0 rules answered, 1 not; 1 problems",
    ]


def whole() -> Hearing:
    """Return a hearing with nothing left to explain or to answer."""
    explanation = explained("we", operators=[VIOLATED])
    return heard(
        said({"CKV_AWS_28": [FIRST], "CKV_2": [HARMLESS]}),
        pairs=[pair(explained=[explanation])],
        answers=[answer("CKV_2")],
    )


def test_markdown() -> None:
    """The page has the versions, who notices how much, our answers, and why both are right where they disagree."""
    tables = [line for line in witnesses_markdown.render(whole()).splitlines() if line.startswith(("|", "- "))]
    assert tables == [
        "- checkov 3.3.30",
        "| scenario | mutants that violate it | checkov |",
        "| --- | ---: | ---: |",
        f"| `{RECOVERY}` | 2 | 1 (50%) |",
        "| *could not be read* |  | 0 |",
        "| scanner | rules | mutants | our answer |",
        "| --- | --- | --- | --- |",
        f"| checkov | `CKV_2` | 1 | {ANSWER} |",
        "| rule | scenario | finds fault | mutants | why both are right |",
        "| --- | --- | --- | --- | --- |",
        f"| checkov `CKV_AWS_28` | `{RECOVERY}` | the scenario | 1 | {WHY} |",
    ]


def test_markdown_of_what_was_not_read() -> None:
    """Who has failed on a mutant is no witness of it: the shares are of what each could read."""
    lines = witnesses_markdown.render(heard(of_the_cdk([SECOND]))).splitlines()
    assert f"| `{RECOVERY}` | 2 | 1 of 1 (100%) |" in lines
    lines = witnesses_markdown.render(heard(of_the_cdk([], ORIGINAL))).splitlines()
    assert f"| `{RECOVERY}` | 2 | 0 of 0 |" in lines


def test_document() -> None:
    """The document is as its schema describes it, and tells the same."""
    schema = json.loads(files("proof").joinpath("proof.schema.json").read_text())
    described = schema["properties"]["witnesses"] | {"$defs": schema["$defs"]}
    told = witnesses_document.as_json(whole())
    Draft202012Validator(described).validate(told)
    assert told == {
        "templates": 5,
        "mutants": 4,
        "violations": [{"scenario": RECOVERY, "mutants": 2}],
        "scanners": [
            {
                "name": "checkov",
                "version": "3.3.30",
                "unread": 0,
                "read": [{"scenario": RECOVERY, "mutants": 2}],
                "noticed": [{"scenario": RECOVERY, "mutants": 1}],
                "alone": [
                    {
                        "rule": "CKV_2",
                        "mutants": [f"{OTHERWISE} at $.Resources.Table in {SOUND}"],
                        "answer": ANSWER,
                    }
                ],
            }
        ],
        "agreement": {
            "pairs": 1,
            "compared": 4,
            "disagreements": [
                {
                    "scanner": "checkov",
                    "rule": "CKV_AWS_28",
                    "scenario": RECOVERY,
                    "side": "we",
                    "resource": "Stack/Table",
                    "mutants": [f"{VIOLATED} at $.Resources.Table in {SOUND}"],
                    "why": WHY,
                }
            ],
            "stale": [],
        },
        "idle_answers": [],
        "problems": [],
        "exit_code": 0,
    }
