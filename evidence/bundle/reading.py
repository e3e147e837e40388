"""The members of a bundle, read: documents, lines, and streams that are held against what they should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from evidence.bundle.archive import Archive
from evidence.bundle.canonical import MAX_BYTES, read_canonical, read_lines
from evidence.bundle.recording import CONTEXTS, VERDICTS
from evidence.bundle.synthesis import SynthesisLine
from evidence.results_model import VerdictResult
from policies.json_documents import validate
from policies.model import Verdict
from policies.reading import InputError, quoted


def read_document(archive: Archive, path: str, max_bytes: int = MAX_BYTES) -> dict[str, object]:
    """Return the object of a member in canonical JSON. Raises `policies.reading.InputError`."""
    value = read_canonical(archive.read(path, max_bytes), archive.place(path))
    if not isinstance(value, dict):
        raise InputError(archive.place(path), "no JSON object")
    return value


def read_contexts(archive: Archive) -> Iterator[SynthesisLine]:
    """Return the contexts, in their order, each of which names only members that there are."""
    names: set[str] = set()
    for number, value in read_lines(archive.chunks(CONTEXTS), archive.place(CONTEXTS)):
        where = f"{archive.place(CONTEXTS)}:{number}"
        line = SynthesisLine.read(value, where)
        if line.name in names:
            raise InputError(where, f"the context {quoted(line.name)} again")
        names.add(line.name)
        for folder, digest in (("templates", line.template), ("constructs", line.constructs)):
            if digest is not None and member(folder, digest) not in archive.members:
                raise InputError(where, f"names {member(folder, digest)}, which the bundle does not hold")
        yield line


def read_verdicts(archive: Archive) -> Iterator[Verdict]:
    """Return the verdicts, in their order."""
    for number, value in read_lines(archive.chunks(VERDICTS), archive.place(VERDICTS)):
        yield validate(VerdictResult, value, f"{archive.place(VERDICTS)}:{number}").verdict()


def member(folder: str, digest: str) -> str:
    """Return the name of the member that holds the template or the construct tree of a digest, `sha256:<hex>`."""
    return f"{folder}/{digest.removeprefix('sha256:')}.json"


def after(chunks: Iterable[bytes], expected: Iterable[bytes]) -> Iterator[bytes] | None:
    """Return what follows in chunks that begin with the expected parts; None where they do not."""
    held, at, rest = b"", 0, iter(chunks)
    for part in expected:
        while len(held) - at < len(part):
            chunk = next(rest, None)
            if chunk is None:
                return None
            held, at = held[at:] + chunk, 0
        if not held.startswith(part, at):
            return None
        at += len(part)
    return chain([held[at:]], rest)
