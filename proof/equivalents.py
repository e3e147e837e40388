"""proof/equivalents.toml: the generated mutants that nobody need notice, each with the reason.

An entry that excuses no mutant, or covers one that is noticed, fails the proof: the list says no more than it must.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field

from policies.reading import read_file
from policies.toml_entries import Entry, Format
from proof.generated import Kind

SHIPPED = Path(__file__).with_name("equivalents.toml")
"""The equivalents of the reference stack."""

_MAX_BYTES = 65_536
_HASH = re.compile(r"(\$\.Resources\.\w*?)[0-9A-F]{8}\b")
"""What the CDK adds to a logical id, so that it is unique: it says nothing to a reader."""


class Equivalent(Entry):
    """Changes of some kinds, at some places, that leave a template as good as it was.

    A place is a JSONPath, without the hash at the end of a logical id; `*` in it is any run of characters.
    """

    places: Annotated[
        tuple[Annotated[str, Field(pattern=r"^\$\.", max_length=200)], ...],
        Field(strict=False, min_length=1, max_length=20, description="a list of JSONPaths, in which * is anything"),
    ]
    kinds: Annotated[
        tuple[Annotated[Kind, Field(strict=False)], ...],
        Field(strict=False, min_length=1, description=f"a list of kinds of change: {', '.join(Kind)}"),
    ]
    reason: Annotated[
        str, Field(min_length=20, max_length=500, description="why nobody need notice, in 20 to 500 characters")
    ]

    @property
    def selector(self) -> tuple[object, ...]:
        """What it matches by: entries are in the order of it."""
        return self.places, self.kinds

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{', '.join(self.kinds)} at {', '.join(self.places)}"

    def covers(self, path: str, kind: Kind) -> bool:
        """Tell whether it is about a change of a kind at a JSONPath."""
        return kind in self.kinds and self._pattern.fullmatch(_HASH.sub(r"\1", path)) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(place).replace(r"\*", ".*") for place in self.places))


_FORMAT = Format("equivalent", Equivalent, "places and kinds")


def read_equivalents(file: Path = SHIPPED) -> tuple[Equivalent, ...]:
    """Return the equivalents of a file. Raises `policies.reading.InputError` with all that is wrong."""
    return _FORMAT.parse(read_file(file, max_bytes=_MAX_BYTES), file.name)
