"""The results of a run of a SARIF log, as findings."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from policies.reading import quoted
from scanners.artifacts import Artifacts
from scanners.descriptors import Descriptors, Overrides, level
from scanners.errors import ContradictionError, within
from scanners.messages import Messages
from scanners.model import LINK, Level, ScannerFinding
from scanners.sarif_model import Location, LogicalLocation, PhysicalLocation, Reference, Region, Result, Run

_NO_LOCATION, _NO_PHYSICAL, _NO_REGION = Location(), PhysicalLocation(), Region()
_UNDECIDED = ("open", "review")


class Results:
    """Reads the results of one run; `mentioned` are the templates and canaries of all results so far."""

    def __init__(self, scanner: str, run: Run, artifacts: Artifacts, messages: Messages) -> None:
        self.mentioned: set[str] = set()
        self._scanner = scanner
        self._run = run
        self._artifacts = artifacts
        self._messages = messages
        self._rules = Descriptors(run.tool, "rules")
        self._overrides: list[Overrides] = []
        for number, invocation in enumerate(run.invocations):
            with within(f".invocations[{number}].ruleConfigurationOverrides"):
                self._overrides.append(self._rules.overridden(invocation.rule_configuration_overrides))

    def findings(self) -> Iterator[ScannerFinding]:
        """Return the findings. Raises `ContradictionError`."""
        for number, result in enumerate(self._run.results or ()):
            with within(f".results[{number}]"):
                yield from self._findings(result)

    def _findings(self, result: Result) -> Iterator[ScannerFinding]:
        if result.baseline_state == "absent":
            return
        kind = result.kind or "fail"
        if kind != "fail" and result.level not in (None, Level.NONE):
            raise ContradictionError(f"of kind {kind}, but of level {result.level}; only what fails has a level")
        locations = result.locations or [_NO_LOCATION]
        places = [self._template(result, location) for location in locations]
        self.mentioned.update(template for template in places if template)
        if kind != "fail" and kind not in _UNDECIDED:
            return
        with within(".rule"):
            reference = _rule(result)
            described = self._rules.find(reference)
        rule = reference.id or (described.descriptor.id if described.descriptor else "")
        if not rule:
            raise ContradictionError("of no rule; expected ruleId, or ruleIndex of a rule of the tool")
        severity = level(result.level, described, self._overriding(result)) if kind == "fail" else Level.NONE
        message = self._messages.text(result.message, described)
        link = (described.descriptor.help_uri if described.descriptor else None) or ""
        for location, template in zip(locations, places, strict=True):
            region, names = _region(location), self._names(location)
            yield ScannerFinding(
                scanner=self._scanner,
                rule=rule,
                level=severity,
                message=message,
                template=template,
                line=region.start_line,
                column=region.start_column,
                end_line=region.end_line,
                end_column=region.end_column,
                logical=names[0] if names else None,
                help_uri=link if LINK.fullmatch(link) else None,
                vague=len(names) > 1 or (region.start_line is None and region is not _NO_REGION),
            )

    def _template(self, result: Result, location: Location) -> str | None:
        """Return what a result is about: the artifact at its location, else the one that was analysed."""
        physical = location.physical_location or _NO_PHYSICAL
        artifact = physical.artifact_location or result.analysis_target
        return self._artifacts.template(artifact) if artifact else None

    def _overriding(self, result: Result) -> Overrides:
        index = result.provenance.invocation_index if result.provenance else None
        if index is None:
            return {}
        if index >= len(self._overrides):
            raise ContradictionError(
                f"the index {index} leads nowhere; the run has {len(self._overrides)} invocations",
                ".provenance.invocationIndex",
            )
        return self._overrides[index]

    def _names(self, location: Location) -> list[str]:
        """Return what a location is called, each name once."""
        names = (self._name(logical) for logical in location.logical_locations)
        return list(dict.fromkeys(name for name in names if name))

    def _name(self, logical: LogicalLocation) -> str | None:
        if logical.fully_qualified_name or logical.index is None:
            return _in_full(logical)
        listed = self._run.logical_locations
        if logical.index >= len(listed):
            raise ContradictionError(
                f"the index {logical.index} leads nowhere; the run has {len(listed)} logical locations",
                ".logicalLocations",
            )
        return _in_full(listed[logical.index])


def _in_full(logical: LogicalLocation) -> str | None:
    """Return what nothing else of the template is called: of a resource, whose names know no scopes, its own name."""
    return logical.fully_qualified_name or (logical.name if logical.kind == "resource" else None)


def _rule(result: Result) -> Reference:
    """Return the reference to a result's rule, which stands in one place, in another, or in both alike (3.27.7)."""
    rule = result.rule or Reference()
    for one, other in ((rule.id, result.rule_id), (rule.index, result.rule_index)):
        if one is not None and other is not None and one != other:
            raise ContradictionError(f"{quoted(str(one))}, but {quoted(str(other))} beside it; expected the same")
    id_ = rule.id if rule.id is not None else result.rule_id
    return rule.model_copy(update={"id": id_, "index": result.rule_index if rule.index is None else rule.index})


def _region(location: Location) -> Region:
    """Return where in its artifact a location is; without a line that is told by characters or bytes, or not at all."""
    physical = location.physical_location or _NO_PHYSICAL
    region = physical.region or _NO_REGION
    if region.start_line is None:
        return _NO_REGION if region is _NO_REGION else Region()
    last = region.start_line if region.end_line is None else region.end_line
    begin, end = (region.start_line, region.start_column or 1), (last, region.end_column or sys.maxsize)
    if end < begin:
        raise ContradictionError(f"ends at {_at(*end)}, before it begins, at {_at(*begin)}", ".region")
    return region.model_copy(update={"end_line": last})


def _at(line: int, column: int) -> str:
    return f"line {line}" if column == sys.maxsize else f"line {line}, column {column}"
