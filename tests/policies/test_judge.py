"""Rules held against templates: how what a rule comes to becomes one verdict."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from policies import judge
from policies.catalogue import Entry, load
from policies.errors import MismatchError, NotApplicableError, TemplateError, UndeterminedError
from policies.exploration import explore
from policies.judge import Coverage, crashed, judge_context, judge_template
from policies.model import Case, Configurable, ContextRule, Finding, Outcome, Rule, TableRule, Verdict
from policies.specs import Scenario
from policies.stacks import Stacks
from policies.template import Resource, Template
from policies.worlds import World

Json = dict[str, object]
Check = Callable[[Resource, World], Iterator[Finding]]

SCENARIO = Scenario("storage", "table-shape", "Shape kept", (), "", 1)
TABLE: Json = {"Type": "AWS::DynamoDB::Table"}
BAD = Finding("bad", "$.Bad", ["bad"], "good", "mend it")


def entry(rule: Rule) -> Entry:
    """Make an entry of the catalogue."""
    return Entry(SCENARIO, rule)


def template(table: Json | None = None, **sections: object) -> Template:
    """Make a template of one table."""
    return Template("t.json", {"Resources": {"Table": {**TABLE, **(table or {})}}, **sections})


ON_TABLE = Verdict("storage", "table-shape/shape-kept", Outcome.COMPLIANT, template="t.json", resource="Table")


def verdict(outcome: Outcome, message: str = "", **more: Any) -> Verdict:
    """Expect a verdict on the table."""
    return replace(ON_TABLE, outcome=outcome, message=message, **more)


def judged(
    check: Check, told: Template | None = None, *, by_default: bool = False, demands_table: str | None = None
) -> list[Verdict]:
    """Judge a template by one check."""
    rule = TableRule(check, by_default, demands_table)
    return list(judge_template([entry(rule)], told or template()))


def yields(*findings: Finding, then: Exception | None = None) -> Check:
    """Make a check that yields findings and then raises, or ends."""

    def check(_table: Resource, _world: World) -> Iterator[Finding]:
        yield from findings
        if then is not None:
            raise then

    return check


# What a check comes to


BAD_VERDICT = verdict(Outcome.NON_COMPLIANT, "bad", path="$.Bad", found=["bad"], expected="good", remedy="mend it")


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (yields(), verdict(Outcome.COMPLIANT)),
        (yields(BAD), BAD_VERDICT),
        (yields(BAD, then=NotApplicableError("off")), BAD_VERDICT),
        (yields(BAD, then=UndeterminedError("who knows")), BAD_VERDICT),
        (yields(Finding("perhaps", outcome=Outcome.UNDETERMINED), BAD), BAD_VERDICT),
        (
            yields(BAD, Finding("worse", "$.Worse"), BAD),
            verdict(
                Outcome.NON_COMPLIANT, "bad; worse", path="$.Bad", found=["bad"], expected="good", remedy="mend it"
            ),
        ),
        (yields(then=NotApplicableError("off")), verdict(Outcome.NOT_APPLICABLE, "off")),
        (yields(then=UndeterminedError("who knows")), verdict(Outcome.UNDETERMINED, "who knows")),
        (yields(then=UndeterminedError("who knows", "$.X")), verdict(Outcome.UNDETERMINED, "who knows", path="$.X")),
        (
            yields(then=MismatchError("$.X", 1, "a list")),
            verdict(
                Outcome.NON_COMPLIANT,
                "a list is expected here",
                path="$.X",
                found=1,
                expected="a list",
                remedy="set it through the properties of the CDK construct, and drop the override that writes this",
            ),
        ),
        (yields(then=TemplateError("$.X", "no such thing")), verdict(Outcome.ERROR, "no such thing", path="$.X")),
        (yields(BAD, then=TemplateError("$.X", "no such thing")), verdict(Outcome.ERROR, "no such thing", path="$.X")),
    ],
)
def test_one_world(check: Check, expected: Verdict) -> None:
    """However a check ends, it gives one verdict, and the worst that it found tells."""
    assert judged(check) == [expected]


@pytest.mark.parametrize("error", [KeyError("key"), ZeroDivisionError(), AssertionError("no")])
def test_a_rule_that_raises(error: Exception) -> None:
    """A rule that fails is an error verdict whose message names rule, template and resource; the others are judged."""
    check = yields(BAD, then=error)
    failed, passed = judge_template([entry(TableRule(check)), entry(TableRule(yields()))], template())
    said = f"the rule policies.table_shape.shape_kept failed on t.json Table with {type(error).__name__}: {error}"
    assert failed == verdict(Outcome.ERROR, said)
    assert passed == verdict(Outcome.COMPLIANT)
    assert (crashed(failed), crashed(passed)) == (True, False)


def test_errors_that_are_the_templates() -> None:
    """An error of the template is no failure of the rule, which has found it."""
    (failed,) = judged(yields(then=TemplateError("$.X", "no such thing")))
    assert (failed.outcome, crashed(failed)) == (Outcome.ERROR, False)


def test_a_rule_that_is_no_generator() -> None:
    """A check that returns nothing at all has judged nothing: it is an error, not a pass."""

    def check(_table: Resource, _world: World) -> Iterator[Finding]:
        return None  # type: ignore[return-value]  # the mistake under test

    assert [one.outcome for one in judged(check)] == [Outcome.ERROR]


# Worlds


CONDITIONS: Json = {
    "Parameters": {"P": {"Type": "String"}, "Mode": {"Type": "String", "Default": "good"}},
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "a"]}, "Never": {"Fn::Equals": ["a", "b"]}},
}


def reads_value(table: Resource, world: World) -> Iterator[Finding]:
    """Find something for each value but good."""
    match world.properties(table).get("Value").string("good"):
        case "bad":
            yield BAD
        case "off":
            raise NotApplicableError("off")
        case "unclear":
            raise UndeterminedError("who knows")
        case "error":
            raise TemplateError("$.X", "no such thing")


WHEN, UNLESS = ("C is true", 'P is "a"'), ("C is false", 'P is not "a"')


@pytest.mark.parametrize(
    ("true", "false", "expected"),
    [
        ("good", "good", verdict(Outcome.COMPLIANT)),
        ("off", "off", verdict(Outcome.NOT_APPLICABLE, "off")),
        ("good", "off", verdict(Outcome.COMPLIANT, assuming=WHEN)),
        ("off", "good", verdict(Outcome.COMPLIANT, assuming=UNLESS)),
        ("good", "unclear", verdict(Outcome.UNDETERMINED, "who knows", assuming=UNLESS)),
        ("unclear", "off", verdict(Outcome.UNDETERMINED, "who knows", assuming=WHEN)),
        ("unclear", "unclear", verdict(Outcome.UNDETERMINED, "who knows")),
        ("error", "good", verdict(Outcome.ERROR, "no such thing", path="$.X", assuming=WHEN)),
    ],
)
def test_worst_world_tells(true: str, false: str, expected: Verdict) -> None:
    """The worst of all worlds is the verdict, with what it assumes unless all agree."""
    value = {"Fn::If": ["C", true, false]}
    assert judged(reads_value, template({"Properties": {"Value": value}}, **CONDITIONS)) == [expected]


@pytest.mark.parametrize("other", ["good", "off", "unclear"])
def test_a_violation_in_one_world(other: str) -> None:
    """A violation in one world is a violation, whatever the other worlds come to."""
    value = {"Fn::If": ["C", other, "bad"]}
    (told,) = judged(reads_value, template({"Properties": {"Value": value}}, **CONDITIONS))
    assert (told.outcome, told.message, told.assuming) == (Outcome.NON_COMPLIANT, "bad", UNLESS)


def test_conditional_table() -> None:
    """A table that does not exist in a world is not judged in it, and one that never exists not at all."""
    bad: Json = {"Properties": {"Value": {"Fn::If": ["C", "good", "bad"]}}, "Condition": "C"}
    assert judged(reads_value, template(bad, **CONDITIONS)) == [verdict(Outcome.COMPLIANT, assuming=WHEN)]
    never: Json = {"Properties": {"Value": "bad"}, "Condition": "Never"}
    assert judged(reads_value, template(never, **CONDITIONS)) == [
        verdict(Outcome.NOT_APPLICABLE, "the table does not exist in this world")
    ]
    undefined: Json = {"Condition": "Nowhere"}
    assert judged(reads_value, template(undefined)) == [
        verdict(Outcome.ERROR, "the template defines no condition Nowhere", path="$.Resources.Table.Condition")
    ]


def test_by_default() -> None:
    """A rule of the default is judged in the world of the defaults, any other in all worlds."""
    told = template({"Properties": {"Value": {"Ref": "Mode"}}}, **CONDITIONS)
    assert judged(reads_value, told, by_default=True) == [
        verdict(Outcome.COMPLIANT, assuming=('Mode is "good", its default',))
    ]
    assert judged(reads_value, told) == [
        verdict(
            Outcome.UNDETERMINED,
            "parameter Mode may be given any value",
            path="$.Resources.Table.Properties.Value",
        )
    ]


@pytest.mark.parametrize(("default", "tables"), [("A,B", ["TA", "TB"]), ("A", ["TA"])])
def test_loops_by_default(default: str, tables: list[str]) -> None:
    """A rule of the default judges what a loop makes of a parameter's default; any other waits for its value."""
    loop: Json = {"Fn::ForEach::L": ["N", {"Ref": "Names"}, {"T${N}": TABLE}]}
    names: Json = {"Names": {"Type": "CommaDelimitedList", "Default": default}}
    told = Template("t.json", {"Transform": "AWS::LanguageExtensions", "Parameters": names, "Resources": loop})
    later = (
        "Fn::ForEach rewrites the template: $.Resources['Fn::ForEach::L'][1]: "
        "parameter Names may be given any value; tell it, to judge the loop"
    )
    assert judged(yields(), told, by_default=True) == [verdict(Outcome.COMPLIANT, resource=name) for name in tables]
    assert judged(yields(), told) == [verdict(Outcome.UNDETERMINED, later, path="$.Transform", resource=None)]


def test_loops_that_make_nothing_by_default() -> None:
    """A template whose loops make no resource by default is undetermined."""
    loop: Json = {"Fn::ForEach::L": ["N", {"Fn::FindInMap": ["Of", {"Ref": "Stage"}, "Names"]}, {"T${N}": TABLE}]}
    told = Template(
        "t.json",
        {
            "Transform": "AWS::LanguageExtensions",
            "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
            "Mappings": {"Of": {"dev": {"Names": []}}},
            "Resources": loop,
        },
    )
    assert [one.outcome for one in judged(yields(), told, by_default=True)] == [Outcome.UNDETERMINED]


def test_assumptions_are_the_tables_own() -> None:
    """A verdict names no default and no condition that another table's or another rule's judgement has read."""
    resources: Json = {
        "First": {**TABLE, "Properties": {"Value": {"Fn::If": ["Never", "bad", {"Ref": "Mode"}]}}},
        "Second": {**TABLE, "Properties": {"Value": "good"}},
    }
    told = Template("t.json", {**CONDITIONS, "Resources": resources})
    rule = entry(TableRule(reads_value, by_default=True))
    first, second = judge_template([rule], told)
    assert first.assuming == ("Never is false", 'Mode is "good", its default')
    assert second.assuming == ()


def asserted(*values: str) -> Json:
    """Make a rule of a template that leaves these values of the mode."""
    return {"R": {"Assertions": [{"Assert": {"Fn::Contains": [list(values), {"Ref": "Mode"}]}}]}}


def test_rules_that_refuse_all() -> None:
    """Where the template's Rules refuse all that its parameters may be, nothing can be deployed: that is an error."""
    modes: Json = {"Mode": {"Type": "String", "AllowedValues": ["good", "off"], "Default": "good"}}
    told = template({"Properties": {"Value": {"Ref": "Mode"}}}, Parameters=modes, Rules=asserted("bad"))
    refused = "the template's Rules refuse every value that its parameters are given or may have"
    assert judged(reads_value, told) == [verdict(Outcome.ERROR, refused, path="$.Rules")]


def test_rules_that_refuse_the_defaults() -> None:
    """Where the template's Rules refuse the defaults of its parameters alone, a rule of the default has no answer."""
    told = template({"Properties": {"Value": {"Ref": "Mode"}}}, **CONDITIONS, Rules=asserted("bad"))
    refused = "the template's Rules refuse the default values of its parameters"
    assert judged(reads_value, told, by_default=True) == [verdict(Outcome.UNDETERMINED, refused, path="$.Rules")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "error",
            verdict(
                Outcome.UNDETERMINED,
                "whether a value is allowed hangs on an AllowedPattern that is not understood",
                path="$.X",
                assuming=WHEN,
            ),
        ),
        ("good", verdict(Outcome.COMPLIANT, assuming=WHEN)),
    ],
)
def test_worlds_in_doubt(value: str, expected: Verdict) -> None:
    """What is found in a world that a deployment may not come to is no violation, and nobody knows better."""
    parameters: Json = {"P": {"Type": "String", "AllowedPattern": "(?=a).*"}}
    table: Json = {"Properties": {"Value": {"Fn::If": ["C", value, "off"]}}}
    told = template(table, Parameters=parameters, Conditions=CONDITIONS["Conditions"])
    assert judged(reads_value, told) == [expected]


def test_too_many_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is judged in more worlds than are looked at is undetermined as a whole."""
    monkeypatch.setattr(judge, "explore", partial(explore, most=1))
    told = template({"Properties": {"Value": {"Fn::If": ["C", "good", "off"]}}}, **CONDITIONS)
    why = "more than 1 worlds of the template differ in what is judged"
    assert judged(reads_value, told) == [verdict(Outcome.UNDETERMINED, why, path="$.Resources.Table")]


def test_own_words() -> None:
    """A verdict on one template of a deployment names what is its own without the template, and another's with it."""

    def check(table: Resource, world: World) -> Iterator[Finding]:
        if world.properties(table).get("Value").string() == "bad":
            yield Finding("(t)Table is no (u)Table", "(t)$.Bad")

    document: Json = {
        "Resources": {"Table": {**TABLE, "Properties": {"Value": {"Fn::If": ["C", "bad", "good"]}}}},
        **CONDITIONS,
    }
    (one,) = judged(check, Template("t.json", document, scope="(t)"))
    assert one == verdict(Outcome.NON_COMPLIANT, "Table is no (u)Table", path="$.Bad", assuming=WHEN)


def test_loops_among_other_templates() -> None:
    """A rule of the default sees a template as its loops make it by default among those that it is deployed with."""
    seen: list[dict[str, list[str]]] = []

    def check(_table: Resource, world: World) -> Iterator[Finding]:
        seen.append({one.name: list(one.resources) for one in world.stacks.members})
        yield from ()

    document: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": "A"}},
        "Resources": {"Fn::ForEach::L": ["N", {"Ref": "Names"}, {"T${N}": TABLE}]},
    }
    told = Template("u.json", document, scope="(u)")
    stacks = Stacks((template(), told))
    (one,) = judge_template([entry(TableRule(check, by_default=True))], told, stacks=stacks)
    assert (one.outcome, one.resource) == (Outcome.COMPLIANT, "TA")
    assert seen == [{"t.json": ["Table"], "u.json": ["TA"]}]


def test_what_is_kept() -> None:
    """What is costly to find out is kept for the rules that judge by default, and for the others, each their own."""

    def check(table: Resource, world: World) -> Iterator[Finding]:
        asked = world.remember("asked", list[str])
        asked.append(table.logical_id)
        yield Finding(" ".join(asked))

    told = Template("t.json", {"Resources": {"A": TABLE, "B": TABLE}})
    entries = [entry(TableRule(check)), entry(TableRule(check, by_default=True)), entry(TableRule(check))]
    messages = [one.message for one in judge_template(entries, told)]
    assert messages == ["A", "A B", "A", "A B", "A B A", "A B A B"]


@pytest.mark.parametrize("name", [entry.name for entry in load() if isinstance(entry.rule, TableRule)])
def test_secrets_are_in_no_verdict(name: str) -> None:
    """The values that a NoEcho parameter may have are in no part of a verdict, whatever they break."""
    secret = {"Type": "String", "NoEcho": True, "AllowedValues": ["hush1", "hush2"], "Default": "hush1"}
    said: Json = {"Ref": "Secret"}
    told = template(
        {
            "Properties": {
                "BillingMode": said,
                "KeySchema": [{"AttributeName": said, "KeyType": "HASH"}],
                "SSESpecification": {"SSEEnabled": True, "SSEType": said},
            },
            "DeletionPolicy": said,
        },
        Parameters={"Secret": secret},
    )
    (one,) = judge_template([entry for entry in load() if entry.name == name], told)
    assert "hush" not in repr(one)


# Without a table, and without knowing


@pytest.mark.parametrize(
    ("demands", "settings", "expected"),
    [
        (None, None, verdict(Outcome.NOT_APPLICABLE, "the template has no DynamoDB table", resource=None)),
        ("a table", None, verdict(Outcome.NOT_APPLICABLE, "the template has no DynamoDB table", resource=None)),
        (None, {}, verdict(Outcome.NOT_APPLICABLE, "the template has no DynamoDB table", resource=None)),
        (
            "a table",
            {},
            verdict(
                Outcome.NON_COMPLIANT,
                "the storage stack has no DynamoDB table",
                resource=None,
                path="$.Resources",
                expected="a table",
                remedy="create the table through LambdaToDynamoDB",
            ),
        ),
    ],
)
def test_without_a_table(demands: str | None, settings: Json | None, expected: Verdict) -> None:
    """A template without a table gets a verdict all the same; a storage stack has to have one."""
    told = Template("t.json", {"Resources": {"Role": {"Type": "AWS::IAM::Role"}}}, given_settings=settings)
    assert judged(yields(BAD), told, demands_table=demands) == [expected]


@pytest.mark.parametrize("with_table", [True, False])
def test_macros(with_table: bool) -> None:
    """A template that a macro rewrites is undetermined, and its rules are not asked."""
    resources: Json = {"Table": TABLE} if with_table else {"Role": {"Type": "AWS::IAM::Role"}}
    told = Template("t.json", {"Resources": resources, "Transform": ["Mine", "Other"]}, given_settings={})
    assert judged(yields(BAD), told, demands_table="a table") == [
        verdict(
            Outcome.UNDETERMINED,
            "Mine rewrites the template: what it makes of the template is known at deployment only; "
            "Other rewrites the template: it runs after Mine, which is not expanded",
            path="$.Transform",
            resource="Table" if with_table else None,
        )
    ]


def test_every_rule_and_table() -> None:
    """There is one verdict for each table rule and table, in their order, with the context; context rules are left."""

    def check(_case: Case) -> Iterator[Finding]:
        yield BAD

    told = Template("t.json", {"Resources": {"B": TABLE, "A": {"Type": "AWS::DynamoDB::GlobalTable"}}})
    entries = [entry(TableRule(yields())), entry(ContextRule(check)), entry(TableRule(yields(BAD)))]
    assert [(one.resource, one.outcome, one.context) for one in judge_template(entries, told, "prod")] == [
        ("B", Outcome.COMPLIANT, "prod"),
        ("A", Outcome.COMPLIANT, "prod"),
        ("B", Outcome.NON_COMPLIANT, "prod"),
        ("A", Outcome.NON_COMPLIANT, "prod"),
    ]


def test_long_chain_of_conditions() -> None:
    """Conditions that name each other a thousand times over are no crash: CloudFormation may resolve them."""
    chain: Json = {f"C{i}": {"Condition": f"C{i + 1}"} for i in range(1500)}
    conditions = {**chain, "C1500": {"Fn::Equals": ["a", "a"]}}
    value = {"Fn::If": ["C0", "good", "bad"]}
    (told,) = judged(reads_value, template({"Properties": {"Value": value}}, Conditions=conditions))
    why = "conditions or functions of the template refer to each other over too many levels"
    assert (told.outcome, told.message) == (Outcome.UNDETERMINED, why)


# Contexts


def test_contexts() -> None:
    """A context rule gives one verdict on each case, and a table rule none."""
    case = Case("bad-key", frozenset({"k"}), {"k": "1"}, synthesised=False)

    def check(asked: Case) -> Iterator[Finding]:
        if asked is case:
            yield BAD
        raise NotApplicableError("valid")

    entries = [entry(ContextRule(check)), entry(TableRule(yields()))]
    told: dict[str, Any] = {"template": None, "resource": None}
    assert list(judge_context(entries, case)) == [
        verdict(
            Outcome.NON_COMPLIANT,
            "bad",
            path="$.Bad",
            found=["bad"],
            expected="good",
            remedy="mend it",
            context="bad-key",
            **told,
        )
    ]
    other = Case("fine", frozenset(), {}, synthesised=True)
    assert list(judge_context(entries, other)) == [verdict(Outcome.NOT_APPLICABLE, "valid", context="fine", **told)]


# Coverage


ENTRY = entry(TableRule(yields(), configurable=Configurable("recovery", (True, False))))
SECOND: Json = {"Type": "AWS::DynamoDB::GlobalTable"}


def concluded(*added: tuple[object, Outcome], kind: str = "AWS::DynamoDB::Table") -> list[tuple[Outcome, str]]:
    """Conclude a matrix of tables with a setting and the outcome of their verdict."""
    coverage = Coverage([ENTRY, entry(TableRule(yields()))])
    for value, outcome in added:
        told = Template("t.json", {"Resources": {"Table": {"Type": kind}}}, given_settings={"recovery": value})
        coverage.add(told, [verdict(outcome)])
    return [(one.outcome, one.message) for one in coverage.conclude()]


GOOD, VIOLATED = Outcome.COMPLIANT, Outcome.NON_COMPLIANT


@pytest.mark.parametrize(
    ("added", "missing"),
    [
        ([(True, GOOD), (False, GOOD)], None),
        ([(True, GOOD), (False, GOOD), (False, VIOLATED)], None),
        ([(True, GOOD)], "false"),
        ([(False, GOOD), (False, GOOD)], "true"),
        ([(True, GOOD), (False, VIOLATED)], "false"),
        ([(True, Outcome.NOT_APPLICABLE), (False, Outcome.UNDETERMINED)], "true and false"),
        ([("true", GOOD), ("false", GOOD)], "true and false"),
        ([(1, GOOD), (0, GOOD)], "true and false"),
        ([(None, GOOD)], "true and false"),
        ([([True], GOOD), ({"a": 1}, GOOD)], "true and false"),
    ],
)
def test_coverage(added: Sequence[tuple[object, Outcome]], missing: str | None) -> None:
    """Each value of the setting has to reach a table whose verdict is compliant."""
    expected = (
        (GOOD, "") if missing is None else (VIOLATED, f"no AWS::DynamoDB::Table of the matrix takes recovery {missing}")
    )
    assert concluded(*added) == [expected]


def test_coverage_of_each_type() -> None:
    """Both types of table have to take each value; what one shows does not count for the other."""
    coverage = Coverage([ENTRY])
    for value in (True, False):
        told = Template("t.json", {"Resources": {"Table": TABLE, "Global": SECOND}}, given_settings={"recovery": value})
        outcome = GOOD if value else VIOLATED
        coverage.add(told, [verdict(GOOD), verdict(outcome, resource="Global")])
    matrix: dict[str, Any] = {"template": None, "resource": None}
    assert list(coverage.conclude()) == [
        verdict(
            VIOLATED,
            "no AWS::DynamoDB::GlobalTable of the matrix takes recovery false",
            expected="each value of recovery reaches a template",
            remedy="make the property from the setting recovery, and override it nowhere",
            **matrix,
        ),
        verdict(GOOD, **matrix),
    ]


def test_coverage_of_no_table() -> None:
    """A matrix without a table shows nothing of a configurable scenario, and does not leave it out."""
    assert [(one.outcome, one.message) for one in Coverage([ENTRY]).conclude()] == [
        (VIOLATED, "no DynamoDB table of the matrix takes recovery true and false")
    ]
    assert list(Coverage([]).conclude()) == []
