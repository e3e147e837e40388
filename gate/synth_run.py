"""The `synth` command: the templates of a matrix, and what cdk-nag and the CDK's validator find in them, for the gate.

A template is one file, of however many contexts it comes. What is found in it in any of those is found in it: a pack
judges the tree of constructs, which is not the template.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from gate.acknowledgements import Acknowledged, acknowledgements
from gate.plugin_logs import PluginLogs
from gate.progress import progress
from gate.scan_folder import fill, prepared
from gate.waivers import load_waivers
from policies.reading import printable
from stack.contexts import Matrix, matrix
from stack.synth import Synthesis, synthesise

_SHOWN = 20


def main(name: Matrix, output: str, waivers: Path) -> int:
    """Synthesise a matrix into the folder `output`, and return the exit code: 0 where it is all there, else 2.

    The stack acknowledges what the file of waivers covers today. Where it is not all there, no SARIF is written. Raises
    `policies.reading.InputError` where the folder cannot be used, or the file not be read.
    """
    acknowledged = Acknowledged(acknowledgements(load_waivers(waivers), _today()))
    folder = prepared(output)
    contexts = list(matrix(name))
    scanned = Scanned()
    with progress("contexts", len(contexts)) as advance:
        for synthesis in synthesise(contexts, scanned=True, acknowledged=acknowledged.all):
            scanned.add(synthesis)
            acknowledged.add(synthesis)
            advance()
    problems = list(scanned.problems())
    _tell("error", problems)
    if problems:
        return 2
    if name != "smoke":  # in which not every setting has every value
        _tell("warning", list(acknowledged.idle()))
    fill(folder, scanned.templates, scanned.logs())
    return 0


def _today() -> date:
    return datetime.now(UTC).date()


def _tell(kind: str, messages: Sequence[str]) -> None:
    for message in messages[:_SHOWN]:
        sys.stderr.write(f"{kind}: {message}\n")
    if len(messages) > _SHOWN:
        sys.stderr.write(f"{kind}: {len(messages) - _SHOWN} more\n")


@dataclass(slots=True)
class Scanned:
    """What came of the contexts so far.

    `templates` are the distinct templates, by digest; `failures` are the messages of those contexts that failed, by
    name.
    """

    templates: dict[str, bytes] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    _logs: PluginLogs = field(default_factory=PluginLogs, init=False)

    def add(self, synthesis: Synthesis) -> None:
        """Take in a context: what was found in its template, if it has one."""
        context = synthesis.context
        if synthesis.template is None or synthesis.violations is None:
            if synthesis.failure is not None or not context.refused:
                self.failures[context.name] = synthesis.failure or synthesis.message or "no template came of it"
            return
        digest = hashlib.sha256(synthesis.template).hexdigest()
        self.templates.setdefault(digest, synthesis.template)
        resources = {path: logical_id for logical_id, path in (synthesis.paths or {}).items()}
        violations = [one for one in synthesis.violations if not one.in_canary]
        canary = [one for one in synthesis.violations if one.in_canary]
        self._logs.add(digest, synthesis.template, violations, canary, resources)

    def problems(self) -> Iterator[str]:
        """Yield what keeps the run from being whole, the contexts that failed alike together."""
        alike: dict[str, list[str]] = {}
        for name, failure in self.failures.items():
            alike.setdefault(failure, []).append(name)
        for failure, names in alike.items():
            others = f" and {len(names) - 1} more" if len(names) > 1 else ""
            yield f"{names[0]}{others}: {_lines(failure)}"
        if not self.templates and not alike:
            yield "the matrix: no template came of it, so there is nothing to scan"

    def logs(self) -> dict[str, str]:
        """Return the SARIF of each tool, by its name."""
        return self._logs.logs(self.templates, {})


def _lines(text: str) -> str:
    return "\n  ".join(printable(line) for line in text.splitlines())
