"""Recording that scenarios were reviewed: their texts as they stand are those that rule and tests were read against."""

from __future__ import annotations

from collections.abc import Sequence

from evidence.output import destination, write
from evidence.reviewed import FILE, fingerprint, render
from evidence.trace import Checkout
from policies.catalogue import named
from policies.reading import InputError


def review(checkout: Checkout, names: Sequence[str]) -> list[str]:
    """Write the fingerprints of scenarios as they stand and return their ids.

    Raises `policies.catalogue.UnknownScenarioError`, and `InputError` for a scenario that no rule or no test enforces,
    and where the file cannot be written; then nothing is recorded.
    """
    scenarios = checkout.scenarios
    chosen = [named(name, [scenario for _, scenario in scenarios.values()]).id for name in names]
    enforced = {entry.scenario.id for entry in checkout.fit.entries}
    for id_ in chosen:
        if missing := [
            *(() if id_ in enforced else ("rule",)),
            *(() if id_ in checkout.tests.marked else ("test",)),
        ]:
            raise InputError(id_, f"no {' and no '.join(missing)} enforces it: there is nothing to review it against")
    now = {id_: fingerprint(*scenarios[id_]) for id_ in chosen}
    reviewed = checkout.reviewed | now
    in_order = [id_ for id_ in scenarios if id_ in reviewed]
    in_order += sorted(reviewed.keys() - scenarios.keys())
    write(destination(FILE.as_posix()), render({id_: reviewed[id_] for id_ in in_order}).rstrip("\n"))
    return list(now)
