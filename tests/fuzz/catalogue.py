"""All that is fuzzed."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fuzz.judging import judgements
from tests.fuzz.readers import readers
from tests.fuzz.targets import Target


def targets(reference: Sequence[bytes] = ()) -> dict[str, Target]:
    """Return the targets, by name; templates of the `reference` stack are seeds beside what lies in the tests."""
    return judgements(reference) | readers()
