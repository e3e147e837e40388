"""What other scanners have found, as JSON: one form of it, for the trace and for the bundle."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, StringConstraints
from pydantic_core import PydanticCustomError

from evidence.model import Scanned, Scanner, TracedAlert
from scanners.model import LINK, MAX_NAME, Level


def _link(address: str) -> str:
    if not LINK.fullmatch(address):
        raise PydanticCustomError("link", "expected an address that begins with https:// or http://, without spaces")
    return address


_Name = Annotated[str, Field(max_length=MAX_NAME)]
Link = Annotated[_Name, AfterValidator(_link)]
"""The address of a rule's page, as the reader of SARIF has it."""

_Places = Annotated[list[Annotated[int, Field(ge=0)]], FailFast()]


def scanned_as_json(scanned: Scanned) -> dict[str, object]:
    """Return it in plain JSON values; `contexts` and `waived` are places among the contexts, from 0."""
    return {
        "scanners": [{"name": one.name, "version": one.version} for one in scanned.scanners],
        "alerts": [
            {
                "scanner": one.scanner,
                "rule": one.rule,
                "resource": one.resource,
                "fingerprint": one.fingerprint,
                "level": str(one.level),
                "message": one.message,
                "help": one.help_uri,
                "contexts": list(one.contexts),
                "waived": list(one.waived),
                "waivers": list(one.waivers),
            }
            for one in scanned.alerts
        ],
    }


class _Object(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ScannerTold(_Object):
    """Another scanner."""

    name: str
    version: _Name | None


class AlertTold(_Object):
    """What another scanner has found."""

    scanner: str
    rule: _Name
    resource: str
    fingerprint: Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
    level: Annotated[Level, Field(strict=False)]
    message: str
    help: Link | None
    contexts: _Places
    waived: _Places
    waivers: list[str]


class ScannedTold(_Object):
    """What `scanned_as_json` returns, read."""

    scanners: Annotated[list[ScannerTold], FailFast()]
    alerts: Annotated[list[AlertTold], FailFast()]

    def scanned(self) -> Scanned:
        """Return it as the vocabulary of the trace has it."""
        return Scanned(
            tuple(Scanner(one.name, one.version) for one in self.scanners),
            tuple(
                TracedAlert(
                    one.scanner,
                    one.rule,
                    one.resource,
                    one.fingerprint,
                    one.level,
                    one.message,
                    one.help,
                    tuple(one.contexts),
                    tuple(one.waived),
                    tuple(one.waivers),
                )
                for one in self.alerts
            ),
        )
