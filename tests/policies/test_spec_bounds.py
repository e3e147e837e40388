"""Specs at the bounds of what is read: what is just accepted, and what is refused just beyond."""

import pickle
from pathlib import Path

import pytest

from policies.specs import Problem, SpecError, read_spec, read_specs

WHERE = "specs/storage/spec.md"
PURPOSE = "The table keeps what its users entrusted to it, and nobody else reads it."
MINIMAL = (Path(__file__).parent / "corpus/specs/good/minimal/spec.md").read_text()
PLACEHOLDER = "section `Purpose` is a placeholder: say what the capability is for"


def refusals(text: str, where: str = WHERE) -> list[tuple[int | None, str]]:
    """Return why a text is refused, with the lines."""
    with pytest.raises(SpecError) as caught:
        read_spec(text, where)
    return [(problem.line, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "purpose",
    [
        "x" * 50,
        "todo lists are kept by this capability, for whoever has something to do",
        "Tbdlike words are none, where they only begin so, whatever follows them.",
    ],
)
def test_a_purpose(purpose: str) -> None:
    """Fifty characters are enough; words that only begin as a placeholder does are none."""
    assert read_spec(MINIMAL.replace(PURPOSE, purpose), WHERE).purpose == purpose


@pytest.mark.parametrize(
    "purpose",
    [
        "TBD by those who keep the table, as soon as they know what it is for",
        "TODO by those who keep the table, as soon as they know what it is for",
        "Tbd\nby those who keep the table, as soon as they know what it is for",
        "todo: say what the table is for, as soon as those who keep it know that",
    ],
)
def test_a_placeholder(purpose: str) -> None:
    """What stands there until somebody writes the purpose is none."""
    assert refusals(MINIMAL.replace(PURPOSE, purpose)) == [(3, PLACEHOLDER)]


def test_a_purpose_that_is_too_short() -> None:
    """Forty-nine characters are too few."""
    told = "section `Purpose` has 49 characters, expected 50 or more: say what the capability is for"
    assert refusals(MINIMAL.replace(PURPOSE, "x" * 49)) == [(3, told)]


def test_a_capability_of_other_letters() -> None:
    """A folder with letters of other alphabets in its name is no capability."""
    told = "its folder names no capability: use ASCII letters, digits, `-`, `_` and `.`"
    assert refusals(MINIMAL, "specs/gr\u00f6\u00dfe/spec.md") == [(None, told)]


def test_a_second_title() -> None:
    """A second title is one too many right behind the first."""
    told = "title `Another` ends the section that it stands in: remove it"
    assert refusals(MINIMAL.replace("# Table storage\n", "# Table storage\n# Another\n")) == [(2, told)]


def test_the_order_of_problems() -> None:
    """What concerns the whole file comes before its first line."""
    assert refusals(f"## ADDED Requirements\n{MINIMAL.partition('## Requirements')[2]}")[:3] == [
        (None, "no section `## Purpose`: add it"),
        (None, "no section `## Requirements`: add it"),
        (1, "section `ADDED Requirements` belongs in a change: name it `## Requirements`"),
    ]


@pytest.mark.parametrize("line", [" x", "\tx"])
def test_a_step_goes_on_where_a_line_is_indented(line: str) -> None:
    """A line that is indented, by as little as one space, belongs to the step above even behind an empty line."""
    (requirement,) = read_spec(f"{MINIMAL}\n{line}\n", WHERE).requirements
    assert requirement.scenarios[0].steps[-1].text == "it SHALL be encrypted x"


def test_a_line_that_is_no_step() -> None:
    """A single character behind an empty line is no part of the step above."""
    assert refusals(f"{MINIMAL}\nx\n") == [
        (16, "`x` is no step: write `- **WHEN** …`, or so with GIVEN, THEN or AND"),
    ]


def test_the_line_of_a_byte(tmp_path: Path) -> None:
    """A byte that is no UTF-8 is told with its line, which is counted from the beginning of the file."""
    file = tmp_path / "storage" / "spec.md"
    file.parent.mkdir()
    file.write_bytes(b"\n\xff")
    with pytest.raises(SpecError) as caught:
        read_specs(tmp_path)
    told = Problem(file.as_posix(), 2, "byte 0xff is not UTF-8: save the file as UTF-8")
    assert caught.value.problems == (told,)


def test_an_error_in_another_process() -> None:
    """What one process tells another of an error is all that the error says."""
    problems = (Problem(WHERE, 1, "wrong"),)
    error = pickle.loads(pickle.dumps(SpecError(problems)))  # noqa: S301 - our own
    assert (error.problems, error.args) == (problems, (problems,))
