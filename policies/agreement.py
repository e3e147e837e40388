"""policies/agreement.toml: which rules of other scanners judge the same thing as a scenario, and where they may differ.

Two that judge the same thing and differ are a finding about one of them, unless the table says why both are right.
Whether they do differ is found out by `gate.agreement`, on the templates of a matrix and on the mutants of the proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from policies.catalogue import load
from policies.model import TableRule
from policies.reading import InputError, printable, read_file
from policies.toml_entries import MAX_PROBLEMS, Entry, Format, Table, contradiction
from policies.waiver_model import (
    ANY,
    MAX_REASON,
    MIN_REASON,
    MIN_WORDS,
    WHEN,
    Setting,
    Values,
    ascend,
    is_reason,
    is_resource,
    is_rule,
    key_of,
    such_that,
    when_told,
)
from policies.waiving import OURS

SHIPPED = Path(__file__).with_name("agreement.toml")
"""The table that comes with this package."""

MAX_BYTES = 262_144
"""256 KiB: some hundreds of pairs."""

TABLES: Final = frozenset({"AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"})
"""The types of resources that scenarios judge."""


OtherScanner = Annotated[
    str,
    Field(
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=50,
        description="another scanner's name in lower case, such as checkov or cfn-lint",
    ),
    such_that(lambda name: name.replace("-", "") != OURS),
]

RuleId = Annotated[
    str,
    Field(max_length=100, description="the id of one rule, in ASCII, without what cdk-nag adds in brackets"),
    such_that(lambda text: text != ANY and "[" not in text and is_rule(text)),
]


class Side(StrEnum):
    """Who finds fault, in a disagreement, where the other does not."""

    THEY = "they"
    """The scanner flags a resource; the scenario is compliant."""
    WE = "we"
    """The scenario is violated; the scanner is silent."""


_TELLING = (
    f"{MIN_REASON} to {MAX_REASON} characters on one line, with {MIN_WORDS} different words or more, none such as TODO"
)


class Explanation(Table):
    """Why a scanner's rule and a scenario may disagree, where `when` is met.

    `resource` is the construct path of what the scanner flags, for a pair that does not compare table by table. With
    `operators` it is about the mutants that these make, whatever is flagged in them, and about nothing else.
    """

    side: Annotated[
        Side,
        # TOML has texts only; they are held to the two.
        Field(
            strict=False,
            description='who finds fault where the other does not: "they", the scanner, or "we", the scenario',
        ),
    ]
    resource: Annotated[
        str,
        Field(max_length=500, description="a construct path in ASCII, of what the scanner flags"),
        such_that(lambda text: text != ANY and is_resource(text)),
    ] = ""
    when: Annotated[Mapping[Setting, Values], WHEN] = {}
    operators: Annotated[
        tuple[Annotated[str, Field(pattern="^[a-z_]+/[a-z_-]+$", max_length=100)], ...],
        Field(
            strict=False,
            max_length=100,
            description="a list of operators of the proof, as `prove --format json` names them, in order",
        ),
        such_that(ascend),
    ] = ()
    why: Annotated[
        str,
        Field(min_length=MIN_REASON, max_length=MAX_REASON, description=f"why both of them are right, in {_TELLING}"),
        such_that(is_reason),
    ]

    @property
    def selector(self) -> tuple[object, ...]:
        """What it matches by: a pair's explanations are in the order of it, and no two have the same."""
        return self.side, self.resource, key_of(self.when), self.operators

    @property
    def name(self) -> str:
        """What messages call it."""
        told = f"{self.side} on {self.resource}" if self.resource else str(self.side)
        told = f"{told} in mutants by {self.operators[0]}" if self.operators else told
        return f"{told} when {when_told(self.when)}" if self.when else told


class Pair(Entry):
    """A rule of a scanner and a scenario of ours that judge the same thing.

    `types` are the types of the resources that the scanner's rule judges. If those are tables, the two are compared
    on each table. If they are others, such as roles and policies, they are compared on each template, for a scenario
    judges those by the table that they give access to. `note` says what each of the two means.

    What a scanner writes in brackets behind an id is what it has found, and no part of the rule.
    """

    scanner: OtherScanner
    rule: RuleId
    scenario: Annotated[
        str,
        Field(
            pattern="^[a-z0-9-]+#[a-z0-9-]+/[a-z0-9-]+$",
            max_length=200,
            description="a scenario's full id, such as dynamodb-storage#table-encryption/encryption-enabled",
        ),
    ]
    types: Annotated[
        tuple[Annotated[str, Field(pattern="^[A-Z][A-Za-z0-9]*(::[A-Z][A-Za-z0-9]*){2}$")], ...],
        Field(
            strict=False,
            min_length=1,
            max_length=20,
            description='a list of resource types, such as ["AWS::DynamoDB::Table"], in order, each once',
        ),
        such_that(ascend),
    ]
    note: Annotated[
        str,
        Field(min_length=MIN_REASON, max_length=MAX_REASON, description=f"what each of them asks for, in {_TELLING}"),
        such_that(is_reason),
    ]
    explained: Annotated[
        tuple[Explanation, ...],
        Field(
            strict=False,
            max_length=20,
            description="[[pair.explained]] over each disagreement that is explained",
        ),
    ] = ()

    @model_validator(mode="after")
    def _agree_with_each_other(self) -> Self:
        if problems := list(self._contradictions()):
            raise contradiction(problems)
        return self

    def _contradictions(self) -> Iterator[str]:
        if not self.by_table and TABLES & set(self.types):
            yield "types: found tables and others; expected one pair for either"
        for at, explanation in enumerate(self.explained):
            wanted = not self.by_table and explanation.side is Side.THEY and not explanation.operators
            if wanted and not explanation.resource:
                yield f"explained[{at}].resource: missing; expected the construct path of what the scanner flags"
            elif explanation.resource and not wanted:
                compared = "where tables or mutants are compared, or we find fault"
                yield f"explained[{at}].resource: no such key {compared}; leave it out"
        if sorted({one.selector for one in self.explained}) != [one.selector for one in self.explained]:
            yield "explained: expected in the order of side, resource, when and operators, each once"

    @property
    def by_table(self) -> bool:
        """Whether the two are compared on each table, not on each template."""
        return TABLES.issuperset(self.types)

    @property
    def selector(self) -> tuple[object, ...]:
        """What it matches by: pairs are in the order of it, and no two have the same."""
        return self.scanner, self.rule, self.scenario

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.scanner} {self.rule} and {self.scenario}"


_FORMAT = Format("pair", Pair, "scanner, rule and scenario")


def read_pairs(file: Path) -> tuple[Pair, ...]:
    """Return the pairs of a file, in its order, which is that of their selectors.

    Raises `InputError` with what is wrong: in the TOML, the entries, their order, and scenarios that there are not.
    """
    return parse_pairs(read_file(file, max_bytes=MAX_BYTES), printable(file.as_posix()))


def parse_pairs(data: bytes, where: str) -> tuple[Pair, ...]:
    """Return the pairs that the contents of such a file hold; see `read_pairs`."""
    pairs = _FORMAT.parse(data, where)
    if not pairs:
        raise InputError(where, "holds no pair: nothing would be compared; expected [[pair]] over each")
    known = sorted(entry.scenario.id for entry in load() if isinstance(entry.rule, TableRule))
    wrong = [(number, pair) for number, pair in enumerate(pairs, 1) if pair.scenario not in known]
    unknown = [
        f"pair {number} ({pair.rule}).scenario: no scenario that judges tables is {pair.scenario}; expected the id of "
        f"one, such as {max(known, key=lambda one: _likeness(one, pair.scenario))}"
        for number, pair in wrong[:MAX_PROBLEMS]
    ]
    if unknown:
        raise InputError(where, "; ".join(unknown))
    return pairs


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
