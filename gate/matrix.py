"""The reference stack under a matrix of contexts, synthesised and judged."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from evidence.basis import basis
from gate.exemptions import Exemptions
from gate.judged import Judged, traced
from gate.run import Problem, Run
from policies.catalogue import Entry, load
from policies.externals import Externals
from policies.judge import Coverage, judge_context, judge_template
from policies.memory import Memory
from policies.model import Case, Outcome, TableRule, Verdict
from policies.reading import InputError, read_document
from policies.template import Template
from stack.axes import POLICIES
from stack.cache import Cache
from stack.contexts import Context
from stack.synth import Customise, Synthesis, synthesise

EXTERNALS = Externals(managed_policies=POLICIES)
"""What the matrix's contexts name and the templates do not hold."""

_KEPT = 16
"""How many of the last judgements are kept: contexts that give the same template follow each other closely."""


def judge_contexts(
    contexts: Iterable[Context], customise: Customise | None = None, cache: Cache | None = None
) -> Iterator[Judged]:
    """Synthesise contexts and judge each, in their order; with a cache, those that it holds are not synthesised again.

    Raises `stack.node.NodeUnusableError` before anything is started.
    """
    yield from map(Judge(), cache.synthesise(contexts) if cache else synthesise(contexts, customise=customise))


def judge_matrix(
    contexts: Sequence[Context],
    exemptions: Exemptions | None = None,
    on_progress: Callable[[], None] = lambda: None,
    cache: Cache | None = None,
) -> Run:
    """Judge every context of a matrix, and the matrix as a whole; scenarios that applied nowhere are problems.

    With exemptions, what waivers cover is waived, and what other scanners have found in the templates is told with it.
    With a cache, no context that it holds is synthesised again.
    """
    run = Run(basis=basis())
    coverage = Coverage(load())
    for judged in judge_contexts(contexts, cache=cache):
        run.add(exemptions.take(judged) if exemptions else judged.verdicts, judged.template, judged.source)
        run.contexts[judged.context.name] = traced(judged)
        if judged.failure is not None:
            run.problems.append(Problem(judged.context.name, judged.failure))
        if judged.template is not None:
            coverage.add(judged.template, judged.verdicts)
        on_progress()
    run.cached = cache.hits if cache else 0
    run.add(coverage.conclude())
    run.refuse_vacuity()
    if exemptions:
        run.others = exemptions.conclude()
        run.sources |= exemptions.sources
    return run


def judge_synthesis(
    entries: Sequence[Entry], synthesis: Synthesis, externals: Externals = EXTERNALS, memory: Memory | None = None
) -> Judged:
    """Judge what came of one context; with a memory, as what it remembers was judged."""
    context = synthesis.context
    message = synthesis.message or synthesis.failure or ""
    case = Case(
        context.name,
        context.refused,
        {problem.key: problem.allowed for problem in synthesis.refused or ()},
        synthesis.template is not None,
        message,
    )
    verdicts = list(judge_context(entries, case))
    if synthesis.template is None:
        if not context.refused:
            verdicts += _failed(entries, context, message)
        return Judged(context, tuple(verdicts), None)
    name = f"sha256:{hashlib.sha256(synthesis.template).hexdigest()}"
    try:
        document = read_document(synthesis.template, name)
        template = Template(name, document, synthesis.constructs, synthesis.settings, externals)
    except InputError as error:
        # Without the template's digest: what is wrong with several templates is one thing to mend.
        return Judged(context, (*verdicts, *_failed(entries, context, f"the template: {error.problem}")), None)
    verdicts += judge_template(entries, template, context.name, memory=memory)
    failure = synthesis.failure or "; ".join(map(str, template.problems)) or None
    return Judged(
        context,
        tuple(verdicts),
        template,
        failure,
        synthesis.template,
        synthesis.settings,
        synthesis.paths or {},
    )


class Judge:
    """Judges contexts; one that gives the same template, from the same settings, as another is judged as that was."""

    def __init__(self, externals: Externals = EXTERNALS) -> None:
        """Begin with nothing judged."""
        self._entries = load()
        self._externals = externals
        self._memory = Memory(externals)
        self._kept: OrderedDict[object, Judged] = OrderedDict()

    def __call__(self, synthesis: Synthesis) -> Judged:
        """Return the judgement of what came of a context."""
        key = _key(synthesis)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = judge_synthesis(self._entries, synthesis, self._externals, self._memory)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return kept
        self._kept.move_to_end(key)
        verdicts = (replace(one, context=synthesis.context.name) for one in kept.verdicts)
        return replace(kept, context=synthesis.context, verdicts=tuple(verdicts))


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


def _failed(entries: Sequence[Entry], context: Context, message: str) -> Iterator[Verdict]:
    """Return the verdicts on a context of which no template came although one should have."""
    for entry in entries:
        if isinstance(entry.rule, TableRule):
            yield entry.verdict(Outcome.ERROR, message, context=context.name)
