"""The app as the CDK CLI starts it, and the Node.js that it runs on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(tmp_path: Path, context: dict[str, object], **environment: str) -> subprocess.CompletedProcess[str]:
    """Start the app with what the CLI hands over; there is no Node.js on its PATH."""
    env = {
        "HOME": os.environ.get("HOME", str(tmp_path)),
        "PATH": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_OUTDIR": str(tmp_path / "cdk.out"),
        **environment,
    }
    command = [sys.executable, "-m", "stack.app"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)  # noqa: S603 (ourselves)


def test_synthesises_in_the_environment_of_the_cli_without_a_node_of_the_machine(tmp_path: Path) -> None:
    """With nothing on PATH the installed Node.js runs the CDK, and the app prints nothing.

    The account and region of the CLI make the stack specific to them.
    """
    environment = {"CDK_DEFAULT_ACCOUNT": "111122223333", "CDK_DEFAULT_REGION": "cn-north-1"}
    done = run(tmp_path, {"worthwatch:stage": "prod"}, **environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    template = json.loads((tmp_path / "cdk.out" / "WorthWatchStorage.template.json").read_bytes())
    assert template["Metadata"]["worthwatch:settings"]["stage"] == "prod"
    manifest = json.loads((tmp_path / "cdk.out" / "manifest.json").read_bytes())
    assert manifest["artifacts"]["WorthWatchStorage"]["environment"] == "aws://111122223333/cn-north-1"


def test_a_refused_context_is_one_message_and_no_template(tmp_path: Path) -> None:
    """Every wrong key is named with what is allowed; nothing is written and nothing looks like a crash."""
    done = run(tmp_path, {"worthwatch:stage": "live", "worthwatch:stages": "dev"})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "The context is refused: 2 problems. Nothing was synthesised.\n"
        '  worthwatch:stages: found "dev"; allowed: no such key; did you mean worthwatch:stage?\n'
        '  worthwatch:stage: found "live"; allowed: dev or staging or prod\n'
        "Correct them where they are set: -c KEY=VALUE, cdk.json, cdk.context.json or ~/.cdk.json.\n"
    )
    assert not list((tmp_path / "cdk.out").glob("*"))


MEND = "Name a Node.js of version 22 or 24, or unset JSII_NODE to use the one that is installed with this package."


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (None, "which is no program on this machine."),
        ("echo v20.20.2", "which is Node.js v20.20.2."),
        ("echo hello", "which does not answer --version as Node.js does."),
    ],
)
def test_a_node_that_cannot_run_the_cdk_is_refused(tmp_path: Path, script: str | None, complaint: str) -> None:
    """JSII_NODE is the user's choice: one that cannot work is named, not replaced."""
    node = tmp_path / "my-node"
    if script is not None:
        node.write_text(f"#!/bin/sh\n{script}\n")
        node.chmod(0o755)
    done = run(tmp_path, {}, JSII_NODE=str(node))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"JSII_NODE names '{node}', {complaint} {MEND}\n"


def test_a_supported_node_that_the_user_names_wins(tmp_path: Path) -> None:
    """The Node.js in JSII_NODE is the one that is started."""
    import_node = "from stack.node import _BUNDLED; print(_BUNDLED)"
    bundled = subprocess.run(  # noqa: S603 (ourselves)
        [sys.executable, "-c", import_node], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    node, log = tmp_path / "my-node", tmp_path / "log"
    node.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {bundled} "$@"\n')
    node.chmod(0o755)
    done = run(tmp_path, {}, JSII_NODE=str(node))
    assert (done.returncode, done.stderr) == (0, "")
    version, runtime = log.read_text().splitlines()
    assert version == "--version"
    assert "jsii-runtime" in runtime
