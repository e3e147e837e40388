"""What reports tell of alerts: names, printable, bounded, and no two alike; details, and links of the web alone."""

from __future__ import annotations

import pytest

from evidence.alerts import MAX_NAME, Found, Named, by_scanner, details, link, names
from evidence.model import Scanned, Scanner
from tests.evidence.records import alert, context, scanned

NAME = "checkov CKV_AWS_119 on WorthWatchStorage/Storage/DynamoTable/Resource"
KNOWN = "0123456789abcdef" * 2
OTHER = "f" * 32


def test_a_name() -> None:
    """Scanner, rule and resource are the name; where two have it in common, each ends in its fingerprint."""
    assert names([]) == []
    assert names([alert()]) == [NAME]
    assert names([alert(), alert(fingerprint=OTHER)]) == [f"{NAME}, {KNOWN}", f"{NAME}, {OTHER}"]


def test_a_name_that_looks_like_another() -> None:
    """One that ends as if it had a fingerprint has its own too, so that it is not taken for one that has."""
    forged = alert(resource=f"{alert().resource}, {KNOWN}", fingerprint=OTHER)
    assert names([alert(), alert(fingerprint="e" * 32), forged]) == [
        f"{NAME}, {KNOWN}",
        f"{NAME}, {'e' * 32}",
        f"{NAME}, {KNOWN}, {OTHER}",
    ]


def test_hostile_names() -> None:
    """What is not printed is escaped, before names are compared; what is too long is cut, and ends in a fingerprint."""
    assert names([alert(resource="\x1b\ud800")]) == [r"checkov CKV_AWS_119 on \x1b\ud800"]
    alike = [alert(resource="\n"), alert(resource=r"\n", fingerprint=OTHER)]
    assert names(alike) == [rf"checkov CKV_AWS_119 on \n, {KNOWN}", rf"checkov CKV_AWS_119 on \n, {OTHER}"]
    assert names([alert(rule="r" * 1_000_000)]) == [f"checkov {'r' * (MAX_NAME - 8)}, {KNOWN}"]


def test_by_scanner() -> None:
    """Each scanner that was asked has what it has found, what stands first; one that is named twice is told once."""
    waived = alert(fingerprint=OTHER, waived=(0, 1), waivers=("a",))
    told = by_scanner(scanned(waived, alert()))
    standing = (Named(f"{NAME}, {KNOWN}", alert()), Named(f"{NAME}, {OTHER}", waived))
    assert told == [Found(Scanner("checkov", "3.3.30"), standing), Found(Scanner("house-rules", None), ())]
    assert [one.standing for one in told] == [1, 0]
    assert by_scanner(Scanned()) == []
    twice = Scanned((Scanner("checkov", "1"), Scanner("checkov", "2")))
    assert by_scanner(twice) == [Found(Scanner("checkov", "1"), ())]
    assert by_scanner(Scanned((), (alert(),))) == [Found(Scanner("checkov", None), (Named(NAME, alert()),))]


def test_details() -> None:
    """All that is known of it; of contexts the first, and how many others."""
    contexts = [context(name) for name in ("dev", "staging", "prod", "test")]
    assert list(details(alert(help_uri=None, contexts=(1,)), contexts)) == [
        ("resource", "WorthWatchStorage/Storage/DynamoTable/Resource"),
        ("level", "error"),
        ("context", "staging"),
        ("known by", KNOWN),
    ]
    one = alert(contexts=(0, 1, 2, 3), waived=(0,), waivers=tuple(f"w{number}" for number in range(22)))
    assert list(details(one, contexts)) == [
        ("resource", "WorthWatchStorage/Storage/DynamoTable/Resource"),
        ("level", "error"),
        ("context", "dev and 3 others"),
        ("not waived in", "staging and 2 others"),
        *(("waiver", f"w{number}") for number in range(20)),
        ("other waivers", "2, which the trace tells"),
        ("known by", KNOWN),
        ("help", "https://example.com/CKV_AWS_119"),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://docs.aws.amazon.com/a/b.html#c-d",
        "http://example.com",
        "http://example.com:8080/?q=%20a&b=(c)",
        "https://example.com#x",
    ],
)
def test_a_link(address: str) -> None:
    """An address of the web is a link."""
    assert link(alert(help_uri=address)) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "example.com",
        "//example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "HTTPS://example.com",
        "https://user@example.com/",
        "https://",
        "https:///x",
        "https://[::1]/",
        "https://example.com/a b",
        "https://example.com/\n",
        "https://example.com/<b>",
        "https://example.com/](x)",
        "https://example.com/%zz",
        "https://example.com/é",
        "https://example.com/#a#b",
        f"https://example.com/{'x' * 1_000}",
    ],
)
def test_no_link(address: str | None) -> None:
    """What is no address of the web, or has anything in it that is not to stand in one, is none."""
    assert link(alert(help_uri=address)) is None
