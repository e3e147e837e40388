"""What other scanners say of a run's templates, told by construct paths and known by fingerprints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from gate.agreement import Agreement
from gate.progress import progress
from gate.spelling import Spelling, by_paths
from policies.reading import InputError, files_of, printable
from policies.waiver_model import Cover, Waiver
from policies.waiving import TEMPLATE, Waiving, fingerprint
from scanners.coverage import shortcomings, sung
from scanners.model import Level, Scan, ScannerFinding
from scanners.parts import parts_of
from scanners.places import Place, Span, place
from scanners.sarif import read_sarif


@dataclass(frozen=True, slots=True)
class Alert:
    """A violation that a scanner, or a rule of ours, has found, wherever it shows: the same by its fingerprint.

    `resource` is a construct path, or a logical id where the path is not known, or `template`; `message` is as the
    scanner wrote it for one of the templates.
    """

    scanner: str
    rule: str
    resource: str
    fingerprint: str
    level: Level
    message: str
    help_uri: str | None

    @property
    def known_by(self) -> tuple[str, str, str, str]:
        """What tells it from others: of one that says more than one thing, the first is told."""
        return self.scanner, self.rule, self.resource, self.fingerprint


@dataclass(frozen=True, slots=True)
class Reported:
    """An alert with the contexts whose templates show it, and of these, by name, the waivers that cover it there."""

    alert: Alert
    contexts: Sequence[str]
    waived: Mapping[str, Waiver]

    @property
    def stands(self) -> bool:
        """Whether a context shows it that no waiver covers."""
        return len(self.waived) < len(self.contexts)

    def covers(self, today: date) -> list[Cover]:
        """Return what there is to tell of the waivers that cover it somewhere."""
        waivers = {waiver.selector: waiver for waiver in self.waived.values()}
        return sorted((waiver.cover(today) for waiver in waivers.values()), key=str)


@dataclass(frozen=True, slots=True)
class Others:
    """What other scanners, the waivers, and the agreement of scanners with scenarios come to in a run.

    `reported` are in the order in which contexts show them, those of our own rules, by the name `worthwatch`, among
    them; `problems` are the scanners that cannot be relied on, or are missing, each with the reason; `today` is the
    waivers' day.
    `not_asked` are the scanners that waivers and pairs are about, with how many of these, where no scanner was to be
    asked.
    """

    scans: tuple[Scan, ...]
    reported: tuple[Reported, ...]
    problems: tuple[tuple[str, str], ...]
    waiving: Waiving
    agreement: Agreement
    today: date
    not_asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def scanners(self) -> list[Scan]:
        """The first scan of each scanner: that one is imported twice is a problem of its own."""
        first: dict[str, Scan] = {}
        for scan in self.scans:
            first.setdefault(scan.name, scan)
        return list(first.values())

    @property
    def unlisted(self) -> list[str]:
        """The scanners of which a report does not list what was read: only what was found in the canary shows that."""
        return list(dict.fromkeys(scan.name for scan in self.scans if scan.templates is None))

    @property
    def standing(self) -> list[Reported]:
        """The alerts that some context shows and no waiver covers there."""
        return [one for one in self.reported if one.stands]

    @property
    def has_findings(self) -> bool:
        """Whether anything of it is a violation to the gate."""
        return bool(self.standing or self.waiving.problems or self.agreement.unexplained or self.agreement.stale)


def alert_of(  # noqa: PLR0913 - all that an alert is made of
    scanner: str,
    rule: str,
    resource: str,
    *,
    level: Level,
    message: str,
    found: str,
    paths: Mapping[str, str],
    help_uri: str | None = None,
) -> Alert:
    """Return an alert; `found` is what stands at its place in the template, as `gate.spelling` tells it.

    It is known by what it says with construct paths, which are by logical id, for these: they may change where nothing
    else does.
    """
    known = fingerprint(scanner, rule, resource, by_paths(message, paths), found)
    return Alert(scanner, rule, resource, known, level, message, help_uri)


class Scans:
    """The scans of a run's templates, and why reports are `unreadable`; each template's alerts are looked up once."""

    def __init__(self, scans: Iterable[Scan], unreadable: Iterable[InputError] = ()) -> None:
        self.scans = tuple(scans)
        self.unreadable = tuple(unreadable)
        self._found: dict[str, list[ScannerFinding]] = {}
        self._alerts: dict[tuple[str, str, str, str], Alert] = {}
        for scan in self.scans:
            for finding in scan.findings:
                self._found.setdefault(finding.template or "", []).append(finding)

    @property
    def given(self) -> bool:
        """Whether any report was given."""
        return bool(self.scans or self.unreadable)

    @property
    def names(self) -> list[str]:
        """The scanners, in their order, each once."""
        return list(dict.fromkeys(scan.name for scan in self.scans))

    def problems(self, *parts: Collection[str]) -> Iterator[tuple[str, str]]:
        """Return the scanners that cannot be relied on for templates, and why not.

        These are given by their digests in hexadecimal, as they lie in one folder or in parts, each with its canary.
        """
        twice = [name for name, count in Counter(scan.name for scan in self.scans).items() if count > 1]
        for name in twice:
            yield name, "several runs of it are imported; import one report of all templates"
        for scan in self.scans:
            for said in shortcomings(scan, *parts):
                yield scan.name, said
        for finding in self._found.get("", ()):
            yield finding.scanner, f"{finding.rule} is about no template: {finding.message}"

    def sung(self, *parts: Collection[str]) -> dict[str, frozenset[str]]:
        """Return, by scanner, the rules that it has found violated in the canary of each part, as for `problems`.

        One that has found nothing at all in some of these has not read them, and is left out.
        """
        return {scan.name: sung(scan, *parts) for scan in self.scans if all(sung(scan, part) for part in parts)}

    def alerts(self, digest: str, source: bytes, paths: Mapping[str, str]) -> tuple[Alert, ...]:
        """Return what was found in a template, by its digest in hexadecimal; `paths` are by logical id."""
        findings = self._found.get(digest)
        if not findings:
            return ()
        spelling = Spelling(source, paths)
        logical_ids = {path: logical_id for logical_id, path in paths.items()}

        seen: dict[tuple[str, str, str, str], dict[str, Alert]] = {}
        for finding in findings:
            # Not every template tells its constructs' paths.
            at = place(source, _span(finding), logical_ids.get(finding.logical or "", finding.logical))
            if finding.vague:
                at = Place(at.logical_id if at else None, "$")
            found = spelling.at(at, finding.scanner, finding.rule)
            resource = _resource(finding, at, paths)
            alert = self._alert(finding, resource, found, paths)
            places = seen.setdefault(alert.known_by, {})
            path = at.path if at else "$"
            if path not in places:
                # Of those that say the same of the same resource, each is known by which one it is.
                places[path] = self._alert(finding, resource, f"{found}, {len(places) + 1}", paths) if places else alert
        return tuple(alert for places in seen.values() for alert in places.values())

    def _alert(self, finding: ScannerFinding, resource: str, found: str, paths: Mapping[str, str]) -> Alert:
        alert = alert_of(
            finding.scanner,
            finding.rule,
            resource,
            level=finding.level,
            message=finding.message,
            found=found,
            paths=paths,
            help_uri=finding.help_uri,
        )
        return self._alerts.setdefault(alert.known_by, alert)


def read_scans(paths: Sequence[Path]) -> Scans:
    """Return what the scanners' reports say; a folder stands for the *.sarif in it, or in each of its parts.

    One that is missing, or no such report, is among the unreadable.
    """
    files: list[Path] = []
    scans: list[Scan] = []
    unreadable: list[InputError] = []
    for path in paths:
        try:
            files += _reports(path)
        except InputError as error:
            unreadable.append(error)
    with progress("reports of other scanners", len(files)) as advance:
        for file in files:
            try:
                scans += read_sarif(file)
            except InputError as error:
                unreadable.append(error)
            advance()
    return Scans(scans, unreadable)


def _reports(path: Path) -> list[Path]:
    expected = "the reports of scanners"
    try:
        parts = parts_of(path)
        beside = [] if parts == [path] else sorted(path.glob("*.sarif"))
    except OSError as error:
        raise InputError(printable(path.as_posix()), f"cannot be read: {error.strerror}") from None
    return [*beside, *(file for part in parts for file in files_of(part, ".sarif", expected))]


def _span(finding: ScannerFinding) -> Span | None:
    if finding.line is None:
        return None
    return Span(finding.line, finding.column, finding.end_line, finding.end_column)


def _resource(finding: ScannerFinding, at: Place | None, paths: Mapping[str, str]) -> str:
    # A construct's path, which need not be a resource's, and no pointer into the document.
    if finding.logical is not None and "/" in finding.logical.lstrip("/") and not finding.logical.startswith("/"):
        return finding.logical
    if at is None or at.logical_id is None:
        return TEMPLATE
    return paths.get(at.logical_id, at.logical_id)
