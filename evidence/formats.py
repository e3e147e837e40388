"""What a run of the gate is told in to other tools: one table of formats, for the gate's options and for the bundle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from evidence import ctrf, document, junit, markdown, page, sarif
from evidence.bundle.canonical import canonical
from evidence.bundle.statement import statement
from evidence.model import Trace
from evidence.oscal import assessment_results, component_definition
from evidence.oscal.controls import read_controls
from evidence.record import Record

Templates = Mapping[str, bytes]
"""The templates, by digest, that findings were first seen in."""


def _sarif(record: Record, templates: Templates) -> bytes:
    return canonical(sarif.render(record, templates.get))


def _junit(record: Record, _: Templates) -> bytes:
    return junit.render(record).encode()


def _ctrf(record: Record, _: Templates) -> bytes:
    return canonical(ctrf.render(record))


def _oscal(record: Record, _: Templates) -> bytes:
    return canonical(assessment_results.render(record, read_controls([one.scenario.id for one in record.scenarios])))


def _component(record: Record, _: Templates) -> bytes:
    return canonical(component_definition.render(record, read_controls([one.scenario.id for one in record.scenarios])))


def _in_toto(record: Record, _: Templates) -> bytes:
    digests = (template.removeprefix("sha256:") for template in record.templates)
    return statement(record, [(f"templates/{digest}.json", digest) for digest in digests])


def _markdown(trace: Trace) -> Iterator[bytes]:
    yield f"{markdown.render(trace)}\n".encode()


def _html(trace: Trace) -> Iterator[bytes]:
    return _page(document.document(trace))


def _page(shown: Mapping[str, object]) -> Iterator[bytes]:
    yield from map(str.encode, page.parts(shown))
    yield b"\n"


OF_RECORD: Mapping[str, Callable[[Record, Templates], bytes]] = {
    "sarif": _sarif,
    "junit": _junit,
    "ctrf": _ctrf,
    "oscal": _oscal,
    "oscal-component": _component,
    "in-toto": _in_toto,
}
"""What writes the formats that tell a record, by the names of the gate's options."""

OF_TRACE: Mapping[str, Callable[[Trace], Iterator[bytes]]] = {"markdown": _markdown, "html": _html}
"""What writes the formats that tell a trace, part by part."""


def reports(
    record: Record, shown: Mapping[str, object], templates: Templates
) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    """Return what a bundle holds of these: the names of its members, and their bytes, or the parts of them.

    `shown` is the document of the trace. A statement is what signs a bundle.
    """
    yield "reports/assessment-results.oscal.json", _oscal(record, templates)
    yield "reports/component-definition.oscal.json", _component(record, templates)
    yield "reports/findings.sarif", _sarif(record, templates)
    yield "reports/junit.xml", _junit(record, templates)
    yield "reports/ctrf.json", _ctrf(record, templates)
    yield "reports/trace.html", _page(shown)
