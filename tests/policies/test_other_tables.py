"""Tables from outside a stack: which kinds of tables are told apart, each kind by its whole list of ARNs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from policies import globs
from policies.arns import ANOTHER_ACCOUNT, ANOTHER_REGION, ANOTHER_TABLE, is_of_table
from policies.errors import UndeterminedError
from policies.other_tables import Stated, other_tables
from policies.values import Text, Truth, Unknown, any_of

STACK = "arn:aws:dynamodb:eu-west-1:111122223333:"
OWN = Text.of(STACK, "table/orders")
OTHER = Text.of(STACK, "table/", ANOTHER_TABLE)
HERE, ELSEWHERE = "eu-west-1", "eu-west-1 REGION"
MINE, ANYONES = "111122223333", "111122223333 ACCOUNT"

FREE = Unknown("F", "F is given at deployment")
NAME, SUFFIX = (Unknown(key, f"{key} is given at deployment", atomic=True) for key in ("N", "S"))
PARTITION, REGION_OF_STACK = (Unknown(key, f"{key} is known at deployment only", atomic=True) for key in ("P", "R"))
KEYS = {one: key for key, text in (("REGION", ANOTHER_REGION), ("ACCOUNT", ANOTHER_ACCOUNT)) for one in text.parts}

Pattern = str | Text


class Stack(NamedTuple):
    """Where a stack is, by the ARN of some other table there, with the ARNs and regions of tables of its own."""

    other: Text = OTHER
    own: tuple[Text, ...] = (OWN,)
    taken: tuple[str, ...] = (HERE,)


def told(
    *allowed: Pattern,
    refused: Sequence[Pattern] = (),
    left: Sequence[Pattern] = (),
    regions: Sequence[Pattern] = (),
    accounts: Sequence[Pattern] = (),
    stack: Stack = Stack(),  # noqa: B008 -- never changed
) -> list[str]:
    """Return the tables where patterns are allowed, some refused, and some left by a refusal of all the others."""
    patterns, granted = [*allowed, *refused, *left], [*allowed, *left]
    stated = Stated(*(list(map(Text.of, each)) for each in (allowed, patterns, granted, regions, accounts)))
    return list(map(written, other_tables(stack.other, stated, _own(stack), list(map(Text.of, stack.taken)))))


def _own(stack: Stack) -> Callable[[Text], Truth]:
    return lambda arn: any_of(is_of_table(arn, one) for one in stack.own)


def written(arn: Text) -> str:
    """Write an ARN with the keys of its unknown parts in capitals, and what stands for another table as TABLE."""
    return "".join(
        part if isinstance(part, str) else KEYS.get(part, "TABLE" if part in ANOTHER_TABLE.parts else part.key)
        for part in arn.parts
    )


def tables(regions: str, accounts: str, names: str) -> list[str]:
    """Return the ARN of each table of these names in each of these regions and accounts."""
    each = itertools.product(regions.split(), accounts.split(), names.split())
    return [f"arn:aws:dynamodb:{region}:{account}:table/{name}" for region, account, name in each]


# What is allowed


def test_nothing_allowed() -> None:
    """Where nothing is allowed there is no table, whatever is refused and whichever conditions there are."""
    assert told(refused=["*"], left=[f"{STACK}table/legacy"], regions=["us-east-1"], accounts=["999999999999"]) == []


def test_everything() -> None:
    """Of all tables it takes one in the stack's region and one in another to stand for what nobody tells apart."""
    assert told("*") == tables(ELSEWHERE, MINE, "TABLE")


def test_each_table_once() -> None:
    """What several patterns allow, and what one allows that is said twice, is told once."""
    again = f"{STACK}table/legacy"
    assert told(again, "*", again, "arn:aws:dynamodb") == [
        *tables(HERE, MINE, "legacy TABLE"),
        *tables(HERE, "ACCOUNT", "TABLE legacy"),
        *tables("REGION", ANYONES, "TABLE legacy"),
    ]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (f"{STACK}table/legacy", tables(HERE, MINE, "legacy")),
        (f"{STACK}table/legacy/index/by-day", tables(HERE, MINE, "legacy/index/by-day")),
        ("arn:aws:dynamodb:us-east-1:999999999999:table/legacy", tables("us-east-1", "999999999999", "legacy")),
        ("arn:*:dynamodb:eu-west-1:111122223333:table/orders", tables(HERE, MINE, "orders")),
        (f"{STACK}table", []),
        (f"{STACK}tables/legacy", []),
        (f"{STACK}index/legacy", []),
    ],
)
def test_what_is_no_pattern(pattern: str, found: list[str]) -> None:
    """A name, which may be that of an index, names itself in the place that it says, if it is one of a table."""
    assert told(pattern) == found


@pytest.mark.parametrize(
    ("resource", "names"),
    [
        ("*", "TABLE"),
        ("t*", "TABLE"),
        ("table*", "TABLE"),
        ("table/*/index/*", "TABLE/index/"),
        ("?able/legacy", "legacy"),
        ("table?legacy", "legacy"),
        ("tab*y", "TABLEy y"),
        ("*/legacy", "TABLE/legacy legacy"),
        ("table/l?", "lx"),
        ("table//*", ""),
        ("index/*", ""),
        ("*able", "TABLEable able"),
    ],
)
def test_wildcards_in_names(resource: str, names: str) -> None:
    """A wildcard reaches from the kind of a resource into its name; of what it covers there is one not spelled out."""
    assert told(f"{STACK}{resource}") == tables(HERE, MINE, names)


@pytest.mark.parametrize("service", ["dyn*", "*", "?ynamodb", Text.of(FREE)])
def test_services(service: Pattern) -> None:
    """A pattern of services that DynamoDB is, or may be, among is one of tables."""
    assert told(Text.of("arn:aws:", service, ":*:*:table/*")) == tables(ELSEWHERE, MINE, "TABLE")


@pytest.mark.parametrize("service", ["s3", "DynamoDB", "dynamodb?", Text.of("s3", FREE)])
def test_other_services(service: Pattern) -> None:
    """A pattern of other services' resources is of no table, whatever these are called."""
    assert told(Text.of("arn:aws:", service, ":*:*:table/*")) == []


# The stack's own


@pytest.mark.parametrize("own", [OWN, Text.of(OWN, "/*"), Text.of(OWN, "/index/*"), Text.of(OWN, "/stream/?*")])
def test_own_tables(own: Text) -> None:
    """What names nothing but the stack's own, or what belongs to it, is no other, and sets no places apart."""
    assert told(own) == []
    assert told("*", own) == told("*", refused=[own]) == told("*", left=[own]) == told("*")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("arn:aws:dynamodb:*:111122223333:table/orders", tables(ELSEWHERE, MINE, "orders")),
        ("arn:aws:dynamodb:eu-west-1:*:table/orders", tables(HERE, MINE, "orders")),
        (f"{STACK}table/order?", tables(HERE, MINE, "orderx")),
        (f"{STACK}table/orders*", tables(HERE, MINE, "ordersTABLE orders")),
        (f"{STACK}tab?e/orders", tables(HERE, MINE, "orders")),
        (f"{STACK}table/ordersx", tables(HERE, MINE, "ordersx")),
        (Text.of("arn:aws:dynamodb:", REGION_OF_STACK, ":111122223333:table/orders"), tables("R", MINE, "orders")),
    ],
)
def test_what_may_be_own(pattern: Pattern, found: list[str]) -> None:
    """What covers one of the stack's tables may cover others; which of these are its own is not told here."""
    assert told(pattern) == found


def test_own_tables_with_wildcards_in_their_names() -> None:
    """A pattern is one of other tables even if a table of the stack is called so."""
    stack = Stack(own=(Text.of(STACK, "table/order?"), Text.of("arn:aws:dynamodb:*:111122223333:table/orders")))
    assert told(f"{STACK}table/order?", stack=stack) == tables(HERE, MINE, "orderx")
    assert told("arn:aws:dynamodb:*:111122223333:table/orders", stack=stack) == tables(ELSEWHERE, MINE, "orders")


def test_no_tables_of_its_own() -> None:
    """Where the stack has no such table, a name is another's."""
    assert told(OWN, stack=Stack(own=())) == tables(HERE, MINE, "orders")


# Regions


@pytest.mark.parametrize(
    ("region", "regions"),
    [
        ("*", ELSEWHERE),
        ("us-*", "us-east-1 us-east-2"),
        ("eu-west-*", "eu-west-1 eu-west-2 eu-west-3"),
        ("us-east-?", "us-east-1 us-east-2"),
        ("mx-*", "mx-central-1"),
        ("us-east-1", "us-east-1"),
        ("moon-1", "moon-1"),
        ("cn-*", ""),
        ("us-gov-*", ""),
        ("mars-*", ""),
    ],
)
def test_patterns_of_regions(region: str, regions: str) -> None:
    """Of the regions of its partition that a pattern matches there are two, if there are two, beside the stack's."""
    assert told(f"arn:aws:dynamodb:{region}:*:*") == tables(regions, MINE, "TABLE")


def test_regions_of_own_tables() -> None:
    """A region with a table of the stack's stands for no others; the stack's own is always looked at."""
    found = told("arn:aws:dynamodb:eu-west-?:*:*", stack=Stack(taken=("eu-west-1", "eu-west-2")))
    assert found == tables("eu-west-1 eu-west-3", MINE, "TABLE")


def test_regions_of_each_combination() -> None:
    """Patterns of regions tell apart those that one matches, those that another does, and those that both do."""
    assert told("arn:aws:dynamodb:*-1:*:*", "arn:aws:dynamodb:us-*:*:*") == tables(
        "eu-west-1 us-east-1 us-west-1 af-south-1 ap-east-1 us-east-2 us-west-2", MINE, "TABLE"
    )


@pytest.mark.parametrize(
    ("region", "found"),
    [("cn-*", "cn-north-1 cn-northwest-1"), ("us-gov-*", "us-gov-east-1 us-gov-west-1"), ("mx-*", "mx-central-1")],
)
def test_regions_of_no_known_partition(region: str, found: str) -> None:
    """Where the stack's partition is not known, regions are of any; what is not known of it stays so."""
    other = Text.of("arn:", PARTITION, ":dynamodb:", REGION_OF_STACK, ":111122223333:table/", ANOTHER_TABLE)
    assert told(f"arn:*:dynamodb:{region}:*:*", stack=Stack(other)) == [
        f"arn:P:dynamodb:{one}:111122223333:table/TABLE" for one in found.split()
    ]


def test_regions_of_a_partition() -> None:
    """In another partition than aws, regions are of that."""
    other = Text.of("arn:aws-cn:dynamodb:cn-north-1:111122223333:table/", ANOTHER_TABLE)
    assert told("arn:*:dynamodb:*-1:*:*", "arn:*:dynamodb:u*:*:*", stack=Stack(other, (), ("cn-north-1",))) == [
        f"arn:aws-cn:dynamodb:{region}:111122223333:table/TABLE" for region in ("cn-north-1", "cn-northwest-1")
    ]


@pytest.mark.parametrize(
    ("region", "regions"),
    [
        (Text.of(FREE), "F"),
        (Text.of(FREE, "-*"), ELSEWHERE),
        (Text.of("us-*", NAME), "REGION"),
        (Text.of("*", REGION_OF_STACK), ELSEWHERE),
    ],
)
def test_regions_that_are_not_known(region: Text, regions: str) -> None:
    """A region that is not known is itself; a pattern of which not all is known is one of all that it may match."""
    assert told(Text.of("arn:aws:dynamodb:", region, ":*:*")) == tables(regions, MINE, "TABLE")


@pytest.mark.parametrize(
    ("regions", "found"),
    [
        (["us-east-1"], f"{ELSEWHERE} us-east-1"),
        (["us-*"], f"{ELSEWHERE} us-east-1 us-east-2"),
        (["eu-west-1", "*"], ELSEWHERE),
        ([Text.of(FREE)], f"{ELSEWHERE} F"),
    ],
)
def test_regions_of_conditions(regions: list[Pattern], found: str) -> None:
    """What a condition compares the region with tells regions apart, as what is left of everything does."""
    assert told("*", regions=regions) == tables(found, MINE, "TABLE")
    left = [Text.of("arn:aws:dynamodb:", region, ":*:*") for region in regions]
    assert told("*", left=left) == tables(found, MINE, "TABLE")


@pytest.mark.parametrize(
    ("refused", "regions"), [("us-east-1", ELSEWHERE), ("us-*", f"{ELSEWHERE} us-east-1 us-east-2")]
)
def test_refused_regions(refused: str, regions: str) -> None:
    """A refused region is as good as one that nobody names; a pattern of such tells apart what another allows."""
    assert told("*", refused=[f"arn:aws:dynamodb:{refused}:*:*"]) == tables(regions, MINE, "TABLE")
    assert told("arn:aws:dynamodb:us-east-?:*:*", refused=[f"arn:aws:dynamodb:{refused}:*:*"]) == tables(
        "us-east-1 us-east-2", MINE, "TABLE"
    )


# Accounts


@pytest.mark.parametrize(
    ("account", "accounts"),
    [
        ("*", MINE),
        ("9*", "900000000000 910000000000"),
        ("*9", "000000000009 100000000009"),
        ("9?*1", "900000000001 910000000001"),
        ("99999999999?", "999999999990 999999999991"),
        ("999999999999*", "999999999999"),
        ("1*", "111122223333 100000000000 110000000000"),
        ("999999999999", "999999999999"),
        ("9?", ""),
        ("x*", ""),
        (Text.of(FREE), "F"),
        (Text.of("9*", NAME), "ACCOUNT"),
    ],
)
def test_patterns_of_accounts(account: Pattern, accounts: str) -> None:
    """Accounts are of twelve digits: of those that a pattern matches there are two, if there are two."""
    assert told(Text.of("arn:aws:dynamodb:*:", account, ":*")) == tables(ELSEWHERE, accounts, "TABLE")


@pytest.mark.parametrize("how", ["refused", "left"])
def test_accounts_of_each_combination(how: str) -> None:
    """Patterns of accounts tell apart those that one matches and those that another does, too."""
    allowed, others = "arn:aws:dynamodb:eu-west-1:98*:*", ["arn:aws:dynamodb:eu-west-1:*73:*"]
    accounts = "980000000000 981000000000 980000000073 981000000073"
    found = told(allowed, refused=others) if how == "refused" else told(allowed, left=others)
    assert found == tables(HERE, accounts, "TABLE")


@pytest.mark.parametrize(
    ("accounts", "found"),
    [
        (["*"], MINE),
        (["999999999999"], "111122223333 999999999999 ACCOUNT"),
        (["111122223333"], ANYONES),
        (["*", "9*"], "111122223333 900000000000 910000000000 ACCOUNT"),
        (
            ["9*", "*9"],
            "111122223333 000000000009 100000000009 900000000000 910000000000 900000000009 910000000009 ACCOUNT",
        ),
        ([Text.of(FREE)], "111122223333 F ACCOUNT"),
    ],
)
def test_accounts_of_conditions(accounts: list[Pattern], found: str) -> None:
    """What a condition compares the account with tells accounts apart, as what is left of everything does."""
    assert told("*", accounts=accounts) == tables(ELSEWHERE, found, "TABLE")
    left = [Text.of("arn:aws:dynamodb:*:", account, ":*") for account in accounts]
    assert told("*", left=left) == tables(ELSEWHERE, found, "TABLE")


@pytest.mark.parametrize(
    ("refused", "accounts"), [("*", MINE), ("111122223333", ANYONES), ("999999999999", ANYONES), ("9*", ANYONES)]
)
def test_refused_accounts(refused: str, accounts: str) -> None:
    """Where accounts are refused, another account that nobody names stands for those that are not."""
    assert told("*", refused=[f"arn:aws:dynamodb:*:{refused}:*"]) == tables(ELSEWHERE, accounts, "TABLE")


# Names


@pytest.mark.parametrize(
    ("refused", "left", "names"),
    [
        ([], ["legacy"], "lTABLE l legacy"),
        ([], ["legacy", "orders", "l*"], "lTABLE l legacy"),
        (["legacy"], [], "lTABLE l"),
        (["*y"], [], "lTABLE lTABLEy l ly"),
        ([], ["*y"], "lTABLE lTABLEy l ly"),
        ([], ["payments"], "lTABLE l"),
        (["*y"], ["legacy"], "lTABLE lTABLEy l ly legacy"),
        (["?"], [], "lTABLE l"),
    ],
)
def test_names(refused: list[str], left: list[str], names: str) -> None:
    """Patterns of names tell names apart, those that are refused too; a name does where something is granted on it."""
    found = told(
        f"{STACK}table/l*",
        refused=[f"{STACK}table/{one}" for one in refused],
        left=[f"{STACK}table/{one}" for one in left],
    )
    assert found == tables(HERE, MINE, names)


def test_names_in_other_places() -> None:
    """A name that is granted somewhere is one that everything else may be allowed on, with what patterns tell apart."""
    found = told("*", left=["arn:aws:dynamodb:us-east-1:*:table/legacy", f"{STACK}index/legacy", f"{STACK}table"])
    assert found == tables(f"{ELSEWHERE} us-east-1", ANYONES, "TABLE legacy")


def test_parts_of_names_that_are_not_known() -> None:
    """Unknown parts of names that hold no wildcard are the same wherever they stand, beside what is like no other."""
    one, other = Text.of(STACK, "table/", NAME, "*"), Text.of(STACK, "table/*", SUFFIX)
    assert told(one, other, Text.of(STACK, "table/", NAME)) == [
        *tables(HERE, MINE, "NTABLE NTABLES N NS"),
        *tables(HERE, MINE, "TABLES S"),
    ]
    assert told(Text.of(STACK, "table/", NAME, "*-", NAME, "-", SUFFIX)) == tables(HERE, MINE, "NTABLE-N-S N-N-S")


def test_names_that_are_not_known() -> None:
    """A name that nobody knows is itself; where the kind of a resource is not known, it may be any table."""
    named, kind = Text.of(STACK, "table/", FREE), Text.of(STACK, FREE, "*")
    assert told(named) == tables(HERE, MINE, "F")
    assert told(kind, f"{STACK}table/a*") == tables(HERE, MINE, "TABLE aTABLE a")
    assert told(Text.of(STACK, FREE), left=[f"{STACK}table/legacy"]) == tables(HERE, MINE, "TABLE legacy")
    assert told(Text.of(STACK, "index", FREE), left=[f"{STACK}table/legacy"]) == []
    assert told("*", left=[named]) == tables(ELSEWHERE, ANYONES, "TABLE F")


# What is no whole ARN


@pytest.mark.parametrize(
    ("pattern", "regions", "accounts", "names"),
    [
        ("arn:aws", ELSEWHERE, MINE, "TABLE"),
        ("arn:aws:dynamodb", ELSEWHERE, MINE, "TABLE"),
        ("arn:aws:dynamodb:us-east-1", "us-east-1", MINE, "TABLE"),
        ("arn:aws:dynamodb:us-*", "us-east-1 us-east-2", MINE, "TABLE"),
        ("arn:aws:dynamodb:us-east-1:999999999999", "us-east-1", "999999999999", "TABLE"),
        ("arn:aws:dynamodb:us-*:9*", "us-east-1 us-east-2", "900000000000 910000000000", "TABLE"),
        ("arn:aws:dynamodb:*legacy", ELSEWHERE, MINE, "TABLElegacy legacy"),
        ("arn:aws:dynamodb:*:table/*", ELSEWHERE, ANYONES, "TABLE"),
        ("arn:*:999999999999:*", ELSEWHERE, "999999999999", "TABLE"),
        ("arn:*:99999999999?:*", ELSEWHERE, "999999999990 999999999991", "TABLE"),
        ("arn:*:us-east-1:*", "us-east-1", "111122223333", "TABLE"),
        ("arn:aws:s3", "", "", ""),
        ("arn:aws:s3*:*", "", "", ""),
        ("arn:aws:s3:us-east-1", "", "", ""),
    ],
)
def test_incomplete_arns(pattern: str, regions: str, accounts: str, names: str) -> None:
    """An ARN that ends too soon is of all that may follow; a wildcard at the end of a segment may reach beyond it."""
    assert told(pattern) == tables(regions, accounts, names)


@pytest.mark.parametrize(
    ("pattern", "regions", "accounts", "names"),
    [
        ("a*", f"{ELSEWHERE} af-south-1 ap-east-1", MINE, "TABLE"),
        ("arn*", ELSEWHERE, MINE, "TABLE"),
        ("*legacy", ELSEWHERE, MINE, "TABLElegacy legacy"),
        ("*:table/legacy", ELSEWHERE, MINE, "legacy"),
        ("*:us-*:*:table/*", "us-east-1 us-east-2", MINE, "TABLE"),
        ("*us-east-?:*", "us-east-1 us-east-2", MINE, "TABLE"),
        ("arn*us-east-1:*", "us-east-1", MINE, "TABLE"),
        ("*:us-*-1:*", "us-east-1 us-west-1", MINE, "TABLE"),
        ("*:999999999999:*", ELSEWHERE, "999999999999", "TABLE"),
        ("*:9*:table/l*", ELSEWHERE, "900000000000 910000000000", "lTABLE l"),
        ("*:eu-west-1?9*table/legacy", HERE, "900000000000 910000000000", "TABLEtable/legacy legacy"),
        ("arn?aws?dynamodb?us-east-1?999999999999?table/legacy", "us-east-1", "999999999999", "legacy"),
        ("arn?aws?dynamodb?us-east-1?999999999999?table/l?", "us-east-1", "999999999999", "lx"),
        ("*:moon-1:*", "", "", ""),
        ("*:s3:*", "", "", ""),
        ("*q*:table/legacy", "", "", ""),
        (Text.of(FREE), ELSEWHERE, MINE, "TABLE"),
        (Text.of("*:", FREE), ELSEWHERE, MINE, "TABLE"),
    ],
)
def test_patterns_of_no_arn(pattern: Pattern, regions: str, accounts: str, names: str) -> None:
    """Of a pattern that is none of an ARN, wherever a colon is or may be, a region or an account may begin or end."""
    assert told(pattern) == tables(regions, accounts, names)


@pytest.mark.parametrize("piece", ["_us-east-1", "us-east-1_", "Xus-east-1X", "x", "table", "x999999999999x"])
@pytest.mark.parametrize("pattern", ["*:x:y:{}:{}:z", "*:{}:*", "*:{}*", "*?{}:*"])
def test_what_is_no_region_and_no_account(pattern: str, piece: str) -> None:
    """What stands where a region or an account might, and looks like none, sets none apart."""
    assert told("*", left=[pattern.format(piece, piece)]) == told("*", left=["*:x:*"])


def test_patterns_of_no_arn_with_parts_that_are_not_known() -> None:
    """What is not known in such a pattern tells names apart, and no regions or accounts."""
    assert told(Text.of(f"*:{HERE}:{MINE}:table/", NAME, "*")) == tables(HERE, MINE, "TABLE NTABLE N")


@pytest.mark.parametrize("pattern", ["arn:aws:dynamodb", "arn:aws:dynamodb:eu-west-1:111122223333", f"{STACK}*", "*"])
def test_names_that_patterns_of_everything_cover(pattern: str) -> None:
    """A name that is granted somewhere is among what an incomplete ARN is completed by, as by a `*`."""
    found = told(pattern, left=[f"{STACK}table/legacy"])
    assert [one for one in found if one.startswith(STACK)] == tables(HERE, MINE, "TABLE legacy")


def test_names_in_patterns_of_no_arn() -> None:
    """What ends such a pattern may have begun before the name: each wildcard may be the one that reaches into it."""
    found = told("*:eu-west-1:*3*x", refused=["arn:aws:dynamodb:*:*:table/*3*"])
    assert [one for one in found if f":{MINE}:" in one] == tables(HERE, MINE, "TABLEx 3TABLEx x 3x")


# What cannot be told apart

MANY = [f"*{one}*{other}*" for one in "01234" for other in "56789"]


@pytest.mark.parametrize("pattern", ["arn:aws:dynamodb:*:*:table/{}", "arn:aws:dynamodb:*:{}:*"])
def test_too_many_patterns(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where patterns cannot be told apart in time it ends with the reason, after the tables that are certain."""
    monkeypatch.setattr(globs, "_MAX_STEPS", 1_000)
    legacy = "arn:aws:dynamodb:us-east-1:999999999999:table/legacy"
    patterns = list(map(Text.of, [legacy, *map(pattern.format, MANY)]))
    stated = Stated(patterns, patterns, patterns, [], [])
    found: list[Text] = []
    with pytest.raises(UndeterminedError) as raised:
        found.extend(other_tables(OTHER, stated, _own(Stack()), []))
    assert written(found[0]) == legacy
    assert raised.value.reason == "the patterns of the role's policies are too many to tell apart"


def test_too_many_wildcards() -> None:
    """Fifty wildcards that may each reach beyond their segments are gone through, and no more."""
    assert told(f"{'_?' * 49}*") == []
    assert told(f"{STACK}{'*' * 51}") == tables(HERE, MINE, "TABLE")
    with pytest.raises(UndeterminedError) as raised:
        told(f"{'_?' * 50}*")
    assert raised.value.reason == "the wildcards of the role's policies are too many to tell regions apart"


def test_many_patterns_of_refused_accounts() -> None:
    """Patterns of accounts that are only refused need not be told apart."""
    refused = [f"arn:aws:dynamodb:*:{one}:*" for one in MANY]
    assert told("*", refused=refused) == tables(ELSEWHERE, ANYONES, "TABLE")
