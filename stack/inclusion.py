"""One template, one App: the part of inclusion that runs the CDK. Call `stack.node.use_bundled_node` before."""

import json
from dataclasses import replace
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import cloudformation_include

from stack.included import Included
from stack.packs import scan
from stack.validation_report import ScanError, Violation

_STACK = "Included"
_RESOURCES = f"{_STACK}/Template/"


def judge(template: bytes, outdir: Path) -> Included:
    """Include a template in a stack, with files in the folder `outdir`, and return what is found in it.

    What is judged is what the CDK makes of it: where that is not the same, it is a failure. Raises what the CDK raises.
    """
    try:
        given = _canonical(template)
    except ValueError as error:
        return Included(template, failure=f"is no JSON: {error}")
    except RecursionError:
        return Included(template, failure="is nested too deeply to be read")
    outdir.mkdir()
    file = outdir / "given.template.json"
    file.write_bytes(template)
    assembly = outdir / "assembly"
    # Neither analytics nor a bootstrap version: nothing that is not in the template.
    app = cdk.App(
        outdir=str(assembly), stack_traces=False, tree_metadata=False, analytics_reporting=False, auto_synth=False
    )
    stack = cdk.Stack(app, _STACK, synthesizer=cdk.BootstraplessSynthesizer())
    cloudformation_include.CfnInclude(stack, "Template", template_file=str(file))
    written = assembly / stack.template_file
    try:
        app.synth()
    except RuntimeError:
        # What the CDK's validator refuses is written, and told by `scan`.
        if not written.is_file():
            raise
    if _canonical(written.read_bytes()) != given:
        return Included(template, failure="the CDK includes it as another template")
    try:
        found = scan(app, stack)
    except ScanError as error:
        return Included(template, failure=str(error))
    violations = tuple(_by_logical_id(one) for one in found if not one.in_canary)
    return Included(template, violations, tuple(one for one in found if one.in_canary))


def _canonical(template: bytes) -> str:
    return json.dumps(json.loads(template), sort_keys=True)


def _by_logical_id(violation: Violation) -> Violation:
    return replace(violation, construct=violation.construct.removeprefix(_RESOURCES))
