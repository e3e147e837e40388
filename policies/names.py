"""Whether the template, or AWS, says what `Ref` returns: for each resource type of AWS of which this is certain.

The table, `names.json`, was made from the schemas of the CloudFormation registry, by which `Ref` returns a type's
primary identifier, and from the "Return values" of the types in the AWS CloudFormation Template Reference, which win
where the two differ. A type that they leave in doubt is not in it, and neither are those newer than its date.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import Final

_TABLE: Final = json.loads(Path(__file__).with_name("names.json").read_bytes())

NAMED: Final = MappingProxyType(
    {
        f"{service}::{kind}": tuple(path.split("."))
        for service, kinds in _TABLE["named"].items()
        for kind, path in kinds.items()
    }
)
"""The types whose `Ref` is what the property at this path says, or else a name made at deployment."""

GENERATED: Final = frozenset(f"{service}::{kind}" for service, kinds in _TABLE["generated"].items() for kind in kinds)
"""The types whose `Ref` is an ARN, a URL or an id that AWS makes."""

_LOWER_CASED: Final = tuple(_TABLE["lower_cased"])
"""What the types begin with of which AWS may keep a name in lower case."""


def is_known(kind: str) -> bool:
    """Tell whether it is certain what names a resource of a type."""
    return kind in NAMED or kind in GENERATED


def may_lower(kind: str) -> bool:
    """Tell whether a name given to a resource of a type may come back in lower case."""
    return kind.startswith(_LOWER_CASED)
