"""What cdk-nag's packs and the CDK's validator have found in templates, as the SARIF of two tools."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import version

from scanners.report_sarif import Found, Level, render
from stack.validation_report import PACKS, Violation

TOOLS = {"cdk-nag": "cdk-nag", "cdk": "aws-cdk-lib"}
"""The tools, as SARIF names them, and the distributions that they come in."""

_NAMED = re.compile("(?P<section>Parameters|Outputs|Conditions|Mappings|Rules)/(?P<entry>[A-Za-z0-9]+): ")

_LEVELS: dict[str, Level] = {"fatal": "error", "error": "error", "info": "note"}


class PluginLogs:
    """What was found in the templates so far, and in the canary beside each of them."""

    def __init__(self) -> None:
        self._found: dict[str, dict[Found, dict[str, int | None]]] = {tool: {} for tool in TOOLS}
        self._sung: dict[str, dict[str, Found]] | None = None

    def add(
        self,
        digest: str,
        template: bytes,
        violations: Iterable[Violation],
        canary: Iterable[Violation],
        resources: Mapping[str, str],
    ) -> None:
        """Take in what was found in a template, by its digest; `resources` are logical ids by their constructs."""
        for violation in violations:
            resource = resources.get(violation.construct)
            line = _line(template, "Resources", resource) if resource else _entry(template, violation.description)
            self._found[_tool(violation)].setdefault(_problem(violation), {})[digest] = line
        sung: dict[str, dict[str, Found]] = {tool: {} for tool in TOOLS}
        for violation in canary:
            sung[_tool(violation)].setdefault(violation.rule, _problem(violation))
        # A rule that was silent in the canary beside one template may have been so about the template, too.
        before = self._sung or sung
        self._sung = {tool: {rule: one for rule, one in before[tool].items() if rule in sung[tool]} for tool in TOOLS}

    def logs(self, templates: Collection[str], unread: Mapping[str, str]) -> dict[str, str]:
        """Return the SARIF of each tool, by its name, about templates, by their digests.

        Of the `unread`, likewise, stands there why they were not.
        """
        sung = self._sung or {tool: {} for tool in TOOLS}
        return {
            tool: render(tool, version(TOOLS[tool]), templates, found, sung[tool].values(), unread=unread)
            for tool, found in self._found.items()
        }


def _tool(violation: Violation) -> str:
    return "cdk-nag" if violation.plugin in PACKS else "cdk"


def _problem(violation: Violation) -> Found:
    level = _LEVELS.get(violation.severity, "warning")
    return Found(violation.rule, level, violation.description, violation.construct, violation.acknowledged)


def _line(template: bytes, section: str, entry: str) -> int | None:
    """Return the line, from 1, in which a template as the CDK writes it, with one space a level, begins an entry."""
    begin = template.find(f'\n "{section}": {{'.encode())
    at = template.find(f'\n  "{entry}": {{'.encode(), begin)
    return None if min(begin, at) < 0 else template.count(b"\n", 0, at) + 2


def _entry(template: bytes, description: str) -> int | None:
    """Return the line of what the CDK's validator names at the head of what it says of no resource: a parameter."""
    named = _NAMED.match(description)
    return None if named is None else _line(template, named["section"], named["entry"])
