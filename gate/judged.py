"""A context that was judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence.model import TracedContext
from policies.model import Settings, Verdict
from policies.template import Template
from stack.contexts import Context


@dataclass(frozen=True, slots=True)
class Judged:
    """A context with its verdicts, and its template where one came of it.

    `source` are the template's bytes, `settings` those that it was synthesised with, and `paths` the construct paths of
    its resources by logical id. `failure` is why the CDK's own validation, or CloudFormation, refuses a template that
    was written all the same.
    """

    context: Context
    verdicts: tuple[Verdict, ...]
    template: Template | None
    failure: str | None = None
    source: bytes | None = None
    settings: Settings | None = None
    paths: Mapping[str, str] = field(default_factory=dict)


def traced(judged: Judged) -> TracedContext:
    """Return a context as a trace has it, with the digest of the template that came of it, if one did."""
    context = judged.context
    return TracedContext(
        context.name,
        context.values,
        context.account,
        context.region,
        tuple(sorted(context.refused)),
        None if judged.template is None else judged.template.name,
        (),
    )
