"""A scenario explained: the sentences of the spec, and the page of the rule that enforces it."""

from __future__ import annotations

from policies.catalogue import Entry, load, named


def find(name: str) -> Entry:
    """Return the scenario of a name, as `policies.catalogue.named` does."""
    entries = load()
    scenario = named(name, [entry.scenario for entry in entries])
    return next(entry for entry in entries if entry.scenario is scenario)


def page(entry: Entry) -> str:
    """Return the page of a scenario, as plain text."""
    steps = "\n".join(f"  {step.keyword} {step.text}" for step in entry.scenario.steps)
    check = entry.rule.check
    rule = f"{check.__module__}.{check.__name__}"
    return f"{entry.scenario.id}\n{entry.scenario.name}\n\n{steps}\n\nRule: {rule}\n\n{entry.page}"
