"""What a user names on the command line, as templates: files, folders, and the CDK's cloud assemblies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Literal, NamedTuple

from policies.cloud_assembly import (
    MAX_ASSEMBLY_FILE_BYTES,
    CloudAssembly,
    Source,
    Stack,
    answers_yes,
    name_of,
    source_of,
)
from policies.reading import InputError, read_file

_SUFFIXES = (".json", ".yaml", ".yml")
_TEMPLATE_NAMES = tuple(f".template{suffix}" for suffix in _SUFFIXES)


class Place(NamedTuple):
    """Where templates are: a file that the user named, a `member` of a folder so named, or the folder of an assembly.

    Only of a file that the user named is the cloud assembly looked for that it may be part of.
    """

    kind: Literal["file", "member", "assembly"]
    path: Path


def read_sources(path: Path) -> Iterator[Source | InputError]:
    """Yield every template that `path` stands for, and every reason why one could not be read; see `find`."""
    for place in find(path):
        if isinstance(place, InputError):
            yield place
        else:
            yield from read(place)


def find(path: Path) -> Iterator[Place | InputError]:
    """Yield where the templates are that `path` stands for, and every reason why some cannot be found.

    A file is one template. A cloud assembly is the templates of its stacks, stages and nested stacks; a stage's
    folder is those of the stage. Any other folder is the cloud assemblies in it, however deep, and its other
    `*.template.json`, `.yaml` and `.yml` files or, without any of these, all JSON and YAML files that have
    Resources; links, hidden folders and node_modules are left out.
    """
    if not answers_yes(path.is_dir):
        yield Place("file", path)
        return
    assembly = _folder_assembly(path)
    if assembly.stacks:
        yield Place("assembly", path)
        return
    yield from assembly.problems
    anything = bool(assembly.problems)
    for found in _places_below(path):
        anything = True
        yield found
    if not anything:
        problem = "a folder without templates; expected a cloud assembly (cdk.out), or CloudFormation templates"
        yield InputError(name_of(path), problem)


def read(place: Place) -> Iterator[Source | InputError]:
    """Yield the templates of a place, and every reason why one could not be read."""
    match place.kind:
        case "assembly":
            assembly = _folder_assembly(place.path)
            yield from assembly.problems
            yield from assembly.sources()
        case "member":
            yield source_of(place.path, None)
        case "file":
            yield from _file_sources(place.path)


def _file_sources(file: Path) -> Iterator[Source | InputError]:
    assembly = _assembly_of(file.parent, lambda stack: stack.is_of(file))
    yield from assembly.problems
    if not assembly.stacks:
        yield source_of(file, None)
        return
    stack = assembly.stacks[0]
    source = source_of(file, assembly.constructs(stack.construct))
    yield replace(source, pseudo=stack.pseudo) if isinstance(source, Source) else source


def _places_below(folder: Path) -> Iterator[Place | InputError]:
    # However many there are, none is kept: so the folder is walked twice.
    is_told = any(isinstance(found, Place) and _is_told(found) for found in _walk(folder))
    for found in _walk(folder):
        if isinstance(found, InputError) or (_is_told(found) if is_told else _has_resources(found.path)):
            yield found


def _is_told(place: Place) -> bool:
    """Tell whether a place below a folder is one of templates by its name alone."""
    return place.kind == "assembly" or place.path.name.endswith(_TEMPLATE_NAMES)


def _has_resources(file: Path) -> bool:
    """Tell whether a file is a template, or may be one: reading it again will say why it cannot be read."""
    source = source_of(file, None)
    return isinstance(source, InputError) or "Resources" in source.document


def _walk(folder: Path) -> Iterator[Place | InputError]:
    """Yield the JSON and YAML files below a folder, but the assemblies below it as wholes."""
    pending = [folder]
    while pending:
        current = pending.pop()
        if current != folder and _holds_artifacts(current):
            assembly = _folder_assembly(current)
            if assembly.stacks:
                yield Place("assembly", current)
                continue
            yield from assembly.problems
        folders = []
        try:
            for entry in sorted(current.iterdir()):
                if entry.is_dir() and not entry.is_symlink() and not _is_left_out(entry.name):
                    folders.append(entry)
                elif entry.suffix in _SUFFIXES and entry.name != "manifest.json" and not entry.is_symlink():
                    yield Place("member", entry)
        except OSError as error:
            yield InputError(name_of(current), f"the folder cannot be read: {error.strerror}")
        pending += reversed(folders)


def _holds_artifacts(folder: Path) -> bool:
    """Tell a cloud assembly, even a broken one, from a folder with a manifest.json of another kind."""
    try:
        return b'"artifacts"' in read_file(folder / "manifest.json", max_bytes=MAX_ASSEMBLY_FILE_BYTES)
    except InputError:
        return True  # reading it as an assembly will say why, or that there is none


def _folder_assembly(folder: Path) -> CloudAssembly:
    return _assembly_of(folder, lambda stack: stack.is_within(folder))


def _assembly_of(folder: Path, is_meant: Callable[[Stack], bool]) -> CloudAssembly:
    """Return what a folder is the assembly of, with those stacks alone that are meant, or without any.

    The outermost assembly that lists such stacks is preferred: a stage's tree stands in that of its app.
    """
    around = list(takewhile(lambda above: answers_yes((above / "manifest.json").is_file), _upwards(folder)))
    for root in reversed(around or [folder]):
        assembly = CloudAssembly(root, is_meant)
        if assembly.stacks:
            break
    return assembly


def _upwards(folder: Path) -> Iterator[Path]:
    """Yield a folder and all above it, named as the user named them and, from there on, as `..`."""
    yield folder
    while folder.name not in {"", ".."}:
        folder = folder.parent
        yield folder
    for _ in folder.resolve().parents:
        folder /= ".."
        yield folder


def _is_left_out(folder: str) -> bool:
    return folder.startswith(".") or folder == "node_modules"
