"""The objects of a SARIF 2.1.0 log, as far as they are read here; what else they hold is passed over.

Names, types and bounds are those of the schema that the standard publishes; as some writers spell what is absent as
null, null is taken for it. An index of -1 is the schema's default: none.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, FailFast, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from scanners.model import MAX_NAME, Level

MAX_NAMES = 10_000
"""The most members of an object whose names are the writer's."""

MAX_RUNS = 1_000
"""The most runs of a log."""

_MAX_INT = 2**31 - 1

_Item = TypeVar("_Item")


def _present(value: object) -> object:
    return [] if value is None else value


def _named(value: object) -> object:
    """Refuse an object of very many members before each of them can be a problem."""
    if isinstance(value, dict) and len(value) > MAX_NAMES:
        raise PydanticCustomError("many_names", "more than {limit} members, the limit", {"limit": f"{MAX_NAMES:,}"})
    return {} if value is None else value


_List = Annotated[list[_Item], FailFast(), BeforeValidator(_present), Field(default_factory=list)]
_Names = Annotated[dict[str, _Item], BeforeValidator(_named), Field(default_factory=dict)]


def _integer(value: object) -> object:
    """Return an integer as such: in JSON Schema 3.0 is one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Index = Annotated[
    int | None, Field(ge=-1), AfterValidator(lambda index: None if index == -1 else index), BeforeValidator(_integer)
]
_Position = Annotated[int | None, Field(ge=1, le=_MAX_INT), BeforeValidator(_integer)]
_Name = Annotated[str, Field(max_length=MAX_NAME)]
_Level = Annotated[Level | None, Field(strict=False)]


class _Object(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, alias_generator=to_camel)


class Message(_Object):
    """Section 3.11."""

    text: str | None = None
    id: str | None = None
    arguments: _List[str]


class MessageString(_Object):
    """Section 3.12, multiformatMessageString."""

    text: str


class ComponentReference(_Object):
    """Section 3.54, toolComponentReference."""

    index: _Index = None
    guid: str | None = None


class Reference(_Object):
    """Section 3.52, reportingDescriptorReference."""

    id: _Name | None = None
    index: _Index = None
    guid: str | None = None
    tool_component: ComponentReference | None = None


class Configuration(_Object):
    """Section 3.50, reportingConfiguration."""

    level: _Level = None


class Override(_Object):
    """Section 3.51, configurationOverride."""

    descriptor: Reference
    configuration: Configuration


class Descriptor(_Object):
    """Section 3.49, reportingDescriptor: a rule, or a kind of notification."""

    id: _Name
    guid: str | None = None
    default_configuration: Configuration | None = None
    message_strings: _Names[MessageString]
    help_uri: _Name | None = None


class Component(_Object):
    """Section 3.19, toolComponent."""

    name: _Name
    guid: str | None = None
    version: _Name | None = None
    semantic_version: _Name | None = None
    rules: _List[Descriptor]
    notifications: _List[Descriptor]
    global_message_strings: _Names[MessageString]


class Tool(_Object):
    """Section 3.18."""

    driver: Component
    extensions: _List[Component]


class ArtifactLocation(_Object):
    """Section 3.4."""

    uri: str | None = None
    uri_base_id: str | None = None
    index: _Index = None


class Artifact(_Object):
    """Section 3.24."""

    location: ArtifactLocation | None = None
    roles: _List[str]
    hashes: _Names[str]


class Region(_Object):
    """Section 3.30."""

    start_line: _Position = None
    start_column: _Position = None
    end_line: _Position = None
    end_column: _Position = None


class PhysicalLocation(_Object):
    """Section 3.29."""

    artifact_location: ArtifactLocation | None = None
    region: Region | None = None


class LogicalLocation(_Object):
    """Section 3.33."""

    fully_qualified_name: str | None = None
    index: _Index = None
    kind: str | None = None
    name: str | None = None


class Location(_Object):
    """Section 3.28."""

    physical_location: PhysicalLocation | None = None
    logical_locations: _List[LogicalLocation]


class Provenance(_Object):
    """Section 3.48, resultProvenance."""

    invocation_index: _Index = None


class Result(_Object):
    """Section 3.27."""

    rule_id: _Name | None = None
    rule_index: _Index = None
    rule: Reference | None = None
    kind: Literal["notApplicable", "pass", "fail", "review", "open", "informational"] | None = None
    level: _Level = None
    message: Message
    analysis_target: ArtifactLocation | None = None
    locations: _List[Location]
    baseline_state: Literal["new", "unchanged", "updated", "absent"] | None = None
    provenance: Provenance | None = None


class Notification(_Object):
    """Section 3.58; of an exception no more is read than that there is one."""

    descriptor: Reference | None = None
    exception: dict[str, Any] | None = None
    level: _Level = None
    locations: _List[Location]
    message: Message


class Invocation(_Object):
    """Section 3.20."""

    execution_successful: bool
    exit_code: int | None = None
    exit_code_description: str | None = None
    exit_signal_name: str | None = None
    exit_signal_number: int | None = None
    process_start_failure_message: str | None = None
    tool_execution_notifications: _List[Notification]
    tool_configuration_notifications: _List[Notification]
    rule_configuration_overrides: _List[Override]
    notification_configuration_overrides: _List[Override]


class Conversion(_Object):
    """Section 3.22."""

    tool: Tool
    invocation: Invocation | None = None


class Run(_Object):
    """Section 3.14. `results` is None where the scanner has not begun to look for any."""

    tool: Tool
    invocations: _List[Invocation]
    conversion: Conversion | None = None
    artifacts: _List[Artifact]
    logical_locations: _List[LogicalLocation]
    results: Annotated[list[Result] | None, FailFast()] = None
    external_property_file_references: Any = None


class Log(_Object):
    """Section 3.13, sarifLog."""

    version: Literal["2.1.0"]
    runs: Annotated[list[Run], FailFast(), Field(max_length=MAX_RUNS)]
    inline_external_properties: Any = None
