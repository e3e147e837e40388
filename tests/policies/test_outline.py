"""The outline of a text: its blocks and lines, and what would hide some of them from somebody."""

import pytest

from policies.outline import Block, Line, quoted, read_outline


def lines(*stated: tuple[int, str, bool]) -> list[Line]:
    """Return lines by number and text, with whether they are fenced."""
    return [Line(number, text, fenced) for number, text, fenced in stated]


def test_blocks() -> None:
    """What stands above all headings is the start; a fence hides headings, a comment is in no block."""
    text = "above\n\n# Title\n<!-- left out -->\n\tindented\n~~~~\n## none\n~~~\n~~~~\nbelow\n## Purpose\n### Other"
    assert read_outline(text) == (
        [
            Block("start", "", 1, lines((1, "above", False), (2, "", False))),
            Block(
                "title",
                "Title",
                3,
                lines(
                    *((5, "\tindented", False), (6, "~~~~", True), (7, "## none", True)),
                    *((8, "~~~", True), (9, "~~~~", True), (10, "below", False)),
                ),
            ),
            Block("section", "Purpose", 11),
            Block("heading", "Other", 12),
        ],
        [],
    )


def test_nothing() -> None:
    """An empty text has nothing but its start, an empty line."""
    assert read_outline("") == ([Block("start", "", 1, lines((1, "", False)))], [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\na\u200bb\n\u200b", (2, "U+200B is invisible or reorders text: remove it")),
        ("\x07", (1, "U+0007 is invisible or reorders text: remove it")),
        ("\ud800", (1, "U+D800 is invisible or reorders text: remove it")),
        ("a\n\u2028", (2, "U+2028 is invisible or reorders text: remove it")),
        ("a\n\u2029", (2, "U+2029 is invisible or reorders text: remove it")),
        ("a\n<!--\n~~~\n-->", (3, "a code fence in a comment is one to OpenSpec: remove it")),
        ("a\n<!--\n```\n-->", (3, "a code fence in a comment is one to OpenSpec: remove it")),
        ("<!--> b", (1, "text after a comment: put the comment on lines of its own")),
        *(
            (f"a {mark} b", (1, "a code fence or comment inside a line: put it on lines of its own"))
            for mark in ("```", "~~~", "<!--")
        ),
        ("a\n<!-- b\nc", (2, "a comment never closed hides the rest of the file: close it with -->")),
        ("a\n````\n```", (2, "a code fence never closed hides the rest of the file: close it with ````")),
        ("a\n~~~\n```", (2, "a code fence never closed hides the rest of the file: close it with ~~~")),
    ],
)
def test_what_would_hide(text: str, problem: tuple[int, str]) -> None:
    """What somebody would not see, or see otherwise than others, is told with its line; there are no blocks then."""
    assert read_outline(text) == ([], [problem])


def test_quoted() -> None:
    """A text is shortened behind sixty characters, and what looks like ASCII is told from it."""
    assert quoted(" " + "x" * 60 + " ") == f"`{'x' * 60}`"
    assert quoted("x" * 61) == f"`{'x' * 60}…`"
    assert quoted("\u0430b") == "`\\u0430b`"
