"""What other scanners say of templates, whatever their format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAX_NAME = 1_000
"""The most characters of what a scanner calls something, such as a rule, a version or an address."""

LINK = re.compile("https?://[!-~]+")
"""What the address of a rule's page is, whole."""

_OURS = "worthwatch"
_NAME = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


def is_name(name: str) -> bool:
    """Tell whether something can be the name of a `Scan`: another's than our own, with whatever hyphens.

    A person who reads of findings, and of waivers, of `worth-watch` takes them for our own.
    """
    return bool(_NAME.fullmatch(name)) and name.replace("-", "") != _OURS


class Level(StrEnum):
    """How severe a finding is, by the words of SARIF 2.1.0, section 3.27.10."""

    NONE = "none"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class ScannerFinding:
    """A problem that a scanner has found, at one place; of findings that are equal in all, only one is kept.

    `scanner` is the name of its `Scan`; `rule` is the scanner's own name for what is violated, spelt as it spells it.
    `level` is `NONE` where the scanner gives it no severity, as for what it could not decide. `message` is plain text,
    as the scanner wrote it: it may hold control characters.

    `template` is the digest (SHA-256, in lower-case hexadecimal) of the template that it is about, None where it is
    about none. Lines and columns count from 1, `end_column` is the one after the last; each is None where the scanner
    does not tell it. `logical` is what the scanner calls the place: a logical id, or a construct's path. It is `vague`
    where the place is told in more ways than these fields hold, by several names, or as an offset of characters or
    bytes: then nothing less than the whole template is known to hold it.
    """

    scanner: str
    rule: str
    level: Level
    message: str
    template: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    logical: str | None
    help_uri: str | None
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """One run of a scanner.

    `name` is the scanner's in lower case, with one hyphen for all between letters and digits: "cfn-lint", "checkov".
    `templates` are the digests of those that it says it has read; None where it keeps no such list. `canaries` are the
    rules that were found violated in a canary, by the canary's name (`scanners.canary.canary`); those findings are not
    among `findings`. `failures` are the reasons for which it cannot be relied on, as sentences about the scanner,
    printable and short. `unread` are the templates, by digest, at which it reports an error, and what it says of each,
    likewise.
    """

    name: str
    version: str | None
    templates: frozenset[str] | None
    canaries: Mapping[str, frozenset[str]]
    findings: tuple[ScannerFinding, ...]
    failures: tuple[str, ...]
    unread: Mapping[str, str] = field(default_factory=dict)
