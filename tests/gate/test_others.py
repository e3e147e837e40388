"""What other scanners and the waivers come to, as text and as JSON."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from jsonschema import Draft202012Validator

from evidence.console import Console
from gate.document import render as document
from gate.document import schema
from gate.others_text import bottom_line, render
from gate.run import Run
from gate.scans import Others
from policies.waiver_model import Waiver
from scanners.model import ScannerFinding
from tests.gate.scanned import PROD, TABLE, found, gated, judged, scan, source, violated
from tests.policies.pairs import pair
from tests.policies.waivers import waiver

PLAIN = source()
TOLD = found(PLAIN, logical="Table", message="not [red]encrypted[/]\nat rest", help_uri="https://example.org/R")


def fingerprints(*findings: ScannerFinding) -> list[str]:
    """Return what findings are known by."""
    return sorted(one.alert.fingerprint for one in others(gated(judged(PLAIN), scans=(scan(*findings),))).reported)


def theirs(*findings: ScannerFinding, **changed: object) -> Waiver:
    """Return a waiver of findings on the table."""
    known = fingerprints(*(findings or (TOLD,)))
    return waiver(**({"scanner": "one", "rule": "R", "resource": TABLE, "fingerprints": known} | changed))


def others(run: Run) -> Others:
    """Return what other scanners and waivers come to in a run."""
    assert run.others is not None
    return run.others


def printed(run: Run, width: int = 150, *, coloured: bool = False) -> str:
    """Return the text."""
    console = Console(width=width, coloured=coloured)
    render(others(run), 3, console)
    return console.printed


def test_nothing() -> None:
    """Without scanners and waivers there is nothing to add."""
    run = gated(judged(PLAIN))
    assert (printed(run), bottom_line(others(run))) == ("", "")


def test_a_finding_is_told_in_full() -> None:
    """The scanners, what stands, and the sum: the whole text of a small run."""
    contexts = judged(PLAIN), judged(PLAIN, name="prod", settings=PROD), judged(PLAIN, name="again")
    run = gated(
        *contexts, scans=(scan(TOLD, version="1.2", read=(PLAIN,)),), waivers=(theirs(when={"stage": ["prod"]}),)
    )
    (fingerprint,) = fingerprints(TOLD)
    assert printed(run) == (
        "\n"
        "scanner  version  findings  waived  not waived\n"
        "one          1.2         1       ·           1\n"
        "\n"
        "warning one R\n"
        "  not [red]encrypted[/]\n"
        "  at rest\n"
        f"  resource: {TABLE}\n"
        "  seen in:  2 of 3 contexts, such as dev; waived in 1 other\n"
        f"  known by: {fingerprint}\n"
        "  help:     https://example.org/R\n"
        "\n"
        f"waived  on{' ' * 46}findings  days left  owner\n"
        f"one R   {TABLE}         1         91  Storage team\n"
        "        stage prod"
    )
    assert bottom_line(others(run)) == (
        "1 other scanner: 1 finding, 1 not waived; 1 waiver, the first of which ends in 91 days"
    )


def test_ours_waived() -> None:
    """What our own rules have found is told with the verdicts, and here as waived, with the days left."""
    alone = gated(judged(PLAIN, violated(PLAIN)))
    assert printed(alone) == ""
    known = [one.alert.fingerprint for one in others(alone).reported]
    rule = "dynamodb-storage#table-encryption/encryption-enabled"
    ours = waiver(scanner="worthwatch", rule=rule, resource=TABLE, fingerprints=known)
    run = gated(judged(PLAIN, violated(PLAIN)), waivers=(ours,))
    assert [line.split() for line in printed(run).splitlines()] == [
        [],
        ["waived", "on", "findings", "days", "left", "owner"],
        [rule, TABLE, "1", "91", "Storage", "team"],
    ]
    assert bottom_line(others(run)) == "1 waiver, the first of which ends in 91 days"


def test_notices() -> None:
    """Scanners that cannot be relied on, what is wrong with waivers, and what ends soon."""
    soon = theirs(expires=date(2025, 5, 2))
    expired = theirs(rule="S", created=date(2024, 5, 2), expires=date(2025, 4, 30))
    waivers = soon, expired, theirs(scanner="three")
    failed = scan(name="four", failures=("it \x1b[31mfailed [red]",))
    run = gated(judged(PLAIN), scans=(scan(TOLD), failed), waivers=waivers)
    renew = "mend what it covers, or have its owner review and renew it"
    assert printed(run).splitlines()[-7:] == [
        "",
        "no list one, four keep none of what was read: what was found in the canary shows that this folder was "
        "scanned, not that each template was",
        "could not judge three: has not run, though named by 1 waiver; import its report, or mend its name",
        "could not judge four: it \\x1b[31mfailed [red]",
        f"waiver expired one S on {TABLE}: held until 2025-04-30: what it covered counts again; {renew}",
        f"waiver unused one S on {TABLE}: nothing that it matches was found: take it out",
        f"waiver ends soon one R on {TABLE}: holds until 2025-05-02, 1 day from today: {renew}",
    ]
    ends = "1 waiver, the first of which ends in 1 day; [bold red]2 problems of waivers[/]"
    assert bottom_line(others(run)).endswith(ends)


def test_not_asked() -> None:
    """Without a report of any, all that waivers and pairs are about are told, counted, before the sum."""
    waivers = theirs(scanner="two"), theirs(scanner="two", rule="S"), theirs(scanner="three")
    told = printed(gated(judged(PLAIN), waivers=waivers, pairs=(pair(),)))
    assert told.splitlines() == [
        "",
        "not asked 3 other scanners that waivers and policies/agreement.toml are about: checkov (1 pair), three (1 "
        "waiver), two (2 waivers); import their reports, or run `tox run -e gate`",
    ]
    assert printed(gated(judged(PLAIN), scans=(scan(),), waivers=waivers)).count("not asked") == 0


def test_not_tried() -> None:
    """In a few contexts alone: the waivers of which nothing was found there, and none that waives."""
    waivers = theirs(), theirs(rule="S", when={"stage": ["prod"]}), theirs(rule="T")
    told = printed(gated(judged(PLAIN), scans=(scan(TOLD),), waivers=waivers, exhaustive=False))
    assert told.splitlines()[-1] == (
        f'2 waivers could not be tried, such as one S on {TABLE} when stage is "prod": '
        "not every value of every setting was tried"
    )


def test_what_an_over_broad_waiver_asks_for_is_not_cut() -> None:
    """What to do is said at the end of a long message."""
    more = [found(PLAIN, logical="Table", message=f"another {number * 'x'}") for number in range(5)]
    told = printed(gated(judged(PLAIN), scans=(scan(TOLD, *more),), waivers=(theirs(),)))
    assert told.endswith(
        "and 2 more; mend that, or let it match less, by rule, resource or when, or review that and add its fingerprint"
    )


HOSTILE = "\x1b[31m[bold]x[/] \x07\u202e\u2028[/] :lock: arn:aws:kms:key:\\"
SHOWN = "\\x1b[31m[bold]x[/] \\x07\\u202e"


def test_hostile_texts() -> None:
    """What a scanner wrote moves no cursor, and is no markup and no emoji."""
    finding = found(PLAIN, rule=HOSTILE, logical=f"A/{HOSTILE}", message=HOSTILE, help_uri=HOSTILE)
    run = gated(judged(PLAIN), scans=(scan(finding, version=HOSTILE, failures=(HOSTILE,)),))
    told = printed(run, width=400)
    assert told.count(SHOWN) == 6
    assert told.count(":lock: arn:aws:kms:key:") == 6
    assert not set("\x07\u202e\u2028") & set(told)
    assert "\x1b[31m" not in told


def test_no_color() -> None:
    """Without colours nothing is lost: a reader sees the same words."""
    run = gated(judged(PLAIN), scans=(scan(TOLD, failures=("it failed",)),), waivers=(theirs(),))
    plain = printed(run)
    assert "\x1b" not in plain
    coloured = printed(run, coloured=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == plain.split()


def test_long_texts() -> None:
    """Of long messages the beginning is shown: of each line, and of the lines."""
    long = found(PLAIN, logical="Table", message="\n".join(["x" * 400] * 12), rule="r" * 400)
    told = printed(gated(judged(PLAIN), scans=(scan(long, version="1" * 400),)), width=2_000)
    assert told.count("x" * 300 + "…\n") == 10
    assert "x" * 301 not in told
    assert "\n  … and 2 more lines\n" in told
    assert ("1" * 301 in told, "r" * 301 in told) == (False, False)


def test_many_findings() -> None:
    """The first are shown, and how many there are besides."""
    many = [found(PLAIN, rule=f"R{number}") for number in range(25)]
    none = [found(None, rule=f"N{number}") for number in range(25)]
    told = printed(gated(judged(PLAIN), scans=(scan(*many, *none),)))
    assert ([told.count(f"warning one R{number}\n") for number in (0, 19, 20)]) == [1, 1, 0]
    assert "\nand 5 more findings of other scanners\n" in told
    assert told.count("could not judge one: N") == 20
    assert told.endswith("\ncould not judge 5 more")


# JSON


def documented(run: Run) -> dict[str, Any]:
    """Return a run's document, which is as its schema says."""
    told: dict[str, Any] = json.loads("".join(document(run)))
    Draft202012Validator(schema()).validate(told)
    return told


def test_of_a_check() -> None:
    """A check has no other scanners, and no waivers."""
    told = documented(Run())
    assert {key: told[key] for key in ("scanners", "alerts", "waivers")} == {
        "scanners": [],
        "alerts": [],
        "waivers": None,
    }


def test_documented() -> None:
    """Scanners, alerts with the places of their contexts, and all that there is to say of waivers."""
    contexts = judged(PLAIN), judged(source(above=1), name="a"), judged(PLAIN, name="prod", settings=PROD)
    dev = theirs(when={"stage": ["dev"]}, expires=date(2025, 5, 2))
    expired = theirs(rule="S", created=date(2024, 5, 2), expires=date(2025, 4, 30))
    two = scan(name="two", version="2.0", canaries={}, failures=("it failed",))
    waivers = dev, expired, theirs(scanner="three")
    run = gated(*contexts, scans=(scan(TOLD, read=(PLAIN, source(above=1))), two), waivers=waivers)
    told = documented(run)
    (fingerprint,) = fingerprints(TOLD)
    problems = [said for name, said in others(run).problems if name == "two"]
    assert (len(problems), problems[0]) == (2, "it failed")
    assert told["scanners"] == [
        {"name": "one", "version": None, "lists_templates": True} | {"findings": 1, "not_waived": 1, "problems": []},
        {"name": "two", "version": "2.0", "lists_templates": False}
        | {"findings": 0, "not_waived": 0, "problems": problems},
    ]
    assert list(told["contexts"]) == ["a", "dev", "prod"]
    assert told["alerts"] == [
        {
            "scanner": "one",
            "rule": "R",
            "resource": TABLE,
            "fingerprint": fingerprint,
            "level": "warning",
            "message": "not [red]encrypted[/]\nat rest",
            "help": "https://example.org/R",
            "contexts": [1, 2],
            "waived": [1],
            "waivers": [
                {
                    "scanner": "one",
                    "rule": "R",
                    "resource": TABLE,
                    "when": {"stage": ["dev"]},
                    "owner": dev.owner,
                    "expires": "2025-05-02",
                    "days_left": 1,
                    "reason": dev.reason,
                }
            ],
        }
    ]
    waiving = others(run).waiving
    as_told = {one.name: one.model_dump(mode="json") for one in waivers}
    assert told["waivers"] == {
        "waived": [{"waiver": as_told[dev.name], "days_left": 1, "findings": 1}],
        "problems": [
            {"kind": str(one.kind), "waiver": as_told[expired.name], "message": one.message} for one in waiving.problems
        ],
        "warnings": [{"waiver": as_told[dev.name], "message": waiving.warnings[0].message}],
        "not_asked": [{"waiver": as_told[waivers[2].name], "message": "three did not run"}],
    }
    assert [one["kind"] for one in told["waivers"]["problems"]] == ["expired", "unused"]
    assert as_told[dev.name]["when"] == {"stage": ["dev"]}
    assert told["summary"]["exit_code"] == 2


def test_imported_twice() -> None:
    """One scanner of two reports is one, of which the first tells the version; that there are two is a problem."""
    again = scan(TOLD, version="2.0", read=(PLAIN,))
    run = gated(judged(PLAIN), scans=(scan(TOLD, version="1.0"), scan(name="two", read=(PLAIN,)), again))
    twice = "several runs of it are imported; import one report of all templates"
    assert bottom_line(others(run)) == "2 other scanners: 1 finding, 1 not waived"
    assert printed(run).splitlines()[1:4] == [
        "scanner  version  findings  waived  not waived",
        "one          1.0         1       ·           1",
        "two      unknown         0       ·           ·",
    ]
    assert documented(run)["scanners"] == [
        {"name": "one", "version": "1.0", "lists_templates": False}
        | {"findings": 1, "not_waived": 1, "problems": [twice]},
        {"name": "two", "version": None, "lists_templates": True} | {"findings": 0, "not_waived": 0, "problems": []},
    ]


def test_ours_documented() -> None:
    """A violation that our own rules have found is an alert, too, waived or not: a waiver can be written from it."""
    told = documented(gated(judged(PLAIN, violated(PLAIN))))
    ((scanner, rule, contexts, waived),) = (
        (one["scanner"], one["rule"], one["contexts"], one["waived"]) for one in told["alerts"]
    )
    assert (scanner, rule) == ("worthwatch", "dynamodb-storage#table-encryption/encryption-enabled")
    assert (contexts, waived, told["scanners"], told["summary"]["exit_code"]) == ([0], [], [], 1)


def test_ours_documented_as_waived() -> None:
    """The verdict has its outcome and the waiver; counts and the exit code are those of a run that holds."""
    known = [one.alert.fingerprint for one in others(gated(judged(PLAIN, violated(PLAIN)))).reported]
    rule = "dynamodb-storage#table-encryption/encryption-enabled"
    ours = waiver(scanner="worthwatch", rule=rule, resource=TABLE, fingerprints=known)
    told = documented(gated(judged(PLAIN, violated(PLAIN)), waivers=(ours,)))
    assert [(one["outcome"], one["waiver"] is None) for one in told["verdicts"]] == [
        ("waived", False),
        ("compliant", True),
    ]
    assert [(one["contexts"], one["waived"]) for one in told["alerts"]] == [([0], [0])]
    assert (told["summary"]["outcomes"]["waived"], told["summary"]["exit_code"]) == (1, 0)


def test_scanners_that_keep_no_list() -> None:
    """They are believed by the canary, and what that does not show is said."""
    run = gated(judged(PLAIN), scans=(scan(), scan(name="two", read=(PLAIN,))))
    assert [(one["name"], one["lists_templates"]) for one in documented(run)["scanners"]] == [
        ("one", False),
        ("two", True),
    ]
    assert [each for each in printed(run).splitlines() if each.startswith("no list")] == [
        "no list one keeps none of what was read: what was found in the canary shows that this folder was scanned, not "
        "that each template was"
    ]
