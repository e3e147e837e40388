"""One context, one App: the part of synthesis that runs the CDK. Call `stack.node.use_bundled_node` before."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from stack.contexts import Context
from stack.settings import ContextRefused
from stack.storage import STACK_NAME, StorageStack
from stack.synth import Synthesis
from stack.validation_report import Acknowledgement, ScanError


def assemble(
    context: Context,
    outdir: Path,
    customise: Callable[[StorageStack], None] | None,
    *,
    scanned: bool = False,
    acknowledged: Sequence[Acknowledgement] = (),
) -> Synthesis:
    """Synthesise the storage stack as stack.app does, into the folder `outdir`, and read what came of it.

    Where it is `scanned`, what the packs and the CDK's validator find in it comes with it, `acknowledged` where that
    holds for its settings. Unlike the CLI's, the App takes no stack traces, which are in no template. Raises what the
    CDK raises.
    """
    app = cdk.App(context=context.complete, outdir=str(outdir), stack_traces=False, auto_synth=False)
    env = cdk.Environment(account=context.account, region=context.region)
    try:
        stack = StorageStack(app, STACK_NAME, env=env)
    except ContextRefused as refusal:
        return Synthesis(context, refused=refusal.problems, message=str(refusal))
    if customise:
        customise(stack)
    failure = _synth(app, outdir / stack.template_file)
    settings = stack.settings.plain()
    template = (outdir / stack.template_file).read_bytes()
    paths = _paths(json.loads((outdir / f"{stack.artifact_id}.metadata.json").read_bytes()), json.loads(template))
    lineages = dict(_lineages(json.loads((outdir / "tree.json").read_bytes())["tree"], ()))
    synthesis = Synthesis(
        context,
        settings=settings,
        template=template,
        failure=failure,
        constructs={logical_id: lineages[path] for logical_id, path in paths.items()},
        paths=paths,
    )
    if not scanned:
        return synthesis
    return _scan(synthesis, app, stack, [one for one in acknowledged if one.holds(settings)])


def _scan(
    synthesis: Synthesis, app: cdk.App, stack: StorageStack, acknowledged: Sequence[Acknowledgement]
) -> Synthesis:
    # Loading the packs takes its time.
    from stack.packs import scan  # noqa: PLC0415

    try:
        return replace(synthesis, violations=scan(app, stack, acknowledged))
    except ScanError as error:
        return replace(synthesis, failure=str(error))


def _synth(app: cdk.App, template: Path) -> str | None:
    """Synthesise an app. Returns why the CDK's validation refuses what was written; raises where nothing was."""
    try:
        app.synth()
    except RuntimeError as error:
        if not template.is_file():
            raise
        # The report's place is a temporary folder, which is gone when this is read.
        return str(error).partition("A copy of this report can be found in: ")[0].strip()
    return None


def _paths(metadata: Mapping[str, Any], template: Mapping[str, Any]) -> dict[str, str]:
    """Return the construct path of each resource, by its logical id.

    The construct tree tells the logical ids of those resources alone that have a class of their own.
    """
    return {
        entry["data"]: path.removeprefix("/")
        for path, entries in metadata.items()
        for entry in entries
        if entry["type"] == "aws:cdk:logicalId" and entry["data"] in template["Resources"]
    }


def _lineages(node: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    info = node["constructInfo"]
    lineage = (*above, f"{info['fqn']}@{info['version']}")
    yield node["path"], lineage
    for child in node.get("children", {}).values():
        yield from _lineages(child, lineage)
