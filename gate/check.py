"""Templates that anyone made, judged. Starts no CDK and no Node."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gate.run import Problem, Run
from policies.assembly import read_sources
from policies.catalogue import load
from policies.cloud_assembly import Source
from policies.judge import judge_template
from policies.model import Outcome
from policies.reading import InputError
from policies.template import Template


def check(paths: Iterable[Path]) -> Run:
    """Judge the templates that the paths stand for, each once; what cannot be read is a problem beside them."""
    entries = load()
    run = Run()
    for path in dict.fromkeys(paths):
        for source in read_sources(path):
            try:
                template = _template(source)
            except InputError as error:
                run.problems.append(Problem(error.where, error.problem))
                continue
            if template.name not in run.templates:
                run.add(judge_template(entries, template))
    if not run.problems and set(run.outcomes()) <= {Outcome.NOT_APPLICABLE}:
        run.problems.append(Problem("the run", "no template has a DynamoDB table: nothing was judged"))
    return run


def _template(source: Source | InputError) -> Template:
    if isinstance(source, InputError):
        raise source
    return Template(source.name, source.document, source.constructs)
