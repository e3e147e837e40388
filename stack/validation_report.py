"""What validation plugins found in a synthesis, read from the `validation-report.json` of its cloud assembly.

Its form is that of `PolicyValidationReportFormatter.formatJson`, and what a pack says of a rule that throws is
`NagPack.addViolation`'s, in the versions of aws-cdk-lib and cdk-nag that pyproject.toml names. Imports no CDK.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

REPORT = "validation-report.json"
"""The file's name, in the folder of the assembly."""

PACKS = ("AwsSolutions", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321", "Serverless")
"""cdk-nag's stock packs, as they name themselves: the plugins' names, and the first part of their rules' ids."""

VALIDATOR = "CloudFormation Validate"
"""The name of the template validator that is built into the CDK."""

CANARY = "Canary"
"""The construct path of the stack beside the one that is judged in which every plugin must find something."""

_THREW = "Rule threw an error during validation."


class ScanError(Exception):
    """A synthesis whose plugins cannot be relied on to have told what there is to find."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What a plugin found in one construct.

    - `plugin`, the plugin's name; `rule`, the rule's id as it spells it, such as AwsSolutions-IAM5[Resource::*].
    - `severity`, "fatal", "error", "warning" or "info", or "custom" where the plugin has a word of its own.
    - `construct`, the construct's path: a resource's, or the stack's for what is about no resource.
    - `acknowledged`, the reason with which the stack acknowledges it; None where it does not.

    The template validator describes what it finds of one rule in several resources as it found it in the first.
    """

    plugin: str
    rule: str
    severity: str
    description: str
    construct: str
    acknowledged: str | None = None

    @property
    def in_canary(self) -> bool:
        """Whether it is what the canary is there for, and no violation of the stack that is judged."""
        return self.construct.split("/", 1)[0] == CANARY


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That a stack with certain settings accepts what a plugin finds of one rule in one resource.

    - `plugin` and `rule`, as in Violation; `reason`, with which the report lists what is accepted.
    - `construct`, the resource's construct path; None for the stack itself, and with it everything that is in it.
    - `when`, the values that settings must have, by their names without prefix.
    """

    plugin: str
    rule: str
    construct: str | None
    reason: str
    when: Mapping[str, Collection[object]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The rule's id as the CDK qualifies it, such as AwsSolutions::AwsSolutions-IAM5[Resource::*]."""
        return f"{self.plugin.replace(' ', '-')}::{self.rule}"

    def holds(self, settings: Mapping[str, object]) -> bool:
        """Tell whether it is one for a stack with these settings."""
        return all(settings.get(name) in values for name, values in self.when.items())

    def acknowledges(self, violation: Violation) -> bool:
        """Tell whether it is for this that a violation is acknowledged."""
        found = (violation.plugin, violation.rule, violation.acknowledged)
        return found == (self.plugin, self.rule, self.reason) and self.construct in (None, violation.construct)


def read_report(data: bytes) -> tuple[Violation, ...]:
    """Return what the plugins found, acknowledged or not, each thing once and in the report's order.

    Raises ScanError where a plugin, or a rule of one, failed, and for what is no such report.
    """
    try:
        return tuple(dict.fromkeys(_read(json.loads(data))))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        told = f"{type(error).__name__}: {error}"
        raise ScanError(f"{REPORT} is not as this version of the CDK writes it ({told})") from error


def _read(report: Mapping[str, Any]) -> Iterator[Violation]:
    for plugin in report["pluginReports"]:
        name = plugin["pluginName"]
        failure = plugin.get("metadata", {}).get("error")
        if failure is not None:
            raise ScanError(f"{name} failed: {failure}")
        for violation in (*plugin["violations"], *plugin.get("suppressedViolations", ())):
            acknowledged = violation.get("reason", "") if "acknowledgedId" in violation else None
            for construct in violation["violatingConstructs"]:
                path, description = construct["constructPath"], violation["description"]
                if description.startswith(_THREW):
                    # cdk-nag reports it as it does a violation of the rule, with the severity of one.
                    raise ScanError(f"{name} failed: the rule {violation['ruleName']} on {path}: {description}")
                yield Violation(name, violation["ruleName"], violation["severity"], description, path, acknowledged)


def proved(violations: Sequence[Violation], plugins: Collection[str]) -> tuple[Violation, ...]:
    """Return what was found, once each of the plugins is seen to have found its way to the canary.

    A plugin that finds nothing is not in the report, as if it had not run: only what is there to be found shows that it
    did. Raises ScanError for one that found nothing in the canary.
    """
    sung = {one.plugin for one in violations if one.in_canary}
    if missing := [plugin for plugin in plugins if plugin not in sung]:
        raise ScanError(f"found nothing where there is something to find, so cannot have run: {', '.join(missing)}")
    return tuple(violations)


def hidden(metadata: bytes) -> tuple[str, ...]:
    """Return the ids of rules of the packs that a stack acknowledges by their bare id, from its metadata file.

    With such an acknowledgement a pack drops what it finds, and the report has no record of it; with the id that the
    pack's name qualifies (AwsSolutions::AwsSolutions-L1) it is kept as acknowledged.
    """
    ids = (
        acknowledged.removeprefix("Annotation::")
        for entries in json.loads(metadata).values()
        for entry in entries
        if entry["type"] == "aws:cdk:acknowledged-rules"
        for acknowledged in entry["data"]
    )
    return tuple(dict.fromkeys(rule for rule in ids if rule.startswith(tuple(f"{pack}-" for pack in PACKS))))
