"""What other scanners say of templates: on which resource it is, what it is known by, and when it is not believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gate.scans import Alert, Scans, read_scans
from policies.waiving import fingerprint, spelt
from scanners.canary import canary
from scanners.model import Level, Scan, ScannerFinding
from tests.gate.scanned import FUNCTION, TABLE, beside, digest, found, line, paths, scan, source
from tests.scanners.logs import log, result, run

PLAIN = source()
MESSAGE = "Table: 'PROVISIONED' is dear"


def alerts(*findings: ScannerFinding, template: bytes = PLAIN, table: str = "Table") -> tuple[Alert, ...]:
    """Return the alerts of findings in a template."""
    return Scans([scan(*findings)]).alerts(digest(template), template, paths(table))


def at_billing(template: bytes = PLAIN, **changed: object) -> ScannerFinding:
    """Return a finding at the table's billing mode, as cfn-lint tells it."""
    place = {"line": line(template, "BillingMode"), "column": 5}
    return found(template, **({"message": MESSAGE} | place | changed))


def known(finding: ScannerFinding, template: bytes = PLAIN, table: str = "Table") -> str:
    """Return what the only alert of a finding is known by."""
    (alert,) = alerts(finding, template=template, table=table)
    return alert.fingerprint


def test_whole() -> None:
    """An alert has the construct path for the line, and all else as the scanner told it."""
    finding = at_billing(level=Level.ERROR, help_uri="https://example.org/R")
    body = {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PROVISIONED"}}
    at = f"{spelt(['Properties', 'BillingMode'])}, {spelt('PROVISIONED')}, {spelt(body)}"
    expected = fingerprint("one", "R", TABLE, f"{TABLE}: 'PROVISIONED' is dear", at)
    assert alerts(finding) == (Alert("one", "R", TABLE, expected, Level.ERROR, MESSAGE, "https://example.org/R"),)


@pytest.mark.parametrize(
    ("told", "resource"),
    [
        ({"line": line(PLAIN, '"Table": {')}, TABLE),
        ({"line": line(PLAIN, "S3Key")}, FUNCTION),
        ({"logical": "Table"}, TABLE),
        ({"logical": "Pathless"}, "Pathless"),
        ({"line": line(PLAIN, "AWS::SNS::Topic")}, "Pathless"),
        ({"logical": "WorthWatchStorage/Vpc"}, "WorthWatchStorage/Vpc"),
        ({"logical": "Table", "line": line(PLAIN, "S3Key")}, TABLE),
        ({"logical": "Nobody"}, "template"),
        ({"line": 1}, "template"),
        ({"line": 100_000}, "template"),
        ({"line": line(PLAIN, '"Resources"')}, "template"),
        ({}, "template"),
    ],
)
def test_resources(told: dict[str, object], resource: str) -> None:
    """A construct path; the logical id of a resource without one; `template` for what is about no resource."""
    assert [alert.resource for alert in alerts(found(PLAIN, **told))] == [resource]


def test_only_of_the_template() -> None:
    """What was found in another template is none of this one's."""
    other = source(billing="PAY_PER_REQUEST")
    scans = Scans([scan(found(other, rule="S"), found(PLAIN))])
    assert [alert.rule for alert in scans.alerts(digest(PLAIN), PLAIN, paths())] == ["R"]
    assert [alert.rule for alert in scans.alerts(digest(other), other, paths())] == ["S"]
    assert scans.alerts("0" * 64, PLAIN, paths()) == ()


def test_what_says_the_same() -> None:
    """Findings that differ in their lines alone are one alert, and the first tells what it says."""
    lines = [found(PLAIN, message=f"wrong on line {number}", logical="Table", line=number) for number in (1, 2)]
    assert [alert.message for alert in alerts(*lines)] == ["wrong on line 1"]


@pytest.mark.parametrize("text", ["S3Key", "Fn::Sub", "x", "Role", "DependsOn", "Environment", "Type", "Function"])
def test_logical_ids_do_not_count(text: str) -> None:
    """Neither in the message nor in what stands at the place, be it part of a text, or a key."""
    renamed = source("Renamed")
    one = known(at_billing(line=line(PLAIN, f'"{text}"'), column=None, message="'Table' of ${Table.Arn}"))
    other = at_billing(renamed, line=line(renamed, f'"{text}"'), column=None, message="'Renamed' of ${Renamed.Arn}")
    assert known(other, renamed, "Renamed") == one


def test_lines_do_not_count() -> None:
    """Neither the line of the place nor those that the message names."""
    moved = source(above=7)
    said = [at_billing(template, message=f"see line {line(template, 'BillingMode')}") for template in (PLAIN, moved)]
    assert said[0].message != said[1].message
    assert known(said[0]) == known(said[1], moved)


def test_assets_do_not_count() -> None:
    """Neither in the place's text nor in the message."""
    other = source(asset="b" * 64)
    said = [
        found(template, line=line(template, "S3Key"), column=8, message=f"asset {asset * 64} of it")
        for template, asset in ((PLAIN, "a"), (other, "b"))
    ]
    assert known(said[0]) == known(said[1], other)


def test_what_counts() -> None:
    """What stands at the place, the message, the resource, the rule and the scanner: each makes it another."""
    dear = source(billing="PAY_PER_REQUEST")
    others = [
        known(at_billing(dear), dear),
        known(at_billing(message=f"{MESSAGE}!")),
        known(at_billing(line=line(PLAIN, "AWS::SNS::Topic"), column=None)),
        known(at_billing(rule="S")),
        known(at_billing(scanner="two")),
    ]
    assert len({known(at_billing()), *others}) == len(others) + 1


def test_a_whole_resource() -> None:
    """A scanner that tells only the resource is known by what stands there, by whichever name it calls it."""
    body = {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PROVISIONED"}}
    expected = fingerprint("one", "R", TABLE, "wrong", spelt(body))
    told: list[dict[str, Any]] = [{"logical": "Table"}, {"logical": TABLE}, {"line": line(PLAIN, '"Table": {')}]
    assert [known(found(PLAIN, **one)) for one in told] == [expected] * 3


OPEN: dict[str, Any] = {"Resources": {"Table": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"Ports": [80, 80]}}}}


def wide_open(document: dict[str, Any], *lines: str) -> list[str]:
    """Return what findings of one wording are known by, on such lines of a template, one after another."""
    template = json.dumps(document, indent=1).encode()
    numbers = [number for number, told in enumerate(template.decode().splitlines(), 1) if told.strip(" ,") in lines]
    findings = [found(template, line=number, column=1, message="wide open") for number in numbers]
    return [alert.fingerprint for alert in alerts(*findings, template=template)]


def test_each_of_those_that_say_the_same() -> None:
    """A second violation worded as one that was waived is another finding, and so is one whose surroundings changed."""
    one, two = wide_open(OPEN, "80")
    assert one != two
    changed = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"Ports": [80, 80], "Protocol": "tcp"}}
    assert not {one, two} & set(wide_open({"Resources": {"Table": changed}}, "80"))
    besides = {"Other": {"Type": "AWS::SNS::Topic"}}
    assert wide_open({"Resources": besides | OPEN["Resources"]}, "80") == [one, two]


@pytest.mark.parametrize("section", ["Parameters", "Outputs", "Mappings"])
def test_each_entry_of_those_that_say_the_same(section: str) -> None:
    """What is wrong with one parameter is not wrong with another, wherever it stands in either."""
    secret = {"Type": "String", "Default": "secret"}
    places = [
        {section: {"A": secret}},
        {section: {"B": secret}},
        {"Parameters" if section[0] != "P" else "Rules": {"A": secret}},
    ]
    for told in ('"Default": "secret"', '"A": {', '"B": {'):
        known_by = [one for document in places for one in wide_open(document, told)]
        assert len(set(known_by)) == len(known_by) > 0
    (before,) = wide_open({section: {"A": secret}}, '"Default": "secret"')
    assert wide_open({section: {"A": secret | {"NoEcho": True}}}, '"Default": "secret"') != [before]
    assert wide_open({section: {"B": {}, "A": secret}}, '"Default": "secret"') == [before]


def test_assets_of_parameters() -> None:
    """The legacy synthesizer's parameters differ by their assets alone: each is told by its number."""
    name = "AssetParameters{0}ArtifactHash{1}"
    declared = {"Type": "String"}
    lines = [f'"{name.format(digit * 64, "0A" * 4)}": {{' for digit in "abc"]
    one, two, three = (
        wide_open({"Parameters": {name.format(digit * 64, "0A" * 4): declared for digit in digits}}, *lines)
        for digits in ("a", "bc", "abc")
    )
    assert (two[:1], three[:2], len(set(three))) == (one, two, 3)


@pytest.mark.parametrize("told", [{"logical": "Table"}, {"line": line(PLAIN, "BillingMode")}])
def test_vague(told: dict[str, Any]) -> None:
    """One of several resources, or a place that we do not read: known by the whole template."""
    changed = PLAIN.replace(b"NAME", b"OTHER")
    finding = found(PLAIN, vague=True, **told)
    assert [alert.resource for alert in alerts(finding)] == [TABLE]
    assert known(finding) != known(found(changed, vague=True, **told), changed)
    assert known(found(PLAIN, **told)) == known(found(changed, **told), changed)


FROM_TABLE_ON: dict[str, Any] = {"line": line(PLAIN, '"Table": {'), "end_line": line(PLAIN, "S3Key")}


@pytest.mark.parametrize(
    "told",
    [
        FROM_TABLE_ON,
        {"logical": "Table", **FROM_TABLE_ON},
        {"logical": "Table", "line": line(PLAIN, "S3Key")},
        {"logical": "Table", "line": 100_000},
    ],
    ids=["beyond", "named-and-beyond", "named-and-elsewhere", "named-and-past-the-end"],
)
@pytest.mark.parametrize("other", [b"NAME", b"AWS::SNS::Topic"])
def test_more_than_a_resource(told: dict[str, Any], other: bytes) -> None:
    """A region beyond the resource, or elsewhere than its name: on that, and known by the whole template."""
    changed = PLAIN.replace(other, b"Changed")
    assert [alert.resource for alert in alerts(found(PLAIN, **told))] == [TABLE]
    assert known(found(PLAIN, **told)) != known(found(changed, **told), changed)


def test_what_stands_at_a_place_is_spelt_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much a rule finds there: it can be all of a large template, and a scanner finds thousands."""
    spelt_values: list[object] = []

    def counted(value: object) -> str:
        spelt_values.append(value)
        return spelt(value)

    monkeypatch.setattr("gate.spelling.spelt", counted)
    many = [
        found(PLAIN, message=f"wrong {number}", **told) for number in range(9) for told in ({}, {"logical": "Table"})
    ]
    assert len(alerts(*many)) == 18
    body = {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PROVISIONED"}}
    assert (len(spelt_values), spelt_values[1]) == (2, body)


def test_no_resource() -> None:
    """What is about none is about the template, or about a construct that is none."""
    told: list[dict[str, Any]] = [{"logical": "WorthWatchStorage/Vpc"}, {"line": line(PLAIN, '"Resources"')}]
    about = [alert.resource for one in told for alert in alerts(found(PLAIN, **one))]
    assert about == ["WorthWatchStorage/Vpc", "template"]


def test_a_template_that_is_none() -> None:
    """Of one that is no JSON no place is known, and so all of it counts."""
    known_by = fingerprint("one", "R", "template", "wrong", spelt({"a": 1}))
    told = Alert("one", "R", "template", known_by, Level.WARNING, "wrong", None)
    assert alerts(found(b"a: 1", line=1, column=1), template=b"a: 1") == (told,)


# What is not believed


def problems(*scans: Scan, templates: tuple[bytes, ...] = (PLAIN,)) -> list[tuple[str, str]]:
    """Return why scans cannot be relied on for templates."""
    digests = [digest(template) for template in templates]
    return list(Scans(beside(scan, digests) for scan in scans).problems(digests))


OTHER = source(billing="PAY_PER_REQUEST")


def test_relied_on() -> None:
    """Scans that have found something in the canary; one lists what it has read, too."""
    assert problems(scan(), scan(name="two", read=(PLAIN,))) == []


def test_crashed() -> None:
    """A scanner that says that it failed."""
    assert problems(scan(failures=("it has not run to its end",))) == [("one", "it has not run to its end")]


def test_read_some() -> None:
    """One that lists some of the templates."""
    told = f"it has not read {digest(OTHER)}, 1 of 2 templates"
    assert problems(scan(read=(PLAIN,)), templates=(PLAIN, OTHER)) == [("one", told)]


def test_of_another_run() -> None:
    """One that has findings in templates that are not of the run."""
    told = f"it has read {digest(OTHER)}, 1 of other runs; run it again on the templates of this one"
    assert problems(scan(found(OTHER))) == [("one", told)]


def test_no_templates() -> None:
    """A run without templates shows nothing of a scanner."""
    assert problems(scan(), templates=()) == [("one", "there are no templates that it could have read")]


@pytest.mark.parametrize("read", [(), (PLAIN,)])
@pytest.mark.parametrize("found_in", [{}, {canary([digest(OTHER)]): frozenset({"R"})}])
def test_read_nothing(read: tuple[bytes, ...], found_in: dict[str, frozenset[str]]) -> None:
    """One that found nothing in the canary of these templates, whatever it lists, and found in another."""
    ((scanner, said),) = problems(scan(canaries=found_in, read=read))
    other = f"something in {canary([digest(OTHER)])}, which is of other templates, and " if found_in else ""
    told = f"it found {other}nothing in the canary, {canary([digest(PLAIN)])}.template.json: it may have read nothing"
    assert (scanner, said.rpartition("; ")[0]) == ("one", told)


def test_sung() -> None:
    """The rules that each scanner has found violated in the canary of these templates, and of no others."""
    here, there = canary([digest(PLAIN)]), canary([digest(OTHER)])
    one = scan(canaries={here: frozenset({"R", "S"}), there: frozenset({"T"})})
    scans = Scans([one, scan(name="two", canaries={there: frozenset({"T"})})])
    assert scans.sung([digest(PLAIN)]) == {"one": {"R", "S"}}


def test_twice() -> None:
    """Two reports of one scanner: neither would have to be of all templates."""
    told = "several runs of it are imported; import one report of all templates"
    assert problems(scan(), scan(), scan(name="two")) == [("one", told)]


def test_about_no_template() -> None:
    """A finding that is about no template can be shown in no context."""
    assert problems(scan(found(None, message="no licence"))) == [("one", "R is about no template: no licence")]


# Reading


def test_read(tmp_path: Path) -> None:
    """Each run of each file is a scan, in their order; a name stands once."""
    files = [tmp_path / "a.sarif", tmp_path / "b.sarif"]
    files[0].write_text(json.dumps(log(run(result()), run(driver={"name": "Two"}))), encoding="utf-8")
    files[1].write_text(json.dumps(log(run())), encoding="utf-8")
    scans = read_scans(files)
    assert ([each.name for each in scans.scans], scans.names) == (["one", "two", "one"], ["one", "two"])
    assert read_scans([]).scans == ()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, "no such file; check the path"),
        (b"", "empty: the scanner has printed nothing; expected a SARIF 2.1.0 log, as scanners write it"),
        (b'{"version": "2.1.0", "runs": []}', "$.runs: empty: no scanner has run; see what it printed"),
    ],
)
def test_no_report(tmp_path: Path, data: bytes | None, problem: str) -> None:
    """A report that is missing, or of a scanner that printed nothing, is no silence, and keeps no other from us."""
    file, other = tmp_path / "a.sarif", tmp_path / "b.sarif"
    if data is not None:
        file.write_bytes(data)
    other.write_text(json.dumps(log(run())), encoding="utf-8")
    scans = read_scans([file, other])
    assert [(error.where, error.problem) for error in scans.unreadable] == [(file.as_posix(), problem)]
    assert (scans.names, scans.given, read_scans([file]).given, read_scans([]).given) == (["one"], True, True, False)


def test_a_folder_of_reports(tmp_path: Path) -> None:
    """It stands for the SARIF files in it; one that has none is no silence."""
    folder, empty = tmp_path / "scan", tmp_path / "empty"
    (folder / "templates").mkdir(parents=True)
    empty.mkdir()
    for name in ("two", "one"):
        (folder / f"{name}.sarif").write_text(json.dumps(log(run(driver={"name": name}))), encoding="utf-8")
    scans = read_scans([folder, empty])
    problem = "a folder without *.sarif; expected the reports of scanners"
    assert [(error.where, error.problem) for error in scans.unreadable] == [(empty.as_posix(), problem)]
    assert scans.names == ["one", "two"]


def test_a_folder_in_parts(tmp_path: Path) -> None:
    """What lies in its parts is read, and what lies beside them; a part without any report is no silence."""
    for place, name in ((".", "beside"), ("part-01", "one"), ("part-02", "one"), ("part-x", "other")):
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / "a.sarif").write_text(json.dumps(log(run(driver={"name": name}))), encoding="utf-8")
    assert [scan.name for scan in read_scans([tmp_path]).scans] == ["beside", "one", "one"]
    (tmp_path / "part-03").mkdir()
    assert [error.where for error in read_scans([tmp_path]).unreadable] == [(tmp_path / "part-03").as_posix()]
