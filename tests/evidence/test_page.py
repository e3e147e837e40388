"""The page as text: one file, escaped, and only what its policy names may run. tests/page looks at it in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tracemalloc
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from importlib.resources import files
from itertools import product
from typing import Any

import jsonschema
import pytest

from evidence.page import parts, render
from evidence.page.alerts import AT_FIRST, MOST, told_alerts
from evidence.page.axes import read_axes, told
from evidence.page.data import compact
from evidence.page.excerpt import Line, lines
from evidence.page.where import failing
from evidence.sequences import Made
from tests.page import documents

SCHEMA = json.loads(files("evidence").joinpath("trace.schema.json").read_text(encoding="utf-8"))
NAMES = ("green", "red", "waived", "scanned", "proved", "big", "hostile")


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


class _Attention(HTMLParser):
    """What needs attention."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.entries: list[list[str]] = []
        self._depth = 0
        self.feed(text.partition('<section class="attention"')[2].partition("</section>")[0])
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._depth += tag == "li"
        if tag == "li" and self._depth == 1:
            self.entries.append([])

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "li"

    def handle_data(self, data: str) -> None:
        if self._depth == 1 and data.strip():
            self.entries[-1].append(" ".join(data.split()))


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


def streamed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document of which contexts and findings are made as they are read."""
    made = {key: Made(len(document[key]), document[key].__getitem__) for key in ("contexts", "findings")}
    return {**document, **made}


@pytest.mark.parametrize("name", NAMES)
def test_part_by_part_it_is_the_same(name: str) -> None:
    """Contexts and findings that are made as they are read give the same page."""
    document = getattr(documents, name)()
    assert "".join(parts(streamed(document))) == render(document)


def test_contexts_are_not_kept() -> None:
    """With thousands more, the page takes some hundred bytes for each of them, for where it stands on the axes."""

    def peak_of(count: int) -> int:
        first = {**documents.red()}
        context = first["contexts"][0]
        first["contexts"] = Made(count, lambda number: {**context, "name": f"context-{number}"})
        first["findings"] = []
        tracemalloc.start()
        size = sum(map(len, parts(first)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert size > 100 * count
        return peak

    peak_of(1)
    assert (peak_of(3_000) - peak_of(1_000)) / 2_000 < 200


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
    assert json.loads(data[1]).keys() == {
        "outcomes",
        "scenarios",
        "axes",
        "contexts",
        "findings",
        "alerts",
        "places",
    }
    inline = {key for _, of in page.elements for key in of if key == "style" or key.startswith("on")}
    assert inline == set()


def test_hostile_text_stays_text() -> None:
    """The hostile document has the elements of a tame one, no more: what looks like markup in it is none."""
    alerts = [documents.alert(1, [0, 1], [0]), documents.alert(2, [0], [0])]
    red = documents.with_alerts(documents.red(), alerts, exit_code=2)
    tame, hostile = (_Page(render(document)) for document in (red, documents.hostile()))
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
    assert _doubled(render(document)) == []
    assert len(articles) == len(document["scenarios"])


def test_a_finding_of_scenarios_of_one_id_stands_once() -> None:
    """Two scenarios that claim one id do not double its finding."""
    document = documents.red()
    of = next(one for one in document["scenarios"] if one["id"] == documents.DATA_PLANE)
    document["scenarios"].append(of | {"name": "Twin", "state": "duplicate"})
    for context in document["contexts"]:
        context["outcomes"].append(None)
    ids = [str(of.get("id")) for _, of in _Page(render(document)).elements]
    assert [one for one in ids if one.startswith("ui:finding-")] == ["ui:finding-0", "ui:finding-1"]
    assert len([one for one in ids if one.startswith(documents.DATA_PLANE)]) == 2
    told: Any = compact(document, [str(place) for place, _ in enumerate(document["scenarios"])], told_alerts(document))
    assert told["scenarios"][told["findings"][1]["scenario"]]["name"] == of["name"]


@pytest.mark.parametrize("name", ["data", "specification", "finding-0", "ui", "ui-states", "panel"])
def test_no_capability_has_an_id_of_the_page(name: str) -> None:
    """The page's own ids have a colon, which no capability's name has: nothing is doubled, or taken for the data."""
    document = documents.red()
    document["specs"][0]["capability"] = name
    text = render(document)
    assert _doubled(text) == []
    scripts = [of for tag, of in _Page(text).elements if tag == "script"]
    assert scripts == [{"type": "application/json"}, {"type": "module"}]


def test_a_finding_without_a_scenario_is_shown() -> None:
    """Of whatever scenario it is, it is not lost."""
    document = documents.red()
    document["findings"].append(document["findings"][0] | {"scenario": "gone#with/it", "message": "left over"})
    text = render(document)
    assert text.count("left over</span>") == 1
    assert text.index("Findings of no scenario") < text.index("left over</span>")
    assert "Findings of no scenario" not in render(documents.red())


def test_what_needs_attention_begins_with_what_fails() -> None:
    """With the finding, its smallest context in words, and the contexts in which it fails where few values say it."""
    told = _attention(documents.red())
    assert [entry[:3] for entry in told] == [
        ["✗", "failing", "Read permissions granted"],
        ["✗", "failing", "Data plane only"],
        ["?", "could not judge", "axis worthwatch:stage"],
        ["○", "uncovered", "No sort key required"],
        ["↻", "outdated", "Encryption enabled"],
        ["⊘", "orphaned", "tests/policies/test_table_streams.py::test_stream"],
    ]
    seen = ["Seen with", "stage prod, deployVpc true", "."]
    assert told[0][4:] == ["the role of Handler is wrong about", "dynamodb:Query", "on the table", *seen]
    where = ["Fails", "in exactly the contexts with stage prod and deployVpc true", "."]
    assert told[1][4:] == ["the role of Handler is wrong about", "dynamodb:DeleteTable", "on the table", *seen, *where]


def test_what_is_waived_is_told_with_its_waiver() -> None:
    """It is in the headline, needs attention with its waiver, is filtered by, and is nowhere said to fail."""
    document = documents.waived()
    text = render(document)
    assert "Every scenario is covered, but for what is waived</h1>" in text
    assert "Every scenario is covered</h1>" in render(documents.green())
    assert '<h1 class="is-waived">' in text
    (told,) = _attention(document)
    said = ["the role of Handler is wrong about", "dynamodb:Query", "on the table"]
    count = sum(scenario["outcomes"]["waived"] for scenario in document["scenarios"])
    assert told == [
        *("≈", "waived", "Read permissions granted", f"{count} verdicts are waived: see the findings"),
        *(said[0], "dynamodb:DeleteTable", said[2], f"Waived by {documents.WAIVER}."),
        *("Seen with", "stage prod, deployVpc true", "."),
    ]
    assert f"<dt>Waived by</dt><dd>{documents.WAIVER}" in " ".join(text.split()).replace("<dd> ", "<dd>")
    assert '<option value="waived">≈ waived</option>' in text
    data: Any = compact(document, [one["id"] for one in document["scenarios"]], told_alerts(document))
    assert [(one["letter"], one["word"]) for one in data["outcomes"]] == [
        *(("e", "error"), ("x", "non-compliant"), ("u", "undetermined")),
        *(("w", "waived"), ("c", "compliant"), ("n", "not-applicable")),
    ]
    assert sum(row.count("w") for row in data["contexts"]["outcomes"]) == count
    assert [one["letter"] for one in data["findings"]] == ["w"]
    assert documents.WAIVER.lower() in next(one["text"] for one in data["scenarios"] if one["state"] == "waived")


def _alerts(text: str) -> list[tuple[str, list[str]]]:
    """Return the articles of alerts on a page, by their ids, with the texts in them."""
    found = re.findall(r'<article class="alert is-[a-z-]+" id="([^"]+)".*?</article>', text, re.DOTALL)
    bodies = re.findall(r'<article class="alert.*?</article>', text, re.DOTALL)
    return [
        (name, [" ".join(piece.split()) for piece in re.split("<[^>]*>", body) if piece.strip()])
        for name, body in zip(found, bodies, strict=True)
    ]


def test_what_other_scanners_have_found() -> None:
    """What stands comes first and needs attention; each is told with its contexts, its waivers and where to read on."""
    document = documents.scanned()
    text = render(document)
    assert '<h1 class="is-failing">' in text
    assert "What another scanner has found is not waived</h1>" in text
    assert "3 findings of 2 other scanners, 2 not waived." in text
    contexts = [context["name"] for context in document["contexts"]]
    table = "WorthWatchStorage/Storage/DynamoTable/Resource"
    of_all, of_some, of_prod = document["scanned"]["alerts"]
    prod, rest = len(of_prod["contexts"]), len(of_some["waived"])
    first, every = contexts[of_prod["contexts"][0]], len(contexts)

    def told(alert: Mapping[str, Any], badge: list[str], seen: int, *seen_in: str) -> list[str]:
        waived = ["Waived by", *alert["waivers"]] if alert["waivers"] else []
        return [
            *(f"checkov {alert['rule']}", *badge, alert["message"], table, f"{seen} contexts"),
            *("Resource", table, "Level", "warning", *waived, "Seen in", *seen_in),
            *("Known by", alert["fingerprint"], "Help", alert["help"]),
        ]

    stands, waived = ["✗", "non-compliant"], ["≈", "waived"]
    assert _alerts(text) == [
        (
            "ui:alert-0",
            told(of_some, stands, prod, f"{prod} of {every} contexts, such as", first, f"; waived in {rest} others"),
        ),
        ("ui:alert-1", told(of_prod, stands, prod, f"{prod} of {every} contexts, such as", first)),
        ("ui:alert-2", told(of_all, waived, every, f"{every} of {every} contexts, such as", contexts[0])),
    ]
    assert _attention(document) == [
        [*stands, f"checkov {alert['rule']}", "on", table, alert["message"]] for alert in (of_some, of_prod)
    ]
    listed = re.search(r'<h2 id="ui:alerts".*?</dl>', text, re.DOTALL)
    assert listed is not None
    assert re.findall("<d[td]>(.*?)</d[td]>", listed[0]) == [
        *("checkov 3.3.30", "3 findings, 2 not waived"),
        *("house-rules", "0 findings, 0 not waived"),
    ]


def test_alerts_in_the_data() -> None:
    """Contexts that several alerts show in are there once; the filter looks into all that is told of one."""
    document = documents.scanned()
    told: Any = compact(document, [one["id"] for one in document["scenarios"]], told_alerts(document))
    of_all, of_some, of_prod = document["scanned"]["alerts"]
    assert told["places"] == [of_all["contexts"], of_some["waived"], of_prod["contexts"], []]
    assert [(one["letter"], one["contexts"], one["waived"]) for one in told["alerts"]] == [
        *(("x", 0, 1), ("x", 2, 3), ("w", 0, 0)),
    ]
    table = "WorthWatchStorage/Storage/DynamoTable/Resource"
    assert told["alerts"][2]["name"] == f"checkov CKV_AWS_119 on {table}"
    said = ("checkov CKV_AWS_119", table, of_all["fingerprint"], "warning Ensure number 119", *of_all["waivers"])
    assert told["alerts"][2]["text"] == " ".join(said).lower()


def test_what_is_waived_of_other_scanners_is_no_pass() -> None:
    """The headline says so; that none was asked is not told as that nothing was found."""
    document = documents.with_alerts(documents.green(), [documents.alert(1, [0], [0])], exit_code=0)
    text = render(document)
    assert '<h1 class="is-waived">' in text
    assert "Every scenario is covered, but for what is waived</h1>" in text
    assert "1 finding of 2 other scanners, 0 not waived." in text
    assert "other scanner" not in render(documents.green()).partition("<script")[0]
    nothing = render(documents.with_alerts(documents.green(), [], exit_code=0))
    assert "Every scenario is covered</h1>" in nothing
    assert "0 findings of 2 other scanners, 0 not waived." in nothing
    both = documents.with_alerts(documents.red(), [documents.alert(1, [0])], exit_code=1)
    assert "Not every scenario is covered</h1>" in render(both)


def test_of_very_many_alerts_the_first_are_shown() -> None:
    """What stands before what is waived; the rest is counted, and of a long message the beginning is shown."""
    waived = [documents.alert(number, [0], [0]) for number in range(MOST)]
    standing = [documents.alert(MOST + number, [0], message="m" * 3_000) for number in range(AT_FIRST + 1)]
    document = documents.with_alerts(documents.alone(), [*waived, *standing], exit_code=1)
    text = render(document)
    shown = _alerts(text)
    assert len(shown) == MOST
    assert [told[0] for _, told in shown[:2]] == [f"checkov CKV_AWS_{MOST}", f"checkov CKV_AWS_{MOST + 1}"]
    assert shown[0][1][3] == "m" * 2_000 + "…"
    assert shown[AT_FIRST + 1][1][0] == "checkov CKV_AWS_0"
    assert f"{AT_FIRST + 1} more findings not shown here; the trace as JSON has all." in text
    attention = _attention(document)
    assert len(attention) == AT_FIRST + 1
    assert attention[-1] == ["✗", "non-compliant", "1 more finding of other scanners"]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "//example.com", "https://a b", 'http://a"b', "data:,x"]
)
def test_help_is_a_link_to_the_web_or_none(link: str) -> None:
    """Whatever else it is stands there as text."""
    alerts = [documents.alert(1, [0], help=link), documents.alert(2, [0], help="http://example.com/a?b=c#d")]
    page = _Page(render(documents.with_alerts(documents.alone(), alerts, exit_code=1)))
    hrefs = [str(of["href"]) for tag, of in page.elements if tag == "a"]
    assert link not in hrefs
    assert "http://example.com/a?b=c#d" in hrefs
    none = documents.with_alerts(documents.alone(), [documents.alert(1, [0], help=None)], exit_code=1)
    assert "<dt>Help</dt>" not in render(none)


@pytest.mark.parametrize(("number", "entries"), [(5, 5), (6, 1)])
def test_many_that_were_never_run_are_one_entry(number: int, entries: int) -> None:
    """More than five are folded together."""
    document = documents.green()
    for scenario in document["scenarios"][:number]:
        problem = {"kind": "never-run", "message": "the gate has no verdict on it"}
        scenario |= {"state": "never-run", "problems": [problem]}
    told = _attention(document)
    assert [entry[:2] for entry in told] == [["…", "never-run"]] * entries
    assert (told == [["…", "never-run", "6 scenarios"]]) == (number == 6)


FAILS: Mapping[str, tuple[Mapping[str, object], str | None]] = {
    "one value": ({"a": 1}, "in exactly the contexts with a 1"),
    "two values": ({"a": 1, "b": "x"}, "in exactly the contexts with a 1 and b x"),
    "unset": ({"b": None}, "in exactly the contexts with b unset"),
    "either of two": ({"a": (1, 2)}, "in exactly the contexts with a 1 or 2"),
    "any of three": ({"a": (1, 2, 3)}, None),
    "three axes": ({"a": 1, "b": "x", "c": True}, None),
    "everywhere": ({}, "in every context in which it was judged"),
    "nowhere": ({"a": 9}, None),
    "however spelled": ({"c": (True, "true")}, "in exactly the contexts with c true"),
}


@pytest.mark.parametrize("kind", FAILS)
def test_where_a_scenario_fails(kind: str) -> None:
    """The values of one axis or two are said if all with these fail, and no other; refused contexts do not count."""
    where, said = FAILS[kind]
    axes = {"a": (1, 2, 3, 4), "b": ("x", None, "y"), "c": (True, "true", False)}
    contexts = []
    for values in product(*axes.values()):
        held = {key: value for key, value in zip(axes, values, strict=True) if value is not None}
        of = [(held.get(key), wanted if isinstance(wanted, tuple) else (wanted,)) for key, wanted in where.items()]
        fails = all(any(value is one or value == one != True for one in wanted) for value, wanted in of)  # noqa: E712
        contexts.append(_context(held, "non-compliant" if fails else "not-applicable"))
    contexts.append(_context({"a": 4}, "error") | {"refused": ["a"]})
    contexts.append(_context({"a": 1, "b": "x", "c": True}, None))
    listed = [{"key": key, "values": [one for one in values if one is not None]} for key, values in axes.items()]
    assert failing({"scenarios": [{}], "contexts": contexts, "axes": listed}) == [said]


def test_null_is_not_unset() -> None:
    """A context that sets a key to null is told from one that does not set it."""
    contexts = [_context({"a": None}, "compliant"), _context({}, "compliant")]
    [axis] = read_axes([{"key": "a", "values": [None, "unset"]}], contexts)
    assert (list(axis.places), told(axis.values)) == ([0, -1], ["null", '"unset"'])


def test_the_source_of_a_rule_keeps_its_spaces() -> None:
    """Tabs and no-break spaces are shown as they are; what turns the text around still is not."""
    document = documents.green()
    document["scenarios"][0]["rule"]["source"] = "\tif\u00a0a\u202e < b:\n"
    assert "\tif\u00a0a\\u202e &lt; b:</span>" in render(document)


def test_a_test_and_a_rule_say_where_they_stand() -> None:
    """File and line, as an editor takes them."""
    document = documents.green()
    scenario = document["scenarios"][0]
    text = render(document)
    for linked in (scenario["rule"], scenario["tests"][0]):
        assert f"{linked['path']}:{linked['line']}<" in text


def test_the_filter_s_text_has_the_findings() -> None:
    """Their messages, paths, resources and commands."""
    document = documents.red()
    told: Any = compact(document, [one["id"] for one in document["scenarios"]], told_alerts(document))
    finding = document["findings"][1]
    text = next(one["text"] for one in told["scenarios"] if one["anchor"] == finding["scenario"])
    wanted = [finding[key].lower() for key in ("message", "path", "resource", "command")]
    assert [one for one in wanted if one not in text] == []


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
    document["findings"] = [document["findings"][0] | unknown | {"contexts": [], "minimal": {}}]
    text = render(document)
    assert "<dd>the matrix as a whole</dd>" in text
    assert "Every context, even one that sets nothing." in text
    assert {"None", "null"} & set(re.findall(r">(\w+)<", text)) == set()
    assert '<pre class="command"' not in text
    assert '<pre class="json"' not in text


def _facts(text: str, scenario: str) -> list[str]:
    """Return what a page tells of a scenario's proof, and how its summary sums that up."""
    (article,) = re.findall(
        rf'<article class="scenario [^"]+" id="{re.escape(scenario)}".*?</article>', text, re.DOTALL
    )
    (summary,) = re.findall(r"<summary>(.*?)</summary>", article, re.DOTALL)[:1]
    facts = re.search(r"<h5>Proof</h5>(.*?)</dl>", article, re.DOTALL)
    told = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", facts[1]) if facts else []
    mutants = [span for span in re.findall(r"<span>(.*?)</span>", summary) if "mutant" in span]
    return [*mutants, *(f"{name}: {value}" for name, value in told)]


def test_a_proof() -> None:
    """It is summed up in the head, and told of each scenario; of one without mutants it is said that there is none."""
    text = render(documents.proved())
    assert "Proof that each can fail: not-proved, by 6,441 mutants." in text
    assert _facts(text, documents.READ) == [
        "1,234 of 1,234 mutants",
        "Killed: 1,234 of 1,234 mutants",
        "False alarms: 0",
        "Crashes: 0",
    ]
    wanting = ["38 of 41 mutants", "Killed: 38 of 41 mutants", "False alarms: 2", "Crashes: 1"]
    assert _facts(text, documents.ENCRYPTION) == wanting
    none = ["no mutant", "Killed: no mutant", "False alarms: 0", "Crashes: 0"]
    assert _facts(text, documents.NO_SORT_KEY) == none


def test_no_proof() -> None:
    """That it was not run is said in its own word, and no scenario has one."""
    text = render(documents.green("smoke"))
    assert "Proof that each can fail: not-run." in text
    assert _facts(text, documents.READ) == []


def test_an_empty_trace() -> None:
    """A trace of nothing is a page that says so."""
    summary = {
        "scenarios": 0,
        "states": {},
        "orphans": 0,
        "contexts": 0,
        "templates": 0,
        "outcomes": {},
        "alerts": {"total": 0, "standing": 0},
        "exit_code": 2,
    }
    lists = ("specs", "scenarios", "orphans", "contexts", "axes", "findings", "problems")
    empty: dict[str, Any] = {key: [] for key in lists}
    empty |= {"scanned": {"scanners": [], "alerts": []}, "proof": {"state": "not-run"}}
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
        "scanned": {"scanners": [], "alerts": []},
    }
    told: Any = compact(document, ["s"], told_alerts(document))
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


def _context(values: Mapping[str, object], outcome: str | None) -> dict[str, Any]:
    return {"values": dict(values), "account": None, "region": None, "refused": [], "outcomes": [outcome]}


def _doubled(text: str) -> list[str]:
    """Return the ids that a page has more than once."""
    ids = Counter(str(of["id"]) for _, of in _Page(text).elements if "id" in of)
    return [one for one, times in ids.items() if times > 1]


def _attention(document: dict[str, Any]) -> list[list[str]]:
    """Return the pieces of text of each entry of what needs attention, without the lists that are folded in it."""
    return _Attention(render(document)).entries


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
