"""Strings by which patterns with wildcards can be told apart."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from policies.errors import UndeterminedError

PRIVATE = 0xF0000
"""Where characters of private use begin; such a one stands for a whole name, and `?` does not cover it."""

ANY = chr(PRIVATE)
"""Stands for a name that is like nothing which a pattern spells out, so that only `*` covers it."""

Example = tuple[str, frozenset[int]]
"""A string, and the indices of the patterns that match it."""

_PLAIN = "xyzwvutsrqponmlkjihgfedcba0123456789_-.ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What names consist of."""

_MAX_STEPS = 60_000
"""How often a pattern is taken a character further at most."""

_TOO_MANY = "the patterns of the role's policies are too many to tell apart"

_DIGITS = "0123456789"

_FEW = 2
"""How many numbers stand for all that match the same."""

_State = tuple[tuple[int, int], ...]
"""Of each pattern that may still match, its index and where in it a match may be, as the bits of a number."""


def examples(globs: Sequence[str], beginning: str) -> Iterator[Example]:
    """Return strings that begin so: of each combination of patterns that some such string matches, one or two.

    Two where one is spelled by the patterns alone and another is not: a pattern covers more than what it spells.
    After its beginning a string has something that is no slash. Combinations can be exponentially many: raises
    `UndeterminedError` where they take too long.
    """
    plain = sorted(_PLAIN, key=lambda one: any(one in glob for glob in globs))
    state: _State = tuple((i, _closed(glob, 1)) for i, glob in enumerate(globs))
    for character in beginning:
        state = _after(globs, state, character)
    waiting = deque([(state, beginning, False)])
    seen = {(state, False)}
    found: set[tuple[frozenset[int], bool]] = set()
    steps = 0
    while waiting:
        state, word, is_new = waiting.popleft()
        ahead = {glob[k] for glob, k in _ahead(globs, state)}
        others = [next((one for one in plain if one not in ahead), ANY), ANY] if "?" in ahead else [ANY]
        spellings = [*sorted(ahead - {"*", "?"}), *others]
        if word == beginning:
            spellings = [one for one in spellings if one != "/"]
        else:
            matched = frozenset(i for i, places in state if places >> len(globs[i]) & 1)
            if (matched, is_new) not in found:
                found.add((matched, is_new))
                yield word, matched
        steps += len(spellings) * len(state)
        if steps > _MAX_STEPS:
            raise UndeterminedError(_TOO_MANY)
        for one in spellings:
            after = _after(globs, state, one), is_new or one in others
            if after not in seen:
                seen.add(after)
                waiting.append((after[0], word + one, after[1]))


def numbers(globs: Sequence[str], length: int) -> Iterator[Example]:
    """Return numbers of so many digits: of each combination of patterns that some such number matches, one or two.

    Two where two match the same. Raises `UndeterminedError` where going through them takes too long.
    """
    reached: dict[_State, list[str]] = {tuple((i, _closed(glob, 1)) for i, glob in enumerate(globs)): [""]}
    steps = 0
    for _ in range(length):
        longer: dict[_State, list[str]] = {}
        for state, words in reached.items():
            steps += len(_DIGITS) * len(state)
            if steps > _MAX_STEPS:
                raise UndeterminedError(_TOO_MANY)
            for digit in _DIGITS:
                some = longer.setdefault(_after(globs, state, digit), [])
                some.extend(word + digit for word in words)
                del some[_FEW:]
        reached = longer
    found: dict[frozenset[int], list[str]] = {}
    for state, words in reached.items():
        matched = frozenset(i for i, places in state if places >> len(globs[i]) & 1)
        found.setdefault(matched, []).extend(words)
    for matched, words in found.items():
        yield from ((word, matched) for word in words[:_FEW])


def _ahead(globs: Sequence[str], state: _State) -> Iterator[tuple[str, int]]:
    for i, places in state:
        yield from ((globs[i], k) for k in range(len(globs[i])) if places >> k & 1)


def _after(globs: Sequence[str], state: _State, character: str) -> _State:
    """Return where matches may be after one more character."""
    after = []
    for i, places in state:
        glob, reached = globs[i], 0
        for k in range(len(glob)):
            if places >> k & 1:
                if glob[k] == "*":
                    reached |= 1 << k
                elif glob[k] == character or (glob[k] == "?" and ord(character) < PRIVATE):
                    reached |= 1 << (k + 1)
        if reached:
            after.append((i, _closed(glob, reached)))
    return tuple(after)


def _closed(glob: str, places: int) -> int:
    """Return places with those behind a `*`, which may stand for nothing."""
    for k in range(len(glob)):
        if places >> k & 1 and glob[k] == "*":
            places |= 1 << (k + 1)
    return places
