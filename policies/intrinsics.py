"""CloudFormation's intrinsic functions, resolved in a world.

Here are those that refer to something: a parameter, a resource, a condition, an export, a secret. Those that compute
are in `policies.functions`. What cannot be known stays unknown through every function. Sources: AWS CloudFormation
Template Reference, "Intrinsic function reference", "Pseudo parameters reference", and "Dynamic references".
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from policies import identity
from policies.calls import (
    Call,
    Function,
    Piece,
    Resolved,
    as_list,
    as_text,
    joined,
    parameter_named,
    spelled,
)
from policies.errors import TemplateError
from policies.functions import FUNCTIONS
from policies.values import MISSING, Origin, Text, Unknown

if TYPE_CHECKING:
    from policies.worlds import World

_OPENING, _CLOSING = "{{resolve:", "}}"
_MARKS = re.compile(r"(\{\{resolve:|\}\})")
_SUB_VARIABLE = re.compile(r"\$\{(!?)([^{}]*)\}")


def resolve(world: World, raw: object, path: str) -> tuple[Resolved, str]:
    """Resolve what stands at a path; returns it with the path of the place that it came from.

    Raises `TemplateError` for what CloudFormation would refuse, and `ForkError` where worlds differ.
    """
    world.step(path, 1 + len(raw) // 10_000 if isinstance(raw, str) else 1)
    if isinstance(raw, str):
        return _with_dynamic_references(world, Text.of(raw), path), path
    if isinstance(raw, dict):
        name = _function(raw, path)
        if name is None:
            return raw, path
        # A macro's call may stand among siblings, or bear a loop's name: it is known by the whole of its object.
        argument = raw if name == "Fn::Transform" else raw[name]
        call = Call(name, argument, f"{path}['{name}']", world, resolve)
        if name == "Fn::If":
            return _if(call)
        value = _FUNCTIONS[name](call)
        return _with_dynamic_references(world, value, path) if isinstance(value, Text) else value, path
    if raw is None or isinstance(raw, bool | int | float | list | Text):
        return raw, path
    raise TemplateError(path, "this is no JSON value")


def resolve_text(world: World, raw: object, path: str) -> Text:
    """Resolve what has to be a string: scalars become the strings that CloudFormation makes of them."""
    return as_text(*resolve(world, raw, path))


def resolve_list(world: World, raw: object, path: str) -> list[object] | Unknown:
    """Resolve what has to be a list; its items stay unresolved."""
    return as_list(*resolve(world, raw, path))


def operand(world: World, raw: object, path: str) -> Text:
    """Resolve an operand of `Fn::Equals`, leaving a parameter unknown where no assumption binds it."""
    return parameter_named(world, raw) or resolve_text(world, raw, path)


def _function(raw: dict[str, object], path: str) -> str | None:
    """Return the name of the function that an object calls, or None where it calls none."""
    called = [key for key in raw if key == "Ref" or key.startswith("Fn::")]
    if not called:
        return None
    name = called[0]
    if any(key == "Fn::Transform" or key.startswith("Fn::ForEach::") for key in called):
        return "Fn::Transform"
    if len(raw) > 1:
        raise TemplateError(path, f"{name} has to stand alone in its object")
    if name not in _FUNCTIONS and name != "Fn::If":
        raise TemplateError(path, f"{name} is no function that gives a value")
    return name


def _with_dynamic_references(world: World, text: Text, path: str) -> Text:
    """Return a text with what its dynamic references resolve to, which CloudFormation looks for when all is joined."""
    if not any(isinstance(part, str) and _OPENING in part for part in text.parts):
        return text
    pieces: list[Piece] = []
    reference: list[Piece] = []
    for part in text.parts:
        for token in _MARKS.split(part) if isinstance(part, str) else [part]:
            if token == _OPENING:
                pieces += reference
                reference = [token]
            elif token == _CLOSING and reference:
                said = spelled(world, joined(world, [*reference, token], path), path)
                pieces.append(world.known(Unknown(said, f"{said} is known at deployment only")))
                reference = []
            else:
                (reference or pieces).append(token)
    return joined(world, [*pieces, *reference], path)


def _if(call: Call) -> tuple[Resolved, str]:
    match call.argument:
        case [str(condition), then, otherwise]:
            if call.world.condition(condition, call.path):
                return resolve(call.world, then, f"{call.path}[1]")
            return resolve(call.world, otherwise, f"{call.path}[2]")
    raise call.refused("a condition's name and two values")


def _ref(call: Call) -> Resolved:
    world = call.world
    if not isinstance(call.argument, str | dict):
        raise call.refused("the name of a parameter or resource")
    named = call.text(call.argument, "") if isinstance(call.argument, dict) else Text.of(call.argument)
    name = named.literal
    if name is None:
        return call.unknown(named.unknowns[0].reason)
    if name == "AWS::NoValue":
        return MISSING
    if name in identity.PSEUDO_PARAMETERS:
        return identity.pseudo_parameter(world, name)
    if name in world.template.parameters:
        told = world.parameter(name, reveal=True)
        if told.literal is not None and world.template.parameters[name].is_list:
            return [item.strip() for item in told.literal.split(",")]
        return told
    with world.guard(f"Ref {name}", call.path):
        return identity.physical_id(world, name, call.path)


def _get_att(call: Call) -> Resolved:
    match call.argument:
        case str(dotted) if "." in dotted:
            logical_id, attribute = dotted.split(".", 1)
            name = Text.of(attribute)
        case [str() | dict() as resource, attribute]:
            named, name = call.text(resource, "[0]"), call.text(attribute, "[1]")
            if named.literal is None:
                return call.unknown(named.unknowns[0].reason)
            logical_id = named.literal
        case _:
            raise call.refused("a resource and the name of an attribute of it")
    with call.world.guard(f"GetAtt {logical_id}", call.path):
        return identity.attribute(call.world, logical_id, name, call.path)


def _sub(call: Call) -> Resolved:
    match call.argument:
        case str(template):
            given: dict[str, object] = {}
        case [str(template), dict(given)]:
            pass
        case _:
            raise call.refused("a string, or a string and an object of its variables")
    pieces: list[Piece] = []
    referred: dict[str, Piece] = {}  # what stands there a hundred thousand times is found out once
    position = 0
    for variable in _SUB_VARIABLE.finditer(template):
        pieces.append(template[position : variable.start()])
        position = variable.end()
        literal, name = variable.group(1), variable.group(2).strip()
        if literal:
            pieces.append(f"${{{variable.group(2)}}}")
        elif name in given:
            pieces.append(call.text(given[name], f"[1].{name}"))
        else:
            if name not in referred:
                refer = _get_att if "." in name else _ref
                referred[name] = as_text(refer(replace(call, argument=name)), call.path)
            pieces.append(referred[name])
    return call.joined([*pieces, template[position:]])


def _import_value(call: Call) -> Resolved:
    name = call.text(call.argument, "")
    key = f"Fn::ImportValue {spelled(call.world, name, call.path)}"
    with call.world.guard(key, call.path):
        found = call.world.imported(name)
        if found is not None:
            return found.text()
    exports = call.world.template.externals.exports
    if name.literal is not None and name.literal in exports:
        return Text.of(exports[name.literal])
    return call.world.known(Unknown(key, f"what {call.name} gives is known at deployment only"))


def _get_stack_output(call: Call) -> Resolved:
    # The other stack is there before this one is deployed.
    return call.unknown(f"what {call.name} gives is known at deployment only", Origin.EXTERNAL)


def _transform(call: Call) -> Resolved:
    return call.unknown(f"what {call.name} gives is known at deployment only")


_FUNCTIONS: dict[str, Function] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::ImportValue": _import_value,
    "Fn::Sub": _sub,
    "Fn::Transform": _transform,
    **FUNCTIONS,
}
