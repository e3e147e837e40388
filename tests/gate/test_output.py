"""A run told: as text or as JSON, on stdout or in a file with the text beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gate.output import tell
from gate.run import Problem, Run
from policies.reading import InputError

RUN = Run(problems=[Problem("here", "é\x1b unreadable")])
SAID = "could not judge here: é\\x1b unreadable\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_forms(capsys: pytest.CaptureFixture[str]) -> None:
    """The text is for a reader, the JSON for a program; a file has what stdout would, which has the text then."""
    tell(RUN, "text")
    text = capsys.readouterr().out
    assert SAID in text
    tell(RUN, "json")
    document = capsys.readouterr().out
    assert json.loads(document)["problems"] == [{"where": "here", "message": "é\x1b unreadable"}]
    for form, said in (("text", text), ("json", document)):
        tell(RUN, form, Path("file"))
        assert (Path("file").read_text(encoding="utf-8"), capsys.readouterr().out) == (said, text)


def test_the_text_is_told_even_so(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be written in the end keeps nothing from the reader."""
    with pytest.raises(InputError, match=r"^gone/file: cannot be written: No such file or directory$"):
        tell(RUN, "json", Path("gone/file"))
    assert SAID in capsys.readouterr().out


def test_a_file_has_no_colours(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even where a terminal is to have them."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    tell(RUN, "text", Path("file"))
    assert "\x1b[" in capsys.readouterr().out
    assert "\x1b[" not in Path("file").read_text(encoding="utf-8")
