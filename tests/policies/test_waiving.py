"""Waivers held against findings: what is waived, what is wrong with a waiver, and what cannot be said of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.model import Settings
from policies.waiver_model import Waiver
from policies.waiving import (
    OURS,
    TEMPLATE,
    Flag,
    Kind,
    Notice,
    Problem,
    Waived,
    Waiving,
    fingerprint,
    spelt,
    waive,
)
from tests.policies.waivers import CREATED, EXPIRES, PATH, A, B, C, waiver

TODAY = date(2025, 5, 1)
DEV: Settings = {"stage": "dev", "deployVpc": False, "readCapacity": 5}
PROD: Settings = {"stage": "prod", "deployVpc": True}
OTHER = "WorthWatchStorage/Storage/OtherFunction/Resource"
PLACE = f"CKV_AWS_116 on {PATH} in dev"
RENEW = "mend what it covers, or have its owner review and renew it"


def flag(fingerprint: str = A, *, settings: Settings = DEV, **changes: str) -> Flag:
    """Return a finding, changed."""
    texts = {"scanner": "checkov", "rule": "CKV_AWS_116", "resource": PATH, "context": "dev"} | changes
    return Flag(fingerprint=fingerprint, settings=settings, **texts)


def held(
    flags: Sequence[Flag],
    *waivers: Waiver,
    ran: Collection[str] = ("checkov", "worthwatch"),
    contexts: Sequence[Settings] | None = (DEV, PROD),
    today: date = TODAY,
) -> Waiving:
    """Hold waivers against findings."""
    return waive(flags, waivers, ran=ran, contexts=contexts, today=today)


def told(waiving: Waiving) -> list[tuple[Kind, str]]:
    """Return the problems of the one waiver that there is."""
    return [(problem.kind, problem.message) for problem in waiving.problems]


def test_waived() -> None:
    """What a waiver was written for is waived in each context, and counted; nothing else is to be said."""
    one = waiver()
    flags = [flag(), flag(context="prod", settings=PROD)]
    waiving = held(flags, one)
    assert (waiving.waived, waiving.problems, waiving.warnings, waiving.not_asked) == (
        (Waived(one, 91, 2),),
        (),
        (),
        (),
    )
    assert [waiving.covers(each) for each in flags] == [one, one]


def test_words() -> None:
    """What files and reports call our own scanner, what is about no resource, and each kind of problem stays so."""
    assert (OURS, TEMPLATE) == ("worthwatch", "template")
    assert [kind.value for kind in Kind] == ["expired", "early", "over-broad", "overlapping", "unused"]


def test_what_is_made_of_a_run() -> None:
    """Two runs of which the same is to be said are the same, whatever else was found in them."""
    assert held([]) == held([flag()]) != held([], waiver())
    assert repr(held([])) == "Waiving(waived=(), problems=(), warnings=(), not_asked=())"


def test_no_waivers() -> None:
    """Without waivers nothing is waived."""
    waiving = held([flag()])
    assert (waiving.waived, waiving.problems, waiving.covers(flag())) == ((), (), None)


@pytest.mark.parametrize(
    "other",
    [
        flag(scanner="cfn-lint"),
        flag(rule="CKV_AWS_117"),
        flag(rule="ckv_aws_116"),
        flag(resource=OTHER),
        flag(resource=PATH.lower()),
        flag(resource=f"{PATH}/"),
        flag(resource=PATH.replace("o", "\u043e")),
        flag(resource="*"),
        flag(rule="*"),
    ],
)
def test_what_is_not_matched(other: Flag) -> None:
    """What differs in scanner, rule or resource, be it by a letter, is not waived, and the waiver is unused."""
    waiving = held([other], waiver(), ran=("checkov", "cfn-lint"))
    assert waiving.covers(other) is None
    assert told(waiving) == [(Kind.UNUSED, "nothing that it matches was found: take it out")]


@pytest.mark.parametrize("wildcard", [{"rule": "*"}, {"resource": "*"}])
def test_wildcards(wildcard: dict[str, str]) -> None:
    """A wildcard stands for every rule, or resource, and still waives only what the waiver was written for."""
    one = waiver(**wildcard)
    other = flag(B, rule="CKV_AWS_117") if "rule" in wildcard else flag(B, resource=OTHER)
    waiving = held([flag(), other], one)
    assert [waiving.covers(each) for each in (flag(), other)] == [one, None]
    assert [kind for kind, _ in told(waiving)] == [Kind.OVER_BROAD]


# Conditions


@pytest.mark.parametrize(
    ("when", "settings", "met"),
    [
        ({"stage": ["dev"]}, DEV, True),
        ({"stage": ["dev", "prod"]}, PROD, True),
        ({"stage": ["prod"]}, DEV, False),
        ({"stage": ["Dev"]}, DEV, False),
        ({"stage": ["dev"], "deployVpc": [True]}, DEV, False),
        ({"stage": ["prod"], "deployVpc": [True]}, PROD, True),
        ({"deployVpc": [True]}, {"deployVpc": 1}, False),
        ({"deployVpc": [True]}, {"deployVpc": "true"}, False),
        ({"readCapacity": [1]}, {"readCapacity": True}, False),
        ({"readCapacity": [1]}, {"readCapacity": 1.0}, False),
        ({"readCapacity": [5]}, {"readCapacity": 5}, True),
        ({"readCapacity": [0]}, {}, False),
        ({"tableName": ["None"]}, {"tableName": None}, False),
    ],
)
def test_conditions(when: dict[str, list[object]], settings: Settings, *, met: bool) -> None:
    """A waiver holds where each setting has one of its values, of the same type; one that is unset has none."""
    one = waiver(when=when)
    found = flag(settings=settings)
    assert held([found], one).covers(found) == (one if met else None)


def test_outside_of_the_condition() -> None:
    """The same finding in a context in which the waiver does not hold is not waived, and nothing of the waiver's."""
    one = waiver(when={"stage": ["dev"]})
    waiving = held([flag(), flag(context="prod", settings=PROD)], one)
    assert (waiving.waived, waiving.problems) == ((Waived(one, 91, 1),), ())


# Time


@pytest.mark.parametrize(
    ("today", "kinds", "waived"),
    [
        (CREATED - timedelta(days=1), [Kind.EARLY], False),
        (CREATED, [], True),
        (EXPIRES, [], True),
        (EXPIRES + timedelta(days=1), [Kind.EXPIRED], False),
    ],
)
def test_time(today: date, kinds: list[Kind], *, waived: bool) -> None:
    """From the first day to the last, each of them as a whole, a waiver holds; before and after, it waives nothing."""
    waiving = held([flag()], waiver(), today=today)
    assert [problem.kind for problem in waiving.problems] == kinds
    assert [len(waiving.waived) == 1, waiving.covers(flag()) is not None] == [waived, waived]


def test_what_is_told_of_time() -> None:
    """The days are named, and what to do."""
    assert told(held([flag()], waiver(), today=date(2025, 8, 1))) == [
        (Kind.EXPIRED, f"held until 2025-07-31: what it covered counts again; {RENEW}")
    ]
    assert told(held([flag()], waiver(), today=date(2025, 1, 30))) == [
        (
            Kind.EARLY,
            "holds from 2025-01-31 on, which is after today, 2025-01-30: it covers nothing yet; correct created",
        )
    ]


def test_expired_and_unused() -> None:
    """That a waiver has expired does not depend on what was found or ran."""
    assert [kind for kind, _ in told(held([], waiver(), today=date(2025, 8, 1)))] == [Kind.EXPIRED, Kind.UNUSED]
    assert [kind for kind, _ in told(held([], waiver(), ran=(), today=date(2025, 8, 1)))] == [Kind.EXPIRED]


@pytest.mark.parametrize(
    ("left", "words"), [(31, None), (30, "30 days"), (2, "2 days"), (1, "1 day"), (0, "0 days"), (-1, None)]
)
def test_warning(left: int, words: str | None) -> None:
    """In its last 30 days a waiver is warned of, and still waives."""
    one = waiver()
    waiving = held([flag()], one, today=EXPIRES - timedelta(days=left))
    expected = Notice(one, f"holds until 2025-07-31, {words} from today: {RENEW}")
    assert waiving.warnings == ((expected,) if words else ())
    assert waiving.waived == ((Waived(one, left, 1),) if left >= 0 else ())


# Over-broad


def test_over_broad() -> None:
    """A finding that has changed, or is new, is not waived; each is named with its place once, and three in all."""
    flags = [flag(), flag(B), flag(B, context="prod"), *(flag(digit * 32) for digit in "cde")]
    waiving = held(flags, waiver())
    assert [waiving.covers(each) is None for each in flags] == [False, True, True, True, True, True]
    assert told(waiving) == [
        (
            Kind.OVER_BROAD,
            f"matches what it was not written for: {B} ({PLACE}); {C} ({PLACE}); {'d' * 32} ({PLACE}) and 1 more; "
            "mend that, or let it match less, by rule, resource or when, or review that and add its fingerprint",
        )
    ]
    assert waiving.waived == (Waived(waiver(), 91, 1),)


def test_changed() -> None:
    """Where a finding is found no more, and another in its place, the waiver is over-broad and unused."""
    assert told(held([flag(B)], waiver())) == [
        (
            Kind.OVER_BROAD,
            f"matches what it was not written for: {B} ({PLACE}); "
            "mend that, or let it match less, by rule, resource or when, or review that and add its fingerprint",
        ),
        (Kind.UNUSED, f"was written for what was not found: take out the fingerprints {A}"),
    ]


# Unused


def test_partly_unused() -> None:
    """A fingerprint that was found nowhere is named."""
    waiving = held([flag(B)], waiver(fingerprints=[A, B, C]))
    assert told(waiving) == [(Kind.UNUSED, f"was written for what was not found: take out the fingerprints {A}, {C}")]
    assert waiving.covers(flag(B)) is not None


@pytest.mark.parametrize(("count", "more"), [(3, ""), (5, " and 2 more")])
def test_much_unused(count: int, more: str) -> None:
    """So many fingerprints are named as a reader takes in."""
    unused = [f"{number:032x}" for number in range(count)]
    told_of = f"was written for what was not found: take out the fingerprints {', '.join(unused[:3])}{more}"
    assert told(held([flag()], waiver(fingerprints=[*unused, A]))) == [(Kind.UNUSED, told_of)]


@pytest.mark.parametrize(
    ("flags", "contexts", "today", "kinds"),
    [
        ([flag()], [DEV], EXPIRES + timedelta(days=1), [Kind.EXPIRED]),
        ([flag()], [DEV], CREATED - timedelta(days=1), [Kind.EARLY]),
        ([flag(), flag(B)], [DEV], TODAY, [Kind.OVER_BROAD]),
        ([flag(B)], [DEV], TODAY, [Kind.OVER_BROAD, Kind.UNUSED]),
        ([], [DEV], TODAY, [Kind.UNUSED]),
        ([], [PROD], TODAY, [Kind.UNUSED]),
    ],
)
def test_whose_problem_it_is(flags: list[Flag], contexts: list[Settings], today: date, kinds: list[Kind]) -> None:
    """Each problem is told of the waiver that has it, and of no other."""
    one = waiver(when={"stage": ["dev"]})
    other = waiver(rule="CKV_AWS_117", created=CREATED - timedelta(days=30), expires=EXPIRES + timedelta(days=30))
    waiving = held([*flags, flag(rule="CKV_AWS_117")], other, one, contexts=contexts, today=today)
    assert [(problem.kind, problem.waiver) for problem in waiving.problems] == [(kind, one) for kind in kinds]


@pytest.mark.parametrize(
    ("ran", "contexts", "reason"),
    [
        (["cfn-lint"], [DEV, PROD], "checkov did not run"),
        ([], [], "checkov did not run"),
        (["cfn-lint"], None, "checkov did not run"),
        (["checkov"], [], "no context"),
        (["checkov"], None, "not every value of every setting was tried"),
    ],
)
def test_not_asked(ran: list[str], contexts: list[Settings] | None, reason: str) -> None:
    """Where its scanner did not run, or not each context was tried, a waiver is neither used nor unused."""
    one = waiver(when={"stage": ["prod", "staging"], "deployVpc": [True]})
    waiving = held([], one, ran=ran, contexts=contexts)
    assert (waiving.problems, waiving.not_asked) == ((), (Notice(one, reason),))


@pytest.mark.parametrize("contexts", [[DEV], [{**PROD, "deployVpc": 1}]])
def test_a_condition_that_no_context_meets(contexts: list[Settings]) -> None:
    """Of a matrix with every value of every setting that is known: what the waiver is for, there is not."""
    one = waiver(when={"stage": ["prod", "staging"], "deployVpc": [True]})
    waiving = held([], one, contexts=contexts)
    condition = 'deployVpc is true and stage is "prod" or "staging"'
    assert (told(waiving), waiving.not_asked) == (
        [(Kind.UNUSED, f"no context of the matrix is one in which {condition}: mend that, or take it out")],
        (),
    )


def test_used_in_a_few_contexts() -> None:
    """What a waiver was written for was found, be it in few contexts: it has been tried."""
    waiving = held([flag()], waiver(), waiver(rule="CKV_AWS_117", fingerprints=[A]), contexts=None)
    assert [one.waiver.rule for one in waiving.not_asked] == ["CKV_AWS_117"]


def test_unused_where_it_could_be_used() -> None:
    """One context in which a waiver holds is enough to find it unused."""
    assert told(held([], waiver(when={"stage": ["prod"]}))) == [
        (Kind.UNUSED, "nothing that it matches was found: take it out")
    ]


# Overlapping


@pytest.mark.parametrize(
    "others",
    [
        [waiver(rule="*")],
        [waiver(resource="*")],
        [waiver(when={"stage": ["dev"]})],
        [waiver(rule="*", fingerprints=[A, B])],
        [waiver(rule="*"), waiver(resource="*")],
    ],
)
def test_overlapping(others: list[Waiver]) -> None:
    """Of two waivers that match a finding, none waives it; that is told once, and neither is unused for it."""
    waiving = held([flag(), flag(context="again")], waiver(), *others)
    names = "; ".join(sorted((other.name for other in others), key=[other.name for other in others].index))
    message = (
        f"matches what another matches, too ({names}), so that none of them waives it: {A} ({PLACE}); "
        "let only one of them match it"
    )
    assert (waiving.covers(flag()), waiving.waived) == (None, ())
    assert [problem for problem in waiving.problems if problem.kind is not Kind.UNUSED] == [
        Problem(Kind.OVERLAPPING, waiver(), message)
    ]
    assert [problem.waiver.fingerprints for problem in waiving.problems if problem.kind is Kind.UNUSED] == [
        other.fingerprints for other in others if B in other.fingerprints
    ]


def test_overlapping_with_one_that_does_not_count() -> None:
    """One that has expired, or was not written for the finding, is no reason to take the other."""
    expired = waiver(rule="*", created=date(2024, 5, 1), expires=date(2025, 4, 30))
    stray = waiver(rule="*", fingerprints=[B])
    assert [problem.kind for problem in held([flag()], waiver(), expired).problems] == [Kind.OVERLAPPING, Kind.EXPIRED]
    assert [problem.kind for problem in held([flag(), flag(B)], waiver(), stray).problems] == [
        Kind.OVER_BROAD,
        Kind.OVERLAPPING,
        Kind.OVER_BROAD,
    ]
    assert held([flag()], waiver(), expired).covers(flag()) is None


def test_beside_each_other() -> None:
    """Waivers that share no finding do not overlap, even if one could match what the other does."""
    rest, one = waiver(resource="*", fingerprints=[B]), waiver(rule="CKV_AWS_117")
    flags = [flag(B, resource=OTHER), flag(rule="CKV_AWS_117")]
    waiving = held(flags, rest, one)
    assert [waiving.covers(each) for each in flags] == [rest, one]
    assert waiving.waived == (Waived(rest, 91, 1), Waived(one, 91, 1))


# All together

_SETTINGS = st.sampled_from([DEV, PROD, {}])
_FLAGS = st.builds(
    flag,
    st.sampled_from([A, B, C]),
    rule=st.sampled_from(["R", "S", "*"]),
    resource=st.sampled_from([PATH, OTHER, "template", "*"]),
    settings=_SETTINGS,
)
_WAIVERS = st.builds(
    lambda selector, fingerprints, created, days, when: waiver(
        rule=selector[0],
        resource=selector[1],
        fingerprints=sorted(fingerprints),
        created=created,
        expires=created + timedelta(days=days),
        **when,
    ),
    st.tuples(st.sampled_from(["R", "S", "*"]), st.sampled_from([PATH, OTHER, "template", "*"])).filter(
        lambda selector: selector != ("*", "*")
    ),
    st.sets(st.sampled_from([A, B, C]), min_size=1),
    st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=5)),
    st.integers(1, 365),
    st.sampled_from([{}, {"when": {"stage": ["dev"]}}, {"when": {"deployVpc": [True]}}]),
)


def matches(one: Waiver, found: Flag) -> bool:
    """Tell whether a waiver matches a finding, as the file's comment says it."""
    settings = all(found.settings.get(name) in values for name, values in one.when.items())
    return one.rule in {"*", found.rule} and one.resource in {"*", found.resource} and settings


@given(st.lists(_FLAGS, max_size=8), st.lists(_WAIVERS, max_size=5, unique_by=lambda one: one.selector))
def test_nothing_is_waived_without_reason(flags: list[Flag], waivers: list[Waiver]) -> None:
    """Each finding is waived by the only waiver that matches it, was written for it and holds; or it is a finding.

    Where the waivers have no problem, every finding that one matches is waived.
    """
    waiving = held(flags, *waivers)
    for found in flags:
        matching = [one for one in waivers if matches(one, found)]
        holds = [
            one for one in matching if one.created <= TODAY <= one.expires and found.fingerprint in one.fingerprints
        ]
        assert waiving.covers(found) == (holds[0] if len(matching) == len(holds) == 1 else None)
        assert waiving.problems or not matching or waiving.covers(found) is not None
    assert sum(each.flags for each in waiving.waived) == sum(waiving.covers(found) is not None for found in flags)


# Fingerprints


def test_fingerprint() -> None:
    """It is the same at all times: files hold it."""
    assert fingerprint("checkov", "CKV_AWS_116", PATH, "No DLQ", spelt({"b": [1, True], "a": None})) == (
        fingerprint("checkov", "CKV_AWS_116", PATH, "No DLQ", spelt({"a": None, "b": [1, True]}))
    )
    assert fingerprint("checkov", "CKV_AWS_116", PATH, "No DLQ") == "d2119130f8f9ae8625921c4d29170e21"


@pytest.mark.parametrize(
    ("message", "found", "expected"),
    [
        ("wrong at Line: 3, columns 7 to 9", None, "58ed01a5dc20e6cdd3708d0afe8900af"),
        ("x.template.json:3:5: wrong", None, "89b690ee98f4d0a399f4a05a2add16ed"),
        ("in eu-central-1a", None, "04f316ad645c7b3fa781a78ab1965b6f"),
        (f"in {'0123456789abcdef' * 4}.zip", None, "dc588206c1a10502866e107794426d7f"),
        (f"AssetParameters{'0123456789abcdef' * 4}S3Bucket0A1B2C3D", None, "19273ca50a91ae9e00a96a477e89ca24"),
        ("\u00e9", {"\u00e9": "\ud800"}, "979b50540101080d8f8dadc2fc5472a0"),
    ],
)
def test_fingerprint_without_what_does_not_count(message: str, found: object, expected: str) -> None:
    """What stands in the place of what does not count, and of a character that is not ASCII, is part of it."""
    assert fingerprint("checkov", "CKV_AWS_116", PATH, message, spelt(found)) == expected


DIGEST, ANOTHER = "0123456789abcdef" * 4, "fedcba9876543210" * 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"in {DIGEST}.template.json", f"in {ANOTHER}.template.json"),
        (f"AssetParameters{DIGEST}S3Bucket", f"AssetParameters{ANOTHER}S3Bucket"),
        (f"AssetParameters{DIGEST}S3Bucket0A1B2C3D", f"AssetParameters{ANOTHER}S3Bucket9E8F7A6B"),
        (
            f"x AssetParameters{DIGEST}ArtifactHash0A1B2C3D not used",
            f"x AssetParameters{ANOTHER}ArtifactHashFFFFFFFF not used",
        ),
        ("hardcoded zone 'eu-central-1a'", "hardcoded zone 'us-gov-west-1c'"),
        ("wrong at line 3", "wrong at line 14"),
        ("wrong at Line: 3, column: 7", "wrong at Line: 14, column: 1"),
        ("wrong, lines 3-7", "wrong, lines 14-9"),
        ("wrong, lines 3 to 7", "wrong, lines 14 to 29"),
        ("x.template.json:3:5: wrong", "x.template.json:14:7: wrong"),
        ("x.template.json:3-5: wrong", "x.template.json:14-17: wrong"),
    ],
)
def test_what_does_not_count(one: str, other: str) -> None:
    """Digests, zones, and the numbers of lines and columns in a message, make no other finding."""
    assert fingerprint("s", "r", "p", one) == fingerprint("s", "r", "p", other)


def test_digests_that_are_found() -> None:
    """The name of an asset, which changes with every change of its content, makes no other finding."""
    assert fingerprint("s", "r", "p", "m", spelt({"S3Key": f"{DIGEST}.zip"})) == (
        fingerprint("s", "r", "p", "m", spelt({"S3Key": f"{ANOTHER}.zip"}))
    )


def test_what_counts() -> None:
    """All else makes another finding: a text is not the number that it looks like, and parts do not run together."""
    findings: list[tuple[str, str, str, str, object]] = [
        ("s", "r", "p", "m", None),
        ("t", "r", "p", "m", None),
        ("s", "t", "p", "m", None),
        ("s", "r", "t", "m", None),
        ("s", "r", "p", "t", None),
        ("sr", "", "p", "m", None),
        ("s", "r", "p", "m", "null"),
        ("s", "r", "p", "m", True),
        ("s", "r", "p", "m", 1),
        ("s", "r", "p", "m", "1"),
        ("s", "r", "p", "m", 1.5),
        ("s", "r", "p", "m", []),
        ("s", "r", "p", "m", {}),
        ("s", "r", "p", "timeout of 3 seconds", None),
        ("s", "r", "p", "timeout of 30 seconds", None),
        ("s", "r", "p", "3 lines", None),
        ("s", "r", "p", "4 lines", None),
        ("s", "r", "p", DIGEST[:-1], None),
        ("s", "r", "p", ANOTHER[:-1], None),
        ("s", "r", "p", f"AssetParameters{DIGEST}S3Bucket0A1B2C3D", None),
        ("s", "r", "p", f"AssetParameters{DIGEST}S3VersionKey0A1B2C3D", None),
        ("s", "r", "p", "Bucket0A1B2C3D", None),
        ("s", "r", "p", "Bucket9E8F7A6B", None),
        ("s", "r", "p", f"a{DIGEST}", None),
        ("s", "r", "p", f"a{ANOTHER}", None),
        ("s", "r", "p", "m", 10**99),
        ("s", "r", "p", "\ud800", None),
    ]
    assert len({fingerprint(*each[:4], spelt(each[4])) for each in findings}) == len(findings)
