"""The judgement of templates, led from bytes to the words that tell it, and the laws that verdicts keep.

`template` judges whatever it is given as `check` does: no rule may crash, and what means the same is judged alike.
`doubted` puts what is not known in the place of something in a template: what is compliant so must be compliant with
whatever may stand there. `garbled` puts what cannot be read in a place on which a compliant scenario depends: the
scenario must not be compliant any more, unless CloudFormation refuses the template and `check` says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from evidence.console import Console
from gate import document as as_document
from gate import text as as_text
from gate.check import check
from policies.catalogue import load
from policies.judge import crashed, judge_template
from policies.model import Outcome, Verdict
from policies.reading import InputError, read_document
from policies.template import Template
from proof.bases import about_tables
from proof.places import Place, json_path, put, value_at
from proof.reading import Reading, is_function, watched
from tests.fuzz.mutation import SCALARS, mutate_json, mutate_text
from tests.fuzz.targets import BrokenLawError, Target
from tests.policies.templates import SETTINGS, TABLE, Document, global_table, template

Outcomes = Mapping[tuple[str, str | None], Outcome]
"""What each scenario comes to for each table."""

_NO_VALUE_OF_ITS_PLACE = "is expected here"
"""How a verdict ends on a value that AWS would refuse in its place: what is not known does not come to such a one."""

_HARD = Path(__file__).parents[1] / "hard"
_PROD = {"stage": "prod", "removalPolicy": "retain", "pointInTimeRecovery": True}
_SOUND = (
    template(),
    template({SETTINGS: _PROD, f"{TABLE}TableName": "orders"}),
    global_table({SETTINGS: _PROD}),
)
_HOLDS = frozenset({Outcome.COMPLIANT, Outcome.NOT_APPLICABLE})
_UNKNOWN, _CHOSEN = "FuzzUnknown", "FuzzChosen"
_NEVER_READ: Sequence[Any] = (
    {"Fn::NoSuchFunction": "x"},
    {"Fn::GetAtt": []},
    {"Ref": "NoSuchName"},
    {"Fn::If": ["NoSuchCondition", "x", "y"]},
    {"Fn::Sub": "${NoSuchName}"},
    {"Ref": ["x"]},
    {"Fn::Join": "x"},
    {"Fn::Select": [7, ["x"]]},
    {"Fn::FindInMap": ["NoSuchMap", "x", "y"]},
    [[{"Ref": "AWS::Region"}]],
    [[]],
)
"""Values that no place of a template takes, whatever is expected there."""
_NO_SCALAR = {"": {"Ref": "AWS::Region"}}
"""An object that an author's own names may be the keys of: wrong only in the place of something else."""


def judgements(reference: Sequence[bytes] = ()) -> dict[str, Target]:
    """Return the targets, by name; templates of the `reference` stack are seeds beside hand-made ones."""
    files = [path for path in sorted(_HARD.rglob("*")) if path.suffix in {".json", ".yaml"}]
    hard = [path.read_bytes() for path in files if path.with_suffix("").suffix == ""]
    sound = [json.dumps(one).encode() for one in _SOUND]
    documents = [json.dumps(one).encode() for one in _readable(hard)]
    pairs = [json.dumps([base, 0, _NEVER_READ[0]]).encode() for base in range(len(_SOUND))]
    return {
        "template": Target(_template, (*sound, *hard, *reference), _mutate_template),
        "doubted": Target(_doubted, (*sound, *documents, *reference), mutate_json),
        "garbled": Target(_garbled, tuple(pairs), _mutate_garbled),
    }


def _readable(templates: Sequence[bytes]) -> Iterator[Document]:
    for data in templates:
        try:
            yield read_document(data, "x")
        except InputError:
            continue


def _mutate_template(data: bytes, random: Random) -> bytes:
    """Change a template as what it is written in; now and then, one in YAML becomes one in JSON."""
    if not data.lstrip().startswith(b"{") and random.randrange(3) == 0:
        try:
            return mutate_json(json.dumps(read_document(data, "x")).encode(), random)
        except InputError:
            return mutate_text(data, random)
    return mutate_json(data, random)


# What is judged


def _template(data: bytes) -> None:
    """Judge bytes as `check` judges a file, and tell the result in every form."""
    file = Path("template")
    file.write_bytes(data)
    run = check([file])
    for verdict in run.verdicts:
        if crashed(verdict):
            raise BrokenLawError(f"a rule crashed: {verdict.message}")
    told = json.loads("".join(as_document.render(run)))
    as_text.render(run, Console(width=100))
    if told["summary"]["exit_code"] != run.exit_code:
        raise BrokenLawError("the document tells another exit code than the command ends with")
    try:
        document = read_document(data, "x")
    except InputError:
        if run.exit_code == 0 or any(verdict.outcome is Outcome.COMPLIANT for verdict in run.verdicts):
            raise BrokenLawError("compliant, though it cannot be read") from None
        return
    _judged_alike(document)


def _judged_alike(document: Document) -> None:
    """Hold the verdicts on a template against those on what means the same."""
    expected = _outcomes(document)
    others = {
        "in JSON": read_document(json.dumps(document).encode(), "x", max_bytes=2**24),
        "in YAML": _through_yaml(document),
        "with its keys backwards": _reversed(document),
        "with its keys in order": json.loads(json.dumps(document, sort_keys=True)),
    }
    for how, other in others.items():
        if other is not None and (came := _outcomes(other)) != expected:
            raise BrokenLawError(f"judged otherwise {how}: {_difference(expected, came)}")


def _through_yaml(document: Document) -> Document | None:
    """Return a template that was written as YAML and read; none where YAML has no form for it."""
    try:
        written = yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
        return read_document(written.encode(), "x", max_bytes=2**24)
    except (InputError, UnicodeEncodeError):
        return None


def _reversed(raw: Any) -> Any:
    if isinstance(raw, dict):
        return {key: _reversed(raw[key]) for key in reversed(raw)}
    return [_reversed(one) for one in raw] if isinstance(raw, list) else raw


def _difference(one: Outcomes | None, other: Outcomes | None) -> str:
    if one is None or other is None:
        return f"{'refused' if one is None else 'judged'}, and then {'refused' if other is None else 'judged'}"
    differing = [key for key in sorted({*one, *other}, key=repr) if one.get(key) is not other.get(key)]
    return "; ".join(
        f"{scenario} of {table}: {one.get((scenario, table))}, and then {other.get((scenario, table))}"
        for scenario, table in differing[:5]
    )


def _outcomes(document: Document) -> Outcomes | None:
    verdicts = _verdicts(document)
    return None if verdicts is None else {key: verdict.outcome for key, verdict in verdicts.items()}


def _verdicts(document: Document) -> Mapping[tuple[str, str | None], Verdict] | None:
    """Judge a template: nothing where it is refused as a whole, or CloudFormation would refuse it."""
    try:
        judged = Template("x", document, _CONSTRUCTS)
        if judged.problems:
            return None
        verdicts = list(judge_template(about_tables(load()), judged))
    except InputError:
        return None
    for verdict in verdicts:
        if crashed(verdict):
            raise BrokenLawError(f"a rule crashed: {verdict.message}")
    return {(verdict.scenario, verdict.resource): verdict for verdict in verdicts}


_CONSTRUCTS = {"Table": ("@aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB@2.105.0",)}


# What is not known


def _doubted(data: bytes) -> None:
    """Doubt a value of a template: a compliant verdict on it holds for each value that it may have."""
    try:
        document = read_document(data, "x")
    except InputError:
        return
    chance = Random(data)  # noqa: S311 - so that an input is checked in the one way always
    places = [place for place in _changeable(document) if not isinstance(value_at(document, place), dict | list)]
    if not places or not all(isinstance(document.get(name, {}), dict) for name in ("Parameters", "Conditions")):
        return
    place = chance.choice(places)
    texts = [value_at(document, chance.choice(places)) for _ in range(2)] + [value_at(document, place), "Fuzz"]
    texts = [text for text in texts if isinstance(text, str)]
    _hold(document, place, {"Ref": _UNKNOWN}, _declared(document, "Parameters", _UNKNOWN, {"Type": "String"}), texts)
    one, other = value_at(document, place), chance.choice([*texts, *SCALARS])
    choice = _declared(document, "Parameters", _UNKNOWN, {"Type": "String"})
    choice = _declared(choice, "Conditions", _CHOSEN, {"Fn::Equals": [{"Ref": _UNKNOWN}, "x"]})
    _hold(document, place, {"Fn::If": [_CHOSEN, one, other]}, choice, [one, other])


def _hold(document: Document, place: Place, doubt: object, declaring: Document, values: Sequence[object]) -> None:
    """Raise `BrokenLawError` where a doubt is accepted, and one of the values that it may come to is not."""
    doubted = _outcomes(dict(put(declaring, place, doubt)))
    for value in values if doubted is not None else ():
        came = _verdicts(dict(put(document, place, value)))
        for key, verdict in (came or {}).items():
            accepted = verdict.outcome in _HOLDS or verdict.message.endswith(_NO_VALUE_OF_ITS_PLACE)
            if doubted is not None and doubted.get(key) is Outcome.COMPLIANT and not accepted:
                scenario, table = key
                raise BrokenLawError(
                    f"{scenario} of {table} is compliant with {json.dumps(doubt)} at {json_path(place)}, "
                    f"and {verdict.outcome} with {json.dumps(value)}: {verdict.message}"
                )


def _declared(document: Document, section: str, name: str, body: object) -> Document:
    return {**document, section: {**document.get(section, {}), name: body}}


def _changeable(document: Document) -> Iterator[Place]:
    """Yield the places of a template's properties and outputs at which a function may stand."""
    for section, key in (("Resources", "Properties"), ("Outputs", "Value")):
        held = document.get(section)
        for name, body in held.items() if isinstance(held, dict) else ():
            if isinstance(body, dict) and key in body:
                yield from _below(body[key], (section, name, key))


def _below(raw: Any, place: Place) -> Iterator[Place]:
    yield place
    if isinstance(raw, dict) and not is_function(raw) and not any(key.startswith("Fn::") for key in raw):
        for key, value in raw.items():
            yield from _below(value, (*place, key))
    elif isinstance(raw, list):
        for i, value in enumerate(raw):
            yield from _below(value, (*place, i))


# What cannot be read


def _mutate_garbled(data: bytes, random: Random) -> bytes:
    """Choose a place, and a value for it that is made of what stands there or of what no place takes."""
    base, number, value = _choice(data) or (0, 0, None)
    if random.randrange(2):
        base, number = random.randrange(len(_SOUND)), random.randrange(2**16)
    if random.randrange(2):
        standing = value_at(_SOUND[base], _read(base)[number % len(_read(base))])
        value = random.choice([standing, _NO_SCALAR, *_NEVER_READ])
    held = json.dumps([value]).encode()
    changed = mutate_json(held, random) if random.randrange(4) else held
    return b"[%d, %d, %b" % (base, number, changed[1:])


def _choice(data: bytes) -> tuple[int, int, Any] | None:
    try:
        match json.loads(data):
            case [int(base), int(number), value] if 0 <= base < len(_SOUND):
                return base, number, value
    except (ValueError, RecursionError):
        pass
    return None


def _garbled(data: bytes) -> None:
    """Put a value that is none in a place: no scenario that depends on the place is compliant any more."""
    if (chosen := _choice(data)) is None:
        return
    base, number, value = chosen
    place = _read(base)[number % len(_read(base))]
    if not _never_read(value, value_at(_SOUND[base], place), place):
        return
    came = _outcomes(dict(put(_SOUND[base], place, value)))
    for key in _dependent(base, place):
        if came is not None and came.get(key) is Outcome.COMPLIANT:
            raise BrokenLawError(f"{key[0]} is compliant with {json.dumps(value)} at {json_path(place)}")


@cache
def _read(base: int) -> Sequence[Place]:
    """Return the places of a sound template that rules read, in order."""
    found: set[Place] = set()
    for entry in about_tables(load()):
        reading = Reading()
        judged = Template("x", watched(_SOUND[base], reading), _CONSTRUCTS)
        _ = judged.problems
        reading.forget()
        list(judge_template([entry], judged))
        found |= reading.present
    return sorted(found, key=repr)


@cache
def _dependent(base: int, place: Place) -> Sequence[tuple[str, str | None]]:
    """Return the scenarios that are compliant, and would not be if it was not known what stands in a place."""
    before = _outcomes(_SOUND[base])
    declaring = _declared(_SOUND[base], "Parameters", _UNKNOWN, {"Type": "String"})
    after = _outcomes(dict(put(declaring, place, {"Ref": _UNKNOWN})))
    if before is None or after is None:
        return ()
    return [key for key, said in before.items() if said is Outcome.COMPLIANT and after.get(key) is not said]


def _never_read(value: Any, original: Any, place: Place) -> bool:
    """Tell whether a value is none that could stand in a place: broken by itself, or of another type."""
    if value in _NEVER_READ:
        return True
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("Fn::NoSuch"):
        return True
    in_policy = any(isinstance(key, str) and key.endswith("PolicyDocument") for key in place)
    if isinstance(original, dict | list) or in_policy:
        return False
    return isinstance(value, list) or (isinstance(value, dict) and not is_function(value))
