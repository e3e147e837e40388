"""A template: its sections and resources, after the expansion of its macros.

What a template can become is for `policies.worlds`; here it is as its author wrote it. What rules are handed of it is
noted (see `policies.reads`).
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from policies import references
from policies.errors import TemplateError, UndeterminedError
from policies.expansion import expand
from policies.externals import NOTHING, Externals
from policies.identity import TABLE_TYPES
from policies.model import Settings
from policies.narrowing import narrowed
from policies.nodes import child
from policies.parameters import Parameter, read_parameter
from policies.reading import InputError
from policies.reads import Reads

SETTINGS_KEY = "worthwatch:settings"
"""The key of a template's Metadata under which a storage stack states the settings that it was made from."""

_SHORT = 3
"""The most characters of a secret that is hidden where it stands alone only."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as its template, `owner`, declares it; `body` is the whole of it."""

    logical_id: str
    type: str
    body: Mapping[str, object]
    path: str
    owner: Template = field(repr=False, compare=False)


@dataclass(frozen=True)
class Template:
    """A CloudFormation template.

    `name` is what its user knows it by. `constructs` gives for a logical id the constructs that it was made by, from
    the app down, as `fqn@version`; it is None where no construct tree came with the template. `settings` is the intent
    that it was synthesised from; where none is given, what the template's own metadata states. `externals` are what
    was told of the world around it, and `given_parameters` the values that its parameters are deployed with, where
    they were told. `scope` tells its names from those of other templates in one deployment.

    `document` becomes what the macros that can be expanded make of it.
    """

    name: str
    document: Mapping[str, object]
    constructs: Mapping[str, Sequence[str]] | None = None
    given_settings: Settings | None = None
    externals: Externals = NOTHING
    given_parameters: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""
    resources: Mapping[str, Resource] = field(init=False)
    parameters: Mapping[str, Parameter] = field(init=False)
    pending: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Raise `InputError` where the template has no resources at all."""
        expansion = expand(self.document, self.given_parameters)
        if not isinstance(expansion.document.get("Resources"), dict) or not expansion.document["Resources"]:
            raise InputError(self.name, "$: a template needs at least one resource under Resources")
        object.__setattr__(self, "document", expansion.document)
        object.__setattr__(self, "pending", expansion.pending)
        resources = {key: self._resource(key, body) for key, body in self.section("Resources").items()}
        object.__setattr__(self, "resources", resources)
        declared = self.section("Parameters").items()
        parameters = {key: read_parameter(key, body) for key, body in declared if isinstance(body, dict)}
        object.__setattr__(self, "parameters", narrowed(parameters, self.section("Rules")))

    @cached_property
    def reads(self) -> Reads:
        """What takes note of what is read of the template."""
        return Reads()

    @property
    def problems(self) -> tuple[TemplateError, ...]:
        """What CloudFormation would refuse of the template, whether a rule reads it or not."""
        self.reads.note("document")
        return self._problems

    @cached_property
    def _problems(self) -> tuple[TemplateError, ...]:
        return tuple(references.problems(self.document))

    @cached_property
    def by_default(self) -> Template:
        """The template as it is deployed with the defaults of its parameters, over which loops may run."""
        stated = {name: told.default for name, told in self.parameters.items() if told.default is not None}
        try:
            return replace(self, given_parameters={**self.given_parameters, **stated})
        except InputError:  # the loops make no resource at all by default
            return self

    @cached_property
    def unknowns(self) -> Mapping[str, Parameter]:
        """The parameters by the keys of the unknowns that their values are."""
        return {f"{self.scope}Ref {name}": parameter for name, parameter in self.parameters.items()}

    def section(self, name: str) -> Mapping[str, object]:
        """Return a section of the template, empty where there is none."""
        self.reads.note("section", name)
        section = self.document.get(name)
        return section if isinstance(section, dict) else {}

    @property
    def settings(self) -> Settings | None:
        """The settings behind the template, or None where nothing states any."""
        self.reads.note("settings")
        return self._settings

    @cached_property
    def _settings(self) -> Settings | None:
        if self.given_settings is not None:
            return self.given_settings
        metadata = self.document.get("Metadata")
        stated = metadata.get(SETTINGS_KEY) if isinstance(metadata, dict) else None
        if not isinstance(stated, dict):
            return None
        # Whoever writes metadata by hand may write "true" for true, as everywhere in a template.
        return {key: {"true": True, "false": False}.get(str(value), value) for key, value in stated.items()}

    @cached_property
    def tables(self) -> tuple[Resource, ...]:
        """The DynamoDB tables that the template declares, in some world at least."""
        return self.of_type(*TABLE_TYPES)

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Return the resources of these types."""
        return tuple(resource for resource in self.resources.values() if resource.type in types)

    def lineage(self, logical_id: str) -> Sequence[str] | None:
        """Return the constructs that a resource was made by, or None where no construct tree shows any."""
        self.reads.note("lineage", logical_id)
        return None if self.constructs is None else self.constructs.get(logical_id)

    @property
    def mappings(self) -> Mapping[str, object]:
        """The Mappings section."""
        return self.section("Mappings")

    def setting(self, name: str, choices: Collection[object]) -> object:
        """Return a setting, or None where none is stated.

        Raises `UndeterminedError` for one that is no choice, or written in other letters, and for settings that are no
        object.
        """
        self.reads.note("setting", name)
        where = f"$.Metadata['{SETTINGS_KEY}']"
        stated = self.stated(name)
        if stated is None:
            raise UndeterminedError("the settings are no object", where)
        for key in stated:
            if key != name:
                raise UndeterminedError(f"the settings state {key}, which is no setting; is {name} meant?", where)
        if name in stated and json.dumps(stated[name]) not in map(json.dumps, choices):
            said = json.dumps(stated[name])
            raise UndeterminedError(f"the settings state {name} as {said}, which it cannot be", f"{where}.{name}")
        return stated.get(name)

    def stated(self, name: str) -> Settings | None:
        """Return what the settings state by a name, in whatever letters; None where they are no object."""
        if self._settings is None:
            metadata = self.document.get("Metadata")
            return None if isinstance(metadata, dict) and SETTINGS_KEY in metadata else {}
        return {key: value for key, value in self._settings.items() if key.casefold() == name.casefold()}

    def condition(self, name: str, path: str) -> object:
        """Return the expression of a condition.

        Raises `TemplateError` where the template defines none of that name, or CloudFormation would refuse it.
        """
        conditions = self.section("Conditions")
        if name not in conditions and any(key.startswith("Fn::") for key in conditions):
            raise UndeterminedError(f"a macro may define the condition {name} at deployment", "$.Conditions")
        if name not in conditions:
            raise TemplateError(path, f"the template defines no condition {name}")
        place = child("$.Conditions", name)
        for problem in self.problems:
            if problem.path == place or problem.path.startswith((f"{place}.", f"{place}[")):
                raise problem
        return conditions[name]

    def without_secrets(self, message: str) -> str:
        """Return a message without the values that are known of parameters which must not be shown."""
        return self._secrets.sub("(hidden)", message) if self._secrets is not None else message

    @cached_property
    def _secrets(self) -> re.Pattern[str] | None:
        """What shows a value which must not be shown: the value, a word of it, or the Base64 of either."""
        secret = (parameter for parameter in self.parameters.values() if parameter.secret)
        told = {
            value
            for parameter in secret
            for value in (self.given_parameters.get(parameter.name), parameter.default, *(parameter.allowed or ()))
            if value
        }
        if not told:
            return None
        words = told | {word for value in told for word in re.findall(r"\w+", value)}
        words |= {b64encode(word.encode(errors="replace")).decode().rstrip("=") for word in words}
        # A value that is short would be found within the words of any message. Of two where one begins with the other,
        # the longer stands first.
        anywhere = sorted((value for value in told if len(value) > _SHORT), reverse=True)
        alone = "|".join(map(re.escape, sorted(words, reverse=True)))
        return re.compile("|".join([*map(re.escape, anywhere), rf"(?<!\w)(?:{alone})(?!\w)=*"]))

    def _resource(self, logical_id: str, body: object) -> Resource:
        held = body if isinstance(body, dict) else {}
        path = self.scope + child("$.Resources", logical_id)
        return Resource(logical_id, str(held.get("Type", "")), held, path, self)
