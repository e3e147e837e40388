"""A parameter's AllowedPattern: which values it admits, which those are, whether two have one, and what is not read."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policies.patterns import admits, is_broken, meet, members
from policies.values import NO, YES, Truth, unknown

NOT_READ = unknown("whether a value is allowed hangs on an AllowedPattern that is not understood")
DOUBT = unknown("whether two parameters may have the same value hangs on their AllowedPatterns")


@pytest.mark.parametrize(
    ("pattern", "value", "answer"),
    [
        ("prod", "prod", YES),
        ("prod", "production", NO),
        ("^(dev|prod)$", "dev", YES),
        ("^(dev|prod)$", "devprod", NO),
        ("dev|prod", "devprod", NO),
        ("[a-z]+-[0-9]{1,3}", "orders-12", YES),
        ("[a-z]+-[0-9]{1,3}", "orders-1234", NO),
        (r"[\w.-]*", "", YES),
        (r"\d+\.\d+", "1.5", YES),
        (r"\d+\.\d+", "1x5", NO),
        (r"[^\]\[]", "[", NO),
        (r"[^\]\[]", "a", YES),
        ("(?i)PROD", "prod", YES),
        ("(?:a|b)+?", "abab", YES),
        (r"arn:[^:]+:s3:::[\x21-\x7e]+", "arn:aws:s3:::bucket", YES),
        (r"\bx\b", "x", YES),
        ("a]", "a]", YES),
        ("[a&b]", "&", YES),
        ("^^a$$", "a", YES),
        ("a$b", "a", NO),
        # What RE2 cannot parse
        ("(?!prod).*", "dev", NOT_READ),
        ("(?<=a)b", "b", NOT_READ),
        (r"(a)\1", "aa", NOT_READ),
        ("a++", "aa", NOT_READ),
        ("a{2}+", "aa", NOT_READ),
        ("(?>a)", "a", NOT_READ),
        (r"\p{Alpha}", "a", NOT_READ),
        (r"a\Z", "a", NOT_READ),
        ("a{1,2000}", "a", NOT_READ),
        ("(", "", NOT_READ),
        ("*", "", NOT_READ),
        # What it would read otherwise than Java
        ("", "", NOT_READ),
        ("[a-z&&[^b]]", "a", NOT_READ),
        ("[a&&b]", "a", NOT_READ),
        ("[a[bc]]", "a", NOT_READ),
        ("[[:alpha:]]", "a", NOT_READ),
        ("[]a]", "a", NOT_READ),
        ("[^]a]", "b", NOT_READ),
        (r"\012", "a", NOT_READ),
        (r"(a)(b)\12", "ab", NOT_READ),
        (r"\Q[\E", "[", NOT_READ),
        (r"\Qa\E", "a", NOT_READ),
        (r"\PN", "a", NOT_READ),
        (r"[\Q^\E]", "^", NOT_READ),
        (r"\pL", "a", NOT_READ),
        (r"(?i)\x{17f}", "s", NOT_READ),
        ("é", "é", NOT_READ),
        (".*", "a\n", NOT_READ),
        (".*", "é", NOT_READ),
    ],
)
def test_admits(pattern: str, value: str, answer: Truth) -> None:
    """A pattern admits a value that it matches as a whole; where Java may see it otherwise, nobody knows."""
    assert admits(pattern, value) == answer


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("prod", ("prod",)),
        ("^(dev|prod)$", ("dev", "prod")),
        ("true|false", ("true", "false")),
        ("eu-(west|central)-[12]", ("eu-west-1", "eu-west-2", "eu-central-1", "eu-central-2")),
        ("(^a$|^b$)", ("a", "b")),
        ("^$|^x$", ("", "x")),
        ("^(?:a|b)?$", ("", "a", "b")),
        ("(a|b){2}", ("aa", "ab", "ba", "bb")),
        ("a{2,3}", ("aa", "aaa")),
        ("x{0}", ("",)),
        ("(){9}", ("",)),
        ("((a|b)|c)|a", ("a", "b", "c")),
        (r"v1\.[0-2]", ("v1.0", "v1.1", "v1.2")),
        (r"[a\]\-c]", ("a", "]", "-", "c")),
        ("[+--]", ("+", ",", "-")),
        ("[a-c-]", ("a", "b", "c", "-")),
        ("^^a$$", ("a",)),
        ("(?i)no|[1y]", ("no", "nO", "No", "NO", "1", "y", "Y")),
        ("|a", ("", "a")),
        ("a|b|c", ("a", "b", "c")),
        ("X", ("X",)),
        ("$^", ("",)),
        ("(a|b){6}", tuple(map("".join, itertools.product("ab", repeat=6)))),
        ("a$|b^|^c", ("a", "c")),
        ("a{0,63}", tuple("a" * n for n in range(64))),
        # None, too many, or endlessly many
        ("a$b", None),
        ("a{0,64}", None),
        ("[a-z]{2}", None),
        ("a*", None),
        ("a+", None),
        ("a{2,}", None),
        # What is not read
        ("", None),
        ("a.", None),
        ("[^a]", None),
        (r"\d", None),
        (r"[\d]", None),
        ("(?i:a)", None),
        ("(?=a)a", None),
        ("a??", None),
        ("a{2}{3}", None),
        ("a{2}+", None),
        ("a{2,1}", None),
        ("a{,3}", None),
        ("a{1001}", None),
        ("[z-a]", None),
        ("[a&&b]", None),
        ("[]", None),
        ("]", None),
        ("{", None),
        ("(a", None),
        ("a)", None),
        ("?", None),
        ("é", None),
        ("\n", None),
    ],
)
def test_members(pattern: str, values: tuple[str, ...] | None) -> None:
    """The values of a simple pattern are listed in its order."""
    assert members(pattern) == values


@pytest.mark.parametrize("pattern", ["(", "a)", "[a", "[]a", "*a", "a|*", "(?:a", "(" + "a" * 999])
def test_broken(pattern: str) -> None:
    """A pattern whose brackets or repetitions stand alone is none."""
    assert is_broken(pattern) is True


@pytest.mark.parametrize(
    "pattern", ["", "a", "(?=a)", "a++", "a{2000}", "[[a](])", "([a&&[b](])", r"\Q(\E", "é(", "(" + "a" * 1000]
)
def test_not_broken_for_certain(pattern: str) -> None:
    """What Java may read is not called broken, nor what is not read here."""
    assert is_broken(pattern) is False


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """A pattern that cannot be read is nothing that RE2 itself writes of."""
    assert (is_broken("(never read before"), admits("(nor this", "x")) == (True, NOT_READ)
    assert capfd.readouterr() == ("", "")


def test_as_much_as_is_kept() -> None:
    """What was found is kept for so many patterns: memory has a bound, however many templates have."""
    assert [found.cache_parameters()["maxsize"] for found in (admits, meet, members)] == [8192, 1024, 1024]


@pytest.mark.parametrize(
    ("patterns", "answer"),
    [
        ([], YES),
        (["(?=a)a"], YES),
        (["a", "a|b"], YES),
        (["a", "b"], NO),
        (["[a-c]", "[d-f]", "[a-f]"], NO),
        (["[a-z]+x", "[a-z]+y"], DOUBT),
        (["(?=a)a", "b"], DOUBT),
        ([r"\Qb\E", "a"], DOUBT),
        # What has no first value, or no last
        ([".*", "A"], YES),
        ([".*", "Y"], YES),
        ([".*", "b"], YES),
        ([r"\C*", "A"], YES),
        ([r"\C*", "Y"], YES),
        ([r"\C*", "b"], YES),
        (["x{0}", "b"], DOUBT),
        # Of long values their beginnings are compared
        (["a{8}b", "a{8}c"], NO),
        (["a{9}b", "a{9}c"], DOUBT),
        # The first value may end within a character
        ([r"a{9}[^\x00-\x7f]", r"a{9}[^\x00-\x7e]+"], DOUBT),
    ],
)
def test_meet(patterns: list[str], answer: Truth) -> None:
    """Patterns have a value in common where the first of one is in all, none where one ends before another begins."""
    assert meet(frozenset(patterns)) == answer


def test_most() -> None:
    """How many values may be listed can be said."""
    assert members("[a-c]", 3) == ("a", "b", "c")
    assert members("[a-c]", 2) is None


_ATOMS = st.sampled_from(["a", "b", "-", r"\.", "[ab]", "[a-c]", "^", "$"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("(?:{})".format, inner),
        st.builds("({}){}".format, inner, st.sampled_from(["?", "{2}", "{0,2}", "{1,2}", "*"])),
        st.builds("{}|{}".format, inner, inner),
    ),
    max_leaves=6,
)


@given(_PATTERNS, st.text("ab-.c", max_size=6))
@example("(^|a)b", "b")
@example("($|a)b?", "")
def test_members_are_what_is_admitted(pattern: str, value: str) -> None:
    """Each value that is listed is admitted, and a value that is admitted is listed."""
    values = members(pattern)
    if values is not None:
        assert {admits(pattern, member) for member in values} == {YES}
        assert admits(pattern, value) == (YES if value in values else NO)


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=30), st.text(max_size=10))
@example("[" * 999, "")
@example("(" * 999, "")
def test_any_pattern(pattern: str, value: str) -> None:
    """No pattern is too strange to be answered, and what is listed is admitted or not read."""
    assert admits(pattern, value) in {YES, NO, NOT_READ}
    assert {admits(pattern, member) for member in members(pattern) or ()} <= {YES, NOT_READ}


@pytest.mark.parametrize(
    ("pattern", "value", "answer"),
    [
        ("(x+x+)+y", "x" * 4096, NO),
        ("(a|aa)+$", "a" * 4095 + "b", NO),
        ("(.*a){1,30}x", "a" * 4096, NO),
        ("(a?){1000}", "a" * 4096, NO),
        ("(((a{1,30}){1,30}){1,30})*", "a", NOT_READ),
        ("(?:" + "a" * 90 + "){1000}", "a", NOT_READ),
        ("(?:" + "a" * 80 + "){1000}", "a", NO),
        ("a" * 1000, "a" * 1000, YES),
        ("a" * 1001, "a", NOT_READ),
        (".*", "a" * 4096, YES),
        (".*", "a" * 4097, NOT_READ),
    ],
)
def test_a_hostile_pattern_ends(pattern: str, value: str, answer: Truth) -> None:
    """What would keep an engine busy that backtracks is answered, and what is too large is not read."""
    assert admits(pattern, value) == answer


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("a{1000}" * 4, ("a" * 4000,)),
        ("a{1000}" * 4 + "a{96}", ("a" * 4096,)),
        ("a{1000}" * 4 + "a{97}", None),
        ("(" * 500, None),
        ("(" * 21 + "a" + ")" * 21, None),
        ("(" * 20 + "a" + ")" * 20, ("a",)),
        ("(a)" + "(" * 20 + "a" + ")" * 20, ("aa",)),
        ("(a)" + "(" * 21 + "a" + ")" * 21, None),
        ("(){0,1000}" * 90, ("",)),
        ("((((a{9}){9}){9}){9}){9}", None),
        ("(a|b)" * 7, None),
        ("(a|b)" * 200, None),
        ("|".join(f"a{n}" for n in range(64)), tuple(f"a{n}" for n in range(64))),
        ("|".join(f"a{n}" for n in range(65)), None),
        ("(|a)" * 250, None),
        ("a" * 1000, ("a" * 1000,)),
        ("a" * 1001, None),
    ],
)
def test_the_list_of_a_hostile_pattern_ends(pattern: str, values: tuple[str, ...] | None) -> None:
    """A pattern whose values are too many or too long is not listed, however short it is."""
    assert members(pattern) == values
