"""The reference stack under a few contexts, sound: what mutants are made of.

The contexts are such that each scenario about a table is compliant in one of them at least.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from policies.catalogue import Entry
from policies.externals import Externals
from policies.judge import judge_template
from policies.model import Outcome, Settings, TableRule, Verdict
from policies.reading import InputError, read_document
from policies.template import Template
from proof.places import Document, Place
from proof.reading import Reading, watched
from stack.axes import POLICIES
from stack.contexts import Context
from stack.settings import PREFIX
from stack.synth import Synthesis, synthesise

Tree = Mapping[str, Sequence[str]]
"""By logical id the `fqn@version` of each construct from the app to the resource's own."""


class UnsoundBaseError(Exception):
    """A context gave no template, or one that a scenario does not accept: there is nothing to make mutants of."""


@dataclass(frozen=True)
class Base:
    """A template that every scenario accepts, with all that it is judged by.

    `outcomes` are what each scenario about a table comes to, and `readings` what its rule reads, by the scenario's id.
    `paths` are the construct paths of its resources, by logical id.
    """

    name: str
    digest: str
    document: Document
    tree: Tree
    settings: Settings
    outcomes: Mapping[str, Outcome]
    readings: Mapping[str, Reading]
    paths: Mapping[str, str] = field(default_factory=dict)

    def template(self, document: Document, tree: Tree | None) -> Template:
        """Return a mutant of the base, as it is judged: by the settings of the base."""
        return Template(self.name, document, tree, self.settings, _EXTERNALS)


_EXTERNALS = Externals(managed_policies=POLICIES)


def _context(name: str, **settings: object) -> Context:
    return Context(name, {PREFIX + key: value for key, value in settings.items()})


CONTEXTS = (
    _context("defaults"),
    _context("prod", stage="prod", tableName="worthwatch", deployVpc=True, recoveryPeriodInDays=7),
    _context("provisioned", billingMode="PROVISIONED", readCapacity=5, writeCapacity=10),
    _context("destroyed", removalPolicy="destroy", pointInTimeRecovery=False),
    _context(
        "kept-once-made",
        stage="staging",
        removalPolicy="retain-on-update-or-delete",
        tableEnvironmentVariableName="WORTHWATCH_TABLE",
        deletionProtection=True,
    ),
)
"""The defaults; production with a VPC and a named table; and each other way that a scenario's WHEN can turn out."""


def bases(entries: Sequence[Entry], contexts: Sequence[Context] = CONTEXTS) -> list[Base]:
    """Synthesise and judge the bases.

    Raises `UnsoundBaseError`, and `stack.node.NodeUnusableError` where there is no Node.js for the CDK.
    """
    syntheses = list(synthesise(contexts))
    found = [_base(entries, synthesis) for synthesis in syntheses]
    for entry in about_tables(entries):
        if not any(base.outcomes[entry.scenario.id] is Outcome.COMPLIANT for base in found):
            raise UnsoundBaseError(
                f"{entry.scenario.id} is compliant in no base: {', '.join(one.name for one in found)}"
            )
    return found


def about_tables(entries: Sequence[Entry]) -> list[Entry]:
    """Return the rules that judge tables: those that a template can break."""
    return [entry for entry in entries if isinstance(entry.rule, TableRule)]


def outcomes_of(verdicts: Iterable[Verdict]) -> dict[str, Outcome]:
    """Return what each scenario comes to for a template, by its id: of several tables, the worst."""
    found: dict[str, Outcome] = {}
    for verdict in verdicts:
        earlier = found.setdefault(id_of(verdict), verdict.outcome)
        found[id_of(verdict)] = max(earlier, verdict.outcome, key=lambda outcome: outcome.rank)
    return found


def id_of(verdict: Verdict) -> str:
    """Return the id of the scenario that a verdict is about."""
    return f"{verdict.spec}#{verdict.scenario}"


def _base(entries: Sequence[Entry], synthesis: Synthesis) -> Base:
    name = synthesis.context.name
    if synthesis.template is None or synthesis.failure is not None:
        raise UnsoundBaseError(f"{name}: {synthesis.failure or synthesis.message}")
    digest = f"sha256:{hashlib.sha256(synthesis.template).hexdigest()}"
    try:
        document = read_document(synthesis.template, name)
    except InputError as error:
        raise UnsoundBaseError(str(error)) from None
    blank = Base(name, digest, document, synthesis.constructs or {}, synthesis.settings or {}, {}, {})
    template = blank.template(document, blank.tree)
    outcomes = outcomes_of(judge_template(about_tables(entries), template))
    refused = [f"{id_} is {outcome}" for id_, outcome in outcomes.items() if outcome.rank > Outcome.COMPLIANT.rank]
    refused += map(str, template.problems)
    if refused:
        raise UnsoundBaseError(f"{name}: {'; '.join(refused)}")
    readings = {entry.scenario.id: _reading(entry, blank) for entry in about_tables(entries)}
    return replace(blank, outcomes=outcomes, readings=readings, paths=synthesis.paths or {})


def _reading(entry: Entry, base: Base) -> Reading:
    """Return what a rule reads of a base: by itself, for what others have read before it would be remembered."""
    reading = Reading()
    template = base.template(watched(base.document, reading), base.tree)
    # Found once and remembered: the rule that asks first would seem to read the whole template.
    _ = template.problems
    reading.forget()
    list(judge_template([entry], template))
    reading.present.update(list(_types(reading.present | reading.absent)))
    return reading


def _types(places: set[Place]) -> Iterator[Place]:
    """Yield the places of the types of the resources that were read: by its type a rule has found each."""
    for section, *rest in places:
        if section == "Resources" and rest:
            yield section, rest[0], "Type"
