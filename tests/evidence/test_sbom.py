"""The bill of materials: what it says of a lock, and that the environment is the locked one."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from evidence.lock import read_lock
from evidence.sbom import check_installed, sbom
from policies.reading import InputError
from tests.evidence.checkouts import write
from tests.evidence.locks import LOCK, A, B, C, entry, written
from tests.evidence.records import PROVENANCE

OWN = Path(__file__).parents[2] / "requirements/runtime.txt"
OURS = "worthwatch-storage-compliance"
PREFIX = "worthwatch:storage-compliance"
NODE, PYTHON = "pkg:generic/node@24.18.0", "pkg:generic/python@3.11.7"
COLORAMA, RICH, TYPER = "pkg:pypi/colorama@0.4.6", "pkg:pypi/rich@15.0.0", "pkg:pypi/typer@0.29.2%2Blocal"


def test_the_whole_bill(tmp_path: Path) -> None:
    """It names this project, what ran it, each release with its hashes and marker, and what requires what."""
    bill = sbom(written(tmp_path, LOCK), PROVENANCE)
    assert bill.pop("serialNumber") == "urn:uuid:69f04719-be8d-5baf-a880-9e54ba4a976c"
    assert bill == {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": "2026-11-22T12:00:00Z",
            "tools": {"components": [{"type": "application", "name": OURS, "version": "0.1.0"}]},
            "component": {
                "type": "application",
                "bom-ref": f"{OURS}@0.1.0",
                "name": OURS,
                "version": "0.1.0",
                "properties": [
                    {"name": f"{PREFIX}:commit", "value": "0123456789abcdef0123456789abcdef01234567"},
                    {"name": f"{PREFIX}:modified", "value": "false"},
                ],
            },
            "properties": [{"name": f"{PREFIX}:lock", "value": f"sha256:{hashlib.sha256(LOCK.encode()).hexdigest()}"}],
        },
        "components": [
            {"type": "platform", "bom-ref": NODE, "name": "Node.js", "version": "24.18.0", "purl": NODE},
            {"type": "platform", "bom-ref": PYTHON, "name": "Python", "version": "3.11.7", "purl": PYTHON},
            {
                "type": "library",
                "bom-ref": COLORAMA,
                "name": "colorama",
                "version": "0.4.6",
                "purl": COLORAMA,
                "scope": "optional",
                "hashes": [{"alg": "SHA-256", "content": C}],
                "properties": [{"name": f"{PREFIX}:marker", "value": "sys_platform == 'nowhere'"}],
            },
            {
                "type": "library",
                "bom-ref": RICH,
                "name": "rich",
                "version": "15.0.0",
                "purl": RICH,
                "scope": "required",
                "hashes": [{"alg": "SHA-256", "content": A}, {"alg": "SHA-256", "content": B}],
            },
            {
                "type": "library",
                "bom-ref": TYPER,
                "name": "typer",
                "version": "0.29.2+local",
                "purl": TYPER,
                "scope": "required",
                "hashes": [{"alg": "SHA-256", "content": A}],
                "properties": [{"name": f"{PREFIX}:marker", "value": "sys_platform != 'nowhere'"}],
            },
        ],
        "dependencies": [
            {"ref": NODE, "dependsOn": []},
            {"ref": PYTHON, "dependsOn": []},
            {"ref": COLORAMA, "dependsOn": []},
            {"ref": RICH, "dependsOn": []},
            {"ref": TYPER, "dependsOn": [COLORAMA, RICH]},
            {"ref": f"{OURS}@0.1.0", "dependsOn": [NODE, PYTHON, RICH, TYPER]},
        ],
    }


def test_no_commit(tmp_path: Path) -> None:
    """Outside a repository no commit is named."""
    metadata = sbom(written(tmp_path, LOCK), replace(PROVENANCE, commit=None))["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["component"]["properties"] == [{"name": f"{PREFIX}:modified", "value": "false"}]


def test_serial_number(tmp_path: Path) -> None:
    """A bill that says the same has the same number wherever the lock lies; one that says another thing, another."""
    for folder in "one", "two":
        (tmp_path / folder).mkdir()
    first, again = (sbom(written(tmp_path / folder, LOCK), PROVENANCE) for folder in ("one", "two"))
    others = [
        sbom(written(tmp_path, LOCK.replace("a" * 64, "d" * 64)), PROVENANCE),
        sbom(written(tmp_path, LOCK), replace(PROVENANCE, node="22.1.2")),
        sbom(written(tmp_path, LOCK), replace(PROVENANCE, modified=True)),
    ]
    assert first == again
    assert len({json.dumps(bill["serialNumber"]) for bill in (first, *others)}) == 4


def test_our_own_lock_is_what_is_installed() -> None:
    """These tests run in the locked environment, whatever tools it holds besides."""
    check_installed(OWN)


def required(name: str) -> Iterator[str]:
    """Return what an installed distribution requires here, by its own metadata."""
    for line in importlib.metadata.requires(name) or ():
        one = Requirement(line)
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            yield canonicalize_name(one.name)


def test_our_own_graph() -> None:
    """Of what is installed, the lock says what requires what as the distributions themselves do."""
    releases = [release for release in read_lock(OWN).releases if release.needed]
    told = {(by, one.name) for one in releases for by in one.required_by if by != OURS}
    assert told == {(release.name, name) for release in releases for name in required(release.name)}


def install(folder: Path, **versions: str) -> None:
    """Install distributions, of which nothing but their metadata is there."""
    for name, version in versions.items():
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        write(folder, {f"{name}-{version}.dist-info/METADATA": text})


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an environment in which nothing is installed."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setattr("sys.path", [str(folder)])
    return folder


def test_installed(tmp_path: Path, site: Path) -> None:
    """What is needed here is there, in this version, however it is written; what else there is does not count."""
    install(site, rich="15", Typer="0.29.2+LOCAL", other="1")
    check_installed(written(tmp_path, LOCK))


@pytest.mark.parametrize(
    ("versions", "problem"),
    [
        ({}, "rich is missing, typer is missing"),
        ({"rich": "15.0.0", "typer": "0.29.2"}, "typer is 0.29.2 instead of 0.29.2+local"),
        ({"rich": "14.9.0", "colorama": "0.4.5"}, "rich is 14.9.0 instead of 15.0.0, typer is missing"),
        ({"rich": "fifteen\x1b[0m", "typer": "0.29.2+local"}, "rich is fifteen\\x1b[0m instead of 15.0.0"),
    ],
)
def test_not_installed(tmp_path: Path, site: Path, versions: dict[str, str], problem: str) -> None:
    """What is missing or of another version is named, and how to mend it."""
    install(site, **versions)
    file = written(tmp_path, LOCK)
    with pytest.raises(InputError) as raised:
        check_installed(file)
    assert str(raised.value) == (
        f"{file}: the environment is not the one that it locks: {problem}; run `pip install --require-hashes -r {file}`"
    )


@pytest.mark.usefixtures("site")
def test_much_is_not_installed(tmp_path: Path) -> None:
    """The first few are named."""
    file = written(tmp_path, "".join(entry(f"six{number}==1") for number in range(8)))
    with pytest.raises(InputError) as raised:
        check_installed(file)
    named = ", ".join(f"six{number} is missing" for number in range(5))
    assert f": {named}, and 3 more; run" in str(raised.value)


@pytest.mark.parametrize("metadata", ["METADATA", "RECORD"])
def test_a_distribution_without_a_version(tmp_path: Path, site: Path, metadata: str) -> None:
    """What is installed in part is not what is locked."""
    write(site, {f"rich-15.0.0.dist-info/{metadata}": "Name: rich\n"})
    with pytest.raises(InputError) as raised:
        check_installed(written(tmp_path, entry("rich==15.0.0")))
    assert ": rich is of no version instead of 15.0.0; run" in str(raised.value)
