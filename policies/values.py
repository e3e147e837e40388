"""Values that a template alone may not know, and a logic that cannot forget it.

A text is literal parts and unknown ones in a row; what is asked of it is answered yes, no or unknown. An unknown
answer cannot be used as a bool: asking it to be one raises `UndeterminedError`, so that no rule turns what nobody
knows into a verdict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache
from itertools import groupby

from policies.errors import UndeterminedError

_MAX_STARS = 100
"""How many wildcards a pattern may have; IAM's own limit is an ARN of 2,048 characters."""

_SEPARATORS = frozenset(":/")
_WILDCARDS = frozenset("*?")

_MAX_STEPS = 20_000
"""How many pairs of characters are compared where a pattern meets a text of which parts are unknown."""


class Missing:
    """The value of what is not there, `AWS::NoValue` among it."""


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Truth:
    """Yes, no, or unknown because of something; Kleene's logic by `|`, `&` and `~`."""

    value: bool | None
    because: str = ""

    def __bool__(self) -> bool:
        """Return the answer, or raise `UndeterminedError` where there is none."""
        if self.value is None:
            raise UndeterminedError(self.because)
        return self.value

    def __or__(self, other: Truth) -> Truth:
        return any_of((self, other))

    def __and__(self, other: Truth) -> Truth:
        return ~any_of((~self, ~other))

    def __invert__(self) -> Truth:
        return self if self.value is None else Truth(not self.value)


YES = Truth(value=True)
NO = Truth(value=False)


def unknown(because: str) -> Truth:
    """Return the answer that nobody can give, with the reason why."""
    return Truth(None, because)


def any_of(answers: Iterable[Truth]) -> Truth:
    """Return yes where one answer is yes, no where all are no, else the first unknown."""
    result = NO
    for answer in answers:
        if answer.value:
            return YES
        if answer.value is None and result.value is False:
            result = answer
    return result


def all_of(answers: Iterable[Truth]) -> Truth:
    """Return no where one answer is no, yes where all are yes, else the first unknown."""
    return ~any_of(~answer for answer in answers)


class Origin(Enum):
    """Where an unknown part of a text will come from, as far as it decides what the part may equal."""

    EXTERNAL = auto()
    """Known before the deployment: a parameter, a pseudo parameter, an import."""
    GENERATED = auto()
    """Made by this deployment: the physical name of a resource, equal to nothing but itself."""
    COMPUTED = auto()
    """Computed by this deployment: anything."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the template does not tell; two with the same key are the same value.

    `atomic`: it is a name, or part of one, with neither a colon, a slash nor a wildcard in it. `lacks` is a string that
    it does not hold, where there is one.
    """

    key: str
    reason: str
    origin: Origin = Origin.EXTERNAL
    atomic: bool = field(default=False, compare=False)
    lacks: str = field(default="", compare=False)

    @property
    def is_new_name(self) -> bool:
        """Whether it is a whole name that this deployment makes, which is never empty."""
        return self.atomic and self.origin is Origin.GENERATED


def origin_of(parts: Iterable[Unknown]) -> Origin:
    """Return the origin of what is computed from these: nothing external holds a name that this deployment makes."""
    external = all(part.origin is Origin.EXTERNAL for part in parts)
    return Origin.EXTERNAL if external else Origin.COMPUTED


@dataclass(frozen=True, slots=True)
class Text:
    """A string of literal and unknown parts, no two literals adjacent and none empty."""

    parts: tuple[str | Unknown, ...]

    @staticmethod
    def of(*pieces: str | Unknown | Text) -> Text:
        """Join pieces into one text."""
        flat = (part for piece in pieces for part in (piece.parts if isinstance(piece, Text) else (piece,)))
        parts: list[str | Unknown] = []
        for hidden, alike in groupby(flat, key=lambda part: isinstance(part, Unknown)):
            if hidden:
                parts += alike
            elif literal := "".join(map(str, alike)):
                parts.append(literal)
        return Text(tuple(parts))

    @property
    def literal(self) -> str | None:
        """The string, or None where a part is unknown."""
        if not self.parts:
            return ""
        only = self.parts[0]
        return only if len(self.parts) == 1 and isinstance(only, str) else None

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """The parts that are not known."""
        return tuple(part for part in self.parts if isinstance(part, Unknown))

    def split(self, separator: str) -> tuple[Text, ...]:
        """Split at each separator that stands in a literal part."""
        pieces: list[list[str | Unknown]] = [[]]
        for part in self.parts:
            if isinstance(part, Unknown):
                pieces[-1].append(part)
                continue
            first, *rest = part.split(separator)
            pieces[-1].append(first)
            pieces.extend([piece] for piece in rest)
        return tuple(Text.of(*piece) for piece in pieces)

    def rest(self, other: Text) -> tuple[Text, Text]:
        """Return both without the characters and unknown parts with which both begin or end."""
        left, right = _without_common_ends(self.parts, other.parts)
        return Text.of(*left), Text.of(*right)

    def same(self, other: Text) -> Truth:
        """Tell whether both become the same string."""
        if self == other:
            return YES
        if not self.unknowns and not other.unknowns:
            return NO
        left, right = _without_common_ends(self.parts, other.parts)
        pairs = ((left, right), (right, left))
        if any(differ(a, b) for differ in (_only_one_generates, _is_longer, _cannot_spell) for a, b in pairs):
            return NO
        if _literal_ends_differ(left, right):
            return NO
        if all(part.atomic for part in (*left, *right) if isinstance(part, Unknown)) and (
            _separators(left) != _separators(right)
        ):
            return NO
        first = next(part for part in (*left, *right) if isinstance(part, Unknown))
        return unknown(first.reason)


def _without_common_ends(
    left: tuple[str | Unknown, ...], right: tuple[str | Unknown, ...]
) -> tuple[tuple[str | Unknown, ...], tuple[str | Unknown, ...]]:
    """Drop the characters and unknown parts with which both begin or end."""
    a, b = _exploded(left), _exploded(right)
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    a, b = a[start:], b[start:]
    end = 0
    while end < min(len(a), len(b)) and a[-1 - end] == b[-1 - end]:
        end += 1
    return tuple(a[: len(a) - end]), tuple(b[: len(b) - end])


def _exploded(parts: tuple[str | Unknown, ...]) -> list[str | Unknown]:
    """Return the parts with every literal cut into its characters."""
    return [piece for part in parts for piece in (part if isinstance(part, str) else (part,))]


def _only_one_generates(left: tuple[str | Unknown, ...], right: tuple[str | Unknown, ...]) -> bool:
    """Tell whether `left` holds a name made by this deployment that nothing of `right` can carry."""
    generated = [part for part in left if isinstance(part, Unknown) and part.origin is Origin.GENERATED]
    carriers = [part for part in right if isinstance(part, Unknown) and part.origin is Origin.COMPUTED]
    return bool(generated) and not carriers and not any(part in right for part in generated)


def _is_longer(left: tuple[str | Unknown, ...], right: tuple[str | Unknown, ...]) -> bool:
    """Tell whether `left` holds all that is unknown of `right`, and more characters beside."""
    mine, theirs = (Counter(part for part in side if isinstance(part, Unknown)) for side in (left, right))
    return theirs <= mine and len(left) - mine.total() > len(right) - theirs.total()


def _cannot_spell(left: tuple[str | Unknown, ...], right: tuple[str | Unknown, ...]) -> bool:
    """Tell whether `right` is known and what is known of `left` does not stand in it, in this order."""
    spelled = "".join(part for part in right if isinstance(part, str))
    if len(spelled) < len(right):
        return False
    position = 0
    for hidden, alike in groupby(left, key=lambda part: isinstance(part, Unknown)):
        literal = "" if hidden else "".join(map(str, alike))
        position = spelled.find(literal, position) + len(literal)
        if position < len(literal):
            return True
    return len(left) == 1 and isinstance(left[0], Unknown) and left[0].lacks != "" and left[0].lacks in spelled


def _separators(parts: Iterable[str | Unknown]) -> list[str | Unknown]:
    """Return the colons and slashes of exploded parts, which no atomic part holds."""
    return [part for part in parts if part in _SEPARATORS]


def _literal_ends_differ(left: tuple[str | Unknown, ...], right: tuple[str | Unknown, ...]) -> bool:
    """Tell whether what is left of both begins, or ends, with differing characters."""
    if not left or not right:
        return False
    return any(isinstance(a, str) and isinstance(b, str) for a, b in ((left[0], right[0]), (left[-1], right[-1])))


def matches(pattern: Text, text: Text) -> Truth:
    """Tell whether a pattern with IAM's wildcards (`*` any characters, `?` one) covers a text.

    An unknown part of a pattern may itself hold wildcards, but for an atomic one, which is a name.
    """
    return _matches(pattern, text, tuple(part.atomic for part in (*pattern.unknowns, *text.unknowns)))


@lru_cache(maxsize=8192)
def _matches(pattern: Text, text: Text, _atomic: tuple[bool, ...]) -> Truth:
    if pattern.literal == "*":
        return YES
    if not any("*" in part or "?" in part if isinstance(part, str) else not part.atomic for part in pattern.parts):
        return pattern.same(text)
    if sum(part.count("*") for part in pattern.parts if isinstance(part, str)) > _MAX_STARS:
        return unknown(f"a pattern with more than {_MAX_STARS} wildcards is not resolved")
    if pattern.literal is not None and text.literal is not None:
        return YES if _compiled(pattern.literal).fullmatch(text.literal) else NO
    wanted, given = _without_common_beginning(_exploded(pattern.parts), _exploded(text.parts))
    if len(wanted) * len(given) > _MAX_STEPS:
        return unknown("a pattern and a name this long are not compared")
    return NO if _only_one_generates(pattern.parts, text.parts) else _covered(wanted, given)


def _covered(wanted: Sequence[str | Unknown], given: Sequence[str | Unknown]) -> Truth:
    """Tell whether a pattern covers a text, both exploded, from their ends to their beginnings.

    `below[j]` tells whether the rest of the pattern covers `given[j:]`. Of an unknown `given[j]`, `ends[j]` tells
    whether it may be some beginning of that rest, and `wild[j]` whether it may be one with a wildcard in it.
    """
    below = [_rest_empty(given[j:]) for j in range(len(given) + 1)]
    ends = [answer.value is not False for answer in below[1:]]
    wild = [False] * len(given)
    for i in reversed(range(len(wanted))):
        part = wanted[i]
        row = [NO] * len(given) + [_rest_empty([one for one in wanted[i:] if one != "*"])]
        for j in reversed(range(len(given))):
            one, after = given[j], row[j + 1].value is not False
            meets = isinstance(one, Unknown) and not (one.atomic and part in _SEPARATORS)
            later, met = ends[j], ends[j] if part in _WILDCARDS or isinstance(part, Unknown) else wild[j]
            ends[j], wild[j] = after or (meets and later), (meets and met) or (part == "*" and after)
            if part == "*":
                row[j] = any_of((below[j], row[j + 1], _perhaps(one, may=later)))
            elif part == one:
                row[j] = below[j + 1]
            elif isinstance(part, Unknown):
                row[j] = unknown(part.reason)
            elif isinstance(one, Unknown):
                # What this deployment names is nothing that is spelled out, though it may begin or end so.
                row[j] = _perhaps(one, may=wild[j] if one.is_new_name else ends[j])
            elif part == "?":
                row[j] = below[j + 1]
        below = row
    return below[0]


def _perhaps(part: str | Unknown, *, may: bool) -> Truth:
    return unknown(part.reason) if may and isinstance(part, Unknown) else NO


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a pattern with IAM's wildcards; atomic groups keep it from backtracking."""
    first, *middle = (re.escape(piece).replace(r"\?", ".") for piece in pattern.split("*"))
    if not middle:
        return re.compile(first, re.DOTALL)
    *between, last = middle
    return re.compile(f"{first}{''.join(f'(?>.*?{piece})' for piece in between)}.*{last}", re.DOTALL)


def _without_common_beginning(
    wanted: list[str | Unknown], given: list[str | Unknown]
) -> tuple[list[str | Unknown], list[str | Unknown]]:
    """Drop what a pattern and a text begin with alike, up to the first star."""
    start = 0
    while start < min(len(wanted), len(given)) and wanted[start] == given[start] and wanted[start] != "*":
        start += 1
    return wanted[start:], given[start:]


def _rest_empty(rest: Sequence[str | Unknown]) -> Truth:
    """Tell whether what is left can be nothing: unknown parts may be empty, characters and new names cannot."""
    return all_of(NO if isinstance(part, str) or part.is_new_name else unknown(part.reason) for part in rest)
