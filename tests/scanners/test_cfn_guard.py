"""cfn-guard as a program: unpacked from its distribution, run over templates, its JSON told as SARIF; by a fake."""

from __future__ import annotations

import io
import json
import platform
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scanners.cfn_guard import DISTRIBUTION, main

RULES = ("encrypted", "recovered")
MESSAGE = "\n        [CT.X.PR.1]: Require {this}\n        [FIX]: See [there](https://x).\n        "
TOLD = "[CT.X.PR.1]: Require {{this}} [FIX]: See [there] (https://x)."
PLACES = {"linux": "ubuntu", "darwin": "macos"}

Install = Callable[..., None]

FAKE = """#!{python}
import json, sys
from pathlib import Path

data = sys.argv[sys.argv.index("--data") + 1:]
rules = [file.stem for file in sorted(Path(sys.argv[sys.argv.index("--rules") + 1]).iterdir())]

def judged(name, *violated):
    names = [rule["Rule"]["name"] for rule in violated]
    skipped = [rule for rule in rules if rule not in names]
    return {{"name": str(Path(name).resolve()), "status": "FAIL" if violated else "SKIP", "not_applicable": skipped,
        "compliant": skipped[:1], "not_compliant": list(violated)}}
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a fake distribution, whose cfn-guard does what a body in Python says."""

    def install(body: str, system: str | None = None, rules: tuple[str, ...] = RULES) -> None:
        site = tmp_path / "site"
        (site / "package").mkdir(parents=True)
        information = site / "cdklabs_cdk_validator_cfnguard-0.0.62.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Name: {DISTRIBUTION}\nVersion: 0.0.62\n")
        (information / "RECORD").write_text("package/guard@0.0.62.jsii.tgz,,\npackage/__init__.py,,\n")
        machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
        programs = f"package/bin/{system or PLACES[sys.platform]}"
        files = {
            "package/guard-version.json": '{"release_id": 1, "version": "3.1.1"}',
            f"{programs}/{machine}/cfn-guard": FAKE.format(python=sys.executable) + body,
            f"{programs}/other/cfn-guard": "of another machine",
            "package/rules/control-tower/metadata/encrypted.guard": "no rule",
            **{f"package/rules/control-tower/cfn-guard/a/{rule}.guard": f"rule {rule}" for rule in rules},
        }
        with tarfile.open(site / "package" / "guard@0.0.62.jsii.tgz", "w:gz") as archive:
            for name, text in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
        monkeypatch.syspath_prepend(str(site))

    return install


def judge(tmp_path: Path, *names: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the SARIF of a run over templates by these names, and which of them were read, or failed."""
    reports = tmp_path / "reports"
    reports.mkdir()
    main(reports, names)
    return json.loads((reports / "cfn-guard.sarif").read_bytes()), json.loads((reports / "read.json").read_bytes())


def result(rule: str, name: str, message: str, resource: str | None) -> Mapping[str, Any]:
    """Return a SARIF result."""
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": name}}}
    if resource is not None:
        place["logicalLocations"] = [{"fullyQualifiedName": resource}]
    return {"ruleId": rule, "level": "error", "message": {"text": message}, "locations": [place]}


CHECKS = {
    "what is absent, in several clauses": [
        {
            "Clause": {
                "Unary": {
                    "check": {
                        "UnResolved": {"value": {"traversed_to": {"path": "/Resources/A/Properties", "value": 1}}}
                    }
                }
            }
        },
        {
            "Block": {
                "unresolved": {
                    "traversed_to": {"path": "/Resources/A/Properties/X", "value": {"path": "/Resources/Z", "value": 1}}
                }
            }
        },
    ],
    "what is there, and what it is compared to": [
        {
            "Clause": {
                "Binary": {
                    "check": {
                        "Resolved": {
                            "from": {"path": "/Resources/A", "value": 1},
                            "to": {"path": "/Resources/B", "value": 1},
                        }
                    }
                }
            }
        },
    ],
    "in an own rule, whose message is the outer one's": [
        {
            "Disjunctions": {
                "checks": [
                    {
                        "Rule": {
                            "messages": {"custom_message": None},
                            "checks": [{"value": {"path": "/Resources/A", "value": 1}}],
                        }
                    }
                ]
            }
        },
    ],
}


@pytest.mark.parametrize("checks", CHECKS.values(), ids=CHECKS)
def test_a_violation(tmp_path: Path, install: Install, checks: object) -> None:
    """It is told once, of the resource and in the rule's words; rules that hold or do not apply are no results."""
    outer = {"messages": {"custom_message": MESSAGE}, "checks": checks}
    rule = {"Rule": {"name": "encrypted", "messages": {"custom_message": None}, "checks": [{"Rule": outer}]}}
    install(f"""
print(json.dumps([judged(data[0]), judged(data[1], json.loads({json.dumps(rule)!r}))]))
sys.exit(19)
""")
    assert judge(tmp_path, "first", "second") == (
        {
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": {"name": "cfn-guard", "semanticVersion": "3.1.1+rules.0.0.62"}},
                    "results": [result("encrypted", "second", TOLD, "A")],
                }
            ],
        },
        {"read": ["first", "second"], "failed": {}},
    )


def test_violations_of_one_rule(tmp_path: Path, install: Install) -> None:
    """Each resource and each message is a result; a rule that tells of no place is one nevertheless."""
    clauses = [
        {"messages": {"custom_message": message}, "value": {"path": path, "value": 1}}
        for message, path in (("one", "/Resources/A"), ("two", "/Resources/A"), ("one", "/Resources/B/Type"), ("", "/"))
    ]
    rules = [
        {"Rule": {"name": "encrypted", "messages": {"custom_message": ""}, "checks": clauses}},
        {"Rule": {"name": "recovered", "messages": None, "checks": []}},
    ]
    install(f"print(json.dumps([judged(data[0], *json.loads({json.dumps(rules)!r}))])); sys.exit(19)")
    log, _ = judge(tmp_path, "only")
    assert log["runs"][0]["results"] == [
        result("encrypted", "only", "one", "A"),
        result("encrypted", "only", "two", "A"),
        result("encrypted", "only", "one", "B"),
        result("encrypted", "only", "encrypted does not hold", None),
        result("recovered", "only", "recovered does not hold", None),
    ]


def test_many_templates(tmp_path: Path, install: Install) -> None:
    """They are judged some at a time, and told in their order."""
    install("assert len(data) <= 50; print(json.dumps([judged(name) for name in data]))")
    names = [f"{number}.template.json" for number in range(101)]
    log, read = judge(tmp_path, *names)
    assert (log["runs"][0]["results"], read) == ([], {"read": names, "failed": {}})


FAILURES = {
    "an exit code": (
        "sys.stderr.write('cannot parse\\n'); sys.exit(5)",
        "it ended with exit code 5: cannot parse",
    ),
    "silence": ("sys.exit(255)", "it ended with exit code 255: it said nothing"),
    "a complaint": (
        "print(json.dumps([judged(data[0])])); sys.stderr.write('no such rule')",
        "it ended with exit code 0: no such rule",
    ),
    "a rule left out": ("rules.pop(); print(json.dumps([judged(data[0])]))", "it was judged by 1 of 2 rules"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure(tmp_path: Path, install: Install, failure: str) -> None:
    """A template that was not judged by every rule is told as such, with what was said."""
    body, message = FAILURES[failure]
    install(body)
    log, read = judge(tmp_path, "only")
    assert (log["runs"][0]["results"], read) == ([], {"read": [], "failed": {"only": message}})


def test_one_that_fails_among_many(tmp_path: Path, install: Install) -> None:
    """Where all end with one, and none is named, it is found; the others are judged without it."""
    install("""
if {"17", "31"} & set(data):
    sys.stderr.write("no surrogate pair"); sys.exit(5)
print(json.dumps([judged(name) for name in data]))
""")
    _, read = judge(tmp_path, *map(str, range(70)))
    assert read == {
        "read": [str(number) for number in range(70) if number not in (17, 31)],
        "failed": dict.fromkeys(("17", "31"), "it ended with exit code 5: no surrogate pair"),
    }


def test_no_program_for_this_system(tmp_path: Path, install: Install) -> None:
    """A machine for which there is none is told so."""
    install("", system="windows")
    message = f"there is no cfn-guard for {sys.platform} on {platform.machine()} in {DISTRIBUTION}"
    with pytest.raises(SystemExit, match=f"^{message}$"):
        judge(tmp_path, "only")


def test_names_of_members_lead_nowhere(tmp_path: Path, install: Install) -> None:
    """What the package holds is written nowhere but to the folder that it is unpacked to."""
    install("print(json.dumps([judged(data[0])]))", rules=(f"../../../../../../{tmp_path}/out", "recovered"))
    assert judge(tmp_path, "only")[1] == {"read": ["only"], "failed": {}}
    assert not (tmp_path / "out.guard").exists()
