"""Whether a scanner has read the templates that it was to read: silence of one that has not is no approval."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from scanners.canary import canary
from scanners.model import Scan

_NAMED = 3
_RUN_AGAIN = "run it again on the folder of templates that `storage-compliance synth` has written for this matrix"


def shortcomings(scan: Scan, *parts: Collection[str]) -> Iterator[str]:
    """Return why a scan cannot be relied on for these templates, by digest, as sentences about the scanner.

    They are those of one folder, or of its parts. Findings in the canary that stands beside these templates, and no
    others, are what shows that it read, and judged, the folder that they are in; one that lists what it has read is
    held to its list, too.
    """
    yield from scan.failures
    wanted = set().union(*parts)
    if not wanted:
        yield "there are no templates that it could have read"
    for templates in parts:
        if wanted and not sung(scan, templates):
            file = f"{canary(templates)}.template.json"
            strange = scan.canaries.keys() - {canary(part) for part in parts}
            other = f"something in {_named(strange)}, which is of other templates, and " if strange else ""
            yield f"it found {other}nothing in the canary, {file}: it may have read nothing; {_RUN_AGAIN}"
    unread = wanted & scan.unread.keys() | (set() if scan.templates is None else wanted - scan.templates)
    if unread:
        said = "".join(f": {scan.unread[one]}" for one in sorted(unread & scan.unread.keys())[:1])
        yield f"it has not read {_named(unread)}, {len(unread)} of {len(wanted)} templates{said}"
    told = {finding.template for finding in scan.findings if finding.template} | (scan.templates or frozenset())
    told |= scan.unread.keys()
    if strange := told - wanted:
        yield f"it has read {_named(strange)}, {len(strange)} of other runs; run it again on the templates of this one"


def sung(scan: Scan, *parts: Collection[str]) -> frozenset[str]:
    """Return the rules that a scan has found violated in the canary of each of these parts."""
    return frozenset.intersection(*(scan.canaries.get(canary(templates), frozenset()) for templates in parts))


def _named(names: Collection[str]) -> str:
    named = sorted(names)
    return ", ".join(named if len(named) <= _NAMED else [*named[:_NAMED], "…"])
