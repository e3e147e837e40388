"""The templates of a bundle judged again by the rules that are installed, and what comes out differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from evidence.basis import basis
from evidence.bundle.archive import Archive
from evidence.bundle.canonical import canonical, read_canonical
from evidence.bundle.contents import (
    MAX_DOCUMENT,
    member,
    read_contents,
    read_contexts,
    read_document,
    read_verdicts,
)
from evidence.bundle.recording import CONTEXTS
from evidence.bundle.synthesis import SynthesisLine
from evidence.document import spec_as_json
from evidence.formats import reports
from evidence.model import Trouble
from evidence.record import Record, conclude
from evidence.verdicts import as_json
from gate.judging import judgements
from policies.externals_reading import parse_externals
from policies.model import Verdict
from policies.reading import MAX_TEMPLATE_BYTES, InputError
from stack.settings import ContextRefused, Settings
from stack.synth import Synthesis


@dataclass(frozen=True, slots=True)
class Difference:
    """A verdict that is another now: what the bundle says and what is said now, None where there is no verdict."""

    was: Verdict | None
    now: Verdict | None


@dataclass(slots=True)
class Replay:
    """What judging again came to.

    `other` are the names of what was judged by then and is another now: specs, rules or stack. `settings` are the
    contexts whose settings are not what their values come to, `members` those of the bundle that tell other than the
    verdicts; both are looked at where nothing else is another.
    """

    verdicts: int = 0
    contexts: int = 0
    differences: list[Difference] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0: every verdict is the same, and all that tells them. 1: something is not."""
        return 1 if self.differences or self.settings or self.members else 0


def replay(archive: Archive, on_progress: Callable[[], None] = lambda: None) -> Replay:
    """Judge again what a bundle holds. No CDK is started.

    Raises `policies.reading.InputError` for a bundle whose contents cannot be read, or contradict themselves.
    """
    contents = read_contents(archive)
    present = basis()
    found = Replay(other=[name for name, digest in contents.provenance.basis.items() if present[name] != digest])
    problems: list[Trouble] = []
    externals = parse_externals(archive.read("externals.json", MAX_TEMPLATE_BYTES), archive.place("externals.json"))
    stored = _Stored(archive)
    for judgement in judgements(_syntheses(archive), externals, on_progress):
        synthesis = judgement.synthesis
        context = None if synthesis is None else synthesis.context.name
        was = stored.take(context)
        found.verdicts += len(was)
        found.differences += _differences(was, judgement.verdicts)
        if synthesis is not None:
            found.contexts += 1
            found.settings += [] if "stack" in found.other or _are_its_own(synthesis) else [synthesis.context.name]
            problems += [] if judgement.failure is None else [Trouble(synthesis.context.name, judgement.failure)]
    found.differences += _differences(stored.rest(), ())
    if not found.other and not found.differences:
        found.members = list(_other_members(archive, conclude(contents.tally, problems, contents.provenance)))
    return found


def _are_its_own(synthesis: Synthesis) -> bool:
    """Tell whether the settings of a template are those that its context's values come to."""
    if synthesis.settings is None:
        return True
    try:
        return Settings.from_context(synthesis.context.values).plain() == synthesis.settings
    except ContextRefused:
        return False


def _other_members(archive: Archive, record: Record) -> Iterator[str]:
    """Return the members that are not what the record of a bundle's own verdicts makes them."""
    shown = read_document(archive, "trace.json")
    if shown.get("specs") != [spec_as_json(spec) for spec in record.specs]:
        yield "trace.json"
    digests = {finding.template for finding in record.findings} - {None}
    templates = {digest: archive.read(member("templates", digest), MAX_TEMPLATE_BYTES) for digest in digests if digest}
    try:
        for path, data in reports(record, shown, templates):
            if archive.read(path, MAX_DOCUMENT) != data:
                yield path
    except (AttributeError, LookupError, TypeError, ValueError):
        # The page shows what the trace's schema describes; of anything else there is none.
        yield "trace.json"


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
