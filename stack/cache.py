"""Templates that were synthesised before, used again where all that they depend on is the same.

What a template depends on is the context; every byte of this package and of cdk.json; the versions of every package
that is installed, of Python and of Node.js; and the variables that the CDK, jsii and Node.js read. Whatever differs in
any of it is another entry. An entry that is not whole is none. Imports no CDK.
"""

import hashlib
import json
import os
import platform
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from stack.cdk_json import cdk_json
from stack.contexts import Context
from stack.node import node_version, use_bundled_node
from stack.settings import Problem
from stack.synth import Synthesis, synthesise

_VERSION = "templates-1"
"""Changes with the form of an entry."""

_VARIABLES = ("CDK", "JSII", "NODE")
"""How the names of those variables begin that the CDK, jsii and Node.js read."""

_MOST_ENVIRONMENTS = 4
"""So many environments, those used last, keep their entries."""


class Cache:
    """The syntheses of one environment, in a folder. One that cannot be read or written holds nothing.

    To be entered as a context: what was made is kept in the end alone, and only where the environment is still the
    same, so that no template is taken for one of sources that were changed meanwhile. `hits` counts the syntheses that
    were not made again. Raises `stack.node.NodeUnusableError`.
    """

    def __init__(self, folder: Path) -> None:
        """Take the entries of this environment that a folder holds."""
        use_bundled_node()
        self._environment = environment_digest()
        self._folder = folder / _VERSION / self._environment
        self._made = folder / _VERSION / f".{secrets.token_hex(8)}"
        self.hits = 0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Keep what was made, if all went well, and what was used last of other environments."""
        with suppress(OSError):
            if kind is None and self._made.is_dir() and environment_digest() == self._environment:
                self._folder.mkdir(mode=0o700, exist_ok=True)
                for file in self._made.iterdir():
                    file.replace(self._folder / file.name)
        shutil.rmtree(self._made, ignore_errors=True)
        with suppress(OSError):
            _prune(self._folder)

    def synthesise(self, contexts: Iterable[Context], workers: int | None = None) -> Iterator[Synthesis]:
        """Synthesise contexts as `stack.synth.synthesise` does, but for those that were synthesised before."""
        wanted = [(context, _name(context)) for context in contexts]
        known = [_whole(self._folder / name) is not None for _, name in wanted]
        made = synthesise(
            (one for (one, _), is_known in zip(wanted, known, strict=True) if not is_known), workers=workers
        )
        for (context, name), is_known in zip(wanted, known, strict=True):
            data = _whole(self._folder / name) if is_known else None
            if data is not None:
                self.hits += 1
                yield _read(context, data)
                continue
            # What was there a moment ago, somebody else has removed.
            synthesis = next(synthesise([context], workers=1)) if is_known else next(made)
            self._keep(synthesis, name)
            yield synthesis

    def _keep(self, synthesis: Synthesis, name: str) -> None:
        """Write an entry, unless something failed, which may succeed another time."""
        if synthesis.failure is None:
            with suppress(OSError):
                self._made.mkdir(mode=0o700, parents=True, exist_ok=True)
                (self._made / name).write_bytes(_written(synthesis))


def default_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where entries are kept: below XDG_CACHE_HOME, or ~/.cache."""
    base = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "~"), ".cache").expanduser()
    return Path(base, "worthwatch-storage-compliance")


def environment_digest(environment: Mapping[str, str] = os.environ) -> str:
    """Return the digest of all but the context that a template depends on. Raises NodeUnusableError."""
    told = {
        "sources": _sources(),
        "packages": sorted(_packages()),
        "python": [platform.python_implementation(), platform.python_version(), platform.machine(), sys.platform],
        "node": node_version(environment),
        "variables": sorted((name, value) for name, value in environment.items() if name.startswith(_VARIABLES)),
    }
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _sources() -> list[tuple[str, str]]:
    """Return the digests of every file of this package, and of cdk.json."""
    package = Path(__file__).parent
    files = {file.relative_to(package).as_posix(): file for file in package.rglob("*") if file.is_file()}
    kept = {path: file for path, file in files.items() if "__pycache__" not in path}
    return sorted((path, _digest(file.read_bytes())) for path, file in {**kept, "../cdk.json": cdk_json()}.items())


def _packages() -> Iterator[str]:
    """Return the names and versions of all packages that can be imported, by the folders that say so of each."""
    for folder in dict.fromkeys(sys.path):
        with suppress(OSError):
            yield from (one.name for one in os.scandir(folder) if one.name.endswith((".dist-info", ".egg-info")))


def _name(context: Context) -> str:
    """Return the name of a context's entry: the digest of all that the app is given."""
    return f"{_digest(json.dumps([context.complete, context.account, context.region]).encode())}.json"


def _prune(folder: Path) -> None:
    """Remove what was kept of other environments, but for those that were used last."""
    if folder.is_dir():
        os.utime(folder)
    used = sorted(folder.parent.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
    for other in used[_MOST_ENVIRONMENTS:]:
        shutil.rmtree(other, ignore_errors=True)


def _written(synthesis: Synthesis) -> bytes:
    template = None if synthesis.template is None else synthesis.template.decode("utf-8")
    told = {
        "settings": synthesis.settings,
        "template": template,
        "constructs": synthesis.constructs,
        "refused": synthesis.refused,
        "message": synthesis.message,
        "paths": synthesis.paths,
    }
    data = json.dumps(told).encode()
    return _digest(data).encode() + b"\n" + data


def _whole(file: Path) -> bytes | None:
    """Return what a file holds, or None where that is not all that was written."""
    try:
        digest, _, data = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    return data if digest == _digest(data).encode() else None


def _read(context: Context, data: bytes) -> Synthesis:
    told = json.loads(data)
    constructs, refused, template = told["constructs"], told["refused"], told["template"]
    return Synthesis(
        context,
        settings=told["settings"],
        template=None if template is None else template.encode("utf-8"),
        constructs=None if constructs is None else {name: tuple(lineage) for name, lineage in constructs.items()},
        refused=None if refused is None else tuple(Problem(*problem) for problem in refused),
        message=told["message"],
        paths=told["paths"],
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
