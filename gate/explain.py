"""A scenario explained: the sentences of the spec, and the page of the rule that enforces it."""

from __future__ import annotations

import difflib

from policies.catalogue import Entry, load


class UnknownScenarioError(Exception):
    """No scenario, or more than one, has this name; the text says which there are."""


def find(name: str) -> Entry:
    """Return the scenario of a full id, of `<requirement>/<scenario>`, or of a scenario's slug alone."""
    entries = load()
    found = [entry for entry in entries if name in {entry.scenario.id, entry.name, entry.scenario.slug}]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownScenarioError(f"{name!r} is the name of {' and '.join(entry.scenario.id for entry in found)}")
    slugs = {entry.scenario.slug: entry.scenario.id for entry in entries}
    near = difflib.get_close_matches(name.rpartition("/")[2].lower().replace(" ", "-"), slugs, n=3, cutoff=0.5)
    meant = [slugs[slug] for slug in near] or sorted(slugs.values())
    raise UnknownScenarioError(f"no scenario is named {name!r}; there is\n  " + "\n  ".join(meant))


def page(entry: Entry) -> str:
    """Return the page of a scenario, as plain text."""
    steps = "\n".join(f"  {step.keyword} {step.text}" for step in entry.scenario.steps)
    check = entry.rule.check
    rule = f"{check.__module__}.{check.__name__}"
    return f"{entry.scenario.id}\n{entry.scenario.name}\n\n{steps}\n\nRule: {rule}\n\n{entry.page}"
