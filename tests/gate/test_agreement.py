"""Scanners and scenarios compared: what agrees, what differs, what explains it, and what a run makes of that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from evidence.console import Console
from gate import agreement_text
from gate.agreement import Agreement, Comparison, Disagreement, Sight
from gate.document import schema
from gate.exemptions import Exemptions
from gate.judged import Judged
from gate.others_document import others_as_json
from gate.run import Run
from gate.scans import Alert, Others, Scans
from gate.waivers import load_pairs
from policies.agreement import SHIPPED, Pair, Side
from policies.model import Outcome, Settings, Verdict, outcomes_by_resource
from policies.reading import InputError
from policies.template import Template
from policies.waiving import TEMPLATE
from scanners.canary import canary
from scanners.model import Level
from stack.contexts import Context
from tests.policies.pairs import RECOVERY, WHY, explained, pair
from tests.policies.templates import Document, global_table, template
from tests.policies.waivers import CREATED, waiver
from tests.scanners.logs import finding, scan

TABLE, ROLE, POLICY = "Stack/Storage/Table", "Stack/Storage/Role", "Stack/Storage/Policy"
PATHS = {"Table": TABLE, "Role": ROLE, "Policy": POLICY}
DEV: Settings = {"stage": "dev"}
PROD: Settings = {"stage": "prod"}

LEAST = "storage-hardening#least-privilege/data-plane-only"
ROLES = ["AWS::IAM::Policy", "AWS::IAM::Role"]


def least(**changes: object) -> Pair:
    """Return a pair of cdk-nag's rule on wildcards and the scenario of the data plane, changed."""
    told = {"scanner": "cdk-nag", "rule": "AwsSolutions-IAM5", "scenario": LEAST, "types": ROLES}
    return pair(**(told | changes))


def alert(of: Pair, resource: str = TABLE, rule: str | None = None) -> Alert:
    """Return what the scanner of a pair has found by the pair's rule."""
    return Alert(of.scanner, rule or of.rule, resource, "a" * 32, Level.ERROR, "wrong", None)


def judged(
    outcomes: Mapping[str, Sequence[tuple[str | None, Outcome]]],
    name: str = "one",
    settings: Settings = DEV,
    document: Document | None = None,
) -> Judged:
    """Return a context in which scenarios come to outcomes, each about a resource by its logical id."""
    source = json.dumps(document or template()).encode()
    digest = f"sha256:{hashlib.sha256(source).hexdigest()}"
    verdicts = tuple(
        Verdict(*_named(scenario), outcome, template=digest, context=name, resource=resource, message="wrong")
        for scenario, each in outcomes.items()
        for resource, outcome in each
    )
    read = Template(digest, json.loads(source), None, settings)
    return Judged(Context(name), verdicts, read, source=source, settings=settings, paths=PATHS)


def _named(scenario: str) -> tuple[str, str]:
    spec, _, name = scenario.partition("#")
    return spec, name


def compared(
    one: Pair,
    given: Sequence[tuple[Judged, Sequence[Alert]]],
    *,
    exhaustive: bool = True,
    ran: str | None = None,
    sung: Sequence[str] | None = None,
) -> Agreement:
    """Return what a pair comes to, of contexts and what the scanner has found in each, and in the canary."""
    comparison = Comparison([one], [ran or one.scanner], exhaustive=exhaustive)
    for each, alerts in given:
        assert each.template is not None
        assert each.settings is not None
        outcomes = outcomes_by_resource(each.verdicts)
        comparison.take(Sight(each.context.name, each.template, each.settings, each.paths, outcomes, alerts))
    return comparison.conclude({one.scanner: [one.rule] if sung is None else sung})


def on_table(outcome: Outcome, name: str = "one", settings: Settings = DEV) -> Judged:
    """Return a context in which the scenario of recovery comes to an outcome about the table."""
    return judged({RECOVERY: [("Table", outcome)]}, name, settings)


def on_role(*outcomes: Outcome) -> Judged:
    """Return a context in which the scenario of the data plane comes to outcomes about tables."""
    return judged({LEAST: [(f"Table{number or ''}", each) for number, each in enumerate(outcomes)]})


# On tables


@pytest.mark.parametrize(
    ("outcome", "flagged", "differ"),
    [
        (Outcome.COMPLIANT, False, None),
        (Outcome.COMPLIANT, True, Side.THEY),
        (Outcome.NON_COMPLIANT, True, None),
        (Outcome.NON_COMPLIANT, False, Side.WE),
        (Outcome.WAIVED, True, None),
        (Outcome.WAIVED, False, Side.WE),
    ],
)
def test_on_a_table(outcome: Outcome, *, flagged: bool, differ: Side | None) -> None:
    """The two agree where a table is flagged and violates, or neither; a waived violation is one."""
    one = pair()
    found = [Disagreement(one, differ, TABLE, None, ["one"])] if differ else []
    told = compared(one, [(on_table(outcome), [alert(one)] if flagged else [])])
    assert told == Agreement(1, 1, tuple(found), ())
    assert (told.unexplained, told.explained) == (found, [])


@pytest.mark.parametrize("outcome", [Outcome.NOT_APPLICABLE, Outcome.UNDETERMINED, Outcome.ERROR])
def test_compared_with_nothing(outcome: Outcome) -> None:
    """A scenario that does not apply, or cannot say, is compared with nothing, flagged or not."""
    one = pair()
    given = [(on_table(outcome), [alert(one)]), (on_table(outcome), []), (judged({}), [alert(one)])]
    assert compared(one, given) == Agreement(1, 0, (), (), idle=(one,))
    assert compared(one, given, exhaustive=False) == Agreement(1, 0, (), ())


def test_other_tables_and_rules() -> None:
    """What is flagged elsewhere, by another rule or another scanner is no flag."""
    one = pair()
    others = [alert(one, "Stack/Other"), alert(pair(rule="CKV_AWS_119")), alert(pair(scanner="trivy"))]
    told = compared(one, [(on_table(Outcome.NON_COMPLIANT), others)])
    assert told.disagreements == (Disagreement(one, Side.WE, TABLE, None, ["one"]),)


def test_a_table_of_another_type() -> None:
    """A rule that does not judge global tables has nothing to say of one."""
    violated = judged({RECOVERY: [("Table", Outcome.NON_COMPLIANT)]}, document=global_table())
    assert compared(pair(), [(violated, [])]) == Agreement(1, 0, (), (), idle=(pair(),))
    both = pair(types=["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"])
    assert compared(both, [(violated, [])]).disagreements == (Disagreement(both, Side.WE, TABLE, None, ["one"]),)


def test_several_outcomes_of_a_table() -> None:
    """A violation in one world counts whatever the others are; what is unclear in one world is not compliant."""
    one = pair()
    violated = judged({RECOVERY: [("Table", Outcome.UNDETERMINED), ("Table", Outcome.NON_COMPLIANT)]})
    unclear = judged({RECOVERY: [("Table", Outcome.COMPLIANT), ("Table", Outcome.UNDETERMINED)]})
    assert compared(one, [(violated, [])]).disagreements == (Disagreement(one, Side.WE, TABLE, None, ["one"]),)
    assert compared(one, [(unclear, [alert(one)])]) == Agreement(1, 0, (), (), idle=(one,))


def test_contexts_of_a_disagreement() -> None:
    """What several contexts show is one disagreement."""
    one = pair()
    given = [(on_table(Outcome.COMPLIANT, name), [alert(one)]) for name in ("one", "two")]
    told = compared(one, [*given, (on_table(Outcome.COMPLIANT, "three"), [])])
    assert told == Agreement(1, 3, (Disagreement(one, Side.THEY, TABLE, None, ["one", "two"]),), ())


# On roles and policies


@pytest.mark.parametrize("rule", ["AwsSolutions-IAM5", "AwsSolutions-IAM5[Resource::*]"])
def test_on_roles(rule: str) -> None:
    """Each resource that is flagged in a template in which the scenario holds is a disagreement of its own."""
    one = least()
    found = tuple(Disagreement(one, Side.THEY, each, None, ["one"]) for each in (POLICY, ROLE))
    alerts = [alert(one, POLICY, rule), alert(one, ROLE, rule), alert(one, ROLE, rule)]
    given = on_role(Outcome.COMPLIANT, Outcome.NOT_APPLICABLE)
    assert compared(one, [(given, alerts)]) == Agreement(1, 1, found, ())


def test_a_violation_by_a_role() -> None:
    """Where the scenario is violated, any flag agrees; none disagrees with each table that is concerned."""
    one = least()
    violated = on_role(Outcome.NON_COMPLIANT, Outcome.COMPLIANT)
    assert compared(one, [(violated, [alert(one, POLICY)])]) == Agreement(1, 1, (), ())
    found = (Disagreement(one, Side.WE, TABLE, None, ["one"]),)
    assert compared(one, [(violated, [])]) == Agreement(1, 1, found, ())
    whole = judged({LEAST: [(None, Outcome.NON_COMPLIANT)]})
    found = (Disagreement(one, Side.WE, TEMPLATE, None, ["one"]),)
    assert compared(one, [(whole, [])]) == Agreement(1, 1, found, ())


@pytest.mark.parametrize(
    "outcomes",
    [(), (Outcome.NOT_APPLICABLE,), (Outcome.COMPLIANT, Outcome.UNDETERMINED), (Outcome.COMPLIANT, Outcome.ERROR)],
)
def test_roles_compared_with_nothing(outcomes: Sequence[Outcome]) -> None:
    """Where no table, or not every one, is known to be as the scenario says, a flag is compared with nothing."""
    one = least()
    assert compared(one, [(on_role(*outcomes), [alert(one, POLICY)])]) == Agreement(1, 0, (), (), idle=(one,))


@pytest.mark.parametrize("outcome", [Outcome.NON_COMPLIANT, Outcome.COMPLIANT])
def test_no_resource_to_flag(outcome: Outcome) -> None:
    """A rule that finds none of its resources in a template has nothing to say: its silence is no agreement either."""
    groups = least(types=["AWS::IAM::Group"])
    assert compared(groups, [(on_role(outcome), [])]) == Agreement(1, 0, (), (), idle=(groups,))


# Explanations


def test_explained() -> None:
    """A disagreement on the side, and with the settings, of an explanation is explained; any other is a finding."""
    one = pair(explained=[explained("they", when={"stage": ["dev"]}), explained("we", when={"stage": ["prod"]})])
    they, we = one.explained
    told = compared(
        one,
        [
            (on_table(Outcome.COMPLIANT, "a", DEV), [alert(one)]),
            (on_table(Outcome.COMPLIANT, "b", PROD), [alert(one)]),
            (on_table(Outcome.NON_COMPLIANT, "c", PROD), []),
            (on_table(Outcome.NON_COMPLIANT, "d", DEV), []),
            (on_table(Outcome.COMPLIANT, "e", DEV), [alert(one)]),
        ],
    )
    assert told.explained == [
        Disagreement(one, Side.THEY, TABLE, they, ["a", "e"]),
        Disagreement(one, Side.WE, TABLE, we, ["c"]),
    ]
    assert told.unexplained == [
        Disagreement(one, Side.THEY, TABLE, None, ["b"]),
        Disagreement(one, Side.WE, TABLE, None, ["d"]),
    ]
    assert told.stale == ()


def test_explained_of_one_resource() -> None:
    """What is explained of one role is not of another."""
    one = least(explained=[explained("they", resource=ROLE)])
    told = compared(one, [(on_role(Outcome.COMPLIANT), [alert(one, ROLE), alert(one, POLICY)])])
    assert told.disagreements == (
        Disagreement(one, Side.THEY, ROLE, one.explained[0], ["one"]),
        Disagreement(one, Side.THEY, POLICY, None, ["one"]),
    )


def test_stale() -> None:
    """An explanation of what an exhaustive matrix does not show is told; a smaller one need not show it."""
    one = pair(explained=[explained("they"), explained("we")])
    given = [(on_table(Outcome.COMPLIANT), [alert(one)])]
    assert compared(one, given).stale == ((one, one.explained[1]),)
    assert compared(one, given, exhaustive=False).stale == ()


def of_mutants(one: Pair, given: Sequence[tuple[Judged, Sequence[Alert], str]]) -> Agreement:
    """Return what a pair comes to, of mutants by operators, and what the scanner has found in each."""
    comparison = Comparison([one], [one.scanner], exhaustive=True, of_mutants=True)
    for each, alerts, operator in given:
        assert each.template is not None
        assert each.settings is not None
        outcomes = outcomes_by_resource(each.verdicts)
        comparison.take(Sight(each.context.name, each.template, each.settings, each.paths, outcomes, alerts, operator))
    return comparison.conclude({one.scanner: [one.rule]})


def test_explained_of_mutants() -> None:
    """What is explained of an operator's mutants is so of these alone, and what is of contexts is of their mutants."""
    by_operator = explained("we", operators=["added/deleted", "added/unknown"])
    one = pair(explained=[explained("they", when={"stage": ["prod"]}), by_operator])
    in_prod, of_those = one.explained
    told = of_mutants(
        one,
        [
            (on_table(Outcome.NON_COMPLIANT, "a"), [], "added/unknown"),
            (on_table(Outcome.NON_COMPLIANT, "b"), [], "added/moved"),
            (on_table(Outcome.COMPLIANT, "c", PROD), [alert(one)], "added/moved"),
        ],
    )
    assert told.disagreements == (
        Disagreement(one, Side.WE, TABLE, of_those, ["a"]),
        Disagreement(one, Side.WE, TABLE, None, ["b"]),
        Disagreement(one, Side.THEY, TABLE, in_prod, ["c"]),
    )
    assert compared(one, [(on_table(Outcome.NON_COMPLIANT), [])]).unexplained == [
        Disagreement(one, Side.WE, TABLE, None, ["one"])
    ]


def test_stale_of_mutants() -> None:
    """The proof tells what is stale of mutants, a matrix what is stale of contexts."""
    one = pair(explained=[explained("they"), explained("we", operators=["added/deleted"])])
    of_contexts, of_those = one.explained
    assert compared(one, [(on_table(Outcome.COMPLIANT), [])]).stale == ((one, of_contexts),)
    assert of_mutants(one, [(on_table(Outcome.COMPLIANT), [], "added/deleted")]).stale == ((one, of_those),)


def test_explained_of_whatever_is_flagged_in_mutants() -> None:
    """Of mutants it need not be told which role is flagged, which may be one that was added."""
    one = least(explained=[explained("they", operators=["moves/second_role"])])
    assert (
        of_mutants(one, [(on_role(Outcome.COMPLIANT), [alert(one, "Second")], "moves/second_role")]).unexplained == []
    )


def test_a_scanner_that_did_not_run() -> None:
    """Its pairs are not asked: it is not silent, and what it would have shown is not stale."""
    one = pair(explained=[explained("they")])
    assert compared(one, [(on_table(Outcome.NON_COMPLIANT), [])], ran="trivy") == Agreement(0, 0, (), ())


# What is not known


@pytest.mark.parametrize(
    ("sung", "is_silent"),
    [
        (["AwsSolutions-IAM5[Resource::*]", "AwsSolutions-DDB3"], False),
        (["AwsSolutions-DDB3"], True),
        (["AwsSolutions-IAM50"], True),
        ([], True),
    ],
)
@pytest.mark.parametrize("exhaustive", [True, False])
def test_silent(sung: list[str], *, is_silent: bool, exhaustive: bool) -> None:
    """A rule that finds nothing in the canary is misspelt, gone or off: that it agrees shows nothing."""
    one = least()
    told = compared(one, [(on_role(Outcome.COMPLIANT), [])], sung=sung, exhaustive=exhaustive)
    assert told == Agreement(1, 1, (), (), silent=(one,) if is_silent else ())


def test_unread_canary() -> None:
    """A scanner that has not read the canary is told as such; its rules are not silent besides."""
    assert Comparison([least()], [least().scanner], exhaustive=False).conclude({}).silent == ()


def test_problems() -> None:
    """What is not known is told of the scanner, with the rule, the scenario and what to do."""
    assert list(Agreement(2, 1, (), (), silent=(pair(),), idle=(least(),)).problems()) == [
        (
            "checkov",
            f"CKV_AWS_28 found nothing in the canary, so that its silence agrees with {RECOVERY} whatever there is: "
            "mend its name in policies/agreement.toml, have the scanner use it, or violate it in the canary",
        ),
        (
            "cdk-nag",
            f"AwsSolutions-IAM5 and {LEAST} were never compared: in no template do both say something of the same "
            "thing; mend the pair in policies/agreement.toml, or take it out",
        ),
    ]


# A run


def others(
    one: Pair, outcome: Outcome, *, flagged: bool = True, waived: bool = False, sung: str = "CKV_AWS_28"
) -> Others:
    """Return what a run of a context comes to in which checkov flags the table, and a rule in the canary."""
    context = on_table(outcome)
    assert context.template is not None
    digest = context.template.name.removeprefix("sha256:")
    found = [finding(digest, scanner="checkov", rule=one.rule, logical="Table")] if flagged else []
    canaries = {canary([digest]): frozenset({sung})}
    scans = Scans([scan(*found, name="checkov", templates=frozenset({digest}), canaries=canaries)])
    first = Exemptions([], scans, CREATED)
    first.take(context)
    waivers = [
        waiver(scanner="checkov", rule=one.rule, resource=TABLE, fingerprints=[reported.alert.fingerprint])
        for reported in first.conclude().reported
        if waived and reported.alert.scanner == "checkov"
    ]
    exemptions = Exemptions(waivers, scans, CREATED, pairs=[one])
    exemptions.take(context)
    return exemptions.conclude()


def test_a_waived_finding_is_still_flagged() -> None:
    """A waiver takes the finding away from what stands, and nothing from the disagreement."""
    one = pair()
    told = others(one, Outcome.COMPLIANT, waived=True)
    assert (told.standing, told.waiving.problems) == ([], ())
    assert told.agreement == Agreement(1, 1, (Disagreement(one, Side.THEY, TABLE, None, ["one"]),), ())


@pytest.mark.parametrize(
    ("explanations", "flagged", "code"),
    [
        pytest.param([explained("they")], True, 0, id="explained"),
        pytest.param([], True, 1, id="unexplained"),
        pytest.param([], False, 0, id="agreed"),
        pytest.param([explained("they")], False, 1, id="stale"),
    ],
)
def test_exit_code(explanations: list[dict[str, object]], *, flagged: bool, code: int) -> None:
    """A disagreement that nothing explains fails a run, and so does an explanation of nothing."""
    one = pair(explained=explanations)
    run = Run(others=others(one, Outcome.COMPLIANT, flagged=flagged, waived=True))
    run.add(on_table(Outcome.COMPLIANT).verdicts)
    assert run.exit_code == code


@pytest.mark.parametrize(
    ("outcome", "sung"), [(Outcome.COMPLIANT, "CKV_AWS_29"), (Outcome.NOT_APPLICABLE, "CKV_AWS_28")]
)
def test_what_was_not_compared_is_not_judged(outcome: Outcome, sung: str) -> None:
    """A rule that is silent in the canary, and a pair that was never compared, are problems of the scanner: exit 2."""
    told = others(pair(), outcome, flagged=False, sung=sung)
    assert told.problems == tuple(told.agreement.problems())
    assert [name for name, _ in told.problems] == ["checkov"]
    run = Run(others=told)
    run.add(on_table(Outcome.COMPLIANT).verdicts)
    assert run.exit_code == 2
    scanners = others_as_json(told, ["one"])["scanners"]
    assert scanners == [
        {"name": "checkov", "version": None, "lists_templates": True}
        | {"findings": 0, "not_waived": 0, "problems": [told.problems[0][1]]}
    ]


def test_document() -> None:
    """Each disagreement is told with its contexts and why it is explained, or null, and each explanation of nothing."""
    one = pair(explained=[explained("they", when={"stage": ["prod"]})])
    told = others_as_json(others(one, Outcome.COMPLIANT), ["zero", "one"])  # places are in sorted order
    whole = schema()
    part = {"$defs": whole["$defs"], **whole["properties"]["agreement"]}  # type: ignore[index]  # a schema of ours
    Draft202012Validator(part).validate(told["agreement"])
    both = {"scanner": "checkov", "rule": "CKV_AWS_28", "scenario": RECOVERY}
    assert told["agreement"] == {
        "pairs": 1,
        "compared": 1,
        "disagreements": [{**both, "side": "they", "resource": TABLE, "contexts": [0], "why": None}],
        "stale": [
            {**both, "explanation": {"side": "they", "resource": "", "when": {"stage": ["prod"]}, "why": WHY}},
        ],
    }
    explaining = pair(explained=[explained("they")])
    (only,) = others_as_json(others(explaining, Outcome.COMPLIANT), ["one"])["agreement"]["disagreements"]  # type: ignore[index]
    assert only["why"] == WHY
    assert others_as_json(None, [])["agreement"] is None


def printed(agreement: Agreement) -> str:
    """Return what is printed of it, 120 columns wide."""
    console = Console(width=120)
    agreement_text.render(agreement, 1_234, console)
    return console.printed


def test_text() -> None:
    """What nothing explains is told in full, with both sides and what to do; the rest is a table."""
    stale = pair(explained=[explained("we", when={"stage": ["prod"]})])
    tables, roles = pair(explained=[explained("they")]), least()
    agreement = Agreement(
        3,
        1_500,
        (
            Disagreement(roles, Side.THEY, POLICY, None, ["one", "two"]),
            Disagreement(tables, Side.WE, TABLE, None, ["two"]),
            Disagreement(tables, Side.THEY, TABLE, tables.explained[0], ["one"]),
        ),
        ((stale, stale.explained[0]),),
    )
    remedy = (
        "  remedy:   find out which of them is right: mend the stack, the rule or the scenario; where both are, "
        "explain it in policies/agreement.toml"
    )
    assert printed(agreement).splitlines() == [
        "",
        f"disagreement cdk-nag AwsSolutions-IAM5 and {LEAST}",
        f"  cdk-nag flags {POLICY}; the scenario is compliant",
        f"  both:     {roles.note}",
        "  seen in:  2 of 1,234 contexts, such as one",
        remedy,
        "",
        f"disagreement checkov CKV_AWS_28 and {RECOVERY}",
        f"  the scenario is violated by {TABLE}; checkov flags nothing",
        f"  both:     {tables.note}",
        "  seen in:  1 of 1,234 contexts, such as two",
        remedy,
        "",
        "explained disagreement                             finds fault  with                 contexts",
        "checkov CKV_AWS_28                                 checkov      Stack/Storage/Table         1",
        "production-protection/production-recovery-enabled",
        "",
        f'stale explanation checkov CKV_AWS_28 and {RECOVERY}, we when stage is "prod": explains nothing that was '
        "seen; take it out of policies/agreement.toml",
    ]
    assert list(agreement_text.bottom_line(agreement)) == [
        "rules of theirs held against scenarios of ours 1,500 times, disagreements: 1 explained, [bold red]2 not[/]",
        "[bold red]stale explanations: 1[/]",
    ]


def test_text_of_many() -> None:
    """Of many disagreements the first are told, and how many more there are."""
    one = pair()
    many = tuple(Disagreement(one, Side.WE, f"Table{number}", None, ["one"]) for number in range(23))
    assert printed(Agreement(1, 23, many, ())).splitlines()[-1] == "and 3 more disagreements of scanners with scenarios"


def test_text_of_nothing() -> None:
    """Where no scanner ran, nothing is told."""
    nothing = Agreement(0, 0, (), ())
    assert (printed(nothing), list(agreement_text.bottom_line(nothing))) == ("", [])


# The table


def test_shipped() -> None:
    """The table that comes with the package asks for nothing that no context has."""
    assert load_pairs(SHIPPED)


def test_generated_mutants(tmp_path: Path) -> None:
    """What makes mutants of what rules read can be named, too."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in pair().model_dump(mode="json").items() if value]
    operators = 'operators = ["generated/by-default", "generated/deleted"]'
    file = tmp_path / "a.toml"
    file.write_text("\n".join(["[[pair]]", *lines, "[[pair.explained]]", 'side = "we"', operators, f'why = "{WHY}"']))
    assert load_pairs(file)[0].explained[0].operators == ("generated/by-default", "generated/deleted")


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('when.stages = ["dev"]', "when.stages: no such setting; expected stage, "),
        ('when.stage = ["production"]', 'when.stage: found "production"; expected '),
        ('operators = ["moves/nowhere"]', "operators: no operator moves/nowhere; expected some of the proof, "),
        ('operators = ["generated/lost"]', "operators: no operator generated/lost; expected some of the proof, "),
    ],
)
def test_impossible_conditions(condition: str, told: str, tmp_path: Path) -> None:
    """A condition that no context can meet, or no mutant, is refused, with the place of it."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in pair().model_dump(mode="json").items() if value]
    file = tmp_path / "a.toml"
    file.write_text("\n".join(["[[pair]]", *lines, "[[pair.explained]]", 'side = "we"', condition, f'why = "{WHY}"']))
    with pytest.raises(InputError) as raised:
        load_pairs(file)
    assert f"pair 1 (checkov CKV_AWS_28 and {RECOVERY}).explained[0].{told}" in str(raised.value)
