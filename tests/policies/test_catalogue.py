"""The catalogue: the rules that the specs ask for, no more and no fewer."""

import inspect
import itertools
from pathlib import Path

import pytest

from policies import catalogue
from policies.catalogue import (
    CatalogueError,
    Entry,
    Misfit,
    UnknownScenarioError,
    load,
    match,
    named,
    shipped_specs,
    survey,
)
from policies.model import ContextRule, Outcome, TableRule, Verdict
from policies.specs import Spec, read_spec

_PACKAGE_NUMBERS = itertools.count()


def test_real_catalogue() -> None:
    """These are all scenarios, in the specs' order, each with the rule that its id spells."""
    assert [entry.scenario.id for entry in load()] == [
        "dynamodb-storage#dynamodb-table-provisioning/table-created-via-solutions-construct",
        "dynamodb-storage#dynamodb-table-provisioning/table-name-available",
        "dynamodb-storage#table-key-schema/partition-key-defined",
        "dynamodb-storage#table-key-schema/no-sort-key-required",
        "dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted",
        "dynamodb-storage#lambda-dynamodb-integration/write-permissions-granted",
        "dynamodb-storage#lambda-dynamodb-integration/environment-variable-injected",
        "dynamodb-storage#table-billing-mode/pay-per-request-billing",
        "dynamodb-storage#table-encryption/encryption-enabled",
        "dynamodb-storage#point-in-time-recovery/pitr-configurable",
        "dynamodb-storage#table-deletion-protection/deletion-policy-applied",
        "dynamodb-storage#table-deletion-protection/retain-option-available",
        "storage-hardening#context-validation/invalid-context-refused",
        "storage-hardening#production-protection/deletion-protection-enabled",
        "storage-hardening#production-protection/production-table-retained",
        "storage-hardening#production-protection/production-recovery-enabled",
        "storage-hardening#replacement-protection/replaced-table-kept",
        "storage-hardening#least-privilege/data-plane-only",
        "storage-hardening#least-privilege/no-other-table",
        "storage-hardening#least-privilege/role-assumed-by-lambda-only",
        "storage-hardening#table-access/no-public-access",
    ]
    for entry in load():
        check = entry.rule.check
        requirement, scenario = entry.name.replace("-", "_").split("/")
        assert (check.__module__, check.__name__) == (f"policies.{requirement}", scenario)


@pytest.mark.parametrize("entry", load(), ids=lambda entry: entry.name)
def test_manual_pages(entry: Entry) -> None:
    """Every rule has a page that says what holds, why, what is bad, what is good, and where that is from."""
    assert entry.page == inspect.getdoc(entry.rule.check)
    headings = [line.partition(":")[0] for line in entry.page.splitlines()]
    told = [heading for heading in headings if heading in {"Why", "Bad", "Good", "References"}]
    assert told == ["Why", "Bad", "Good", "References"]
    assert "https://docs.aws.amazon.com/" in entry.page
    assert entry.page.splitlines()[0].endswith(".")


RULE = """
from policies.model import {kind}
@{decorator}
def {name}(*_):
    '''Judge.'''
    yield from ()
"""


def rule(name: str, decorator: str = "rule()") -> str:
    """Write a rule."""
    return RULE.format(kind=decorator.removesuffix("()"), decorator=decorator, name=name)


def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **modules: str) -> str:
    """Write a package of rules and make it importable, under a name that no other test has used."""
    name = f"throwaway_{next(_PACKAGE_NUMBERS)}"
    (tmp_path / name).mkdir()
    for module, source in {"__init__": "", **modules}.items():
        (tmp_path / name / f"{module}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    return name


def spec(*requirements: tuple[str, list[str]], capability: str = "storage") -> Spec:
    """Make a spec of requirements and the names of their scenarios."""
    lines = [
        "# Storage",
        "",
        "## Purpose",
        "What storage has to be, for the tests of the catalogue.",
        "",
        "## Requirements",
    ]
    for requirement, scenarios in requirements:
        lines += ["", f"### Requirement: {requirement}", "It SHALL be so.", ""]
        for scenario in scenarios:
            lines += [f"#### Scenario: {scenario}", "- **WHEN** asked", "- **THEN** it SHALL answer", ""]
    return read_spec("\n".join(lines), f"specs/{capability}/spec.md")


def test_match(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules are found by module and function; helpers, private modules and imported rules are no rules of a module."""
    name = package(
        tmp_path,
        monkeypatch,
        table_shape=rule("shape_kept") + rule("context_kept", "context_rule") + "def helper(): ...\n",
        table_size="from {package}.table_shape import shape_kept\n" + rule("size_kept"),
        nag="raise RuntimeError('the CDK is imported')",
    )
    module = tmp_path / name / "table_size.py"
    module.write_text(module.read_text().replace("{package}", name))
    specs = (
        spec(("Table Size", ["Size kept"])),
        spec(("Table Shape", ["Context kept", "Shape kept"]), capability="more"),
    )
    first, second, third = match(specs, name)
    assert [one.scenario.id for one in (first, second, third)] == [
        "storage#table-size/size-kept",
        "more#table-shape/context-kept",
        "more#table-shape/shape-kept",
    ]
    assert [type(one.rule) for one in (first, second, third)] == [TableRule, ContextRule, TableRule]
    assert (first.name, first.page) == ("table-size/size-kept", "Judge.")
    assert first.verdict(Outcome.ERROR, "why", template="t", context="c") == Verdict(
        "storage", "table-size/size-kept", Outcome.ERROR, "t", "c", message="why"
    )
    assert first.verdict(Outcome.COMPLIANT) == Verdict(
        "storage", "table-size/size-kept", Outcome.COMPLIANT, None, None, message=""
    )


def test_rule_without_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule whose check says nothing of itself has an empty page."""
    name = package(tmp_path, monkeypatch, table_shape=rule("shape_kept").replace("'''Judge.'''", "pass"))
    (entry,) = match((spec(("Table Shape", ["Shape kept"])),), name)
    assert entry.page == ""


@pytest.mark.parametrize(("made", "found"), [("package/spec_tree", "package/spec_tree"), ("specs", "specs")])
def test_shipped_specs(made: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The specs are those within the package, as a wheel has them, or else those beside it, as a checkout does."""
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "package/catalogue.py"))
    (tmp_path / made).mkdir(parents=True)
    assert shipped_specs() == tmp_path / found


def refused(specs: tuple[Spec, ...], name: str) -> tuple[str, ...]:
    """Return the problems for which a catalogue is refused."""
    with pytest.raises(CatalogueError) as raised:
        match(specs, name)
    assert str(raised.value) == "\n".join(raised.value.problems)
    return raised.value.problems


def test_scenario_without_rule_and_rule_without_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are refused at once, each by name, with all others of their kind."""
    name = package(tmp_path, monkeypatch, table_shape=rule("shape_kept") + rule("shape_lost"), table_size=rule("big"))
    specs = (spec(("Table Shape", ["Shape kept", "Shape held"]), ("Table Age", ["Old"])),)
    assert refused(specs, name) == (
        f"storage#table-shape/shape-held (storage/spec.md:15): no rule {name}.table_shape.shape_held enforces it",
        f"storage#table-age/old (storage/spec.md:23): no rule {name}.table_age.old enforces it",
        f"{name}.table_shape.shape_lost: no scenario of a spec asks for this rule",
        f"{name}.table_size.big: no scenario of a spec asks for this rule",
    )


def test_duplicate_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two specs that name the same rule are refused."""
    name = package(tmp_path, monkeypatch, table_shape=rule("shape_kept"))
    specs = tuple(spec(("Table Shape", ["Shape kept"]), capability=capability) for capability in ("one", "two"))
    assert refused(specs, name) == (
        "two#table-shape/shape-kept: one#table-shape/shape-kept has the same rule table_shape.shape_kept; rename one",
    )


def test_duplicate_scenario_without_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two specs that name the same rule still need it to be there."""
    name = package(tmp_path, monkeypatch)
    specs = tuple(spec(("Table Shape", ["Shape kept"]), capability=capability) for capability in ("one", "two"))
    assert refused(specs, name) == (
        "two#table-shape/shape-kept: one#table-shape/shape-kept has the same rule table_shape.shape_kept; rename one",
        f"one#table-shape/shape-kept (one/spec.md:11): no rule {name}.table_shape.shape_kept enforces it",
    )


def test_duplicate_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that defines a rule twice is refused."""
    name = package(tmp_path, monkeypatch, table_shape=rule("shape_kept") + rule("shape_kept"))
    assert refused((spec(("Table Shape", ["Shape kept"])),), name) == (
        f"{name}.table_shape defines the rule shape_kept twice",
    )


def test_duplicate_rule_that_no_scenario_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that is defined twice and that nobody asked for hits no scenario itself, but those of its module."""
    name = package(tmp_path, monkeypatch, table_shape=rule("lost") + rule("lost"))
    fit = survey((spec(("Table Shape", ["Shape kept"])),), name)
    twice = f"{name}.table_shape defines the rule lost twice"
    assert fit.entries == ()
    assert fit.misfits == (
        Misfit("duplicate rule", f"{name}.table_shape.lost", twice, ()),
        Misfit(
            "broken module",
            f"{name}.table_shape",
            f"{name}.table_shape: cannot be imported: DuplicateRuleError: {twice}",
            ("storage#table-shape/shape-kept",),
        ),
    )


def test_rule_under_a_second_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that a module holds under a second name is a rule that nobody asked for."""
    name = package(tmp_path, monkeypatch, table_shape=rule("shape_kept") + "other = shape_kept\n")
    assert refused((spec(("Table Shape", ["Shape kept"])),), name) == (
        f"{name}.table_shape.other: no scenario of a spec asks for this rule",
    )


@pytest.mark.parametrize("with_rule", [True, False])
def test_empty_set(with_rule: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No specs at all are refused, with and without rules."""
    name = package(tmp_path, monkeypatch, **({"table_shape": rule("shape_kept")} if with_rule else {}))
    unasked = (f"{name}.table_shape.shape_kept: no scenario of a spec asks for this rule",) if with_rule else ()
    assert refused((), name) == (*unasked, "no spec holds a scenario: there is nothing to judge by")


def test_module_that_raises_a_type_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that fails at import for another reason than a duplicate is named, too."""
    name = package(tmp_path, monkeypatch, table_shape="1 + 'a'")
    first, *_ = refused((spec(("Table Shape", ["Shape kept"])),), name)
    assert f"{name}.table_shape" in first


def test_survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is told by name, with the scenarios that it hits; what does is there all the same."""
    name = package(
        tmp_path,
        monkeypatch,
        table_age=rule("old") + rule("old"),
        table_shape=rule("shape_kept") + rule("shape_lost"),
        table_size=rule("big") + "1 / 0",
    )
    specs = (
        spec(("Table Shape", ["Shape kept", "Shape held"]), ("Table Age", ["Old", "New"]), ("Table Size", ["Big"])),
        spec(("Table Shape", ["Shape kept"]), capability="two"),
    )
    fit = survey(specs, name)
    assert [entry.scenario.id for entry in fit.entries] == ["storage#table-shape/shape-kept"]
    twice = f"{name}.table_age defines the rule old twice"
    held = f"storage#table-shape/shape-held (storage/spec.md:15): no rule {name}.table_shape.shape_held enforces it"
    assert fit.misfits == (
        Misfit(
            "duplicate scenario",
            "two#table-shape/shape-kept",
            "two#table-shape/shape-kept: storage#table-shape/shape-kept has the same rule table_shape.shape_kept; "
            "rename one",
            ("storage#table-shape/shape-kept", "two#table-shape/shape-kept"),
        ),
        Misfit("duplicate rule", f"{name}.table_age.old", twice, ("storage#table-age/old",)),
        Misfit(
            "broken module",
            f"{name}.table_age",
            f"{name}.table_age: cannot be imported: DuplicateRuleError: {twice}",
            ("storage#table-age/new",),
        ),
        Misfit(
            "broken module",
            f"{name}.table_size",
            f"{name}.table_size: cannot be imported: ZeroDivisionError: division by zero",
            ("storage#table-size/big",),
        ),
        Misfit("missing rule", "storage#table-shape/shape-held", held, ("storage#table-shape/shape-held",)),
        Misfit(
            "orphaned rule",
            f"{name}.table_shape.shape_lost",
            f"{name}.table_shape.shape_lost: no scenario of a spec asks for this rule",
            (),
        ),
    )


def test_named() -> None:
    """A scenario has three names; one that several have, or none has, is refused with those that are meant."""
    specs = (spec(("Table Shape", ["Kept", "Held"])), spec(("Table Size", ["Kept"]), capability="two"))
    scenarios = [one for each in specs for requirement in each.requirements for one in requirement.scenarios]
    for name in ("storage#table-shape/held", "table-shape/held", "held"):
        assert named(name, scenarios) is scenarios[1]
    refusals = {
        "kept": "'kept' is the name of storage#table-shape/kept and two#table-size/kept",
        "Helt": "no scenario is named 'Helt'; there is\n  storage#table-shape/held\n  two#table-size/kept",
        "x": "no scenario is named 'x'; there is\n  storage#table-shape/held\n  two#table-size/kept",
    }
    for name, said in refusals.items():
        with pytest.raises(UnknownScenarioError) as raised:
            named(name, scenarios)
        assert str(raised.value) == said


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("storage/table-shape/row-helt", ["storage#table-shape/row-held"]),
        ("X y", ["storage#table-age/x-y", "storage#table-age/xy"]),
        ("rows", [f"storage#table-size/rows{number}" for number in (3, 2, 1)]),
    ],
)
def test_near_names(name: str, meant: list[str]) -> None:
    """For a name that none has, those that are like its last part are told, in identifiers' letters, three at most."""
    requirements = (
        ("Table Shape", ["Row held"]),
        ("Table Age", ["X-Y", "XY"]),
        ("Table Size", [f"Rows{number}" for number in range(4)]),
    )
    scenarios = [one for requirement in spec(*requirements).requirements for one in requirement.scenarios]
    with pytest.raises(UnknownScenarioError) as raised:
        named(name, scenarios)
    assert str(raised.value) == f"no scenario is named {name!r}; there is\n  " + "\n  ".join(meant)
