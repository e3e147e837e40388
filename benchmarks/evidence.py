"""What memory an export, its verification and its reading take, as contexts grow from 200 to 10,000.

Run at the root of a checkout, in the tox environment `evidence`: `python -m benchmarks.evidence`. A few contexts are
synthesised and judged once; of each a number of others is made up, with 200 templates in all, or each with one of its
own. A measure is the peak of a process that does nothing else, and stands beside that of the fewest contexts in the
same run.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import policies
from evidence.bundle.archive import open_archive
from evidence.bundle.contents import read_contents
from evidence.bundle.export import Around, Judgement, export
from evidence.bundle.keys import generate, read_public_key
from evidence.bundle.manifest import check_members, read_manifest
from evidence.bundle.verify import signed_by, verify
from evidence.provenance import provenance
from evidence.results import Results
from evidence.trace import read_checkout
from gate.exemptions import Exemptions
from gate.export import sealing
from gate.judging import judgements
from gate.matrix import EXTERNALS
from gate.scans import Scans
from stack.contexts import matrix
from stack.synth import synthesise

SIZES = ((200, 200), (2_000, 200), (10_000, 200), (2_000, 2_000), (10_000, 10_000))
"""So many contexts, with so many templates."""

_PROCESSES = multiprocessing.get_context("spawn")


def _made_up(few: list[Judgement], count: int, distinct: int) -> Iterator[Judgement]:
    templates = [one for one in few if one.synthesis is not None and one.synthesis.template is not None]
    for number in range(count):
        one = templates[number % distinct % len(templates)]
        synthesis = one.synthesis
        if synthesis is None or synthesis.template is None:
            continue
        template = synthesis.template + b" " * (number % distinct // len(templates))
        digest = f"sha256:{hashlib.sha256(template).hexdigest()}"
        context = replace(synthesis.context, name=f"context-{number}", values=dict(synthesis.context.values))
        verdicts = (
            replace(verdict, context=context.name, template=verdict.template and digest) for verdict in one.verdicts
        )
        yield Judgement(tuple(verdicts), replace(synthesis, context=context, template=template))
    yield from (one for one in few if one.synthesis is None)


def _export(few: bytes, folder: Path, count: int, distinct: int) -> None:
    around = Around(
        read_checkout(policies.__name__), provenance("full", os.environ), Results(), EXTERNALS, (), previous=None
    )
    seal = sealing(str(folder / "signing.key"), sigstore=False)
    export(folder / "bundle.zip", _made_up(pickle.loads(few), count, distinct), around, seal)  # noqa: S301 - our parent's


def _verify(folder: Path) -> None:
    made = provenance("full", os.environ).time
    with open_archive(folder / "bundle.zip") as archive:
        verify(archive, signed_by(read_public_key(folder / "signing.pub")), max_age=None, previous=None, now=made)


def _read(folder: Path) -> None:
    with open_archive(folder / "bundle.zip") as archive:
        check_members(archive, read_manifest(archive))
        read_contents(archive)


def _measured(work: Callable[[], None], queue: multiprocessing.SimpleQueue[tuple[float, float]]) -> None:
    start = time.process_time()
    work()
    queue.put((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time() - start))


def _peak(work: Callable[[], None]) -> tuple[float, float]:
    """Return the peak of a process that does the work, in MiB, and the seconds of its processor time."""
    queue = _PROCESSES.SimpleQueue()
    process = _PROCESSES.Process(target=_measured, args=(work, queue))
    process.start()
    process.join()
    measured: tuple[float, float] = queue.get()
    return measured


def main() -> int:
    """Print the peaks, and their ratios to those of the fewest contexts."""
    exemptions = Exemptions((), Scans(()), datetime.now(UTC).date())
    few = pickle.dumps(list(judgements(synthesise(list(matrix("smoke"))), EXTERNALS, exemptions)))
    first: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder)
        for count, distinct in SIZES:
            for what, work in (
                ("export", partial(_export, few, folder, count, distinct)),
                ("verify", partial(_verify, folder)),
                ("read", partial(_read, folder)),
            ):
                peak, taken = _peak(work)
                ratio = peak / first.setdefault(what, peak)
                size = (folder / "bundle.zip").stat().st_size / 2**20
                sys.stdout.write(
                    f"{what:<7} {count:6,} contexts, {distinct:6,} templates, {size:5.0f} MiB: "
                    f"peak {peak:4.0f} MiB, {ratio:4.2f} times; "
                    f"{1000 * taken / count:.2f} ms a context\n"
                )
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
