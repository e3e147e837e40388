"""What was judged by: digests that any change of a spec or a rule changes, and nothing else does."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from policies.basis import basis, digest

ROOT = Path(__file__).parents[2]
IGNORED = shutil.ignore_patterns("__pycache__")


def of(folder: Path) -> dict[str, str]:
    """Return what the package in a folder says of itself."""
    program = "from policies.basis import basis; print(basis())"
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 -- ourselves
    specs, rules = (part.split("'")[3] for part in told.stdout.split(","))
    return {"specs": specs, "rules": rules}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what a checkout holds."""
    for name in ("policies", "specs"):
        shutil.copytree(ROOT / name, tmp_path / "checkout" / name, ignore=IGNORED)
    return tmp_path / "checkout"


def test_a_digest_is_of_paths_and_bytes(tmp_path: Path) -> None:
    """By path, whatever order they come in; what begins with a dot does not count."""
    for name, text in (("b/spec.md", "two"), ("a/spec.md", "one"), ("a/.b/spec.md", "none")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    wanted = hashlib.sha256(b"a/spec.md\x003\x00oneb/spec.md\x003\x00two").hexdigest()
    files = sorted(tmp_path.rglob("spec.md"))
    assert digest(tmp_path, files) == digest(tmp_path, reversed(files)) == f"sha256:{wanted}"


def test_a_checkout_and_the_installed_package_are_the_same(tmp_path: Path, checkout: Path) -> None:
    """Where the specs come within the package, as in a wheel, the digests are those of the checkout."""
    installed = tmp_path / "site-packages"
    shutil.copytree(checkout / "policies", installed / "policies")
    shutil.copytree(checkout / "specs", installed / "policies" / "spec_tree")
    assert of(checkout) == of(installed) == basis()


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("specs/dynamodb-storage/spec.md", {"specs"}),
        ("specs/deeper/storage/spec.md", {"specs"}),
        ("specs/reviewed.toml", set()),
        ("policies/table_encryption.py", {"rules"}),
        ("policies/externals.schema.json", {"rules"}),
        ("policies/deeper/new.py", {"rules"}),
        ("policies/notes.md", set()),
    ],
)
def test_what_changes_them(checkout: Path, file: str, changed: set[str]) -> None:
    """A spec changes that of the specs, a source or data of the rules theirs, and nothing else either."""
    before = of(checkout)
    (checkout / file).parent.mkdir(exist_ok=True, parents=True)
    with (checkout / file).open("a", encoding="utf-8") as text:
        text.write("\n")
    after = of(checkout)
    assert {name for name in before if after[name] != before[name]} == changed


def test_a_name_counts_as_much(checkout: Path) -> None:
    """The same text is another spec under another capability."""
    before = of(checkout)
    (checkout / "specs/dynamodb-storage").rename(checkout / "specs/storage")
    after = of(checkout)
    assert (before["specs"] == after["specs"], before["rules"]) == (False, after["rules"])
