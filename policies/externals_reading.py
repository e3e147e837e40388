"""A file of externals, in YAML or JSON, validated whole before any of it is believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import DictSchema, WithDefaultSchema

from policies.externals import Externals
from policies.externals_model import MAX_PROBLEMS, TAGS, ExternalsFile, problems
from policies.nodes import child
from policies.reading import InputError, printable, read_document, read_file

SCHEMA_ID = "urn:worthwatch:storage-compliance:externals:1"

_EXPECTED = 'externals in YAML or JSON, such as pseudoParameters: {"AWS::Region": eu-west-1}'


def read_externals(path: Path) -> Externals:
    """Return what a file tells of the world outside the templates. Raises `InputError` with all that is wrong in it."""
    return parse_externals(read_file(path), printable(path.as_posix()))


def parse_externals(data: bytes, where: str) -> Externals:
    """Return what the contents of such a file tell; see `read_externals`."""
    document = read_document(data, where, expected=_EXPECTED)
    wrong = problems(document)
    if wrong:
        raise InputError(where, _told(wrong))
    told: dict[str, Any] = {name: document.get(to_camel(name), {}) for name in ExternalsFile.model_fields}
    return Externals(**told)


def schema() -> str:
    """Return the JSON Schema of such a file, as `externals.schema.json` beside this module publishes it."""
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": SCHEMA_ID}
    return json.dumps(head | ExternalsFile.model_json_schema(schema_generator=_Schema), indent=2) + "\n"


def _told(details: list[ErrorDetails]) -> str:
    told = [f"{_place(detail['loc'])}: {detail['msg']}" for detail in details[:MAX_PROBLEMS]]
    return "; ".join(told if len(details) <= MAX_PROBLEMS else [*told, "and more"])


def _place(location: tuple[int | str, ...]) -> str:
    place = "$"
    for step in location:
        if isinstance(step, int):
            place += f"[{step}]"
        elif step not in {*TAGS, "[key]"}:
            place = child(place, step)
    return place


class _Schema(GenerateJsonSchema):
    """A schema that refuses what the reader refuses, and no more."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return made | {"additionalProperties": False} if "patternProperties" in made else made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False
