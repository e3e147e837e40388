"""What came of contexts, judged as it comes: by the export as it is synthesised, by the replay as it was stored."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from evidence.bundle.export import Judgement
from gate.exemptions import Exemptions
from gate.judged import Judged
from gate.matrix import judge_synthesis
from gate.reports import scanned, troubles
from policies.catalogue import load
from policies.externals import Externals
from policies.judge import Coverage
from stack.synth import Synthesis

KEPT = 256
"""How many of the last judgements are kept, for contexts that give the same template."""


def judgements(
    syntheses: Iterable[Synthesis],
    externals: Externals,
    exemptions: Exemptions,
    on_progress: Callable[[], None] = lambda: None,
) -> Iterator[Judgement]:
    """Judge what came of each context, waived where a waiver covers it, and at the end the matrix as a whole.

    With that comes what other scanners have found, and what is wrong with them, with waivers and their agreement.
    """
    judge = _Judge(externals)
    numbers: dict[str, int] = {}
    for synthesis in syntheses:
        judged = judge(synthesis)
        numbers[judged.context.name] = len(numbers)
        yield Judgement(exemptions.take(judged), synthesis, judged.failure)
        on_progress()
    others = exemptions.conclude()
    yield Judgement(
        tuple(judge.coverage.conclude()),
        scanned=scanned(others, numbers),
        problems=tuple(troubles(others)),
        sources=exemptions.sources,
    )


class _Judge:
    """Judges contexts; one that gives the same template, from the same settings, as another is judged as that was."""

    def __init__(self, externals: Externals) -> None:
        self._entries = load()
        self._externals = externals
        self._kept: OrderedDict[object, Judged] = OrderedDict()
        self.coverage = Coverage(self._entries)

    def __call__(self, synthesis: Synthesis) -> Judged:
        key = _key(synthesis)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            verdicts = (replace(one, context=synthesis.context.name) for one in kept.verdicts)
            return replace(kept, context=synthesis.context, verdicts=tuple(verdicts))
        judged = judge_synthesis(self._entries, synthesis, self._externals)
        if judged.template is not None:
            self.coverage.add(judged.template, judged.verdicts)
        self._kept[key] = judged
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return judged


def _key(synthesis: Synthesis) -> object:
    """Return what a judgement of a context depends on, its name apart."""
    template = None if synthesis.template is None else hashlib.sha256(synthesis.template).digest()
    rest = (
        synthesis.settings,
        synthesis.constructs,
        synthesis.paths,
        synthesis.refused,
        synthesis.message,
        synthesis.failure,
    )
    return template, synthesis.context.refused, json.dumps(rest, sort_keys=True)
