"""The templates of a bundle judged again by the rules that are installed, and what comes out differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from evidence.basis import basis
from evidence.bundle.archive import Archive
from evidence.bundle.canonical import canonical, read_canonical
from evidence.bundle.contents import member, read_contents, read_contexts, read_verdicts
from evidence.bundle.recording import CONTEXTS
from evidence.bundle.synthesis import SynthesisLine
from evidence.model import Trouble
from evidence.verdicts import as_json
from gate.contradictions import of_contexts, of_members, of_settings
from gate.judging import judgements
from policies.externals_reading import parse_externals
from policies.model import Verdict
from policies.reading import MAX_TEMPLATE_BYTES, InputError
from stack.synth import Synthesis


@dataclass(frozen=True, slots=True)
class Difference:
    """A verdict that is another now: what the bundle says and what is said now, None where there is no verdict."""

    was: Verdict | None
    now: Verdict | None


@dataclass(slots=True)
class Replay:
    """What judging again came to.

    `other` are the names of what was judged by then and is another now: specs, rules or stack. `contradictions` are
    what the bundle says and its contexts and verdicts do not bear out: of contexts where the stack is the same, of
    reports and trace where nothing else is another.
    """

    verdicts: int = 0
    contexts: int = 0
    differences: list[Difference] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0: every verdict is the same, and all that tells them. 1: something is not."""
        return 1 if self.differences or self.contradictions else 0


def replay(archive: Archive, on_progress: Callable[[], None] = lambda: None) -> Replay:
    """Judge again what a bundle holds. No CDK is started.

    Raises `policies.reading.InputError` for a bundle whose contents cannot be read, or contradict themselves.
    """
    contents = read_contents(archive)
    present = basis()
    found = Replay(other=[name for name, digest in contents.provenance.basis.items() if present[name] != digest])
    problems: list[Trouble] = []
    externals = parse_externals(archive.read("externals.json", MAX_TEMPLATE_BYTES), archive.place("externals.json"))
    if "stack" not in found.other:
        found.contradictions += of_contexts(contents, externals)
    stored = _Stored(archive)
    for judgement in judgements(_syntheses(archive), externals, on_progress):
        synthesis = judgement.synthesis
        context = None if synthesis is None else synthesis.context.name
        was = stored.take(context)
        found.verdicts += len(was)
        found.differences += _differences(was, judgement.verdicts)
        if synthesis is not None:
            found.contexts += 1
            if "stack" not in found.other:
                found.contradictions += of_settings(synthesis)
            problems += [] if judgement.failure is None else [Trouble(synthesis.context.name, judgement.failure)]
    found.differences += _differences(stored.rest(), ())
    if not found.other and not found.differences:
        found.contradictions += of_members(archive, contents, problems)
    return found


class _Stored:
    """The verdicts of a bundle, which stand together by context, in the order of the contexts."""

    def __init__(self, archive: Archive) -> None:
        self._groups = groupby(read_verdicts(archive), key=lambda verdict: verdict.context)
        self._next = next(self._groups, None)

    def take(self, context: str | None) -> list[Verdict]:
        if self._next is None or self._next[0] != context:
            return []
        taken = list(self._next[1])
        self._next = next(self._groups, None)
        return taken

    def rest(self) -> list[Verdict]:
        """Return what was not taken: verdicts out of the order of the contexts."""
        taken: list[Verdict] = []
        while self._next is not None:
            taken += self.take(self._next[0])
        return taken


def _syntheses(archive: Archive) -> Iterator[Synthesis]:
    for number, line in enumerate(read_contexts(archive), 1):
        template = line.template and archive.read(member("templates", line.template), MAX_TEMPLATE_BYTES)
        yield line.synthesis(template or None, _constructs(archive, line, number))


def _constructs(archive: Archive, line: SynthesisLine, number: int) -> dict[str, tuple[str, ...]] | None:
    if line.constructs is None:
        return None
    path = member("constructs", line.constructs)
    tree = read_canonical(archive.read(path, MAX_TEMPLATE_BYTES), archive.place(path))
    if not isinstance(tree, dict) or not all(_is_lineage(lineage) for lineage in tree.values()):
        raise InputError(f"{archive.place(CONTEXTS)}:{number}", f"{path} is no construct tree")
    return {logical_id: tuple(lineage) for logical_id, lineage in tree.items()}


def _is_lineage(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _differences(was: Sequence[Verdict], now: Sequence[Verdict]) -> Iterator[Difference]:
    """Return the verdicts that are on one side only, those on the same scenario and resource as one difference."""
    forms = {canonical(as_json(one)): one for one in (*was, *now)}
    before, after = (Counter(canonical(as_json(one)) for one in verdicts) for verdicts in (was, now))
    come: dict[tuple[object, ...], list[Verdict]] = {}
    for form in sorted((after - before).elements()):
        come.setdefault(_what(forms[form]), []).append(forms[form])
    for form in sorted((before - after).elements()):
        others = come.get(_what(forms[form]))
        yield Difference(forms[form], others.pop(0) if others else None)
    for verdicts in come.values():
        yield from (Difference(None, verdict) for verdict in verdicts)


def _what(verdict: Verdict) -> tuple[object, ...]:
    return verdict.spec, verdict.scenario, verdict.resource
