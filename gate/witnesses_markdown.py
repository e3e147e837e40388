"""What other scanners notice of the proof's mutants, as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from evidence.markdown import escape
from gate.witnesses import Hearing, Witness
from policies.agreement import Explanation, Pair, Side

_HEAD = """\
<!-- Written by `tox run -e peers`, which overwrites what stands here. -->

# What other scanners notice of the proof's mutants

`storage-compliance prove` breaks the reference stack in thousands of ways. Its mutants, those of the catalogue and
those that are generated, were given to other scanners, too, unless CloudFormation refuses them. A scanner notices a
mutant where one of its rules, whichever it is, finds more in it than in the template that the mutant was made of.
Scanners fail on some mutants; who has failed is no witness, so that shares are of those that could be read. None of
these scanners was written for our specification: the numbers say how far somebody is protected who has nothing else."""

_ALONE = """\
## What they notice, and no scenario does

Each is a rule that finds something in a mutant that every scenario takes as it took the template before, with our
answer."""

_EXPLAINED = """\
## Where they disagree with a scenario about the same thing

`policies/agreement.toml` says which rules judge the same thing as a scenario. Where the two came to different ends
about a mutant, it says why both are right."""


def render(hearing: Hearing) -> str:
    """Return the page, where nothing is left to explain or to answer."""
    witnesses = hearing.witnesses
    head = ["scenario", "mutants that violate it", *(witness.name for witness in witnesses)]
    parts = [
        _HEAD,
        f"{hearing.mutants:,} mutants came to {hearing.templates:,} different templates. The versions:",
        "\n".join(f"- {escape(witness.name)} {escape(witness.version or 'of no version')}" for witness in witnesses),
        _table(head, _scenarios(hearing), numbers=len(head) - 1),
        _ALONE,
        _table(["scanner", "rules", "mutants", "our answer"], _answers(hearing)),
        _EXPLAINED,
        _table(["rule", "scenario", "finds fault", "mutants", "why both are right"], _disagreements(hearing)),
    ]
    return "\n\n".join(parts) + "\n"


def _scenarios(hearing: Hearing) -> Iterator[list[str]]:
    for scenario, count in sorted(hearing.violations.items()):
        yield [f"`{scenario}`", f"{count:,}", *(_share(witness, scenario, count) for witness in hearing.witnesses)]
    yield ["*could not be read*", "", *map(_unread, hearing.witnesses)]


def _unread(witness: Witness) -> str:
    return "*keeps no list*" if witness.unread is None else f"{witness.unread:,}"


def _share(witness: Witness, scenario: str, count: int) -> str:
    noticed, read = witness.noticed.get(scenario, 0), witness.read.get(scenario, 0)
    told = f"{noticed:,}" if read == count else f"{noticed:,} of {read:,}"
    return f"{told} ({noticed / read:.0%})" if read else told


def _answers(hearing: Hearing) -> Iterator[list[str]]:
    """Yield the answers, the rules that one is about together."""
    alone = {(witness.name, rule): names for witness in hearing.witnesses for rule, names in witness.alone.items()}
    together: dict[tuple[str, str], list[str]] = {}
    for scanner, rule in sorted(alone):
        together.setdefault((scanner, hearing.answers[scanner, rule]), []).append(rule)
    for (scanner, answer), rules in together.items():
        mutants = {name for rule in rules for name in alone[scanner, rule]}
        yield [escape(scanner), ", ".join(f"`{rule}`" for rule in rules), f"{len(mutants):,}", escape(answer)]


def _disagreements(hearing: Hearing) -> Iterator[list[str]]:
    seen: dict[tuple[object, ...], tuple[Pair, Explanation, set[str]]] = {}
    for one in hearing.agreement.explained:
        if one.explanation is not None:
            key = one.pair.selector, one.explanation.selector
            seen.setdefault(key, (one.pair, one.explanation, set()))[2].update(one.contexts)
    for pair, explanation, names in seen.values():
        finder = pair.scanner if explanation.side is Side.THEY else "the scenario"
        yield [
            f"{escape(pair.scanner)} `{pair.rule}`",
            f"`{pair.scenario}`",
            escape(finder),
            f"{len(names):,}",
            escape(explanation.why),
        ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """Return a table, the last columns of which, so many, are numbers."""
    rules = ["---"] * (len(head) - numbers) + ["---:"] * numbers
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rules, *rows))
