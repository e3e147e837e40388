"""Contexts come back as they were added, and take little."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.contexts import Contexts
from evidence.model import TracedContext

TEXTS = st.text(max_size=3)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(TEXTS, inner, max_size=2)),
    max_leaves=4,
)
CONTEXT = st.builds(
    TracedContext,
    name=TEXTS,
    values=st.dictionaries(st.sampled_from("abc"), VALUES),
    account=st.none() | TEXTS,
    region=st.none() | TEXTS,
    refused=st.lists(TEXTS, max_size=2).map(tuple),
    template=st.none() | TEXTS,
    outcomes=st.just(()),
)


@given(st.lists(CONTEXT, unique_by=lambda context: context.name))
def test_contexts_come_back(given_contexts: list[TracedContext]) -> None:
    """Whatever they hold, 1, true, 1.0 and "1" being four, in their order and by their names."""
    contexts = Contexts()
    for context in given_contexts:
        contexts.add(context)

    assert list(map(repr, contexts)) == list(map(repr, given_contexts))
    assert contexts.numbers == {context.name: number for number, context in enumerate(given_contexts)}
    assert len(contexts) == len(given_contexts)


def test_what_comes_back_is_ones_own() -> None:
    """Whoever changes the values of a context that was given out changes no other."""
    contexts = Contexts()
    contexts.add(TracedContext("a", {"stage": "dev"}, None, None, (), None, ()))

    contexts[0].values.update(stage="prod")  # type: ignore[attr-defined]

    assert contexts[0].values == {"stage": "dev"}
    with pytest.raises(IndexError):
        contexts[1]


def test_thousands_take_little() -> None:
    """Beside its name and its template's digest, a context of a dozen values takes less than half a kilobyte."""
    contexts = Contexts()
    names, digests = ([f"{kind}{number:060}" for number in range(4_000)] for kind in ("context-", "sha256:"))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number, (name, digest) in enumerate(zip(names, digests, strict=True)):
        values = {f"worthwatch:{key}": str(number // 3**key % 3) for key in range(12)}
        contexts.add(TracedContext(name, values, "1" * 12, "eu-west-1", (), digest, ()))
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert taken / len(contexts) < 512
