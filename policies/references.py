"""What CloudFormation refuses of a template before it makes anything, found by one pass over all of it.

A rule meets a wrong place only where it reads it; here every place is looked at. What is wrong in some worlds only is
for the rules, and what a macro, a loop or a module may still write is passed over.

Sources: AWS CloudFormation Template Reference, "Intrinsic function reference", "Pseudo parameters reference",
"Resource attribute reference" and "AWS::LanguageExtensions transform"; AWS CloudFormation User Guide, "CloudFormation
template sections" and "Using modules".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Final

from policies import loops, refused_parameters
from policies.circles import ORDERING, Entry, circular_conditions, circular_resources
from policies.errors import TemplateError
from policies.identity import PSEUDO_PARAMETERS
from policies.reading import MAX_TEMPLATE_BYTES
from policies.signatures import (
    CONDITION,
    EXPECTED,
    FUNCTIONS,
    NAME,
    NOT_IN_CONDITIONS,
    OBJECT,
    TEXT,
    Call,
    Place,
    calls,
    extension,
    fits,
    is_rewritten,
    judge_arguments,
    judge_condition,
    judge_parts,
)

MAX_PROBLEMS: Final = 100
"""How many problems of one template are told; one more says that there are others."""

MAX_NULLS: Final = 3
"""How many nulls of one resource are told."""

_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Rules", "Resources", "Outputs")
_DECIDED_FIRST: Final = ("Conditions", "Rules")
"""The sections that are decided before there are resources."""
_LANGUAGE_EXTENSIONS: Final = "AWS::LanguageExtensions"
_HARMLESS_MACROS: Final = {_LANGUAGE_EXTENSIONS, "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16"}
"""Macros of AWS that define no name which a template can use."""
_EVALUATED: Final = (*ORDERING, "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")
"""The attributes of a resource in which functions are resolved."""
_RETENTION: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_AT_DEPLOYMENT: Final = {"Fn::GetAtt", "Fn::GetStackOutput", "Fn::ImportValue"}
"""The functions that give what only a deployment knows, which is too late for what AWS::LanguageExtensions resolves."""
_PSEUDO_PARAMETERS: Final = {*PSEUDO_PARAMETERS, "AWS::NoValue"}


def problems(document: Mapping[str, object]) -> Iterator[TemplateError]:
    """Return what CloudFormation refuses of a template, which is plain JSON data: each with its place and why.

    There are none where a macro that is not of AWS is given the whole template, for it may rewrite all of it.
    """
    macros = tuple(_macros(document))
    if not all(name.startswith("AWS::") for name in macros):
        return
    if _text_length(document) > MAX_TEMPLATE_BYTES:
        yield TemplateError("$", f"the text is longer than {MAX_TEMPLATE_BYTES:,} characters; repeat less by aliases")
        return
    found = _problems(document, _template(document, macros))
    yield from islice(found, MAX_PROBLEMS)
    if next(found, None) is not None:
        yield TemplateError("$", f"there are more than {MAX_PROBLEMS} problems; mend the others first")


@dataclass(frozen=True, slots=True)
class _Template:
    """The sections of a template, those that may come to define more names, and whether its language is extended."""

    sections: Mapping[str, Mapping[str, object]]
    unfinished: Collection[str]
    extended: bool

    def entries(self, section: str) -> Iterator[Entry]:
        """Return the entries of a section that stay as they are."""
        held = self.sections[section]
        for key, body in {} if "Fn::Transform" in held else held.items():
            if not key.startswith("Fn::") and not is_rewritten(body):
                yield key, body, Place() / section / key

    def lacks(self, name: str, *sections: str) -> bool:
        """Tell whether none of the sections will define the name."""
        return not any(section in self.unfinished or name in self.sections[section] for section in sections)


def _macros(document: Mapping[str, object]) -> Iterator[str]:
    """Return the names of the macros that are given the whole template."""
    stated = document.get("Transform")
    for macro in [*(stated if isinstance(stated, list) else [stated]), document.get("Fn::Transform")]:
        name = macro.get("Name") if isinstance(macro, dict) else macro
        if isinstance(name, str):
            yield name


def _text_length(document: Mapping[str, object]) -> int:
    """Return the length of all strings together; one that aliases repeat counts as often as it stands there."""
    total = 0
    waiting: list[object] = [document]
    while waiting:
        here = waiting.pop()
        if isinstance(here, str):
            total += len(here)
        elif isinstance(here, dict | list):
            waiting += here.values() if isinstance(here, dict) else here
    return total


def _template(document: Mapping[str, object], macros: Collection[str]) -> _Template:
    held = {name: document.get(name, {}) for name in _SECTIONS}
    sections = {name: section if isinstance(section, dict) else {} for name, section in held.items()}
    unfinished = {
        name
        for name, section in held.items()
        if not _HARMLESS_MACROS.issuperset(macros) or not isinstance(section, dict) or is_rewritten(section)
    }
    types = [body.get("Type") for body in sections["Resources"].values() if isinstance(body, dict)]
    if any(isinstance(kind, str) and kind.endswith("::MODULE") for kind in types):
        unfinished.add("Resources")
    return _Template(sections, unfinished, _LANGUAGE_EXTENSIONS in macros)


def _problems(document: Mapping[str, object], template: _Template) -> Iterator[TemplateError]:
    for section in (*_SECTIONS, "Metadata"):
        if not isinstance(document.get(section, {}), dict):
            yield (Place() / section).problem(EXPECTED[OBJECT])
    for section, judge in _DECLARATIONS.items():
        for _, body, place in template.entries(section):
            if isinstance(body, dict):
                yield from judge(body, place, template)
            else:
                yield place.problem(CONDITION if section == "Conditions" else EXPECTED[OBJECT])
    yield from _keys(template)
    yield from circular_conditions(template.entries("Conditions"))
    if "Resources" not in template.unfinished:
        yield from circular_resources(template.entries("Resources"))


def _mapping(body: Mapping[str, object], place: Place, _template: _Template) -> Iterator[TemplateError]:
    for top, held in body.items():
        if not isinstance(held, dict):
            yield (place / top).problem(EXPECTED[OBJECT])
        elif not is_rewritten(held):
            for second, value in held.items():
                if not all(isinstance(item, TEXT) for item in (value if isinstance(value, list) else [value])):
                    yield (place / top / second).problem("a string or a list of strings is expected here")


def _condition(body: Mapping[str, object], place: Place, template: _Template) -> Iterator[TemplateError]:
    yield from judge_condition(body, place)
    yield from _uses(body, place, template, "Conditions", certain=True)


def _rule(body: Mapping[str, object], place: Place, template: _Template) -> Iterator[TemplateError]:
    yield from _uses(body, place, template, "Rules", certain=False)


def _resource(body: Mapping[str, object], place: Place, template: _Template) -> Iterator[TemplateError]:
    told: set[str] = set()
    for problem in _attributes(body, place, template):
        told.add(problem.path)
        yield problem
    yield from islice((problem for problem in _nulls(body, place) if problem.path not in told), MAX_NULLS)


def _attributes(body: Mapping[str, object], place: Place, template: _Template) -> Iterator[TemplateError]:
    if not isinstance(body.get("Type"), str):
        yield (place / "Type").problem("a resource needs a type, which is a string")
    properties = body.get("Properties", {})
    if not isinstance(properties, dict):
        yield (place / "Properties").problem(EXPECTED[OBJECT])
    elif "" in properties:
        yield (place / "Properties").problem("every property needs a name")
    stated, where = body.get("DependsOn", []), place / "DependsOn"
    for named, at in (
        [(name, where / i) for i, name in enumerate(stated)] if isinstance(stated, list) else [(stated, where)]
    ):
        if not fits(named, NAME, extended=template.extended):
            yield at.problem("the logical id of a resource is expected here")
        elif isinstance(named, str) and template.lacks(named, "Resources"):
            yield at.problem(f"the template has no resource {named}")
    yield from _conditional(body, place, template, "Resources", _EVALUATED)
    for key in _RETENTION:
        for call in calls(body.get(key), place / key):
            if call.name in _AT_DEPLOYMENT:
                yield call.place.problem(f"{key} is decided before a deployment; {call.name} is known after it only")


def _nulls(body: Mapping[str, object], place: Place) -> Iterator[TemplateError]:
    """Judge that nothing inside the attributes of a resource is null."""
    waiting = [(value, place / key) for key, value in reversed([*body.items()])]
    while waiting:
        here, where = waiting.pop()
        if here is None:
            yield where.problem("CloudFormation takes no null; leave it out, or use AWS::NoValue")
        elif isinstance(here, list):
            waiting += [(item, where / i) for i, item in reversed([*enumerate(here)])]
        elif isinstance(here, dict) and not is_rewritten(here) and "Fn::GetAZs" not in here:
            waiting += [(value, where / key) for key, value in reversed([*here.items()])]


def _output(body: Mapping[str, object], place: Place, template: _Template) -> Iterator[TemplateError]:
    if "Value" not in body:
        yield place.problem("an output needs a Value")
    yield from _conditional(body, place, template, "Outputs", ("Value", "Export"))


def _keys(template: _Template) -> Iterator[TemplateError]:
    """Judge the names of what is declared, and the loops that stand among them."""
    for section in _DECLARATIONS:
        for key in template.sections[section]:
            if key.startswith(loops.PREFIX) and not template.extended:
                yield (Place() / section / key).problem(f"Fn::ForEach needs the transform {_LANGUAGE_EXTENSIONS}")
    for name, _, place in template.entries("Resources"):
        if name in template.sections["Parameters"]:
            yield place.problem(f"{name} is a parameter, too; each name of a template names one thing")


_DECLARATIONS: Final = {
    "Parameters": lambda body, place, _: refused_parameters.problems(body, place),
    "Mappings": _mapping,
    "Conditions": _condition,
    "Rules": _rule,
    "Resources": _resource,
    "Outputs": _output,
}


def _conditional(
    body: Mapping[str, object], place: Place, template: _Template, section: str, evaluated: Collection[str]
) -> Iterator[TemplateError]:
    """Judge the condition of a resource or output, and the functions in what of it is evaluated."""
    certain = "Condition" not in body
    if not certain:
        yield from _named_condition(body["Condition"], place / "Condition", template)
    for key in evaluated:
        yield from _uses(body.get(key), place / key, template, section, certain=certain)


def _named_condition(name: object, place: Place, template: _Template) -> Iterator[TemplateError]:
    if not fits(name, NAME, extended=template.extended):
        yield place.problem("the name of a condition is expected here")
    elif isinstance(name, str) and template.lacks(name, "Conditions"):
        yield place.problem(f"the template defines no condition {name}")


def _uses(raw: object, place: Place, template: _Template, section: str, *, certain: bool) -> Iterator[TemplateError]:
    """Judge the use of functions in a value of a section."""
    for call in calls(raw, place, certain=certain):
        if call.name == "Condition" and section != "Conditions":
            continue  # a key of the author's own
        if not call.alone:
            yield call.place.problem(f"{call.name} has to stand alone in its object")
        elif section == "Conditions" and call.name in NOT_IN_CONDITIONS:
            yield call.place.problem(f"{call.name} cannot be used in Conditions")
        elif call.name not in FUNCTIONS[section]:
            yield call.place.problem(f"{call.name} is no function that gives a value")
        elif wrong := [*judge_arguments(call, extended=template.extended)]:
            yield from wrong
        else:
            yield from judge_parts(call, section)
            yield from _unresolved(call, template, section)
            if extension(call) and not template.extended:
                yield call.place.problem(f"{extension(call)} needs the transform {_LANGUAGE_EXTENSIONS}")


def _unresolved(call: Call, template: _Template, section: str) -> Iterator[TemplateError]:
    """Judge that the template defines what a call names."""
    for how, name in call.names():
        problem = _name_problem(how, name, template, section)
        if problem is not None:
            yield (call.place if call.name == "Condition" else call.inside).problem(problem)
    match call.name, call.argument:
        case "Fn::FindInMap", [_, _, _] as keys if not _is_mapped(keys, call, template):
            literal = [str(key) for key in takewhile(lambda key: isinstance(key, str), keys)]
            yield call.inside.problem(f"no mapping has {'.'.join(literal)}")


def _name_problem(how: str, name: str, template: _Template, section: str) -> str | None:
    match how:
        case "Condition" if template.lacks(name, "Conditions"):
            return f"the template defines no condition {name}"
        case "Fn::GetAtt" if template.lacks(name, "Resources"):
            return f"the template has no resource {name}"
        case "Fn::ValueOf" if template.lacks(name, "Parameters"):
            return f"the template has no parameter {name}"
        case "Ref" if name not in _PSEUDO_PARAMETERS and template.lacks(name, "Parameters", "Resources"):
            return f"the template has no parameter or resource {name}"
        case "Ref" | "Fn::GetAtt" if section in _DECIDED_FIRST and name in template.sections["Resources"]:
            return f"{section} are decided before the resource {name} exists; use a parameter instead"
    return None


def _is_mapped(keys: Sequence[object], call: Call, template: _Template) -> bool:
    """Tell whether the mappings have what the keys name, as far as they are literal.

    Those of the top and second level have to be there only where it is certain that they are looked up.
    """
    found: object = template.sections["Mappings"]
    if "Mappings" in template.unfinished:
        return True
    for key in keys if call.certain else keys[:1]:
        if not isinstance(key, str) or not isinstance(found, dict) or is_rewritten(found):
            return True
        if key not in found:
            return False
        found = found[key]
    return True
