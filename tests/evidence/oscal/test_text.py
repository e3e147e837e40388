"""Text for OSCAL: whatever it was, it is of the type, and says nothing but itself."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.oscal.text import MAX_LINE, line, markup, token

STRING = re.compile(r"\S(.*\S)?")
TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain", "plain"),
        ("  two\n\tlines\r\n ", "two lines"),
        ("", "-"),
        ("\x1b[31mred\x00\u202e", r"\x1b[31mred\x00\u202e"),
        ("\ud800", r"\ud800"),
        ("x" * (MAX_LINE + 1), "x" * (MAX_LINE - 1) + "\u2026"),
        ("x" * MAX_LINE, "x" * MAX_LINE),
    ],
)
def test_line(text: str, said: str) -> None:
    """A line is one line that is printed as it is, not empty and not long."""
    assert line(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
        ("![x](http://x) [y]: z", r"!\[x\](http://x) \[y\]: z"),
        ("# *a* _b_ `c` ~d~ ^e^ $f$", r"\# \*a\* \_b\_ \`c\` \~d\~ \^e\^ \$f\$"),
        ("{{ insert: param, x }} &lt; a|b \\", r"\{\{ insert: param, x \}\} \&lt; a\|b \\"),
    ],
)
def test_markup(text: str, said: str) -> None:
    """Nothing in a text acts as Markdown, as HTML, or as an insertion of OSCAL's."""
    assert markup(text) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [("storage#table-keys/it-is", "spec.storage.table-keys.it-is"), ("1/a_b#c/d", "spec.1.a_b.c.d")],
)
def test_token(name: str, said: str) -> None:
    """An id becomes a token: it begins with a letter and has nothing that a token may not have."""
    assert token(name) == said


@given(st.text())
def test_any_text(text: str) -> None:
    """Every text becomes a string and a token by the patterns of NIST's schema."""
    assert STRING.fullmatch(line(text))
    assert STRING.fullmatch(markup(text))
    assert TOKEN.fullmatch(token(text))
