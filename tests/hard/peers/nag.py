"""Print what cdk-nag's AwsSolutions pack says of a template by one of its rules: `python -m … TEMPLATE RULE`.

A process of its own, so that `measure` can end one that does not end by itself.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import aws_cdk as cdk
import cdk_nag
from aws_cdk import cloudformation_include


def ask(template: str, rule: str) -> str:
    """Include the template into a stack, synthesise it, and read the rule's part of the report."""
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(outdir=folder, auto_synth=False, analytics_reporting=False)
        stack = cdk.Stack(app, "Included")
        cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
        try:
            cloudformation_include.CfnInclude(stack, "Template", template_file=template)
        except (RuntimeError, TypeError):
            return "error"
        with suppress(RuntimeError):
            app.synth()
        report = Path(folder, "validation-report.json")
        if not report.exists():
            return "error"
        plugins = json.loads(report.read_text(encoding="utf-8"))["pluginReports"]
    found = [one for plugin in plugins for one in plugin["violations"] if one["ruleName"].startswith(rule)]
    if any(one["description"].startswith("Rule threw an error") for one in found):
        return "cannot say"
    return "fail" if found else "pass"


if __name__ == "__main__":
    sys.stdout.write(f"\nanswer: {ask(*sys.argv[1:])}\n")
