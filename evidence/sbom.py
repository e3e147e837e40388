"""The software that a run judged with, as a CycloneDX 1.6 bill of materials: the locked releases, and what ran them.

A release has the digest of each of its files, wheels and source. What these hold of others' software, such as
the npm packages within aws-cdk-lib, the lock does not tell: it is not listed.

Source: the JSON schema of CycloneDX 1.6, and its descriptions.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterable
from email.parser import HeaderParser
from pathlib import Path
from urllib.parse import quote

from packaging.utils import canonicalize_version

from evidence.identifiers import identifier
from evidence.lock import DISTRIBUTION, Lock, Release, read_lock
from evidence.provenance import written
from evidence.record import Provenance
from policies.reading import InputError, printable

_PROPERTY = "worthwatch:storage-compliance"
_MAX_TOLD = 5


def check_installed(lock: Path) -> None:
    """Raise `InputError` where a release that is locked, and needed here, is not the one that is installed.

    Names and versions are compared; files are not. What is installed besides, such as tools of the tests, may be.
    """
    told = [problem for release in read_lock(lock).releases if (problem := _difference(release))]
    if told:
        told = told if len(told) <= _MAX_TOLD else [*told[:_MAX_TOLD], f"and {len(told) - _MAX_TOLD} more"]
        where = printable(lock.as_posix())
        mend = f"run `pip install --require-hashes -r {where}`"
        raise InputError(where, f"the environment is not the one that it locks: {', '.join(told)}; {mend}")


def _difference(release: Release) -> str | None:
    if not release.needed:
        return None
    try:
        metadata = importlib.metadata.distribution(release.name).read_text("METADATA")
    except importlib.metadata.PackageNotFoundError:
        return f"{release.name} is missing"
    # What is installed only in part may lack its metadata, on which `importlib.metadata.version` fails.
    installed = str(HeaderParser().parsestr(metadata or "").get("Version", "of no version"))
    if canonicalize_version(installed) == canonicalize_version(release.version):
        return None
    return f"{release.name} is {printable(installed)} instead of {release.version}"


def sbom(lock: Path, made: Provenance) -> dict[str, object]:
    """Return the bill of materials of a lock, in plain JSON values.

    Beside lock and provenance it depends on nothing but which releases are needed here, by their markers: the others
    are `optional`, CycloneDX's word for what is not installed. What requires what is as in the lock: on any platform.
    Raises `InputError` as `evidence.lock.read_lock` does.
    """
    locked = read_lock(lock)
    platforms = [_platform("python", "Python", made.python), _platform("node", "Node.js", made.node)]
    bill: dict[str, object] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": written(made.time),
            "tools": {"components": [{"type": "application", "name": DISTRIBUTION, "version": made.version}]},
            "component": _root(made),
            "properties": [_property("lock", f"sha256:{locked.digest}")],
        },
        "components": _sorted([*map(_library, locked.releases), *platforms], "bom-ref"),
        "dependencies": _dependencies(locked, made, {str(one["bom-ref"]) for one in platforms}),
    }
    return bill | {"serialNumber": f"urn:uuid:{identifier('sbom', json.dumps(bill, sort_keys=True))}"}


def _root(made: Provenance) -> dict[str, object]:
    """Return this project as a component; it has no purl, being in no registry."""
    commit = [] if made.commit is None else [_property("commit", made.commit)]
    return {
        "type": "application",
        "bom-ref": _root_ref(made),
        "name": DISTRIBUTION,
        "version": made.version,
        "properties": [*commit, _property("modified", str(made.modified).lower())],
    }


def _root_ref(made: Provenance) -> str:
    return f"{DISTRIBUTION}@{made.version}"


def _library(release: Release) -> dict[str, object]:
    purl = _purl("pypi", release.name, release.version)
    return {
        "type": "library",
        "bom-ref": purl,
        "name": release.name,
        "version": release.version,
        "purl": purl,
        "scope": "required" if release.needed else "optional",
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in release.hashes],
    } | ({} if release.marker is None else {"properties": [_property("marker", release.marker)]})


def _platform(product: str, name: str, version: str) -> dict[str, object]:
    """Return what runs software as a component."""
    purl = _purl("generic", product, version)
    return {"type": "platform", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _purl(kind: str, name: str, version: str) -> str:
    """Return the package URL (https://github.com/package-url/purl-spec) of a release whose name is in normal form."""
    return f"pkg:{kind}/{name}@{quote(version, safe='')}"


def _dependencies(locked: Lock, made: Provenance, platforms: set[str]) -> list[dict[str, object]]:
    """Return what each component requires; what requires nothing is there too, or it would count as not known."""
    refs = {DISTRIBUTION: _root_ref(made)}
    refs |= {release.name: _purl("pypi", release.name, release.version) for release in locked.releases}
    required = {ref: set[str]() for ref in (*refs.values(), *platforms)}
    required[refs[DISTRIBUTION]] |= platforms
    for release in locked.releases:
        for name in release.required_by:
            required[refs[name]].add(refs[release.name])
    return _sorted([{"ref": ref, "dependsOn": sorted(others)} for ref, others in required.items()], "ref")


def _sorted(items: Iterable[dict[str, object]], key: str) -> list[dict[str, object]]:
    return sorted(items, key=lambda item: str(item[key]))


def _property(name: str, value: str) -> dict[str, object]:
    return {"name": f"{_PROPERTY}:{name}", "value": value}
