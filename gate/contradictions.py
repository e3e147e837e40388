"""What a bundle says of its contexts, verdicts and templates that they do not bear out, whoever signed it.

Told by the matrix, the rules and the writers of reports that are installed: to be asked only where they are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from evidence.bundle.archive import Archive
from evidence.bundle.canonical import canonical
from evidence.bundle.contents import Contents, member, read_document
from evidence.document import matrix_as_json
from evidence.formats import reports
from evidence.links import link_rule
from evidence.model import TracedContext, Trouble
from evidence.record import Record, conclude
from evidence.tally import Tally
from gate.matrix import EXTERNALS
from policies.catalogue import load
from policies.externals import Externals
from policies.reading import MAX_TEMPLATE_BYTES, InputError
from stack.contexts import Context, Matrix, matrix
from stack.settings import ContextRefused, Settings
from stack.synth import Synthesis

_OTHERWISE = "does not tell what the contexts and verdicts do"


def of_contexts(contents: Contents, externals: Externals) -> Iterator[str]:
    """Return how the contexts of a bundle, and what was told of their surroundings, are not those of its matrix."""
    name = contents.provenance.matrix
    made = {context.name: context for context in matrix(cast("Matrix", name))}
    told = {context.name: context for context in contents.tally.contexts(())}
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


def of_settings(synthesis: Synthesis) -> Iterator[str]:
    """Return that a template's settings are not those that its context's values come to."""
    try:
        own = Settings.from_context(synthesis.context.values).plain()
    except ContextRefused:
        own = None
    if synthesis.settings is not None and own != synthesis.settings:
        yield f"{synthesis.context.name}: its settings are not those that its values come to"


def of_members(archive: Archive, contents: Contents, problems: Sequence[Trouble]) -> Iterator[str]:
    """Return the members that are not what the verdicts and contexts of a bundle make them.

    `problems` are those that came of judging it again.
    """
    record = conclude(contents.tally, problems, contents.provenance)
    shown = read_document(archive, "trace.json")
    digests = {finding.template for finding in record.findings} - {None}
    templates = {digest: archive.read(member("templates", digest), MAX_TEMPLATE_BYTES) for digest in digests if digest}
    try:
        if not _is_trace(shown, record, contents.tally):
            yield f"trace.json: {_OTHERWISE}"
        for path, data in reports(record, shown, templates):
            if archive.members[path].size != len(data) or archive.read(path, len(data)) != data:
                yield f"{path}: {_OTHERWISE}"
    except InputError:
        raise
    except Exception:
        # What is shown of a trace is what its schema describes; of anything else nothing is, whatever stops it.
        yield f"trace.json: {_OTHERWISE}"


def _is_trace(shown: Mapping[str, Any], record: Record, tally: Tally) -> bool:
    """Tell whether all of a trace but what comes of tests is what a record makes it."""
    made = matrix_as_json(record.contexts, tally.axes(), record.findings)
    told = {problem["where"] for problem in shown["problems"]}
    untold = {problem.where for problem in record.problems} | {key for key, _ in tally.untried()}
    rules = [asdict(link_rule(entry)) for entry in load()]
    states = Counter(scenario["state"] for scenario in shown["scenarios"])
    counted = {
        "scenarios": len(record.scenarios),
        "contexts": len(record.contexts),
        "templates": len(record.templates),
        "outcomes": {str(outcome): count for outcome, count in record.outcomes.items() if count},
        "states": dict(states),
    }
    return (
        canonical({key: shown.get(key) for key in made}) == canonical(made)
        and untold <= told
        and [scenario.get("rule") for scenario in shown["scenarios"]] == rules
        and _without_zeros({key: shown["summary"].get(key) for key in counted}) == counted
    )


def _without_zeros(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: {name: count for name, count in value.items() if count} if isinstance(value, dict) else value
        for key, value in summary.items()
    }
