"""How a comparison is told: in a terminal, as a comment on a pull request, as JSON, and by the command."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from evidence.console import Console
from evidence.diff import document, markdown, text
from evidence.diff.model import Diff
from evidence.markdown import code
from tests.commands import invoke
from tests.evidence.trace_documents import (
    DEV,
    KEY,
    NONE,
    PROD,
    SORT,
    STAGE,
    VPC,
    Json,
    alert,
    context,
    diff,
    linked,
    scanned,
    scenario,
    static,
    trace,
    with_key,
)

TESTS = [linked(f"tests/key.py::test_{n}", passed=1) for n in range(7)]
OLD = trace(
    scenarios=[scenario(KEY, tests=TESTS), scenario(SORT, "outdated"), scenario("storage#a/gone")],
    contexts=[each | {"outcomes": ["compliant", "compliant", None]} for each in (DEV, PROD)],
    problems=[{"where": "gate.json", "message": "these results are of other rules"}],
)
NEW = trace(
    scenarios=[
        scenario(
            KEY,
            "failing",
            tests=[linked("tests/other.py::test_it", failed=1)],
            rule=scenario(SORT)["rule"],
            outcomes=NONE | {"non-compliant": 1},
        ),
        scenario(SORT, fingerprint={"requirement": "sha256:r", "scenario": "sha256:other"}),
        scenario("storage#a/new"),
        scenario("storage#b/gone-else", "vacuous"),
    ],
    contexts=[
        DEV | {"name": "develop", "outcomes": ["non-compliant", "compliant", None, None]},
        context("vpc", {VPC: True, STAGE: "dev"}, None, None, None, None, region="eu", refused=[VPC]),
    ],
    orphans=[{"kind": "rule", "name": "policies.gone.gone", "message": "no scenario has its name"}],
)
EVERYTHING = diff(OLD, NEW)

TEXT = """\
Lost
  storage#keys/key: was covered and is failing
  storage#keys/key: 7 of its 7 tests are gone: tests/key.py::test_0, tests/key.py::test_1, tests/key.py::test_2, \
tests/key.py::test_3, tests/key.py::test_4 and 2 more
  storage#b/gone-else: was added and is vacuous
  worthwatch:stage=prod: is in no judged context any more
  policies.gone.gone: a rule that has become an orphan

Scenarios
  storage#keys/key: covered → failing
    newly failing
    rule: policies.key → policies.sort
    fails now: tests/other.py::test_it
    test gone: tests/key.py::test_0, tests/key.py::test_1, tests/key.py::test_2, \
tests/key.py::test_3, tests/key.py::test_4 and 2 more
    test new: tests/other.py::test_it
    compliant → non-compliant in 1 context, such as develop
  storage#keys/sort: outdated → covered
    no longer outdated
    other text: of the scenario
  storage#a/new: added, covered
  storage#b/gone-else: added, vacuous
  storage#a/gone: removed, was covered

Contexts
  gone: prod
    worthwatch:stage=prod
  new: vpc
    region=eu, worthwatch:deployVpc=true, worthwatch:stage=dev; refused: worthwatch:deployVpc

Orphans
  new: rule policies.gone.gone
    no scenario has its name

Problems
  gone: gate.json
    these results are of other rules

coverage lost: 5 losses
"""

MARKDOWN = re.sub(
    "`(.+?)`",
    lambda name: code(name[1]),
    """\
### ❌ Trace compared: coverage lost: 5 losses

**Lost (5)**

- `storage#keys/key`: was covered and is failing
- `storage#keys/key`: 7 of its 7 tests are gone: `tests/key.py::test_0`, `tests/key.py::test_1`, \
`tests/key.py::test_2`, `tests/key.py::test_3`, `tests/key.py::test_4` and 2 more
- `storage#b/gone-else`: was added and is vacuous
- `worthwatch:stage=prod`: is in no judged context any more
- `policies.gone.gone`: a rule that has become an orphan

**Scenarios (5)**

- `storage#keys/key`: covered → failing
  - newly failing
  - rule: `policies.key` → `policies.sort`
  - fails now: `tests/other.py::test_it`
  - test gone: `tests/key.py::test_0`, `tests/key.py::test_1`, `tests/key.py::test_2`, \
`tests/key.py::test_3`, `tests/key.py::test_4` and 2 more
  - test new: `tests/other.py::test_it`
  - compliant → non-compliant in 1 context, such as `develop`
- `storage#keys/sort`: outdated → covered
  - no longer outdated
  - other text: of the scenario
- `storage#a/new`: added, covered
- `storage#b/gone-else`: added, vacuous
- `storage#a/gone`: removed, was covered

**Contexts (2)**

- gone: `prod`
  - `worthwatch:stage=prod`
- new: `vpc`
  - `region=eu, worthwatch:deployVpc=true, worthwatch:stage=dev; refused: worthwatch:deployVpc`

**Orphans (1)**

- new: rule `policies.gone.gone`
  - `no scenario has its name`

**Problems (1)**

- gone: `gate.json`
  - `these results are of other rules`""",
)

UNCHANGED: Json = {
    "newly": [],
    "no_longer": [],
    "edited": [],
    "rules": None,
    "tests": {"lost": [], "gained": [], "failing": [], "fewer_passed": []},
    "outcomes": [],
}

DOCUMENT: Json = {
    "schema": document.SCHEMA_ID,
    "scenarios": [
        UNCHANGED
        | {
            "change": "changed",
            "before": {"id": "storage#keys/key", "state": "covered"},
            "after": {"id": "storage#keys/key", "state": "failing"},
            "newly": ["failing"],
            "rules": {"before": "policies.key", "after": "policies.sort"},
            "tests": {
                "lost": [
                    "tests/key.py::test_0",
                    "tests/key.py::test_1",
                    "tests/key.py::test_2",
                    "tests/key.py::test_3",
                    "tests/key.py::test_4",
                    "tests/key.py::test_5",
                    "tests/key.py::test_6",
                ],
                "gained": ["tests/other.py::test_it"],
                "failing": ["tests/other.py::test_it"],
                "fewer_passed": [],
            },
            "outcomes": [{"before": "compliant", "after": "non-compliant", "contexts": 1, "first": "develop"}],
        },
        UNCHANGED
        | {
            "change": "changed",
            "before": {"id": "storage#keys/sort", "state": "outdated"},
            "after": {"id": "storage#keys/sort", "state": "covered"},
            "no_longer": ["outdated"],
            "edited": ["scenario"],
        },
        UNCHANGED | {"change": "added", "before": None, "after": {"id": "storage#a/new", "state": "covered"}},
        UNCHANGED | {"change": "added", "before": None, "after": {"id": "storage#b/gone-else", "state": "vacuous"}},
        UNCHANGED | {"change": "removed", "before": {"id": "storage#a/gone", "state": "covered"}, "after": None},
    ],
    "losses": [
        {"where": "storage#keys/key", "message": "was covered and is failing"},
        {
            "where": "storage#keys/key",
            "message": f"7 of its 7 tests are gone: {', '.join(test['id'] for test in TESTS)}",
        },
        {"where": "storage#b/gone-else", "message": "was added and is vacuous"},
        {"where": "worthwatch:stage=prod", "message": "is in no judged context any more"},
        {"where": "policies.gone.gone", "message": "a rule that has become an orphan"},
    ],
    "contexts": {
        "lost": [
            {"name": "prod", "values": {"worthwatch:stage": "prod"}, "account": None, "region": None, "refused": []}
        ],
        "gained": [
            {
                "name": "vpc",
                "values": {"worthwatch:deployVpc": True, "worthwatch:stage": "dev"},
                "account": None,
                "region": "eu",
                "refused": ["worthwatch:deployVpc"],
            }
        ],
    },
    "axes": {"lost": [{"key": "worthwatch:stage", "set": True, "value": "prod"}], "gained": []},
    "orphans": {
        "lost": [],
        "gained": [{"kind": "rule", "name": "policies.gone.gone", "message": "no scenario has its name"}],
    },
    "problems": {"lost": [{"where": "gate.json", "message": "these results are of other rules"}], "gained": []},
    "scanners": {"lost": [], "gained": []},
    "alerts": [],
    "not_compared": [],
    "summary": {"changed": True, "losses": 5, "exit_code": 1},
}


def printed(found: Diff, width: int = 120) -> str:
    """Return what is printed on a terminal without colours."""
    console = Console(width=width)
    text.render(found, console)
    return f"{console.printed}\n"


def hostile(text: str) -> Diff:
    """Return a comparison in which a text stands wherever a document can put it."""
    rule = scenario(KEY)["rule"] | {"name": text}
    old = trace(scenarios=[scenario(KEY), scenario(SORT)], contexts=[DEV, context("c", {"k": "v"})])
    worse = DEV | {"name": text, "outcomes": ["error", "compliant"]}
    new = trace(
        scenarios=[
            scenario(text, "error", "failing", tests=[linked(text, failed=1)], rule=rule),
            scenario(SORT),
        ],
        contexts=[
            worse,
            context("c", {text: text}, refused=[text]),
        ],
        orphans=[{"kind": "test", "name": text, "message": text}],
        problems=[{"where": text, "message": text}],
        scanned=scanned(
            alert(text, waived=[0], resource=text, message=text, scanner=text, waivers=[text]), **{text: text}
        ),
    )
    new["scenarios"][0]["fingerprint"] = scenario(KEY)["fingerprint"]
    return diff(old, new)


def many(number: int, text: str = "") -> Diff:
    """Return a comparison in which so many scenarios, contexts and orphans are new."""
    return diff(
        trace(scenarios=[], contexts=[]),
        trace(
            scenarios=[scenario(f"a#b/{n}{text}") for n in range(number)],
            contexts=[context(f"{n}{text}", {"n": n}) | {"outcomes": [None] * number} for n in range(number)],
            orphans=[{"kind": "test", "name": f"{n}{text}", "message": text} for n in range(number)],
        ),
    )


SCANNED = diff(
    trace(scanned=scanned(alert("GONE"), alert("WAIVED"), alert("MORE", [0]), checkov="3", tfsec=None)),
    trace(scanned=scanned(alert("WAIVED", waived=[0, 1]), alert("MORE"), alert("NEW", [1]), checkov="4")),
)

SCANNED_TEXT = """\
Lost
  tfsec: another scanner that was asked before and is not any more; gate --import takes it
  checkov MORE on Storage/Table: is not waived in 1 context more, such as prod
  checkov NEW on Storage/Table: is new, and not waived

Other scanners
  gone: checkov 3
  gone: tfsec of an unknown version
  new: checkov 4

Findings of other scanners
  checkov WAIVED on Storage/Table: not waived → waived
    Ensure WAIVED
    waiver: checkov WAIVED on Storage/Table, by Jane until 2026-12-31, 9 days left: so
  checkov MORE on Storage/Table: not waived → not waived
    Ensure MORE
    not waived now in 1 context, such as prod
  checkov NEW on Storage/Table: new, not waived
    Ensure NEW
    not waived now in 1 context, such as prod
  checkov GONE on Storage/Table: gone, was not waived
    Ensure GONE

coverage lost: 3 losses
"""


class TestText:
    """In a terminal."""

    def test_what_other_scanners_found_is_told(self) -> None:
        """With what became of it, and the waivers that cover it now."""
        assert printed(SCANNED) == SCANNED_TEXT
        gained = diff(trace(scanned=scanned(alert("A"), alert("B"))), trace(scanned=scanned(checkov="4")))
        last = "nothing lost: 1 other scanner gone, 1 other scanner new, 2 findings of other scanners changed"
        assert printed(gained).splitlines()[-1] == last

    def test_everything_is_told(self) -> None:
        """What was lost first, what it comes to last."""
        assert printed(EVERYTHING) == TEXT

    def test_nothing_is_told_in_two_words(self) -> None:
        """And what was not compared."""
        assert printed(diff(trace(), trace())) == "no change\n"
        unjudged = static(scenario(KEY))
        assert printed(diff(unjudged, unjudged)) == (
            "Not compared\n"
            "  results of the gate: neither trace was judged by them\n"
            "  results of the tests: neither trace was judged by them\n"
            "  results of the proof: neither trace was judged by them\n"
            "\n"
            "no change\n"
        )

    def test_what_is_no_loss_is_summed_up(self) -> None:
        """By its kinds."""
        assert printed(many(2)).splitlines()[-1] == "coverage lost: 2 losses"
        found = diff(with_key("failing"), trace(contexts=[DEV, PROD, context("vpc", {VPC: True})]))
        assert printed(found).splitlines()[-1] == ("nothing lost: 1 scenario changed, 1 context new, 2 axis values new")
        gone = diff(trace(orphans=[{"kind": "test", "name": "a", "message": ""}] * 2), trace())
        assert printed(gone).splitlines()[-1] == "nothing lost: 2 orphans gone"

    def test_a_narrow_terminal_breaks_no_names(self) -> None:
        """It is left to the terminal, so that a line can be searched for and copied."""
        assert printed(EVERYTHING, width=20) == TEXT

    def test_long_lists_are_cut(self) -> None:
        """The JSON document has all."""
        assert printed(many(21)).count("  and 1 more\n") == 4

    def test_nothing_acts_on_the_terminal(self) -> None:
        """Neither markup nor control characters do."""
        told = printed(hostile("[bold]x[/]\x1b[2J\n\\"))
        assert "\x1b" not in told
        assert "  new: test [bold]x[/]\\x1b[2J\\n\\\n    [bold]x[/]\\x1b[2J\\n\\\n" in told


class TestMarkdown:
    """As a comment on a pull request."""

    def test_everything_is_told(self) -> None:
        """The verdict is the first line."""
        assert markdown.render(EVERYTHING) == MARKDOWN

    def test_what_other_scanners_found_is_told(self) -> None:
        """As in a terminal; what a document says is code."""
        told = markdown.render(SCANNED)
        assert re.sub("<code>(.*?)</code>", r"\1", told).splitlines()[2:6] == [
            "**Lost (3)**",
            "",
            "- tfsec: another scanner that was asked before and is not any more; gate --import takes it",
            "- checkov MORE on Storage/Table: is not waived in 1 context more, such as prod",
        ]
        assert f"- {code('checkov GONE on Storage/Table')}: gone, was not waived\n  - {code('Ensure GONE')}" in told

    def test_nothing_is_one_line(self) -> None:
        """A comment that says nothing is short."""
        assert markdown.render(diff(trace(), trace())) == "### ✅ Trace compared: no change"

    def test_long_lists_are_folded_and_cut(self) -> None:
        """From eleven items on; from a hundred and one on the rest is counted."""
        told = markdown.render(many(11))
        assert "\n<details><summary>Scenarios (11)</summary>\n\n- <code>" in told
        assert told.count("</details>") == told.count("<details>") == 4
        assert "\n**Scenarios (10)**\n\n- <code>" in markdown.render(many(10))
        assert markdown.render(many(101)).count("\n- and 1 more\n") == 4

    @pytest.mark.parametrize("text", ["|" * 400, "@everyone " * 40, "\x1b" * 400, "é" * 400])
    def test_a_comment_is_never_too_long(self, text: str) -> None:
        """The longer its items are, the fewer are shown, at last none."""
        told = markdown.render(many(150, text))
        assert len(told) <= markdown.MAX_LENGTH
        assert told.startswith("### ❌ Trace compared: coverage lost: ")

    def test_nothing_of_a_document_is_markdown(self) -> None:
        """Whatever is from a document is code, without one character that means something to GitHub."""
        text = "a|b`c`<img src=x>@team #1 [l](http://e.vil)\n# h **b** _i_ ~s~ &lt; $m$ \\ </code>"
        told = markdown.render(hostile(text))
        assert told.count(code(text)) == 16
        ours = re.sub("<code>[^<]*</code>", "", told.replace(code(text), ""))
        assert not set("|`@[]~$\\_<") & set(ours)

    def test_nothing_of_a_loss_is_markdown(self) -> None:
        """Neither is what was lost, by name."""
        text = "<img src=x>@team `b`"
        tests = [linked("a", passed=1), linked(text, passed=1)]
        kept = [context("a", {text: 1, "b": 0}), context("b", {text: 0, "b": 1})]
        old = trace(
            scenarios=[scenario(KEY, tests=tests), scenario(SORT)],
            contexts=[context("c", {text: 1, "b": 1}), *kept],
        )
        told = markdown.render(diff(old, with_key(tests=tests[:1]) | {"contexts": kept})).splitlines()
        assert told[2:6] == [
            "**Lost (2)**",
            "",
            f"- {code(KEY)}: 1 of its 2 tests is gone: {code(text)}",
            f"- {code('contexts')}: none has these two values together any more: {code(f'{text}=1 with b=1')}",
        ]


class TestDocument:
    """As JSON."""

    def test_the_schema_is_one(self) -> None:
        """It is valid, and bears the id that documents bear."""
        Draft202012Validator.check_schema(document.schema())
        assert document.schema()["$id"] == document.SCHEMA_ID
        assert files("evidence.diff").joinpath("trace_diff.schema.json").is_file()

    @pytest.mark.parametrize(
        "found", [EVERYTHING, SCANNED, diff(NEW, OLD), diff(trace(), trace()), hostile("\n"), many(3)]
    )
    def test_documents_are_as_the_schema_says(self, found: Diff) -> None:
        """Both ways round."""
        Draft202012Validator(document.schema()).validate(json.loads(document.render(found)))

    def test_everything_is_told(self) -> None:
        """Every field of every change."""
        assert json.loads(document.render(EVERYTHING)) == DOCUMENT

    def test_what_other_scanners_found_is_told(self) -> None:
        """Which were asked, and what became of each of their findings."""
        told = json.loads(document.render(SCANNED))
        assert told["scanners"] == {
            "lost": [{"name": "checkov", "version": "3"}, {"name": "tfsec", "version": None}],
            "gained": [{"name": "checkov", "version": "4"}],
        }
        assert [(each["rule"], each["before"], each["after"]) for each in told["alerts"]] == [
            ("WAIVED", "non-compliant", "waived"),
            ("MORE", "non-compliant", "non-compliant"),
            ("NEW", None, "non-compliant"),
            ("GONE", "non-compliant", None),
        ]
        assert told["alerts"][2] == {
            "scanner": "checkov",
            "rule": "NEW",
            "resource": "Storage/Table",
            "fingerprint": "0123456789abcdef0123456789abcdef",
            "message": "Ensure NEW",
            "before": None,
            "after": "non-compliant",
            "contexts": 1,
            "first": "prod",
        }


class TestCommand:
    """The command."""

    def run(self, folder: Path, old: Json | str, new: Json | str, *options: str) -> tuple[int, str, str]:
        """Return the exit code, stdout and stderr."""
        for name, content in (("old.json", old), ("new.json", new)):
            (folder / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        names = [str(folder / "old.json"), str(folder / "new.json")]
        result = invoke(["trace", "diff", *names, *options])
        return result.exit_code, result.stdout, result.stderr.replace(f"{folder.as_posix()}/", "")

    @pytest.mark.parametrize(
        ("old", "new", "code"), [(trace(), trace(), 0), (with_key("failing"), trace(), 0), (trace(), NEW, 1)]
    )
    def test_exit_codes(self, tmp_path: Path, old: Json, new: Json, code: int) -> None:
        """0 where nothing was lost, 1 where something was; whatever the format."""
        for form in ("text", "markdown", "json"):
            assert self.run(tmp_path, old, new, "--format", form)[0] == code

    def test_all_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        """Of both files, with exit code 2, and nothing is compared."""
        code, out, err = self.run(tmp_path, "{}", "[]")
        schema = "$.schema: found no string; expected urn:worthwatch:storage-compliance:trace:1"
        expected = "a trace document, as `storage-compliance trace --format json` writes it"
        assert (code, out) == (2, "")
        assert err == (
            f"error: old.json: {schema}: {expected} in this version; new.json: no JSON object; expected {expected}\n"
        )

    def test_a_file_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        """With exit code 2."""
        result = invoke(["trace", "diff", str(tmp_path / "a.json"), str(tmp_path)])
        where = tmp_path.as_posix()
        assert result.exit_code == 2
        assert result.stderr == (
            f"error: {where}/a.json: no such file; check the path; {where}: a folder; expected a file\n"
        )

    @pytest.mark.parametrize("form", ["text", "markdown", "json"])
    def test_a_file_is_written_and_the_text_is_printed(self, tmp_path: Path, form: str) -> None:
        """So that a pull request has its comment and the log says why it failed."""
        file = tmp_path / "out" / "diff"
        code, out, _ = self.run(tmp_path, OLD, NEW, "--format", form, "--output", str(file))
        written = {
            "text": TEXT.rstrip("\n"),
            "markdown": markdown.render(EVERYTHING),
            "json": document.render(EVERYTHING),
        }
        assert (code, out) == (1, TEXT)
        assert file.read_text(encoding="utf-8") == f"{written[form]}\n"

    def test_an_output_that_cannot_be_written_is_told(self, tmp_path: Path) -> None:
        """With exit code 2."""
        code, out, err = self.run(tmp_path, OLD, NEW, "--output", str(tmp_path))
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
