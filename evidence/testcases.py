"""What the formats of test results, JUnit's and CTRF's, tell alike: the cases of a record.

There is one for each scenario, one for each alert of another scanner, and some for the run.

Their readers take a report in which nothing failed for a pass. So some case fails wherever the record's exit code is
not 0: problems of the run are cases too, and so is that nothing was judged, or that a scenario applied nowhere.

That another scanner has found nothing is no case: what passes is what a rule has shown to hold, scenario by scenario.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence.alerts import Found, Named, by_scanner
from evidence.alerts import details as details_of_alert
from evidence.model import State, TracedContext, TracedFinding
from evidence.record import JudgedScenario, Record, Standing
from evidence.words import details
from policies.model import Outcome
from policies.reading import printable

MAX_LENGTH = 1_000
"""The most characters that are taken of one text, names aside: a name that is cut may be another's."""

MAX_FINDINGS = 20
"""The most findings that are told of a scenario."""

MAX_PROBLEMS = 100
"""The most problems that are told of a run."""

MAX_ALERTS = 500
"""The most alerts of one scanner that are cases of their own."""

_RUN = "run"  # as no requirement is named: in its id is a `#`


@dataclass(frozen=True, slots=True)
class Case:
    """A case of a report: a scenario or, where `judged` is None, another scanner's alert or something about the run.

    `group` names the requirement by its id, `<spec>#<requirement-slug>`, `suite` the spec and the requirement as a
    person reads them; of an alert they are `scanner <name>`. `word` is our own for what it came to, that of a standing
    or a state; `message` is a line that begins with it, `text` all there is to say, for readers that show no message.
    No two cases of a report have both group and name in common.
    """

    group: str
    suite: tuple[str, ...]
    name: str
    word: str
    message: str
    text: str
    judged: JudgedScenario | None = None


def cases_of(record: Record) -> Iterator[Case]:
    """Return the cases of a record, one for each scenario, in their order; then those of other scanners, and the run's.

    All their text is printable, in lines that are ended by a newline; what is not stands there as an escape.
    """
    findings: defaultdict[str, list[TracedFinding]] = defaultdict(list)
    for finding in record.findings:
        findings[finding.scenario].append(finding)
    for judged in record.scenarios:
        yield _of_scenario(judged, findings[judged.scenario.id])
    for found in by_scanner(record.scanned):
        yield from _of_scanner(found, record.contexts)
    yield from _of_run(record)


def _of_scenario(judged: JudgedScenario, findings: list[TracedFinding]) -> Case:
    scenario, verdicts = judged.scenario, f"{judged.standing}: {_verdicts(judged)}"
    lines = [verdicts, f"scenario: {printable(scenario.id)}"]
    for finding in findings[:MAX_FINDINGS]:
        lines += ["", f"{finding.outcome}: {_indented(finding.message)}"]
        lines += [f"  {name}: {_indented(value)}" for name, value in details(finding)]
    if len(findings) > MAX_FINDINGS:
        lines += ["", f"and {_count(len(findings) - MAX_FINDINGS, 'other finding')}, which the verdicts tell"]
    return Case(
        group=printable(scenario.id.rpartition("/")[0]),
        suite=(printable(scenario.spec), printable(judged.requirement.name)),
        name=printable(scenario.name),
        word=judged.standing,
        message=_message(judged.standing, findings) if findings else verdicts,
        text="\n".join(lines),
        judged=judged,
    )


def _of_scanner(found: Found, contexts: Sequence[TracedContext]) -> Iterator[Case]:
    """Return the cases of a scanner, what stands first; those that are too many are counted, and fail if one stands."""
    name = found.scanner.name
    group = printable(f"scanner {name}")
    for one in found.alerts[:MAX_ALERTS]:
        yield _of_alert(group, one.name.removeprefix(f"{name} "), one, contexts)
    others = len(found.alerts) - MAX_ALERTS
    if others > 0:
        standing = max(found.standing - MAX_ALERTS, 0)
        word = Outcome.NON_COMPLIANT if standing else Outcome.WAIVED
        said = f"{word}: {_count(others, 'other finding')}, of which {standing:,} not waived, which the trace tells"
        yield Case(group, (group,), "other findings", word, said, said)


def _of_alert(group: str, name: str, one: Named, contexts: Sequence[TracedContext]) -> Case:
    alert = one.alert
    lines = [f"{alert.outcome}: {_indented(alert.message)}"]
    lines += [f"  {what}: {_indented(value)}" for what, value in details_of_alert(alert, contexts)]
    return Case(group, (group,), name, alert.outcome, f"{alert.outcome}: {_one_line(alert.message)}", "\n".join(lines))


def _of_run(record: Record) -> Iterator[Case]:
    for number, problem in enumerate(record.problems[:MAX_PROBLEMS], 1):
        yield _problem(f"problem {number}: {_one_line(problem.where)}", Standing.ERROR, problem.message)
    if len(record.problems) > MAX_PROBLEMS:
        others = _count(len(record.problems) - MAX_PROBLEMS, "other problem")
        yield _problem("other problems", Standing.ERROR, f"{others}, which the gate tells")
    if not record.scenarios:
        yield _problem("scenarios", Standing.NOT_RUN, "there is no scenario, so nothing was judged")
    vacuous = [one.scenario.id for one in record.scenarios if one.standing is Standing.NOT_APPLICABLE]
    if vacuous:
        said = f"nothing shows whether they hold: {_count(len(vacuous), 'scenario')} applied in no context"
        yield _problem("vacuous scenarios", State.VACUOUS, "\n".join([said, *vacuous]))


def _problem(name: str, word: str, said: str) -> Case:
    first, _, _ = said.partition("\n")
    return Case(_RUN, (_RUN,), name, word, f"{word}: {_one_line(first)}", f"{word}: {_indented(said)}")


def _message(word: str, findings: list[TracedFinding]) -> str:
    others = f" (and {_count(len(findings) - 1, 'other finding')})" if len(findings) > 1 else ""
    return f"{word}: {_one_line(findings[0].message)}{others}"


def _verdicts(judged: JudgedScenario) -> str:
    outcomes = judged.outcomes
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(outcomes.items()) if number)
    said = f"of {_count(outcomes.total(), 'verdict')}, {told}" if told else "no verdict"
    return f"{said}; none in {_count(judged.lacking, 'context')}" if judged.lacking else said


def _shown(text: str) -> str:
    """Return untrusted text, its lines apart, nothing in it that is not printed, and not longer than one reads."""
    lines = "\n".join(map(printable, text[:MAX_LENGTH].split("\n")))
    left = len(text) - MAX_LENGTH
    return f"{lines}… ({left:,} more characters)" if left > 0 else lines


def _one_line(text: str) -> str:
    return _shown(text).replace("\n", " ")


def _indented(text: str) -> str:
    """Return untrusted text whose second line and all after it cannot be taken for ours."""
    return _shown(text).replace("\n", "\n    ")


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}" + ("" if number == 1 else "s")
