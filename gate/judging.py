"""What came of contexts, judged as it comes: by the export as it is synthesised, by the replay as it was stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from evidence.bundle.export import Judgement
from gate.matrix import judge_synthesis
from policies.catalogue import load
from policies.externals import Externals
from policies.judge import Coverage
from stack.synth import Synthesis


def judgements(
    syntheses: Iterable[Synthesis], externals: Externals, on_progress: Callable[[], None] = lambda: None
) -> Iterator[Judgement]:
    """Judge what came of each context, and at the end the matrix as a whole."""
    entries = load()
    coverage = Coverage(entries)
    for synthesis in syntheses:
        judged = judge_synthesis(entries, synthesis, externals)
        if judged.template is not None:
            coverage.add(judged.template, judged.verdicts)
        yield Judgement(judged.verdicts, synthesis, judged.failure)
        on_progress()
    yield Judgement(tuple(coverage.conclude()))
