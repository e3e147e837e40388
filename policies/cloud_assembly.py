"""A cloud assembly, the folder that the CDK synthesises into: its stacks' templates and its construct tree.

The folder (`cdk.out`) has a manifest.json that lists stacks, nested assemblies (one a Stage) and the construct tree
(https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html). What it says is untrusted: no path is
followed out of the folder, and no folder or file is visited twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from policies.construct_tree import Construct, as_object, constructs_by_stack, logical_ids_in
from policies.reading import InputError, printable, read_document, read_file

MAX_STACKS = 1000
"""The most stacks of an assembly, each nested stack counted where it is nested."""

_ENVIRONMENT = re.compile(r"aws://(?P<account>[^/]+)/(?P<region>[^/]+)")

MAX_ASSEMBLY_FILE_BYTES = 64 * 1024 * 1024
"""The most bytes of a manifest, its metadata or a construct tree."""


@dataclass(frozen=True, slots=True)
class Source:
    """A template and where it came from.

    `name` is the file's path as the user would recognise it; `digest` is the SHA-256 of its bytes, in hex.
    `constructs` maps logical ids to the constructs each resource stands in, from the app to its own, each as
    `aws-cdk-lib.aws_dynamodb.CfnTable@2.273.0`; it is None where no construct tree shows the stack. `stage` is the
    folder whose stacks are deployed together, None for a file that stands alone, and `pseudo` what is known of the
    stack's pseudo parameters. A nested stack's template has a `parent`, in which it is the resource `nested_as`.
    """

    name: str
    document: dict[str, object]
    constructs: Mapping[str, tuple[str, ...]] | None
    digest: str
    stage: str | None = None
    pseudo: Mapping[str, str] = field(default_factory=dict)
    parent: Source | None = None
    nested_as: str = ""


def source_of(file: Path, constructs: Mapping[str, Construct] | None) -> Source | InputError:
    """Read a template, or return why it cannot be read. A construct of another type than its resource tells nothing."""
    try:
        return source_from(read_file(file), name_of(file), constructs)
    except InputError as error:
        return error


def source_from(data: bytes, name: str, constructs: Mapping[str, Construct] | None = None) -> Source:
    """Return the template whose bytes are at hand. Raises `InputError` where it cannot be read."""
    document = read_document(data, name)
    resources = as_object(document.get("Resources"))
    lineages = {
        logical_id: construct.lineage
        for logical_id, construct in (constructs or {}).items()
        if construct.type in {None, as_object(resources.get(logical_id)).get("Type")}
    }
    return Source(name, document, None if constructs is None else lineages, hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack: its template, the folder of the manifest that lists it, its path in the construct tree if known."""

    file: Path
    folder: Path
    construct: str | None
    pseudo: Mapping[str, str]
    parent: Source | None = None
    nested_as: str = ""

    def is_of(self, template: Path) -> bool:
        """Tell whether a file is the stack's template."""
        return answers_yes(lambda: self.file.samefile(template))

    def is_within(self, folder: Path) -> bool:
        """Tell whether the stack is listed in a folder or below it."""
        return self.folder.resolve().is_relative_to(folder.resolve())


class CloudAssembly:
    """A cloud assembly with those nested in it, and the stacks that are meant; without stacks if the folder is none."""

    def __init__(self, root: Path, is_meant: Callable[[Stack], bool]) -> None:
        self.root = root
        self.problems: list[InputError] = []
        self.stacks: list[Stack] = []
        self._tree: Path | None = None
        self._asset_manifests: list[tuple[Path, Path]] = []  # each with the folder that its paths start from
        self._logical_ids: dict[str, str] = {}  # by path in the construct tree
        self._constructs: dict[str, dict[str, Construct]] = {}  # by stack and logical id
        if answers_yes((root / "manifest.json").is_file):
            self._read_manifests()
        if self._tree is not None:
            with self._noting_problems():
                tree, where = _json_object(self._tree), name_of(self._tree)
                stacks = {stack.construct for stack in self.stacks if stack.construct is not None}
                self._constructs = constructs_by_stack(tree, where, stacks, self._logical_ids)
        self.stacks = [stack for stack in self.stacks if is_meant(stack)]

    def constructs(self, stack: str | None) -> Mapping[str, Construct] | None:
        """Return the constructs of a stack, by logical id; None if the tree does not show it, or two stacks as one."""
        if stack is None or [one.construct for one in self.stacks].count(stack) > 1:
            return None
        return self._constructs.get(stack)

    def sources(self) -> Iterator[Source | InputError]:
        """Yield each stack's template once, a stack's own before those of its nested stacks."""
        seen: set[Path] = set()
        count = 0
        pending: list[Stack | InputError] = list(self.stacks)
        while pending:
            stack = pending.pop(0)
            if isinstance(stack, InputError):
                yield stack
                continue
            file = stack.file.resolve()
            if stack.parent is None and file in seen:
                continue
            seen.add(file)
            count += 1
            if count > MAX_STACKS:
                yield InputError(name_of(self.root), f"more than {MAX_STACKS} stacks, the limit; judge stages apart")
                return
            source = source_of(stack.file, self.constructs(stack.construct))
            if isinstance(source, Source):
                stage = name_of(stack.folder)
                source = replace(
                    source, stage=stage, pseudo=stack.pseudo, parent=stack.parent, nested_as=stack.nested_as
                )
                pending[:0] = self._nested_stacks(stack, source)
            yield source

    def _nested_stacks(self, stack: Stack, source: Source) -> Iterator[Stack | InputError]:
        for logical_id, resource in as_object(source.document.get("Resources")).items():
            if as_object(resource).get("Type") != "AWS::CloudFormation::Stack":
                continue
            try:
                asset = self._template_asset(stack.folder, as_object(resource))
                if asset is None:
                    problem = f"the template of the nested stack {printable(logical_id)} is not in the assembly"
                    yield InputError(source.name, f"{problem}, so that nothing of it was judged")
                else:
                    what = f"the nested stack {printable(logical_id)}"
                    file = self._inside(stack.folder, asset, source.name, what)
                    self._refuse_circle(file, source)
                    construct = self._nested_construct(stack, logical_id)
                    yield Stack(file, stack.folder, construct, _of_account(stack.pseudo), source, logical_id)
            except InputError as error:
                yield error

    def _refuse_circle(self, file: Path, above: Source | None) -> None:
        """Raise `InputError` for a template that nests itself."""
        name = name_of(file)
        while above is not None:
            if above.name == name:
                raise InputError(name, "the template nests itself")
            above = above.parent

    def _template_asset(self, folder: Path, resource: dict[str, object]) -> object:
        """Return a nested stack's template, named in its metadata (by the CDK's CLI) or by the asset's id."""
        if path := as_object(resource.get("Metadata")).get("aws:asset:path"):
            return path
        url = json.dumps(as_object(resource.get("Properties")).get("TemplateURL"))
        for start, manifest in self._asset_manifests:
            if start == folder:
                for asset_id, asset in as_object(_json_object(manifest).get("files")).items():
                    if asset_id in url:
                        return as_object(as_object(asset).get("source")).get("path")
        return None

    def _nested_construct(self, stack: Stack, logical_id: str) -> str | None:
        """Return the path of a nested stack in the construct tree, if that shows it."""
        construct = self._constructs.get(stack.construct or "", {}).get(logical_id)
        return construct.nested_stack if construct else None

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
                    raise InputError(name_of(manifest), problem)
                for artifact_id, artifact in artifacts.items():
                    with self._noting_problems():
                        self._take(artifact_id, as_object(artifact), manifest, pending)

    def _take(self, artifact_id: str, artifact: dict[str, object], manifest: Path, pending: list[Path]) -> None:
        """Note what an artifact tells; a nested assembly's folder joins `pending`."""

        def path(value: object) -> Path:
            return self._inside(manifest.parent, value, name_of(manifest), f"the artifact {printable(artifact_id)}")

        properties = as_object(artifact.get("properties"))
        match artifact.get("type"):
            case "cdk:cloud-assembly":
                pending.append(path(properties.get("directoryName")))
            case "cdk:tree":
                self._tree = path(properties.get("file"))
            case "cdk:asset-manifest":
                self._asset_manifests.append((manifest.parent, path(properties.get("file"))))
            case "aws:cloudformation:stack":
                construct = str(artifact.get("displayName", artifact_id))
                pseudo = _pseudo_parameters(artifact_id, artifact.get("environment"), properties.get("stackName"))
                self.stacks.append(Stack(path(properties.get("templateFile")), manifest.parent, construct, pseudo))
                self._logical_ids |= logical_ids_in(as_object(artifact.get("metadata")))
                if "additionalMetadataFile" in artifact:
                    self._logical_ids |= logical_ids_in(_json_object(path(artifact["additionalMetadataFile"])))

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


def _pseudo_parameters(artifact_id: str, environment: object, stack_name: object) -> dict[str, str]:
    """Return what a manifest tells of a stack's pseudo parameters; an environment is `aws://account/region`."""
    told = {"AWS::StackName": stack_name if isinstance(stack_name, str) else artifact_id}
    stated = _ENVIRONMENT.fullmatch(environment) if isinstance(environment, str) else None
    if stated and stated["account"] != "unknown-account":
        told["AWS::AccountId"] = stated["account"]
    if stated and stated["region"] != "unknown-region":
        told["AWS::Region"] = stated["region"]
    return told


def _of_account(pseudo: Mapping[str, str]) -> dict[str, str]:
    """Return what a nested stack's pseudo parameters have in common with those of the stack around it."""
    return {name: value for name, value in pseudo.items() if name != "AWS::StackName"}


def _json_object(file: Path) -> dict[str, object]:
    data = read_file(file, max_bytes=MAX_ASSEMBLY_FILE_BYTES)
    try:
        value = json.loads(data)
    except RecursionError:
        raise InputError(name_of(file), "nested too deep to read; expected a file that the CDK wrote") from None
    except ValueError as error:
        raise InputError(name_of(file), f"not valid JSON: {error}; expected a file that the CDK wrote") from None
    if not isinstance(value, dict):
        raise InputError(name_of(file), "no object at the top; expected a file that the CDK wrote")
    return value


def answers_yes(question: Callable[[], bool]) -> bool:
    """Ask the file system; what it cannot answer is no."""
    try:
        return question()
    except OSError:  # reading will say why
        return False


def name_of(path: Path) -> str:
    """Return a path as its user would recognise it, safe to print."""
    return printable(path.as_posix())
