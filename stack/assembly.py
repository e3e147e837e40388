"""One context, one App: the part of synthesis that runs the CDK. Call `stack.node.use_bundled_node` before."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from stack.contexts import Context
from stack.settings import ContextRefused
from stack.storage import STACK_NAME, StorageStack
from stack.synth import Synthesis


def assemble(context: Context, outdir: Path, customise: Callable[[StorageStack], None] | None) -> Synthesis:
    """Synthesise the storage stack as stack.app does, into the folder `outdir`, and read what came of it.

    Unlike the CLI's, the App takes no stack traces, which are in no template. Raises what the CDK raises.
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
    tree = json.loads((outdir / "tree.json").read_bytes())["tree"]
    return Synthesis(
        context,
        settings=stack.settings.plain(),
        template=(outdir / stack.template_file).read_bytes(),
        failure=failure,
        constructs=dict(_ancestry(tree, ())),
    )


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


def _ancestry(node: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    info = node["constructInfo"]
    lineage = (*above, f"{info['fqn']}@{info['version']}")
    logical_id = node.get("attributes", {}).get("aws:cdk:cloudformation:logicalId")
    if logical_id is not None:
        yield logical_id, lineage
    for child in node.get("children", {}).values():
        yield from _ancestry(child, lineage)
