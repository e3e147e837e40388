"""A parameter's AllowedPattern: a Java regular expression that all of a value must match.

Whoever writes a template writes the pattern, so no engine that backtracks reads it: RE2 takes time linear in the
value. It is asked only where both languages mean the same, which they do of printable ASCII without back references,
octal escapes, classes within classes, and classes of Unicode. Sources: AWS CloudFormation User Guide, "Parameters
section", on AllowedPattern; the class Pattern of the Java platform's API; RE2's wiki, "Syntax".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]  # the binding has no type hints

from policies.values import NO, YES, Truth, unknown

_MAX_PATTERN = 1_000
"""The most characters of a pattern that is read; AWS documents no limit, and patterns of parameters are far shorter."""

_MAX_VALUE = 4_096
"""The most characters of a value: CloudFormation's quota for a parameter's value, 4,096 bytes."""

_MAX_TIMES = 1_000
"""The most repetitions that `members` reads, which are those that RE2 reads too."""

_MAX_DEPTH = 20
"""How many groups within each other `members` reads."""

_MAX_MEMORY = 1 << 20
"""The bytes that RE2 may spend on a pattern; they bound the repetitions within repetitions that it accepts."""

_LONGEST_BOUND = 10
"""The most bytes of a bound between which the values of a pattern are."""

_PRINTABLE = re.compile(r"[ -~]*")
_ESCAPE = r"\\(?!x\{)[^0-9EQpP]"
_SAME_IN_JAVA = re.compile(rf"(?:[^\\\[]|{_ESCAPE}|\[\^?+(?:[^\\\[\]&]|{_ESCAPE}|&(?!&))++\])++")
"""A pattern without what RE2 reads otherwise than Java: `\\1`, `\\012`, `\\Q`, `\\pL`, `[a[b]]`, `[]a]`, `[a&&b]`.

An empty pattern is left out too: nothing says whether CloudFormation takes it for one.
"""

_NESTED_CLASS = re.compile(r"\[[^\]\[&]*+[\[&]")
"""A class that Java reads otherwise than RE2, so that it may close elsewhere."""

_BROKEN = ("missing )", "missing ]", "unexpected )", "no argument for repetition operator")
"""How RE2 begins to say what is wrong with a pattern that Java's does not take either."""

_IGNORING_CASE = "(?i)"

_BEGINNING, _END = "\x02", "\x03"
"""What stands in a word for `^` and `$`; a word consists of printable characters else."""

_ANCHORED = re.compile(r"\x02*+(?P<value>[ -~]*+)\x03*+|[\x02\x03]*+")
"""A word with nothing before its `^` and nothing after its `$`."""

_TOKEN = re.compile(
    r"(?P<group>\((?:\?:)?)|(?P<close>\))|(?P<either>\|)|(?P<anchor>[\^$])"
    r"|\[(?P<class>(?:[^\\\[\]^]|\\[^\w\s])(?:[^\\\[\]]|\\[^\w\s])*+)\]"
    r"|\{(?P<least>[0-9]{1,4})(?P<range>,(?P<most>[0-9]{1,4}))?\}|(?P<optional>\?)"
    r"|\\(?P<escaped>[^\w\s])|(?P<plain>[^\\\[\](){}|^$?*+.])"
)
_CLASS_ITEM = re.compile(r"\\?(?P<first>.)(?:-\\?(?P<last>.))?")

_kept = lru_cache(maxsize=1024)


@lru_cache(maxsize=8192)
def admits(pattern: str, value: str) -> Truth:
    """Tell whether a deployment may give a parameter the value; unknown for what is not read for certain."""
    not_read = unknown("whether a value is allowed hangs on an AllowedPattern that is not understood")
    if (
        len(pattern) > _MAX_PATTERN
        or len(value) > _MAX_VALUE
        or not all(_PRINTABLE.fullmatch(text) for text in (pattern, value))
    ):
        return not_read
    if not _SAME_IN_JAVA.fullmatch(pattern):
        return not_read
    try:
        return YES if _compiled(pattern).fullmatch(value) else NO
    except re2.error:
        return not_read


def is_broken(pattern: str) -> bool:
    """Tell whether a pattern is none for certain: of its brackets one is not closed or not opened, or it begins so."""
    if len(pattern) > _MAX_PATTERN or not _PRINTABLE.fullmatch(pattern) or _NESTED_CLASS.search(pattern):
        return False
    try:
        _compiled(pattern)
    except re2.error as error:
        return bool(error.args[0].decode().startswith(_BROKEN))
    return False


@_kept
def meet(patterns: frozenset[str]) -> Truth:
    """Tell whether one value matches all patterns, as far as the first and last of their values in order tell."""
    if len(patterns) <= 1:
        return YES
    doubt = unknown("whether two parameters may have the same value hangs on their AllowedPatterns")
    if any(admits(pattern, "").value is None for pattern in patterns):
        return doubt
    spans = list(map(_span, patterns))
    if max(first for first, _ in spans) > min(last for _, last in spans):
        return NO
    words = [first.decode(errors="replace") for first, _ in spans]
    return YES if any(all(admits(pattern, word).value for pattern in patterns) for word in words) else doubt


def _span(pattern: str) -> tuple[bytes, bytes]:
    """Return bounds, as short as RE2 makes them, between which all that a pattern matches is."""
    try:
        first, last = _compiled(f"^(?:{pattern})$").possiblematchrange(_LONGEST_BOUND)
    except re2.error:
        return b"", b"\xff"
    return first, last or b"\xff"


@_kept
def _compiled(pattern: str) -> Any:
    """Return a pattern as RE2 reads it. Raises `re2.error` where it does not."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    return re2.compile(pattern, options)


@_kept
def members(pattern: str, most: int = 64) -> tuple[str, ...] | None:
    """Return all the values that a pattern admits, in its order.

    None where there are none, infinitely many or more than `most`, or where the pattern holds anything but characters,
    plain classes, groups, alternatives, anchors, and repetitions with a bound, or `(?i)` before it all.
    """
    if not pattern or len(pattern) > _MAX_PATTERN or not _PRINTABLE.fullmatch(pattern):
        return None
    try:
        words = _Reader(pattern.removeprefix(_IGNORING_CASE), most, pattern.startswith(_IGNORING_CASE)).read()
    except _NotListedError:
        return None
    anchored = filter(None, map(_ANCHORED.fullmatch, words))
    return tuple(dict.fromkeys(word.group("value") or "" for word in anchored)) or None


class _NotListedError(Exception):
    """The words of a pattern cannot be listed within the bounds."""


@dataclass
class _Reader:
    """Reads a pattern from `position` on; a language is the list of its words, in every case where it ignores case."""

    pattern: str
    most: int
    ignores_case: bool
    position: int = 0
    depth: int = 0

    def read(self) -> list[str]:
        """Return the words of the whole pattern."""
        words = self._alternatives()
        if self.position < len(self.pattern):
            raise _NotListedError
        return words

    def _alternatives(self) -> list[str]:
        words = self._sequence()
        while self.pattern.startswith("|", self.position):
            self.position += 1
            words = self._bounded([*words, *self._sequence()])
        return words

    def _sequence(self) -> list[str]:
        words = [""]
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            words = self._followed(words, self._repeated(self._atom()))
        return words

    def _atom(self) -> list[str]:
        token = self._token()
        match token.lastgroup, token.group():
            case "group", _:
                return self._group()
            case "class", _:
                return self._in_cases(self._class(token.group("class")))
            case "anchor", "^":
                return [_BEGINNING]
            case "anchor", _:
                return [_END]
            case ("escaped" | "plain") as kind, _:
                return self._in_cases([token.group(kind)])
        raise _NotListedError

    def _in_cases(self, characters: list[str]) -> list[str]:
        if not self.ignores_case:
            return characters
        return self._bounded([cased for one in characters for cased in (one.lower(), one.upper())])

    def _group(self) -> list[str]:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _NotListedError
        words = self._alternatives()
        self._token()
        self.depth -= 1
        return words

    def _class(self, inside: str) -> list[str]:
        if "&&" in inside:
            raise _NotListedError
        words: list[str] = []
        for item in _CLASS_ITEM.finditer(inside):
            first, last = item.group("first"), item.group("last") or item.group("first")
            if first > last:
                raise _NotListedError
            words = self._bounded([*words, *map(chr, range(ord(first), ord(last) + 1))])
        return words

    def _repeated(self, words: list[str]) -> list[str]:
        least, most = self._repetition()
        result, power = ([""] if least == 0 else []), [""]
        for times in range(1, most + 1):
            power = self._followed(power, words)
            if times >= least:
                result = self._bounded([*result, *power])
        return result

    def _repetition(self) -> tuple[int, int]:
        """Return how often the last atom stands here; a second repetition after it is read as an atom, and none."""
        token = _TOKEN.match(self.pattern, self.position)
        if token is None or (token.group("optional") or token.group("least")) is None:
            return 1, 1
        self.position = token.end()
        if token.group("optional"):
            return 0, 1
        least = int(token.group("least"))
        most = int(token.group("most")) if token.group("range") else least
        if not least <= most <= _MAX_TIMES:
            raise _NotListedError
        return least, most

    def _token(self) -> re.Match[str]:
        token = _TOKEN.match(self.pattern, self.position)
        if token is None:
            raise _NotListedError
        self.position = token.end()
        return token

    def _followed(self, words: list[str], by: list[str]) -> list[str]:
        """Return every word followed by every other."""
        longest = max(map(len, words)) + max(map(len, by))
        if len(words) * len(by) > self.most or longest > _MAX_VALUE:
            raise _NotListedError
        return [word + end for word in words for end in by]

    def _bounded(self, words: list[str]) -> list[str]:
        distinct = list(dict.fromkeys(words))
        if len(distinct) > self.most:
            raise _NotListedError
        return distinct
