"""The `gate` command on a matrix: the verdict that is told, with the smallest context that shows each finding."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gate import matrix, matrix_run
from gate.document import schema
from gate.judged import Judged
from gate.minimise import Seen
from gate.waivers import load_waivers
from policies.reading import InputError
from policies.waivers import write
from scanners.canary import canary
from stack.contexts import Context, Matrix
from tests.commands import invoke
from tests.policies.pairs import pair
from tests.policies.waivers import waiver
from tests.scanners.logs import log, result
from tests.scanners.logs import run as scanner_run

BROKEN = "table-key-schema/partition-key-defined"
LEAST = Context("least", {"least": "keys"}, "111122223333", "eu-central-1")


@pytest.fixture
def run(judged: Mapping[str, Judged], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Return a function that runs the command on a matrix of some of the shared contexts, already synthesised."""

    def served(contexts: Sequence[Context], **_: object) -> Iterator[Judged]:
        return (judged[context.name] for context in contexts)

    def reduced(findings: Sequence[Seen]) -> list[Context]:
        return [LEAST if len(verdicts) == 1 else replace(context, values={}) for context, verdicts in findings]

    no_waivers = tmp_path / "waivers.toml"
    no_waivers.touch()

    def run(
        *names: str,
        form: str = "text",
        output: Path | None = None,
        waivers: Path = no_waivers,
        imports: Sequence[Path] = (),
        matrix: Matrix = "smoke",
    ) -> int:
        monkeypatch.setattr(matrix_run, "matrix", lambda _: (judged[name].context for name in names))
        return matrix_run.main(matrix, matrix_run.Inputs(waivers, imports), form, output, {})

    monkeypatch.setattr(matrix, "judge_contexts", served)
    monkeypatch.setattr(matrix_run, "minimise", reduced)
    return run


def findings(document: str) -> list[dict[str, Any]]:
    """Return the findings of a document, which is as its schema says, each with its verdict in place of the index."""
    told = json.loads(document)
    Draft202012Validator(schema()).validate(told)
    return [{**finding, "verdict": told["verdicts"][finding["verdict"]]} for finding in told["findings"]]


def test_a_finding_comes_with_the_command_that_shows_it(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """The context that it was found in, and the smallest one as a shell line; findings of the matrix have none."""
    assert run("sound", BROKEN) == 2  # few contexts: much applies nowhere
    out, err = capsys.readouterr()
    assert f"\nnon-compliant dynamodb-storage#{BROKEN}\n  the partition key is named pk\n" in out
    assert f"\n  context:  {BROKEN}\n  see it:   {LEAST.command}\n" in out
    assert out.count("see it:") == 1
    assert "could not judge storage-hardening#production-protection/deletion-protection-enabled: vacuous: " in out
    assert err == ""


def test_the_document_holds_the_same(
    run: Callable[..., int], judged: Mapping[str, Judged], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each finding with its smallest context, the command that shows it and the resource that it lies in."""
    assert run("sound", BROKEN, form="json") == 2
    out, err = capsys.readouterr()
    broken, *of_matrix = findings(out)
    template = judged[BROKEN].template
    assert template is not None
    (table,) = template.tables
    verdict = broken.pop("verdict")
    assert (verdict["scenario"], verdict["context"], verdict["template"]) == (BROKEN, BROKEN, template.name)
    assert broken == {
        "context": {"least": "keys", "account": "111122223333", "region": "eu-central-1"},
        "command": LEAST.command,
        "excerpt": table.body,
        "at": table.path,
    }
    assert [
        (one["verdict"]["context"], one["context"], one["command"], one["excerpt"], one["at"]) for one in of_matrix
    ] == [(None,) * 5] * 2
    assert err == ""


def test_findings_that_come_together_share_their_context(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """One smallest context shows all that a context which did not synthesise fails."""
    assert run("exception", form="json") == 2
    failed = [one for one in findings(capsys.readouterr().out) if one["verdict"]["outcome"] == "error"]
    assert len(failed) == 20
    assert {(json.dumps(one["context"]), one["command"], one["excerpt"]) for one in failed} == {
        ("{}", Context("").command, None)
    }


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_file_beside_the_text(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """The file holds what stdout would; stdout has the text."""
    run("sound", BROKEN, form=form)
    wanted = capsys.readouterr().out
    run("sound", BROKEN)
    text = capsys.readouterr().out
    assert run("sound", BROKEN, form=form, output=tmp_path / "results.json") == 2
    assert (tmp_path / "results.json").read_text(encoding="utf-8") == wanted
    assert capsys.readouterr() == (text, "")


def test_nothing_to_judge(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """An empty matrix fails as one that could not be judged."""
    assert run() == 2
    assert "\ncould not judge all: 0 templates, " in capsys.readouterr().out


# Other scanners, and waivers


def report(folder: Path, *results: dict[str, Any]) -> Path:
    """Write the report of a scanner that has found this."""
    file = folder / "one.sarif"
    file.write_text(json.dumps(log(scanner_run(*results))), encoding="utf-8")
    return file


def digest(judged: Judged) -> str:
    """Return a template's digest in hexadecimal."""
    assert judged.template is not None
    return judged.template.name.removeprefix("sha256:")


def told(document: str) -> dict[str, Any]:
    """Return a document, which is as its schema says."""
    whole: dict[str, Any] = json.loads(document)
    Draft202012Validator(schema()).validate(whole)
    return whole


def in_force(folder: Path, **selector: object) -> Path:
    """Write a waiver that holds for two days from yesterday on."""
    today = datetime.now(UTC).date()
    days = {"created": today - timedelta(days=1), "expires": today + timedelta(days=1)}
    file = folder / "one.toml"
    file.write_text(write([waiver(**selector, **days)]), encoding="utf-8")
    return file


def test_a_scanner_and_a_waiver(
    run: Callable[..., int], judged: Mapping[str, Judged], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a scanner has found, by the construct path that the synthesis tells, until a waiver covers it."""
    sound = judged["sound"]
    assert sound.template is not None
    (table,) = sound.template.tables
    named = [{"fullyQualifiedName": table.logical_id}]
    location = result(digest(sound))["locations"][0] | {"logicalLocations": named}
    imports = [report(tmp_path, result(digest(sound), locations=[location]))]
    run("sound", form="json", imports=imports)
    (alert,) = told(capsys.readouterr().out)["alerts"]
    path = "WorthWatchStorage/Storage/DynamoTable/Resource"
    assert (alert["scanner"], alert["resource"], alert["contexts"], alert["waived"]) == ("one", path, [0], [])
    waivers = in_force(tmp_path, scanner="one", rule="R", resource=path, fingerprints=[alert["fingerprint"]])
    run("sound", form="json", imports=imports, waivers=waivers)
    after = told(capsys.readouterr().out)
    (waiver,) = load_waivers(waivers)
    (waived,) = after["alerts"]
    assert waived == alert | {"waived": [0], "waivers": waived["waivers"]}
    (cover,) = waived["waivers"]
    assert cover == asdict(waiver.cover(waiver.expires)) | {"days_left": cover["days_left"]}
    assert cover["days_left"] in {0, 1}  # a run may go over midnight
    assert [one["findings"] for one in after["waivers"]["waived"]] == [1]


@pytest.mark.parametrize(("matrix", "kinds"), [("smoke", []), ("pairwise", ["unused"]), ("full", ["unused"])])
def test_unused_waivers(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], matrix: Matrix, kinds: list[str]
) -> None:
    """Whether a waiver is used is not for the few contexts of the smoke matrix to say."""
    run("sound", form="json", waivers=in_force(tmp_path, scanner="worthwatch"), matrix=matrix)
    assert [one["kind"] for one in told(capsys.readouterr().out)["waivers"]["problems"]] == kinds


def test_a_report_of_another_run(run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told, by name, and the gate could not judge; nor is a canary of other templates this run's."""
    other = canary(["f" * 64])
    assert run("sound", imports=[report(tmp_path, result("f" * 64), result(other))]) == 2
    out = capsys.readouterr().out
    assert f"\ncould not judge one: it has read {'f' * 64}, 1 of other runs; " in out
    assert f"\ncould not judge one: it found something in {other}, which is of other templates, and nothing in " in out


def test_waivers_that_are_missing(run: Callable[..., int], tmp_path: Path) -> None:
    """Without the waivers that it is to hold, nothing is synthesised."""
    file = tmp_path / "missing"
    with pytest.raises(InputError) as raised:
        run("no such context", waivers=file)
    assert str(raised.value) == f"{file.as_posix()}: no such file; check the path"


def test_a_report_that_is_missing(run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All else is judged, in one summary, of which the report is a problem."""
    missing, empty = tmp_path / "missing.sarif", tmp_path / "empty.sarif"
    empty.touch()
    assert run("sound", imports=[missing, empty]) == 2
    out = capsys.readouterr().out
    assert f"\ncould not judge {missing.as_posix()}: no such file; check the path\n" in out
    assert f"\ncould not judge {empty.as_posix()}: empty: the scanner has printed nothing; " in out
    assert "\ncould not judge all: 1 contexts, 1 templates, " in out


def test_scanners_without_a_report(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one is imported, each that waivers or pairs are about has to be; one of a misspelt name is none."""
    pairs = pair(), pair(scanner="cdk-nag"), pair(scanner="cdk-nag", rule="CKV_AWS_29")
    monkeypatch.setattr(matrix_run, "load_pairs", lambda _: pairs)
    waivers = in_force(tmp_path, scanner="chekov")
    assert run("sound", form="json", imports=[report(tmp_path)], waivers=waivers) == 2
    problems = told(capsys.readouterr().out)["problems"]
    mend = "import its report, or mend its name"
    assert [one for one in problems if "has not run" in one["message"]] == [
        {"where": "cdk-nag", "message": f"has not run, though named by 2 pairs; {mend}"},
        {"where": "checkov", "message": f"has not run, though named by 1 pair; {mend}"},
        {"where": "chekov", "message": f"has not run, though named by 1 waiver; {mend}"},
    ]


def test_no_scanner_was_asked(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any import our own rules alone are judged, and the last lines say of whom nothing is known."""
    monkeypatch.setattr(matrix_run, "load_pairs", lambda _: [pair(), pair(scanner="cfn-lint")])
    run("sound", waivers=in_force(tmp_path, scanner="cfn-lint"))
    assert capsys.readouterr().out.splitlines()[-3] == (
        "not asked 2 other scanners that waivers and policies/agreement.toml are about: cfn-lint (1 waiver and 1 "
        "pair), checkov (1 pair); import their reports, or run `tox run -e gate`"
    )


def test_no_color(
    run: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With NO_COLOR a scanner's message comes without colours and without emoji, even on a terminal."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    said = "arn:aws:kms:key:x [red]\x1b[31m"
    run("sound", imports=[report(tmp_path, result("f" * 64, message={"text": said}, locations=[]))])
    out = capsys.readouterr().out
    assert "R is about no template: arn:aws:kms:key:x [red]\\x1b[31m" in out
    assert re.findall(r"\x1b\[(?:\d+;)*[34]\d", out) == []


@pytest.mark.parametrize(
    ("options", "environment", "cached"),
    [
        ([], {}, True),
        ([], {"CI": ""}, True),
        ([], {"CI": "true"}, False),
        (["--cache"], {"CI": "true"}, True),
        (["--no-cache"], {}, False),
    ],
)
def test_who_reads_the_cache(
    options: list[str], environment: dict[str, str], cached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever works does, unless told not to; the CI does not, unless asked to."""
    asked: list[bool] = []

    def main(_: str, inputs: matrix_run.Inputs, *__: object) -> int:
        asked.append(inputs.cached)
        return 0

    monkeypatch.setattr(matrix_run, "main", main)
    monkeypatch.delenv("CI")
    assert invoke(["gate", *options], env=environment).exit_code == 0
    assert asked == [cached]


def test_the_cache_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that takes templates from the cache says how many, and comes to the same; nothing is synthesised again."""
    monkeypatch.chdir(tmp_path)
    runs = []
    for _ in range(2):
        result = invoke(
            ["gate", "--matrix", "smoke", "--cache", "--format", "json", "--output", "gate.json"],
            env={"XDG_CACHE_HOME": str(tmp_path)},
        )
        runs.append(
            (result.exit_code, result.stdout.splitlines()[-1], json.loads(Path("gate.json").read_text("utf-8")))
        )
        monkeypatch.setattr("stack.cache.synthesise", lambda *_, **__: iter(()))
    (cold, said, document), (warm, said_again, again) = runs
    assert (cold, warm) == (0, 0)
    assert said_again == said.replace("12 contexts,", "12 contexts (12 of them from the cache),")
    assert (document["summary"].pop("cached"), again["summary"].pop("cached")) == (0, 12)
    assert again == document
