"""Why a run of a SARIF log cannot be relied on, by its own account, or not for some templates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.reading import printable
from scanners.artifacts import Artifacts
from scanners.canary import is_canary
from scanners.descriptors import Descriptors, level
from scanners.errors import ContradictionError, within
from scanners.messages import Messages
from scanners.model import Level
from scanners.sarif_model import ArtifactLocation, Invocation, Location, Reference, Run

_MAX_SAID = 500


def failures(run: Run, artifacts: Artifacts, messages: Messages) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the reasons, each once, as sentences about the scanner, and what it says of templates, by their digests.

    The latter are those at which it reports an error (section 3.58.5), and nothing else: it has failed at these.
    Whether it succeeded is what `executionSuccessful` says (section 3.20.14), whatever `exitCode` stands beside it:
    what that means is the scanner's own, and many end with 1 where they have found something. None succeeds that was
    ended by a signal, or not started: a log that says both contradicts itself, and is believed to have failed.
    """
    of_run: dict[str, None] = {}
    of_templates: dict[str, str] = {}
    for templates, failure in _failures(run, artifacts, messages):
        for template in templates:
            of_templates.setdefault(template, failure)
        if not templates:
            of_run.setdefault(failure)
    return tuple(of_run), of_templates


_Failure = tuple[list[str], str]
"""The templates of which alone something is said, none where it is of all, and that."""


def _failures(run: Run, artifacts: Artifacts, messages: Messages) -> Iterator[_Failure]:
    if run.results is None:
        yield [], "it has not begun to look: its run has no results, not even none"
    descriptors = Descriptors(run.tool, "notifications")
    for number, invocation in enumerate(run.invocations):
        with within(f".invocations[{number}]"):
            yield from _of_invocation(invocation, descriptors, artifacts, messages)
    if run.conversion and run.conversion.invocation:
        with within(".conversion.invocation"):
            descriptors = Descriptors(run.conversion.tool, "notifications")
            for _, failure in _of_invocation(run.conversion.invocation, descriptors, artifacts, messages):
                yield [], f"what wrote its log failed: {failure}"


def _of_invocation(
    invocation: Invocation, descriptors: Descriptors, artifacts: Artifacts, messages: Messages
) -> Iterator[_Failure]:
    if invocation.process_start_failure_message is not None:
        yield [], f"it was not started: {_said(invocation.process_start_failure_message)}"
    if invocation.exit_signal_name is not None or invocation.exit_signal_number is not None:
        signal = str(invocation.exit_signal_name or invocation.exit_signal_number)
        yield [], f"it was ended by the signal {_said(signal)}"
    if not invocation.execution_successful:
        code = f" with exit code {invocation.exit_code}" if invocation.exit_code is not None else ""
        said = f": {_said(invocation.exit_code_description)}" if invocation.exit_code_description else ""
        yield [], f"it did not succeed{code}{said}"
    with within(".notificationConfigurationOverrides"):
        overrides = descriptors.overridden(invocation.notification_configuration_overrides)
    for kind, notifications in (
        ("toolExecutionNotifications", invocation.tool_execution_notifications),
        ("toolConfigurationNotifications", invocation.tool_configuration_notifications),
    ):
        for number, notification in enumerate(notifications):
            with within(f".{kind}[{number}]"):
                described = descriptors.find(notification.descriptor or Reference())
                is_error = level(notification.level, described, overrides) is Level.ERROR
                # An exception has kept it from something, whatever level it is given (section 3.58.9).
                if is_error or notification.exception is not None:
                    said = _said(messages.text(notification.message, described))
                    yield _templates(notification.locations, artifacts), f"it reports an error: {said}"


def _templates(locations: Sequence[Location], artifacts: Artifacts) -> list[str]:
    """Return the templates that these are all the places of; none, if one is elsewhere."""
    try:
        templates = [artifacts.template(_file(location)) for location in locations]
    except ContradictionError:
        return []
    return [] if any(map(is_canary, templates)) else templates


def _file(location: Location) -> ArtifactLocation:
    physical = location.physical_location
    return (physical and physical.artifact_location) or ArtifactLocation()


def _said(text: str) -> str:
    """Return what a log says, fit for a sentence."""
    return printable(" ".join((text if len(text) <= _MAX_SAID else text[: _MAX_SAID - 3] + "...").split()))
