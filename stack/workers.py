"""Worker processes in which the CDK runs: items in, results out in order, bounded in memory, and nothing left behind.

Imports no CDK: only what is done in the workers does.
"""

import itertools
import json
import multiprocessing
import os
import pickle
import shutil
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from stack.node import check_node, use_bundled_node

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

APPS_PER_WORKER = 400
"""A worker is replaced after so many items: jsii keeps every App alive, some 0.4 MB each."""

PATIENCE = 900.0
"""So many seconds one item may take: thousands of times what it does, and enough on a machine that is starved."""

_AHEAD = 4
"""Items under way or done for each worker: none waits for the consumer, and memory stays bounded."""

_PROCESSES = multiprocessing.get_context("spawn")


class Job(NamedTuple, Generic[Item, Result]):
    """What is done to every item alike, in a worker.

    - `work`, which is given an item and a folder to write, which is removed behind it; whatever it raises is a failure.
    - `failed`, which makes a result of an item and the reason for which `work` has not.

    Both have to be picklable. `work` may be of a module that imports the CDK.
    """

    work: Callable[[Item, Path], Result]
    failed: Callable[[Item, str], Result]


def run(job: Job[Item, Result], items: Iterable[Item], workers: int | None = None) -> Iterator[Result]:
    """Do a job to each of the items, and give the results in order.

    `workers` is the number of processes, by default that of the processors; each holds a Node.js of up to about
    700 MB. Raises NodeUnusableError, before anything is started, when JSII_NODE names no usable Node.js.
    """
    count = workers or os.cpu_count() or 1
    with _pool(job, count) as pool, ThreadPoolExecutor(count) as threads:
        remaining = iter(items)
        ahead: deque[Future[Result]] = deque()
        try:
            while True:
                for item in itertools.islice(remaining, count * _AHEAD - len(ahead)):
                    ahead.append(threads.submit(pool.do, item))
                if not ahead:
                    return
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


@contextmanager
def worker(job: Job[Item, Result]) -> Iterator[Callable[[Item], Result]]:
    """Give what does a job to one item whenever it is asked to, in a process that is kept warm; see `run`."""
    with _pool(job, 1) as pool:
        yield pool.do


@contextmanager
def _pool(job: Job[Item, Result], count: int) -> "Iterator[_Workers[Item, Result]]":
    use_bundled_node()
    check_node()
    with (
        tempfile.TemporaryDirectory(prefix="storage-compliance-") as scratch,
        _Workers(count, Path(scratch), job) as pool,
    ):
        yield pool


class _Workers(Generic[Item, Result]):
    """A number of workers, each of which serves one thread at a time."""

    def __init__(self, count: int, scratch: Path, job: Job[Item, Result]) -> None:
        self._all = [_Worker(scratch / str(number), job) for number in range(count)]
        self._idle: SimpleQueue[_Worker[Item, Result]] = SimpleQueue()

    def __enter__(self) -> "_Workers[Item, Result]":
        for worker in self._all:
            self._idle.put(worker)
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self._all:
            worker.stop()

    def do(self, item: Item) -> Result:
        worker = self._idle.get()
        try:
            return worker.do(item)
        finally:
            self._idle.put(worker)


class _Worker(Generic[Item, Result]):
    """A process that does one item after another: started when needed, replaced when worn, dead or stuck."""

    def __init__(self, scratch: Path, job: Job[Item, Result]) -> None:
        self._scratch = scratch
        self._job = job
        self._running: tuple[SpawnProcess, Connection] | None = None
        self._served = 0

    def do(self, item: Item) -> Result:
        process, connection = self._running or self._start()
        try:
            connection.send(item)
            if connection.poll(PATIENCE):
                result: Result = connection.recv()
            else:
                result = self._job.failed(item, f"was not done after {PATIENCE:g} seconds")
                _kill(process)
                self.stop()
        except (EOFError, OSError):
            process.join()
            failure = f"the process that synthesised it ended before it was done, {_manner(process.exitcode)}"
            result = self._job.failed(item, failure)
            self.stop()
        self._served += 1
        if self._served >= APPS_PER_WORKER:
            self.stop()
        return result

    def _start(self) -> "tuple[SpawnProcess, Connection]":
        connection, theirs = _PROCESSES.Pipe()
        process = _PROCESSES.Process(target=_serve, args=(theirs, self._scratch, pickle.dumps(self._job)), daemon=True)
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


def _kill(process: "SpawnProcess") -> None:
    """Kill a process that is stuck, and its Node.js, which may be what is stuck: they are a group of their own."""
    if process.pid is not None and hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _manner(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"killed by signal {-exitcode}; if that is 9, by want of memory: use fewer workers"
    return f"with exit code {exitcode}"


def _serve(connection: Connection, scratch: Path, pickled: bytes) -> None:
    """Answer each item that arrives with its result, until the other end is closed."""
    _keep_to_oneself(scratch)
    # The module of a job may import the CDK, and so start Node.js: not before this process keeps to itself.
    job: Job[object, object] = pickle.loads(pickled)  # noqa: S301 (the parent's own)
    with connection:
        for number in itertools.count():
            try:
                item = connection.recv()
            except EOFError:
                return
            connection.send(_do(job, item, scratch / f"assembly-{number}"))


def _keep_to_oneself(scratch: Path) -> None:
    scratch.mkdir(exist_ok=True)
    for variable in ("TMPDIR", "TEMP", "TMP", "NODE_COMPILE_CACHE"):
        os.environ[variable] = str(scratch)
    tempfile.tempdir = None
    # Within `cdk synth` these would replace the context that was asked for; the last turns the CDK's validator off.
    for variable in ("CDK_CONTEXT_JSON", "CONTEXT_OVERFLOW_LOCATION_ENV", "CDK_OUTDIR", "CDK_VALIDATION"):
        os.environ.pop(variable, None)
    # A violation that the CDK's own validation finds becomes the text of the exception, not output.
    os.environ["CDK_APP_MODE"] = "inmemory"
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    # Ctrl-C is for the parent, which ends its workers in order.
    if hasattr(os, "setsid"):
        os.setsid()


def _do(job: Job[Item, Result], item: Item, outdir: Path) -> Result:
    try:
        return job.work(item, outdir)
    except (BrokenPipeError, json.JSONDecodeError) as lost:
        # This is how jsii reports that its Node.js is gone: so is this process's use.
        raise SystemExit(1) from lost
    except Exception as error:
        return job.failed(item, f"{type(error).__name__}: {error}".removeprefix("RuntimeError: "))
    finally:
        shutil.rmtree(outdir, ignore_errors=True)
