"""The templates of a bundle judged again by the rules that are installed, and what comes out differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from evidence.basis import basis
from evidence.bundle.archive import Archive
from evidence.bundle.canonical import canonical, read_canonical
from evidence.bundle.contents import Contents, read_contents
from evidence.bundle.export import Judgement
from evidence.bundle.proving import PROOF
from evidence.bundle.reading import member, read_contexts, read_verdicts
from evidence.bundle.synthesis import Constructs, SynthesisLine
from evidence.model import CLEAN, COULD_NOT_JUDGE, FOUND_SOMETHING, Trouble
from evidence.verdicts import as_json
from gate.contradictions import of_contexts, of_reports, of_settings, of_trace, of_waivers
from gate.judging import judgements
from gate.rescanned import exempting, notes, of_scanned
from policies.externals_reading import parse_externals
from policies.model import Verdict
from policies.reading import MAX_TEMPLATE_BYTES
from stack.synth import Synthesis


@dataclass(frozen=True, slots=True)
class Difference:
    """A verdict that is another now: what the bundle says and what is said now, None where there is no verdict."""

    was: Verdict | None
    now: Verdict | None


VERDICTS = "verdicts"
CONTEXTS = "contexts, externals and settings"
WAIVERS = "waivers"
SCANNED = "findings of other scanners"
REPORTS = "reports"
TRACE = "trace"

_MADE_BY: Mapping[str, frozenset[str]] = {
    CONTEXTS: frozenset({"stack"}),
    WAIVERS: frozenset({"rules"}),
    SCANNED: frozenset({"specs", "rules"}),
    REPORTS: frozenset({"specs", "rules"}),
    TRACE: frozenset({"specs", "rules", "stack"}),
}
"""What is compared beside verdicts, and by what of a basis it is made: by another it may be another without a lie."""

_FOLLOWS = frozenset({SCANNED, REPORTS, TRACE})
"""What follows from verdicts, and is another where they are."""


@dataclass(slots=True)
class Replay:
    """What judging again came to.

    `other` are the names of what was judged by then and is another now: specs, rules or stack. `contradictions` are
    what the bundle says and its contexts and verdicts do not bear out, as far as it was `compared`. `notes` tell what
    no bundle can show.
    """

    verdicts: int = 0
    contexts: int = 0
    differences: list[Difference] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def compared(self) -> list[str]:
        """What was held against what comes of it by what is installed, verdicts always."""
        return [VERDICTS, *filter(self.compares, _MADE_BY)]

    @property
    def not_compared(self) -> list[str]:
        """What was not, since it is made by what is another now, or follows from verdicts that are."""
        return [name for name in _MADE_BY if not self.compares(name)]

    def compares(self, name: str) -> bool:
        """Tell whether something can be compared, as far as the verdicts were."""
        return _MADE_BY[name].isdisjoint(self.other) and not (name in _FOLLOWS and self.differences)

    @property
    def exit_code(self) -> int:
        """0: all that a bundle holds is the same. 1: something is not. 2: what was compared is, and not all was."""
        if self.differences or self.contradictions:
            return FOUND_SOMETHING
        return COULD_NOT_JUDGE if self.not_compared else CLEAN


def replay(archive: Archive, on_progress: Callable[[], None] = lambda: None) -> Replay:
    """Judge again what a bundle holds. No CDK is started.

    Raises `policies.reading.InputError` for a bundle whose contents cannot be read, or contradict themselves.
    """
    contents = read_contents(archive)
    present = basis()
    other = [name for name in present if contents.provenance.basis[name] != present[name]]
    found = Replay(other=other, notes=[*notes(contents), *_unproved(contents)])
    matrix = Judgement(())
    problems: list[Trouble] = []
    externals = parse_externals(archive.read("externals.json", MAX_TEMPLATE_BYTES), archive.place("externals.json"))
    if found.compares(CONTEXTS):
        found.contradictions += of_contexts(contents, externals)
    if found.compares(WAIVERS):
        found.contradictions += of_waivers(contents)
    stored = _Stored(archive)
    exemptions = exempting(contents)
    for judgement in judgements(_syntheses(archive), externals, exemptions, on_progress):
        synthesis = judgement.synthesis
        context = None if synthesis is None else synthesis.context.name
        was = stored.take(context)
        found.verdicts += len(was)
        found.differences += _differences(was, judgement.verdicts)
        if synthesis is None:
            matrix = judgement
        else:
            found.contexts += 1
            if found.compares(CONTEXTS):
                found.contradictions += of_settings(synthesis)
            problems += [] if judgement.failure is None else [Trouble(synthesis.context.name, judgement.failure)]
    found.differences += _differences(stored.rest(), ())
    if found.compares(SCANNED):
        found.contradictions += of_scanned(contents, matrix.scanned, matrix.problems)
    if found.compares(TRACE):
        found.contradictions += of_trace(contents, problems)
    if found.compares(REPORTS):
        found.contradictions += of_reports(archive, contents, problems)
    return found


def _unproved(contents: Contents) -> Iterator[str]:
    """Return that a proof, if there is one, is taken as it stands."""
    if contents.proof is not None:
        yield f"whether {PROOF} tells what `storage-compliance prove` does: it is not run again; run it on the commit"


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
    for line in read_contexts(archive):
        template = line.template and archive.read(member("templates", line.template), MAX_TEMPLATE_BYTES)
        yield line.synthesis(template or None, _constructs(archive, line))


def _constructs(archive: Archive, line: SynthesisLine) -> Constructs | None:
    if line.constructs is None:
        return None
    path = member("constructs", line.constructs)
    tree = read_canonical(archive.read(path, MAX_TEMPLATE_BYTES), archive.place(path))
    return Constructs.read(tree, archive.place(path))


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
