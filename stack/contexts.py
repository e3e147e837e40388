"""The contexts that the stack is synthesised under: single ones, and the matrices that combine the axes.

Imports no CDK.
"""

import itertools
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from stack.axes import ENVIRONMENTS, FLAGS, REFUSED, SETTINGS, Choice, Environment
from stack.cdk_json import cdk_json
from stack.pairwise import pairwise
from stack.settings import PREFIX, ContextRefused, Settings

Matrix = Literal["smoke", "pairwise", "full"]

_CLI: Mapping[str, object] = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:version-reporting": True,
}
"""What the CDK CLI adds to every context, as far as the template depends on it."""

_OPTIONS = {
    "aws:cdk:enable-path-metadata": "--no-path-metadata",
    "aws:cdk:version-reporting": "--no-version-reporting",
}
"""The CLI's options that turn these off: it overwrites them when they come as context."""

_READS_TEXT = "@aws-cdk/core:validateAgainstDefaultRules"
"""The one flag for which the CDK takes the string "false" for false, and the empty string for true."""

_ZONES = ("a", "b", "c")


@dataclass(frozen=True, slots=True)
class Context:
    """One synthesis: the context keys beyond those of cdk.json, the environment, and what must come of it.

    `name` is unique within a matrix. An `account` and `region` of None make the stack environment-agnostic.
    `refused` holds the keys whose refusal is expected; where it is empty the context must synthesise.
    """

    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    account: str | None = None
    region: str | None = None
    refused: frozenset[str] = frozenset()

    @property
    def complete(self) -> dict[str, object]:
        """Everything that the app sees: what the CLI adds, overlaid by cdk.json, overlaid by `values`."""
        return {**_CLI, **cdk_json_context(), **self.values}

    @property
    def command(self) -> str:
        """The shell line that synthesises this context with the CDK CLI, at the root of a checkout.

        `-c` makes a string of every value. For most of our keys that means the same; of the CDK's flags, most of
        which take the string "false" for true, an off one is passed as the empty string. What no string can
        say, and what `-c` would cut, goes into cdk.context.json, which the CLI reads too; null alone it drops there
        as well. The CLI overwrites CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION with the user's own; so they are set
        behind it, where it starts the app.
        """
        words = ["npx", "aws-cdk@2", "synth", "--app", f"env {self._environment} python -m stack.app"]
        structured = {}
        for key, value in self.values.items():
            if key in _OPTIONS:
                # On is what the CLI does without the option, and a string, even "false", is on.
                words += [_OPTIONS[key]] if value is False else []
            elif isinstance(value, str | int | float) and _fits(key, value):
                words += ["-c", f"{key}={_as_text(key, value)}"]
            else:
                structured[key] = value
        # The echo of some shells would resolve the backslashes of JSON.
        file = f"printf %s {shlex.quote(json.dumps(structured))} > cdk.context.json && " if structured else ""
        # Left behind, the file would speak up in every later synthesis.
        return f"{file}{shlex.join(words)}; rm cdk.context.json" if structured else shlex.join(words)

    @property
    def _environment(self) -> str:
        if self.account is None:
            return "-u CDK_DEFAULT_ACCOUNT -u CDK_DEFAULT_REGION"
        return f"CDK_DEFAULT_ACCOUNT={self.account} CDK_DEFAULT_REGION={self.region}"


def _fits(key: str, value: str | float) -> bool:
    """Tell whether `-c KEY=VALUE` means the same as the value: 123 is no table's name, but "123" is.

    The CLI takes what stands before the first = for the key, and drops what stands behind the end of a line.
    """
    text = _as_text(key, value)
    return f"{key}{text}".isprintable() and "=" not in key and _read({key: value}) == _read({key: text})


def _read(values: Mapping[str, object]) -> Settings | None:
    try:
        return Settings.from_context(values)
    except ContextRefused:
        return None


def _as_text(key: str, value: str | float) -> str:
    if value is False and not key.startswith(PREFIX) and key != _READS_TEXT:
        return ""
    if isinstance(value, float) and value.is_integer():
        # To JavaScript, through which the app is given it, 5.0 is 5.
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def cdk_json_context() -> Mapping[str, object]:
    """Read the `context` of cdk.json, which the CDK CLI applies to every synthesis."""
    context: Mapping[str, object] = json.loads(cdk_json().read_text(encoding="utf-8"))["context"]
    return context


def matrix(name: Matrix) -> Iterator[Context]:
    """Give the contexts of a matrix, one at a time and always in the same order; each name occurs once.

    - `smoke`: a dozen: each stage, removal policy and billing mode, recovery on and off, VPCs, refusals.
    - `pairwise`: every pair of values of every two axes that no third value forbids; every refusal.
    - `full`: every combination of our settings, each environment and feature flag on top, each bound and other way to
      write a value; every refusal.
    """
    match name:
        case "smoke":
            yield from _smoke()
        case "pairwise":
            yield from _pairwise()
            yield from _refused()
        case "full":
            yield from _every_setting()
            yield from _on_top()
            yield from _further()
            yield from _refused()


def _smoke() -> Iterator[Context]:
    anywhere, eu, cn, _ = ENVIRONMENTS
    # Of the values of the axes: waivers are bound to what stands in templates.
    for label, environment, ours in (
        ("defaults", anywhere, {}),
        ("dev-destroy-nopitr", anywhere, {"removalPolicy": "destroy", "pointInTimeRecovery": "false"}),
        ("dev-provisioned", anywhere, {"billingMode": "PROVISIONED", "readCapacity": "10"}),
        ("staging-roud", eu, {"stage": "staging", "removalPolicy": "retain-on-update-or-delete"}),
        ("staging-vpc-cn", cn, {"stage": "staging", "deployVpc": True}),
        (
            "staging-named",
            anywhere,
            {"tableName": "worthwatch.storage-Table_1", "tableEnvironmentVariableName": "WORTHWATCH_TABLE"},
        ),
        ("prod", anywhere, {"stage": "prod"}),
        ("prod-7d-vpc", anywhere, {"stage": "prod", "recoveryPeriodInDays": "7", "deployVpc": "true"}),
    ):
        yield _context(label, environment, [Choice(label, {PREFIX + key: value for key, value in ours.items()})])
    yield from _refused("stage-1", "prod-destroy", "several", "no-colon")


def _pairwise() -> Iterator[Context]:
    axes: list[Sequence[Choice | Environment]] = [
        *((*axis.choices, *axis.further) for axis in (*SETTINGS, *FLAGS)),
        ENVIRONMENTS,
    ]
    for number, row in enumerate(pairwise(axes, _may_begin), 1):
        choices = [choice for choice in row if isinstance(choice, Choice)]
        (environment,) = (choice for choice in row if isinstance(choice, Environment))
        ours = _label(choices[: len(SETTINGS)], environment)
        yield _context(f"{ours}-{number:03}", environment, choices)


def _may_begin(row: Sequence[Choice | Environment]) -> bool:
    # Behind our settings come flags and environments, which contradict nothing.
    return len(row) > len(SETTINGS) or _admissible([choice for choice in row if isinstance(choice, Choice)])


def _every_setting() -> Iterator[Context]:
    for choices in itertools.product(*(axis.choices for axis in SETTINGS)):
        if _admissible(choices):
            yield _context(_label(choices, ENVIRONMENTS[0]), ENVIRONMENTS[0], choices)


def _on_top() -> Iterator[Context]:
    vpc = Choice("vpc", {f"{PREFIX}deployVpc": True})
    prod = Choice("prod", {f"{PREFIX}stage": "prod"})
    for environment in ENVIRONMENTS:
        for flag in (Choice("as-is", {}), *(choice for axis in FLAGS for choice in axis.choices)):
            choices = (prod, vpc, flag)
            yield _context(_label(choices, environment), environment, choices)


def _further() -> Iterator[Context]:
    provisioned = Choice("provisioned", {f"{PREFIX}billingMode": "PROVISIONED"})
    further = (choice for axis in SETTINGS for choice in axis.further if choice.values)
    for number, choice in enumerate(further, 1):
        choices = (choice,) if _admissible((choice,)) else (provisioned, choice)
        yield _context(f"{_label(choices, ENVIRONMENTS[0])}-{number:02}", ENVIRONMENTS[0], choices)


def _refused(*labels: str) -> Iterator[Context]:
    for refused in REFUSED:
        if not labels or refused.label in labels:
            yield Context(f"refused-{refused.label}", refused.values, refused=refused.keys)


def _admissible(choices: Sequence[Choice]) -> bool:
    return _read(_merged(choices)) is not None


def _context(name: str, environment: Environment, choices: Iterable[Choice]) -> Context:
    values = _merged(choices)
    if environment.account and Settings.from_context(values).deploy_vpc:
        # A VPC in a known place is laid out over its zones: the CLI looks them up and keeps them in this key.
        lookup = f"availability-zones:account={environment.account}:region={environment.region}"
        values[lookup] = [f"{environment.region}{zone}" for zone in _ZONES]
    return Context(name, values, environment.account, environment.region)


def _merged(choices: Iterable[Choice]) -> dict[str, object]:
    return {key: value for choice in choices for key, value in choice.values.items()}


def _label(choices: Iterable[Choice], environment: Environment) -> str:
    return "-".join(filter(None, (*(choice.label for choice in choices), environment.label))) or "defaults"
