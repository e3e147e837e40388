"""CloudFormation's intrinsic functions, resolved in a world.

What cannot be known stays unknown through every function. Sources: AWS CloudFormation Template Reference,
"Intrinsic function reference", "Pseudo parameters reference", and "Dynamic references".
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Protocol

from policies import identity
from policies.errors import TemplateError
from policies.values import MISSING, Missing, Origin, Text, Unknown

if TYPE_CHECKING:
    from policies.worlds import World

Resolved = bool | int | float | Text | list[object] | dict[str, object] | Missing | None
"""A scalar, a text, a list or an object (both still unresolved inside), or nothing.

A text that is one unknown part may turn out to be anything, a list or an object too.
"""

_DYNAMIC_REFERENCE = re.compile(r"(\{\{resolve:[^{}]*\}\})")
_SUB_VARIABLE = re.compile(r"\$\{(!?)([^{}]*)\}")


def resolve(world: World, raw: object, path: str) -> tuple[Resolved, str]:
    """Resolve what stands at a path; returns it with the path of the place that it came from.

    Raises `TemplateError` for what CloudFormation would refuse, and `ForkError` where worlds differ.
    """
    world.step(path)
    if isinstance(raw, str):
        return _string(world, raw), path
    if isinstance(raw, dict):
        name = _function(raw, path)
        if name == "Fn::If":
            return _if(world, raw[name], f"{path}['Fn::If']")
        if name is not None:
            # A macro's call may stand among siblings, or bear a loop's name: it is known by the whole of its object.
            argument = raw if name == "Fn::Transform" else raw[name]
            return _FUNCTIONS[name](world, argument, f"{path}['{name}']"), path
        return raw, path
    if raw is None or isinstance(raw, bool | int | float | list | Text):
        return raw, path
    raise TemplateError(path, "this is no JSON value")


def resolve_text(world: World, raw: object, path: str) -> Text:
    """Resolve what has to be a string: scalars become the strings that CloudFormation makes of them."""
    value, place = resolve(world, raw, path)
    return as_text(value, place)


def as_text(value: Resolved, path: str) -> Text:
    """Return a resolved value as a text. Raises `TemplateError` for lists, objects and nothing."""
    if isinstance(value, Text):
        return value
    if isinstance(value, bool):
        return Text.of("true" if value else "false")
    if isinstance(value, int | float):
        return Text.of(str(value))
    raise TemplateError(path, "a string is expected here")


def resolve_list(world: World, raw: object, path: str) -> list[object] | Unknown:
    """Resolve what has to be a list; its items stay unresolved."""
    value, place = resolve(world, raw, path)
    hidden = wholly_unknown(value)
    if hidden is not None:
        return hidden
    if isinstance(value, list):
        return value
    raise TemplateError(place, "a list is expected here")


def wholly_unknown(value: Resolved) -> Unknown | None:
    """Return the unknown that a value is, or None where something of it is known."""
    if isinstance(value, Text) and len(value.parts) == 1:
        return next(iter(value.unknowns), None)
    return None


def operand(world: World, raw: object, path: str) -> Text:
    """Resolve an operand of `Fn::Equals`, leaving a parameter unknown where no assumption binds it."""
    match raw:
        case {"Ref": str(name), **rest} if not rest and name in world.template.parameters:
            return world.parameter(name, reveal=False)
    return resolve_text(world, raw, path)


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


def _string(world: World, raw: str) -> Text:
    if "{{resolve:" not in raw:
        return Text.of(raw)
    pieces: list[str | Text] = []
    for piece in _DYNAMIC_REFERENCE.split(raw):
        hidden = Unknown(piece, f"{piece} is known at deployment only")
        pieces.append(world.known(hidden) if _DYNAMIC_REFERENCE.fullmatch(piece) else piece)
    return Text.of(*pieces)


def _if(world: World, argument: object, path: str) -> tuple[Resolved, str]:
    match argument:
        case [str(condition), then, otherwise]:
            if world.condition(condition, path):
                return resolve(world, then, f"{path}[1]")
            return resolve(world, otherwise, f"{path}[2]")
    raise TemplateError(path, "Fn::If takes a condition's name and two values")


def _ref(world: World, argument: object, path: str) -> Resolved:
    if not isinstance(argument, str):
        raise TemplateError(path, "Ref takes the name of a parameter or resource")
    if argument == "AWS::NoValue":
        return MISSING
    if argument in identity.PSEUDO_PARAMETERS:
        return world.known(identity.pseudo(argument))
    if argument in world.template.parameters:
        told = world.parameter(argument, reveal=True)
        if told.literal is not None and world.template.parameters[argument].is_list:
            return [item.strip() for item in told.literal.split(",")]
        return told
    with world.guard(f"Ref {argument}", path):
        return identity.physical_id(world, argument, path)


def _get_att(world: World, argument: object, path: str) -> Resolved:
    match argument:
        case str(dotted) if "." in dotted:
            logical_id, attribute = dotted.split(".", 1)
            name = Text.of(attribute)
        case [str(logical_id), attribute]:
            name = resolve_text(world, attribute, f"{path}[1]")
        case _:
            raise TemplateError(path, "Fn::GetAtt takes a resource and the name of an attribute of it")
    with world.guard(f"GetAtt {logical_id}", path):
        return identity.attribute(world, logical_id, name, path)


def _sub(world: World, argument: object, path: str) -> Resolved:
    match argument:
        case str(template):
            given: dict[str, object] = {}
        case [str(template), dict(given)]:
            pass
        case _:
            raise TemplateError(path, "Fn::Sub takes a string, or a string and an object of its variables")
    pieces: list[str | Text] = []
    position = 0
    for variable in _SUB_VARIABLE.finditer(template):
        pieces.append(_string(world, template[position : variable.start()]))
        position = variable.end()
        literal, name = variable.group(1), variable.group(2).strip()
        if literal:
            pieces.append(f"${{{variable.group(2)}}}")
        elif name in given:
            pieces.append(resolve_text(world, given[name], f"{path}[1].{name}"))
        elif "." in name:
            pieces.append(as_text(_get_att(world, name, path), path))
        else:
            pieces.append(as_text(_ref(world, name, path), path))
    pieces.append(_string(world, template[position:]))
    return _bounded(world, Text.of(*pieces), path)


def _join(world: World, argument: object, path: str) -> Resolved:
    match argument:
        case [str(separator), items]:
            values = resolve_list(world, items, f"{path}[1]")
        case _:
            raise TemplateError(path, "Fn::Join takes a separator and a list")
    if isinstance(values, Unknown):
        return _computed("Fn::Join", argument, values)
    pieces: list[str | Text] = []
    for i, item in enumerate(values):
        value, place = resolve(world, item, f"{path}[1][{i}]")
        if not isinstance(value, Missing):
            pieces += [separator, as_text(value, place)] if pieces else [as_text(value, place)]
    return _bounded(world, Text.of(*pieces), path)


def _bounded(world: World, text: Text, path: str) -> Text:
    """Return a text that was put together, counting what it cost."""
    world.step(path, sum(len(part) if isinstance(part, str) else 1 for part in text.parts) // 100)
    return text


def _select(world: World, argument: object, path: str) -> Resolved:
    match argument:
        case [index, items]:
            at = resolve_text(world, index, f"{path}[0]")
            values = resolve_list(world, items, f"{path}[1]")
        case _:
            raise TemplateError(path, "Fn::Select takes an index and a list")
    if at.literal is None or isinstance(values, Unknown):
        return _computed("Fn::Select", argument, values if isinstance(values, Unknown) else at.unknowns[0])
    places = {str(i): i for i in range(len(values))}
    if at.literal not in places:
        raise TemplateError(path, f"there is no item {at.literal} in this list of {len(values)}")
    return resolve(world, values[places[at.literal]], f"{path}[1][{at.literal}]")[0]


def _split(world: World, argument: object, path: str) -> Resolved:
    match argument:
        case [str(separator), source] if separator:
            whole = resolve_text(world, source, f"{path}[1]")
        case _:
            raise TemplateError(path, "Fn::Split takes a separator and a string")
    if any(not hidden.atomic or separator not in ":/" for hidden in whole.unknowns):
        return _computed("Fn::Split", argument, whole.unknowns[0])
    return list(whole.split(separator))


def _find_in_map(world: World, argument: object, path: str) -> Resolved:
    default: list[object] = []
    match argument:
        case [name, top, second]:
            pass
        case [name, top, second, {"DefaultValue": value}]:
            default = [value]
        case _:
            raise TemplateError(path, "Fn::FindInMap takes a map's name, a top level key and a second level key")
    keys = [resolve_text(world, key, f"{path}[{i}]") for i, key in enumerate((name, top, second))]
    hidden = next((part for key in keys for part in key.unknowns), None)
    if hidden is not None:
        return _computed("Fn::FindInMap", argument, hidden)
    found: object = world.template.mappings
    for key in keys:
        held = found if isinstance(found, dict) else {}
        found = held.get(key.literal or "")
        if found is None and any(name.startswith("Fn::") for name in held):
            macro = Unknown("a macro", "a macro may define the mapping at deployment")
            return _computed("Fn::FindInMap", argument, macro)
    if found is None and not default:
        raise TemplateError(path, f"no mapping has {'.'.join(key.literal or '' for key in keys)}")
    return resolve(world, default[0] if found is None else found, path)[0]


def _base64(world: World, argument: object, path: str) -> Resolved:
    plain = resolve_text(world, argument, path)
    if plain.literal is None:
        return _computed("Fn::Base64", argument, plain.unknowns[0])
    return Text.of(base64.b64encode(plain.literal.encode()).decode())


def _length(world: World, argument: object, path: str) -> Resolved:
    items = resolve_list(world, argument, path)
    return _computed("Fn::Length", argument, items) if isinstance(items, Unknown) else len(items)


def _computed(name: str, argument: object, because: Unknown) -> Text:
    """Return what a function gives for an argument of which something is unknown."""
    return Text((Unknown(_key(name, argument), because.reason, Origin.COMPUTED),))


def _at_deployment(name: str, origin: Origin = Origin.COMPUTED) -> _Function:
    def function(world: World, argument: object, _path: str) -> Resolved:
        return world.known(Unknown(_key(name, argument), f"what {name} gives is known at deployment only", origin))

    return function


def _key(name: str, argument: object) -> str:
    """Return what tells one call of a function from another."""
    return f"{name} {json.dumps(argument, sort_keys=True, default=repr)}"


class _Function(Protocol):
    def __call__(self, world: World, argument: object, path: str, /) -> Resolved: ...


_FUNCTIONS: dict[str, _Function] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _at_deployment("Fn::Cidr"),
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _at_deployment("Fn::GetAZs", Origin.EXTERNAL),
    "Fn::GetAtt": _get_att,
    "Fn::ImportValue": _at_deployment("Fn::ImportValue", Origin.EXTERNAL),
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _at_deployment("Fn::ToJsonString"),
    "Fn::Transform": _at_deployment("Fn::Transform"),
}
