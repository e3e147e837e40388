"""The headings of an OpenSpec text and what stands under each, read so that nothing is hidden from anyone.

OpenSpec knows code fences but no comments, and takes as a heading only what begins a line; a person who sees
the rendered text knows comments, indented headings and more. Where the two would see different requirements
or scenarios there is a problem: a pair of line, from 1, and message.
"""

import re
import unicodedata
from dataclasses import dataclass, field

MAX_QUOTED_LENGTH = 60
"""The most characters of a text that a message quotes."""

_UNSEEN_CATEGORIES = {
    "Cc",
    "Cf",
    "Cs",
    "Zl",
    "Zp",
}  # control, format (bidi, zero width), surrogate, separators
_FENCE = re.compile(r"\s*+(`{3,}+|~{3,}+)(?!.*`)")
_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_HEADING_LIKE = re.compile(r"\s*##|#\s")
_ITEM = re.compile(r"(?:###[ \t]+Requirement|####[ \t]+Scenario):", re.IGNORECASE)
_ITEM_LIKE = re.compile(r"[\W_]*(requirement|scenario)[\W_]*?:(.*)", re.IGNORECASE)
_ITEM_FORMS = {"requirement": "### Requirement: name", "scenario": "#### Scenario: name"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a person sees; `number` counts from 1, `fenced` is whether it belongs to a code fence."""

    number: int
    text: str
    fenced: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and the lines under it up to the next one.

    `kind` is title, section, requirement, scenario, heading for any other, start for what stands above all.
    """

    kind: str
    name: str
    line: int
    body: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The body without blank lines, but for those of code fences, and without trailing spaces."""
        return "\n".join(line.text.rstrip() for line in self.body if line.fenced or line.text.strip())

    @property
    def prose(self) -> list[str]:
        """The lines of the body outside code fences, without blank ones and outer spaces."""
        return [line.text.strip() for line in self.body if not line.fenced and line.text.strip()]


def quoted(text: str) -> str:
    """Return a text for a message: in backticks, shortened, look-alikes of ASCII told apart by escapes."""
    text = text.strip().encode("ascii", "backslashreplace").decode()
    return f"`{text}`" if len(text) <= MAX_QUOTED_LENGTH else f"`{text[:MAX_QUOTED_LENGTH]}…`"


def read_outline(text: str) -> tuple[list[Block], list[tuple[int, str]]]:
    """Return the blocks of a text, the first being its start, and its problems.

    There are no blocks where something hides part of the text: it would only be reported as missing.
    """
    problems: list[tuple[int, str]] = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _check_characters(text, problems)
    lines = _visible(text, problems)
    if problems:
        return [], problems
    return _blocks(lines, problems), problems


def _check_characters(text: str, problems: list[tuple[int, str]]) -> None:
    for char in sorted(set(text) - {"\n", "\t"}):
        if unicodedata.category(char) in _UNSEEN_CATEGORIES:
            line = text[: text.index(char)].count("\n") + 1
            problems.append((line, f"U+{ord(char):04X} is invisible or reorders text: remove it"))


def _visible(text: str, problems: list[tuple[int, str]]) -> list[Line]:
    """Return the lines that belong to no comment."""
    visible = []
    fence: tuple[int, str] | None = None  # its line, and the mark that closes it
    comment: int | None = None  # its line
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if fence is not None:
            visible.append(Line(number, line, fenced=True))
            if set(stripped) == set(fence[1]) and len(stripped) >= len(fence[1]):
                fence = None
        elif comment is not None or stripped.startswith("<!--"):
            comment = number if comment is None else comment
            problems.extend((number, message) for message in _hidden_from_people(stripped))
            # `<!-->` is a whole comment: its end may begin within its beginning.
            _, end, after = stripped.partition("-->")
            if end:
                comment = None
            if after:
                problems.append((number, "text after a comment: put the comment on lines of its own"))
        elif opening := _FENCE.match(line):
            visible.append(Line(number, line, fenced=True))
            fence = number, opening[1]
        else:
            visible.append(Line(number, line, fenced=False))
            if any(mark in line for mark in ("```", "~~~", "<!--")):
                problems.append((number, "a code fence or comment inside a line: put it on lines of its own"))
    unclosed = [("code fence", *fence)] if fence is not None else []
    unclosed += [("comment", comment, "-->")] if comment is not None else []
    for kind, number, mark in unclosed:
        problems.append((number, f"a {kind} never closed hides the rest of the file: close it with {mark}"))
    return visible


def _hidden_from_people(line: str) -> list[str]:
    """Return the problems of a line in a comment, which OpenSpec reads as any other."""
    messages = []
    if _ITEM_LIKE.match(line) or _HEADING_LIKE.match(line):
        messages.append(f"{quoted(line)} in a comment is a heading to OpenSpec: remove it")
    if "```" in line or "~~~" in line:
        messages.append("a code fence in a comment is one to OpenSpec: remove it")
    return messages


def _blocks(lines: list[Line], problems: list[tuple[int, str]]) -> list[Block]:
    blocks = [Block("start", "", 1)]
    for line in lines:
        if line.fenced:
            blocks[-1].body.append(line)
        elif item := _ITEM_LIKE.match(line.text):
            kind = item[1].lower()
            if not _ITEM.match(line.text):
                problems.append((line.number, f"{quoted(line.text)} is no {kind}: write `{_ITEM_FORMS[kind]}`"))
            # As in OpenSpec, `#` at the end of a heading are not part of the name.
            blocks.append(Block(kind, re.sub(" #+$", "", " ".join(item[2].split())), line.number))
        elif heading := _HEADING.fullmatch(line.text):
            kind = {1: "title", 2: "section"}.get(len(heading[1]), "heading")
            blocks.append(Block(kind, heading[2].strip(), line.number))
        else:
            blocks[-1].body.append(line)
            if _HEADING_LIKE.match(line.text):
                message = "is a heading to some readers only: write one to six `#`, a space, the name"
                problems.append((line.number, f"{quoted(line.text)} {message}"))
    return blocks
