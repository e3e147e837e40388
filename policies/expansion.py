"""What the macros of a template make of it, as far as that can be known without a deployment.

Source: AWS CloudFormation User Guide, "Perform custom processing on CloudFormation templates with template macros":
macros are evaluated from the most deeply nested outward, those of the Transform section last and in the order in
which they are listed; and AWS CloudFormation Template Reference, "AWS::LanguageExtensions transform", which has to
be listed before AWS::Serverless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from policies import loops, sam
from policies.errors import UndeterminedError
from policies.nodes import child

_LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
_HARMLESS = frozenset({_LANGUAGE_EXTENSIONS, "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16"})
"""Macros of AWS that leave nothing to wait for: they change what no rule reads, or, loops apart, add functions."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A template after the macros that could be expanded, and why each of the others could not, by its name.

    `pending` are the macros that make resources or whole sections. What is left inside a resource, a condition or an
    output stands where it stood, as a value that nobody knows, and leaves the rest to be judged.
    """

    document: Mapping[str, object]
    pending: Mapping[str, str]


def expand(document: Mapping[str, object], given: Mapping[str, str]) -> Expansion:
    """Expand the macros of a template; `given` are the values of parameters that are known."""
    stated = document.get("Transform", [])
    listed = stated if isinstance(stated, list) else [stated]
    run = _Run(dict(document), given)
    kept = [macro for macro in listed if not run.expands(macro)]
    if kept and len(kept) < len(listed):  # the translator drops the section
        run.document["Transform"] = kept
    for path, name in _calls(run.document):
        run.pending.setdefault(name, run.reason(path, name, waits=_LANGUAGE_EXTENSIONS in listed))
    return Expansion(run.document, run.pending)


@dataclass
class _Run:
    """The template so far, the macros that could not be expanded, and the loops that could not, by their place."""

    document: dict[str, object]
    given: Mapping[str, str]
    pending: dict[str, str] = field(default_factory=dict)
    loops: Mapping[str, str] | None = None

    def expands(self, macro: object) -> bool:
        """Expand a macro of the Transform section, if it can be; tell whether it is to be listed no longer."""
        name = macro if isinstance(macro, str) else "Fn::Transform"
        if self.pending:
            if name not in _HARMLESS:
                self.pending.setdefault(name, self._waiting())
        elif name == sam.TRANSFORM:
            try:
                self.document = sam.translate(self.document, self.given)
            except UndeterminedError as error:
                self.pending[name] = error.reason
            else:
                return True
        elif name == _LANGUAGE_EXTENSIONS:
            self.document, self.loops = loops.unroll(self.document, self.given)
        elif name not in _HARMLESS:
            self.pending[name] = "what it makes of the template is known at deployment only"
        return False

    def reason(self, path: str, name: str, *, waits: bool) -> str:
        """Say why a macro that is called at a place is left there; `waits`: the one that unrolls loops is listed."""
        for place, problem in (self.loops or {}).items():
            if place.startswith(path):
                return f"{place}: {problem}"
        if name == "Fn::ForEach" and self.loops is None and waits:
            return self._waiting()
        if name == "Fn::ForEach":
            return f"{path}: loops stand in Conditions, Outputs or Resources, with {_LANGUAGE_EXTENSIONS} listed"
        return f"{path}: what it makes of the template is known at deployment only"

    def _waiting(self) -> str:
        return f"it runs after {next(iter(self.pending))}, which is not expanded"


def _calls(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Return the places where macros make resources or whole sections, with the macros' names."""
    resources = document.get("Resources")
    for path, section in (("$", document), ("$.Resources", resources if isinstance(resources, dict) else {})):
        for key in section:
            if key.startswith("Fn::"):
                yield child(path, key), "::".join(key.split("::")[:2])
