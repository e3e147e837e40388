"""What came of a context, as a line of the bundle that is enough to judge it again."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from evidence.model import TracedContext
from policies.reading import InputError
from stack.contexts import Context
from stack.settings import Problem
from stack.synth import Synthesis

_Digest = Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$")]


class _Object(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ProblemLine(_Object):
    """Why a context was refused, as `stack.settings.Problem` has it."""

    key: str
    found: str
    allowed: str


class Constructs(_Object):
    """What the construct tree says of a template's resources, by logical id: their lineages, and their paths."""

    lineages: dict[str, list[str]]
    paths: dict[str, str]

    @classmethod
    def of(cls, synthesis: Synthesis) -> Constructs | None:
        """Return what came of a context, None where no tree did."""
        if synthesis.constructs is None:
            return None
        lineages = {logical_id: list(lineage) for logical_id, lineage in synthesis.constructs.items()}
        return cls(lineages=lineages, paths=dict(synthesis.paths or {}))

    @classmethod
    def read(cls, value: object, where: str) -> Constructs:
        """Return what a member says. Raises `policies.reading.InputError`, `where` naming it."""
        try:
            return cls.model_validate(value)
        except ValidationError:
            raise InputError(where, "no construct tree; expected lineages and paths by logical id") from None


class SynthesisLine(_Object):
    """A context and what came of it, as `stack.synth.Synthesis` has it.

    `refused` are the keys whose refusal is expected, `problems` those for which it was refused; `template` and
    `constructs` are the digests of the members that hold them.
    """

    name: str
    values: dict[str, Any]
    account: str | None
    region: str | None
    refused: list[str]
    template: _Digest | None
    constructs: _Digest | None
    settings: dict[str, Any] | None
    problems: list[ProblemLine] | None
    message: str | None
    failure: str | None

    @classmethod
    def of(cls, synthesis: Synthesis, constructs: bytes | None) -> SynthesisLine:
        """Return what came of a context; `constructs` is their member's contents."""
        context, problems = synthesis.context, synthesis.refused
        return cls(
            name=context.name,
            values=dict(context.values),
            account=context.account,
            region=context.region,
            refused=sorted(context.refused),
            template=None if synthesis.template is None else digest(synthesis.template),
            constructs=None if constructs is None else digest(constructs),
            settings=None if synthesis.settings is None else dict(synthesis.settings),
            problems=None if problems is None else [ProblemLine(**problem._asdict()) for problem in problems],
            message=synthesis.message,
            failure=synthesis.failure,
        )

    @classmethod
    def read(cls, value: object, where: str) -> SynthesisLine:
        """Return what a line says. Raises `policies.reading.InputError`, `where` naming the line."""
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise InputError(where, f"{place}: {first['msg']}") from None

    def synthesis(self, template: bytes | None, constructs: Constructs | None) -> Synthesis:
        """Return it as it came, with the contents of its members."""
        return Synthesis(
            Context(self.name, self.values, self.account, self.region, frozenset(self.refused)),
            self.settings,
            template,
            None if constructs is None else {key: tuple(held) for key, held in constructs.lineages.items()},
            None if self.problems is None else tuple(Problem(**problem.model_dump()) for problem in self.problems),
            self.message,
            self.failure,
            None if constructs is None else constructs.paths,
        )

    def traced(self) -> TracedContext:
        """Return the context as a trace has it, without outcomes."""
        return TracedContext(self.name, self.values, self.account, self.region, tuple(self.refused), self.template, ())


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes, as `sha256:<hex>`."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def anonymous(synthesis: Synthesis) -> Synthesis:
    """Return what came of a context with nothing in it that names a folder of this machine, as a failure may."""
    if synthesis.message is None and synthesis.failure is None:
        return synthesis
    return replace(synthesis, message=_anonymous(synthesis.message), failure=_anonymous(synthesis.failure))


def _anonymous(text: str | None) -> str | None:
    if text is None:
        return None
    named = {str(Path.cwd()): ".", tempfile.gettempdir(): "<tmp>", str(Path.home()): "<home>", sys.prefix: "<python>"}
    for folder in sorted(named.keys() - {"/"}, key=len, reverse=True):
        text = text.replace(folder, named[folder])
    return text
