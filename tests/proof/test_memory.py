"""What is remembered of verdicts changes none: mutants of all that rules read are judged as if each were the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from policies.catalogue import load
from policies.judge import judge_template
from policies.memory import Memory
from policies.template import Template
from proof.bases import Base
from proof.generated import mutants

_EVERY = 5
"""One in so many mutants is judged, so that every place that rules read is among them, and every kind of change."""


def templates(bases: Sequence[Base]) -> Iterator[Template]:
    """Yield each base, and mutants of it."""
    for base in bases:
        places = {place for reading in base.readings.values() for place in (*reading.present, *reading.absent)}
        made = (one.document for place in sorted(places, key=repr) for one in mutants(base.document, place))
        for document in (base.document, *islice(made, 0, None, _EVERY)):
            yield base.template(document, base.tree)


def test_as_if_judged_anew(sound: Sequence[Base]) -> None:
    """A verdict that is remembered is the verdict that judging comes to, whatever differs from what was seen before."""
    first, *others = templates(sound)
    memory = Memory(first.externals)
    for one in (first, *others):
        remembered = list(judge_template(load(), one, "context", memory=memory))
        assert remembered == list(judge_template(load(), one, "context"))
    assert len(others) > 300
