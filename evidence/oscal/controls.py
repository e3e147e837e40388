"""controls.toml: the published controls that each scenario serves, with the sources that say so, read strictly."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.reading import InputError, printable, quoted, read_file

FILE = Path(__file__).with_name("controls.toml")

_FORMS = {
    "nist": (re.compile(r"[a-z]{2}-[1-9]\d?(?:\.[1-9]\d?)?"), "sc-28 or sc-28.1"),
    "fsbp": (re.compile(r"[A-Z][A-Za-z0-9]*\.[1-9]\d{0,2}"), "DynamoDB.2"),
    "cis": (re.compile(r"v\d+\.\d+\.\d+/\d+(?:\.\d+)+"), "v1.4.0/1.16"),
}
"""How the ids of each set of controls look, and an example: NIST's as its OSCAL catalog writes them."""

_KEYS = {*_FORMS, "sources", "why"}
_HREF = re.compile(r"https://(?:docs\.aws\.amazon\.com|csrc\.nist\.gov)/[!-~]+")


@dataclass(frozen=True, slots=True)
class Source:
    """A published page that bears a mapping out."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Controls:
    """The controls that a scenario serves: of NIST SP 800-53 Rev. 5, AWS FSBP, and CIS AWS Foundations.

    `why` says why these, or, where there is none at all, why not.
    """

    nist: tuple[str, ...] = ()
    fsbp: tuple[str, ...] = ()
    cis: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    why: str = ""


def read_controls(scenarios: Sequence[str], file: Path = FILE) -> dict[str, Controls]:
    """Return the controls of each of the scenarios, by id, in their order.

    Raises `policies.reading.InputError`, all problems at once, where the file has not just these scenarios, or says of
    one neither controls, with sources and a reason, nor why there are none.
    """
    where = printable(file.as_posix())
    document = _read(file, where)
    sources = document.pop("sources")
    problems = [
        *_source_problems(sources),
        *(problem for id_, entry in document.items() for problem in _problems(entry, quoted(id_), sources)),
        *(f"{quoted(id_)}: no spec has such a scenario; remove it" for id_ in document if id_ not in scenarios),
        *(f"{quoted(id_)}: missing; say which controls it serves" for id_ in scenarios if id_ not in document),
    ]
    if problems:
        raise InputError(where, "; ".join(problems))
    return {id_: _controls(document[id_], sources) for id_ in scenarios}


def _read(file: Path, where: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(read_file(file).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(where, f"not valid TOML in UTF-8: {error}") from None
    if not isinstance(document.get("sources"), dict):
        raise InputError(where, "sources: expected a table of the pages that bear the mappings out")
    return document


def _source_problems(sources: Mapping[str, object]) -> Iterator[str]:
    for name, source in sources.items():
        if not isinstance(source, dict) or source.keys() != {"title", "href"} or not _said(source["title"]):
            yield f"sources.{printable(name)}: expected a title and a href, and nothing else"
        elif not (isinstance(source["href"], str) and _HREF.fullmatch(source["href"])):
            yield f"sources.{printable(name)}.href: expected a page of docs.aws.amazon.com or csrc.nist.gov"


def _problems(entry: object, where: str, sources: Mapping[str, object]) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{where}: expected a table, named by the full id of a scenario in quotes"
        return
    if "none" in entry:
        if entry.keys() != {"none"} or not _said(entry["none"]):
            yield f"{where}.none: expected the reason, and nothing else beside it"
        return
    for key in sorted(entry.keys() - _KEYS):
        yield f"{where}.{printable(key)}: unknown key; expected none, or {', '.join([*_FORMS, 'sources', 'why'])}"
    if not entry.keys() & _FORMS.keys():
        yield f"{where}: no control; name one, or say `none` and why"
    for key, (form, example) in _FORMS.items():
        if key in entry and not _listed(entry[key], form.fullmatch):
            yield f"{where}.{key}: expected a list of different ids such as {example}"
    if not _listed(entry.get("sources"), sources.__contains__):
        yield f"{where}.sources: expected a list of different names of [sources]: {', '.join(map(printable, sources))}"
    if not _said(entry.get("why")):
        yield f"{where}.why: expected the reason"


def _said(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip()) and text.isprintable()


def _listed(value: object, known: Callable[[str], object]) -> bool:
    """Say whether a value is a list of strings, all known, none twice, and not empty."""
    if not isinstance(value, list) or not all(isinstance(item, str) and known(item) for item in value):
        return False
    return 0 < len(value) == len(set(value))


def _controls(entry: Mapping[str, Any], sources: Mapping[str, Any]) -> Controls:
    """Return what an entry without problems says."""
    return Controls(
        nist=tuple(entry.get("nist", ())),
        fsbp=tuple(entry.get("fsbp", ())),
        cis=tuple(entry.get("cis", ())),
        sources=tuple(Source(**sources[name]) for name in entry.get("sources", ())),
        why=entry.get("none") or entry["why"],
    )
