"""A folder of any templates under cdk-nag's stock packs and the CDK's validator, as `prove` leaves it for scanners."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from gate.plugin_logs import TOOLS, PluginLogs
from gate.progress import progress
from policies.reading import InputError, printable
from scanners.canary import is_canary
from stack.included import include


def scan_included(folder: Path) -> dict[str, str]:
    """Write `cdk-nag.sarif` and `cdk.sarif` into a folder with `templates/<SHA-256>.template.json`, of these.

    Returns the templates that they have not read, by digest, each with the reason for which the CDK cannot include it,
    or what it says of it cannot be relied on. What an earlier run left is removed; where no template was read, nothing
    is written.

    Raises `policies.reading.InputError` where there are no templates, or files cannot be read or written, and
    `stack.node.NodeUnusableError`.
    """
    try:
        for tool in TOOLS:
            (folder / f"{tool}.sarif").unlink(missing_ok=True)
        templates = _templates(folder / "templates")
    except OSError as error:
        raise _unusable(folder, error) from None
    if not templates:
        raise InputError(printable(folder.as_posix()), "holds no template, so there is nothing to include")
    logs = PluginLogs()
    unread: dict[str, str] = {}
    with progress("templates, by cdk-nag", len(templates)) as advance:
        for digest, included in zip(templates, include(templates.values()), strict=True):
            if included.violations is None or included.canary is None:
                unread[digest] = included.failure or "nothing came of it"
            else:
                resources = {name: name for name in json.loads(included.template).get("Resources", {})}
                logs.add(digest, included.template, included.violations, included.canary, resources)
            advance()
    if len(unread) < len(templates):
        try:
            for tool, log in logs.logs(templates, unread).items():
                (folder / f"{tool}.sarif").write_text(f"{log}\n", encoding="utf-8")
        except OSError as error:
            raise _unusable(folder, error) from None
    return unread


def _templates(folder: Path) -> dict[str, bytes]:
    """Return the templates of a folder, by digest."""
    files = sorted(file for file in folder.iterdir() if not is_canary(file.name.partition(".")[0]))
    return {hashlib.sha256(template).hexdigest(): template for template in (file.read_bytes() for file in files)}


def _unusable(folder: Path, error: OSError) -> InputError:
    return InputError(printable(folder.as_posix()), f"cannot be scanned: {error.strerror or error}")
