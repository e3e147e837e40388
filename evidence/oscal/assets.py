"""What is assessed, and by what tools: our own command, and each other scanner that was asked."""

from __future__ import annotations

from evidence.alerts import by_scanner
from evidence.identifiers import identifier
from evidence.oscal.parts import COMPONENT, COMPONENT_DESCRIPTION, COMPONENT_TITLE, Json, digests, prop
from evidence.oscal.text import markup
from evidence.record import Record

_TOOL = "storage-compliance"


def origin(tool: str | None = None) -> Json:
    """Return that a tool says so: another scanner by its name, or our own command."""
    return {"actors": [{"type": "tool", "actor-uuid": _identifier(tool)}]}


def component(record: Record) -> Json:
    """Return the component that is assessed."""
    return {
        "uuid": COMPONENT,
        "type": "software",
        "title": COMPONENT_TITLE,
        "description": f"{COMPONENT_DESCRIPTION} What is judged of it are the templates that it synthesises.",
        "props": [
            *digests(record, "stack"),
            prop("templates", str(len(record.templates))),
            prop("contexts", str(len(record.contexts))),
        ],
        "status": {"state": "other", "remarks": "Templates are judged before they are deployed."},
    }


def assets(record: Record) -> Json:
    """Return the tools that assess it, and what our own ran on."""
    provenance = record.provenance
    tool = {
        "uuid": _identifier(),
        "type": "software",
        "title": _TOOL,
        "description": "Judges CloudFormation templates by the specs, a rule for each scenario.",
        "props": [prop("version", provenance.version), *digests(record, "rules", "specs")],
        "status": {"state": "operational"},
    }
    return {
        "components": [tool, *_scanners(record)],
        "assessment-platforms": [
            {
                "uuid": identifier("platform", provenance.version, provenance.python, provenance.node),
                "title": "The command and what it ran on",
                "props": [prop("python-version", provenance.python), prop("node-version", provenance.node)],
                "uses-components": [{"component-uuid": _identifier()}],
            }
        ],
    }


def _scanners(record: Record) -> list[Json]:
    return [
        {
            "uuid": _identifier(found.scanner.name),
            "type": "software",
            "title": markup(found.scanner.name),
            "description": "Another scanner, which was asked about the same templates; its report was imported.",
            "props": [
                *([] if found.scanner.version is None else [prop("version", found.scanner.version)]),
                prop("alerts-standing", str(found.standing)),
                prop("alerts-waived", str(len(found.alerts) - found.standing)),
            ],
            "status": {"state": "operational"},
        }
        for found in by_scanner(record.scanned)
    ]


def _identifier(tool: str | None = None) -> str:
    return identifier("component", _TOOL) if tool is None else identifier("component", "scanner", tool)
