"""ARNs and the patterns that statements name them by.

Source: AWS IAM User Guide, "IAM JSON policy elements: Resource" and "Amazon Resource Names (ARNs)".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from policies.values import NO, YES, Origin, Text, Truth, Unknown, all_of, matches, unknown

_SEGMENTS = 6
_PARTITION, _SERVICE, _REGION, _ACCOUNT, _RESOURCE = 1, 2, 3, 4, 5
_PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov"})
_ANY = Text.of("*")


@lru_cache(maxsize=8192)
def covers(pattern: Text, arn: Text) -> Truth:
    """Tell whether the Resource of a statement covers an ARN.

    An incomplete ARN is completed by wildcards, and a wildcard that ends a segment may reach beyond its colon. A
    partition spelled out is the stack's own: IAM refuses a policy that names another.
    """
    if pattern in {arn, _ANY}:
        return YES
    wanted, given = segments(pattern), segments(arn)
    if wanted[0] != Text.of("arn"):
        return matches(pattern, arn)
    wanted = _in_partition_of(given, wanted)
    each = _each_covers(wanted, given)
    return each if len(wanted) == _SEGMENTS else each | _reaches_beyond(wanted, given)


def same_arn(left: Text, right: Text) -> Truth:
    """Tell whether two ARNs are the same; a partition spelled out is the stack's own."""
    one, other = segments(left), segments(right)
    return _joined(_in_partition_of(other, one)).same(_joined(_in_partition_of(one, other)))


def _in_partition_of(given: list[Text], wanted: list[Text]) -> list[Text]:
    """Return the segments of an ARN with its partition, if spelled out, made that of another, if unknown."""
    if min(len(given), len(wanted)) <= _PARTITION or not given[_PARTITION].unknowns:
        return wanted
    spelled_out = wanted[_PARTITION].literal in _PARTITIONS
    return [*wanted[:_PARTITION], given[_PARTITION], *wanted[_PARTITION + 1 :]] if spelled_out else wanted


def _each_covers(wanted: Sequence[Text], given: Sequence[Text]) -> Truth:
    """Tell whether each segment of a pattern covers that of an ARN."""
    answers: list[Truth] = []
    completed = [*wanted, *[_ANY] * (_SEGMENTS - len(wanted))]
    for i, (one, other) in enumerate(zip(completed, given, strict=True)):
        spans = next((part for part in one.unknowns if not part.atomic and part not in other.parts), None)
        if spans is not None and i < _RESOURCE:
            return all_of((*answers, unknown(spans.reason)))
        answers.append(matches(one, other))
    return all_of(answers)


def _reaches_beyond(wanted: Sequence[Text], given: Sequence[Text]) -> Truth:
    """Tell whether a pattern of too few segments covers an ARN by wildcards that reach beyond theirs."""
    ends = [segment.parts[-1] for segment in wanted[:-1] if segment.parts]
    if not any(isinstance(end, str) and end.endswith("*") for end in ends):
        return NO
    answer = matches(_joined(wanted), _joined(given))
    inner = any("*" in part.removesuffix("*") for one in wanted for part in one.parts if isinstance(part, str))
    return unknown("how far a wildcard within a segment reaches") if inner and answer.value else answer


def _joined(pieces: Sequence[Text]) -> Text:
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = Text.of(joined, ":", piece)
    return joined


def segments(arn: Text) -> list[Text]:
    """Split an ARN at its first five colons."""
    pieces = list(arn.split(":"))
    head, rest = pieces[:_RESOURCE], pieces[_RESOURCE:]
    if not rest:
        return head
    return [*head, _joined(rest)]


class Named(NamedTuple):
    """What a pattern says of a table: the region and the account it is in, perhaps wild, and `table/<name>`."""

    region: Text
    account: Text
    table: Text


def elsewhere(pattern: Text, is_own: Callable[[Named], Truth], other: Text) -> tuple[Truth, Text]:
    """Tell whether a pattern reaches a DynamoDB table from outside the stack, and give an ARN that it covers then.

    `is_own` tells of a table whether it is one of the stack's, and `other` is the ARN of some table which is not. A
    table's indexes and streams are its own.
    """
    wanted = segments(pattern)
    if wanted[0] != Text.of("arn"):
        return covers(pattern, other), other
    wanted += [_ANY] * (_SEGMENTS - len(wanted))
    kind, *rest = wanted[_RESOURCE].split("/")
    named = Text.of(kind, "/", rest[0]) if rest else kind
    reaches = all_of(
        (
            matches(wanted[_SERVICE], Text.of("dynamodb")),
            matches(kind, Text.of("table")),
            matches(wanted[_REGION], segments(other)[_REGION]) if is_wild(wanted[_REGION]) else YES,
        )
    )
    if reaches.value is False:
        return reaches, other
    if is_wild(wanted[_REGION]):
        wanted[_REGION] = segments(other)[_REGION]
    return reaches & ~is_own(Named(wanted[_REGION], wanted[_ACCOUNT], named)), _instance(wanted)


def regions(pattern: Text) -> Iterator[Text]:
    """Return the region, or the pattern of regions, that a pattern names.

    Of a pattern that covers the same in each region, none: only of a table that it names does one differ from another.
    """
    wanted = segments(pattern)
    complete = wanted[0] == Text.of("arn") and len(wanted) > _REGION
    if complete and (wanted[_REGION] != _ANY or not any(map(is_wild, wanted[-1].split("/")[:2]))):
        yield wanted[_REGION]


def in_region(arn: Text, region: Text) -> Text:
    """Return an ARN with another region in place of its own."""
    pieces = segments(arn)
    return _joined([*pieces[:_REGION], region, *pieces[_REGION + 1 :]])


def named_table(pattern: Text) -> Iterator[tuple[Text, Named]]:
    """Return an ARN that a pattern covers, with the table it is of, if the pattern names tables of DynamoDB."""
    wanted = segments(pattern)
    if len(wanted) == _SEGMENTS and wanted[0] == Text.of("arn"):
        kind, *rest = wanted[_RESOURCE].split("/")
        if rest and kind == Text.of("table") and matches(wanted[_SERVICE], Text.of("dynamodb")).value:
            exact = segments(_instance(wanted))
            table = Text.of("table/", exact[_RESOURCE].split("/")[1])
            yield _joined(exact), Named(exact[_REGION], wanted[_ACCOUNT], table)


def is_table(named: Named, arn: Text) -> Truth:
    """Tell whether what a pattern names is the table of an ARN, wherever it is if nobody but AWS chose its name.

    A wildcard for the account is taken for the table's own: of another, its tables' policies decide.
    """
    mine = segments(arn)
    same_name = named.table.same(mine[_RESOURCE])
    if any(part.origin is Origin.GENERATED for part in mine[_RESOURCE].unknowns):
        return same_name
    places = ((named.region, mine[_REGION]), (named.account, mine[_ACCOUNT]))
    return all_of((same_name, *(one.same(own) for one, own in places if not is_wild(one))))


def is_wild(segment: Text) -> bool:
    """Tell whether a segment of a pattern holds a wildcard."""
    return any("*" in part or "?" in part for part in segment.parts if isinstance(part, str))


def _instance(pattern: Sequence[Text]) -> Text:
    """Return an ARN that a pattern covers, given by its segments."""
    some = Unknown("some name", "a wildcard stands for any name", Origin.GENERATED, atomic=True)
    pieces: list[str | Unknown] = []
    for i, segment in enumerate(pattern):
        pieces.append(":" if i else "")
        for part in segment.parts:
            runs = re.split(r"(\*)", part.replace("?", "x")) if isinstance(part, str) else [part]
            pieces += [some if run == "*" else run for run in runs]
    return Text.of(*pieces)
