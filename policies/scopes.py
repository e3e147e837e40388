"""policies/scopes.toml: what of a resource the rules of other scanners judge, where that is not all of it.

A finding in a resource is known by what stands in that resource. A rule without a scope is taken to judge all of it, so
that whatever changes there makes another finding of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from policies.reading import InputError, printable, read_file
from policies.toml_entries import Entry, Format
from policies.waiver_model import ANY, SCANNER, ascend, is_rule, such_that

SHIPPED = Path(__file__).with_name("scopes.toml")
"""The scopes that come with this package."""

MAX_BYTES = 262_144
"""256 KiB: some hundreds of scopes."""


def _is_one_rule(text: str) -> bool:
    return text != ANY and "[" not in text and is_rule(text)


class Scope(Entry):
    """The members of a resource of one type that rules of a scanner judge, and no others.

    A member is a property, such as `SSESpecification`, or an attribute of the resource, such as `DeletionPolicy`; what
    is called so as either is one. `source` is where the rules can be read.
    """

    scanner: Annotated[str, SCANNER]
    type: Annotated[
        str,
        Field(
            pattern="^[A-Z][A-Za-z0-9]*(::[A-Z][A-Za-z0-9]*){2}$",
            max_length=200,
            description="a type of resources, such as AWS::DynamoDB::Table",
        ),
    ]
    rules: Annotated[
        tuple[Annotated[str, Field(max_length=100), such_that(_is_one_rule)], ...],
        Field(
            strict=False,
            min_length=1,
            max_length=50,
            description="a list of rules' ids, in ASCII, without what cdk-nag adds in brackets, in order, each once",
        ),
        such_that(ascend),
    ]
    members: Annotated[
        tuple[Annotated[str, Field(pattern="^[A-Z][A-Za-z0-9]{0,99}$")], ...],
        Field(
            strict=False,
            min_length=1,
            max_length=50,
            description="a list of names of properties, or of attributes such as DeletionPolicy, in order, each once",
        ),
        such_that(ascend),
    ]
    source: Annotated[
        str,
        Field(
            pattern="^https://[!-~]+$",
            max_length=500,
            description="an https URL, without blanks, of where it says what the rules read",
        ),
    ]

    @property
    def selector(self) -> tuple[object, ...]:
        """What it matches by: scopes are in the order of it, and no two have the same."""
        return self.scanner, self.type, self.rules

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.scanner} {', '.join(self.rules)} on {self.type}"


_FORMAT = Format("scope", Scope, "scanner, type and rules")


def read_scopes(file: Path) -> tuple[Scope, ...]:
    """Return the scopes of a file, in its order, which is that of their selectors.

    Raises `InputError` with what is wrong: in the TOML, the entries, their order, and rules with two scopes for a type.
    """
    return parse_scopes(read_file(file, max_bytes=MAX_BYTES), printable(file.as_posix()))


def parse_scopes(data: bytes, where: str) -> tuple[Scope, ...]:
    """Return the scopes that the contents of such a file hold; see `read_scopes`."""
    scopes = _FORMAT.parse(data, where)
    if problems := list(_doubled(scopes)):
        raise InputError(where, "; ".join(problems))
    return scopes


def _doubled(scopes: Iterable[Scope]) -> Iterator[str]:
    first: dict[tuple[str, str, str], int] = {}
    for number, scope in enumerate(scopes, 1):
        for rule in scope.rules:
            earlier = first.setdefault((scope.scanner, rule, scope.type), number)
            if earlier != number:
                told = f"{scope.scanner} {rule} on {scope.type}"
                yield f"scope {number}: scope {earlier} is of {told}, too; expected one of them"


def part_judged(scanner: str, rule: str, resource: object) -> object:
    """Return what of a resource a rule judges, by the shipped scopes: its type and those members, as far as it has any.

    Without a scope that is all of the resource but its metadata, which deploys nothing. So it is where a function, such
    as Fn::Transform, gives the resource members that do not stand there.
    """
    if not isinstance(resource, dict):
        return resource
    whole = {name: member for name, member in resource.items() if name != "Metadata"}
    properties = resource.get("Properties", {})
    members = _members().get((scanner, rule.partition("[")[0], str(resource.get("Type"))))
    if members is None or not isinstance(properties, dict) or any(map(_is_function, (*resource, *properties))):
        return whole
    return {
        **{name: member for name, member in whole.items() if name == "Type" or name in members},
        "Properties": {name: member for name, member in properties.items() if name in members},
    }


@cache
def _members() -> Mapping[tuple[str, str, str], frozenset[str]]:
    """Return the members that are judged, by scanner, rule and type."""
    return MappingProxyType(
        {
            (scope.scanner, rule, scope.type): frozenset(scope.members)
            for scope in read_scopes(SHIPPED)
            for rule in scope.rules
        }
    )


def _is_function(name: str) -> bool:
    return name.startswith("Fn::")
