"""Templates that are deployed together: the stacks of a stage, and the stacks that are nested in others."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from policies.cloud_assembly import Source
from policies.externals import NOTHING, Externals
from policies.reading import InputError
from policies.stacks import NESTED_STACK, Stacks
from policies.template import Template

MAX_STACKS = 100
"""How many templates that stand alone are judged together at most, each counted where it is nested."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A template with those that it is deployed with."""

    template: Template
    stacks: Stacks


def link(
    sources: Sequence[Source], parameters: Mapping[str, str] | None = None, externals: Externals = NOTHING
) -> Iterator[Linked | InputError]:
    """Yield every template with those of its deployment, and the reason where one cannot be judged.

    Deployed together are the stacks of one stage of an app that have one account and region, and a template with those
    that it nests: by an asset of the assembly, or by a `TemplateURL` that is the path of another of the templates.
    `parameters` are given to the templates that declare them and are not nested.
    """
    groups: dict[tuple[object, ...], list[Source]] = {}
    for source in _nested(sources):
        if isinstance(source, InputError):
            yield source
            continue
        root = source
        while root.parent is not None:
            root = root.parent
        own = (root.name,) if root.stage is None else ()
        environment = (root.pseudo.get("AWS::AccountId"), root.pseudo.get("AWS::Region"))
        groups.setdefault((root.stage, *environment, *own), []).append(source)
    for group in groups.values():
        yield from _linked(group, parameters or {}, externals)


def _nested(sources: Sequence[Source]) -> Iterator[Source | InputError]:
    """Yield the sources, each plain one that others name as the template of a nested stack once for each of these."""
    plain = {source.name: source for source in sources if source.stage is None}
    nests = {name: list(_named_templates(source, plain)) for name, source in plain.items()}
    inner = {target for targets in nests.values() for _, target in targets}
    pending = [source for source in sources if source.stage is not None or source.name not in inner]
    reached: set[str] = set()
    count = 0
    while pending:
        source = pending.pop(0)
        reached.add(source.name)
        yield source
        if source.stage is not None:
            continue
        above = {one.name for one in _above(source)}
        for logical_id, target in nests[source.name]:
            if target in above:
                yield InputError(source.name, f"$.Resources.{logical_id}: the template nests itself")
            elif count == MAX_STACKS:
                yield InputError(source.name, f"more than {MAX_STACKS} nested stacks, the limit; judge them apart")
                return
            else:
                count += 1
                pending.append(replace(plain[target], parent=source, nested_as=logical_id))
    yield from (source for name, source in plain.items() if name not in reached)


def _named_templates(source: Source, plain: Mapping[str, Source]) -> Iterator[tuple[str, str]]:
    resources = source.document.get("Resources")
    for logical_id, resource in resources.items() if isinstance(resources, dict) else ():
        match resource:
            case {"Type": str(kind), "Properties": {"TemplateURL": str(url)}} if kind == NESTED_STACK:
                target = posixpath.normpath(posixpath.join(posixpath.dirname(source.name), url))
                if target in plain:
                    yield logical_id, target


def _above(source: Source | None) -> Iterator[Source]:
    while source is not None:
        yield source
        source = source.parent


def _linked(
    group: Sequence[Source], parameters: Mapping[str, str], externals: Externals
) -> Iterator[Linked | InputError]:
    templates: dict[int, Template] = {}
    names: set[str] = set()
    for source in group:
        name = source.name if source.name not in names else f"{source.name} as {source.nested_as}"
        while name in names:
            name += "'"
        names.add(name)
        try:
            template = Template(
                name,
                source.document,
                source.constructs,
                externals=replace(externals, pseudo_parameters={**externals.pseudo_parameters, **source.pseudo}),
                given_parameters=parameters if source.parent is None else {},
                scope=f"({name})" if len(group) > 1 else "",
            )
        except InputError as error:
            yield error
        else:
            templates[id(source)] = template
    parents = {
        templates[id(source)].scope: templates[id(source.parent)].resources[source.nested_as]
        for source in group
        if source.parent is not None and id(source) in templates and id(source.parent) in templates
    }
    stacks = Stacks(tuple(templates.values()), parents)
    yield from (Linked(template, stacks) for template in templates.values())
