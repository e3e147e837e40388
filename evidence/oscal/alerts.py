"""What other scanners have found, as observations and risks of OSCAL.

Each alert is an observation of type "finding", and a risk: open where it stands, with an approved deviation where it is
waived wherever it shows. It is no finding in OSCAL's sense, which needs an objective: another scanner's rule names none
of ours, and none is made up for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from evidence.alerts import MAX_WAIVERS, Named, by_scanner, link
from evidence.identifiers import identifier
from evidence.model import TracedAlert
from evidence.oscal.assets import origin
from evidence.oscal.parts import COMPONENT, COMPONENT_TITLE, Json, prop, time
from evidence.oscal.text import markup
from evidence.record import Record

MAX_ALERTS = 500
"""The most alerts that are told of; all of them are in the trace."""


def shown(record: Record) -> list[Named]:
    """Return the alerts that are told of, what stands before what is waived."""
    every = [one for found in by_scanner(record.scanned) for one in found.alerts]
    return sorted(every, key=lambda one: not one.alert.stands)[:MAX_ALERTS]


def observations(run: str, record: Record, alerts: Iterable[Named]) -> list[Json]:
    """Return what was observed: the rule, the resource, how often, and of these how often a waiver covers it."""
    return [_observation(run, record, one) for one in alerts]


def risks(run: str, alerts: Iterable[Named]) -> list[Json]:
    """Return what stands, as open risks, and what waivers take on."""
    return [_risk(run, one) for one in alerts]


def counts(record: Record) -> list[Json]:
    """Return how many alerts stand and are waived, as properties; nothing, if no other scanner was asked."""
    scanned = record.scanned
    if not scanned.scanners:
        return []
    standing = len(scanned.standing)
    waived = len(scanned.alerts) - standing
    return [prop("alerts-standing", str(standing)), prop("alerts-waived", str(waived))]


def summary(record: Record) -> str:
    """Return how many there are of what scanners; or that none was asked."""
    scanned = record.scanned
    if not scanned.scanners:
        return "No other scanner was asked."
    names = ", ".join(markup(found.scanner.name) for found in by_scanner(scanned))
    standing, every = len(scanned.standing), len(scanned.alerts)
    left_out = f" Not told of here, but in trace.json: {every - MAX_ALERTS}." if every > MAX_ALERTS else ""
    return (
        f"Other scanners: {names}. What they found: {standing} standing, {every - standing} waived; each is an "
        f"observation and a risk, and no finding, for it names no objective.{left_out}"
    )


def _observation(run: str, record: Record, one: Named) -> Json:
    alert = one.alert
    template = record.contexts[alert.contexts[0]].template
    address = link(alert)
    observation: Json = {
        "uuid": _observed(run, one),
        "title": markup(one.name),
        "description": f"{markup(alert.message)}\n\n{_contexts(alert)}",
        "props": [
            prop("standing", alert.outcome),
            prop("scanner", alert.scanner),
            prop("scanner-rule", alert.rule),
            prop("scanner-level", alert.level),
            prop("resource", alert.resource),
            prop("fingerprint", alert.fingerprint),
            prop("contexts", str(len(alert.contexts))),
            prop("contexts-waived", str(len(alert.waived))),
        ],
        "links": [] if address is None else [{"href": address, "rel": "reference"}],
        "methods": ["TEST"],
        "types": ["finding"],
        "origins": [origin(alert.scanner)],
        "subjects": [{"subject-uuid": COMPONENT, "type": "component", "title": COMPONENT_TITLE}],
        "relevant-evidence": [
            {"href": "../trace.json", "description": "Every scenario, context and finding of the run."},
            *([] if template is None else [_template(template)]),
        ],
        "collected": time(record),
    }
    return {key: value for key, value in observation.items() if value != []}


def _template(digest: str) -> Json:
    return {
        "href": f"../templates/{digest.removeprefix('sha256:')}.json",
        "description": "A template in which it was found.",
    }


def _risk(run: str, one: Named) -> Json:
    alert = one.alert
    lines = [f"- {markup(waiver)}" for waiver in alert.waivers[:MAX_WAIVERS]]
    if len(alert.waivers) > MAX_WAIVERS:
        lines.append(f"- {len(alert.waivers) - MAX_WAIVERS} more, which are in trace.json")
    waived = ["", "Waived where these waivers cover it:", "", *lines] if lines else []
    return {
        "uuid": identifier(run, "risk of alert", one.name),
        "title": markup(one.name),
        "description": markup(alert.message),
        "statement": "\n".join([_contexts(alert), *waived]),
        "props": [prop("standing", alert.outcome)],
        "status": "open" if alert.stands else "deviation-approved",
        "origins": [origin(alert.scanner)],
        "related-observations": [{"observation-uuid": _observed(run, one)}],
    }


def _observed(run: str, one: Named) -> str:
    return identifier(run, "observation of alert", one.name)


def _contexts(alert: TracedAlert) -> str:
    contexts, waived = len(alert.contexts), len(alert.waived)
    return f"The alert is {alert.outcome}. Contexts that show it: {contexts}; of these it is waived in: {waived}."
