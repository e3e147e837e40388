"""Templates that anyone made, judged. Starts no CDK and no Node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from gate.run import Problem, Run
from policies.assembly import read_sources
from policies.catalogue import load
from policies.cloud_assembly import Source
from policies.exploration import refused
from policies.externals import NOTHING, Externals
from policies.judge import judge_template
from policies.linking import link
from policies.model import Outcome
from policies.nodes import child
from policies.reading import InputError
from policies.stacks import Stacks
from policies.template import Template
from policies.worlds import World

_NAMES_TOLD = 20
_CONSTRAINTS = ("Type", "AllowedValues", "AllowedPattern", "MinLength", "MaxLength", "MinValue", "MaxValue")


def check(
    paths: Iterable[Path], parameters: Mapping[str, str] = MappingProxyType({}), externals: Externals = NOTHING
) -> Run:
    """Judge the templates that the paths stand for, each once; what cannot be read is a problem beside them.

    `parameters` are the values that a deployment gives, by name, to each template that declares them; one that no
    template declares is a problem, and so is a template that does not allow a value.
    """
    entries = load()
    run = Run()
    sources: list[Source] = []
    for source in (source for path in dict.fromkeys(paths) for source in read_sources(path)):
        if isinstance(source, InputError):
            run.problems.append(Problem(source.where, source.problem))
        else:
            sources.append(source)
    declared: set[str] = set()
    for linked in link(_each_once(sources), parameters, externals):
        if isinstance(linked, InputError):
            run.problems.append(Problem(linked.where, linked.problem))
            continue
        template = linked.template
        declared |= template.parameters.keys()
        run.problems += (Problem(template.name, str(problem)) for problem in template.problems)
        run.problems += _wrong_defaults(template)
        if misfits := list(_misfits(template)):
            run.problems += misfits
        else:
            run.problems += _refused(template, linked.stacks)
            run.add(judge_template(entries, template, stacks=linked.stacks), template)
    run.problems += _undeclared(parameters, declared)
    if not run.problems and set(run.outcomes()) <= {Outcome.NOT_APPLICABLE}:
        run.problems.append(Problem("the run", "no template has a DynamoDB table: nothing was judged"))
    return run


def _each_once(sources: Iterable[Source]) -> list[Source]:
    """Return the templates of which each is named once, as part of a deployment where one that is named is that."""
    alone: dict[str, Source] = {}
    together: dict[tuple[object, ...], Source] = {}
    for source in sources:
        if source.stage is None:
            alone[source.name] = source
        else:
            together.setdefault((source.name, *_nesting(source)), source)
    names = {source.name for source in together.values()}
    return [*together.values(), *(source for name, source in alone.items() if name not in names)]


def _nesting(source: Source) -> Iterator[str]:
    """Yield what tells one nested stack of a template from another."""
    while source.parent is not None:
        yield from (source.parent.name, source.nested_as)
        source = source.parent


def _misfits(template: Template) -> Iterator[Problem]:
    """Return what parameters are given and may not be, without the values, which may be secrets."""
    for name, value in template.given_parameters.items():
        declared = template.parameters.get(name)
        if declared is not None and declared.admits(value).value is False:
            place = child("$.Parameters", name)
            reasons = _constraints(template, name)
            yield Problem(template.name, f"{place}: what --parameters gives is not allowed here; see its {reasons}")


def _wrong_defaults(template: Template) -> Iterator[Problem]:
    """Return the default values that their own declarations refuse, and that nothing else has told yet."""
    told = {problem.path for problem in template.problems}
    for name, declared in template.parameters.items():
        place = child(child("$.Parameters", name), "Default")
        # What CloudFormation makes of an empty list is not documented.
        if declared.default and declared.admits(declared.default).value is False and place not in told:
            yield Problem(template.name, f"{place}: not allowed by its own {_constraints(template, name)}")


def _constraints(template: Template, name: str) -> str:
    stated = template.section("Parameters")[name]
    return " and ".join(key for key in _CONSTRAINTS if isinstance(stated, dict) and key in stated)


def _refused(template: Template, stacks: Stacks) -> Iterator[Problem]:
    """Return the rules that refuse what parameters are given; who gives none may yet give what they allow."""
    if template.given_parameters.keys() & template.parameters.keys():
        for rule in refused(World(template, stacks=stacks)):
            path = rule.path.removeprefix(template.scope)
            yield Problem(template.name, f"{path}: this rule refuses what --parameters gives")


def _undeclared(parameters: Mapping[str, str], declared: set[str]) -> Iterator[Problem]:
    names = sorted(declared)
    told = ", ".join(names if len(names) <= _NAMES_TOLD else [*names[:_NAMES_TOLD], "and more"])
    for name in parameters:
        if name not in declared:
            problem = f"no template that was read has a parameter {name}; there is {told or 'none at all'}"
            yield Problem("--parameters", problem)
