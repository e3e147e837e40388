"""What a user names on the command line, as templates: files, folders, and the CDK's cloud assemblies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

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


def read_sources(path: Path) -> Iterator[Source | InputError]:
    """Yield every template that `path` stands for, and every reason why one could not be read.

    A file is one template. A cloud assembly is the templates of its stacks, stages and nested stacks; a stage's
    folder is those of the stage. Any other folder is the cloud assemblies in it, however deep, and its other
    `*.template.json`, `.yaml` and `.yml` files or, without any of these, all JSON and YAML files that have
    Resources; links, hidden folders and node_modules are left out.
    """
    if answers_yes(path.is_dir):
        yield from _folder_sources(path)
    else:
        yield from _file_sources(path)


def _folder_sources(folder: Path) -> Iterator[Source | InputError]:
    assembly = _folder_assembly(folder)
    yield from assembly.problems
    anything = bool(assembly.problems)
    for source in assembly.sources() if assembly.stacks else _plain_sources(folder):
        anything = True
        yield source
    if not anything:
        problem = "a folder without templates; expected a cloud assembly (cdk.out), or CloudFormation templates"
        yield InputError(name_of(folder), problem)


def _file_sources(file: Path) -> Iterator[Source | InputError]:
    assembly = _assembly_of(file.parent, lambda stack: stack.is_of(file))
    yield from assembly.problems
    if not assembly.stacks:
        yield source_of(file, None)
        return
    stack = assembly.stacks[0]
    source = source_of(file, assembly.constructs(stack.construct))
    yield replace(source, pseudo=stack.pseudo) if isinstance(source, Source) else source


def _plain_sources(folder: Path) -> Iterator[Source | InputError]:
    files: list[Path] = []
    assemblies: list[CloudAssembly] = []
    for found in _walk(folder):
        match found:
            case Path():
                files.append(found)
            case CloudAssembly():
                assemblies.append(found)
            case _:
                yield found
    templates = [file for file in files if file.name.endswith(_TEMPLATE_NAMES)]
    for file in templates:
        yield source_of(file, None)
    for assembly in assemblies:
        yield from assembly.sources()
    if not templates and not assemblies:
        for file in files:
            source = source_of(file, None)
            if isinstance(source, InputError) or "Resources" in source.document:
                yield source


def _walk(folder: Path) -> Iterator[Path | CloudAssembly | InputError]:
    """Yield the JSON and YAML files below a folder, but the assemblies below it as wholes."""
    pending = [folder]
    while pending:
        current = pending.pop()
        if current != folder and _holds_artifacts(current):
            assembly = _folder_assembly(current)
            yield from assembly.problems
            if assembly.stacks:
                yield assembly
                continue
        folders = []
        try:
            for entry in sorted(current.iterdir()):
                if entry.is_dir() and not entry.is_symlink() and not _is_left_out(entry.name):
                    folders.append(entry)
                elif entry.suffix in _SUFFIXES and entry.name != "manifest.json" and not entry.is_symlink():
                    yield entry
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
