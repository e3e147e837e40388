"""The rules, found by the spec: a requirement's slug names the module, a scenario's slug the function.

`dynamodb-storage#table-key-schema/partition-key-defined` is enforced by
`policies.table_key_schema.partition_key_defined`, and by nothing else.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

import policies
from policies.model import ContextRule, DuplicateRuleError, Outcome, Rule, TableRule, Verdict
from policies.specs import Scenario, Spec, read_specs

_DECORATOR = re.compile(rb"^@.*rule\b", re.MULTILINE)


class CatalogueError(Exception):
    """Spec and rules do not fit together; a line for each problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UnknownScenarioError(Exception):
    """No scenario, or more than one, has this name; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A scenario of the spec and the rule that enforces it."""

    scenario: Scenario
    rule: Rule

    @property
    def name(self) -> str:
        """The scenario within its spec: `<requirement-slug>/<scenario-slug>`."""
        return f"{self.scenario.requirement_slug}/{self.scenario.slug}"

    @property
    def page(self) -> str:
        """The rule's manual page, which is the docstring of its check."""
        return inspect.getdoc(self.rule.check) or ""

    def verdict(
        self, outcome: Outcome, message: str = "", *, template: str | None = None, context: str | None = None
    ) -> Verdict:
        """Return a verdict on this scenario."""
        return Verdict(self.scenario.spec, self.name, outcome, template, context, message=message)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Where specs and rules do not fit: what it is about, by name, why, and the ids of the scenarios that it hits.

    `name` is a scenario's id where the misfit is a scenario's, and otherwise the dotted name of a rule or module.
    """

    kind: Literal["duplicate scenario", "duplicate rule", "broken module", "missing rule", "orphaned rule"]
    name: str
    text: str
    scenarios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """How specs and rules fit together: the scenarios that have their rule, in the specs' order, and what is wrong."""

    entries: tuple[Entry, ...]
    misfits: tuple[Misfit, ...]


_Place = tuple[str, str]
"""The module and the function that enforce a scenario, or make a rule."""


@cache
def load() -> tuple[Entry, ...]:
    """Return the rules of the specs that come with this package, in the specs' order.

    Raises `CatalogueError` or `policies.specs.SpecError`.
    """
    return match(read_specs(shipped_specs()), policies.__name__)


def shipped_specs() -> Path:
    """Return the folder of the specs that come with this package: in a checkout at its root, in a wheel within it."""
    here = Path(__file__).parent
    within = here / "spec_tree"
    return within if within.is_dir() else here.parent / "specs"


def match(specs: Sequence[Spec], package: str) -> tuple[Entry, ...]:
    """Match the scenarios of specs with the rules of a package.

    Raises `CatalogueError` for a scenario without rule, a rule without scenario, two requirements that name the same
    module, and an empty set.
    """
    fit = survey(specs, package)
    problems = [misfit.text for misfit in fit.misfits]
    if not any(spec.requirements for spec in specs):
        problems.append("no spec holds a scenario: there is nothing to judge by")
    if problems:
        raise CatalogueError(problems)
    return fit.entries


def named(name: str, scenarios: Sequence[Scenario]) -> Scenario:
    """Return the scenario of a full id, of `<requirement>/<scenario>`, or of a scenario's slug alone.

    Raises `UnknownScenarioError`.
    """
    found = [one for one in scenarios if name in {one.id, f"{one.requirement_slug}/{one.slug}", one.slug}]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownScenarioError(f"{name!r} is the name of {' and '.join(one.id for one in found)}")
    slugs = {one.slug: one.id for one in scenarios}
    near = difflib.get_close_matches(name.rpartition("/")[2].lower().replace(" ", "-"), slugs, cutoff=0.5)
    meant = [slugs[slug] for slug in near] or sorted(slugs.values())
    raise UnknownScenarioError(f"no scenario is named {name!r}; there is\n  " + "\n  ".join(meant))


def survey(specs: Sequence[Spec], package: str) -> Fit:
    """Tell how the scenarios of specs and the rules of a package fit together, also where they do not."""
    misfits: list[Misfit] = []
    scenarios = _places(specs, misfits)
    rules = _rules(package, scenarios, misfits)
    lost = {scenario for misfit in misfits if misfit.kind != "duplicate scenario" for scenario in misfit.scenarios}
    for place, scenario in scenarios.items():
        if place not in rules and scenario.id not in lost:
            where = f"{scenario.spec}/spec.md:{scenario.line}"
            text = f"{scenario.id} ({where}): no rule {package}.{'.'.join(place)} enforces it"
            misfits.append(Misfit("missing rule", scenario.id, text, (scenario.id,)))
    for place in sorted(rules.keys() - scenarios.keys()):
        name = f"{package}.{'.'.join(place)}"
        misfits.append(Misfit("orphaned rule", name, f"{name}: no scenario of a spec asks for this rule"))
    entries = tuple(Entry(scenario, rules[place]) for place, scenario in scenarios.items() if place in rules)
    return Fit(entries, tuple(misfits))


def _places(specs: Sequence[Spec], misfits: list[Misfit]) -> dict[_Place, Scenario]:
    """Return the scenarios by the module and function that enforce them."""
    scenarios: dict[_Place, Scenario] = {}
    for scenario in (one for spec in specs for requirement in spec.requirements for one in requirement.scenarios):
        place = (scenario.requirement_slug.replace("-", "_"), scenario.slug.replace("-", "_"))
        other = scenarios.setdefault(place, scenario)
        if other is not scenario:
            text = f"{scenario.id}: {other.id} has the same rule {'.'.join(place)}; rename one"
            misfits.append(Misfit("duplicate scenario", scenario.id, text, (other.id, scenario.id)))
    return scenarios


def _rules(package: str, scenarios: Mapping[_Place, Scenario], misfits: list[Misfit]) -> dict[_Place, Rule]:
    """Return the rules that the modules of a package define, by module and function."""
    rules: dict[_Place, Rule] = {}
    for name in _modules(importlib.import_module(package)):
        full = f"{package}.{name}"
        asked = {function: scenario.id for (module, function), scenario in scenarios.items() if module == name}
        try:
            module = importlib.import_module(full)
        except Exception as error:
            misfits += _misfits_of_import(full, error, asked)
            continue
        for function, value in vars(module).items():
            if isinstance(value, TableRule | ContextRule) and value.check.__module__ == module.__name__:
                rules[name, function] = value
    return rules


def _misfits_of_import(module: str, error: Exception, asked: dict[str, str]) -> Iterator[Misfit]:
    """Tell why a module has no rules; `asked` are the ids of the scenarios that ask for them, by function."""
    if isinstance(error, DuplicateRuleError) and error.module == module:
        twice = asked.pop(error.name, None)
        yield Misfit("duplicate rule", f"{module}.{error.name}", str(error), () if twice is None else (twice,))
        if not asked:
            return
    text = f"{module}: cannot be imported: {type(error).__name__}: {error}"
    yield Misfit("broken module", module, text, tuple(asked.values()))


def _modules(package: ModuleType) -> Iterator[str]:
    """Return the modules that decorate anything as a rule; others may import what no rule needs, such as the CDK."""
    for folder in package.__path__:
        for file in sorted(Path(folder).glob("*.py")):
            if _DECORATOR.search(file.read_bytes()):
                yield file.stem
