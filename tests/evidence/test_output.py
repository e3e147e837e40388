"""What leaves the command: a file that is written whole or not at all, and the text beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evidence.output import destination, named, write
from policies.reading import InputError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of files of every kind."""
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("before", encoding="utf-8")
    Path("folder").mkdir()
    Path("link").symlink_to("file")
    Path("dangling").symlink_to("nowhere")
    os.mkfifo("pipe")
    return tmp_path


@pytest.mark.parametrize("name", ["file", "new", "folder/new", "a/b/c.json", "./x/../y"])
def test_a_file_that_can_be_written(folder: Path, name: str) -> None:
    """A new file or one that is there, its folder made where there is none; nothing is written yet."""
    path = destination(name)
    assert path == Path(name)
    assert path.parent.is_dir()
    assert [file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*")) if file.is_file()] == ["before"] * 2


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "--output: the name is empty; name a file"),
        ("-", "--output: - is no file; name one, for the text goes to the standard output"),
        ("folder", "folder: a folder; name a file in it"),
        (".", ".: a folder; name a file in it"),
        ("gate.json/", "gate.json/: a folder; name a file in it"),
        ("new/gate.json/.", "new/gate.json/.: a folder; name a file in it"),
        ("new/..", "new/..: a folder; name a file in it"),
        ("pipe", "pipe: a link, pipe or device; name a file"),
        ("link", "link: a link, pipe or device; name a file"),
        ("dangling", "dangling: a link, pipe or device; name a file"),
        ("/dev/null", "/dev/null: a link, pipe or device; name a file"),
        ("file/new", "file/new: cannot be written: what its folder would be is a file"),
        ("/proc/new", "/proc/new: cannot be written: No such file or directory"),
        ("n" * 256, f"{'n' * 256}: cannot be written: File name too long"),
        ("/proc/\x1b", "/proc/\\x1b: cannot be written: No such file or directory"),
    ],
    ids=[
        "empty",
        "dash",
        "folder",
        "here",
        "slash",
        "dot",
        "dots",
        "pipe",
        "link",
        "dangling",
        "device",
        "below-a-file",
        "proc",
        "long",
        "escapes",
    ],
)
def test_a_file_that_cannot_be_written(name: str, problem: str) -> None:
    """It is refused before anything is done for it, with the reason."""
    with pytest.raises(InputError) as refusal:
        destination(name)
    assert str(refusal.value) == problem


def test_a_name_that_is_empty() -> None:
    """It would be that of the current folder, and is refused as the option's; any other name is taken as it is."""
    with pytest.raises(InputError, match=r"^--key: the name is empty; name a file$"):
        named("", "--key")
    assert named("./nowhere", "--key") == Path("nowhere")


def test_a_file_is_written_whole(folder: Path) -> None:
    """It replaces what was there in one step, readable to whom other files are, and nothing is left beside it."""
    Path("other").touch()
    write(Path("file"), "é")
    assert Path("file").read_bytes() == "é\n".encode()
    assert Path("file").stat().st_mode == Path("other").stat().st_mode
    assert {file.name for file in folder.iterdir()} == {"file", "folder", "link", "dangling", "pipe", "other"}


def test_a_file_that_is_not_written_is_left_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full, what was there is still there, and nothing is left beside it."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match=r"^file: cannot be written: No space left on device$"):
        write(Path("file"), "after")
    assert Path("file").read_text(encoding="utf-8") == "before"
    assert {file.name for file in folder.iterdir()} == {"file", "folder", "link", "dangling", "pipe"}
