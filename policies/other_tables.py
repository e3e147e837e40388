"""Tables from outside a stack: of all that the patterns of a role's statements tell apart, one of each kind.

Whether the role may do anything on such a table is for IAM's logic to say. So what no table here reaches, none does.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from policies.arns import (
    ACCOUNT,
    ANOTHER_ACCOUNT,
    ANOTHER_REGION,
    ARN_SEGMENTS,
    PARTITION,
    REGION,
    RESOURCE,
    SERVICE,
    covers,
    covers_segment,
    is_wild,
    joined,
    reaches_beyond,
    segments,
)
from policies.errors import UndeterminedError
from policies.globs import ANY, PRIVATE, Example, examples, numbers
from policies.identity import partition_of
from policies.regions import REGIONS
from policies.values import Text, Truth, Unknown, matches

_KIND = "table"
_WILDCARD = Text.of("*")
_LENGTH = 12
"""How many digits an account has."""

_LIKE = {
    REGION: re.compile(r"[a-z0-9-]*[*?][a-z0-9*?-]*|[a-z]+-[a-z-]+-[0-9]+"),
    ACCOUNT: re.compile(r"[0-9]*[*?][0-9*?]*|[0-9]{12}"),
}
"""What a region and an account look like, or a pattern of one."""

_REAL_ONES = 2
"""How many regions stand for all in which the same patterns match: where the stack's is not known, it may be one."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What statements say of tables.

    `allowed` are patterns of all that is allowed, whatever narrows it. `patterns` are all that is named or left out,
    and `granted` those of them by which something is granted, not refused; `regions` and `accounts` are what conditions
    compare those with.
    """

    allowed: Sequence[Text]
    patterns: Sequence[Text]
    granted: Sequence[Text]
    regions: Sequence[Text]
    accounts: Sequence[Text]


def other_tables(
    other: Text,
    stated: Stated,
    is_own: Callable[[Text], Truth],
    taken: Sequence[Text],
) -> Iterator[Text]:
    """Return ARNs of tables that something is allowed on, one of each kind that all that is stated tells apart.

    `other` is the ARN of some other table in the stack's region and account, `is_own` tells of an ARN whether it is one
    of the stack's tables, or belongs to one, and `taken` are the regions of these. Raises `UndeterminedError` in the
    end where the patterns could not all be told apart.
    """
    every = dict.fromkeys(stated.patterns)
    own = {pattern for pattern in every if _is_of_own_table(pattern, is_own)}
    telling = [pattern for pattern in every if pattern not in own]
    granted = [pattern for pattern in stated.granted if pattern not in own]
    here = segments(other)
    names = _Names(here[RESOURCE].unknowns[-1])
    # What is only refused somewhere by its name is reached no more than what nobody names.
    accounts, error = _accounts(
        here, [*_each(ACCOUNT, granted), *stated.accounts], [*_each(ACCOUNT, telling), *stated.accounts]
    )
    places = _Places(
        _regions(here, [*_each(REGION, granted), *stated.regions, *filter(is_wild, _each(REGION, telling))], taken),
        accounts,
        _Tables(
            names,
            [one for pattern in telling for one in _resources(pattern) if is_wild(one)],
            [one for pattern in granted for one in _resources(pattern) if _is_table(one) and not is_wild(one)],
        ),
    )
    seen: set[Text] = set()
    for pattern in dict.fromkeys(stated.allowed):
        for place in places.covered(pattern, here) if pattern not in own else ():
            arn = joined([*here[:REGION], *place])
            if arn not in seen:
                seen.add(arn)
                yield arn
    error = error or places.tables.error
    if error is not None:
        raise error


def _is_of_own_table(pattern: Text, is_own: Callable[[Text], Truth]) -> bool:
    """Tell a pattern that names nothing but one of the stack's tables and what belongs to it."""
    wanted = segments(pattern)
    if len(wanted) < ARN_SEGMENTS or any(map(is_wild, wanted[:RESOURCE])):
        return False
    kind, *rest = wanted[RESOURCE].split("/")
    if kind.literal != _KIND or not rest or is_wild(rest[0]):
        return False
    return is_own(pattern).value is True


def _each(i: int, patterns: Iterable[Text]) -> Iterator[Text]:
    """Return what patterns say of a segment; where wildcards may reach beyond theirs, all that may be meant for it."""
    for pattern in patterns:
        pieces = segments(pattern)
        if pieces[0].literal == "arn":
            yield from pieces[i : i + 1]
        if not _is_complete(pieces):
            stated = (piece.literal or "" for piece in pattern.split(":"))
            cut = (piece[begin:end] for piece in stated for begin in _begins(piece) for end in _ends(piece))
            yield from (Text.of(one) for one in cut if _LIKE[i].fullmatch(one))


def _resources(pattern: Text) -> Iterator[Text]:
    """Return what a pattern says of the last segment; where wildcards may reach into that, all that may be meant."""
    pieces = segments(pattern)
    if _is_complete(pieces):
        yield pieces[RESOURCE]
        return
    last = pattern.split(":")[-1]
    yield last
    stated = last.literal or ""
    yield from (Text.of(stated[begin:]) for begin in _begins(stated))


def _is_complete(pieces: Sequence[Text]) -> bool:
    """Tell the segments of an ARN's pattern of which each is about one segment alone."""
    return pieces[0].literal == "arn" and len(pieces) == ARN_SEGMENTS


def _begins(stated: str) -> list[int]:
    """Return where in a pattern a segment may begin: in front, at a `*`, and behind a `?`, which may be a colon."""
    return [0, *(k + (one == "?") for k, one in enumerate(stated) if one in "*?")]


def _ends(stated: str) -> list[int]:
    """Return where in a pattern a segment may end: behind a `*`, in front of a `?`, and at the end."""
    return [*(k + (one == "*") for k, one in enumerate(stated) if one in "*?"), len(stated)]


def _regions(here: Sequence[Text], stated: Sequence[Text], taken: Sequence[Text]) -> list[Text]:
    """Return the stack's region, another, each that is stated, and some for each combination of patterns of regions."""
    globs = list(dict.fromkeys(one for one in stated if is_wild(one) and one != _WILDCARD and not one.unknowns))
    stack = here[PARTITION].literal
    found: dict[tuple[bool, ...], list[Text]] = {}
    for region in REGIONS if globs else ():
        some = Text.of(region)
        if some not in taken and stack in {None, partition_of(region)}:
            found.setdefault(tuple(bool(matches(glob, some).value) for glob in globs), []).append(some)
    real = [some for matched, regions in found.items() if any(matched) for some in regions[:_REAL_ONES]]
    exact = (one for one in stated if not is_wild(one))
    return list(dict.fromkeys([here[REGION], ANOTHER_REGION, *exact, *real]))


def _accounts(
    here: Sequence[Text], granted: Sequence[Text], stated: Sequence[Text]
) -> tuple[list[Text], UndeterminedError | None]:
    """Return the stack's account, each in which something is granted, and others where any is told from others.

    With them comes why not all could be told apart, where that is so.
    """
    exact = (one for one in granted if not is_wild(one))
    globs = dict.fromkeys(one for one in (*granted, *stated) if is_wild(one) and one != _WILDCARD and not one.unknowns)
    wanted = {i for i, one in enumerate(globs) if one in granted}
    real: list[Text] = []
    error = None
    try:
        told = numbers([str(one.literal) for one in globs], _LENGTH) if wanted else ()
        real.extend(Text.of(account) for account, matched in told if wanted & matched)
    except UndeterminedError as raised:
        error = raised
    another = () if all(one == _WILDCARD for one in stated) else (ANOTHER_ACCOUNT,)
    return list(dict.fromkeys([here[ACCOUNT], *exact, *real, *another])), error


@dataclass
class _Names:
    """Writes texts as strings, in which a character of private use stands for each unknown part."""

    another: Unknown
    _known: list[Unknown] = field(default_factory=list)

    def written(self, text: Text) -> str:
        return "".join(part if isinstance(part, str) else self._character(part) for part in text.parts)

    def read(self, word: str) -> Text:
        unknowns = [self.another, *self._known]
        pieces = re.split(f"([{chr(PRIVATE)}-{chr(PRIVATE + len(self._known))}])", word)
        return Text.of(*(unknowns[ord(one) - PRIVATE] if i % 2 else one for i, one in enumerate(pieces)))

    def _character(self, part: Unknown) -> str:
        if part == self.another:
            return ANY
        if part not in self._known:
            self._known.append(part)
        return chr(PRIVATE + 1 + self._known.index(part))


class _Tables:
    """The last segments of ARNs of tables, by which patterns of these can be told apart."""

    error: UndeterminedError | None = None
    """Why not all could be told apart, where that is so."""

    def __init__(self, names: _Names, globs: Iterable[Text], exact: Iterable[Text]) -> None:
        self._names = names
        self._globs = list(dict.fromkeys(globs))
        self._exact = list(dict.fromkeys(exact))
        self._found: list[tuple[Text, frozenset[int]]] | None = None

    def covered(self, wanted: Text) -> list[Text]:
        """Return those that a pattern covers; one that is no pattern names itself."""
        kind = wanted.split("/")[0]
        if kind.unknowns:
            return [one for one in self.every() if matches(wanted, one).value is not False]
        if not is_wild(wanted):
            return [wanted] if _is_table(wanted) else []
        pattern = Text.of(self._names.written(wanted))
        spelled = [one for one in self._exact if matches(pattern, Text.of(self._names.written(one))).value]
        if wanted not in self._globs:
            return [one for one, _ in self._examples() if matches(pattern, Text.of(self._names.written(one))).value]
        i = self._globs.index(wanted)
        return [*(one for one, matched in self._examples() if i in matched), *spelled]

    def every(self) -> list[Text]:
        return [*(one for one, _ in self._examples()), *self._exact]

    def _examples(self) -> list[tuple[Text, frozenset[int]]]:
        if self._found is None:
            written = list(map(self._names.written, self._globs))
            found: list[Example] = []
            try:
                found.extend(examples(written, f"{_KIND}/"))
            except UndeterminedError as error:
                self.error = error
            found.sort(key=lambda one: ANY not in one[0])
            self._found = [(self._names.read(word), matched) for word, matched in found]
        return self._found


def _is_table(resource: Text) -> bool:
    kind, *rest = resource.split("/")
    return kind.literal == _KIND and bool(rest)


@dataclass(frozen=True)
class _Places:
    regions: Sequence[Text]
    accounts: Sequence[Text]
    tables: _Tables

    def covered(self, pattern: Text, here: Sequence[Text]) -> Iterator[tuple[Text, Text, Text]]:
        """Return the places of tables that a pattern covers, or may cover: region, account, and `table/<name>`."""
        wanted = segments(pattern)
        if wanted[0].literal != "arn":
            yield from self._filtered(here, lambda arn: covers(pattern, arn))
            return
        wanted += [_WILDCARD] * (ARN_SEGMENTS - len(wanted))
        if matches(wanted[SERVICE], Text.of("dynamodb")).value is not False:
            yield from itertools.product(
                _covered(wanted[REGION], self.regions),
                _covered(wanted[ACCOUNT], self.accounts),
                self.tables.covered(wanted[RESOURCE]),
            )
        if len(segments(pattern)) < ARN_SEGMENTS and any(map(is_wild, segments(pattern))):
            yield from self._filtered(here, lambda arn: reaches_beyond(pattern, arn))

    def _filtered(self, here: Sequence[Text], covered: Callable[[Text], Truth]) -> Iterator[tuple[Text, Text, Text]]:
        for place in itertools.product(self.regions, self.accounts, self.tables.every()):
            if covered(joined([*here[:REGION], *place])).value is not False:
                yield place


def _covered(wanted: Text, among: Sequence[Text]) -> list[Text]:
    """Return those of some segments that a pattern of one covers; of a pattern not all known, those it may cover."""
    if not is_wild(wanted):
        return [wanted]
    answers = {True, None} if wanted.unknowns else {True}
    return [one for one in among if covers_segment(wanted, one).value in answers]
