"""specs/reviewed.toml: what is read, what is refused, and what `trace review` writes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evidence.model import Fingerprint
from evidence.reviewed import MAX_BYTES, read_reviewed, render
from policies.catalogue import UnknownScenarioError
from policies.reading import InputError
from tests.evidence.projects import HELD, KEPT, SCENARIO, SPEC, TESTS, make

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def refusal(file: Path) -> str:
    """Return why a file is refused."""
    with pytest.raises(InputError) as raised:
        read_reviewed(file)
    return str(raised.value).removeprefix(f"{file.as_posix()}")


def test_read_what_is_written(tmp_path: Path) -> None:
    """What is rendered is read again, and is TOML that a person can take a table out of."""
    reviewed = {"s#r/b": Fingerprint(A, B), "s#r/a": Fingerprint(B, A)}
    file = tmp_path / "reviewed.toml"
    file.write_text(render(reviewed), encoding="utf-8")
    assert read_reviewed(file) == reviewed
    assert file.read_text(encoding="utf-8") == (
        "# Each scenario's text, and its requirement's, as last reviewed against its rule and tests.\n"
        "# Written by `storage-compliance trace review`.\n"
        f'\n["s#r/b"]\nrequirement = "{A}"\nscenario = "{B}"\n'
        f'\n["s#r/a"]\nrequirement = "{B}"\nscenario = "{A}"\n'
    )


@pytest.mark.parametrize("text", [None, "", "# nothing\n"])
def test_nothing_reviewed(text: str | None, tmp_path: Path) -> None:
    """Without a file, and with an empty one, nothing was reviewed."""
    file = tmp_path / "reviewed.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    assert read_reviewed(file) == {}


def test_byte_order_mark(tmp_path: Path) -> None:
    """The mark with which some editors begin a file in UTF-8 is no part of its text."""
    file = tmp_path / "reviewed.toml"
    file.write_text(f"\ufeff{render({KEPT: Fingerprint(A, B)})}", encoding="utf-8")
    assert read_reviewed(file) == {KEPT: Fingerprint(A, B)}


EXPECTED = "expected sha256: and 64 hexadecimal digits"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f'["a"]\nrequirement = "{A}"\n', f": 'a'.scenario: missing; {EXPECTED}"),
        (f'["a"]\nrequirement = "{A}"\nscenario = 7\n', f": 'a'.scenario: wrong; {EXPECTED}"),
        (f'["a"]\nrequirement = "{A.upper()}"\nscenario = "{B}"\n', f": 'a'.requirement: wrong; {EXPECTED}"),
        (f'["a"]\nrequirement = "{A}0"\nscenario = "{B}"\n', f": 'a'.requirement: wrong; {EXPECTED}"),
        (
            f'["a"]\nrequirement = "{A}"\nscenario = "{B}"\nby = "me"\n',
            ": 'a'.by: unknown key; expected requirement and scenario",
        ),
        ("a = 1\n", ": 'a': expected a table, named by the full id of a scenario in quotes"),
        (
            '["a"]\n["b"]\n',
            f": 'a'.requirement: missing; {EXPECTED}; 'a'.scenario: missing; {EXPECTED}"
            f"; 'b'.requirement: missing; {EXPECTED}; 'b'.scenario: missing; {EXPECTED}",
        ),
        ('["a"]\n["a"]\n', ": not valid TOML: Cannot declare ('a',) twice (at line 2, column 5)"),
        ("[a\n", ": not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 3)"),
        ("<<<<<<< HEAD\n", ": not valid TOML: Invalid statement (at line 1, column 1)"),
        (b"# a\n\xff", ":2: the byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"\xef\xbb\xbf# a\n\n\xff", ":3: the byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"a\0 = 1", ": not valid TOML: Expected '=' after a key in a key/value pair (at line 1, column 2)"),
        (
            "a = " + "[" * 400 + "\n[" * 400 * 8,
            ": not valid TOML of ours: nested too deeply; expected tables of plain values",
        ),
        (".".join("a" * 300) + " = 1", ":1: a key of more than 8 parts; expected one or two"),
        ("#" * (MAX_BYTES + 1), ": larger than 262,144 bytes, the limit for such a file"),
    ],
)
def test_refused(text: str | bytes, problem: str, tmp_path: Path) -> None:
    """A file that is not what `trace review` writes is refused, with the file and the key."""
    file = tmp_path / "reviewed.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert refusal(file) == problem


def test_no_file(tmp_path: Path) -> None:
    """A folder, a pipe and a link to nothing are refused."""
    folder, pipe, link = (tmp_path / name for name in ("folder", "pipe", "link"))
    folder.mkdir()
    os.mkfifo(pipe)
    link.symlink_to("nowhere")
    assert [refusal(file) for file in (folder, pipe, link)] == [
        ": a folder; expected a file",
        ": a pipe, socket or device; expected a regular file",
        ": no such file; check the path",
    ]


# Reviews


def test_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A review adds its scenarios in the order of the specs, under any of their names, and keeps all others."""
    project = make(tmp_path, monkeypatch, reviewed=False)
    gone = Fingerprint(A, B)
    project.write("specs/reviewed.toml", render({"storage#table-shape/gone": gone}))
    assert project.review("table-shape/shape-held", KEPT) == [HELD, KEPT]
    reviewed = read_reviewed(Path("specs/reviewed.toml"))
    kept, held = (one.fingerprint for one in project.trace().scenarios)
    assert list(reviewed.items()) == [(KEPT, kept), (HELD, held), ("storage#table-shape/gone", gone)]
    assert sorted(file.name for file in Path("specs").iterdir()) == ["reviewed.toml", "storage"]


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (("rule", "test"), "no rule and no test enforces it: there is nothing to review it against"),
        (("rule",), "no rule enforces it: there is nothing to review it against"),
        (("test",), "no test enforces it: there is nothing to review it against"),
    ],
)
def test_review_of_what_nothing_enforces(
    missing: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scenario without rule or test cannot be reviewed, and none of the others that are named with it is."""
    project = make(tmp_path, monkeypatch)
    before = Path("specs/reviewed.toml").read_bytes()
    if "rule" in missing:
        project.write("specs/storage/spec.md", SPEC + SCENARIO.format(name="Shape shown"))
        project.write("tests/test_more.py", TESTS.replace(HELD, "storage#table-shape/shape-shown"))
    id_ = "storage#table-shape/shape-shown" if "rule" in missing else HELD
    if "test" in missing:
        project.write("tests/test_more.py", "")
        project.write("tests/test_shape.py", TESTS.replace(HELD, KEPT))
    with pytest.raises(InputError) as raised:
        project.review(KEPT, id_)
    assert str(raised.value) == f"{id_}: {said}"
    assert Path("specs/reviewed.toml").read_bytes() == before


def test_review_of_an_unknown_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that no scenario has is refused, with those that come near it."""
    project = make(tmp_path, monkeypatch)
    with pytest.raises(UnknownScenarioError) as raised:
        project.review("Shape helt")
    assert str(raised.value).splitlines() == ["no scenario is named 'Shape helt'; there is", f"  {HELD}", f"  {KEPT}"]
