"""The rules, found by the spec: a requirement's slug names the module, a scenario's slug the function.

`dynamodb-storage#table-key-schema/partition-key-defined` is enforced by
`policies.table_key_schema.partition_key_defined`, and by nothing else.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import policies
from policies.model import ContextRule, DuplicateRuleError, Outcome, Rule, TableRule, Verdict
from policies.specs import Scenario, Spec, read_specs

_DECORATOR = re.compile(rb"^@.*rule\b", re.MULTILINE)


class CatalogueError(Exception):
    """Spec and rules do not fit together; a line for each problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


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


@cache
def load() -> tuple[Entry, ...]:
    """Return the rules of the specs that come with this package, in the specs' order.

    Raises `CatalogueError` or `policies.specs.SpecError`.
    """
    here = Path(__file__).parent
    shipped = here / "spec_tree"
    return match(read_specs(shipped if shipped.is_dir() else here.parent / "specs"), policies.__name__)


def match(specs: Sequence[Spec], package: str) -> tuple[Entry, ...]:
    """Match the scenarios of specs with the rules of a package.

    Raises `CatalogueError` for a scenario without rule, a rule without scenario, two requirements that name the same
    module, and an empty set.
    """
    problems: list[str] = []
    scenarios = _places(specs, problems)
    rules = dict(_rules(package, problems))
    for place, scenario in scenarios.items():
        if place not in rules:
            where = f"{scenario.spec}/spec.md:{scenario.line}"
            problems.append(f"{scenario.id} ({where}): no rule {package}.{'.'.join(place)} enforces it")
    unasked = sorted(rules.keys() - scenarios.keys())
    problems += [f"{package}.{'.'.join(place)}: no scenario of a spec asks for this rule" for place in unasked]
    if not scenarios:
        problems.append("no spec holds a scenario: there is nothing to judge by")
    if problems:
        raise CatalogueError(problems)
    return tuple(Entry(scenario, rules[place]) for place, scenario in scenarios.items())


def _places(specs: Sequence[Spec], problems: list[str]) -> dict[tuple[str, str], Scenario]:
    """Return the scenarios by the module and function that enforce them."""
    scenarios: dict[tuple[str, str], Scenario] = {}
    for scenario in (one for spec in specs for requirement in spec.requirements for one in requirement.scenarios):
        place = (scenario.requirement_slug.replace("-", "_"), scenario.slug.replace("-", "_"))
        other = scenarios.setdefault(place, scenario)
        if other is not scenario:
            problems.append(f"{scenario.id}: {other.id} has the same rule {'.'.join(place)}; rename one")
    return scenarios


def _rules(package: str, problems: list[str]) -> Iterator[tuple[tuple[str, str], Rule]]:
    """Return the rules that the modules of a package define, by module and function."""
    for name in _modules(importlib.import_module(package)):
        try:
            module = importlib.import_module(f"{package}.{name}")
        except DuplicateRuleError as error:
            problems.append(str(error))
            continue
        except Exception as error:
            problems.append(f"{package}.{name}: cannot be imported: {type(error).__name__}: {error}")
            continue
        for function, value in vars(module).items():
            if isinstance(value, TableRule | ContextRule) and value.check.__module__ == module.__name__:
                yield (name, function), value


def _modules(package: ModuleType) -> Iterator[str]:
    """Return the modules that decorate anything as a rule; others may import what no rule needs, such as the CDK."""
    for folder in package.__path__:
        for file in sorted(Path(folder).glob("*.py")):
            if _DECORATOR.search(file.read_bytes()):
                yield file.stem
