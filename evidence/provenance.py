"""Of what, when and by what a run judged: the commit, its time, and the versions of what ran; as a document, too."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

import policies
import stack
from evidence.basis import SUITE, basis, counts, sources, suite
from evidence.lock import DISTRIBUTION
from evidence.record import Provenance
from evidence.results_model import Basis
from policies.json_documents import validate
from policies.reading import InputError, printable, quoted
from stack.contexts import Matrix
from stack.node import NodeUnusableError, node_version

SCHEMA = "urn:worthwatch:storage-compliance:provenance:1"

MAX_BYTES = 65_536
"""The most bytes of such a document; one has a few lines."""

EPOCH = "SOURCE_DATE_EPOCH"
"""The environment variable that sets the time (https://reproducible-builds.org/specs/source-date-epoch/)."""

_LAST_SECOND = 253_402_300_799
"""The last of the year 9999, the last that RFC 3339 can write."""

_JUDGED_BY = ("specs", policies.__name__, stack.__name__)

_TIMEOUT = 60
"""Seconds in which a program answers, even for a large checkout on a slow disk."""

_MAX_SAID = 500

_SHA1_DIGITS = 40

_ELSEWHERE = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""What names another repository than that of the current folder, as a hook's environment does: the names that
`git rev-parse --local-env-vars` prints, but those of settings, by which a folder may be trusted."""

_UNATTENDED = {
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch what it lacks
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_SETTINGS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.ignoreStat=false"),
    *("-c", "core.splitIndex=false"),  # the half of an index that is shared lies in the repository
)


def provenance(matrix: str, environment: Mapping[str, str]) -> Provenance:
    """Return what a run of a matrix in the current folder is evidence of.

    The commit is that which holds the specs, rules and stack of the current folder: none outside a repository, before
    the first commit, and in a folder of some other project's repository. The time is SOURCE_DATE_EPOCH or else the
    commit's. Raises `InputError` where there is neither, and for what keeps git or Node.js from answering.
    """
    commit, committed = _commit(environment)
    return Provenance(
        commit=commit,
        modified=commit is not None and (_changed(environment, commit) or _differs(environment, commit)),
        time=_time(environment, committed),
        version=_version(),
        python=platform.python_version(),
        node=_node(environment),
        basis=basis(),
        suite=suite(),
        matrix=matrix,
    )


def _commit(environment: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the commit of the current folder and its committer's time, in seconds since 1970."""
    found = _git(environment, "rev-parse", "--verify", "--quiet", "HEAD")
    unborn = found.returncode == 1 and not found.stderr
    # So it says that no folder above has a .git; what is wrong with one that is there it says in other words.
    if unborn or (found.returncode and "not a git repository (or any" in found.stderr):
        return None, None
    commit = _said(found).strip()
    held = _said(_git(environment, "ls-tree", "--name-only", commit, *_JUDGED_BY))
    if set(held.splitlines()) != set(_JUDGED_BY):
        return None, None
    committed, _ = _said(_git(environment, "rev-list", "--max-count=1", "--timestamp", commit)).split()
    return commit, committed


def _changed(environment: Mapping[str, str], commit: str) -> bool:
    """Tell whether the current folder holds changes, or files that are neither committed nor ignored."""
    # Said in full, since the user's and the repository's settings may leave out either.
    everything = ("--untracked-files=normal", "--ignore-submodules=none", "--no-renames")
    # In an index made anew, since the repository's may be told to assume that a file is unchanged.
    with tempfile.TemporaryDirectory() as folder:
        anew = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        _said(_git(environment, "read-tree", commit, **anew))
        return bool(_said(_git(environment, "status", "--porcelain", *everything, "--", ".", **anew)))


def _differs(environment: Mapping[str, str], commit: str) -> bool:
    """Tell whether the files that judge here are not the commit's: changed where git does not look, or elsewhere.

    A commit may lack the suite altogether: that of a project which has it installed.
    """
    listed = _said(_git(environment, "ls-tree", "-r", "-z", commit)).split("\0")[:-1]
    entries = (entry.split("\t", 1) for entry in listed)
    committed = {path: about.split()[2] for about, path in entries if counts(path)}
    folders = {path.partition("/")[0] for path in committed}
    lacking = () if folders.intersection(SUITE) else SUITE
    running = {path: data for path, data in sources().items() if path.partition("/")[0] not in lacking}
    return {path: _object_name(data, len(commit)) for path, data in running.items()} != committed


def _object_name(data: bytes, digits: int) -> str:
    """Return by what name git stores the bytes of a file (https://git-scm.com/book, 10.2 Git Objects)."""
    algorithm = "sha1" if digits == _SHA1_DIGITS else "sha256"
    return hashlib.new(algorithm, b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


def _git(environment: Mapping[str, str], *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Ask git about the current folder, without prompts, writing, or a file system monitor of the repository's.

    `more` is added to its environment. Raises `InputError` where it does not answer.
    """
    program = shutil.which("git", path=environment.get("PATH"))
    if program is None:
        problem = "no such program in PATH; install it: evidence names the commit of what was judged"
        raise InputError("git", problem)
    own = {name: value for name, value in environment.items() if name not in _ELSEWHERE}
    return _answer([program, *_SETTINGS, *arguments], own | _UNATTENDED | more)


def _said(answer: subprocess.CompletedProcess[str]) -> str:
    """Return what git printed. Raises `InputError` with its own words, advice among them, where it refused."""
    if answer.returncode:
        said = " ".join(answer.stderr.split()).removeprefix("fatal: ") or f"ended with {answer.returncode}"
        raise InputError("git", printable(said[:_MAX_SAID]))
    return answer.stdout


def _time(environment: Mapping[str, str], committed: str | None) -> datetime:
    given = environment.get(EPOCH)
    if given is not None:
        return _moment(EPOCH, given)
    if committed is not None:
        return _moment("the commit's time", committed)
    problem = (
        f"not set, and no commit holds the {', '.join(_JUDGED_BY)} of the current folder, so no time is the same at "
        f"every export; commit them, or set {EPOCH} to seconds since 1970"
    )
    raise InputError(EPOCH, problem)


def _moment(where: str, seconds: str) -> datetime:
    if not re.fullmatch("[0-9]{1,12}", seconds) or int(seconds) > _LAST_SECOND:
        expected = f"expected whole seconds since 1970, from 0 to {_LAST_SECOND}"
        raise InputError(where, f"found {quoted(seconds)}; {expected}")
    return datetime.fromtimestamp(int(seconds), UTC)


def _version() -> str:
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        raise InputError(DISTRIBUTION, "not installed, so its version is unknown; run `pip install -e .`") from None


def _node(environment: Mapping[str, str]) -> str:
    """Return the version of the Node.js that `stack.node` lets jsii start."""
    try:
        return node_version(environment)
    except NodeUnusableError as error:
        raise InputError("JSII_NODE", str(error).removeprefix("JSII_NODE names ")) from None


def _answer(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 -- git from PATH, or what the user names
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError("git", f"no answer within {_TIMEOUT} seconds") from None
    except (OSError, ValueError) as error:  # ValueError: a name or value with a NUL
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError("git", f"{quoted(command[0])} does not run: {reason}") from None


def document(made: Provenance) -> dict[str, object]:
    """Return a provenance in plain JSON values, as provenance.json holds it."""
    return {
        "schema": SCHEMA,
        "commit": made.commit,
        "modified": made.modified,
        "time": written(made.time),
        "version": made.version,
        "python": made.python,
        "node": made.node,
        "basis": dict(made.basis),
        "suite": made.suite,
        "matrix": made.matrix,
    }


def written(time: datetime) -> str:
    """Return a time in UTC with whole seconds, as RFC 3339 writes it: 2026-11-22T12:00:00Z."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


def read(document: object, where: str) -> Provenance:
    """Return the provenance that a document holds.

    Raises `InputError`, `where` naming the document, for anything that `document` would not return.
    """
    if not isinstance(document, dict) or document.keys() != _KEYS:
        raise InputError(where, f"expected an object with the keys {', '.join(sorted(_KEYS))}, and no other")
    read = validate(_Document, document, where)
    if read.modified and read.commit is None:
        raise InputError(where, "$.modified: true, and there is no commit to differ from; expected false")
    return Provenance(
        commit=read.commit,
        modified=read.modified,
        time=read.time,
        version=read.version,
        python=read.python,
        node=read.node,
        basis=read.basis.model_dump(),
        suite=read.suite,
        matrix=read.matrix,
    )


def _read_commit(value: str) -> str:
    if not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", value):
        raise PydanticCustomError("commit", "expected 40 or 64 hexadecimal digits in lower case, or null")
    return value


def _read_time(value: object) -> datetime:
    try:
        time = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        time = None
    if time is None or written(time) != value:
        raise PydanticCustomError("time", "expected a time in UTC such as 2026-11-22T12:00:00Z")
    return time


def _read_version(value: str) -> str:
    if not re.fullmatch(r"[0-9][0-9A-Za-z.!+_-]{0,99}", value):
        raise PydanticCustomError("version", "expected a version such as 3.11.7")
    return value


_Version = Annotated[str, AfterValidator(_read_version)]

_Digest = Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$")]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_id: Literal["urn:worthwatch:storage-compliance:provenance:1"] = Field(alias="schema")
    commit: Annotated[str, AfterValidator(_read_commit)] | None
    modified: bool
    time: Annotated[datetime, BeforeValidator(_read_time)]
    version: _Version
    python: _Version
    node: _Version
    basis: Basis
    suite: _Digest
    matrix: Matrix


_KEYS = {field.alias or name for name, field in _Document.model_fields.items()}
