"""What came of contexts, judged as it comes: by the export as it is synthesised, by the replay as it was stored."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from evidence.bundle.export import Judgement
from gate.matrix import judge_synthesis
from policies.catalogue import load
from policies.externals import Externals
from policies.judge import Coverage
from stack.synth import Synthesis

KEPT = 256
"""How many of the last judgements are kept, for contexts that give the same template."""


def judgements(
    syntheses: Iterable[Synthesis], externals: Externals, on_progress: Callable[[], None] = lambda: None
) -> Iterator[Judgement]:
    """Judge what came of each context, and at the end the matrix as a whole."""
    judge = _Judge(externals)
    for synthesis in syntheses:
        yield judge(synthesis)
        on_progress()
    yield Judgement(tuple(judge.coverage.conclude()))


class _Judge:
    """Judges contexts; one that gives the same template, from the same settings, as another is judged as that was."""

    def __init__(self, externals: Externals) -> None:
        self._entries = load()
        self._externals = externals
        self._kept: OrderedDict[object, Judgement] = OrderedDict()
        self.coverage = Coverage(self._entries)

    def __call__(self, synthesis: Synthesis) -> Judgement:
        key = _key(synthesis)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            context = synthesis.context.name
            return replace(
                kept, synthesis=synthesis, verdicts=tuple(replace(one, context=context) for one in kept.verdicts)
            )
        judged = judge_synthesis(self._entries, synthesis, self._externals)
        if judged.template is not None:
            self.coverage.add(judged.template, judged.verdicts)
        judgement = Judgement(judged.verdicts, synthesis, judged.failure)
        self._kept[key] = replace(judgement, synthesis=None)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return judgement


def _key(synthesis: Synthesis) -> object:
    """Return what a judgement of a context depends on, its name apart."""
    template = None if synthesis.template is None else hashlib.sha256(synthesis.template).digest()
    rest = (synthesis.settings, synthesis.constructs, synthesis.refused, synthesis.message, synthesis.failure)
    return template, synthesis.context.refused, json.dumps(rest, sort_keys=True)
