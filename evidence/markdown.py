"""A trace as GitHub's Markdown, for the comment on a pull request and for `$GITHUB_STEP_SUMMARY`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from evidence.model import CLEAN, COULD_NOT_JUDGE, Trace, TracedFinding
from evidence.words import (
    SYMBOLS,
    count_killed,
    count_tests,
    details,
    details_of_alert,
    outcomes_shown,
    sum_up_whole,
    verdict,
)
from policies.reading import printable

MAX_LENGTH = 60_000
"""What is folded is cut to this many characters: GitHub takes a comment of 65,536, and the matrix stands above."""

_CUT = 300
_ACTIVE = re.compile(r"[\\`*_\[\]<>&|~$@]|:(?=[^\s0-9])|(?<=[wW]{3})\.")
"""What is markup, or makes a link, within a line of GitHub's Markdown (GFM 0.29, also its tables and math)."""

_CALLS = re.compile(r"@|#(?=[0-9])")
_APART = "\u200b"  # a space of no width


def render(trace: Trace) -> str:
    """Return the Markdown: a line that sums it up, the matrix, and what is wrong, folded."""
    symbol = {CLEAN: "✅", COULD_NOT_JUDGE: "⚠️"}.get(trace.exit_code, "❌")
    parts = [
        f"### {symbol} Trace of the specs: {verdict(trace)}",
        sum_up_whole(trace),
        "\n".join(_matrix(trace)),
    ]
    room = MAX_LENGTH
    for title, items in (
        ("Scenarios", list(_scenarios(trace))),
        ("Orphans", list(_orphans(trace))),
        ("Problems of the run", list(_troubles(trace))),
        ("Findings", list(_findings(trace))),
        ("Findings of other scanners", list(_alerts(trace))),
    ):
        if items:
            folded = _folded(title, items, room)
            room -= len(folded)
            parts.append(folded)
    return "\n\n".join(parts)


def escape(text: str) -> str:
    """Return untrusted text as it reads, on one line: nothing of it is Markdown, HTML, a mention or a reference.

    Character references keep GitHub's Markdown from acting on a character. Mentions and references to issues it looks
    for in the text that comes of it, where only something between the sign and the name keeps it from finding them.
    """
    shown = printable(text)
    cut = shown if len(shown) <= _CUT else f"{shown[:_CUT]}…"
    return _inactive(_CALLS.sub(rf"\g<0>{_APART}", cut))


def code(text: str) -> str:
    """Return untrusted text as code, in full and to be copied: GitHub looks for no mentions in it."""
    return f"<code>{_inactive(printable(text))}</code>"


def _inactive(text: str) -> str:
    return _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", text)


def _matrix(trace: Trace) -> Iterator[str]:
    outcomes = outcomes_shown(trace)
    proved = ["Mutants"] if trace.proof is not None else []
    head = ["Scenario", "State", "Rule", "Tests", *proved, *map(str, outcomes)]
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * 3}{' ---: |' * (len(head) - 3)}"
    for traced in trace.scenarios:
        rule = "—" if traced.rule is None else code(f"{traced.rule.path}:{traced.rule.line}")
        counts = [count_tests(trace, traced), *([count_killed(traced.mutants)] if proved else [])]
        counts += [str((traced.outcomes or Counter())[outcome]) for outcome in outcomes]
        state = f"{SYMBOLS[traced.state]} {traced.state}"
        yield f"| {' | '.join([code(traced.scenario.id), state, rule, *counts])} |"


def _folded(title: str, items: list[str], room: int) -> str:
    """Return a list that is folded, with as many items as there is room for."""
    shown: list[str] = []
    for item in items:
        room -= len(item)
        if room < 0:
            shown.append(f"- and {len(items) - len(shown):,} more, which `trace` prints")
            break
        shown.append(item)
    return "\n".join([f"<details><summary>{title} ({len(items):,})</summary>", "", *shown, "", "</details>"])


def _scenarios(trace: Trace) -> Iterator[str]:
    paths = {spec.capability: spec.path for spec in trace.specs}
    for traced in trace.scenarios:
        place = f"{paths[traced.scenario.spec]}:{traced.scenario.line}"
        for problem in traced.problems:
            yield f"- **{problem.kind}** {code(traced.scenario.id)} ({code(place)}): {escape(problem.message)}"


def _orphans(trace: Trace) -> Iterator[str]:
    for orphan in trace.orphans:
        yield f"- **orphaned {orphan.kind}** {code(orphan.name)}: {escape(orphan.message)}"


def _troubles(trace: Trace) -> Iterator[str]:
    for trouble in trace.problems:
        yield f"- {code(trouble.where)}: {escape(trouble.message)}"


def _findings(trace: Trace) -> Iterator[str]:
    return map(_finding, trace.findings)


def _finding(finding: TracedFinding) -> str:
    lines = [f"- **{finding.outcome}** {code(finding.scenario)}: {escape(finding.message)}"]
    lines += [f"  - {name}: {code(value)}" for name, value in details(finding)]
    return "\n".join(lines)


def _alerts(trace: Trace) -> Iterator[str]:
    """Return what other scanners have found, what stands first."""
    for alert in sorted(trace.scanned.alerts, key=lambda alert: not alert.stands):
        lines = [f"- **{alert.outcome}** {code(alert.name)}: {escape(alert.message)}"]
        lines += [f"  - {name}: {code(value)}" for name, value in details_of_alert(alert, trace)]
        yield "\n".join(lines)
