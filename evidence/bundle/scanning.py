"""What other scanners have found, as a member of the bundle: written, read, and held against waivers and contexts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, FailFast, Field

from evidence.bundle.archive import Archive
from evidence.bundle.canonical import canonical, check_bounds
from evidence.bundle.reading import read_document
from evidence.model import Scanned, TracedAlert, Trouble
from evidence.scanned import ScannedTold, scanned_as_json
from policies.json_documents import validate
from policies.model import Settings
from policies.reading import InputError, quoted
from policies.waiver_model import Waiver
from policies.waiving import Flag, waive
from scanners.model import is_name

SCANNED = "scanned.json"
SCHEMA_ID = "urn:worthwatch:storage-compliance:scanned:1"

MAX_COMPARISONS = 50_000_000
"""The most values of waivers that alerts are held against, reckoned as if each were asked of each: some seconds' worth.

Of 47 alerts, 49 waivers and 10,000 contexts it is a few thousand.
"""


class _Trouble(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    where: str
    message: str
    undecided: bool


class _Member(ScannedTold):
    schema_id: Literal["urn:worthwatch:storage-compliance:scanned:1"] = Field(alias="schema")
    problems: Annotated[list[_Trouble], FailFast()]


def scanned_form(scanned: Scanned, problems: Iterable[Trouble]) -> bytes:
    """Return the member: what other scanners have found, and what is wrong with them, waivers and their agreement.

    Raises `policies.reading.InputError` where nobody could read it again.
    """
    told = [{"where": one.where, "message": one.message, "undecided": one.undecided} for one in problems]
    try:
        form = canonical({"schema": SCHEMA_ID, **scanned_as_json(scanned), "problems": told})
    except ValueError as error:
        raise InputError(SCANNED, f"what another scanner says cannot be evidence: {error}") from None
    check_bounds(form, SCANNED)
    return form


def read_scanned(
    archive: Archive, waivers: Sequence[Waiver], today: date, conditions: Sequence[Settings | None]
) -> tuple[Scanned, tuple[Trouble, ...]]:
    """Return what other scanners have found, and what was wrong with them, waivers and their agreement.

    `conditions` are, for each context in order, the settings that `waivers` ask for, None where no template came of it.
    An alert is waived where one of the waivers covers it `today`, and nowhere else. Raises
    `policies.reading.InputError` for anything else, and for alerts of nobody that was asked.
    """
    where = archive.place(SCANNED)
    member = validate(_Member, read_document(archive, SCANNED), where)
    scanned = member.scanned()
    for number, scanner in enumerate(scanned.scanners):
        if not is_name(scanner.name):
            expected = "expected a scanner's name, in a-z, 0-9 and hyphens, other than that of our own rules"
            raise InputError(where, f"$.scanners[{number}].name: {quoted(scanner.name)}; {expected}")
    names = {scanner.name for scanner in scanned.scanners}
    seen: set[tuple[str, ...]] = set()
    for number, alert in enumerate(scanned.alerts):
        known_by = alert.scanner, alert.rule, alert.resource, alert.fingerprint
        if problem := _problem(alert, conditions) or ("told twice" if known_by in seen else None):
            raise InputError(where, f"$.alerts[{number}]: {problem}")
        if alert.scanner not in names:
            raise InputError(where, f"$.alerts[{number}]: by {quoted(alert.scanner)}, which was not asked")
        seen.add(known_by)
    _check_waived(scanned.alerts, waivers, today, conditions, where)
    return scanned, tuple(Trouble(one.where, one.message, one.undecided) for one in member.problems)


def _problem(alert: TracedAlert, conditions: Sequence[Settings | None]) -> str | None:
    """Return what is wrong with the contexts that are said to show an alert."""
    if not alert.contexts or any(after <= before for before, after in pairwise(alert.contexts)):
        return "shown by no context, or by contexts that are out of order"
    if alert.contexts[-1] >= len(conditions) or any(conditions[place] is None for place in alert.contexts):
        return "shown by a context that there is not, or that gave no template"
    return None


def _check_waived(
    alerts: Sequence[TracedAlert],
    waivers: Sequence[Waiver],
    today: date,
    conditions: Sequence[Settings | None],
    where: str,
) -> None:
    """Refuse alerts that are waived elsewhere, or otherwise, than by the waivers that cover them."""
    covers = waive((), waivers, ran=(), contexts=(), today=today).covers
    asked = len({id(settings) for settings in conditions})
    values = len(waivers) + sum(len(values) for waiver in waivers for values in waiver.when.values())
    if len(alerts) * asked * values > MAX_COMPARISONS:
        raise InputError(where, f"more than {MAX_COMPARISONS:,} comparisons with waivers, the limit")
    for number, alert in enumerate(alerts):
        alike = {id(settings): settings or {} for settings in (conditions[place] for place in alert.contexts)}
        covering = {key: covers(_flag(alert, settings)) for key, settings in alike.items()}
        waived = tuple(place for place in alert.contexts if covering[id(conditions[place])])
        if (alert.waived, alert.waivers) != (waived, _told(covering.values(), today)):
            problem = "waived elsewhere, or otherwise, than by the waivers of waivers.json"
            raise InputError(where, f"$.alerts[{number}]: {problem}")


def _flag(alert: TracedAlert, settings: Settings) -> Flag:
    return Flag(alert.scanner, alert.rule, alert.resource, alert.fingerprint, "", settings)


def _told(waivers: Iterable[Waiver | None], today: date) -> tuple[str, ...]:
    return tuple(sorted({waiver.told(today) for waiver in waivers if waiver is not None}))
