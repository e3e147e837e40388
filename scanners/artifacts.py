"""Which template of ours an artifact of a SARIF log is."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import unquote

from policies.reading import quoted
from scanners.canary import PREFIX, is_canary
from scanners.errors import ContradictionError, within
from scanners.sarif_model import Artifact, ArtifactLocation, Run

_FILE = re.compile(rf"(?P<name>(?:{PREFIX})?[0-9a-f]{{64}})\.template\.json")
_DIGEST = re.compile("[0-9a-f]{64}")
_ANALYSED = {"analysisTarget", "resultFile"}
_MAX_URI = 10_000


class Artifacts:
    """The artifacts of a run: digests of templates, names of canaries, or None for what is no template of ours."""

    def __init__(self, run: Run) -> None:
        self._locations = [artifact.location or ArtifactLocation() for artifact in run.artifacts]
        self._templates: list[str | None] = []
        for number, artifact in enumerate(run.artifacts):
            with within(f".artifacts[{number}]"):
                self._templates.append(_listed(artifact))
        self._hashed: dict[tuple[str | None, str | None], str | None] = {
            (location.uri, location.uri_base_id): template
            for location, template in zip(self._locations, self._templates, strict=True)
            if location.uri is not None
        }
        self._roles = [
            (template, set(artifact.roles))
            for artifact, template in zip(run.artifacts, self._templates, strict=True)
            if template
        ]

    def template(self, location: ArtifactLocation) -> str:
        """Return the template at a location, by its file's name or by the hash of the artifact that it stands for.

        That is a template's digest, or a canary's name. Raises `ContradictionError` where it is none, or one file by
        its name and another by its index.
        """
        template = _named(location.uri) or self._hashed.get((location.uri, location.uri_base_id))
        uri = location.uri
        if location.index is not None:
            listed, named = self._listed(location.index)
            if uri is not None and (_file(uri) != _file(named or uri) or template not in (None, listed)):
                raise ContradictionError(f"{quoted(uri)} is not the artifact that its index {location.index} leads to")
            template, uri = listed, uri or named
        if template is None:
            raise ContradictionError(
                f"{quoted(uri or '')} is of other templates; expected <its SHA-256>.template.json of this run"
            )
        return template

    def read(self, mentioned: Collection[str]) -> frozenset[str] | None:
        """Return the digests of the templates that the run says it has read; None where it does not tell.

        A list of artifacts need hold no more than those with results (section 3.14.15). So it does not tell where
        it says of none that it was to be analysed (3.24.6), and lists none but those that are `mentioned` by results.
        Where it says so of some, the others were not; what has another part in the run, such as an attachment, never.
        """
        analysed = {template for template, roles in self._roles if roles & _ANALYSED}
        unsaid = {template for template, roles in self._roles if not roles}
        if any("analysisTarget" in roles for _, roles in self._roles):
            return frozenset(template for template in analysed | (unsaid & set(mentioned)) if not is_canary(template))
        listed = frozenset(template for template in analysed | unsaid if not is_canary(template))
        return None if listed <= set(mentioned) else listed

    def _listed(self, index: int) -> tuple[str | None, str | None]:
        """Return the template that is listed at an index, and the uri that it is listed with."""
        if index >= len(self._templates):
            problem = f"the index {index} leads nowhere; the run has {len(self._templates)} artifacts"
            raise ContradictionError(problem, ".index")
        return self._templates[index], self._locations[index].uri


def _listed(artifact: Artifact) -> str | None:
    named = _named(artifact.location.uri) if artifact.location else None
    stated = next((value for name, value in artifact.hashes.items() if name.lower() == "sha-256"), "").lower()
    hashed = stated if _DIGEST.fullmatch(stated) and (not artifact.roles or _ANALYSED & set(artifact.roles)) else None
    if named and hashed and named != hashed and not is_canary(named):
        raise ContradictionError(f"{named} by its name, but {hashed} by its hash: it is not the template it was")
    return named or hashed


def _named(uri: str | None) -> str | None:
    """Return the template that a file is by its name."""
    found = _FILE.fullmatch(_file(uri)) if uri is not None else None
    return found["name"] if found else None


def _file(uri: str) -> str:
    """Return a file's name, whatever folder it is in, wherever that is, on whatever system."""
    return unquote(uri).replace("\\", "/").rpartition("/")[2] if len(uri) <= _MAX_URI else uri
