"""Waivers at work: what they cover is replaced as it comes, and they are held against all of a run at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from gate.absent import absent
from gate.agreement import Comparison, Sight
from gate.judged import Judged
from gate.scans import Alert, Others, Scans, alert_of
from gate.sightings import Sightings
from gate.spelling import spelt_by_paths
from policies.agreement import Pair
from policies.model import Outcome, Verdict, outcomes_by_resource
from policies.waiver_model import Waiver
from policies.waiving import OURS, TEMPLATE, waive
from scanners.model import Level

_MISSING = "has not run, though named by {}; import its report, or mend its name"


class Exemptions:
    """What the waivers of a run cover of its verdicts, and of what other scanners have found in its templates.

    That a waiver is unused is known only of an `exhaustive` matrix, in which there is every value of every setting.
    The scanners' rules and scenarios of `pairs` are compared, waived or not. `sources` are the bytes of the templates,
    by digest, that are the first to show something of other scanners.
    """

    def __init__(
        self,
        waivers: Sequence[Waiver],
        scans: Scans,
        today: date,
        *,
        exhaustive: bool = True,
        pairs: Sequence[Pair] = (),
    ) -> None:
        self._waivers = waivers
        self._pairs = pairs
        self._scans = scans
        self._today = today
        self._exhaustive = exhaustive
        self.sources: dict[str, bytes] = {}
        self._sightings = Sightings(waivers, today)
        self._alerts: dict[str, tuple[Alert, ...]] = {}
        self._comparison = Comparison(pairs, scans.names, exhaustive=exhaustive)

    def take(self, judged: Judged) -> tuple[Verdict, ...]:
        """Take in a context; return its verdicts, those that a waiver covers as waived.

        Only a violation seen in a template can be waived: neither what could not be judged nor a context that was not
        received as it should be.
        """
        settings = judged.settings
        if judged.template is None or judged.source is None or settings is None:
            return judged.verdicts
        theirs = self._found(judged.template.name, judged.source, judged.paths)
        outcomes = outcomes_by_resource(judged.verdicts)
        self._comparison.take(Sight(judged.context.name, judged.template, settings, judged.paths, outcomes, theirs))
        ours = [_violation(verdict, judged) for verdict in judged.verdicts]
        shown = (*theirs, *(alert for alert in ours if alert is not None))
        if not all(map(self._sightings.knows, theirs)):
            self.sources[judged.template.name] = judged.source
        self._sightings.add(judged.context.name, settings, shown)
        return tuple(
            verdict if alert is None else self._waived(verdict, self._sightings.waiver(alert, settings))
            for verdict, alert in zip(judged.verdicts, ours, strict=True)
        )

    def conclude(self) -> Others:
        """Return what the waivers and the other scanners come to, once every context was taken in."""
        waiving = waive(
            self._sightings.flags(),
            self._waivers,
            ran=[OURS, *self._scans.names],
            contexts=self._sightings.settings if self._exhaustive else None,
            today=self._today,
        )
        digests = [template.removeprefix("sha256:") for template in self._alerts]
        agreement = self._comparison.conclude(self._scans.sung(digests))
        missing = absent(self._waivers, self._pairs, self._scans.names)
        heard = [(name, _MISSING.format(about)) for name, about in missing.items() if self._scans.given]
        return Others(
            self._scans.scans,
            self._sightings.reported(),
            # Of scans that a bundle tells of, it tells what their agreement comes to, too.
            tuple(dict.fromkeys((*heard, *self._scans.problems(digests), *agreement.problems()))),
            waiving,
            agreement,
            self._today,
            {} if self._scans.given else missing,
        )

    def _found(self, template: str, source: bytes, paths: Mapping[str, str]) -> tuple[Alert, ...]:
        """Return what other scanners have found in a template, which is looked up once."""
        if template not in self._alerts:
            self._alerts[template] = self._scans.alerts(template.removeprefix("sha256:"), source, paths)
        return self._alerts[template]

    def _waived(self, verdict: Verdict, waiver: Waiver | None) -> Verdict:
        return verdict if waiver is None else replace(verdict, outcome=Outcome.WAIVED, waiver=waiver.told(self._today))


def _violation(verdict: Verdict, judged: Judged) -> Alert | None:
    if verdict.outcome is not Outcome.NON_COMPLIANT or verdict.template is None:
        return None
    rule = f"{verdict.spec}#{verdict.scenario}"
    resource = TEMPLATE if verdict.resource is None else judged.paths.get(verdict.resource, verdict.resource)
    return alert_of(
        OURS,
        rule,
        resource,
        level=Level.ERROR,
        message=verdict.message,
        found=spelt_by_paths(verdict.found, judged.paths),
        paths=judged.paths,
    )
