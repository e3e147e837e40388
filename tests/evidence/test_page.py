"""The page as text: one file, escaped, and only what its policy names may run. tests/page looks at it in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from evidence.page import render
from evidence.page.data import compact
from evidence.page.excerpt import Line, lines
from tests.page import documents

SCHEMA = json.loads(files("evidence").joinpath("trace.schema.json").read_text(encoding="utf-8"))
NAMES = ("green", "red", "big", "hostile")


class _Page(HTMLParser):
    """What a browser takes from a page: its elements with their attributes, and the text of styles and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []
        self._within = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._within = tag

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within in {"style", "script"}:
            self.raw.append((self._within, data))

    def policy(self) -> str:
        """Return the Content-Security-Policy."""
        return next(str(of["content"]) for _, of in self.elements if of.get("http-equiv") == "Content-Security-Policy")


@pytest.mark.parametrize("name", NAMES)
def test_the_documents_shown_comply_with_the_schema(name: str) -> None:
    """What the tests show is what a trace writes."""
    document = json.loads(json.dumps(getattr(documents, name)()))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


@pytest.mark.parametrize("name", NAMES)
def test_one_file_and_the_same_each_time(name: str) -> None:
    """Nothing is loaded, by whatever attribute; a document always gives the same bytes, and they are UTF-8."""
    document = getattr(documents, name)()
    text = render(document)
    loading = {"src", "srcset", "data", "poster", "action", "formaction", "background", "ping", "xlink:href"}
    page = _Page(text)
    assert [of for _, of in page.elements if loading & of.keys()] == []
    assert [tag for tag, _ in page.elements if tag in {"link", "base", "iframe", "object", "embed", "img"}] == []
    assert render(document).encode() == text.encode()


@pytest.mark.parametrize("name", NAMES)
def test_the_policy_admits_the_page_alone(name: str) -> None:
    """The digests in the policy are those of the one style and the one script that there are; nothing is inline."""
    page = _Page(render(getattr(documents, name)()))
    style, data, script = page.raw
    assert [tag for tag, _ in page.raw] == ["style", "script", "script"]
    assert page.policy() == (
        f"default-src 'none'; style-src '{_digest(style[1])}'; script-src '{_digest(script[1])}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert json.loads(data[1]).keys() == {"outcomes", "scenarios", "axes", "contexts", "findings"}
    inline = {key for _, of in page.elements for key in of if key == "style" or key.startswith("on")}
    assert inline == set()


def test_hostile_text_stays_text() -> None:
    """The hostile document has the elements of the red one, no more: what looks like markup in it is none."""
    tame, hostile = (_Page(render(document)) for document in (documents.red(), documents.hostile()))
    risky = {"script", "style", "img", "svg", "meta"}
    assert [tag for tag, _ in hostile.elements if tag in risky] == [tag for tag, _ in tame.elements if tag in risky]
    assert {str(of["href"]).partition(":")[0] for _, of in hostile.elements if ":" in str(of.get("href"))} == {"https"}


def test_embedded_data_ends_no_script() -> None:
    """No less-than sign, ampersand or line separator is left in the data, and its text survives."""
    data = _Page(render(documents.hostile())).raw[1][1]
    assert re.search("[<>&\u2028\u2029]", data) is None
    assert json.loads(data)["scenarios"][0]["name"] == f"0 {documents.HOSTILE}"


def test_what_cannot_be_seen_is_spelled_out() -> None:
    """A change of direction, a NUL, half a character: escapes, not themselves."""
    text = render(documents.hostile())
    assert re.search("[\u202e\u2028\x00\ud800]", text) is None
    assert "\\u202egnp.exe" in text


def test_scenarios_of_one_id_are_both_shown() -> None:
    """Duplicates stand side by side, under anchors of their own."""
    document = documents.green()
    document["scenarios"].insert(1, document["scenarios"][0] | {"name": "Twin", "state": "duplicate"})
    for context in document["contexts"]:
        context["outcomes"].insert(1, None)
    name = document["scenarios"][0]["id"]
    articles = [of["id"] for tag, of in _Page(render(document)).elements if tag == "article"]
    assert articles[:2] == [name, f"{name}~2"]
    assert len(articles) == len(document["scenarios"])


def test_a_trace_without_results() -> None:
    """Of the links alone there is a page too, which says so and has no heat map."""
    document = documents.green() | {"contexts": [], "axes": [], "judged": {"gate": False, "tests": False}}
    document["scenarios"] = [
        one | {"outcomes": None, "tests": [test | {"cases": None} for test in one["tests"]]}
        for one in document["scenarios"]
    ]
    text = render(document)
    assert "judged without the results of a gate" in text
    assert 'data-part="contexts"' not in text


def test_a_finding_of_the_whole_matrix() -> None:
    """Such a finding has no context, perhaps no command and no excerpt; none of it is made up."""
    document = documents.red()
    unknown = dict.fromkeys(("context", "template", "resource", "path", "found", "command", "excerpt", "at"))
    document["findings"] = [document["findings"][0] | unknown | {"contexts": 0, "minimal": {}}]
    text = render(document)
    assert "<dd>the matrix as a whole</dd>" in text
    assert "Every context, even one that sets nothing." in text
    assert {"None", "null"} & set(re.findall(r">(\w+)<", text)) == set()
    assert '<pre class="command"' not in text
    assert '<pre class="json"' not in text


def test_an_empty_trace() -> None:
    """A trace of nothing is a page that says so."""
    summary = {
        "scenarios": 0,
        "states": {},
        "orphans": 0,
        "contexts": 0,
        "templates": 0,
        "outcomes": {},
        "exit_code": 2,
    }
    lists = ("specs", "scenarios", "orphans", "contexts", "axes", "findings", "problems")
    empty: dict[str, Any] = {key: [] for key in lists}
    text = render(empty | {"schema": "s", "judged": {"gate": False, "tests": False}, "summary": summary})
    assert "There is no spec." in text


def test_contexts_are_told_in_letters_and_places() -> None:
    """Values are told apart as JSON does, read as a person would, and the environment is an axis where it differs."""
    context = {"name": "c", "account": None, "region": None, "refused": [], "template": None, "outcomes": [None]}
    document = {
        "specs": [],
        "scenarios": [
            {"id": "s", "name": "S", "state": "covered", "steps": [], "rule": None, "tests": [], "problems": []}
        ],
        "axes": [{"key": "a:on", "values": [True, "true", 1, "yes", ""]}, {"key": "b:on", "values": [None, {"x": 1}]}],
        "contexts": [
            context | {"values": {"a:on": 1}, "outcomes": ["error"], "refused": ["a:on", "b:on"]},
            context | {"values": {"a:on": "true", "b:on": {"x": 1}}, "region": "eu", "template": "sha256:" + 64 * "0"},
        ],
        "findings": [],
    }
    told: Any = compact(document, ["s"])
    assert told["axes"] == [
        {"key": "a:on", "label": "a:on", "values": ["true", '"true"', "1", "yes", '""']},
        {"key": "b:on", "label": "b:on", "values": ["null", '{"x": 1}']},
        {"key": "region", "label": "region", "values": ["eu"]},
    ]
    assert told["contexts"] == {
        "names": ["c", "c"],
        "values": [[2, -1, -1], [1, 1, 0]],
        "refused": ["a:on, b:on", ""],
        "templates": ["", "sha256:000000000000"],
        "outcomes": ["e", "."],
    }


EXCERPT = {"Type": "T", "Properties": {"Fn::If": ["A", {"k": [1]}], "it's": None, "empty": []}}
PROPERTIES = "$.Resources.R.Properties"


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("$.Resources.R.Type", ['  "Type": "T",']),
        (f"{PROPERTIES}['Fn::If'][1].k", ['        "k": [', "          1", "        ]"]),
        (f"{PROPERTIES}['it\\'s']", ['    "it\'s": null,']),
        (f"{PROPERTIES}.empty", ['    "empty": []']),
        (f"{PROPERTIES}.Billing.Mode", ['    "Billing" is not here']),
        (f"{PROPERTIES}.empty[0]", ["      0 is not here"]),
        (f"{PROPERTIES}['Fn::If'][0].deeper", ['      "A",']),
        ("$.Resources.Other.Type", []),
        ("(role shared)", []),
        (None, []),
    ],
)
def test_the_path_is_marked_in_the_excerpt(path: str | None, marked: list[str]) -> None:
    """What stands at the path is marked; what is missing is said to be, where it would stand; else nothing is."""
    told = lines(EXCERPT, "$.Resources.R", path)
    assert [line.text for line in told if line.kind != "around"] == marked
    text = "\n".join(line.text for line in told if line.kind != "absent")
    assert json.loads(text) == EXCERPT


def test_an_absent_member_is_no_mark() -> None:
    """What is not there is shown apart from what is."""
    assert Line('    "Billing" is not here', "absent") in lines(EXCERPT, "$.Resources.R", f"{PROPERTIES}.Billing")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
