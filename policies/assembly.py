"""What a user names on the command line, as templates: files, folders, and the CDK's cloud assemblies.

A cloud assembly (`cdk.out`) is a folder whose manifest.json lists stacks, nested assemblies (one a Stage) and
the construct tree (https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html). What it
says is untrusted: no path is followed out of the folder, and no folder or file is visited twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from policies.reading import InputError, printable, read_document, read_file

MAX_ASSEMBLY_FILE_BYTES = 64 * 1024 * 1024
"""The most bytes of a manifest, its metadata or a construct tree."""

_SUFFIXES = (".json", ".yaml", ".yml")
_TEMPLATE_NAMES = tuple(f".template{suffix}" for suffix in _SUFFIXES)


@dataclass(frozen=True, slots=True)
class Source:
    """A template and where it came from.

    `name` is the file's path as the user would recognise it; `digest` is the SHA-256 of its bytes, in hex.
    `constructs` maps logical ids to the constructs each resource stands in, from the app to its own, each as
    `aws-cdk-lib.aws_dynamodb.CfnTable@2.273.0`; it is None where no construct tree shows the stack.
    """

    name: str
    document: dict[str, object]
    constructs: Mapping[str, tuple[str, ...]] | None
    digest: str


def read_sources(path: Path) -> Iterator[Source | InputError]:
    """Yield every template that `path` stands for, and every reason why one could not be read.

    A file is one template. A cloud assembly is the templates of its stacks, stages and nested stacks; a stage's
    folder is those of the stage. Any other folder is the cloud assemblies in it, however deep, and its other
    `*.template.json`, `.yaml` and `.yml` files or, without any of these, all JSON and YAML files that have
    Resources; links, hidden folders and node_modules are left out.
    """
    if _answers_yes(path.is_dir):
        yield from _folder_sources(path)
    else:
        yield from _file_sources(path)


def _folder_sources(folder: Path) -> Iterator[Source | InputError]:
    assembly = _folder_assembly(folder)
    yield from assembly.problems
    count = len(assembly.problems)
    for source in assembly.sources() if assembly.stacks else _plain_sources(folder):
        count += 1
        yield source
    if not count:
        problem = "a folder without templates; expected a cloud assembly (cdk.out), or CloudFormation templates"
        yield InputError(_name(folder), problem)


def _file_sources(file: Path) -> Iterator[Source | InputError]:
    assembly = _assembly_of(file.parent, lambda stack: stack.is_of(file))
    yield from assembly.problems
    yield _source(file, assembly.constructs(assembly.stacks[0].construct) if assembly.stacks else None)


def _plain_sources(folder: Path) -> Iterator[Source | InputError]:
    files: list[Path] = []
    assemblies: list[_Assembly] = []
    for found in _walk(folder):
        match found:
            case Path():
                files.append(found)
            case _Assembly():
                assemblies.append(found)
            case _:
                yield found
    templates = [file for file in files if file.name.endswith(_TEMPLATE_NAMES)]
    for file in templates:
        yield _source(file, None)
    for assembly in assemblies:
        yield from assembly.sources()
    if not templates and not assemblies:
        for file in files:
            source = _source(file, None)
            if isinstance(source, InputError) or "Resources" in source.document:
                yield source


def _walk(folder: Path) -> Iterator[Path | _Assembly | InputError]:
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
            yield InputError(_name(current), f"the folder cannot be read: {error.strerror}")
        pending += reversed(folders)


def _holds_artifacts(folder: Path) -> bool:
    """Tell a cloud assembly, even a broken one, from a folder with a manifest.json of another kind."""
    manifest = folder / "manifest.json"
    if not _answers_yes(manifest.is_file):
        return False
    try:
        return b'"artifacts"' in read_file(manifest, max_bytes=MAX_ASSEMBLY_FILE_BYTES)
    except InputError:
        return True  # reading it as an assembly will say why


def _folder_assembly(folder: Path) -> _Assembly:
    return _assembly_of(folder, lambda stack: stack.is_within(folder))


def _assembly_of(folder: Path, is_meant: Callable[[_Stack], bool]) -> _Assembly:
    """Return what a folder is the assembly of, with those stacks alone that are meant, or without any.

    The outermost assembly that lists such stacks is preferred: a stage's tree stands in that of its app.
    """
    around = list(takewhile(lambda above: _answers_yes((above / "manifest.json").is_file), _upwards(folder)))
    for root in reversed(around or [folder]):
        assembly = _Assembly(root, is_meant)
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


def _source(file: Path, constructs: Mapping[str, tuple[str, ...]] | None) -> Source | InputError:
    name = _name(file)
    try:
        data = read_file(file)
        return Source(name, read_document(data, name), constructs, hashlib.sha256(data).hexdigest())
    except InputError as error:
        return error


@dataclass(frozen=True, slots=True)
class _Stack:
    file: Path
    folder: Path  # of the manifest that lists it
    construct: str | None  # the stack's path in the construct tree, if known

    def is_of(self, template: Path) -> bool:
        return _answers_yes(lambda: self.file.samefile(template))

    def is_within(self, folder: Path) -> bool:
        return self.folder.resolve().is_relative_to(folder.resolve())


@dataclass(frozen=True, slots=True)
class _Construct:
    path: str
    lineage: tuple[str, ...]


class _Assembly:
    """A cloud assembly with those nested in it, and the stacks that are meant; without stacks if the folder is none."""

    def __init__(self, root: Path, is_meant: Callable[[_Stack], bool]) -> None:
        self.root = root
        self.problems: list[InputError] = []
        self.stacks: list[_Stack] = []
        self._tree: Path | None = None
        self._asset_manifests: list[tuple[Path, Path]] = []  # each with the folder that its paths start from
        self._logical_ids: dict[str, str] = {}  # by path in the construct tree
        self._constructs: dict[str, dict[str, _Construct]] = {}  # by stack and logical id
        if _answers_yes((root / "manifest.json").is_file):
            self._read_manifests()
        if self._tree:
            with self._noting_problems():
                self._read_tree(self._tree)
        self.stacks = [stack for stack in self.stacks if is_meant(stack)]

    def constructs(self, stack: str | None) -> dict[str, tuple[str, ...]] | None:
        """Return the constructs of a stack, by logical id; None if the tree does not show the stack."""
        if stack is None or stack not in self._constructs:
            return None
        return {logical_id: construct.lineage for logical_id, construct in self._constructs[stack].items()}

    def sources(self) -> Iterator[Source | InputError]:
        """Yield each template once, a stack's own before those of its nested stacks."""
        seen: set[Path] = set()
        pending: list[_Stack | InputError] = list(self.stacks)
        while pending:
            stack = pending.pop(0)
            if isinstance(stack, InputError):
                yield stack
                continue
            file = stack.file.resolve()
            if file in seen:
                continue
            seen.add(file)
            source = _source(stack.file, self.constructs(stack.construct))
            yield source
            if isinstance(source, Source):
                pending[:0] = self._nested_stacks(stack, source)

    def _nested_stacks(self, stack: _Stack, source: Source) -> Iterator[_Stack | InputError]:
        for logical_id, resource in _object(source.document.get("Resources")).items():
            if _object(resource).get("Type") != "AWS::CloudFormation::Stack":
                continue
            try:
                asset = self._template_asset(stack.folder, _object(resource))
                if asset is not None:  # else it lies elsewhere, not in the assembly
                    what = f"the nested stack {printable(logical_id)}"
                    file = self._inside(stack.folder, asset, source.name, what)
                    yield _Stack(file, stack.folder, self._nested_construct(stack, logical_id))
            except InputError as error:
                yield error

    def _template_asset(self, folder: Path, resource: dict[str, object]) -> object:
        """Return a nested stack's template, named in its metadata (by the CDK's CLI) or by the asset's id."""
        if path := _object(resource.get("Metadata")).get("aws:asset:path"):
            return path
        url = json.dumps(_object(resource.get("Properties")).get("TemplateURL"))
        for start, manifest in self._asset_manifests:
            if start == folder:
                for asset_id, asset in _object(_json_object(manifest).get("files")).items():
                    if asset_id in url:
                        return _object(_object(asset).get("source")).get("path")
        return None

    def _nested_construct(self, stack: _Stack, logical_id: str) -> str | None:
        """Return the path of a NestedStack, whose resource the CDK puts into a sibling `<id>.NestedStack`."""
        construct = self._constructs.get(stack.construct or "", {}).get(logical_id)
        return construct.path.rpartition("/")[0].removesuffix(".NestedStack") if construct else None

    def _read_manifests(self) -> None:
        seen: set[Path] = set()
        pending = [self.root]
        while pending:
            folder = pending.pop(0)
            if folder.resolve() in seen:
                continue
            seen.add(folder.resolve())
            manifest = folder / "manifest.json"
            with self._noting_problems():
                artifacts = _json_object(manifest).get("artifacts", {})
                if not isinstance(artifacts, dict):
                    problem = "'artifacts' is no object; expected a manifest that the CDK wrote"
                    raise InputError(_name(manifest), problem)
                for artifact_id, artifact in artifacts.items():
                    with self._noting_problems():
                        self._take(artifact_id, _object(artifact), manifest, pending)

    def _take(self, artifact_id: str, artifact: dict[str, object], manifest: Path, pending: list[Path]) -> None:
        """Note what an artifact tells; a nested assembly's folder joins `pending`."""

        def path(value: object) -> Path:
            return self._inside(manifest.parent, value, _name(manifest), f"the artifact {printable(artifact_id)}")

        properties = _object(artifact.get("properties"))
        match artifact.get("type"):
            case "cdk:cloud-assembly":
                pending.append(path(properties.get("directoryName")))
            case "cdk:tree":
                self._tree = path(properties.get("file"))
            case "cdk:asset-manifest":
                self._asset_manifests.append((manifest.parent, path(properties.get("file"))))
            case "aws:cloudformation:stack":
                construct = str(artifact.get("displayName", artifact_id))
                self.stacks.append(_Stack(path(properties.get("templateFile")), manifest.parent, construct))
                self._read_logical_ids(_object(artifact.get("metadata")))
                if "additionalMetadataFile" in artifact:
                    self._read_logical_ids(_json_object(path(artifact["additionalMetadataFile"])))

    def _read_logical_ids(self, metadata: dict[str, object]) -> None:
        for path, entries in metadata.items():
            for entry in entries if isinstance(entries, list) else []:
                logical_id = _object(entry).get("data")
                if _object(entry).get("type") == "aws:cdk:logicalId" and isinstance(logical_id, str):
                    self._logical_ids[path.removeprefix("/")] = logical_id

    def _read_tree(self, file: Path) -> None:
        """Note every resource's constructs under the stack, nested or not, whose template holds it."""
        stacks = {stack.construct for stack in self.stacks}
        constructs: dict[str, dict[str, _Construct]] = {}
        root = _json_object(file).get("tree")
        if not isinstance(root, dict):
            raise InputError(_name(file), "'tree' is no object; expected a construct tree that the CDK wrote")
        pending: list[tuple[str, str, object, tuple[str, ...]]] = [("", "", root, ())]
        while pending:
            path, stack, value, lineage = pending.pop()
            node = _object(value)
            if "fileName" in node:  # the CDK splits a tree of more than 500,000 constructs
                problem = f"the construct tree goes on in another file at '{printable(path)}'; expected it whole"
                raise InputError(_name(file), problem)
            info = _object(node.get("constructInfo"))
            if "fqn" in info:
                lineage = (*lineage, f"{info['fqn']}@{info.get('version')}")
            attribute = _object(node.get("attributes")).get("aws:cdk:cloudformation:logicalId")
            logical_id = self._logical_ids.get(path, attribute)
            of_stack = constructs.setdefault(stack, {})
            if isinstance(logical_id, str):
                of_stack[logical_id] = _Construct(path, lineage)
            children = _object(node.get("children"))
            for key, child in children.items():
                child_path = f"{path}/{key}" if path else key
                begins_stack = child_path in stacks or f"{key}.NestedStack" in children
                pending.append((child_path, child_path if begins_stack else stack, child, lineage))
        self._constructs = constructs

    def _inside(self, folder: Path, path: object, where: str, what: str) -> Path:
        if not isinstance(path, str):
            raise InputError(where, f"{what} names no file; expected a path relative to the folder")
        target = folder / path
        try:
            inside = target.resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError, ValueError):  # links in a circle, a name too long or with a NUL
            inside = False
        if not inside:
            problem = f"{what} names '{printable(path)}', which is not inside the folder; expected a path inside it"
            raise InputError(where, problem)
        return target

    @contextmanager
    def _noting_problems(self) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            self.problems.append(error)


def _json_object(file: Path) -> dict[str, object]:
    data = read_file(file, max_bytes=MAX_ASSEMBLY_FILE_BYTES)
    try:
        value = json.loads(data)
    except RecursionError:
        raise InputError(_name(file), "nested too deep to read; expected a file that the CDK wrote") from None
    except ValueError as error:
        raise InputError(_name(file), f"not valid JSON: {error}; expected a file that the CDK wrote") from None
    if not isinstance(value, dict):
        raise InputError(_name(file), "no object at the top; expected a file that the CDK wrote")
    return value


def _object(value: object) -> dict[str, object]:
    """Return the value if it is an object, else an empty one: what lacks its shape tells nothing."""
    return value if isinstance(value, dict) else {}


def _answers_yes(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:  # reading will say why
        return False


def _is_left_out(folder: str) -> bool:
    return folder.startswith(".") or folder == "node_modules"


def _name(path: Path) -> str:
    return printable(path.as_posix())
