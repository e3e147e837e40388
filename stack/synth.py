"""Contexts in, templates out: synthesis in worker processes, streamed, bounded in memory and leaving no trace.

Imports no CDK: only the workers do.
"""

import itertools
import json
import multiprocessing
import os
import pickle
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from stack.contexts import Context
from stack.node import check_node, use_bundled_node
from stack.settings import Problem

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from stack.storage import StorageStack

Customise = Callable[["StorageStack"], None]

APPS_PER_WORKER = 400
"""A worker is replaced after so many contexts: jsii keeps every App alive, some 0.4 MB each."""

_AHEAD = 4
"""Contexts under way or done for each worker: none waits for the consumer, and memory stays bounded."""

_PROCESSES = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What came of a context: a template, a refusal or a failure; the fields of what did not come are None.

    - `template`, the final CloudFormation template as the CDK wrote it; `settings`, as plain values;
      `constructs`, by logical id the "fqn@version" of each construct from the App to the resource's own.
    - `refused`, the problems for which the context was refused, and `message`, which tells them to the user.
    - `failure`, why synthesis raised or its process died, in one message; with a template where the CDK wrote one
      that its own validation refuses.
    """

    context: Context
    settings: Mapping[str, object] | None = None
    template: bytes | None = None
    constructs: Mapping[str, tuple[str, ...]] | None = None
    refused: tuple[Problem, ...] | None = None
    message: str | None = None
    failure: str | None = None


def synthesise(
    contexts: Iterable[Context], *, workers: int | None = None, customise: Customise | None = None
) -> Iterator[Synthesis]:
    """Synthesise the storage stack under each context, as `cdk synth` would, and give the results in order.

    `workers` is the number of processes, by default that of the processors; each holds a Node.js of up to about
    700 MB. `customise`, a function of a module, may change each stack before it is synthesised. Raises
    NodeUnusableError, before anything is started, when JSII_NODE names no usable Node.js.
    """
    use_bundled_node()
    check_node()
    count = workers or os.cpu_count() or 1
    with (
        tempfile.TemporaryDirectory(prefix="storage-compliance-") as scratch,
        _Workers(count, Path(scratch), customise) as pool,
        ThreadPoolExecutor(count) as threads,
    ):
        remaining = iter(contexts)
        ahead: deque[Future[Synthesis]] = deque()
        try:
            while True:
                for context in itertools.islice(remaining, count * _AHEAD - len(ahead)):
                    ahead.append(threads.submit(pool.synthesise, context))
                if not ahead:
                    return
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


class _Workers:
    """A number of workers, each of which serves one thread at a time."""

    def __init__(self, count: int, scratch: Path, customise: Customise | None) -> None:
        self._all = [_Worker(scratch / str(number), customise) for number in range(count)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()

    def __enter__(self) -> "_Workers":
        for worker in self._all:
            self._idle.put(worker)
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self._all:
            worker.stop()

    def synthesise(self, context: Context) -> Synthesis:
        worker = self._idle.get()
        try:
            return worker.synthesise(context)
        finally:
            self._idle.put(worker)


class _Worker:
    """A process that synthesises one context after another: started when needed, replaced when worn or dead."""

    def __init__(self, scratch: Path, customise: Customise | None) -> None:
        self._scratch = scratch
        self._customise = customise
        self._running: tuple[SpawnProcess, Connection] | None = None
        self._served = 0

    def synthesise(self, context: Context) -> Synthesis:
        process, connection = self._running or self._start()
        try:
            connection.send(context)
            synthesis: Synthesis = connection.recv()
        except (EOFError, OSError):
            process.join()
            failure = f"the process that synthesised it ended before it was done, {_manner(process.exitcode)}"
            synthesis = Synthesis(context, failure=failure)
            self.stop()
        self._served += 1
        if self._served >= APPS_PER_WORKER:
            self.stop()
        return synthesis

    def _start(self) -> "tuple[SpawnProcess, Connection]":
        connection, theirs = _PROCESSES.Pipe()
        process = _PROCESSES.Process(
            target=_serve, args=(theirs, self._scratch, pickle.dumps(self._customise)), daemon=True
        )
        process.start()
        theirs.close()
        self._running = process, connection
        self._served = 0
        return self._running

    def stop(self) -> None:
        if self._running is None:
            return
        process, connection = self._running
        self._running = None
        connection.close()
        process.join(timeout=15)
        process.kill()
        process.join()
        process.close()


def _manner(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"killed by signal {-exitcode}; if that is 9, by want of memory: use fewer workers"
    return f"with exit code {exitcode}"


def _serve(connection: Connection, scratch: Path, pickled: bytes) -> None:
    """Answer each context that arrives with its Synthesis, until the other end is closed."""
    _keep_to_oneself(scratch)
    # The module of a Customise may import the CDK, and so start Node.js: not before this process keeps to itself.
    customise: Customise | None = pickle.loads(pickled)  # noqa: S301 (the parent's own)
    with connection:
        for number in itertools.count():
            try:
                context: Context = connection.recv()
            except EOFError:
                return
            connection.send(_synthesise_one(context, scratch / f"assembly-{number}", customise))


def _keep_to_oneself(scratch: Path) -> None:
    scratch.mkdir(exist_ok=True)
    for variable in ("TMPDIR", "TEMP", "TMP", "NODE_COMPILE_CACHE"):
        os.environ[variable] = str(scratch)
    tempfile.tempdir = None
    # Within `cdk synth` these would replace the context that was asked for.
    for variable in ("CDK_CONTEXT_JSON", "CONTEXT_OVERFLOW_LOCATION_ENV", "CDK_OUTDIR"):
        os.environ.pop(variable, None)
    # A violation that the CDK's own validation finds becomes the text of the exception, not output.
    os.environ["CDK_APP_MODE"] = "inmemory"
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    # Ctrl-C is for the parent, which ends its workers in order.
    if hasattr(os, "setsid"):
        os.setsid()


def _synthesise_one(context: Context, outdir: Path, customise: Customise | None) -> Synthesis:
    try:
        # Importing the CDK takes a second and starts Node.js: only here, in a worker.
        from stack.assembly import assemble  # noqa: PLC0415

        return assemble(context, outdir, customise)
    except (BrokenPipeError, json.JSONDecodeError) as lost:
        # This is how jsii reports that its Node.js is gone: so is this process's use.
        raise SystemExit(1) from lost
    except Exception as error:
        return Synthesis(context, failure=f"{type(error).__name__}: {error}".removeprefix("RuntimeError: "))
    finally:
        shutil.rmtree(outdir, ignore_errors=True)
