"""Strings by which patterns are told apart, against all short strings."""

from __future__ import annotations

import itertools
import re
import string
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.errors import UndeterminedError
from policies.globs import ANY, PRIVATE, Example, examples, numbers

GLOBS = st.lists(st.text("abt/*?", min_size=1, max_size=6), min_size=1, max_size=4)
EVERY = ["t/" + "".join(word) for n in range(1, 6) for word in itertools.product("abt/c", repeat=n) if word[0] != "/"]


def covers(glob: str, word: str) -> bool:
    """Tell whether a pattern matches a string, by a regular expression."""
    return re.fullmatch(re.escape(glob).replace(r"\*", ".*").replace(r"\?", f"[^{ANY}]"), word) is not None


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(GLOBS)
def test_every_combination_has_an_example(globs: list[str]) -> None:
    """Whichever patterns some string matches together, an example matches them and no others."""
    found = {matched for _, matched in examples(globs, "t/")}
    assert {frozenset(i for i, glob in enumerate(globs) if covers(glob, word)) for word in EVERY} <= found


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(GLOBS)
def test_examples_match_what_they_are_said_to(globs: list[str]) -> None:
    """An example begins as asked, has something that is no slash then, and matches the patterns given with it."""
    for word, matched in examples(globs, "t/"):
        assert word.startswith("t/")
        assert word[2] != "/"
        assert matched == {i for i, glob in enumerate(globs) if covers(glob, word)}


@pytest.mark.parametrize(
    ("globs", "words"),
    [
        ([], [f"t/{ANY}"]),
        (["t/a*"], ["t/a", f"t/{ANY}", f"t/a{ANY}"]),
        (["*b"], ["t/b", f"t/{ANY}", f"t/{ANY}b"]),
        (["t/a?", "t/?b"], ["t/a", "t/x", "t/ab", "t/ax", "t/xb"]),
        (["t/x?"], ["t/x", f"t/{ANY}", "t/xy"]),
        (["t/a", "*b"], ["t/a", "t/b", f"t/{ANY}", f"t/{ANY}b"]),
        (["*t/*b"], ["t/b", "t/t", f"t/{ANY}", f"t/{ANY}b"]),
        (["t/*u*b", "t/?c?"], ["t/u", "t/x", "t/ub", "t/ucb", "t/ucu", "t/ucx", f"t/u{ANY}b"]),
    ],
)
def test_examples(globs: list[str], words: list[str]) -> None:
    """Of a combination there is one that is spelled by the patterns, where there is one, and one that is not."""
    assert [word for word, _ in examples(globs, "t/")] == words


SMALL = f"{string.ascii_lowercase}{string.digits}_-."
NAMED = SMALL + string.ascii_uppercase


@pytest.mark.parametrize(
    ("spelled", "covered"),
    [(SMALL, "t/A"), (NAMED[:36] + "_", "t/-"), (NAMED, "t/y"), (NAMED.replace("q", ""), "t/q")],
)
def test_what_a_question_mark_covers_beside_what_is_spelled(spelled: str, covered: str) -> None:
    """However much other patterns spell, `?` covers one more character than those that stand in its place."""
    assert [word for word, matched in examples(["t/?", "t/_", "t/x", spelled], "t/") if matched == {0}] == [covered]


def test_a_question_mark_beside_all_characters() -> None:
    """Where each character of a name is spelled, `?` covers none beside them."""
    found = list(examples([*(f"t/{one}" for one in NAMED), "t/?"], "t/"))
    named = [(f"t/{one}", frozenset({i, len(NAMED)})) for i, one in enumerate(NAMED)]
    assert found == [*sorted(named), (f"t/{ANY}", frozenset())]


def test_private_characters() -> None:
    """What stands for whole names is of the characters that Unicode gives to nobody, from the first on."""
    assert [unicodedata.category(chr(PRIVATE + i)) for i in (-1, 0)] == ["Cn", "Co"]
    assert chr(PRIVATE) == ANY


def test_as_many_steps_as_are_taken() -> None:
    """Every pattern is held against every character that is tried: 60,000 times are gone through, and no more."""

    def spelling(letters: int, patterns: int) -> list[str]:
        # Each pattern is held against each letter and against another, and once more where it has matched.
        return [f"t/{chr(0x100 + i % letters)}" for i in range(patterns)]

    assert len(list(examples(spelling(28, 2_000), "t/"))) == 28 + 1
    with pytest.raises(UndeterminedError):
        list(examples(spelling(27, 2_069), "t/"))


def test_too_many_combinations() -> None:
    """Where the combinations are too many to go through, it ends with what it has found."""
    found: list[Example] = []
    with pytest.raises(UndeterminedError) as raised:
        found.extend(examples([f"*{one}*{other}*" for one in "abcde" for other in "fghij"], "t/"))
    assert raised.value.reason == "the patterns of the role's policies are too many to tell apart"
    assert found[0] == ("t/a", frozenset())


NUMBERS = ["".join(word) for word in itertools.product(string.digits, repeat=3)]
OF_NUMBERS = st.lists(st.text("017*?", min_size=1, max_size=5), max_size=4)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(OF_NUMBERS)
def test_every_combination_has_its_numbers(globs: list[str]) -> None:
    """Whichever patterns some number matches together, two numbers do, or the one that there is."""
    alike: dict[frozenset[int], list[str]] = {}
    for word in NUMBERS:
        alike.setdefault(frozenset(i for i, glob in enumerate(globs) if covers(glob, word)), []).append(word)
    found: dict[frozenset[int], list[str]] = {}
    for word, matched in numbers(globs, 3):
        found.setdefault(matched, []).append(word)
    assert {matched: len(words) for matched, words in found.items()} == {
        matched: min(2, len(words)) for matched, words in alike.items()
    }
    assert all(set(words) <= set(alike[matched]) and len(set(words)) == len(words) for matched, words in found.items())


@pytest.mark.parametrize(
    ("globs", "words"),
    [
        ([], [("00", []), ("10", [])]),
        (["9*"], [("00", []), ("10", []), ("90", [0]), ("91", [0])]),
        (["9*", "*9"], [("00", []), ("10", []), ("09", [1]), ("19", [1]), ("90", [0]), ("91", [0]), ("99", [0, 1])]),
        (["9", "999", "9?9", "x?"], [("00", []), ("10", [])]),
    ],
)
def test_numbers(globs: list[str], words: list[tuple[str, list[int]]]) -> None:
    """Patterns tell apart numbers of so many digits, the smallest first of those that begin alike."""
    assert list(numbers(globs, 2)) == [(word, frozenset(matched)) for word, matched in words]


def test_too_many_numbers() -> None:
    """Each pattern is held against each digit wherever it may have come to: 60,000 times, and no more."""
    assert len(list(numbers(["*"] * 6_000, 1))) == 2
    with pytest.raises(UndeterminedError) as raised:
        list(numbers(["*"] * 6_001, 1))
    assert raised.value.reason == "the patterns of the role's policies are too many to tell apart"
    with pytest.raises(UndeterminedError):
        list(numbers(["*"] * 3_001, 2))
