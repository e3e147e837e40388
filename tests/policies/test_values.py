"""Three-valued truth, and texts of which parts are unknown, against brute force."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policies.errors import UndeterminedError
from policies.values import (
    MISSING,
    NO,
    YES,
    Missing,
    Origin,
    Text,
    Truth,
    Unknown,
    all_of,
    any_of,
    matches,
    origin_of,
    unknown,
)

ONE, TWO = unknown("one"), unknown("two")
TRUTHS = (YES, NO, ONE, TWO)

P, Q = Unknown("P", "P is free"), Unknown("Q", "Q is free")
COMPUTED = Unknown("C", "C is computed", Origin.COMPUTED)
MADE = Unknown("G", "G is made", Origin.GENERATED, atomic=True)
MADE_TOO = Unknown("H", "H is made", Origin.GENERATED, atomic=True)
REGION = Unknown("R", "R is a region", atomic=True)
PIECE = Unknown("S", "S is a piece", lacks="-")
UNKNOWNS = (P, Q, COMPUTED, MADE, MADE_TOO, REGION)


# Truth


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (YES, YES, YES, YES),
        (YES, NO, NO, YES),
        (NO, NO, NO, NO),
        (YES, ONE, ONE, YES),
        (NO, ONE, NO, ONE),
        (ONE, ONE, ONE, ONE),
        (ONE, TWO, ONE, ONE),
        (TWO, ONE, TWO, TWO),
    ],
)
def test_kleene_tables(left: Truth, right: Truth, both: Truth, either: Truth) -> None:
    """And and or follow Kleene's tables, and an unknown keeps the first reason."""
    assert (left & right, left | right) == (both, either)


def test_kleene_laws() -> None:
    """The laws of Kleene's logic hold for all triples of truths."""
    for a, b, c in product(TRUTHS, repeat=3):
        assert ~~a == a
        assert (a & YES, a | NO, a & NO, a | YES) == (a, a, NO, YES)
        assert (a & a, a | a) == (a, a)
        assert ((a & b).value, (a | b).value) == ((b & a).value, (b | a).value)
        assert ((a & b) & c, (a | b) | c) == (a & (b & c), a | (b | c))
        assert (~(a & b), ~(a | b)) == (~a | ~b, ~a & ~b)
        assert ((a & (b | c)).value, (a | (b & c)).value) == (((a & b) | (a & c)).value, ((a | b) & (a | c)).value)
        assert (any_of((a, b, c)), all_of((a, b, c))) == (a | b | c, a & b & c)


def test_of_nothing() -> None:
    """Of no answers at all, none is yes and all are."""
    assert (any_of(()), all_of(())) == (NO, YES)


def test_unknown_is_no_bool() -> None:
    """A known truth is a bool; an unknown one raises with its reason, in whatever way it is asked."""
    assert (bool(YES), bool(NO), not NO) == (True, False, True)
    for ask in (bool, any, all):
        with pytest.raises(UndeterminedError) as raised:
            ask(ONE) if ask is bool else ask([ONE])
        assert (raised.value.reason, raised.value.path) == ("one", None)


def test_what_is_known_has_no_reason() -> None:
    """A reason is told of what nobody knows, and of nothing else; what is not there is a value of its own."""
    assert [(known.value, known.because) for known in (YES, NO)] == [(True, ""), (False, "")]
    assert isinstance(MISSING, Missing)


# Unknowns


def test_what_an_unknown_is() -> None:
    """If nothing else is said it comes from outside and may be anything; what it may hold makes it no other."""
    plain = Unknown("P", "P is free")
    assert (plain.origin, plain.atomic, plain.lacks, plain.is_new_name) == (Origin.EXTERNAL, False, "", False)
    assert plain == Unknown("P", "P is free", atomic=True) == Unknown("P", "P is free", lacks="-")
    assert plain not in {Unknown("Q", "P is free"), Unknown("P", "P is free", Origin.COMPUTED)}
    assert [part.is_new_name for part in (MADE, COMPUTED, REGION)] == [True, False, False]
    assert not Unknown("G", "G is made", Origin.GENERATED).is_new_name


def test_origins() -> None:
    """What is made of external values is external; where anything else is among them, it is computed."""
    found = [origin_of(parts) for parts in ([], [P, Q], [P, MADE], [COMPUTED])]
    assert found == [Origin.EXTERNAL, Origin.EXTERNAL, Origin.COMPUTED, Origin.COMPUTED]


# Texts


@pytest.mark.parametrize(
    ("text", "parts", "literal", "unknowns"),
    [
        (Text.of(), (), "", ()),
        (Text.of("", ""), (), "", ()),
        (Text.of("a", "", "b"), ("ab",), "ab", ()),
        (Text.of(P), (P,), None, (P,)),
        (Text.of("a", Text.of("b", P), Text.of("", Q, "c"), "d"), ("ab", P, Q, "cd"), None, (P, Q)),
    ],
)
def test_parts(
    text: Text, parts: tuple[str | Unknown, ...], literal: str | None, unknowns: tuple[Unknown, ...]
) -> None:
    """Adjacent literals are joined and empty ones dropped."""
    assert (text.parts, text.literal, text.unknowns) == (parts, literal, unknowns)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (Text.of(), (Text.of(),)),
        (Text.of("a"), (Text.of("a"),)),
        (Text.of(":a:"), (Text.of(), Text.of("a"), Text.of())),
        (Text.of("a:", P, "b:", Q), (Text.of("a"), Text.of(P, "b"), Text.of(Q))),
        (Text.of(P), (Text.of(P),)),
    ],
)
def test_split(text: Text, pieces: tuple[Text, ...]) -> None:
    """A text is split at the separators of its literal parts."""
    assert text.split(":") == pieces


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (Text.of(), Text.of(), YES),
        (Text.of("a"), Text.of("b"), NO),
        (Text.of(P), Text.of(P), YES),
        (Text.of(P), Text.of(Q), unknown("P is free")),
        (Text.of(P), Text.of("a"), unknown("P is free")),
        (Text.of("a", P), Text.of("b"), NO),
        (Text.of(P, "a"), Text.of("b"), NO),
        (Text.of("a", P), Text.of(P), NO),
        (Text.of("a", P, "z"), Text.of("a", Q, "z"), unknown("P is free")),
        (Text.of("a", P), Text.of("b", Q), NO),
        (Text.of(P, "a"), Text.of(Q, "b"), NO),
        (Text.of("a", P), Text.of(Q, "b"), unknown("P is free")),
        (Text.of(P), Text.of(), unknown("P is free")),
        (Text.of("bb", P), Text.of(P, "b"), NO),
        (Text.of("b", P), Text.of(P, "b"), unknown("P is free")),
        (Text.of(P, "ab", Q), Text.of("xaby"), unknown("P is free")),
        (Text.of(P, "-", Q), Text.of("prod"), NO),
        (Text.of(P, "-", Q), Text.of("pr-od"), unknown("P is free")),
        (Text.of(P, "b", Q, "a", P), Text.of("xaby"), NO),
        (Text.of(P, "b", Q, "a", P), Text.of("xbay"), unknown("P is free")),
        (Text.of(PIECE), Text.of("a-b"), NO),
        (Text.of(PIECE), Text.of("ab"), unknown("S is a piece")),
        (Text.of(P), Text.of("a:b"), unknown("P is free")),
        (Text.of(REGION), Text.of("a:b"), NO),
        (Text.of(REGION), Text.of("a/b"), NO),
        (Text.of(REGION), Text.of("aXb"), unknown("R is a region")),
        (Text.of("a", REGION, ":", P), Text.of("ab:c:d"), unknown("R is a region")),
        (Text.of(MADE), Text.of(MADE), YES),
        (Text.of(MADE), Text.of("orders"), NO),
        (Text.of(MADE), Text.of(MADE_TOO), NO),
        (Text.of(MADE), Text.of(P), NO),
        (Text.of(MADE), Text.of(COMPUTED), unknown("G is made")),
        (Text.of(MADE, "-x"), Text.of(MADE), NO),
        (Text.of(COMPUTED), Text.of("a"), unknown("C is computed")),
    ],
)
def test_same_table(left: Text, right: Text, answer: Truth) -> None:
    """Texts are the same, differ, or may do either, whichever way round they are asked."""
    assert left.same(right) == answer
    assert right.same(left).value == answer.value


def test_rest() -> None:
    """What both begin and end with is left out, be it known or not."""
    assert Text.of("ab", P, Q, "z").rest(Text.of("ac", Q, "yz")) == (Text.of("b", P, Q), Text.of("c", Q, "y"))
    assert Text.of(P, "a", Q).rest(Text.of(P, "b", Q)) == (Text.of("a"), Text.of("b"))
    assert Text.of("aa").rest(Text.of("aaa")) == (Text.of(), Text.of("a"))


def short_strings(alphabet: str, longest: int) -> list[str]:
    """Return all strings of an alphabet up to a length."""
    return ["".join(chars) for n in range(longest + 1) for chars in product(alphabet, repeat=n)]


PLAIN = short_strings("ab", 2)
WILD = [*short_strings("ab*?", 1), "a*", "*b", "?*", "**"]


def substitutions(*texts: Text, wild: frozenset[Unknown] = frozenset()) -> Iterator[dict[Unknown, str]]:
    """Return short values for the unknowns of texts, as their origins permit; those of `wild` may hold wildcards.

    A generated name is written in a letter of its own, which only a computed value can hold besides.
    """
    hidden = sorted({part for text in texts for part in text.unknowns}, key=lambda part: part.key)
    for lengths in product((1, 2), repeat=2):
        made = {MADE: "①" * lengths[0], MADE_TOO: "②" * lengths[1]}
        carried = [f"{name}{tail}" for name in made.values() for tail in ("", "a")] + ["".join(made.values())]

        def values(part: Unknown, made: dict[Unknown, str] = made, carried: list[str] = carried) -> list[str]:
            if part in made:
                return [made[part]]
            own = WILD if part in wild else PLAIN
            return own + carried if part.origin is Origin.COMPUTED else own

        for chosen in product(*map(values, hidden)):
            yield dict(zip(hidden, chosen, strict=True))
        if not {MADE, MADE_TOO, COMPUTED} & set(hidden):
            return


def put(text: Text, values: dict[Unknown, str]) -> str:
    """Return what a text becomes."""
    return "".join(part if isinstance(part, str) else values[part] for part in text.parts)


def texts(alphabet: str, parts: int = 4) -> st.SearchStrategy[Text]:
    """Make texts of a small alphabet."""
    pieces = st.text(alphabet, min_size=1, max_size=2) | st.sampled_from(UNKNOWNS)
    return st.lists(pieces, max_size=parts).map(lambda chosen: Text.of(*chosen))


@given(texts("ab"), texts("ab"))
@example(Text.of("b", P), Text.of(P, "b"))
@example(Text.of(MADE, P), Text.of(MADE_TOO, COMPUTED))
@example(Text.of(MADE, MADE), Text.of(MADE, P))
def test_same_against_brute_force(left: Text, right: Text) -> None:
    """Yes means equal whatever the unknowns are, and no means never equal."""
    answer = left.same(right)
    outcomes = {put(left, values) == put(right, values) for values in substitutions(left, right)}
    assert answer.value is None or outcomes == {answer.value}
    assert right.same(left).value == answer.value


# Wildcards


def glob(pattern: str, text: str) -> bool:
    """Match IAM's wildcards, naively."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(glob(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in {text[0], "?"} and glob(pattern[1:], text[1:])


@given(st.text("ab*?.\\[\n", max_size=7), st.text("ab*?.\\[\n", max_size=7))
@example("\\?", "\\a")
@example("a.b", "axb")
@example("*a*ab", "aab")
def test_literal_wildcards(pattern: str, text: str) -> None:
    """A literal pattern covers what a naive matcher says; all other characters stand for themselves."""
    assert matches(Text.of(pattern), Text.of(text)) == (YES if glob(pattern, text) else NO)


@given(texts("ab*?", 3), texts("ab", 3))
@example(Text.of("*", P, "b"), Text.of("b", P))
@example(Text.of(P), Text.of(MADE))
@example(Text.of("?"), Text.of(MADE))
def test_matches_against_brute_force(pattern: Text, text: Text) -> None:
    """Yes means covered whatever the unknowns are, and no means never covered.

    An unknown that stands in the pattern only may hold wildcards, unless it is a name; no name holds any.
    """
    answer = matches(pattern, text)
    free = (part for part in pattern.unknowns if part.origin is Origin.EXTERNAL and not part.atomic)
    wild = frozenset(free) - frozenset(text.unknowns)
    outcomes = {glob(put(pattern, values), put(text, values)) for values in substitutions(pattern, text, wild=wild)}
    assert answer.value is None or outcomes == {answer.value}


@pytest.mark.parametrize(
    ("pattern", "text", "answer"),
    [
        (Text.of("*"), Text.of(P), YES),
        (Text.of("*"), Text.of(), YES),
        (Text.of("?"), Text.of(), NO),
        (Text.of("?"), Text.of("a"), YES),
        (Text.of("?"), Text.of(P), unknown("P is free")),
        (Text.of("table/*"), Text.of("table/", MADE), YES),
        (Text.of("table/", MADE), Text.of("table/", MADE), YES),
        (Text.of("table/", MADE), Text.of("table/", MADE_TOO), NO),
        (Text.of("table/", MADE, "/index/*"), Text.of("table/", MADE), NO),
        (Text.of("table/", MADE, "/index/*"), Text.of("table/", MADE, "/index/byDate"), YES),
        (Text.of("table/orders*"), Text.of("table/", MADE), unknown("G is made")),
        (Text.of("GetItem"), Text.of("getitem"), NO),
        (Text.of(P), Text.of("anything"), unknown("P is free")),
        (Text.of("table/", P), Text.of("index/x"), NO),
        (Text.of("X-?"), Text.of(MADE, "-a"), NO),
        (Text.of("X*-?"), Text.of(MADE, "-a"), unknown("G is made")),
        (Text.of("*:*"), Text.of(REGION), NO),
        (Text.of("*X*"), Text.of(REGION), unknown("R is a region")),
        (Text.of("a*"), Text.of("a\nb"), YES),
        (Text.of("a?b"), Text.of("a\nb"), YES),
        (Text.of("*X"), Text.of(MADE), unknown("G is made")),
        (Text.of("X*b"), Text.of(MADE, "ab"), unknown("G is made")),
        (Text.of("X", P), Text.of(MADE), unknown("G is made")),
        (Text.of("?-X"), Text.of("a-", MADE), NO),
        (Text.of("*c", P), Text.of("abc", P), YES),
        (Text.of("*b", P), Text.of("*ab", P), YES),
        (Text.of("a*", Q), Text.of("a"), unknown("Q is free")),
        (Text.of(MADE, "*"), Text.of(P), NO),
        (Text.of("a**b", P), Text.of("ab", P), YES),
    ],
)
def test_matches_table(pattern: Text, text: Text, answer: Truth) -> None:
    """A pattern covers a text, does not, or may."""
    assert matches(pattern, text) == answer


def test_an_unknown_pattern_may_be_a_star() -> None:
    """A pattern that a parameter gives may be a wildcard, and so cover a name that this deployment makes."""
    assert matches(Text.of(P), Text.of("table/", MADE)) == unknown("P is free")
    assert matches(Text.of("table/", P), Text.of("table/", MADE)) == unknown("P is free")
    assert matches(Text.of("table/", REGION), Text.of("table/", MADE)) == NO


def test_names_and_others_are_told_apart() -> None:
    """Two unknowns with one key differ in what they may hold: what is said of one is not said of the other."""
    free, name = Unknown("N", "N is known later"), Unknown("N", "N is known later", atomic=True)
    later = unknown("N is known later")
    assert [matches(Text.of("table/", one), Text.of("table/", MADE)) for one in (free, name)] == [later, NO]
    assert [matches(Text.of("a/*"), Text.of(one)) for one in (free, name)] == [later, NO]


def test_as_many_wildcards_as_are_resolved() -> None:
    """A pattern of 100 stars is resolved, and none of more."""
    many = unknown("a pattern with more than 100 wildcards is not resolved")
    assert matches(Text.of("*a" * 100), Text.of("a" * 100)) == YES
    assert matches(Text.of("*a" * 101), Text.of("a" * 101)) == many
    assert matches(Text.of("*a" * 50, P, "*a" * 50), Text.of("b")) != many
    assert matches(Text.of("*a" * 50, P, "*a" * 51), Text.of("b")) == many


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (Text.of("*a" * 1023 + "*b"), Text.of("a" * 2048)),
        (Text.of("*" * 2047 + "b"), Text.of("a" * 2048)),
        (Text.of("*?" * 1023 + "*b"), Text.of("a" * 2048)),
        (Text.of("*ab" * 682 + "*b"), Text.of("a" * 2048)),
    ],
)
def test_no_catastrophic_pattern(pattern: Text, text: Text) -> None:
    """Patterns that make a backtracking matcher run for years are answered at once."""
    assert matches(pattern, text) in {NO, unknown("a pattern with more than 100 wildcards is not resolved")}


def test_long_unknown_patterns_are_not_compared() -> None:
    """A pattern and a name of 20,000 pairs of characters are compared; beyond that nothing is known."""
    assert matches(Text.of("*a" * 90, P), Text.of("a" * 90, P)) == YES
    too_long = unknown("a pattern and a name this long are not compared")
    assert matches(Text.of("*", "a" * 198, P), Text.of("b" * 99, Q)) != too_long
    assert matches(Text.of("*", "a" * 175, P), Text.of("b" * 112, Q)) == too_long
    assert matches(Text.of("*"), Text.of("a" * 20_001, P)) == YES
    assert matches(Text.of("*ab"), Text.of("a" * 20_001, "b")) == YES
    assert matches(Text.of("a" * 200, "*", P), Text.of("a" * 200, P)) == YES
    assert matches(Text.of("*", P, "a" * 2048), Text.of("b" * 2048, Q)) == too_long
