"""ARNs and the patterns that statements name them by.

Source: AWS IAM User Guide, "IAM JSON policy elements: Resource" and "Amazon Resource Names (ARNs)".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from policies.values import NO, Origin, Text, Truth, Unknown, all_of, matches, unknown

ARN_SEGMENTS = 6
PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE = 1, 2, 3, 4, 5
_PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov"})
_ANY = Text.of("*")


def _another(what: str) -> Text:
    return Text((Unknown(f"another {what}", f"the name of some other {what}", Origin.GENERATED, atomic=True),))


ANOTHER_REGION, ANOTHER_ACCOUNT, ANOTHER_TABLE = _another("region"), _another("account"), _another("table")
_OTHERS = frozenset((*ANOTHER_REGION.parts, *ANOTHER_ACCOUNT.parts, *ANOTHER_TABLE.parts))
_UNLIKE = "\U0010fffd"
"""A character of private use, as the name of what no pattern spells out."""


@lru_cache(maxsize=8192)
def covers(pattern: Text, arn: Text) -> Truth:
    """Tell whether the Resource of a statement covers an ARN.

    An incomplete ARN is completed by wildcards, and a wildcard that ends a segment may reach beyond its colon. A
    partition spelled out is the stack's own: IAM refuses a policy that names another.
    """
    wanted, given = segments(pattern), segments(arn)
    if wanted[0] != Text.of("arn"):
        return covers_segment(pattern, arn)
    each = _each_covers(_in_partition_of(given, wanted), given)
    return each if len(wanted) == ARN_SEGMENTS else each | reaches_beyond(pattern, arn)


def same_arn(left: Text, right: Text) -> Truth:
    """Tell whether two ARNs are the same; a partition spelled out is the stack's own."""
    one, other = segments(left), segments(right)
    return joined(_in_partition_of(other, one)).same(joined(_in_partition_of(one, other)))


def _in_partition_of(given: list[Text], wanted: list[Text]) -> list[Text]:
    """Return the segments of an ARN with its partition, if spelled out, made that of another, if unknown."""
    if min(len(given), len(wanted)) <= PARTITION or not given[PARTITION].unknowns:
        return wanted
    spelled_out = wanted[PARTITION].literal in _PARTITIONS
    return [*wanted[:PARTITION], given[PARTITION], *wanted[PARTITION + 1 :]] if spelled_out else wanted


def _each_covers(wanted: Sequence[Text], given: Sequence[Text]) -> Truth:
    """Tell whether each segment of a pattern covers that of an ARN."""
    answers: list[Truth] = []
    completed = [*wanted, *[_ANY] * ARN_SEGMENTS]
    for i in range(ARN_SEGMENTS):
        one, other = completed[i], given[i]
        spans = next((part for part in one.unknowns if not part.atomic and part not in other.parts), None)
        if spans is not None and i < RESOURCE:
            return all_of((*answers, unknown(spans.reason)))
        answers.append(covers_segment(one, other))
    return all_of(answers)


def covers_segment(pattern: Text, segment: Text) -> Truth:
    """Tell whether a pattern covers a segment; what stands for some other name is like nothing that is spelled out."""
    others = _OTHERS.intersection(segment.unknowns).difference(pattern.unknowns)
    if others and all(part.origin is Origin.GENERATED for part in pattern.unknowns):
        segment = Text.of(*(_UNLIKE if part in others else part for part in segment.parts))
    return matches(pattern, segment)


def reaches_beyond(pattern: Text, arn: Text) -> Truth:
    """Tell whether a pattern of too few segments covers an ARN by wildcards that reach beyond theirs.

    One that ends its segment does. Of one that begins the last, before more, AWS does not say whether it stands for
    what is missing, too; of any other it says that it does not.
    """
    wanted = _in_partition_of(segments(arn), segments(pattern))
    ends = [one.parts[-1] for one in wanted[:-1] if one.parts] + [part[:1] for part in _spelled(wanted[-1:])[:1]]
    if not any(isinstance(end, str) and end.endswith("*") for end in ends):
        return NO
    answer = covers_segment(joined(wanted), arn)
    inner = any("*" in part.removesuffix("*") for part in _spelled(wanted))
    return unknown("how far a wildcard within a segment reaches") if inner and answer.value else answer


def _spelled(pieces: Sequence[Text]) -> list[str]:
    return [part for one in pieces for part in one.parts if isinstance(part, str)]


def joined(pieces: Sequence[Text], separator: str = ":") -> Text:
    """Join texts, as the segments of an ARN."""
    first, *rest = pieces
    return Text.of(first, *(part for piece in rest for part in (separator, piece)))


def segments(arn: Text) -> list[Text]:
    """Split an ARN at its first five colons."""
    pieces = list(arn.split(":"))
    head, rest = pieces[:RESOURCE], pieces[RESOURCE:]
    if not rest:
        return head
    return [*head, joined(rest)]


def in_region(arn: Text, region: Text) -> Text:
    """Return an ARN with another region in place of its own."""
    pieces = segments(arn)
    return joined([*pieces[:REGION], region, *pieces[REGION + 1 :]])


def elsewhere(arn: Text) -> Text:
    """Return an ARN with another region and another account in place of its own."""
    pieces = segments(arn)
    return joined([*pieces[:REGION], ANOTHER_REGION, ANOTHER_ACCOUNT, *pieces[RESOURCE:]])


def is_of_table(arn: Text, table: Text) -> Truth:
    """Tell whether an ARN is that of a table or of its indexes and streams, given the table's.

    It is so anywhere if nobody but AWS chose the table's name, and in any account that no statement names: whether a
    table of the same name can be reached in another, the policies of that decide.
    """
    one, mine = segments(arn), segments(table)
    same_name = joined(one[RESOURCE].split("/")[:2], "/").same(mine[RESOURCE])
    if same_name.value is False or any(part.origin is Origin.GENERATED for part in mine[RESOURCE].unknowns):
        return same_name
    places = (place for place in (REGION, ACCOUNT) if one[place] != ANOTHER_ACCOUNT)
    return all_of((same_name, *(one[place].same(mine[place]) for place in places)))


def is_wild(segment: Text) -> bool:
    """Tell whether a segment of a pattern holds a wildcard."""
    return any("*" in part or "?" in part for part in segment.parts if isinstance(part, str))
