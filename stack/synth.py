"""Contexts in, templates out: synthesis in worker processes, streamed, bounded in memory and leaving no trace.

Imports no CDK: only the workers do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stack.contexts import Context
from stack.settings import Problem
from stack.validation_report import Acknowledgement, Violation
from stack.workers import Job, run, worker

if TYPE_CHECKING:
    from stack.storage import StorageStack

Customise = Callable[["StorageStack"], None]


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What came of a context: a template, a refusal or a failure; the fields of what did not come are None.

    - `template`, the final CloudFormation template as the CDK wrote it; `settings`, as plain values;
      `constructs`, by logical id the "fqn@version" of each construct from the App to the resource's own; `paths`, by
      logical id the resource's construct path.
    - `violations`, what cdk-nag's stock packs and the CDK's own validator find, in their canary, too, where that was
      asked for.
    - `refused`, the problems for which the context was refused, and `message`, which tells them to the user.
    - `failure`, why synthesis raised or its process died, in one message; with a template where the CDK wrote one
      that its own validation refuses, and without the violations that were asked for where they cannot be relied on.
    """

    context: Context
    settings: Mapping[str, object] | None = None
    template: bytes | None = None
    constructs: Mapping[str, tuple[str, ...]] | None = None
    refused: tuple[Problem, ...] | None = None
    message: str | None = None
    failure: str | None = None
    paths: Mapping[str, str] | None = None
    violations: tuple[Violation, ...] | None = None


def synthesise(
    contexts: Iterable[Context],
    *,
    workers: int | None = None,
    customise: Customise | None = None,
    scanned: bool = False,
    acknowledged: Sequence[Acknowledgement] = (),
) -> Iterator[Synthesis]:
    """Synthesise the storage stack under each context, as `cdk synth` would, and give the results in order.

    `workers` is the number of processes, by default that of the processors; each holds a Node.js of up to about
    700 MB. `customise`, a function of a module, may change each stack before it is synthesised. With `scanned`, each
    template comes with what cdk-nag's stock packs and the CDK's validator find in it, `acknowledged` by each stack
    for whose settings that holds; that there is nothing to acknowledge is no failure. Raises NodeUnusableError, before
    anything is started, when JSII_NODE names no usable Node.js.
    """
    job = Job(partial(_assemble, customise=customise, scanned=scanned, acknowledged=acknowledged), _failed)
    return run(job, contexts, workers)


@contextmanager
def synthesiser(*, customise: Customise | None = None) -> Iterator[Callable[[Context], Synthesis]]:
    """Give what synthesises one context whenever it is asked to, in a process that is kept warm; see `synthesise`."""
    with worker(Job(partial(_assemble, customise=customise, scanned=False, acknowledged=()), _failed)) as synthesise:
        yield synthesise


def _assemble(
    context: Context,
    outdir: Path,
    *,
    customise: Customise | None,
    scanned: bool,
    acknowledged: Sequence[Acknowledgement],
) -> Synthesis:
    # Importing the CDK takes a second and starts Node.js: only here, in a worker.
    from stack.assembly import assemble  # noqa: PLC0415

    return assemble(context, outdir, customise, scanned=scanned, acknowledged=acknowledged)


def _failed(context: Context, failure: str) -> Synthesis:
    return Synthesis(context, failure=failure)
