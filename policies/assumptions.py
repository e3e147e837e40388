"""What a world takes for granted of the template's unknowns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies import declarations
from policies.values import Text, Unknown


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is taken to be so, no part of which contradicts another where it `is_consistent`.

    `bound` gives the value, or the other unknown, that an unknown is taken to be, by its key; `excluded` the values
    that it has not; and `equalities` whether two expressions that cannot be resolved are the same.
    """

    bound: Mapping[str, str | Unknown] = field(default_factory=dict)
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    equalities: Mapping[frozenset[Text], bool] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether anything is assumed at all."""
        return bool(self.bound or self.excluded or self.equalities)

    def assume(self, key: str, value: str | Unknown) -> Assumptions:
        """Assume that the unknown has the value, or is the same as another unknown."""
        excluded = dict(self.excluded)
        if isinstance(value, Unknown) and key in excluded:
            excluded[value.key] = excluded.get(value.key, frozenset()) | excluded[key]
        return Assumptions({**self.bound, key: value}, excluded, self.equalities)

    def exclude(self, key: str, *values: str) -> Assumptions:
        """Assume that the unknown has none of the values."""
        excluded = {**self.excluded, key: self.excluded.get(key, frozenset()) | set(values)}
        return Assumptions(self.bound, excluded, self.equalities)

    def decide(self, pair: frozenset[Text], *, equal: bool) -> Assumptions:
        """Assume that two expressions are the same, or are not."""
        return Assumptions(self.bound, self.excluded, {**self.equalities, pair: equal})

    def not_among(self, key: str) -> frozenset[str]:
        """Return the values that an unknown has not."""
        return self.excluded.get(key, frozenset())

    def known(self, hidden: Unknown) -> Text:
        """Return the value that an unknown is assumed to have, or the unknown."""
        value = self.bound.get(hidden.key, hidden)
        if isinstance(value, Unknown) and value.key in self.bound:
            return self.known(value)
        return Text.of(value)

    @property
    def is_consistent(self) -> bool:
        """Whether what was decided of pairs of texts agrees with what is bound, and the partition with the region."""
        follows = declarations.of_environment(self.bound.get("AWS::Region"), self.bound.get("AWS::Partition"))
        for key, value in follows.items():
            other = self.bound.get(key)
            if value in self.not_among(key) or (isinstance(other, str) and other != value):
                return False
        return all(
            self._filled(left).same(self._filled(right)).value in {None, equal}
            for (left, right), equal in ((tuple(pair), equal) for pair, equal in self.equalities.items())
        )

    def _filled(self, text: Text) -> Text:
        return Text.of(*(self.known(part) if isinstance(part, Unknown) else part for part in text.parts))
