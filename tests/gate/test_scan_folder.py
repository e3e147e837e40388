"""The folder of a scan: emptied of what an earlier run left there, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gate.scan_folder import fill, fill_parts, prepared
from policies.reading import InputError
from scanners.canary import CANARY, canary

DIGEST = "0" * 64


def files(folder: Path) -> dict[str, bytes]:
    """Return what lies in a folder, by its path there."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_run(tmp_path: Path) -> None:
    """The folder is made with those above it; templates are byte for byte what they were."""
    folder = prepared(str(tmp_path / "build" / "scan"))
    fill(folder, {DIGEST: b'{"Resources": {}}\r\n'}, {"cdk": "{ }", "cdk-nag": "{}"})
    assert folder == tmp_path / "build" / "scan"
    assert files(folder) == {
        f"templates/{DIGEST}.template.json": b'{"Resources": {}}\r\n',
        f"templates/{canary([DIGEST])}.template.json": CANARY,
        "cdk.sarif": b"{ }\n",
        "cdk-nag.sarif": b"{}\n",
    }


def test_a_later_run(tmp_path: Path) -> None:
    """Nothing of an earlier one is left, nor what scanners had found in its templates."""
    fill(prepared(str(tmp_path)), {DIGEST: b"{}"}, {"cdk": "{}"})
    (tmp_path / "checkov.sarif").write_text("{}", encoding="utf-8")
    assert files(prepared(str(tmp_path))) == {}
    fill(tmp_path, {"1" * 64: b"{}"}, {})
    assert files(tmp_path).keys() == {f"templates/{name}.template.json" for name in ("1" * 64, canary(["1" * 64]))}


def test_parts(tmp_path: Path) -> None:
    """Each part is a folder of a scan, with its own canary; a later run leaves none of them."""
    parts = fill_parts(prepared(str(tmp_path)), [{DIGEST: b"{}"}, {"1" * 64: b"[]"}])
    assert [part.name for part in parts] == ["part-01", "part-02"]
    assert files(tmp_path) == {
        f"part-01/templates/{DIGEST}.template.json": b"{}",
        f"part-01/templates/{canary([DIGEST])}.template.json": CANARY,
        f"part-02/templates/{'1' * 64}.template.json": b"[]",
        f"part-02/templates/{canary(['1' * 64])}.template.json": CANARY,
    }
    (tmp_path / "part-02" / "checkov.sarif").write_text("{}", encoding="utf-8")
    prepared(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_was_cut_short(tmp_path: Path) -> None:
    """What is left of it has no SARIF, which is written last, and is removed as a whole run would be."""
    folder = prepared(str(tmp_path))
    (folder / "cdk-nag.sarif").mkdir()
    with pytest.raises(InputError):
        fill(folder, {DIGEST: b"{}"}, {"cdk-nag": "{}", "cdk": "{}"})
    assert files(folder).keys() == {f"templates/{name}.template.json" for name in (DIGEST, canary([DIGEST]))}
    (folder / "cdk-nag.sarif").rmdir()
    assert files(prepared(str(tmp_path))) == {}


@pytest.mark.parametrize(
    "alien",
    [
        "notes.txt",
        "templates/notes.txt",
        "templates/0.template.json",
        "templates/canary.template.json",
        f"templates/{'A' * 64}.template.json",
        "a/b.sarif",
        "part-1/b.sarif",
        "part-02/notes.txt",
        "part-02/templates/notes.txt",
    ],
)
def test_a_folder_of_something_else(tmp_path: Path, alien: str) -> None:
    """It is refused by what lies in it, and stays as it was: even what might be of an earlier run."""
    fill(prepared(str(tmp_path)), {DIGEST: b"{}"}, {"cdk": "{}"})
    (tmp_path / alien).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / alien).write_text("kept", encoding="utf-8")
    before = files(tmp_path)
    with pytest.raises(InputError) as refusal:
        prepared(str(tmp_path))
    found = (tmp_path / alien).parent if alien.endswith("/b.sarif") else tmp_path / alien
    assert str(refusal.value) == (
        f"{found}: not of an earlier run, so nothing is removed; name a folder that is empty, or one that "
        "storage-compliance synth wrote"
    )
    assert files(tmp_path) == before


@pytest.mark.parametrize("place", ["", "part-01/"])
def test_reports_of_something_else(tmp_path: Path, place: str) -> None:
    """Where there are no templates, a SARIF file is not of a scan of ours."""
    report = tmp_path / f"{place}audit.sarif"
    report.parent.mkdir(exist_ok=True)
    report.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not of an earlier run, so nothing is removed"):
        prepared(str(tmp_path))
    assert report.read_text(encoding="utf-8") == "mine"


def link(folder: Path) -> Path:
    """Put a link to a SARIF file elsewhere into a folder."""
    (folder.parent / "elsewhere.sarif").write_text("{}", encoding="utf-8")
    (folder / "a.sarif").symlink_to(folder.parent / "elsewhere.sarif")
    return folder / "a.sarif"


def linked_templates(folder: Path) -> Path:
    """Put a link to a folder elsewhere in the place of the templates."""
    (folder.parent / "elsewhere").mkdir()
    (folder.parent / "elsewhere" / f"{canary([])}.template.json").write_text("{}", encoding="utf-8")
    (folder / "templates").symlink_to(folder.parent / "elsewhere")
    return folder / "templates"


@pytest.mark.parametrize("put", [link, linked_templates])
def test_a_link(tmp_path: Path, put: Callable[[Path], Path]) -> None:
    """This command writes none, so follows none."""
    folder = tmp_path / "scan"
    folder.mkdir()
    found = put(folder)
    with pytest.raises(InputError, match="not of an earlier run") as refusal:
        prepared(str(folder))
    assert refusal.value.where == str(found)
    assert list(folder.iterdir()) == [found]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "--output: the name is empty; name a folder, or . for this one"),
        ("file", "file: cannot be written: File exists"),
        ("file/scan", "file/scan: cannot be written: Not a directory"),
        ("a\0b", "a\\x00b: cannot be written: "),
    ],
    ids=["empty", "file", "below-a-file", "nul"],
)
def test_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str) -> None:
    """What can be no folder is refused by its name."""
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    with pytest.raises(InputError) as refusal:
        prepared(name)
    assert str(refusal.value).startswith(told)
