"""Rules held against templates: every scenario, every table, every world, one verdict each.

Whatever a rule comes to, a verdict says so: a rule that raises is an error verdict, never a missing one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from policies.catalogue import Entry
from policies.errors import ForkError, MismatchError, NotApplicableError, TemplateError, UndeterminedError
from policies.exploration import explore, possible
from policies.findings import undetermined
from policies.memory import Memory
from policies.model import Case, Configurable, ContextRule, Finding, Outcome, TableRule, Verdict
from policies.stacks import Stacks
from policies.template import Resource, Template
from policies.worlds import Memo, World


def judge_template(
    entries: Sequence[Entry],
    template: Template,
    context: str | None = None,
    stacks: Stacks | None = None,
    memory: Memory | None = None,
) -> Iterator[Verdict]:
    """Judge a template against all table rules: one verdict for each scenario and table.

    A template without a table gets one verdict for each scenario, so that no scenario is silently absent. `stacks` are
    the templates that it is deployed with, itself among them. With a memory, what was found out in other templates is
    not found out again.
    """
    deployed = stacks or Stacks((template,))
    known = memory.of(template) if memory is not None and stacks is None else None
    memos: dict[bool, Memo] = {False: {}, True: {}}
    for entry in entries:
        if isinstance(entry.rule, TableRule):
            defaults = entry.rule.by_default
            judged, around = template, deployed
            if defaults and template.pending and deployed.parent(template) is None:
                judged = template.by_default
                members = tuple(judged if one is template else one for one in deployed.members)
                around = replace(deployed, members=members)
            blank = partial(entry.verdict, Outcome.NOT_APPLICABLE, template=template.name, context=context)
            if not judged.tables:
                yield _without_table(blank(), entry.rule, judged)
            for table in judged.tables:
                about = entry.scenario.id, entry.rule.check, defaults, table.logical_id
                recalled = known.recall(about) if known is not None else None
                if recalled is not None:
                    yield replace(recalled, template=template.name, context=context)
                    continue
                # What a run remembers of its own is new for each; what is costly to find out is shared.
                world = World(judged, defaults, around, memo=memos[defaults])
                with template.reads.listening() as noted:
                    verdict = _judge_resource(replace(blank(), resource=table.logical_id), entry.rule, table, world)
                if known is not None:
                    known.keep(about, noted, verdict)
                yield verdict


def _judge_resource(blank: Verdict, rule: TableRule, table: Resource, world: World) -> Verdict:
    verdict = _judge_table(blank, rule, table, world)
    return _in_own_words(replace(verdict, found=_without_secrets(verdict.found, world.template)), world.template)


def crashed(verdict: Verdict) -> bool:
    """Tell whether an error is the rule's own failure: such a verdict says nothing of what was judged."""
    return verdict.outcome is Outcome.ERROR and _failing(verdict) in verdict.message


def judge_context(entries: Sequence[Entry], case: Case) -> Iterator[Verdict]:
    """Judge how a context was received against all context rules."""
    for entry in entries:
        if isinstance(entry.rule, ContextRule):
            blank = entry.verdict(Outcome.NOT_APPLICABLE, context=case.context)
            yield _concluded(blank, partial(entry.rule.check, case))


def _without_table(blank: Verdict, rule: TableRule, template: Template) -> Verdict:
    if template.pending:
        return _expanded_later(blank, template)
    if rule.demands_table is not None and template.settings is not None:
        return replace(
            blank,
            outcome=Outcome.NON_COMPLIANT,
            path="$.Resources",
            expected=rule.demands_table,
            message="the storage stack has no DynamoDB table",
            remedy="create the table through LambdaToDynamoDB",
        )
    return replace(blank, message="the template has no DynamoDB table")


def _judge_table(blank: Verdict, rule: TableRule, table: Resource, world: World) -> Verdict:
    if world.template.pending:
        return _expanded_later(blank, world.template)
    seen: list[Verdict] = []
    try:
        for here, verdict in explore(world, lambda world: _in_world(blank, rule, table, world)):
            certain = possible(here)
            if certain.value is None and verdict.outcome.rank > Outcome.COMPLIANT.rank:
                because = world.template.without_secrets(certain.because)
                doubt = replace(blank, outcome=Outcome.UNDETERMINED, path=verdict.path, message=because)
                seen.append(replace(doubt, assuming=_assumed(here)))
            elif certain.value is not False:
                seen.append(replace(verdict, assuming=_assumed(here)))
    except UndeterminedError as error:
        seen.append(replace(blank, outcome=Outcome.UNDETERMINED, path=table.path, message=error.reason))
    if not seen:
        if world.defaults:
            refused = "the template's Rules refuse the default values of its parameters"
            return replace(blank, outcome=Outcome.UNDETERMINED, path="$.Rules", message=refused)
        # Conditions alone leave a world always: what is not so in one is so in the other.
        refused = "the template's Rules refuse every value that its parameters are given or may have"
        return replace(blank, outcome=Outcome.ERROR, path="$.Rules", message=refused)
    worst = max(seen, key=lambda verdict: verdict.outcome.rank)
    everywhere = len(seen) > 1 and all(replace(verdict, assuming=()) == replace(worst, assuming=()) for verdict in seen)
    return replace(worst, assuming=()) if everywhere else worst


def _expanded_later(blank: Verdict, template: Template) -> Verdict:
    why = "; ".join(f"{macro} rewrites the template: {reason}" for macro, reason in template.pending.items())
    return replace(blank, outcome=Outcome.UNDETERMINED, path="$.Transform", message=why)


def _in_own_words(verdict: Verdict, template: Template) -> Verdict:
    """Return a verdict that names what is the template's own without the template."""
    scope = template.scope
    return replace(
        verdict,
        path=verdict.path and verdict.path.replace(scope, ""),
        message=verdict.message.replace(scope, ""),
        assuming=tuple(said.replace(scope, "") for said in verdict.assuming),
    )


def _in_world(blank: Verdict, rule: TableRule, table: Resource, world: World) -> Verdict:
    def check() -> Iterator[Finding]:
        if not world.has(table):
            raise NotApplicableError("the table does not exist in this world")
        yield from rule.check(table, world)

    verdict = _concluded(blank, check)
    return replace(verdict, message=world.template.without_secrets(verdict.message))


def _assumed(world: World) -> tuple[str, ...]:
    return tuple(map(world.template.without_secrets, world.assumptions))


def _without_secrets(found: object, template: Template) -> object:
    """Return JSON that was found without the values of parameters which must not be shown."""
    match found:
        case str():
            return template.without_secrets(found)
        case list():
            return [_without_secrets(item, template) for item in found]
        case dict():
            return {template.without_secrets(key): _without_secrets(value, template) for key, value in found.items()}
    return found


def _concluded(blank: Verdict, check: Callable[[], Iterator[Finding]]) -> Verdict:
    """Make one verdict of what a check finds: of its findings, the worst tell."""
    findings = list(_findings(blank, check))
    if not findings:
        return replace(blank, outcome=Outcome.COMPLIANT)
    worst = max((finding.outcome for finding in findings), key=lambda outcome: outcome.rank)
    telling = [finding for finding in findings if finding.outcome is worst]
    first = telling[0]
    return replace(
        blank,
        outcome=worst,
        path=first.path or None,
        found=first.found,
        expected=first.expected or None,
        message="; ".join(dict.fromkeys(finding.message for finding in telling)),
        remedy=first.remedy or None,
    )


def _findings(blank: Verdict, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Run a check to its end, however it ends: what it raises is a finding, too."""
    try:
        yield from check()
    except ForkError:
        raise
    except NotApplicableError as reason:
        yield Finding(str(reason), outcome=Outcome.NOT_APPLICABLE)
    except UndeterminedError as error:
        yield undetermined(error)
    except MismatchError as error:
        remedy = "set it through the properties of the CDK construct, and drop the override that writes this"
        yield Finding(f"{error.expected} is expected here", error.path, error.found, error.expected, remedy)
    except TemplateError as error:
        yield Finding(error.problem, error.path, outcome=Outcome.ERROR)
    except RecursionError:
        why = "conditions or functions of the template refer to each other over too many levels"
        yield undetermined(UndeterminedError(why))
    except Exception as error:  # a rule that fails is an error verdict, not a crash of the rest
        what = " ".join(part for part in (blank.template, blank.resource, blank.context) if part)
        message = f"{_failing(blank)} {what} with {type(error).__name__}: {error}"
        yield Finding(message, outcome=Outcome.ERROR)


def _failing(verdict: Verdict) -> str:
    """Return how a message about the failure of a verdict's rule begins."""
    rule = verdict.scenario.replace("/", ".").replace("-", "_")
    return f"the rule policies.{rule} failed on"


class Coverage:
    """What a matrix has shown so far of the scenarios that only a matrix can show."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Begin with nothing shown."""
        self._entries = [
            (entry, entry.rule.configurable)
            for entry in entries
            if isinstance(entry.rule, TableRule) and entry.rule.configurable is not None
        ]
        self._types: set[str] = set()
        self._reached: set[tuple[str, str, str]] = set()

    def add(self, template: Template, verdicts: Sequence[Verdict]) -> None:
        """Take note of a template and its verdicts: a compliant one shows that the setting's value reached it."""
        types = {table.logical_id: table.type for table in template.tables}
        self._types.update(types.values())
        held = {(verdict.scenario, verdict.resource) for verdict in verdicts if verdict.outcome is Outcome.COMPLIANT}
        for entry, configurable in self._entries:
            value = json.dumps((template.settings or {}).get(configurable.setting))
            for logical_id, table_type in types.items():
                if (entry.name, logical_id) in held:
                    self._reached.add((entry.name, table_type, value))

    def conclude(self) -> Iterator[Verdict]:
        """Judge the matrix: one verdict for each such scenario and type of table."""
        for entry, configurable in self._entries:
            for table_type in sorted(self._types) or ["DynamoDB table"]:
                yield self._concluded(entry, configurable, table_type)

    def _concluded(self, entry: Entry, configurable: Configurable, table_type: str) -> Verdict:
        reached = {value for name, kind, value in self._reached if (name, kind) == (entry.name, table_type)}
        missing = [value for value in configurable.values if json.dumps(value) not in reached]
        if not missing:
            return entry.verdict(Outcome.COMPLIANT)
        said = " and ".join(str(value).lower() for value in missing)
        return replace(
            entry.verdict(Outcome.NON_COMPLIANT, f"no {table_type} of the matrix takes {configurable.setting} {said}"),
            expected=f"each value of {configurable.setting} reaches a template",
            remedy=f"make the property from the setting {configurable.setting}, and override it nowhere",
        )
