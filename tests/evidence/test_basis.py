"""What was judged by: digests that any change of a spec, a rule, the stack or a test changes, and nothing else does."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.basis import basis, counts, differing, differing_suite, digest_of, digest_of_tests, sources, suite
from policies.reading import InputError

ROOT = Path(__file__).parents[2]
PACKAGES = ("evidence", "gate", "policies", "proof", "scanners", "stack")
IGNORED = shutil.ignore_patterns("__pycache__")


def of(folder: Path) -> dict[str, str]:
    """Return what the packages in a folder say of themselves."""
    program = "import json; from evidence.basis import basis, suite; print(json.dumps(basis() | {'suite': suite()}))"
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 -- ourselves
    digests: dict[str, str] = json.loads(told.stdout)
    return digests


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what a checkout holds."""
    for name in (*PACKAGES, "specs"):
        shutil.copytree(ROOT / name, tmp_path / "checkout" / name, ignore=IGNORED)
    shutil.copy(ROOT / "cdk.json", tmp_path / "checkout")
    return tmp_path / "checkout"


def write(folder: Path, **files: str) -> None:
    """Write files below a folder, `__` in their names standing for a `/`."""
    for name, text in files.items():
        file = folder / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def test_a_digest_is_of_paths_and_bytes(tmp_path: Path) -> None:
    """Each file counts by its path, of which no part begins with a dot, its length and its bytes."""
    write(tmp_path, b__spec="two", a__spec="one")
    for name in (".hidden/c", "a/.hidden", "a/__pycache__/c", "a/node_modules/c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("none", encoding="utf-8")
    (tmp_path / "gone").symlink_to("nowhere")
    wanted = hashlib.sha256(b"a/spec\x003\x00oneb/spec\x003\x00two").hexdigest()
    assert digest_of_tests(tmp_path) == f"sha256:{wanted}"


def test_other_specs_than_those_shipped(tmp_path: Path) -> None:
    """A checkout's specs may be judged by the rules of another place."""
    write(tmp_path, storage__notes="none")
    (tmp_path / "storage/spec.md").write_text("one", encoding="utf-8")
    wanted = hashlib.sha256(b"storage/spec.md\x003\x00one").hexdigest()
    assert basis(tmp_path) == basis() | {"specs": f"sha256:{wanted}"}


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told by its name."""
    write(tmp_path, a="")

    def forbidden(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    with pytest.raises(InputError) as raised:
        digest_of_tests(tmp_path)
    assert str(raised.value) == f"{tmp_path.as_posix()}/a: cannot be read: Permission denied"


def test_a_checkout_and_the_installed_packages_are_the_same(tmp_path: Path, checkout: Path) -> None:
    """Where specs and cdk.json come within the packages, as in a wheel, the digests are those of the checkout."""
    (checkout / "specs/helper.py").touch()
    installed = tmp_path / "site-packages"
    for name in PACKAGES:
        shutil.copytree(checkout / name, installed / name)
    shutil.copytree(checkout / "specs", installed / "policies" / "spec_tree")
    shutil.copy(checkout / "cdk.json", installed / "stack")
    assert of(checkout) == of(installed) == basis() | {"suite": suite()}


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
        ("stack/storage.py", {"stack"}),
        ("stack/handler/index.py", {"stack"}),
        ("stack/notes.md", set()),
        ("cdk.json", {"stack"}),
        ("evidence/trace.py", {"suite"}),
        ("evidence/oscal/controls.toml", {"suite"}),
        ("evidence/page/page.html", {"suite"}),
        ("evidence/page/page.css", {"suite"}),
        ("evidence/page/map.js", {"suite"}),
        ("gate/verdicts.schema.json", {"suite"}),
        ("gate/new.py", {"suite"}),
        ("gate/notes.md", set()),
        ("proof/operators/names.py", {"suite"}),
        ("proof/equivalents.toml", {"suite"}),
        ("proof/proof.schema.json", {"suite"}),
    ],
)
def test_what_changes_them(checkout: Path, file: str, changed: set[str]) -> None:
    """A spec changes that of the specs, a source or data of the rules theirs, and so on; nothing else does.

    Whether a file counts can be told by its path, too.
    """
    assert counts(file) == bool(changed)
    before = of(checkout)
    (checkout / file).parent.mkdir(exist_ok=True, parents=True)
    with (checkout / file).open("a", encoding="utf-8") as text:
        text.write("\n")
    after = of(checkout)
    assert {name for name in before if after[name] != before[name]} == changed


@pytest.mark.parametrize(
    ("file", "differs"),
    [
        ("policies/table_encryption.py", [("policies", "the rules that are installed are not those of")]),
        ("stack/storage.py", [("stack", "the stack that is installed is not that of")]),
        ("cdk.json", [("stack", "the stack that is installed is not that of")]),
        ("specs/dynamodb-storage/spec.md", []),
        ("evidence/trace.py", []),
    ],
)
def test_a_checkout_that_is_not_installed(checkout: Path, file: str, differs: list[tuple[str, str]]) -> None:
    """Rules and stack of a checkout which are not those that run here are named; what it does not hold is not."""
    assert list(differing(checkout)) == []
    with (checkout / file).open("a", encoding="utf-8") as text:
        text.write("\n")
    assert list(differing(checkout)) == differs
    for package in ("policies", "stack"):
        shutil.rmtree(checkout / package)
    assert list(differing(checkout)) == []


@pytest.mark.parametrize(
    ("file", "differs"),
    [
        ("gate/run.py", [("gate", "the suite that is installed is not that of")]),
        ("proof/equivalents.toml", [("proof", "the suite that is installed is not that of")]),
        ("evidence/page/page.css", [("evidence", "the suite that is installed is not that of")]),
        ("evidence/notes.md", []),
        ("policies/table_encryption.py", []),
    ],
)
def test_a_suite_that_is_not_installed(checkout: Path, file: str, differs: list[tuple[str, str]]) -> None:
    """A checkout's suite which is not that which runs here is named; one that it does not hold is not."""
    assert list(differing_suite(checkout)) == []
    with (checkout / file).open("a", encoding="utf-8") as text:
        text.write("\n")
    assert list(differing_suite(checkout)) == differs
    for package in ("gate", "evidence", "proof"):
        shutil.rmtree(checkout / package)
    assert list(differing_suite(checkout)) == []


def test_sources_are_what_the_digests_are_of(checkout: Path) -> None:
    """They are the files of a checkout that count by their paths, and no other."""
    paths = (path.relative_to(checkout).as_posix() for path in checkout.rglob("*") if path.is_file())
    held = {path: (checkout / path).read_bytes() for path in paths if counts(path)}
    assert sources() == held
    digests = {
        name: digest_of({path.removeprefix(f"{folder}/"): data for path, data in held.items() if path in of_it})
        for name, folder, of_it in (
            ("specs", "specs", {path for path in held if path.startswith("specs/")}),
            ("rules", "policies", {path for path in held if path.startswith("policies/")}),
            ("stack", "stack", {path for path in held if path.startswith("stack/")} | {"cdk.json"}),
        )
    }
    assert digests == basis()
    of_the_suite = ("gate/", "evidence/", "scanners/", "proof/")
    assert digest_of({path: data for path, data in held.items() if path.startswith(of_the_suite)}) == suite()


def test_a_name_counts_as_much(checkout: Path) -> None:
    """The same text is another spec under another capability."""
    before = of(checkout)
    (checkout / "specs/dynamodb-storage").rename(checkout / "specs/storage")
    after = of(checkout)
    assert {name for name in before if after[name] != before[name]} == {"specs"}
