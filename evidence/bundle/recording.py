"""A run taken down as it goes: templates into the bundle at once, lines aside, the verdicts themselves kept nowhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO

from evidence.bundle.archive import Writer
from evidence.bundle.canonical import MAX_LINE, canonical
from evidence.bundle.synthesis import Constructs, SynthesisLine
from evidence.model import Trouble
from evidence.tally import Tally
from evidence.verdicts import as_json
from policies.model import Verdict
from policies.reading import InputError
from stack.synth import Synthesis

CONTEXTS, VERDICTS = "contexts.jsonl", "verdicts.jsonl"

_CHUNK = 2**16


class Recording:
    """What is judged, written into a bundle as it comes; see `recording`.

    `tally` and `problems` are what it comes to, and `sources` the templates, by digest, that findings were first seen
    in. Memory grows by a few hundred bytes for each context.
    """

    def __init__(self, writer: Writer, contexts: BinaryIO, verdicts: BinaryIO) -> None:
        self.tally = Tally()
        self.problems: list[Trouble] = []
        self.sources: dict[str, bytes] = {}
        self._writer = writer
        self._contexts, self._verdicts = contexts, verdicts

    def add(self, synthesis: Synthesis, verdicts: Iterable[Verdict], failure: str | None) -> None:
        """Take down a context: what came of it, the verdicts on it, and why it is refused in spite of a template."""
        tree = Constructs.of(synthesis)
        constructs = None if tree is None else _form(tree.model_dump(), "the construct tree")
        line = SynthesisLine.of(synthesis, constructs)
        if synthesis.template is not None and line.template is not None:
            self._write_once("templates", line.template, synthesis.template)
        if constructs is not None and line.constructs is not None:
            self._write_once("constructs", line.constructs, constructs)
        self._contexts.write(_form(line.model_dump(), line.name) + b"\n")
        self.tally.add_context(line.traced())
        if failure is not None:
            self.problems.append(Trouble(line.name, failure))
        self.judge(verdicts, synthesis.template)

    def judge(self, verdicts: Iterable[Verdict], template: bytes | None = None) -> None:
        """Take down verdicts, on a context that was added, or on the matrix as a whole."""
        for verdict in verdicts:
            self._verdicts.write(_form(as_json(verdict), f"a verdict on {verdict.scenario}") + b"\n")
            if self.tally.add(verdict) and template is not None and verdict.template is not None:
                self.sources[verdict.template] = template

    def finish(self) -> None:
        """Write the lines into the bundle."""
        for path, lines in ((CONTEXTS, self._contexts), (VERDICTS, self._verdicts)):
            lines.seek(0)
            self._writer.add(path, iter(partial(lines.read, _CHUNK), b""))

    def _write_once(self, folder: str, digest: str, data: bytes) -> None:
        path = f"{folder}/{digest.removeprefix('sha256:')}.json"
        if path not in self._writer:
            self._writer.add(path, data)


@contextmanager
def recording(writer: Writer) -> Iterator[Recording]:
    """Take down a run, the lines in files that nobody else sees until they are finished."""
    with tempfile.TemporaryFile() as contexts, tempfile.TemporaryFile() as verdicts:
        yield Recording(writer, contexts, verdicts)


def _form(value: object, what: str) -> bytes:
    try:
        form = canonical(value)
    except ValueError as error:
        raise InputError(what, f"cannot be evidence: {error}") from None
    if len(form) > MAX_LINE:
        raise InputError(what, f"cannot be evidence: {len(form):,} bytes; the limit to read it again is {MAX_LINE:,}")
    return form
