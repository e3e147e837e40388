"""Streams of a bundle that are held against what they should be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evidence.bundle.reading import after

CHUNKS = st.lists(st.binary(max_size=3))


@given(CHUNKS, CHUNKS)
def test_what_follows(chunks: list[bytes], expected: list[bytes]) -> None:
    """However both are cut: the rest of what begins as expected, and nothing of anything else."""
    whole, start = b"".join(chunks), b"".join(expected)

    rest = after(iter(chunks), iter(expected))

    assert (None if rest is None else b"".join(rest)) == (whole[len(start) :] if whole.startswith(start) else None)


@given(CHUNKS, st.integers(0, 9))
def test_what_begins_as_expected(chunks: list[bytes], length: int) -> None:
    """What is expected may be all of it."""
    whole = b"".join(chunks)

    rest = after(chunks, [whole[:length]])

    assert rest is not None
    assert b"".join(rest) == whole[length:]
