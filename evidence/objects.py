"""What the models of large JSON documents are made of: each takes nothing else, and fails before it takes much."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

MAX_KEYS = 100
"""The most keys of an object whose keys are known."""

_Item = TypeVar("_Item")
List = Annotated[list[_Item], FailFast()]
Count = Annotated[int, Field(ge=0)]
Digest = Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$")]


def _finite(value: object) -> object:
    """Refuse a number such as 1e999, which is JSON but fits no float."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        raise PydanticCustomError("infinite", "expected finite numbers only") from None
    return value


Json = Annotated[Any, AfterValidator(_finite)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_finite)]


class Object(BaseModel):
    """An object with no other keys than its fields; one with very many is refused before each is a problem."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _has_few_keys(cls, value: object) -> object:
        if isinstance(value, dict) and len(value) > MAX_KEYS:
            raise PydanticCustomError("many_keys", "an object of so many keys is none of ours")
        return value
