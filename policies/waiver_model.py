"""The model of a waiver: findings that may stand for a while, for a reason, with an owner and an end."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from policies.model import Settings
from policies.toml_entries import Entry, contradiction

ANY = "*"
"""The rule, or the resource, that stands for every one."""

MIN_REASON, MAX_REASON = 20, 400
"""The fewest and the most characters of a reason."""

MIN_WORDS = 4
"""The fewest different words of a reason."""

_T = TypeVar("_T")


def such_that(holds: Callable[[_T], bool]) -> AfterValidator:
    """Return a validator that refuses what something does not hold of."""

    def check(value: _T) -> _T:
        if not holds(value):
            raise ValueError
        return value

    return AfterValidator(check)


_COMPARED = re.compile("[!-~](?:[ -~]*[!-~])?")
"""What is compared is in ASCII, without blanks around it: what looks alike is alike."""


def is_rule(text: str) -> bool:
    """Tell whether a text can be the id of a rule, or is `*`."""
    # cdk-nag's ids end with what was found, as in AwsSolutions-IAM5[Resource::*].
    return text == ANY or (bool(_COMPARED.fullmatch(text)) and ANY not in text.partition("[")[0])


def is_resource(text: str) -> bool:
    """Tell whether a text can be a construct path, or is `*`."""
    return text == ANY or (ANY not in text and all(map(_COMPARED.fullmatch, text.split("/"))))


_NOBODY = re.compile("(?:any|every|no|some)(?:body|one)|me|na|nil|none|null|owner|test|un(?:assigned|known|owned)")
_UNDONE = frozenset({"asdf", "fixme", "lorem", "placeholder", "tba", "tbc", "tbd", "todo", "xxx"})


def _words(text: str) -> list[str]:
    # Hangul's two fillers are letters that nobody sees.
    return re.findall("[^\\W_\u115f\u1160]+", unicodedata.normalize("NFKC", text).casefold())


def _is_text(text: str) -> bool:
    """Tell whether a text is on one line, with nothing invisible in it, and no blanks around it."""
    return text.isprintable() and text == text.strip()


def _is_owner(text: str) -> bool:
    words = _words(text)
    said = "".join(words)
    return _is_text(text) and len(set(said)) > 1 and not _NOBODY.fullmatch(said) and _UNDONE.isdisjoint([said, *words])


def is_reason(text: str) -> bool:
    """Tell whether a text says something, as far as its words show."""
    words = set(_words(text))
    return _is_text(text) and len(words) >= MIN_WORDS and _UNDONE.isdisjoint(words)


_LINK = r"^https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?([/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?$"
"""A URL by the characters of RFC 3986, with no room before the host for a user and a password."""


def ascend(values: Sequence[Any]) -> bool:
    """Tell whether values are of one type, true being no 1, and in order, each once."""
    return len({type(value) for value in values}) == 1 and all(a < b for a, b in itertools.pairwise(values))


_Text = Annotated[str, Field(min_length=1, max_length=255), such_that(_is_text)]
_Whole = Annotated[int, Field(ge=0, le=10**9)]
# TOML's arrays come as lists; what they hold is judged as strictly as all else.
Values = Annotated[
    tuple[_Text | bool | _Whole, ...], Field(strict=False, min_length=1, max_length=50), such_that(ascend)
]
Setting = Annotated[str, Field(pattern="^[a-z][A-Za-z0-9]{0,63}$")]
WHEN: Final = Field(
    min_length=1,
    max_length=20,
    description='lists of values by setting, without prefix, such as when.stage = ["dev"]: '
    "of one type, in order, each once; to hold everywhere, leave when out",
)
_Fingerprint = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


SCANNER: Final = Field(
    pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
    max_length=50,
    description="the scanner's name in lower case, such as checkov, cfn-lint or worthwatch",
)


class Waiver(Entry):
    """Findings of one scanner that may stand, where `when` is met, from the day `created` to the day `expires`.

    Both days are in UTC and count as a whole. `expires` is no later than the same day of the next year (of February 29:
    than February 28). `scanner`, `rule` and `resource` are compared as they are written; `*` alone stands for every
    rule, or for every resource, and not for both. `when` tells the values that settings must have, by the settings'
    names without prefix; true is neither 1 nor "true".

    Raises pydantic's ValidationError.
    """

    scanner: Annotated[str, SCANNER]
    rule: Annotated[
        str,
        Field(max_length=500, description="the id of a rule or scenario, in ASCII, or * alone, for every one"),
        such_that(is_rule),
    ]
    resource: Annotated[
        str,
        Field(
            max_length=500,
            description="a construct path in ASCII, such as WorthWatchStorage/Storage/LambdaFunction/Resource, "
            "the word template for what is about no resource, or * alone, for every one",
        ),
        such_that(is_resource),
    ]
    when: Annotated[Mapping[Setting, Values], WHEN] = {}
    fingerprints: Annotated[
        tuple[_Fingerprint, ...],
        Field(
            strict=False,
            min_length=1,
            max_length=1000,
            description="a list of fingerprints, each 32 hexadecimal digits in lower case, in order, each once",
        ),
        such_that(ascend),
    ]
    reason: Annotated[
        str,
        Field(
            min_length=MIN_REASON,
            max_length=MAX_REASON,
            description=f"why it may stand: {MIN_REASON} to {MAX_REASON} characters on one line, with {MIN_WORDS} "
            "different words or more, and none such as TODO",
        ),
        such_that(is_reason),
    ]
    owner: Annotated[
        str,
        Field(max_length=100, description="the name or address of a person or a team, in at most 100 characters"),
        such_that(_is_owner),
    ]
    created: Annotated[date, Field(description="a date without time and quotes, such as 2025-01-31")]
    expires: Annotated[date, Field(description="a date without time and quotes, such as 2025-07-31")]
    link: Annotated[
        str,
        Field(
            pattern=_LINK,
            max_length=500,
            description="an https URL, without user, password and blanks, of where it was decided",
        ),
    ]

    @model_validator(mode="after")
    def _agree_with_each_other(self) -> Self:
        problems = []
        if self.rule == self.resource == ANY:
            problems.append("rule and resource: found * in both; expected one of them to be named")
        last = _a_year_after(self.created)
        if not self.created < self.expires <= last:
            problems.append(f"expires: found {self.expires}; expected a day after {self.created}, at the latest {last}")
        if problems:
            raise contradiction(problems)
        return self

    @property
    def selector(self) -> tuple[object, ...]:
        """What it matches by: waivers are in the order of it, and no two have the same."""
        return self.scanner, self.rule, self.resource, key_of(self.when)

    @property
    def name(self) -> str:
        """What messages call it."""
        return _name(self.scanner, self.rule, self.resource, self.when)

    def cover(self, today: date) -> Cover:
        """Return what is told of it where it covers something today."""
        return Cover(
            self.scanner,
            self.rule,
            self.resource,
            self.when,
            self.owner,
            self.expires.isoformat(),
            self.days_left(today),
            self.reason,
        )

    def told(self, today: date) -> str:
        """Return which waiver it is, whose, until when, how many days that is after today, and why, on a line."""
        return str(self.cover(today))

    def days_left(self, today: date) -> int:
        """Return how many days it still holds after today: 0 on its last one, less than that once it has ended."""
        return (self.expires - today).days


@dataclass(frozen=True, slots=True)
class Cover:
    """What is told of a waiver where it covers something; as a text, on a line.

    `expires` is its last day, by ISO 8601, and `days_left` how many days that was after the day on which it is told.
    """

    scanner: str
    rule: str
    resource: str
    when: Mapping[str, Sequence[object]]
    owner: str
    expires: str
    days_left: int
    reason: str

    def __str__(self) -> str:
        name = _name(self.scanner, self.rule, self.resource, self.when)
        left = f"{self.days_left} {'day' if self.days_left == 1 else 'days'} left"
        return f"{name}, by {self.owner} until {self.expires}, {left}: {self.reason}"


def _name(scanner: str, rule: str, resource: str, when: Mapping[str, Sequence[object]]) -> str:
    told = f"{scanner} {rule} on {resource}"
    return f"{told} when {when_told(when)}" if when else told


def key_of(when: Mapping[str, Sequence[object]]) -> tuple[tuple[str, str], ...]:
    """Return what conditions are in the order of."""
    return tuple(sorted((name, json.dumps(values)) for name, values in when.items()))


def is_met(when: Mapping[str, Sequence[object]], settings: Settings) -> bool:
    """Tell whether every setting has one of its values, of the same type: true is not 1."""
    return all(
        any(type(value) is type(settings.get(name)) and value == settings[name] for value in values)
        for name, values in when.items()
    )


def when_told(when: Mapping[str, Sequence[object]]) -> str:
    """Return a condition in words, texts in quotes: `deployVpc is true and stage is "dev" or "prod"`."""
    return " and ".join(
        f"{name} is {' or '.join(json.dumps(value, ensure_ascii=False) for value in values)}"
        for name, values in sorted(when.items())
    )


def _a_year_after(day: date) -> date:
    if day.year == date.max.year:
        return date.max
    leaps = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leaps else day.day)
