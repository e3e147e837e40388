"""Tables from outside a stack: of all that the patterns of a role's statements tell apart, one of each kind.

Whether the role may do anything on such a table is for IAM's logic to say. So what no table here reaches, none does.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

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

_MAX_WILDCARDS = 50
"""How many wildcards a pattern may have that may each reach beyond its segment."""

_REAL_ONES = 2
"""How many regions stand for all in which the same patterns match: where the stack's is not known, it may be one."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What statements say of tables.

    `allowed` are those of `patterns`, or `*`, by which something is allowed, whatever narrows it. `patterns` are all
    that is named or left out, and `granted` those of them by which something is granted, not refused; `regions` and
    `accounts` are what conditions compare those with.
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
    errors: list[UndeterminedError] = []
    places = _Places(
        _regions(here, [*_each(REGION, granted), *stated.regions, *filter(is_wild, _each(REGION, telling))], taken),
        _accounts(
            here, [*_each(ACCOUNT, granted), *stated.accounts], [*_each(ACCOUNT, telling), *stated.accounts], errors
        ),
        _Tables(
            names,
            [one for pattern in telling for one in _resources(pattern) if is_wild(one)],
            [one for pattern in granted for one in _resources(pattern) if _is_table(one) and not is_wild(one)],
            errors,
        ),
    )
    seen: set[Text] = set()
    for pattern in dict.fromkeys(stated.allowed):
        for place in places.covered(pattern, here) if pattern not in own else ():
            arn = joined([*here[:REGION], *place])
            if arn not in seen:
                seen.add(arn)
                yield arn
    if errors:
        raise errors[0]


def _is_of_own_table(pattern: Text, is_own: Callable[[Text], Truth]) -> bool:
    """Tell a pattern that names nothing but one of the stack's tables and what belongs to it."""
    wanted = segments(pattern)
    spelled_out = len(wanted) == ARN_SEGMENTS and not any(
        map(is_wild, [*wanted[:RESOURCE], *wanted[RESOURCE].split("/")[:2]])
    )
    return spelled_out and is_own(pattern).value is True


def _each(i: int, patterns: Iterable[Text]) -> Iterator[Text]:
    """Return what patterns say of a segment; where wildcards may reach beyond theirs, all that may be meant for it."""
    for pattern in patterns:
        pieces = segments(pattern)
        if pieces[0].literal == "arn":
            yield from pieces[i : i + 1]
        if not _is_complete(pieces):
            stated = [piece.literal for piece in pattern.split(":") if piece.literal]
            if sum(piece.count("*") + piece.count("?") for piece in stated) > _MAX_WILDCARDS:
                raise UndeterminedError("the wildcards of the role's policies are too many to tell regions apart")
            cut = (piece[begin:end] for piece in stated for begin in _begins(piece) for end in _ends(piece))
            yield from (Text.of(one) for one in cut if _LIKE[i].fullmatch(one))


def _resources(pattern: Text) -> Iterator[Text]:
    """Return what a pattern says of the last segment; where wildcards may reach into that, all that may be meant."""
    pieces = segments(pattern)
    if _is_complete(pieces):
        yield pieces[RESOURCE]
        return
    last = pattern.split(":")[-1]
    stated = last.literal
    yield from [last] if stated is None else (Text.of(stated[begin:]) for begin in _begins(stated))


def _is_complete(pieces: Sequence[Text]) -> bool:
    """Tell the segments of an ARN's pattern of which each is about one segment alone."""
    return pieces[0].literal == "arn" and len(pieces) == ARN_SEGMENTS


def _begins(stated: str) -> list[int]:
    """Return where in a pattern a segment may begin: in front, at a `*`, and behind a `?`, which may be a colon."""
    return [0, *(k + (one == "?") for k, one in enumerate(stated) if one in {"*", "?"})]


def _ends(stated: str) -> list[int]:
    """Return where in a pattern a segment may end: behind a `*`, in front of a `?`, and at the end."""
    return [*(k + (one == "*") for k, one in enumerate(stated) if one in {"*", "?"}), len(stated)]


def _regions(here: Sequence[Text], stated: Sequence[Text], taken: Sequence[Text]) -> list[Text]:
    """Return the stack's region, another, each that is stated, and some for each combination of patterns of regions."""
    globs = list(dict.fromkeys(one for one in stated if is_wild(one) and one != _WILDCARD and not one.unknowns))
    stack = here[PARTITION].literal
    found: dict[tuple[bool, ...], list[Text]] = {}
    for region in REGIONS:
        some = Text.of(region)
        if some not in taken and stack in {None, partition_of(region)}:
            found.setdefault(tuple(bool(matches(glob, some).value) for glob in globs), []).append(some)
    real = [some for matched, regions in found.items() if any(matched) for some in regions[:_REAL_ONES]]
    exact = (one for one in stated if not is_wild(one))
    return list(dict.fromkeys([here[REGION], ANOTHER_REGION, *exact, *real]))


def _accounts(
    here: Sequence[Text], granted: Sequence[Text], stated: Sequence[Text], errors: list[UndeterminedError]
) -> list[Text]:
    """Return the stack's account, each in which something is granted, and others where any is told from others.

    Where not all could be told apart, the errors become one more.
    """
    exact = (one for one in granted if not is_wild(one))
    globs = dict.fromkeys(one for one in (*granted, *stated) if is_wild(one) and one != _WILDCARD and not one.unknowns)
    wanted = {i for i, one in enumerate(globs) if one in granted}
    real: list[Text] = []
    try:
        told = numbers([str(one.literal) for one in globs], _LENGTH) if wanted else ()
        real.extend(Text.of(account) for account, matched in told if wanted & matched)
    except UndeterminedError as error:
        errors.append(error)
    another = () if all(one == _WILDCARD for one in stated) else (ANOTHER_ACCOUNT,)
    return list(dict.fromkeys([here[ACCOUNT], *exact, *real, *another]))


@dataclass
class _Names:
    """Writes texts as strings, in which a character of private use stands for each unknown part."""

    another: Unknown
    _known: dict[Unknown, int] = field(default_factory=dict)

    def written(self, text: Text) -> str:
        return "".join(part if isinstance(part, str) else self._character(part) for part in text.parts)

    def read(self, word: str) -> Text:
        unknowns = [self.another, *self._known]
        pieces = re.split(f"([{chr(PRIVATE)}-{chr(PRIVATE + len(self._known))}])", word)
        return Text.of(*(unknowns[ord(one) - PRIVATE] if i % 2 else one for i, one in enumerate(pieces)))

    def _character(self, part: Unknown) -> str:
        return chr(PRIVATE + 1 + self._known.setdefault(part, len(self._known)))


class _Tables:
    """The last segments of ARNs of tables, by which patterns of these can be told apart.

    Where not all could be told apart, the errors become one more.
    """

    def __init__(
        self, names: _Names, globs: Iterable[Text], exact: Iterable[Text], errors: list[UndeterminedError]
    ) -> None:
        self._names = names
        self._globs = list(dict.fromkeys(globs))
        self._exact = list(dict.fromkeys(exact))
        self._errors = errors

    def covered(self, wanted: Text) -> list[Text]:
        """Return those that a pattern covers; one that is no pattern names itself."""
        kind = wanted.split("/")[0]
        if kind.unknowns:
            return [one for one in self.every() if matches(wanted, one).value is not False]
        if not is_wild(wanted):
            return [wanted] if _is_table(wanted) else []
        if wanted == _WILDCARD:
            return self.every()
        pattern = Text.of(self._names.written(wanted))
        spelled = [one for one in self._exact if matches(pattern, Text.of(self._names.written(one))).value]
        i = self._globs.index(wanted)
        return [*(one for one, matched in self._examples if i in matched), *spelled]

    def every(self) -> list[Text]:
        return [*(one for one, _ in self._examples), *self._exact]

    @cached_property
    def _examples(self) -> list[tuple[Text, frozenset[int]]]:
        written = list(map(self._names.written, self._globs))
        found: list[Example] = []
        try:
            found.extend(examples(written, f"{_KIND}/"))
        except UndeterminedError as error:
            self._errors.append(error)
        found.sort(key=lambda one: ANY not in one[0])
        return [(self._names.read(word), matched) for word, matched in found]


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
        wanted += [_WILDCARD] * ARN_SEGMENTS
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
