"""The rules as a cdk-nag pack, for any Python CDK app: `Validations.of(app).add_plugins(StorageChecks(app))`.

What is judged is what will be deployed: the templates as synthesis has written them, so that a raw override which
breaks a scenario is caught and one that mends it is honoured. Entries of the report (`validation-report.json` of the
cloud assembly), where `<scenario>` is `<requirement-slug>/<scenario-slug>`:

- `WorthWatch-<scenario>`, an error: the scenario is violated.
- `WorthWatch-<scenario>[undetermined]`, an error: the template alone cannot say. It is no pass, but its id is its own:
  who acknowledges it has not acknowledged a violation.
- `WorthWatch-could-not-judge[<scenario>]` and `WorthWatch-could-not-judge[template]`, fatal: a rule failed, or a
  template could not be read. Nothing is known, so that the CDK lets nobody acknowledge it. Where not even the rules
  can be loaded the CDK reports that the plugin failed.
- `WorthWatch-nothing-judged`, a warning: the app has no DynamoDB table.
- `WorthWatch-judged`, for information, about no construct and not printed: how much was judged, and what came of it.
  The CDK leaves a plugin without entries out of the report, as if it had not run.

Errors and fatal entries end synthesis with an exception. An error is acknowledged with a reason, on the table or what
holds it, by its qualified id:
`Validations.of(scope).acknowledge(Acknowledgment(id="WorthWatch::WorthWatch-<scenario>", reason=...))`.
The report keeps it among its `suppressedViolations`. By the bare id nothing is acknowledged.

What made a table is known from the construct tree; in an app with `tree_metadata=False` it is undetermined.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import aws_cdk as cdk
from cdk_nag import NagPack
from constructs import IConstruct

from policies import catalogue
from policies.assembly import read_sources
from policies.cloud_assembly import Source
from policies.judge import judge_template
from policies.linking import Linked, link
from policies.model import Outcome, Verdict
from policies.nodes import child
from policies.reading import InputError, printable

PACK = "WorthWatch"
"""The pack's name: the first part of every id, and the namespace in which it is acknowledged."""

MAX_FOUND_LENGTH = 500
"""The most characters that an entry quotes of what stands in a template."""

_BROKEN = frozenset({"error", "fatal"})


class StorageChecks(NagPack):
    """Judges every DynamoDB table of an app, or of a stage, against every scenario that one template can show.

    The settings that a rule judges by are those that a template states in its Metadata under `worthwatch:settings`.
    `props` are those of NagPack; `write_suppressions_to_cloud_formation` records acknowledgements in the template.
    """

    def __init__(self, scope: IConstruct | None = None, **props: bool | None) -> None:
        super().__init__(scope, **props)
        self._pack_name = PACK

    @property
    def name(self) -> str:
        """The pack's name in the report."""
        return PACK

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Judge the templates that synthesis has written; the CDK calls this at its end.

        Raises `CatalogueError` or `SpecError` where the rules cannot be loaded.
        """
        entries = catalogue.load()
        stacks = {_named(Path(stack.template_path)): stack.stack_construct_path for stack in context.stack_templates}
        violations: list[cdk.PolicyViolation] = []
        outcomes: Counter[Outcome] = Counter()
        templates = tables = 0
        for linked in _templates(context):
            if isinstance(linked, InputError):
                violations.append(_unreadable(linked))
                continue
            template = linked.template
            templates += 1
            tables += len(template.tables)
            violations += [_unreadable(InputError(template.name, str(problem))) for problem in template.problems]
            for verdict in judge_template(entries, template, stacks=linked.stacks):
                outcomes[verdict.outcome] += 1
                if verdict.outcome in _REPORTED:
                    violations.append(_violation(verdict, stacks.get(template.name, "")))
        success = not any(violation.severity in _BROKEN for violation in violations)
        violations.append(_judged(templates, tables, outcomes) if tables else _nothing_judged(templates))
        return cdk.PolicyValidationPluginReport(success=success, violations=violations)

    def _check_resource(self, node: cdk.CfnResource) -> None:
        """Refuse `validate_scope`, which hands over constructs without the templates that they become."""
        raise NotImplementedError(
            f"{PACK} judges synthesised templates; expected Validations.of(app).add_plugins(StorageChecks(app)), "
            f"not validate_scope, which came to {node.node.path}"
        )


def _templates(context: cdk.IPolicyValidationContext) -> Iterator[Linked | InputError]:
    """Yield the templates of the stacks and of those nested in them, and the reason where one cannot be read."""
    app = cast("cdk.App", context.app_construct)  # the CDK validates nothing else
    # A stage has a folder of its own, where nested stacks lie beside theirs.
    folders = {_named(Path(path).parent) for path in context.template_paths}
    sources: list[Source] = []
    for source in read_sources(Path(app.outdir)):
        file = source.where if isinstance(source, InputError) else source.name
        if file.rpartition("/")[0] not in folders:
            continue
        if isinstance(source, InputError):
            yield source
        # A stack without resources is legal in an app, though no template: the CDK does not deploy it.
        elif "Resources" in source.document:
            sources.append(source)
    yield from link(sources)


def _named(path: Path) -> str:
    """Return a path as `policies.assembly` spells it."""
    return printable(path.as_posix())


_REPORTED = {
    Outcome.NON_COMPLIANT: ("{}", "error", "{}: {}"),
    Outcome.UNDETERMINED: ("{}[undetermined]", "error", "{} cannot be determined: {}"),
    Outcome.ERROR: ("could-not-judge[{}]", "fatal", "{} could not be judged: {}"),
}
"""The id, severity and words for the outcomes that the report tells one by one."""


def _violation(verdict: Verdict, stack: str) -> cdk.PolicyViolation:
    rule, severity, words = _REPORTED[verdict.outcome]
    return cdk.PolicyViolation(
        rule_name=f"{PACK}-{rule.format(verdict.scenario)}",
        severity=severity,
        description="; ".join((words.format(verdict.scenario, verdict.message), *_particulars(verdict))),
        fix=verdict.remedy,
        violating_resources=[_place(verdict, stack)],
    )


def _particulars(verdict: Verdict) -> Iterator[str]:
    if verdict.outcome is Outcome.NON_COMPLIANT:
        found = "nothing" if verdict.found is None else json.dumps(verdict.found, ensure_ascii=False)
        yield f"found {found if len(found) <= MAX_FOUND_LENGTH else found[: MAX_FOUND_LENGTH - 1] + '…'}"
        yield f"expected {verdict.expected}"
    yield f"at {verdict.path or '$'} of {verdict.template}"
    if verdict.assuming:
        yield f"when {' and '.join(verdict.assuming)}"


def _place(verdict: Verdict, stack: str) -> cdk.PolicyViolatingResource:
    if verdict.resource is None:
        return cdk.PolicyViolatingResource(construct_path=stack, locations=[])
    path, resource = verdict.path or "", f"{child('$.Resources', verdict.resource)}."
    return cdk.PolicyViolatingResource(
        resource_logical_id=verdict.resource,
        template_path=verdict.template,
        locations=[path.removeprefix(resource)] if path.startswith(resource) else [],
    )


def _unreadable(error: InputError) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name=f"{PACK}-could-not-judge[template]",
        severity="fatal",
        description=f"could not be judged: {error}",
        violating_resources=[cdk.PolicyViolatingResource(construct_path="", locations=[])],
    )


def _nothing_judged(templates: int) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name=f"{PACK}-nothing-judged",
        severity="warning",
        description=f"nothing was judged: no DynamoDB table in any template; templates read: {templates}",
        fix=f"register {PACK} with the app or stage whose stacks have the tables",
        violating_resources=[cdk.PolicyViolatingResource(construct_path="", locations=[])],
    )


def _judged(templates: int, tables: int, outcomes: Counter[Outcome]) -> cdk.PolicyViolation:
    counts = ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome if outcomes[outcome])
    return cdk.PolicyViolation(
        rule_name=f"{PACK}-judged",
        severity="info",
        description=f"templates: {templates}; DynamoDB tables: {tables}; verdicts: {counts}",
        violating_resources=[],
    )
