"""What came of contexts, judged as it comes: by the export as it is synthesised, by the replay as it was stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from evidence.bundle.export import Judgement
from gate.exemptions import Exemptions
from gate.matrix import Judge
from gate.reports import scanned, troubles
from policies.catalogue import load
from policies.externals import Externals
from policies.judge import Coverage
from stack.synth import Synthesis


def judgements(
    syntheses: Iterable[Synthesis],
    externals: Externals,
    exemptions: Exemptions,
    on_progress: Callable[[], None] = lambda: None,
) -> Iterator[Judgement]:
    """Judge what came of each context, waived where a waiver covers it, and at the end the matrix as a whole.

    With that comes what other scanners have found, and what is wrong with them, with waivers and their agreement.
    """
    judge, coverage = Judge(externals), Coverage(load())
    numbers: dict[str, int] = {}
    for synthesis in syntheses:
        judged = judge(synthesis)
        if judged.template is not None:
            coverage.add(judged.template, judged.verdicts)
        numbers[judged.context.name] = len(numbers)
        yield Judgement(exemptions.take(judged), synthesis, judged.failure)
        on_progress()
    others = exemptions.conclude()
    yield Judgement(
        tuple(coverage.conclude()),
        scanned=scanned(others, numbers),
        problems=tuple(troubles(others)),
        sources=exemptions.sources,
    )
