"""Waivers at work in a gate: what they cover, what they cannot, and what the gate comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gate.exemptions import Exemptions
from gate.judged import Judged
from gate.run import Run
from gate.scans import Others, Scans
from policies.model import Outcome, Verdict
from policies.waiver_model import Waiver
from policies.waiving import Kind
from scanners.model import Scan
from stack.contexts import Context
from tests.gate.scanned import ENCRYPTION, PROD, TABLE, TODAY, digest, found, gated, judged, scan, source, violated
from tests.policies.waivers import CREATED, EXPIRES, waiver

PLAIN, OTHER = source(), source(billing="PAY_PER_REQUEST")
FOUND = found(PLAIN, logical="Table")


def others(run: Run) -> Others:
    """Return what other scanners and waivers come to in a run."""
    assert run.others is not None
    return run.others


def known(*contexts: Judged, scans: tuple[Scan, ...] = ()) -> list[str]:
    """Return the fingerprints of what is found without waivers."""
    return sorted(one.alert.fingerprint for one in others(gated(*contexts, scans=scans)).reported)


THEIRS = known(judged(PLAIN), scans=(scan(FOUND),))
OURS = known(judged(PLAIN, violated(PLAIN)))
NOBODYS = ["0" * 32]


def theirs(**changed: object) -> Waiver:
    """Return the waiver of what the scanner "one" has found on the table."""
    return waiver(**({"scanner": "one", "rule": "R", "resource": TABLE, "fingerprints": THEIRS} | changed))


def ours(**changed: object) -> Waiver:
    """Return the waiver of what our own rule has found on the table."""
    given = {"scanner": "worthwatch", "rule": ENCRYPTION, "resource": TABLE, "fingerprints": OURS}
    return waiver(**(given | changed))


def come(run: Run) -> tuple[int, list[tuple[Kind, Waiver]], list[list[str]]]:
    """Return a run's exit code, what is wrong with the waivers, and where each alert stands."""
    wrong = [(problem.kind, problem.waiver) for problem in others(run).waiving.problems]
    stands = [[name for name in one.contexts if name not in one.waived] for one in others(run).reported]
    return run.exit_code, wrong, stands


# Other scanners


def test_nothing_waived() -> None:
    """What another scanner has found is a violation of the gate, in each context that has the template."""
    run = gated(judged(PLAIN), judged(PLAIN, name="prod"), judged(OTHER, name="third"), scans=(scan(FOUND),))
    assert come(run) == (1, [], [["dev", "prod"]])
    assert [one.contexts for one in others(run).standing] == [["dev", "prod"]]


@pytest.mark.parametrize("level", ["none", "note", "warning", "error"])
def test_every_level_counts(level: str) -> None:
    """No finding is passed over for being small."""
    assert come(gated(judged(PLAIN), scans=(scan(found(PLAIN, level=level)),)))[0] == 1


def test_waived() -> None:
    """What a waiver covers is no violation, and goes on to be told, with the waiver."""
    run = gated(judged(PLAIN), judged(PLAIN, name="again"), scans=(scan(FOUND),), waivers=(theirs(),))
    assert come(run) == (0, [], [[]])
    (one,) = others(run).reported
    assert (one.contexts, one.waived, one.stands) == (["dev", "again"], dict.fromkeys(one.contexts, theirs()), False)
    assert [(each.waiver, each.days_left, each.flags) for each in others(run).waiving.waived] == [(theirs(), 91, 2)]


@pytest.mark.parametrize(
    "changed",
    [
        {"scanner": "two"},
        {"scanner": "worthwatch"},
        {"rule": "S"},
        {"resource": "template"},
        {"resource": "Table"},
        {"fingerprints": NOBODYS},
        {"when": {"stage": ["prod"]}},
    ],
)
def test_what_a_waiver_does_not_cover(changed: dict[str, object]) -> None:
    """Another scanner, rule, resource, fingerprint or context: the finding stands."""
    two = scan(name="two")
    code, _, stands = come(gated(judged(PLAIN), scans=(scan(FOUND), two), waivers=(theirs(**changed),)))
    assert (code, stands) == (1, [["dev"]])


def test_two_scanners_that_say_the_same() -> None:
    """A waiver of what one says is none of the other's."""
    two = replace(scan(replace(FOUND, scanner="two")), name="two")
    assert come(gated(judged(PLAIN), scans=(scan(FOUND), two), waivers=(theirs(),))) == (1, [], [[], ["dev"]])


def test_another_context() -> None:
    """A waiver with a condition covers the finding where that is met, and nowhere else."""
    contexts = judged(PLAIN), judged(PLAIN, name="prod", settings=PROD)
    run = gated(*contexts, scans=(scan(FOUND),), waivers=(theirs(when={"stage": ["dev"]}),))
    assert come(run) == (1, [], [["prod"]])


@pytest.mark.parametrize(
    ("waivers", "today", "wrong", "stands"),
    [
        ([theirs()], date(2025, 8, 1), [(Kind.EXPIRED, theirs())], ["dev"]),
        ([theirs()], date(2025, 1, 30), [(Kind.EARLY, theirs())], ["dev"]),
        ([theirs(), theirs(rule="S")], TODAY, [(Kind.UNUSED, theirs(rule="S"))], []),
        (
            [theirs(fingerprints=[*NOBODYS, *THEIRS])],
            TODAY,
            [(Kind.UNUSED, theirs(fingerprints=[*NOBODYS, *THEIRS]))],
            [],
        ),
        (
            [theirs(fingerprints=NOBODYS)],
            TODAY,
            [(Kind.OVER_BROAD, theirs(fingerprints=NOBODYS)), (Kind.UNUSED, theirs(fingerprints=NOBODYS))],
            ["dev"],
        ),
        ([theirs(rule="*"), theirs()], TODAY, [(Kind.OVERLAPPING, theirs(rule="*"))], ["dev"]),
    ],
    ids=["expired", "early", "unused", "partly-unused", "over-broad", "overlapping"],
)
def test_a_waiver_that_does_not_serve(
    waivers: list[Waiver], today: date, wrong: list[tuple[Kind, Waiver]], stands: list[str]
) -> None:
    """It fails the gate, and is told, whatever it covers."""
    run = gated(judged(PLAIN), scans=(scan(FOUND),), waivers=tuple(waivers), today=today)
    assert come(run) == (1, wrong, [stands])


def test_over_broad_beside_what_it_was_written_for() -> None:
    """What it was written for stays waived; what it was not stands."""
    more = found(PLAIN, logical="Table", message="another")
    run = gated(judged(PLAIN), scans=(scan(FOUND, more),), waivers=(theirs(),))
    assert come(run) == (1, [(Kind.OVER_BROAD, theirs())], [[], ["dev"]])


@pytest.mark.parametrize(("exhaustive", "code"), [(True, 1), (False, 0)])
def test_unused_is_for_a_matrix_with_every_value(code: int, *, exhaustive: bool) -> None:
    """In a few contexts alone, a waiver that covers nothing may be of the others; what it covers, it covers there."""
    waivers = theirs(), theirs(rule="S")
    run = gated(judged(PLAIN), scans=(scan(FOUND),), waivers=waivers, exhaustive=exhaustive)
    assert come(run) == (code, [(Kind.UNUSED, theirs(rule="S"))] if exhaustive else [], [[]])


def test_an_expired_one_fails_a_few_contexts_too() -> None:
    """That needs no other contexts to be known."""
    run = gated(judged(PLAIN), waivers=(theirs(),), today=date(2025, 8, 1), exhaustive=False)
    assert come(run) == (1, [(Kind.EXPIRED, theirs())], [])


def test_scanners_that_did_not_run() -> None:
    """Their waivers are neither used nor unused."""
    run = gated(judged(PLAIN), waivers=(theirs(),))
    assert come(run) == (0, [], [])
    assert [(one.waiver, one.message) for one in others(run).waiving.not_asked] == [(theirs(), "one did not run")]
    assert others(run).not_asked == {"one": "1 waiver"}


def test_scanners_that_did_not_run_beside_others() -> None:
    """Where others were asked, who was not is missing: an error, for its silence is no approval."""
    run = gated(judged(PLAIN), scans=(scan(name="two"),), waivers=(theirs(),))
    said = "has not run, though named by 1 waiver; import its report, or mend its name"
    assert (run.exit_code, others(run).not_asked, others(run).problems) == (2, {}, (("one", said),))


@pytest.mark.parametrize(
    ("scans", "names"),
    [
        ((scan(failures=("it has failed",)),), ["one"]),
        ((scan(read=(PLAIN,)),), ["one"]),
        ((scan(found(b"{}")),), ["one"]),
        ((scan(canaries={}),), ["one"]),
        ((scan(), scan()), ["one"]),
        ((scan(found(None)),), ["one"]),
        ((scan(FOUND), scan(name="two", canaries={})), ["two"]),
    ],
    ids=["crashed", "read-some", "of-another-run", "read-nothing", "twice", "about-no-template", "beside-a-violation"],
)
def test_scanners_that_cannot_be_relied_on(scans: tuple[Scan, ...], names: list[str]) -> None:
    """The gate could not judge, whatever else was found."""
    run = gated(judged(PLAIN), judged(OTHER, name="other"), scans=scans)
    assert (run.exit_code, [name for name, _ in others(run).problems]) == (2, names)


def test_a_scanner_of_a_run_without_templates() -> None:
    """Without a template there is nothing that a scanner can have read."""
    refused = Judged(Context("dev", refused=frozenset({"worthwatch:stage"})), (violated(PLAIN, template=None),), None)
    run = gated(refused, scans=(scan(),))
    assert others(run).problems == (("one", "there are no templates that it could have read"),)


# Our own rules


def test_ours_waived() -> None:
    """The verdict says that it is waived, by whom, until when and why; it is counted, and told as an alert."""
    run = gated(judged(PLAIN, violated(PLAIN)), waivers=(ours(),))
    assert come(run) == (0, [], [[]])
    assert next(iter(run.verdicts)) == violated(PLAIN, outcome=Outcome.WAIVED, waiver=ours().told(TODAY))
    assert (run.outcomes()[Outcome.WAIVED], run.outcomes()[Outcome.NON_COMPLIANT]) == (1, 0)
    assert ours().told(TODAY) == (
        f"worthwatch {ENCRYPTION} on {TABLE}, by Storage team until 2025-07-31, 91 days left: "
        "The function is called synchronously: nothing is lost."
    )
    (finding,) = (finding for alike in run.findings() for finding in alike)
    assert finding.verdict == next(iter(run.verdicts))


@pytest.mark.parametrize("today", [EXPIRES.replace(month=8), CREATED.replace(day=30)])
def test_ours_out_of_time(today: date) -> None:
    """An expired waiver, and one that does not hold yet, leave the verdict as it is."""
    run = gated(judged(PLAIN, violated(PLAIN)), waivers=(ours(),), today=today)
    assert (run.exit_code, next(iter(run.verdicts))) == (1, violated(PLAIN))


def test_ours_elsewhere() -> None:
    """In a context in which the waiver does not hold, the same verdict is a violation."""
    contexts = judged(PLAIN, violated(PLAIN)), judged(PLAIN, violated(PLAIN), name="prod", settings=PROD)
    run = gated(*contexts, waivers=(ours(when={"stage": ["dev"]}),))
    assert come(run) == (1, [], [["prod"]])
    assert [[*run.verdicts][at].outcome for at in (0, 2)] == [Outcome.WAIVED, Outcome.NON_COMPLIANT]


def test_ours_by_construct_path() -> None:
    """A logical id that changes, in the resource, the message and what is found, changes nothing of the waiver."""
    renamed = source("Renamed")
    said = {"Table": PLAIN, "Renamed": renamed}
    fingerprints = set()
    for name, template in said.items():
        verdict = violated(template, resource=name, message=f"{name} is not encrypted", found={"Ref": name})
        context = replace(judged(template, verdict), paths={name: TABLE})
        fingerprints.update(known(context))
    assert len(fingerprints) == 1


@pytest.mark.parametrize(
    "verdict",
    [
        violated(PLAIN, found="aws/dynamodb"),
        violated(PLAIN, message="Table is encrypted with no key of ours"),
        violated(PLAIN, scenario="table-encryption/encryption-at-rest"),
        violated(PLAIN, resource="Function"),
        violated(PLAIN, resource=None),
    ],
)
def test_ours_changed(verdict: Verdict) -> None:
    """A violation that has changed is another, which the waiver does not cover."""
    run = gated(judged(PLAIN, verdict), waivers=(ours(),))
    assert (run.exit_code, next(iter(run.verdicts))) == (1, verdict)


@pytest.mark.parametrize(
    ("outcome", "code"), [(Outcome.UNDETERMINED, 2), (Outcome.ERROR, 2), (Outcome.NOT_APPLICABLE, 1)]
)
def test_only_violations_can_be_waived(outcome: Outcome, code: int) -> None:
    """What could not be judged stays so, and is no alert; the waiver is unused."""
    verdict = violated(PLAIN, outcome=outcome)
    run = gated(judged(PLAIN, verdict), waivers=(ours(),))
    assert (next(iter(run.verdicts)), others(run).reported) == (verdict, ())
    assert [problem.kind for problem in others(run).waiving.problems] == [Kind.UNUSED]
    assert gated(judged(PLAIN, verdict), waivers=(ours(),), exhaustive=False).exit_code == (code if code == 2 else 0)


def test_what_is_about_no_template_cannot_be_waived() -> None:
    """A context that was accepted and should not have been: no waiver is written for that."""
    verdict = violated(PLAIN, template=None, resource=None)
    anything = ours(resource="*"), ours(resource="template")
    run = gated(judged(PLAIN, verdict), waivers=anything, exhaustive=False)
    assert (run.exit_code, next(iter(run.verdicts)), others(run).reported) == (1, verdict, ())


def test_a_context_without_a_template() -> None:
    """Its verdicts are taken as they are; it counts as no context in which a waiver could hold."""
    failed = Judged(Context("dev"), (violated(PLAIN, template=None, outcome=Outcome.ERROR),), None)
    run = gated(failed, waivers=(ours(),))
    assert (next(iter(run.verdicts)), run.exit_code) == (failed.verdicts[0], 2)
    assert [one.message for one in others(run).waiving.not_asked] == ["no context"]


def test_a_condition_that_no_context_meets() -> None:
    """An exhaustive matrix would have it, so the waiver is for nothing; a small one cannot say."""
    nowhere = theirs(when={"stage": ["staging"]})
    run = gated(judged(PLAIN), scans=(scan(),), waivers=(nowhere,))
    assert come(run) == (1, [(Kind.UNUSED, nowhere)], [])
    few = gated(judged(PLAIN), scans=(scan(FOUND),), waivers=(theirs(), nowhere), exhaustive=False)
    assert [one.waiver for one in others(few).waiving.not_asked] == [nowhere]


def test_worlds_of_one_template() -> None:
    """Two verdicts of a context that are one violation are counted once, and both are waived."""
    twice = violated(PLAIN), violated(PLAIN, assuming=("Stage is prod",))
    run = gated(judged(PLAIN, *twice), waivers=(ours(),))
    assert [verdict.outcome for verdict in [*run.verdicts][:2]] == [Outcome.WAIVED] * 2
    assert ([one.contexts for one in others(run).reported], others(run).waiving.waived[0].flags) == ([["dev"]], 1)


def test_digests() -> None:
    """Scans are held to the templates of the run, each once."""
    run = gated(judged(PLAIN), judged(PLAIN, name="again"), judged(OTHER, name="other"), scans=(scan(read=(PLAIN,)),))
    assert others(run).problems == (("one", f"it has not read {digest(OTHER)}, 1 of 2 templates"),)


def test_the_template_that_first_shows_it_is_kept() -> None:
    """By it, reports tell the line; of templates that show nothing new nothing is kept."""
    later = source(above=1)
    exemptions = Exemptions((), Scans([scan(FOUND, replace(FOUND, template=digest(later)))]), TODAY)
    for context in (judged(PLAIN), judged(later, name="later")):
        exemptions.take(context)
    assert exemptions.sources == {f"sha256:{digest(PLAIN)}": PLAIN}
