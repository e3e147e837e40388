"""What a bundle says that other scanners have found, held once more against its templates, waivers and verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from evidence.basis import basis
from evidence.bundle.contents import Contents
from evidence.bundle.scanning import SCANNED
from evidence.model import Scanned, TracedAlert, Trouble
from gate.absent import absent
from gate.exemptions import Exemptions
from gate.scans import Alert, Scans
from gate.waivers import load_pairs
from policies.agreement import SHIPPED
from scanners.model import Scan


def exempting(contents: Contents) -> Exemptions:
    """Return what takes the contexts of a bundle in again, each with the alerts that are said to be of its template."""
    return Exemptions(
        contents.waivers,
        _Stored(contents),
        contents.provenance.time.date(),
        exhaustive=_exhaustive(contents),
        pairs=load_pairs(SHIPPED),
    )


def of_scanned(contents: Contents, scanned: Scanned, problems: Sequence[Trouble]) -> Iterator[str]:
    """Return that other scanners' findings, or what is wrong with waivers and agreement, are not what came again."""
    if (scanned, tuple(problems)) != (contents.scanned, contents.amiss):
        yield f"{SCANNED}: does not tell what the templates, waivers and verdicts do"


def notes(contents: Contents) -> Iterator[str]:
    """Return what is to be known of a bundle's scanners that neither the bundle nor a replay of it can show.

    Pairs are those of the rules that are installed, where they are the bundle's.
    """
    ran = {scanner.name for scanner in contents.scanned.scanners}
    same = basis()["rules"] == contents.provenance.basis["rules"]
    missing = {} if ran else absent(contents.waivers, load_pairs(SHIPPED) if same else (), ran)
    if missing:
        about = ", ".join(f"{name} ({told})" for name, told in missing.items())
        yield (
            "what other scanners would find: none was asked, though waivers, or pairs of policies/agreement.toml, are "
            f"about {about}"
        )
    told = {alert.fingerprint for alert in contents.scanned.alerts}
    idle = [one for one in contents.waivers if one.scanner in ran and told.isdisjoint(one.fingerprints)]
    if idle and not _exhaustive(contents):
        counted = "1 waiver" if len(idle) == 1 else f"{len(idle):,} waivers"
        yield (
            f"whether findings of scanners that were asked are left out: in the matrix {contents.provenance.matrix} "
            f"nothing that is told of them is covered by {counted}, such as {idle[0].name}"
        )


def _exhaustive(contents: Contents) -> bool:
    return contents.provenance.matrix != "smoke"


class _Stored(Scans):
    """The scans that a bundle tells of: alerts by template, and of the scanners, what cannot be found out again."""

    def __init__(self, contents: Contents) -> None:
        super().__init__(Scan(one.name, one.version, None, {}, (), ()) for one in contents.scanned.scanners)
        self._told = [one for one in contents.amiss if one.where in self.names and one.undecided]
        self._of: dict[str, list[Alert]] = {}
        templates = [(context.template or "").removeprefix("sha256:") for context in contents.contexts]
        for told in contents.scanned.alerts:
            alert = _alert(told)
            for template in dict.fromkeys(templates[place] for place in told.contexts):
                self._of.setdefault(template, []).append(alert)

    def problems(self, *parts: Collection[str]) -> Iterator[tuple[str, str]]:
        """Return what the bundle says: whether a scanner could be relied on is not seen in what it has found."""
        return ((one.where, one.message) for one in self._told)

    def alerts(self, digest: str, source: bytes, paths: Mapping[str, str]) -> tuple[Alert, ...]:
        """Return what the bundle says of the template."""
        return tuple(self._of.get(digest, ()))


def _alert(alert: TracedAlert) -> Alert:
    return Alert(
        alert.scanner, alert.rule, alert.resource, alert.fingerprint, alert.level, alert.message, alert.help_uri
    )
