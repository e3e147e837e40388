"""Running other scanners: a report tells of every template that it was read, or why not, or there is none; by fakes."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from scanners import canary, running
from scanners.run_cfn_guard import CFN_GUARD
from scanners.run_cfn_lint import CFN_LINT
from scanners.run_checkov import CHECKOV
from scanners.running import Scanner, main
from scanners.sarif import read_sarif

SCANNERS = (CFN_LINT, CHECKOV, CFN_GUARD)
TEMPLATES = (b'{"Resources": {"A": {}}}', b'{"Resources": {"B": {}}}')
NAMES = sorted(f"{hashlib.sha256(data).hexdigest()}.template.json" for data in TEMPLATES)
BESIDE = f"{canary.canary(name.partition('.')[0] for name in NAMES)}.template.json"
ALL = sorted([*NAMES, BESIDE])

PRELUDE = """
import json, os, sys
from pathlib import Path

names = sorted(file.name for file in Path().iterdir())
canary = next(name for name in names if name.startswith("canary"))

def option(name):
    return Path(sys.argv[sys.argv.index(name) + 1])

def result(rule, name):
    place = {"physicalLocation": {"artifactLocation": {"uri": name}}}
    return {"ruleId": rule, "message": {"text": "wrong"}, "locations": [place]}
"""

REPORT = {
    "cfn-lint": """
def report(log, read=names):
    option("--output-file").write_text(json.dumps(log))
    for name in read:
        sys.stderr.write(f"2026-01-01 - cfnlint.runner - INFO - Run scan of template {name}\\n")
""",
    "checkov": """
def report(log, read=names, unparsed=()):
    folder = option("--output-file-path")
    (folder / "results_sarif.sarif").write_text(json.dumps(log))
    results = {"passed_checks": [], "failed_checks": [], "skipped_checks": [], "parsing_errors": list(unparsed)}
    for kind, name in zip(["passed_checks", "failed_checks", "skipped_checks"] * len(names), read):
        results[kind].append({"file_path": f"/{name}"})
    (folder / "results_json.json").write_text(json.dumps({"results": results}))

def logged(level, said):
    sys.stderr.write(f"2026-01-01 00:00:00,001 [MainThread  ] [{level}]  {said}\\n")

def running(name):
    if not checking:
        logged("INFO ", "Successfully created CloudFormation graph")
    checking.append(name)
    logged("DEBUG", f"Running check: Ensure that all is well on file /{name}")

checking = []
""",
    "cfn-guard": """
def report(log, read=names, failed=None):
    reports = Path(sys.argv[1])
    (reports / "cfn-guard.sarif").write_text(json.dumps(log))
    (reports / "read.json").write_text(json.dumps({"read": read, "failed": failed or {}}))
""",
}


def program(folder: Path, scanner: Scanner, body: str) -> Path:
    """Write a fake scanner that does what `body` says, and return the folder of programs."""
    programs = folder / "programs"
    programs.mkdir()
    results = f"[result(rule, canary) for rule in {sorted(scanner.canary)}]"
    driver = scanner.name.capitalize()
    log = f"""
results = {results}
log = {{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": {driver!r}}}}}, "results": results}}]}}
"""
    (programs / scanner.name).write_text(PRELUDE + REPORT[scanner.name] + log + body)
    return programs


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Return a folder with templates, the canary, and a report of an earlier run of each scanner."""
    folder = tmp_path / "scan"
    (folder / "templates").mkdir(parents=True)
    for data in TEMPLATES:
        (folder / "templates" / f"{hashlib.sha256(data).hexdigest()}.template.json").write_bytes(data)
    (folder / "templates" / BESIDE).write_bytes(canary.CANARY)
    for scanner in SCANNERS:
        (folder / f"{scanner.name}.sarif").write_text("of an earlier run")
    return folder


def add(scan: Path, template: bytes) -> str:
    """Add a template to a folder, with the canary of all of them, and return the name of its file."""
    digest = hashlib.sha256(template).hexdigest()
    every = [digest, *(name.partition(".")[0] for name in NAMES)]
    (scan / "templates" / f"{digest}.template.json").write_bytes(template)
    (scan / "templates" / BESIDE).rename(scan / "templates" / f"{canary.canary(every)}.template.json")
    return f"{digest}.template.json"


def result(rule: str, name: str) -> Mapping[str, object]:
    """Return a result as the fake scanners write it."""
    return {
        "ruleId": rule,
        "message": {"text": "wrong"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": name}}}],
    }


@pytest.mark.parametrize("scanner", SCANNERS, ids=lambda scanner: scanner.name)
def test_report(scan: Path, tmp_path: Path, scanner: Scanner, capsys: pytest.CaptureFixture[str]) -> None:
    """A report is the scanner's own, its results in order; it tells besides what was read, and that all went well."""
    body = f"results.insert(0, result('Z1', {NAMES[1]!r})); results.insert(0, result('Z2', {NAMES[0]!r})); report(log)"
    assert main(scanner, [str(scan)], program(tmp_path, scanner, body)) == 0
    report = scan / f"{scanner.name}.sarif"
    found = [("Z2", NAMES[0]), ("Z1", NAMES[1]), *((rule, BESIDE) for rule in sorted(scanner.canary))]
    sizes = {BESIDE: len(canary.CANARY), **dict.fromkeys(NAMES, len(TEMPLATES[0]))}
    assert json.loads(report.read_bytes()) == {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": scanner.name.capitalize()}},
                "results": [result(rule, name) for rule, name in sorted(found, key=lambda finding: finding[1])],
                "artifacts": [
                    {"location": {"uri": name}, "length": sizes[name], "roles": ["analysisTarget"]} for name in ALL
                ],
                "invocations": [{"executionSuccessful": True, "exitCode": 0}],
            }
        ],
    }
    assert capsys.readouterr() == (f"{scanner.name}: 2 templates read, and the canary; see {report}\n", "")


FAILURES = {
    "crashes": ("raise RuntimeError('boom')", "ended with exit code 1; the last that it said:"),
    "crashes after its report": ("report(log); sys.exit(3)", "ended with exit code 3"),
    "is killed": ("os.kill(os.getpid(), 9)", "was killed by signal 9; it said nothing\n"),
    "says nothing": ("", "ended without a word: it wrote no SARIF\n"),
    "writes garbage": ("report(log); report({'version': '2.1.0'})", "wrote no SARIF 2.1.0 with one run of"),
    "is another": (
        "log['runs'][0]['tool']['driver']['name'] = 'other'; report(log)",
        "wrote no SARIF 2.1.0 with one run",
    ),
    "writes no result": (
        "results.append('all is well'); report(log)",
        "wrote no SARIF 2.1.0 with one run of",
    ),
    "writes no run": ("log['runs'] = []; report(log)", "wrote no SARIF 2.1.0 with one run of"),
    "reads nothing": ("report(log, [])", f"there is no proof that it has read {', '.join(ALL)}\n"),
    "leaves one out": (f"report(log, {[*ALL[1:]]})", f"there is no proof that it has read {ALL[0]}\n"),
    "is blind": ("results.clear(); report(log)", "did not find in the canary what is wrong with it: "),
    "obeys the canary": ("results.pop(0); report(log)", "did not find in the canary what is wrong with it: "),
    "uses the network": (
        "import socket\ntry:\n    socket.create_connection(('localhost', 9))\nexcept OSError:\n    report(log)",
        "used the network; the last that it said:\n  a scanner works offline, but this one used the network: socket.",
    ),
}


@pytest.mark.parametrize("scanner", SCANNERS, ids=lambda scanner: scanner.name)
@pytest.mark.parametrize("failure", FAILURES)
def test_no_report(
    scan: Path, tmp_path: Path, scanner: Scanner, failure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scanner that fails in any way ends with exit code 2, says why, and leaves no report, an earlier one neither."""
    body, message = FAILURES[failure]
    assert main(scanner, [str(scan)], program(tmp_path, scanner, body)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{scanner.name}: {message}")
    others = {f"{other.name}.sarif" for other in SCANNERS if other is not scanner}
    assert {file.name for file in scan.iterdir()} == {"templates"} | others


def test_report_that_is_no_json(scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no JSON is no report, and the message says where it stops being JSON."""
    programs = program(tmp_path, CFN_LINT, "option('--output-file').write_text('{')")
    assert main(CFN_LINT, [str(scan)], programs) == 2
    expected = "cfn-lint: wrote something that is no JSON as its SARIF: Expecting property name enclosed in"
    assert capsys.readouterr().err.startswith(expected)


def test_scanner_that_hangs(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scanner that does not end is ended."""
    monkeypatch.setattr(running, "SECONDS", 1)
    assert main(CFN_LINT, [str(scan)], program(tmp_path, CFN_LINT, "import time; time.sleep(60)")) == 2
    assert capsys.readouterr().err == "cfn-lint: was not done after 1 seconds\n"


def test_scanner_that_is_missing(scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scanner that is not installed is an error, not silence."""
    assert main(CHECKOV, [str(scan)], tmp_path) == 2
    expected = f"checkov: is not installed at {tmp_path / 'checkov'}; run it as `tox run -e checkov`\n"
    assert capsys.readouterr().err == expected
    assert not (scan / "checkov.sarif").exists()


def test_nothing_of_the_user_reaches_a_scanner(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No variable, home or current folder of the user's reaches a scanner, where a configuration would be obeyed."""
    for variable in ("AWS_REGION", "CKV_SKIP_CHECK", "BC_API_KEY", "PYTHONPATH", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "of the user")
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for configuration in (".checkov.yaml", ".cfnlintrc"):
        (home / configuration).write_text("of the user")
    monkeypatch.chdir(home)
    seen = tmp_path / "seen.json"
    body = f"""
home = sorted(file.name for file in Path.home().iterdir())
Path({str(seen)!r}).write_text(json.dumps([sorted(os.environ), str(Path.home()), home, names, sys.path[:1]]))
report(log)
"""
    assert main(CHECKOV, [str(scan)], program(tmp_path, CHECKOV, body)) == 0, capsys.readouterr().err
    variables, its_home, in_home, in_folder, path = json.loads(seen.read_bytes())
    # Python itself sets LC_CTYPE where there is no locale (PEP 538).
    assert set(variables) - {"LC_CTYPE", "SYSTEMROOT"} == {
        *("HOME", "USERPROFILE", "TMPDIR", "PYTHONHASHSEED", "PYTHONUTF8"),
        *("CKV_SKIP_PACKAGE_UPDATE_CHECK", "CHECKOV_PARALLELIZATION_TYPE", "LOG_LEVEL"),
    }
    assert its_home != str(home)
    assert (in_home, in_folder) == ([], ALL)
    assert str(scan / "templates") not in path


REFUSED_FOLDERS = {
    "a configuration": (
        ".checkov.yaml",
        b"skip-check: [CKV_AWS_28]",
        "is no template: expected <sha256>",
    ),
    "another template": ("other.template.json", b"{}", "is no template: expected <sha256>"),
    "a changed template": (NAMES[0], b"{}", "is not what its name says: its SHA-256 is another; synthesise again\n"),
    "another canary": (BESIDE, b"{}", "is not this version's canary; synthesise again\n"),
    "the canary of other templates": (
        f"canary-{'0' * 64}.template.json",
        canary.CANARY,
        "is the canary of other templates than those beside it; synthesise again\n",
    ),
}


@pytest.mark.parametrize("what", REFUSED_FOLDERS)
def test_folder_with_something_else(scan: Path, tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with anything but templates under their own names and the canary is scanned by nobody."""
    name, data, message = REFUSED_FOLDERS[what]
    file = scan / "templates" / name
    file.write_bytes(data)
    assert main(CHECKOV, [str(scan)], program(tmp_path, CHECKOV, "report(log)")) == 2
    assert capsys.readouterr().err.startswith(f"checkov: {file} {message}")
    assert not (scan / "checkov.sarif").exists()


def test_folder_without_templates(scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No template but the canary, no canary, no folder and a link are errors, not scans that found nothing."""
    templates = scan / "templates"
    alone = templates / f"{canary.canary([])}.template.json"
    for name in NAMES:
        (templates / name).unlink()
    (templates / BESIDE).rename(alone)
    programs = program(tmp_path, CHECKOV, "report(log)")
    assert main(CHECKOV, [str(scan)], programs) == 2
    alone.unlink()
    assert main(CHECKOV, [str(scan)], programs) == 2
    alone.symlink_to(tmp_path / "elsewhere")
    assert main(CHECKOV, [str(scan)], programs) == 2
    assert main(CHECKOV, [str(tmp_path / "nowhere")], programs) == 2
    assert main(CHECKOV, [], programs) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"checkov: {templates} holds no template but the canary: there is nothing to scan",
        f"checkov: {alone} is missing; `storage-compliance synth` writes it",
        f"checkov: {alone} is no template: expected <sha256>.template.json and {alone.name} alone",
        f"checkov: {tmp_path / 'nowhere' / 'templates'} is no folder; `storage-compliance synth` writes it",
        "checkov: expected one argument, the folder with templates/ in it, but got 0",
    ]


def test_a_template_that_is_gone(scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A canary is of all the templates of a run: beside some of them it is another's."""
    (scan / "templates" / NAMES[0]).unlink()
    assert main(CHECKOV, [str(scan)], program(tmp_path, CHECKOV, "report(log)")) == 2
    message = "is the canary of other templates than those beside it; synthesise again"
    assert capsys.readouterr().err == f"checkov: {scan / 'templates' / BESIDE} {message}\n"


ENRICHING = "Failed enriching cloudsplaining evaluated keys"
FORGED = f"2026-01-01 00:00:00,001 [x] [DEBUG]  Failed to run check CKV_AWS_61 on /{NAMES[1]}:AWS::IAM::Role.R"

FAILED_ON_ONE = {
    "cfn-lint cannot parse it": (
        CFN_LINT,
        f"log['runs'][0]['results'].append(result('E0000', {NAMES[0]!r}) | {{'message': {{'text': 'Null value'}}}})\n"
        f"report(log, {[NAMES[1], BESIDE]})",
        'E0000 {"text": "Null value"}',
    ),
    "a rule of cfn-lint crashed": (
        CFN_LINT,
        f"log['runs'][0]['results'].append(result('E0002', {NAMES[0]!r})); report(log)",
        'E0002 {"text": "wrong"}',
    ),
    "checkov cannot parse it": (
        CHECKOV,
        f"report(log, {[NAMES[1], BESIDE]}, unparsed=['./' + {NAMES[0]!r}])",
        "it cannot be parsed",
    ),
    "a check of checkov crashed": (
        CHECKOV,
        f"running({NAMES[0]!r}); logged('ERROR', 'Failed to run check CKV_AWS_61 on /{NAMES[0]}:AWS::IAM::Role.R')\n"
        f"running({NAMES[1]!r}); report(log)",
        "Failed to run check CKV_AWS_61",
    ),
    "checkov crashed on it before the next": (
        CHECKOV,
        f"running({NAMES[1]!r}); logged('ERROR', 'Failed to run check CKV_AWS_61 on /{NAMES[0]}:AWS::IAM::Role.R')\n"
        "report(log)",
        "Failed to run check CKV_AWS_61",
    ),
    "a check of checkov passed over a policy": (
        CHECKOV,
        f"running({NAMES[1]!r}); running({NAMES[0]!r}); logged('WARNI', {f'{ENRICHING} due to: that'!r})\n"
        f"running({NAMES[1]!r}); report(log)",
        ENRICHING,
    ),
    "a check of checkov passed over a policy, and told nobody": (
        CHECKOV,
        f"running({NAMES[1]!r}); running({NAMES[0]!r})\n"
        f"logged('DEBUG', \"could not run cloudsplaining analysis on policy {{'Statement': 'a secret'}}\")\n"
        f"running({NAMES[1]!r}); report(log)",
        "could not run cloudsplaining analysis on policy",
    ),
    "a text of a template is no failure of checkov's": (
        CHECKOV,
        f"sys.stderr.write({FORGED!r} + chr(10)); running({NAMES[0]!r}); logged('WARNI', {ENRICHING!r}); report(log)",
        ENRICHING,
    ),
    "a policy says that all is read": (
        CHECKOV,
        f"running({NAMES[0]!r})\n"
        "logged('DEBUG', 'could not run cloudsplaining analysis on policy Successfully created CloudFormation graph')\n"
        f"running({NAMES[1]!r}); report(log)",
        "could not run cloudsplaining analysis on policy",
    ),
    "checkov found no resource in what stands there": (
        CHECKOV,
        f"running({NAMES[1]!r}); logged('DEBUG', 'Error in entity details extraction for file /{NAMES[0]}')\n"
        "report(log)",
        "Error in entity details extraction",
    ),
    "cfn-guard did not judge it": (
        CFN_GUARD,
        f"report(log, {[NAMES[1], BESIDE]}, {{{NAMES[0]!r}: 'it ended with exit code 5: {{x}}'}})",
        "it ended with exit code 5: {x}",
    ),
}


@pytest.mark.parametrize("failure", FAILED_ON_ONE)
def test_failed_on_one(scan: Path, tmp_path: Path, failure: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A template that a scanner failed on is told as unread in its report, by which nothing found there is believed."""
    scanner, body, said = FAILED_ON_ONE[failure]
    body = f"results.append(result('Z1', {NAMES[0]!r})); results.append(result('Z1', {NAMES[1]!r}))\n{body}"
    assert main(scanner, [str(scan)], program(tmp_path, scanner, body)) == 2
    report = scan / f"{scanner.name}.sarif"
    assert capsys.readouterr() == (
        f"{scanner.name}: 1 templates read, and the canary; see {report}\n",
        f"{scanner.name}: has not read {NAMES[0]}; see {report}; of the first it says: {said}\n",
    )
    unread, read = (name.partition(".")[0] for name in NAMES)
    (log,) = read_sarif(report)
    assert (log.templates, log.failures, log.unread) == (
        frozenset({read}),
        (),
        {unread: f"it reports an error: {said}"},
    )
    assert {finding.template for finding in log.findings} == {read}
    assert log.canaries == {BESIDE.partition(".")[0]: scanner.canary}


FAILED_ON_MORE = {
    "all": (
        CFN_LINT,
        f"results += [result('E0000', name) for name in {NAMES}]; report(log)",
        f'failed on {NAMES[0]}: E0000 {{"text": "wrong"}}\n',
    ),
    "the canary": (
        CFN_LINT,
        "results.append(result('E0002', canary)); report(log)",
        f'failed on {BESIDE}: E0002 {{"text": "wrong"}}\n',
    ),
    "what it was not given": (
        CFN_LINT,
        "results.append({'ruleId': 'E0002'}); report(log)",
        "failed on , which it was not given\n",
    ),
    "nobody knows what": (
        CHECKOV,
        f"running({NAMES[0]!r}); logged('WARNI', 'Failed to guess'); report(log)",
        "failed on a check or a template: Failed to guess\n",
    ),
    "nobody knows where the first check is": (
        CHECKOV,
        f"running({NAMES[0]!r}); logged('DEBUG', 'could not run cloudsplaining analysis on policy')\n"
        "logged('INFO ', 'Successfully created CloudFormation graph'); report(log)",
        "has a log in which a template's text cannot be told from what it says itself\n",
    ),
    "a template before the first check": (
        CHECKOV,
        f"logged('WARNI', 'Failed to parse tags'); running({NAMES[0]!r}); report(log)",
        "failed on a template: Failed to parse tags\n",
    ),
    "a policy of nobody knows which": (
        CHECKOV,
        f"logged('WARNI', {ENRICHING!r}); report(log)",
        f"failed on a check or a template: {ENRICHING}\n",
    ),
}


@pytest.mark.parametrize("failure", FAILED_ON_MORE)
def test_failed_on_more(scan: Path, tmp_path: Path, failure: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A scanner that failed on all, on its canary, or on it is not known what, leaves no report."""
    scanner, body, message = FAILED_ON_MORE[failure]
    assert main(scanner, [str(scan)], program(tmp_path, scanner, body)) == 2
    assert capsys.readouterr() == ("", f"{scanner.name}: {message}")
    assert not (scan / f"{scanner.name}.sarif").exists()


def test_parts(scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each part of a folder is scanned by itself; one that fails keeps none of the others from it."""
    folder = tmp_path / "mutants"
    folder.mkdir()
    for number in ("01", "02", "100"):
        shutil.copytree(scan, folder / f"part-{number}")
    (folder / "part-01" / "templates" / BESIDE).unlink()
    (folder / "part-other").mkdir()
    assert main(CHECKOV, [str(folder)], program(tmp_path, CHECKOV, "report(log)")) == 2
    told = capsys.readouterr()
    read = [
        f"checkov: 2 templates read, and the canary; see {folder / part}/checkov.sarif"
        for part in ("part-02", "part-100")
    ]
    assert told.out.splitlines() == read
    assert (
        told.err == f"checkov: {folder}/part-01/templates/{BESIDE} is missing; `storage-compliance synth` writes it\n"
    )
    assert [file.parent.name for file in sorted(folder.rglob("checkov.sarif"))] == ["part-02", "part-100"]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            '{"Metadata": {"cfn-lint": {"config": {"configure_rules": {"E1": {"strict": 0}}}}}}',
            "configures cfn-lint",
        ),
        ('{"Metadata": {"cfn-lint": {"config": {"ignore_checks": [], "parameters": []}}}}', "configures cfn-lint"),
        ("Resources: {}", "is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[" * 100_000, None),
    ],
)
def test_template_that_configures_cfn_lint(
    scan: Path, tmp_path: Path, template: str, message: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A template that sets how rules judge it, or cannot be read to see whether it does, is refused."""
    name = add(scan, template.encode())
    assert main(CFN_LINT, [str(scan)], program(tmp_path, CFN_LINT, "report(log)")) == 2
    expected = f"cfn-lint: {name} {message}" if message else "cfn-lint: a document is nested too deeply to be read\n"
    assert capsys.readouterr().err.startswith(expected)


def test_template_that_asks_cfn_lint_to_ignore(scan: Path, tmp_path: Path) -> None:
    """A template may ask to be ignored, for it is not obeyed: every rule is mandatory, which overrides that."""
    template = b'{"Metadata": {"cfn-lint": {"config": {"ignore_checks": ["E"]}}}}'
    add(scan, template)
    seen = tmp_path / "seen.json"
    body = f"Path({str(seen)!r}).write_text(json.dumps(sys.argv[1:])); report(log)"
    assert main(CFN_LINT, [str(scan)], program(tmp_path, CFN_LINT, body)) == 0
    arguments = json.loads(seen.read_bytes())
    at = arguments.index("--mandatory-checks")
    assert arguments[at + 1 : at + 4] == ["E", "W", "I"]


CHECKOV_FAILURES = {
    "no JSON report": (
        "report(log); (option('--output-file-path') / 'results_json.json').unlink()",
        "wrote no JSON report beside its SARIF: ",
    ),
    "a JSON report of nothing": (
        "report(log); (option('--output-file-path') / 'results_json.json').write_text('[]')",
        "wrote a JSON report that tells of no checks of CloudFormation\n",
    ),
}


@pytest.mark.parametrize("failure", CHECKOV_FAILURES)
def test_checkov_that_does_not_tell(
    scan: Path, tmp_path: Path, failure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the names of the templates of which something was checked there is no report."""
    body, message = CHECKOV_FAILURES[failure]
    assert main(CHECKOV, [str(scan)], program(tmp_path, CHECKOV, body)) == 2
    assert capsys.readouterr().err.startswith(f"checkov: {message}")
    assert not (scan / "checkov.sarif").exists()


CFN_GUARD_FAILURES = {
    "no list of templates": "report(log); (Path(sys.argv[1]) / 'read.json').unlink()",
    "a list that is none": "report(log); (Path(sys.argv[1]) / 'read.json').write_text('[')",
    "another list": "report(log); (Path(sys.argv[1]) / 'read.json').write_text('[]')",
}


@pytest.mark.parametrize("failure", CFN_GUARD_FAILURES)
def test_cfn_guard_that_does_not_tell(
    scan: Path, tmp_path: Path, failure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the names of the templates that were judged there is no report."""
    assert main(CFN_GUARD, [str(scan)], program(tmp_path, CFN_GUARD, CFN_GUARD_FAILURES[failure])) == 2
    assert capsys.readouterr().err.startswith("cfn-guard: did not tell which templates it has judged")
    assert not (scan / "cfn-guard.sarif").exists()


def test_cfn_guard_that_is_missing(scan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program is ours; that what it runs is not installed, as it is not here, is an error as well."""
    assert main(CFN_GUARD, [str(scan)]) == 2
    assert capsys.readouterr().err == (
        "cfn-guard: ended with exit code 1; the last that it said:\n"
        "  cdklabs.cdk-validator-cfnguard is not installed; run it as `tox run -e cfn-guard`\n"
    )
