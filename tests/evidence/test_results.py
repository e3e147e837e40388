"""Results: what is read of them, and what is refused, however it is wrong."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evidence import covers
from evidence import results as reading
from evidence.results import read_gate, read_results
from evidence.results_model import GATE_SCHEMA, MAX_NAMES, TESTS_SCHEMA
from policies.model import Outcome
from policies.reading import InputError
from tests.evidence.projects import HELD, KEPT, gate_results, make, present, run_results, summary, verdict, write_json
from tests.policies.waivers import waiver

Document = dict[str, Any]


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, monkeypatch)


def refusals(*paths: Path) -> list[str]:
    """Return why files are refused, of which nothing is believed."""
    results = read_results(paths)
    assert (results.gate, results.tests) == (None, None)
    return [str(error) for error in results.unreadable]


def test_both() -> None:
    """A folder stands for its *.json; each document is known by its schema."""
    Path("results").mkdir()
    write_json(Path("results/b.json"), gate_results())
    write_json(Path("results/a.json"), run_results())
    Path("results/c.txt").write_text("{", encoding="utf-8")
    results = read_results([Path("results")])
    assert (results.gate_file, results.tests_file, results.unreadable) == ("results/b.json", "results/a.json", ())
    assert results.gate is not None
    assert results.tests is not None
    given = gate_results()
    assert (results.gate.basis, results.gate.problems) == (given["basis"], ())
    assert [context.name for context in results.gate.tally.contexts(())] == list(given["contexts"])
    assert results.gate.tally.outcomes == {
        id_: Counter({Outcome(outcome): count for outcome, count in counts.items() if count})
        for id_, counts in given["summary"]["scenarios"].items()
    }
    assert results.tests.model_dump(by_alias=True) == run_results()


@pytest.mark.parametrize(
    ("make_results", "what"), [(gate_results, "gate's results"), (run_results, "test run's results")]
)
def test_two_of_a_kind(make_results: Callable[[], object], what: str) -> None:
    """Of two documents of one kind neither is preferred in silence."""
    results = read_results([write_json(Path(name), make_results()) for name in ("a.json", "b.json")])
    assert [str(error) for error in results.unreadable] == [f"b.json: a second {what}, beside a.json; give one of them"]


HOLD = "the results of `storage-compliance gate --format json` or of `pytest --scenario-results`"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", f"not valid JSON in UTF-8: EOF while parsing a value at line 1 column 0; expected {HOLD}"),
        (b"{", f"not valid JSON in UTF-8: EOF while parsing an object at line 1 column 1; expected {HOLD}"),
        (
            b'{"schema": "\xff"}',
            f"not valid JSON in UTF-8: invalid unicode code point at line 1 column 14; expected {HOLD}",
        ),
        (
            b'{"schema": "\\ud800"}',
            f"not valid JSON in UTF-8: unexpected end of hex escape at line 1 column 19; expected {HOLD}",
        ),
        (b'{"a": NaN}', f"not valid JSON in UTF-8: expected value at line 1 column 7; expected {HOLD}"),
        (b"[" * 5000, f"not valid JSON in UTF-8: recursion limit exceeded at line 1 column 202; expected {HOLD}"),
        (
            b'{"a": ' + b"9" * 5000 + b"}",
            f"not valid JSON in UTF-8: number out of range at line 1 column 4308; expected {HOLD}",
        ),
        (b"[]", f"no JSON object; expected {HOLD}"),
        (b'"text"', f"no JSON object; expected {HOLD}"),
        (b"{}", f"$.schema: found no string; expected {GATE_SCHEMA} or {TESTS_SCHEMA}: {HOLD}"),
        (
            b'{"schema": "urn:other"}',
            f"$.schema: found 'urn:other'; expected {GATE_SCHEMA} or {TESTS_SCHEMA}: {HOLD}",
        ),
    ],
)
def test_no_results(data: bytes, problem: str) -> None:
    """What is no JSON object of a schema that we know is refused."""
    Path("some.json").write_bytes(data)
    assert refusals(Path("some.json")) == [f"some.json: {problem}"]


def without(document: Document, key: str) -> Document:
    """Return a document without one of its keys."""
    return {name: value for name, value in document.items() if name != key}


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda: without(gate_results(), "basis"), "$.basis: missing"),
        (lambda: gate_results(extra=1), "$.extra: unknown key"),
        (
            lambda: gate_results(basis={"specs": "sha256:0", "rules": 1}),
            "$.basis.specs: expected sha256: and 64 hexadecimal digits; $.basis.rules: expected a string; "
            "$.basis.stack: missing",
        ),
        (lambda: gate_results(basis=present()), "$.basis.tests: unknown key"),
        (
            lambda: run_results(basis=without(present(), "tests")),
            "$.basis.tests: missing",
        ),
        (
            lambda: gate_results([verdict(KEPT), verdict(KEPT, "accepted")]),
            "$.verdicts[1].outcome: Input should be 'not-applicable', 'compliant', 'waived', 'undetermined', "
            "'non-compliant' or 'error'",
        ),
        (
            lambda: gate_results([verdict(KEPT), verdict(KEPT, "waived", waiver=None)]),
            "$.verdicts[1]: waived, and no waiver is named",
        ),
        (
            lambda: gate_results([verdict(KEPT), verdict(KEPT, "waived", waiver="")]),
            "$.verdicts[1]: waived, and no waiver is named",
        ),
        (
            lambda: gate_results([verdict(KEPT), verdict(KEPT, "non-compliant", waiver="one of ours")]),
            "$.verdicts[1]: a waiver is named, and yet it is not waived",
        ),
        (
            lambda: gate_results([verdict(KEPT) | {"waiver": ""}]),
            "$.verdicts[0]: a waiver is named, and yet it is not waived",
        ),
        (
            lambda: gate_results([1] * 1000),
            "$.verdicts[0]: expected an object",
        ),
        (
            lambda: gate_results([verdict(KEPT, context="nowhere")]),
            "$.verdicts[0].context: 'nowhere' is no key of $.contexts",
        ),
        (
            lambda: gate_results(
                findings=[{"verdict": 8, "context": None, "command": None, "excerpt": None, "at": None}]
            ),
            "$.findings[0].verdict: there are 8 verdicts",
        ),
        (
            lambda: gate_results(
                findings=[{"verdict": -1, "context": None, "command": None, "excerpt": 0, "at": None}]
            ),
            "$.findings[0].verdict: expected 0 or more",
        ),
        (
            lambda: gate_results(
                findings=[{"verdict": 1, "context": None, "command": None, "excerpt": None, "at": None}]
            ),
            "$.findings[0].verdict: that verdict is compliant, which is no finding",
        ),
        (
            lambda: gate_results(contexts={}, verdicts=[]),
            "$.contexts: empty, as of `check`; expected the results of `gate`",
        ),
        (
            lambda: gate_results(contexts=dict.fromkeys(map(str, range(MAX_NAMES + 1)), 1)),
            "$.contexts: more than 20,000 keys, the limit",
        ),
        (
            lambda: run_results([dict.fromkeys(map(str, range(101)), 1)]),
            "$.tests[0]: an object of so many keys is none of ours",
        ),
        (
            lambda: gate_results(contexts={"it's": 1}),
            "$.contexts['it\\'s']: expected an object",
        ),
        (
            lambda: run_results([{"id": 1}]),
            "$.tests[0].id: expected a string; $.tests[0].path: missing; "
            "$.tests[0].line: missing; $.tests[0].scenarios: missing; $.tests[0].cases: missing",
        ),
        (
            lambda: run_results([{"a": 1, "b": 2}]),
            "$.tests[0].id: missing; $.tests[0].path: missing; $.tests[0].line: missing; "
            "$.tests[0].scenarios: missing; $.tests[0].cases: missing; and more",
        ),
    ],
)
def test_wrong_results(spoil: Callable[[], Mapping[str, object]], problem: str) -> None:
    """What differs from the schema is told with its place, and not all of it where it is much."""
    write_json(Path("some.json"), spoil())
    assert refusals(Path("some.json")) == [f"some.json: {problem}"]


def otherwise(key: str, value: object) -> Document:
    """Return results whose summary says otherwise."""
    document = gate_results([verdict(KEPT), verdict(HELD, "non-compliant")])
    return document | {"summary": summary(document) | {key: value}}


COUNTS = dict.fromkeys(("not-applicable", "compliant", "waived", "undetermined", "non-compliant", "error"), 0)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (
            lambda: otherwise("outcomes", COUNTS | {"compliant": 2, "not-applicable": 6}),
            "$.summary.outcomes.compliant: found 2; the rest of the document comes to 1",
        ),
        (
            lambda: otherwise("scenarios", {KEPT: COUNTS | {"compliant": 1, "not-applicable": 3}}),
            f"$.summary.scenarios['{HELD}']: found null; the rest of the document comes to "
            '{"not-applicable": 3, "compliant": 0, "waived": 0, "undetermined": 0, "non-compliant": 1, "error": 0}',
        ),
        (
            lambda: otherwise("scenarios", {KEPT: COUNTS | {"not-applicable": 3}}),
            f"$.summary.scenarios['{KEPT}'].compliant: found 0; the rest of the document comes to 1",
        ),
        (lambda: otherwise("contexts", 5), "$.summary.contexts: found 5; the rest of the document comes to 4"),
        (lambda: otherwise("cached", 5), "$.summary.cached: found 5; the rest of the document comes to 4"),
        (lambda: otherwise("templates", 2), "$.summary.templates: found 2; the rest of the document comes to 1"),
        (lambda: otherwise("exit_code", 0), "$.summary.exit_code: found 0; the rest of the document comes to 1"),
        (
            lambda: gate_results(problems=[{"where": "a", "message": "b"}]) | {"summary": summary(gate_results())},
            "$.summary.exit_code: found 0; the rest of the document comes to 2",
        ),
        (lambda: gate_results(summary={}), "$.summary.exit_code: missing"),
        (
            lambda: otherwise("scenarios", dict.fromkeys(map(str, range(MAX_NAMES + 1)), 1)),
            "$.summary.scenarios: more than 20,000 keys, the limit",
        ),
    ],
)
def test_summary_that_says_otherwise(spoil: Callable[[], Document], problem: str) -> None:
    """A summary that is not that of the verdicts and contexts shows that one of them was changed."""
    write_json(Path("some.json"), spoil())
    (refusal,) = refusals(Path("some.json"))
    assert refusal.startswith(f"some.json: {problem}")


WAIVER: Document = waiver(
    scanner="one",
    rule="R",
    resource="template",
    when={"stage": ["dev"]},
    fingerprints=["0" * 32],
    owner="Jane Doe",
    reason="It is not so, as was agreed.",
).model_dump(mode="json")
COVER: Document = {
    key: WAIVER[key] for key in ("scanner", "rule", "resource", "when", "owner", "expires", "reason")
} | {"days_left": 1}


def alert(**changed: object) -> Document:
    """Return what a scanner has found in the first context, changed."""
    told: Document = {
        "scanner": "one",
        "rule": "R",
        "resource": "template",
        "fingerprint": "0" * 32,
        "level": "warning",
        "message": "",
        "help": None,
        "contexts": [0],
        "waived": [],
        "waivers": [COVER] if changed.get("waived") else [],
    }
    return told | changed


def agreeing(*whys: str | None, stale: bool = False) -> Document:
    """Return how far scanners and scenarios agree: a disagreement for each explanation, or one of nothing."""
    both = {"scanner": "one", "rule": "R1", "scenario": "storage#table-shape/shape-held"}
    disagreements = [{**both, "side": "they", "resource": "Storage/Table", "contexts": [0], "why": why} for why in whys]
    told = {"pairs": 1, "compared": 1, "disagreements": disagreements}
    return {"agreement": {**told, "stale": [{**both, "explanation": {}}] if stale else []}}


def scanned(alerts: list[Document], covered: int = 0, **changed: object) -> Document:
    """Return results with alerts, of which waivers cover so many, and the exit code of a gate that could not judge."""
    standing = [one for one in alerts if set(one["contexts"]) - set(one["waived"])]
    told: Document = {
        "name": "one",
        "version": None,
        "lists_templates": True,
        "findings": len(alerts),
        "not_waived": len(standing),
        "problems": [],
    }
    waived = [{"waiver": WAIVER, "days_left": 1, "findings": covered}] if covered else []
    waivers = {"waived": waived, "problems": [], "warnings": [], "not_asked": []}
    return gate_results(alerts=alerts, scanners=[told | changed], waivers=waivers)


def waived_by(*waivers: object, days_left: int = 1, values: object = None, **changed: object) -> Document:
    """Return results with an alert that is waived in the first context, and waivers that are said to cover one each."""
    waived = [{"waiver": one, "days_left": days_left, "findings": 1} for one in waivers]
    document = scanned([alert(waived=[0], waivers=[COVER | changed])], 1)
    if values is not None:
        document["contexts"]["bounds"]["values"] = values
    return document | {"waivers": document["waivers"] | {"waived": waived}}


def coming_to(code: int, document: Document) -> Document:
    """Return results that say that they come to an exit code."""
    return document | {"summary": document["summary"] | {"exit_code": code}}


PROBLEM = {"kind": "unused", "waiver": WAIVER, "message": "gone"}
NO_WAIVERS: Document = {"waived": [], "problems": [], "warnings": [], "not_asked": []}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (lambda: scanned([]), 0),
        (lambda: scanned([alert()]), 1),
        (lambda: scanned([alert(waived=[0])], 1), 0),
        (lambda: scanned([alert(contexts=[0, 3], waived=[0])], 1), 1),
        (lambda: scanned([alert()], problems=["it crashed"]), 2),
        (lambda: scanned([]) | agreeing("We ask for more."), 0),
        (lambda: scanned([]) | agreeing(None), 1),
        (lambda: scanned([]) | agreeing(stale=True), 1),
        (lambda: gate_results(waivers=NO_WAIVERS | {"problems": [PROBLEM]}), 1),
        (lambda: gate_results(waivers=NO_WAIVERS | {"warnings": [{"waiver": WAIVER, "message": ""}]}), 0),
    ],
)
def test_exit_codes_of_other_scanners(document: Callable[[], Document], code: int) -> None:
    """What stands is a violation, and so is what is wrong with a waiver; a scanner in trouble outranks both."""
    for said in range(3):
        file = write_json(Path("some.json"), coming_to(said, document()))
        problem = f"some.json: $.summary.exit_code: found {said}; the rest of the document comes to {code}"
        assert [str(error) for error in read_results([file]).unreadable] == ([] if said == code else [problem])


def test_what_covers_an_alert_is_told_in_words() -> None:
    """As a verdict's waiver is."""
    results = read_results([write_json(Path("some.json"), scanned([alert(waived=[0])], 1))])
    told = (
        'one R on template when stage is "dev", by Jane Doe until 2025-07-31, 1 day left: It is not so, as was agreed.'
    )
    assert [one.waivers for one in (results.gate.scanned.alerts if results.gate else ())] == [(told,)]


def test_too_many_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waivers are held against contexts so many times, and no more."""
    monkeypatch.setattr(covers, "MAX_COMPARISONS", 1)
    one, two = (write_json(Path(f"{n}.json"), scanned([alert(waived=[0])] * n, n)) for n in (1, 2))
    assert read_results([one]).unreadable == ()
    assert refusals(two) == ["2.json: $.alerts: more than 1 comparisons with waivers, the limit"]


def test_a_waiver_that_holds_everywhere() -> None:
    """It has no conditions, and is written with none."""
    waiver, cover = WAIVER | {"when": {}}, COVER | {"when": {}}
    document = scanned([alert(waived=[0], waivers=[cover])], 1)
    document["waivers"]["waived"] = [{"waiver": waiver, "days_left": 1, "findings": 1}]
    assert read_results([write_json(Path("some.json"), document)]).unreadable == ()


def test_what_fails_a_gate_is_named() -> None:
    """The waiver that does not serve, and each pair that disagrees, or is said to and does not."""
    document = gate_results(waivers=NO_WAIVERS | {"problems": [PROBLEM]}) | agreeing(None, "why", stale=True)
    results = read_results([write_json(Path("some.json"), coming_to(1, document))])
    problems = results.gate.problems if results.gate else ()
    assert [(one.where, one.undecided) for one in problems] == [
        ("the waiver of one R on template", False),
        ("one R1", False),
        ("one R1", False),
    ]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (
            lambda: scanned([alert(contexts=[4])]),
            "$.alerts[0]: tells other contexts than the 4 that there are, or it shows in",
        ),
        (lambda: scanned([alert(contexts=[])]), "$.alerts[0].contexts: empty; expected the contexts that show it"),
        (lambda: scanned([alert(scanner="two")]), "$.alerts[0].scanner: 'two' is none of $.scanners"),
        (
            lambda: scanned([alert(waived=[0], waivers=[])], 1),
            "$.alerts[0]: waived by no waiver, or by none that covers it",
        ),
        (
            lambda: scanned([alert(waived=[0], waivers=[COVER | {"when": {"stage": "dev"}}])], 1),
            "$.alerts[0].waivers[0].when.stage: expected a list",
        ),
        (
            lambda: scanned([alert(waived=[0], waivers=[COVER | {"owner": ""}])], 1),
            "$.alerts[0].waivers[0]: none of $.waivers.waived, which hold all that cover something",
        ),
        (
            lambda: scanned([alert(waived=[0], waivers=[COVER | {"days_left": 2}])], 1),
            "$.alerts[0].waivers[0]: none of $.waivers.waived, which hold all that cover something",
        ),
        (
            lambda: scanned([alert(waived=[0], waivers=[COVER | {"when": {}}])], 1),
            "$.alerts[0].waivers[0]: none of $.waivers.waived, which hold all that cover something",
        ),
        (lambda: scanned([alert(waived=[0], waivers=[COVER, COVER])], 1), "$.alerts[0].waivers[1]: told twice"),
        *(
            (
                lambda changed=changed: scanned([alert(waived=[0], **changed)], 1, name=changed.get("scanner", "one")),
                "$.alerts[0].waivers[0]: about another finding: its scanner, rule, resource or fingerprints are not of "
                "this one",
            )
            for changed in ({"scanner": "two"}, {"rule": "S"}, {"resource": "Other"}, {"fingerprint": "1" * 32})
        ),
        (
            lambda: scanned([alert(contexts=[0, 3], waived=[0, 3])], 2),
            "$.alerts[0].waived: in 'staging' none of its waivers holds",
        ),
        (
            lambda: waived_by(WAIVER | {"when": {"nosuch": ["dev"]}}, when={"nosuch": ["dev"]}),
            "$.alerts[0].waived: in 'bounds' none of its waivers holds",
        ),
        (
            lambda: waived_by(WAIVER, values={"worthwatch:stage": "dev", "worthwatch:nosuch": 1}),
            "$.alerts[0].waived: in 'bounds' none of its waivers holds",
        ),
        (
            lambda: waived_by(WAIVER, WAIVER | {"rule": "S"}),
            "$.waivers.waived[1]: covers 1, and no alert is covered by it",
        ),
        (lambda: waived_by(WAIVER, WAIVER), "$.waivers.waived: a waiver stands there twice"),
        (
            lambda: waived_by(WAIVER, WAIVER | {"rule": "S", "expires": "2025-07-30"}),
            "$.waivers.waived: the days left are not all told on one day",
        ),
        (
            lambda: waived_by(WAIVER, days_left=182),
            "$.waivers.waived[0].days_left: found 182; it has held 181 at the most",
        ),
        (
            lambda: waived_by(WAIVER, days_left=10**12),
            f"$.waivers.waived[0].days_left: found {10**12}; it has held 181 at the most",
        ),
        (lambda: waived_by(WAIVER | {"owner": ""}), "$.waivers.waived[0].waiver: no waiver, by its owner"),
        (lambda: waived_by({}), "$.waivers.waived[0].waiver: no waiver, by its scanner"),
        (lambda: waived_by([]), "$.waivers.waived[0].waiver: no waiver"),
        (
            lambda: scanned([alert()]) | {"scanners": scanned([alert()])["scanners"] * 2},
            "$.scanners[1].name: 'one' again; expected each once",
        ),
        (
            lambda: scanned([alert(), alert(waived=[1])], 1),
            "$.alerts[1]: tells other contexts than the 4 that there are, or it shows in",
        ),
        (
            lambda: scanned([alert(waived=[0])], 2),
            "$.alerts: 1 waived, each context's counted; the waivers cover 2",
        ),
        (
            lambda: scanned([alert()], not_waived=0),
            "$.scanners[0]: tells 1 findings, 0 not waived; the alerts come to 1 findings, 1 not waived",
        ),
        (
            lambda: scanned([alert(), alert(scanner="worthwatch")]),
            "$.scanners[0]: tells 2 findings, 2 not waived; the alerts come to 1 findings, 1 not waived",
        ),
    ],
)
def test_alerts_that_say_otherwise(document: Callable[[], Document], problem: str) -> None:
    """What scanners and waivers say of alerts is what these come to: nothing is waived without a waiver."""
    file = write_json(Path("some.json"), document())
    assert refusals(file) == [f"some.json: {problem}"]
    with pytest.raises(InputError) as raised:
        read_gate(file)
    assert str(raised.value) == f"some.json: {problem}"


def test_number_that_is_infinite() -> None:
    """A number that fits no float could not be told again as JSON."""
    Path("some.json").write_text(
        write_json(Path("other.json"), gate_results([verdict(KEPT, found="?")]))
        .read_text("utf-8")
        .replace('"?"', "1e999"),
        encoding="utf-8",
    )
    assert refusals(Path("some.json")) == ["some.json: $.verdicts[0].found: expected finite numbers only"]


def test_no_file() -> None:
    """What is no file, or a folder without results, is refused; a path may be hostile."""
    Path("empty").mkdir()
    os.mkfifo("pipe")
    Path("link.json").symlink_to("nowhere")
    Path("folder.json").mkdir()
    Path("folder.json/inner.json").mkdir()
    paths = ("empty", "pipe", "link.json", "missing", "folder.json", "nul\0", "x" * 5000, "line\nbreak")
    assert refusals(*map(Path, paths)) == [
        f"empty: a folder without *.json; expected {HOLD}",
        "pipe: a pipe, socket or device; expected a regular file",
        "link.json: no such file; check the path",
        "missing: no such file; check the path",
        "folder.json/inner.json: a folder; expected a file",
        "nul\\x00: cannot be read: embedded null byte",
        f"{'x' * 5000}: cannot be read: File name too long",
        "line\\nbreak: no such file; check the path",
    ]


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document with more bytes, or more values, than any of ours is not parsed."""
    with Path("large.json").open("wb") as file:
        file.truncate(reading.MAX_BYTES + 1)
    monkeypatch.setattr(reading, "MAX_VALUES", 100)
    Path("many.json").write_text("[" * 51 + "," * 50, encoding="utf-8")
    assert refusals(Path("large.json"), Path("many.json")) == [
        "large.json: larger than 67,108,864 bytes, the limit for such a file",
        "many.json: more than 100 values, the limit",
    ]
