"""The parts of a folder."""

from pathlib import Path

from scanners.parts import parts_of


def test_parts(tmp_path: Path) -> None:
    """They are told by their names, in the order of their numbers; a folder, or a file, without any is one itself."""
    assert parts_of(tmp_path) == [tmp_path]
    assert parts_of(tmp_path / "none") == [tmp_path / "none"]
    for name in ("part-100", "part-02", "part-1", "part-01", "other-03", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "part-03").touch()
    assert [part.name for part in parts_of(tmp_path)] == ["part-01", "part-02", "part-100"]
    assert parts_of(tmp_path / "part-03") == [tmp_path / "part-03"]
