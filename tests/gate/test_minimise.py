"""Findings reduced to the fewest context keys that show them, by real synthesis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.judged import Judged
from gate.matrix import judge_contexts
from gate.minimise import minimise
from policies.model import Outcome, Verdict
from stack.contexts import Context
from stack.settings import PREFIX
from tests.gate.breaks import apply_by_settings

ENCRYPTION = "table-encryption/encryption-enabled"
SORT_KEY = "table-key-schema/no-sort-key-required"
PARTITION_KEY = "table-key-schema/partition-key-defined"
REFUSAL = "context-validation/invalid-context-refused"


def context(**values: object) -> Context:
    """Return a context of keys given without prefix, in a known account."""
    return Context("found", {PREFIX + key: value for key, value in values.items()}, "111122223333", "eu-central-1")


def violated(scenario: str, spec: str = "dynamodb-storage", outcome: Outcome = Outcome.NON_COMPLIANT) -> Verdict:
    """Return a verdict as the gate has it, as far as reducing it depends on that."""
    return Verdict(spec, scenario, outcome, context="found")


WRONG = frozenset({f"{PREFIX}tableName"})
MANY = {"removalPolicy": "retain", "deployVpc": "true", "stage": "prod", "tableName": "named"}
THREE = {"stage": "staging", "deployVpc": True, "pointInTimeRecovery": "false"}
FOUND = {
    "nothing": (context(**MANY), violated(ENCRYPTION)),
    "two-keys": (context(**MANY), violated(SORT_KEY)),
    "three-keys": (
        Context("found", {f"{PREFIX}{key}": value for key, value in THREE.items()}),
        violated(PARTITION_KEY),
    ),
    "refused": (
        Context("found", {f"{PREFIX}stage": "nonsense", f"{PREFIX}deployVpc": True}),
        violated(SORT_KEY, outcome=Outcome.ERROR),
    ),
    "accepted": (
        Context("found", {f"{PREFIX}stage": "prod", f"{PREFIX}tableName": "named"}, refused=WRONG),
        violated(REFUSAL, "storage-hardening"),
    ),
}


@pytest.fixture(scope="module")
def smallest() -> Mapping[str, Context]:
    """Return what all findings are reduced to, together; the findings are those that the gate makes."""
    judged = judge_contexts([found for found, _ in FOUND.values()], apply_by_settings)
    findings = [(one.context, [seen(one, wanted)]) for one, (_, wanted) in zip(judged, FOUND.values(), strict=True)]
    return dict(zip(FOUND, minimise(findings, apply_by_settings), strict=True))


def seen(judged: Judged, wanted: Verdict) -> Verdict:
    """Return the verdict on a scenario that a context came to."""
    (verdict,) = (
        one
        for one in judged.verdicts
        if (one.spec, one.scenario, one.outcome) == (wanted.spec, wanted.scenario, wanted.outcome)
    )
    return verdict


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("nothing", {}),
        ("two-keys", {"deployVpc": "true", "stage": "prod"}),
        ("three-keys", THREE),
        ("refused", {"stage": "nonsense"}),
    ],
)
def test_the_fewest_keys_that_show_it(smallest: Mapping[str, Context], name: str, keys: dict[str, object]) -> None:
    """What the finding does not need is gone, the environment too; what it needs stays as it was spelled."""
    assert smallest[name] == Context("found", {PREFIX + key: value for key, value in keys.items()})


def test_a_context_that_must_be_refused_is_left_alone(smallest: Mapping[str, Context]) -> None:
    """Without one of its keys it may well be valid, and its synthesis would show nothing."""
    assert smallest["accepted"] == FOUND["accepted"][0]


Shown = Callable[[Set[str]], bool]


def reduce(monkeypatch: pytest.MonkeyPatch, shown: Shown, keys: str) -> tuple[str, list[list[str]]]:
    """Return what is left of keys where others than those `shown` do not show it, and what was tried in each round."""
    rounds: list[list[str]] = []

    def judged(contexts: Iterable[Context], _: object) -> Iterator[Judged]:
        rounds.append([])
        for one in contexts:
            rounds[-1].append("".join(one.values))
            yield Judged(one, (violated(SORT_KEY),) if shown(one.values.keys()) else (), None)

    monkeypatch.setattr("gate.minimise.judge_contexts", judged)
    (smallest,) = minimise([(Context("found", dict.fromkeys(keys, 1)), [violated(SORT_KEY)])])
    return "".join(smallest.values), [tried for tried in rounds if tried]


def test_what_is_needed_is_found_by_leaving_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no key alone shows it, those that cannot be left out do; with one of them less nothing shows it."""
    smallest, rounds = reduce(monkeypatch, lambda keys: keys >= set("bcef"), "abcdef")
    assert smallest == "bcef"
    assert rounds == [
        ["", *"abcdef"],
        ["bcdef", "acdef", "abdef", "abcef", "abcdf", "abcde"],
        ["ef", "cf", "ce", "bf", "be", "bc", "cef", "bef", "bcf", "bce", "bcef"],
    ]


def test_a_key_alone_is_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a key alone shows, or none at all, takes one round."""
    assert reduce(monkeypatch, lambda keys: "b" in keys, "abcdef") == ("b", [["", "a", "b"]])
    assert reduce(monkeypatch, lambda keys: True, "abcdef") == ("", [[""]])


LETTERS = "abcdefgh"
SOME = st.frozensets(st.sampled_from(LETTERS), max_size=5)


@given(
    causes=st.lists(SOME, min_size=1, max_size=3), leans=st.dictionaries(*[st.sampled_from(LETTERS)] * 2, max_size=3)
)
@settings(max_examples=200)
def test_no_key_to_spare(causes: list[frozenset[str]], leans: dict[str, str]) -> None:
    """One of several causes shows it, where no key is refused for want of the one that it leans on.

    The answer shows it, and with any key less it does not. Where nothing is refused and there is one cause, or one of
    up to two keys, no other answer is smaller.
    """

    def shown(keys: Set[str]) -> bool:
        accepted = all(leans.get(key, key) in keys for key in keys)
        return accepted and any(cause <= keys for cause in causes)

    with pytest.MonkeyPatch.context() as monkeypatch:
        smallest, _ = reduce(monkeypatch, shown, LETTERS)
    assert shown(set(smallest))
    assert not any(shown(set(smallest) - {key}) for key in smallest)
    fewest = min(map(len, causes))
    if not leans and (len(causes) == 1 or fewest <= 2):
        assert len(smallest) == fewest


def test_what_is_to_be_seen_together_is_shown_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context that shows some of the verdicts only is not enough."""

    def judged(contexts: Iterable[Context], _: object) -> Iterator[Judged]:
        for one in contexts:
            needed = {"a": SORT_KEY, "b": PARTITION_KEY}
            yield Judged(one, tuple(violated(name) for key, name in needed.items() if key in one.values), None)

    monkeypatch.setattr("gate.minimise.judge_contexts", judged)
    found = Context("found", dict.fromkeys("abc", 1))
    wanted = [violated(SORT_KEY), violated(PARTITION_KEY)]
    assert minimise([(found, wanted), (found, wanted[:1])]) == [
        Context("found", dict.fromkeys("ab", 1)),
        Context("found", dict.fromkeys("a", 1)),
    ]


def test_what_is_waived_is_reduced_to_what_shows_its_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged again it is a violation, which no waiver covers there."""

    def judged(contexts: Iterable[Context], _: object) -> Iterator[Judged]:
        for one in contexts:
            yield Judged(one, (violated(SORT_KEY),) if "b" in one.values else (), None)

    monkeypatch.setattr("gate.minimise.judge_contexts", judged)
    found = Context("found", dict.fromkeys("abc", 1))
    waived = [violated(SORT_KEY, outcome=Outcome.WAIVED)]
    assert minimise([(found, waived)]) == [Context("found", {"b": 1})]


def test_nothing_to_reduce() -> None:
    """Without findings nothing is synthesised."""
    assert minimise([], apply_by_settings) == []
