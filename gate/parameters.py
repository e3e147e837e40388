"""The values that a deployment gives to parameters, as `--parameters` states them.

A file has one of the forms that AWS tools read: the AWS CLI's list of ParameterKey and ParameterValue, or of pairs such
as "Stage=prod" (`aws cloudformation deploy --parameter-overrides file://`); an object of values by name; or one of
these under Parameters, as in the template configuration files of CodePipeline
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html).
A value may be a secret: no message repeats one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from policies.nodes import child
from policies.parameters import scalar
from policies.reading import InputError, printable, quoted, read_document, read_file, surrogate_problem

MAX_VALUE_BYTES = 4_096
"""CloudFormation's quota for the value of a parameter
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""

_OPTION = "--parameters"
_EXAMPLE = "Stage=prod"
_EXPECTED = 'parameters in JSON or YAML, such as {"Stage": "prod"}'
_PROBLEMS_TOLD = 20

_NAME = re.compile("[A-Za-z0-9]+")
_PAIR = re.compile("[A-Za-z0-9]+=.*", re.DOTALL)
_KEY, _VALUE, _PREVIOUS, _RESOLVED = "ParameterKey", "ParameterValue", "UsePreviousValue", "ResolvedValue"
_SECTION = "Parameters"
_CONFIGURATION = (_SECTION, "Tags", "StackPolicy")
_LIST = re.compile(rb"(?P<above>(?:\s|#[^\n]*+)*+)(?:---(?=\s))?(?P<list>(?:\s|#[^\n]*+)*+(?:\[|-\s).*)", re.DOTALL)
"""A document that is a list, in JSON or YAML, without the dashes that YAML may begin with."""


def read_parameters(arguments: Sequence[str]) -> Mapping[str, str]:
    """Return values of parameters by name; each argument is `Key=Value`, or the name of a file.

    A number or boolean becomes the string that CloudFormation makes of it, a list its items with commas between them.
    Raises `InputError` for the first argument that cannot be used, with all that is wrong in it, and for a parameter
    that is given two values.
    """
    values: dict[str, str] = {}
    for argument in arguments:
        where, entries = _stated(argument)
        for place, name, value in _usable(where, entries):
            if values.setdefault(name, value) != value:
                raise InputError(where, f"{place}: the parameter {name} has another value before; state it once")
    return values


class _UnusableError(Exception):
    """An entry cannot be used; the text says why."""


_Entry = tuple[str, object]
"""A place, and what stands there: an entry of the AWS CLI's list, whatever the form of the file."""


def _stated(argument: str) -> tuple[str, list[_Entry]]:
    """Return where entries stand, and the entries."""
    name, sign, value = argument.partition("=")
    if sign and _NAME.fullmatch(name):
        return _OPTION, [(name, {_KEY: name, _VALUE: value})]
    if not argument:
        raise InputError(_OPTION, f"empty; expected a pair such as {_EXAMPLE}, or a file")
    try:
        data = read_file(Path(argument)).removeprefix(codecs.BOM_UTF8)
    except InputError as error:
        if not sign:
            raise
        # Meant as a pair, perhaps: what stands behind the sign is not for a log.
        problem = f"{quoted(name)}=… is no pair such as {_EXAMPLE}, in which a name of letters and digits stands first"
        raise InputError(_OPTION, f"{problem}; nor is it a file: {error.problem}") from None
    where = printable(Path(argument).as_posix())
    return where, list(_entries(_document(data, where), where))


def _document(data: bytes, where: str) -> object:
    """Return what a file holds, which may be a list."""
    listed = _LIST.fullmatch(data)
    if listed is None:
        return read_document(data, where, expected=_EXPECTED)
    # A document is an object: the list becomes one's only value, and each of its lines stands one line lower.
    text = listed["above"] + listed["list"]
    is_json = text.lstrip().startswith(b"[")
    wrapped = b'{"Parameters":\n' + text + b"\n}" if is_json else b"Parameters:\n" + text
    try:
        document = read_document(wrapped, where, expected=_EXPECTED, max_bytes=len(wrapped))
    except InputError as error:
        raise InputError(where + _one_line_higher(error.where.removeprefix(where)), error.problem) from None
    if len(document) > 1:
        raise InputError(where, "a list and more than it; expected the list alone")
    return document[_SECTION]


def _one_line_higher(place: str) -> str:
    return re.sub("^:([0-9]+)", lambda line: f":{int(line[1]) - 1}", place)


def _entries(document: object, where: str) -> Iterator[_Entry]:
    held, path = document, "$"
    if isinstance(document, dict) and isinstance(document.get(_SECTION), dict | list):
        held, path = document[_SECTION], f"$.{_SECTION}"
        if others := sorted(document.keys() - _CONFIGURATION):
            raise InputError(where, f"{child('$', others[0])}: expected {', '.join(_CONFIGURATION)} and no other key")
    if isinstance(held, list):
        yield from ((f"{path}[{i}]", entry) for i, entry in enumerate(held))
    elif isinstance(held, dict):
        yield from ((child(path, name), {_KEY: name, _VALUE: value}) for name, value in held.items())


def _usable(where: str, entries: Sequence[_Entry]) -> list[tuple[str, str, str]]:
    """Return places, names and values of entries. Raises `InputError` for all that cannot be used."""
    usable, problems = [], []
    for place, entry in entries:
        try:
            usable.append((place, *_parameter(entry)))
        except _UnusableError as error:
            problems.append(f"{place}: {error}")
    if problems:
        rest = ["and more"] if len(problems) > _PROBLEMS_TOLD else []
        raise InputError(where, "; ".join([*problems[:_PROBLEMS_TOLD], *rest]))
    return usable


def _parameter(entry: object) -> tuple[str, str]:
    if isinstance(entry, str) and _PAIR.fullmatch(entry):
        entry = dict(zip((_KEY, _VALUE), entry.split("=", 1), strict=True))
    if not isinstance(entry, dict):
        raise _UnusableError(f"expected an object with {_KEY} and {_VALUE}, or a pair such as {_EXAMPLE}")
    name = entry.get(_KEY)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _UnusableError("expected the name of a parameter, which is letters and digits")
    if str(entry.get(_PREVIOUS, False)).lower() != "false":
        raise _UnusableError(f"{_PREVIOUS} is about a stack that is not known here; state its {_VALUE}")
    if _RESOLVED in entry:
        raise _UnusableError(f"{_RESOLVED} is not given to a deployment; state it in --externals, under ssmParameters")
    if others := sorted(entry.keys() - {_KEY, _VALUE, _PREVIOUS}):
        raise _UnusableError(f"expected {_KEY} and {_VALUE}, and no {quoted(others[0])}")
    if _VALUE not in entry:
        raise _UnusableError(f"the parameter {name} has no {_VALUE}; state it")
    return name, _value(entry[_VALUE])


def _value(stated: object) -> str:
    items = stated if isinstance(stated, list) else [stated]
    if not all(isinstance(item, str | int | float) for item in items):
        raise _UnusableError("the value is none; expected a string, a number, true or false, or a list of these")
    texts = [scalar(item) for item in items]
    # Measured before they are joined: an alias makes many long items out of one.
    value = ",".join(texts) if sum(map(len, texts)) <= MAX_VALUE_BYTES else None
    if value is None or len(value.encode(errors="replace")) > MAX_VALUE_BYTES:
        raise _UnusableError(f"the value is longer than {MAX_VALUE_BYTES:,} bytes, CloudFormation's quota")
    if problem := surrogate_problem(value):
        raise _UnusableError(problem)
    return value
