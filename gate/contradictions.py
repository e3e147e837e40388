"""What a bundle says of its contexts, verdicts and templates that they do not bear out, whoever signed it.

Told by the matrix, the rules and the writers of reports that are installed: to be asked only where they are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from evidence.bundle.archive import Archive
from evidence.bundle.canonical import canonical
from evidence.bundle.contents import Contents
from evidence.bundle.reading import after, member
from evidence.formats import reports
from evidence.model import TracedContext, Trouble
from evidence.record import conclude
from gate.matrix import EXTERNALS
from gate.retraced import is_retraced
from gate.waivers import load_waivers
from policies.externals import Externals
from policies.reading import MAX_TEMPLATE_BYTES, InputError
from policies.waivers import SHIPPED
from stack.contexts import Context, Matrix, matrix
from stack.settings import ContextRefused, Settings
from stack.synth import Synthesis

_OTHERWISE = "does not tell what the contexts and verdicts do"


def of_contexts(contents: Contents, externals: Externals) -> Iterator[str]:
    """Return how the contexts of a bundle, and what was told of their surroundings, are not those of its matrix."""
    name = contents.provenance.matrix
    made = {context.name: context for context in matrix(cast("Matrix", name))}
    told = {context.name: context for context in contents.contexts}
    for each in dict.fromkeys((*made, *told)):
        if each not in made:
            yield f"{each}: a context that the matrix {name} does not have"
        elif each not in told:
            yield f"{each}: a context of the matrix {name} that is left out"
        elif _form(made[each]) != _form(told[each]):
            yield f"{each}: another context than the matrix {name} has under this name"
    if externals != EXTERNALS:
        yield "externals.json: other than what the matrix is judged with"


def _form(context: Context | TracedContext) -> bytes:
    return canonical([context.values, context.account, context.region, sorted(context.refused)])


def of_waivers(contents: Contents) -> Iterator[str]:
    """Return that the waivers of a bundle are not those that stand beside its rules: whoever signs may make up none."""
    if contents.waivers != load_waivers(SHIPPED):
        yield "waivers.json: other waivers than stood with these rules"


def of_settings(synthesis: Synthesis) -> Iterator[str]:
    """Return that a template's settings are not those that its context's values come to."""
    try:
        own = Settings.from_context(synthesis.context.values).plain()
    except ContextRefused:
        own = None
    if synthesis.settings is not None and own != synthesis.settings:
        yield f"{synthesis.context.name}: its settings are not those that its values come to"


def of_trace(contents: Contents, problems: Sequence[Trouble]) -> Iterator[str]:
    """Return that the trace of a bundle is not the one that its contents come to.

    `problems` are those that came of judging it again.
    """
    try:
        same = is_retraced(contents, [*problems, *contents.amiss])
    except InputError:
        raise
    except Exception:
        # A trace is what its schema describes; anything else is none, whatever it stops.
        same = False
    if not same:
        yield f"trace.json: {_OTHERWISE}"


def of_reports(archive: Archive, contents: Contents, problems: Sequence[Trouble]) -> Iterator[str]:
    """Return the reports that are not what the verdicts, contexts and trace of a bundle make them.

    `problems` are those that came of judging it again.
    """
    record = conclude(contents.tally, [*problems, *contents.amiss], contents.provenance, contents.scanned)
    digests = {finding.template for finding in record.findings}
    digests |= {record.contexts[alert.contexts[0]].template for alert in record.scanned.alerts}
    templates = {digest: archive.read(member("templates", digest), MAX_TEMPLATE_BYTES) for digest in digests if digest}
    path = "reports"
    try:
        for path, data in reports(record, contents.document, templates):
            rest = after(archive.chunks(path), (data,) if isinstance(data, bytes) else data)
            if rest is None or any(rest):
                yield f"{path}: {_OTHERWISE}"
    except InputError:
        raise
    except Exception:
        # The page shows what the schema of a trace describes; of anything else there is none.
        yield f"{path}: {_OTHERWISE}"
