"""ARNs and the patterns that statements name them by."""

from __future__ import annotations

import pytest

from policies.arns import (
    ACCOUNT,
    ANOTHER_ACCOUNT,
    ANOTHER_REGION,
    ANOTHER_TABLE,
    PARTITION,
    REGION,
    RESOURCE,
    SERVICE,
    covers,
    covers_segment,
    elsewhere,
    in_region,
    is_of_table,
    is_wild,
    joined,
    reaches_beyond,
    same_arn,
    segments,
)
from policies.values import NO, YES, Origin, Text, Truth, Unknown, unknown

Pattern = str | Text

NAME = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
FREE, FREE_TOO = Unknown("F", "F is free"), Unknown("G", "G is free")
PART, PLACE, OWNER, NAMED = (Unknown(key, f"{key} is a name", atomic=True) for key in "PRAN")
MADE = Unknown("T", "T is made", Origin.GENERATED, atomic=True)
COMPUTED = Unknown("C", "C is computed", Origin.COMPUTED, atomic=True)
TABLE = Text.of("arn:", PART, ":dynamodb:", PLACE, ":", OWNER, ":table/", MADE)
IS_FREE, BOTH_FREE = unknown("F is free"), unknown("G is free")
HOW_FAR = unknown("how far a wildcard within a segment reaches")


# Parts


@pytest.mark.parametrize(
    ("arn", "pieces"),
    [
        ("", [""]),
        ("*", ["*"]),
        ("arn:aws:dynamodb", ["arn", "aws", "dynamodb"]),
        ("arn:aws:dynamodb:us-east-1:1", ["arn", "aws", "dynamodb", "us-east-1", "1"]),
        (NAME, ["arn", "aws", "dynamodb", "us-east-1", "123456789012", "table/orders"]),
        ("arn:aws:lambda:::function:f:1", ["arn", "aws", "lambda", "", "", "function:f:1"]),
        ("a:b:c:d:e:", ["a", "b", "c", "d", "e", ""]),
        (Text.of("a:", FREE, "x:b"), ["a", Text.of(FREE, "x"), "b"]),
        (Text.of("a:b:c:d:e:", FREE, ":f"), ["a", "b", "c", "d", "e", Text.of(FREE, ":f")]),
    ],
)
def test_segments(arn: Pattern, pieces: list[Pattern]) -> None:
    """An ARN has six segments between its first five colons, whatever the last holds; they are what it is joined of."""
    assert segments(Text.of(arn)) == list(map(Text.of, pieces))
    assert joined(segments(Text.of(arn))) == Text.of(arn)


def test_which_segment_is_which() -> None:
    """The segments of a table's ARN are its partition, service, region, account and name, behind `arn`."""
    pieces = segments(Text.of(NAME))
    found = [pieces[i].literal for i in (PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE)]
    assert found == ["aws", "dynamodb", "us-east-1", "123456789012", "table/orders"]


def test_joined_by_another_separator() -> None:
    """Texts are joined by a colon, or by what is asked for."""
    assert joined([Text.of("a"), Text.of(FREE), Text.of("b")]) == Text.of("a:", FREE, ":b")
    assert joined([Text.of("a"), Text.of(FREE), Text.of("b")], "/") == Text.of("a/", FREE, "/b")


def test_other_places() -> None:
    """An ARN is put into another region, or into one and an account of which nothing more is known."""
    assert in_region(Text.of(NAME), Text.of("eu-west-1")) == Text.of(NAME.replace("us-east-1", "eu-west-1"))
    assert in_region(TABLE, Text.of("r")) == Text.of("arn:", PART, ":dynamodb:r:", OWNER, ":table/", MADE)
    assert elsewhere(Text.of(NAME)) == Text.of(
        "arn:aws:dynamodb:", ANOTHER_REGION, ":", ANOTHER_ACCOUNT, ":table/orders"
    )


@pytest.mark.parametrize(
    ("another", "key", "reason"),
    [
        (ANOTHER_REGION, "another region", "the name of some other region"),
        (ANOTHER_ACCOUNT, "another account", "the name of some other account"),
        (ANOTHER_TABLE, "another table", "the name of some other table"),
    ],
)
def test_what_stands_for_another(another: Text, key: str, reason: str) -> None:
    """What stands for another is a name that is like no other that is known or not, and says so."""
    (part,) = another.unknowns
    assert another.parts == (part,)
    assert (part.key, part.reason, part.origin, part.atomic) == (key, reason, Origin.GENERATED, True)


@pytest.mark.parametrize(
    ("segment", "wild"),
    [
        ("*", True),
        ("a*b", True),
        ("a?", True),
        (Text.of(FREE, "*"), True),
        (Text.of("?", FREE), True),
        ("", False),
        ("a", False),
        (Text.of(FREE), False),
        (Text.of("a", FREE), False),
    ],
)
def test_wildcards(segment: Pattern, wild: bool) -> None:
    """A star and a question mark are wildcards; what is not known is taken for none."""
    assert is_wild(Text.of(segment)) is wild


# Patterns


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("*", YES),
        (NAME, YES),
        ("arn:*", YES),
        ("arn:aws", YES),
        ("arn:aws:dynamodb", YES),
        ("arn:aws:dynamodb:*", YES),
        ("arn:aws:dynamodb:us-east-1:123456789012", YES),
        ("arn:aws:dynamodb:*:*:table/orders", YES),
        ("arn:aws:dynamodb:us-*-1:*:table/*", YES),
        ("arn:aws:dynamodb:us-east-?:*:table/order?", YES),
        ("arn:*:dynamodb:*:*:*/orders", YES),
        ("*/orders", YES),
        ("*:table/orders", YES),
        ("arn?aws:*", YES),
        ("arn*:123456789012:table/orders", YES),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/Orders", NO),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders/*", NO),
        ("arn:aws:dynamodb:us-west-2:*:table/orders", NO),
        ("arn:aws:dynamodb:us-west-2", NO),
        ("arn:aws:dynamodb::123456789012:table/orders", NO),
        ("arn:aws:*:*:table/orders:*", NO),
        ("arn:*:*:*:*orders:*", NO),
        ("arn:aws-cn:dynamodb:us-east-1:123456789012:table/orders", NO),
        ("Arn:*", NO),
        ("table/orders", NO),
        ("", NO),
        # "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
        # boundaries" (IAM JSON policy elements: Resource).
        ("arn:aws:dynamodb:*:table/orders", YES),
        ("arn:aws:*:table/orders", YES),
        ("arn:aws:dynamodb:us-east-1:1*:table/orders", YES),
        ("arn:aws:dynamodb:u*:table/or*", YES),
        ("arn:aws:d*b:table/orders", NO),
        ("arn:aws:d*:us-*:table/orders", YES),
        ("arn:aws:d*b:us-*:table/orders", HOW_FAR),
        ("arn:aws:dynamodb:*legacy", NO),
        ("arn:aws:*orders", HOW_FAR),
        ("arn:aws:dynamodb:us-east-1:?orders", NO),
    ],
)
def test_covers_a_known_arn(pattern: str, answer: Truth) -> None:
    """A pattern covers an ARN segment by segment, completed by stars, and a star at a segment's end beyond it."""
    assert covers(Text.of(pattern), Text.of(NAME)) == answer


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        (TABLE, YES),
        ("*", YES),
        (Text.of("arn:aws:dynamodb:", PLACE, ":", OWNER, ":table/", MADE), YES),
        (Text.of("arn:aws-cn:dynamodb:*:*:table/", MADE), YES),
        (Text.of("arn:aws-us-gov:dynamodb:*:*:table/", MADE), YES),
        (Text.of("arn:aws"), YES),
        (Text.of("arn:aws-iso:dynamodb:*:*:table/", MADE), unknown("P is a name")),
        (Text.of("arn:aw*:dynamodb:*:*:table/", MADE), unknown("P is a name")),
        (Text.of("arn:AWS:dynamodb:*:*:table/", MADE), unknown("P is a name")),
        ("arn:aws:dynamodb:us-east-1:*:table/*", unknown("R is a name")),
        ("arn:aws:dynamodb:*:111122223333:table/*", unknown("A is a name")),
        ("arn:aws:dynamodb:*:*:table/app-*", unknown("T is made")),
        ("arn:aws:dynamodb:*:*:table/app", NO),
        ("arn:aws:dynamodb:us-east-1:*:table/app", NO),
        ("arn:aws:dynamodb:*:*:index/*", NO),
        ("arn:aws:dynamodb:*:table/*", YES),
        ("arn:aws:dynamodb:*:index/*", NO),
        (Text.of("arn:aws:dynamodb:*:*:", FREE), IS_FREE),
        (Text.of("arn:aws:dynamodb:", FREE, ":table/x"), IS_FREE),
        (Text.of("arn:aws:dynamodb:us-east-1:", FREE), unknown("R is a name")),
        (Text.of("arn:aws:dynamodb:", FREE, ":*:index/x"), IS_FREE),
        (Text.of("arn:aws:dynamodb:", FREE, ":", FREE_TOO, ":table/x"), IS_FREE),
        (Text.of("arn:aws:dynamodb:*:", FREE_TOO, ":", FREE), BOTH_FREE),
        (Text.of("arn:aws:s3:*:*:", FREE), NO),
        (Text.of("arn:aws:s3:", FREE, ":*:*"), NO),
        (Text.of(FREE, ":table/*"), IS_FREE),
        (Text.of(FREE), IS_FREE),
    ],
)
def test_covers_an_unknown_arn(pattern: Pattern, answer: Truth) -> None:
    """What nobody knows is the same wherever it stands; a partition that is spelled out is taken for the stack's."""
    assert covers(Text.of(pattern), TABLE) == answer


def test_unknown_parts_of_both() -> None:
    """A part that may hold colons leaves open what follows, but in the last segment, and where the ARN has it too."""
    arn = Text.of("arn:aws:dynamodb:", FREE, ":1:table/x")
    assert covers(Text.of("arn:aws:dynamodb:", FREE, ":1:table/*"), arn) == YES
    assert covers(Text.of("arn:aws:dynamodb:", FREE, ":2:table/*"), arn) == NO
    assert covers(Text.of("arn:aws:dynamodb:us-east-1:*:x", FREE), Text.of(NAME)) == NO
    assert covers(Text.of("arn:aws:dynamodb:", NAMED, ":2:table/*"), Text.of(NAME)) == NO


def test_an_arn_covers_itself() -> None:
    """An ARN covers itself, in another region and account as well."""
    for arn in (Text.of(NAME), TABLE, elsewhere(TABLE), Text.of("arn:aws:dynamodb:", FREE, ":", FREE, ":table/x")):
        assert covers(arn, arn) == YES


def test_colons_behind_six_segments() -> None:
    """An ARN of six segments is whole: no star reaches from one of them into the next, whatever follows in the last."""
    function = Text.of("arn:aws:lambda:us-east-1:123456789012:function:serve")
    found = [covers(Text.of(f"arn:aws:lambda:*:{rest}"), function) for rest in ("*:function:serve", "function:serve")]
    assert found == [YES, NO]


def test_no_partition() -> None:
    """What has no partition is compared as it is."""
    assert covers(Text.of("arn"), TABLE) == YES
    assert same_arn(Text.of("arn"), TABLE) == NO
    assert same_arn(TABLE, Text.of("arn")) == NO


@pytest.mark.parametrize(
    ("pattern", "segment", "answer"),
    [
        ("*", ANOTHER_TABLE, YES),
        ("?*", ANOTHER_TABLE, YES),
        ("a*", ANOTHER_TABLE, NO),
        *((f"{letter}*", ANOTHER_TABLE, NO) for letter in "NX"),
        ("????", ANOTHER_TABLE, NO),
        (ANOTHER_ACCOUNT, ANOTHER_ACCOUNT, YES),
        (Text.of("table/", ANOTHER_TABLE, "*"), Text.of("table/", ANOTHER_TABLE, "x"), YES),
        (Text.of(ANOTHER_TABLE, "a*"), Text.of(ANOTHER_TABLE, "x"), NO),
        (ANOTHER_ACCOUNT, ANOTHER_REGION, NO),
        ("us-east-1", ANOTHER_REGION, NO),
        ("9*", ANOTHER_ACCOUNT, NO),
        ("table/a*", Text.of("table/a", ANOTHER_TABLE), YES),
        ("table/*a", Text.of("table/a", ANOTHER_TABLE), NO),
        ("table/a*", Text.of("table/", MADE), unknown("T is made")),
        (Text.of(MADE, "*"), ANOTHER_TABLE, NO),
        (Text.of("a*", NAMED), ANOTHER_TABLE, unknown("the name of some other table")),
        (Text.of(FREE), ANOTHER_TABLE, IS_FREE),
        (Text.of("a*"), Text.of(ANOTHER_TABLE, NAMED), NO),
        (Text.of("*"), Text.of(NAMED), YES),
        (Text.of("a*"), Text.of(NAMED), unknown("N is a name")),
        (Text.of(MADE, "*"), Text.of(MADE), YES),
    ],
)
def test_covers_a_segment(pattern: Pattern, segment: Text, answer: Truth) -> None:
    """What stands for another name is like nothing that is spelled out, nor like a name that is made."""
    assert covers_segment(Text.of(pattern), segment) == answer


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("arn:aws:dynamodb:*", YES),
        ("arn:*:table/orders", YES),
        ("arn:*:table/x", NO),
        ("arn:aws:dynamodb:us-east-1", NO),
        ("arn:aws:*dynamodb:table/orders", NO),
        ("arn:aws:dynamodb:us-east-1:1234*89012:table/orders", NO),
        ("arn:aws:d*b:us-east-1:*", HOW_FAR),
        ("arn:aws:d*b:us-west-2:*", NO),
        ("arn:aws:dynamodb:?s-east-1:*", YES),
        ("arn:aws:*:?2*:table/orders", YES),
    ],
)
def test_reaches_beyond(pattern: str, answer: Truth) -> None:
    """Only a star that ends a segment, or begins the last, reaches beyond; with one within another it is not known."""
    assert reaches_beyond(Text.of(pattern), Text.of(NAME)) == answer


def test_reaches_beyond_what_is_not_known() -> None:
    """A partition that is spelled out is the stack's here, too, and what is not known holds no star."""
    assert reaches_beyond(Text.of("arn:aws:dynamodb:*"), TABLE) == YES
    assert reaches_beyond(Text.of("arn:aws-iso:dynamodb:*"), TABLE) == unknown("P is a name")
    assert reaches_beyond(Text.of("arn:aws:dynamodb:", FREE, ":x"), TABLE) == NO
    assert reaches_beyond(Text.of("arn:aws:", FREE), TABLE) == NO
    assert reaches_beyond(Text.of("arn:aws:dynamodb", FREE, "*"), TABLE) == NO
    assert reaches_beyond(Text.of("arn:aws:", FREE, ":*"), TABLE) == IS_FREE
    assert reaches_beyond(Text.of("arn:aws::*"), Text.of("arn:aws::x:y:z")) == YES


# ARNs


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (Text.of(NAME), Text.of(NAME), YES),
        (Text.of(NAME), Text.of(NAME, "x"), NO),
        (Text.of(NAME), Text.of(NAME.replace("aws", "aws-cn")), NO),
        (TABLE, Text.of("arn:aws:dynamodb:", PLACE, ":", OWNER, ":table/", MADE), YES),
        (TABLE, Text.of("arn:aws-cn:dynamodb:", PLACE, ":", OWNER, ":table/", MADE), YES),
        (TABLE, Text.of("arn:aws-iso:dynamodb:", PLACE, ":", OWNER, ":table/", MADE), unknown("P is a name")),
        (TABLE, Text.of("arn:aws:dynamodb:us-east-1:", OWNER, ":table/", MADE), unknown("R is a name")),
        (TABLE, Text.of("arn:aws:dynamodb:", PLACE, ":", OWNER, ":table/app"), NO),
        (TABLE, Text.of(FREE), NO),
        (Text.of("arn:", PART, ":s3:::b"), Text.of(FREE), unknown("P is a name")),
    ],
)
def test_the_same_arn(left: Text, right: Text, answer: Truth) -> None:
    """Two ARNs are the same if they are but for a partition of one that is not known, whichever is which."""
    found = same_arn(left, right), same_arn(right, left)
    assert [one.value for one in found] == [answer.value] * 2
    assert found[0] == answer


def of_table(region: str | Unknown | Text, account: str | Unknown | Text, name: str | Unknown | Text) -> Text:
    """Return the ARN of a table, or of what belongs to it."""
    return Text.of("arn:aws:dynamodb:", region, ":", account, ":table/", name)


@pytest.mark.parametrize(
    ("arn", "table", "answer"),
    [
        (of_table("r", "1", "orders"), of_table("r", "1", "orders"), YES),
        (of_table("r", "1", "orders/index/by-day"), of_table("r", "1", "orders"), YES),
        (of_table("r", "1", "ordersx"), of_table("r", "1", "orders"), NO),
        (of_table("s", "1", "orders"), of_table("r", "1", "orders"), NO),
        (of_table("r", "2", "orders"), of_table("r", "1", "orders"), NO),
        (of_table("r", ANOTHER_ACCOUNT, "orders"), of_table("r", "1", "orders"), YES),
        (of_table("s", ANOTHER_ACCOUNT, "orders"), of_table("r", "1", "orders"), NO),
        (of_table(ANOTHER_REGION, "1", "orders"), of_table("r", "1", "orders"), NO),
        (of_table("r", "1", "orders"), of_table(PLACE, OWNER, "orders"), unknown("R is a name")),
        (of_table("r", "1", "orders"), of_table("r", OWNER, "orders"), unknown("A is a name")),
        (of_table("r", "1", "orders"), of_table("s", OWNER, "orders"), NO),
        (of_table("r", "1", NAMED), of_table("r", "1", "orders"), unknown("N is a name")),
        (of_table("s", "1", NAMED), of_table("r", "1", "orders"), NO),
        (of_table("s", "2", MADE), of_table("r", "1", MADE), YES),
        (of_table("s", "2", Text.of(MADE, "/index/i")), of_table("r", "1", MADE), YES),
        (of_table("s", "2", COMPUTED), of_table("r", "1", MADE), unknown("C is computed")),
        (of_table("r", "1", "orders"), of_table("r", "1", MADE), NO),
        (Text.of("arn:aws:dynamodb:r:1:index/orders"), of_table("r", "1", "orders"), NO),
    ],
)
def test_arns_of_a_table(arn: Text, table: Text, answer: Truth) -> None:
    """A table's is what has its name in its place, and anywhere if AWS made the name up; an index has its table's."""
    assert is_of_table(arn, table) == answer
