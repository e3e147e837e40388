"""What the AWS Serverless Application Model makes of a template, by AWS's own aws-sam-translator.

The translator is kept from what only a deployment knows: it makes no call to AWS, reads no credentials and no region,
and of parameters it is told only the values that are given. Sources: AWS CloudFormation Template Reference,
"AWS::Serverless transform", and AWS SAM Developer Guide, "AWS SAM resources and properties".
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import islice
from types import SimpleNamespace
from typing import Any

from policies.errors import UndeterminedError
from policies.reading import MAX_NODES, MAX_TEMPLATE_BYTES, printable, quoted

TRANSFORM = "AWS::Serverless-2016-10-31"
"""The name of the macro."""

Json = dict[str, Any]

_MAX_PARTS = 300
"""CloudFormation's quota for the resources of a template, of which each event, policy and connector makes some
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""

_MAX_SOURCE_NODES = 20_000
"""The most keys and values of all serverless resources: the translator's work can grow with their square."""

_MAX_MESSAGE = 500
_TYPE = "AWS::Serverless::"
_STAND_IN = "StandIn"
_LOCATIONS = ("CodeUri", "ContentUri", "DefinitionUri", "SchemaUri")
_LOCATION = "s3://stand-in/object"
_PARTS = ("Connectors", "Destination", "Events", "Policies")
_POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_AWS_POLICY = "arn:aws:iam::aws:policy/"


def translate(document: Mapping[str, object], given: Mapping[str, str]) -> dict[str, object]:
    """Return the template that the translator makes of a template; `given` are the values of parameters known.

    A reference to any other parameter stays a reference. Raises `UndeterminedError` with the translator's own words
    where it refuses the template, and where the template or what becomes of it is too large.
    """
    source: Json = json.loads(json.dumps(document))  # what an alias repeats becomes objects of their own
    own = set(_object(source.setdefault("Resources", {})))
    if any(key.startswith("Fn::") for key in own):
        raise UndeterminedError("it runs after the macros under Resources, which are not expanded")
    _refuse_large(source)
    _place_code(source)
    aliases = _take_aliases(source)
    result = _translated(source, _values(source, given))
    if sum(1 for _ in islice(_nodes(result), MAX_NODES + 1)) > MAX_NODES:
        raise UndeterminedError(f"it makes more than {MAX_NODES:,} keys and values, the limit")
    expanded: Json = json.loads(json.dumps(result))
    unknown = next(iter(_serverless(expanded).values()), None)
    if unknown is not None:
        raise UndeterminedError(f"the SAM translator does not know the type {quoted(unknown['Type'])}")
    for logical_id in expanded["Resources"].keys() - own:
        _give_alias(expanded["Resources"][logical_id], aliases)
        _name_policies(expanded["Resources"][logical_id])
    return expanded


def _refuse_large(source: Json) -> None:
    """Refuse what would keep the translator busy for minutes, and what no deployment accepts."""
    resources = _serverless(source)
    places = [*resources.values(), *_properties(source).values()]
    parts = [part for place in places for name in _PARTS if isinstance(part := place.get(name), dict | list)]
    if len(_object(source["Resources"])) + sum(map(len, parts)) > _MAX_PARTS:
        raise UndeterminedError(f"more than {_MAX_PARTS} resources, events, policies and connectors, the limit")
    shared = source.get("Globals")
    nodes = sum(1 for one in resources.values() for _ in _nodes(one)) + len(resources) * sum(1 for _ in _nodes(shared))
    if nodes > _MAX_SOURCE_NODES or len(resources) * len(json.dumps(shared)) > MAX_TEMPLATE_BYTES:
        raise UndeterminedError(
            f"serverless resources, each with its Globals, of more than {_MAX_SOURCE_NODES:,} keys and values "
            f"or {MAX_TEMPLATE_BYTES:,} characters, the limits"
        )


def _place_code(source: Json) -> None:
    """Let code and definitions lie in S3, as if packaged: the translator refuses folders, and reads none of it."""
    for properties in (*_properties(source).values(), *map(_object, _object(source.get("Globals")).values())):
        for name in _LOCATIONS:
            if name in properties:
                properties[name] = _LOCATION
    for properties in _properties(source, "Function").values():
        if properties.get("PackageType") == "Image":
            properties.setdefault("ImageUri", _LOCATION)
        elif "InlineCode" not in properties:
            properties["CodeUri"] = _LOCATION
    for properties in _properties(source, "Application").values():
        if isinstance(properties.get("Location"), dict):
            properties["Location"] = _LOCATION  # a published application, of which the translator would ask AWS


def _take_aliases(source: Json) -> dict[str, object]:
    """Return the name of the alias that each function states, and put plain text in the place of any other.

    The translator refuses a reference to a parameter of which it is not told the value.
    """
    shared = _object(_object(source.get("Globals")).get("Function"))
    functions = _properties(source, "Function")
    general = shared.get("AutoPublishAlias")
    aliases = {logical_id: one.get("AutoPublishAlias", general) for logical_id, one in functions.items()}
    for properties in (shared, *functions.values()):
        if isinstance(properties.get("AutoPublishAlias"), dict):
            properties["AutoPublishAlias"] = _STAND_IN
    return aliases


def _give_alias(resource: Json, aliases: Mapping[str, object]) -> None:
    """Give an alias that was made the name which its function states for it."""
    match resource:
        case {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": function}}}:
            resource["Properties"]["Name"] = aliases[function]


def _name_policies(role: Json) -> None:
    """Write the ARNs of AWS's managed policies so that they hold in every partition.

    The translator writes those of the partition that it runs in, and leaves the name of a policy newer than itself.
    """
    properties = _object(role.get("Properties"))
    if role.get("Type") == "AWS::IAM::Role" and isinstance(properties.get("ManagedPolicyArns"), list):
        properties["ManagedPolicyArns"] = [_named(policy) for policy in properties["ManagedPolicyArns"]]


def _named(policy: object) -> object:
    match policy:
        case {"Fn::If": [condition, then, otherwise]}:
            return {"Fn::If": [condition, _named(then), _named(otherwise)]}
        case str() if policy.startswith(_AWS_POLICY) or _POLICY_NAME.fullmatch(policy):
            return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{policy.removeprefix(_AWS_POLICY)}"}
    return policy


def _values(source: Json, given: Mapping[str, str]) -> dict[str, str]:
    """Return what the translator is told of each parameter, lest it take the defaults.

    A value that CloudFormation itself does not know yet it gives its macros in the form of `{{IntrinsicFunction:…}}`,
    which the translator leaves alone.
    """
    values = {name: f"{{{{IntrinsicFunction:{name}}}}}" for name in ("AWS::Region", "AWS::Partition")}
    for name, declared in _object(source.get("Parameters")).items():
        plain = _object(declared).get("Type") in ("String", "Number")
        values[name] = given[name] if plain and name in given else f"{{{{IntrinsicFunction:{name}}}}}"
    return values


def _translated(source: Json, values: Mapping[str, str]) -> Json:
    """Run the translator, which is slow to import and of which any exception is a refusal."""
    import logging  # noqa: PLC0415 - takes its time, and few templates come here

    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)  # it reports each refusal, and more, as it goes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        translator = import_module("samtranslator.translator.translator").Translator
        parser = import_module("samtranslator.parser.parser").Parser
        import_module("samtranslator.model.sam_resources").__dict__["input"] = _refuse_prompt
        session = SimpleNamespace(region_name="us-east-1")  # any: what it decides is written for every region again
        try:
            result: Json = translator({}, parser(), boto_session=session).translate(source, values)
        except Exception as error:  # its own kinds, and what hostile input makes of its assumptions
            raise UndeterminedError(_refusal(error)) from error
    return result


def _refuse_prompt(name: str) -> None:
    """Stand in for Python's `input`, by which translators up to 1.115 wait for a terminal on a condition's name."""
    raise ValueError(f"{quoted(name)} is too long for the name of a condition")


def _refusal(error: Exception) -> str:
    causes = [str(cause.message) for cause in getattr(error, "causes", [])]
    said = "; ".join(causes) or f"{type(error).__name__}: {error}"
    line = printable(" ".join(said.split()))
    return f"the SAM translator refuses it: {line if len(line) <= _MAX_MESSAGE else line[:_MAX_MESSAGE] + '...'}"


def _serverless(source: Json) -> dict[str, Json]:
    """Return the resources that the translator replaces or completes, by their logical ids."""
    resources = {logical_id: _object(one) for logical_id, one in _object(source["Resources"]).items()}
    return {
        logical_id: one
        for logical_id, one in resources.items()
        if "Connectors" in one or str(one.get("Type")).startswith(_TYPE)
    }


def _properties(source: Json, kind: str = "") -> dict[str, Json]:
    """Return the properties of those resources, or of those of a kind, by their logical ids."""
    found = _serverless(source).items()
    return {
        logical_id: _object(one.setdefault("Properties", {}))
        for logical_id, one in found
        if str(one.get("Type")).startswith(_TYPE + kind)
    }


def _nodes(value: object) -> Iterator[None]:
    """Yield once for each key and value of a document."""
    yield None
    if isinstance(value, dict):
        for inner in value.values():
            yield None
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}
