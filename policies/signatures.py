"""How a template calls CloudFormation's functions, and what each of them takes.

Sources: AWS CloudFormation Template Reference, "Intrinsic function reference" and "AWS::LanguageExtensions transform".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_interface
from typing import Final, TypeAlias

from policies.errors import TemplateError
from policies.nodes import child

_Kind: TypeAlias = tuple[type, ...]
NAME: Final[_Kind] = (str,)
"""The name of something that the template defines."""
TEXT: Final[_Kind] = (str, int, float)
"""A string, or a number or truth value, which CloudFormation makes a string of."""
LIST: Final[_Kind] = (list,)
OBJECT: Final[_Kind] = (dict,)
_ANY: Final[_Kind] = (object,)
EXPECTED: Final = {
    TEXT: "a string is expected here",
    LIST: "a list is expected here",
    OBJECT: "an object is expected here",
}
"""What is told of a value that is not of a kind."""

_Signature: TypeAlias = tuple[str, int, tuple[_Kind, ...]]
"""What a function takes, in words; the least number of arguments, 0 where it takes one and no list; their kinds."""
_OF_ONE_VALUE: Final = {"Fn::Base64": TEXT, "Fn::GetAZs": TEXT, "Fn::ImportValue": TEXT, "Fn::Length": LIST}
_OF_VALUES: Final[Mapping[str, _Signature]] = {
    **{name: (EXPECTED[kind], 0, (kind,)) for name, kind in _OF_ONE_VALUE.items()},
    "Fn::Cidr": ("an IP block, a count and a number of bits", 2, (TEXT,) * 3),
    "Fn::FindInMap": (
        *("a map's name, a top level key and a second level key", 3),
        (TEXT, TEXT, TEXT, OBJECT),
    ),
    "Fn::GetAtt": ("a resource and the name of an attribute of it", 2, (NAME, TEXT)),
    "Fn::GetStackOutput": ("an object with a StackName and an OutputName", 0, (OBJECT,)),
    "Fn::If": ("a condition's name and two values", 3, (NAME, _ANY, _ANY)),
    "Fn::Join": ("a separator and a list", 2, (NAME, LIST)),
    "Fn::Select": ("an index and a list", 2, (TEXT, LIST)),
    "Fn::Split": ("a separator and a string", 2, (NAME, TEXT)),
    "Fn::Sub": ("a string, or a string and an object of its variables", 2, (NAME, OBJECT)),
    "Fn::ToJsonString": ("an object or a list", 0, ((dict, list),)),
    "Ref": ("the name of a parameter or resource", 0, (NAME,)),
}
CONDITION: Final = (
    "a condition is Fn::Equals of two values, Fn::Not of one condition, "
    "Fn::And or Fn::Or of two to ten, or the name of a Condition"
)
"""What is told of a value that is no condition."""
_OF_CONDITIONS: Final[Mapping[str, _Signature]] = {
    "Condition": (CONDITION, 0, (NAME,)),
    "Fn::And": (CONDITION, 2, (_ANY,) * 10),
    "Fn::Equals": (CONDITION, 2, (_ANY, _ANY)),
    "Fn::Not": (CONDITION, 1, (_ANY,)),
    "Fn::Or": (CONDITION, 2, (_ANY,) * 10),
}
_OF_RULES: Final[Mapping[str, _Signature]] = {
    "Fn::Contains": ("a list and a value", 2, (LIST, _ANY)),
    "Fn::EachMemberEquals": ("a list and a value", 2, (LIST, _ANY)),
    "Fn::EachMemberIn": ("two lists", 2, (LIST, LIST)),
    "Fn::RefAll": ("a type of parameters", 0, (NAME,)),
    "Fn::ValueOf": ("a parameter and the name of an attribute", 2, (NAME, NAME)),
    "Fn::ValueOfAll": ("a type of parameters and the name of an attribute", 2, (NAME, NAME)),
}
NOT_IN_CONDITIONS: Final = {"Fn::GetStackOutput", "Fn::ImportValue"}
"""Functions that CloudFormation refuses in Conditions, which are decided before it asks other stacks.

AWS's list of what is supported there ("Condition functions") also leaves out Fn::Join, Fn::Select, Fn::Split and
Fn::Sub, which templates use there all the same: by that list alone nothing is refused.
"""
_SIGNATURES: Final = {**_OF_VALUES, **_OF_CONDITIONS, **_OF_RULES}
FUNCTIONS: Final = {
    "Conditions": {*_OF_VALUES, *_OF_CONDITIONS},
    "Rules": {*_SIGNATURES},
    "Resources": {*_OF_VALUES},
    "Outputs": {*_OF_VALUES},
}
"""The functions that a section knows."""
_MAX_BLOCKS: Final = 256
_MAX_BITS: Final = 128
"""How many blocks `Fn::Cidr` makes at most, and how many bits an address has."""
_VARIABLE: Final = re.compile(r"\$\{(!?)([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the template. Its path, which may be long, is written only where it is told."""

    key: str | int = "$"
    above: Place | None = None

    def __truediv__(self, key: str | int) -> Place:
        return Place(key, self)

    def __str__(self) -> str:
        if self.above is None:
            return str(self.key)
        return child(str(self.above), self.key) if isinstance(self.key, str) else f"{self.above}[{self.key}]"

    def problem(self, text: str) -> TemplateError:
        """Return the problem that is told of this place."""
        return TemplateError(str(self), text)


@dataclass(frozen=True, slots=True)
class Call:
    """A function called by the object at a place, and whether it stands there alone.

    `certain` tells that no `Fn::If` or `Condition` decides on it.
    """

    name: str
    argument: object
    place: Place
    certain: bool
    alone: bool

    @property
    def inside(self) -> Place:
        """The place of the argument."""
        return self.place / self.name

    def names(self) -> Iterator[tuple[str, str]]:
        """Return the names in the call, each with the plainest function that takes such a name."""
        match self.name, self.argument:
            case "Fn::GetAtt", str(dotted):
                yield self.name, dotted.partition(".")[0]
            case ("Ref" | "Condition", str(name)) | ("Fn::GetAtt" | "Fn::ValueOf", [str(name), *_]):
                yield self.name, name
            case "Fn::If", [str(name), *_]:
                yield "Condition", name
            case "Fn::Sub", str(text):
                yield from _variables(text, ())
            case "Fn::Sub", [str(text), dict(given)]:
                yield from _variables(text, given)


def _variables(text: str, given: Collection[str]) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(name.strip() for literal, name in _VARIABLE.findall(text) if not literal):
        if name and name not in given:
            yield ("Fn::GetAtt", name.partition(".")[0]) if "." in name else ("Ref", name)


def calls(raw: object, place: Place, *, certain: bool = True) -> Iterator[Call]:
    """Return the calls of functions in a value, in the order of the document."""
    waiting = [(raw, place, certain)]
    while waiting:
        here, where, sure = waiting.pop()
        if isinstance(here, dict) and not is_rewritten(here):
            name = _called(here)
            if name is not None:
                yield Call(name, here[name], where, sure, len(here) == 1)
            below = [(value, where / key, sure and name != "Fn::If") for key, value in here.items()]
            waiting += reversed(below)
        elif isinstance(here, list):
            waiting += [(item, where / i, sure) for i, item in reversed([*enumerate(here)])]


def fits(raw: object, kind: _Kind, *, extended: bool) -> bool:
    """Tell whether a value is of a kind, or may come to be.

    Only where the language is extended, by AWS::LanguageExtensions, does a function give a name.
    """
    if is_rewritten(raw):
        return True
    return isinstance(raw, kind) if _called(raw) is None else kind != NAME or extended


def _called(raw: object) -> str | None:
    """Return the function that an object calls, or None where it calls none."""
    match raw:
        case {"Condition": str(), **rest} if not rest:
            return "Condition"
        case dict():
            return next((key for key in raw if key == "Ref" or key.startswith("Fn::")), None)
    return None


def is_rewritten(raw: object) -> bool:
    """Tell an object that a macro or a loop replaces."""
    return isinstance(raw, dict) and any(key == "Fn::Transform" or key.startswith("Fn::ForEach::") for key in raw)


def judge_condition(raw: object, place: Place) -> Iterator[TemplateError]:
    """Judge that a value is a condition."""
    match raw:
        case {"Condition": {"Condition": str()}, **rest} if not rest:  # so AWS::Serverless writes it
            return
    function = _called(raw)
    if function is None or (function in _OF_VALUES and not is_rewritten(raw)):
        yield place.problem(CONDITION)


def extension(call: Call) -> str | None:
    """Return what of a call the transform AWS::LanguageExtensions adds to the language, or None."""
    match call.name, call.argument:
        case ("Fn::Length" | "Fn::ToJsonString") as name, _:
            return name
        case "Fn::FindInMap", [_, _, _, _]:
            return "a DefaultValue"
    return None


def judge_arguments(call: Call, *, extended: bool) -> Iterator[TemplateError]:
    """Judge the number and the kinds of a call's arguments."""
    takes, least, kinds = _SIGNATURES[call.name]
    problem = call.inside.problem(f"{call.name} takes {takes}")
    if call.name in _OF_CONDITIONS:
        problem = call.place.problem(takes)
    arguments = [call.argument] if least == 0 else call.argument
    match call.name, call.argument:
        case ("Fn::Sub", str()) | ("Fn::GetAZs", None):  # samples of AWS ask for the stack's region by nothing
            return
        case "Fn::GetAtt", str(dotted) if all(dotted.partition(".")):
            return
        case _, dict() if is_rewritten(call.argument):
            return
    if not isinstance(arguments, list) or not least <= len(arguments) <= len(kinds) or not _is_sound(call):
        yield problem
        return
    wrong = [i for i, argument in enumerate(arguments) if not fits(argument, kinds[i], extended=extended)]
    if any(kinds[i] not in (TEXT, LIST) for i in wrong):
        yield problem
        return
    for i in wrong:
        yield (call.inside / i if least else call.inside).problem(EXPECTED[kinds[i]])


def _is_sound(call: Call) -> bool:
    """Tell whether a call's arguments hold what they have to."""
    match call.name, call.argument:
        case ("Fn::GetAtt", ["", _] | [_, ""]) | ("Fn::Split", ["", _]):
            return False
        case "Fn::FindInMap", [_, _, _, dict(options)]:
            return "DefaultValue" in options
        case "Fn::GetStackOutput", dict(options):
            return {"StackName", "OutputName"} <= options.keys()
    return True


def judge_parts(call: Call, section: str) -> Iterator[TemplateError]:
    """Judge what the lists, objects and strings hold among the arguments, which are sound, of a call in a section."""
    match call.name, call.argument:
        case "Fn::Sub", str(text) | [str(text), _]:
            if any(not literal and not name.strip() for literal, name in _VARIABLE.findall(text)):
                yield call.inside.problem("a variable of Fn::Sub needs a name between ${ and }")
        case "Fn::Select", [str(index) | int(index), list(items)] if call.certain:
            if str(index) not in map(str, range(len(items))):
                yield call.inside.problem(f"there is no item {index} in this list of {len(items)}")
        case "Fn::Cidr", list(arguments) if call.certain:
            yield from _judge_blocks(arguments, call.inside)
        case ("Fn::And" | "Fn::Or" | "Fn::Not", list(parts)) if section == "Conditions":
            for i, part in enumerate(parts):
                yield from judge_condition(part, call.inside / i)
    for place, raw in _texts(call):
        if _called(raw) is None and not isinstance(raw, TEXT):
            yield place.problem(EXPECTED[TEXT])


def _texts(call: Call) -> Iterator[tuple[Place, object]]:
    """Return what has to be a string in the lists and objects of a call, with its places."""
    match call.name, call.argument:
        case "Fn::Join", [_, list(items)]:
            yield from ((call.inside / 1 / i, item) for i, item in enumerate(items))
        case "Fn::Sub", [_, dict(given)] if _called(given) is None:
            yield from ((call.inside / 1 / key, value) for key, value in given.items())
        case "Fn::Equals", list(operands):
            yield from ((call.inside / i, operand) for i, operand in enumerate(operands))


def _judge_blocks(arguments: Sequence[object], place: Place) -> Iterator[TemplateError]:
    """Judge the arguments of `Fn::Cidr` that are literal."""
    try:
        if isinstance(arguments[0], TEXT):
            ip_interface(str(arguments[0]))
    except ValueError:
        yield (place / 0).problem("an IP block such as 10.0.0.0/16 is expected here")
    for i, most in enumerate((_MAX_BLOCKS, _MAX_BITS), 1):
        for argument in arguments[i : i + 1]:
            if isinstance(argument, TEXT) and str(argument) not in map(str, range(1, most + 1)):
                yield (place / i).problem(f"a number from 1 to {most} is expected here")
