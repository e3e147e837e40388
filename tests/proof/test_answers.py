"""proof/answers.toml: what is an answer, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.reading import InputError
from proof.answers import Answer, read_answers

ANSWER = "A backup is not what the specification is about."


def entry(scanner: str = "checkov", rules: str = '["CKV_1"]', answer: str = f'"{ANSWER}"') -> str:
    """Return an answer as the file has it."""
    return f'[[answer]]\nscanner = "{scanner}"\nrules = {rules}\nanswer = {answer}\n'


def read(folder: Path, *entries: str) -> tuple[Answer, ...]:
    """Return what a file of these entries is read as."""
    file = folder / "a.toml"
    file.write_text("".join(entries), encoding="utf-8")
    return read_answers(file)


def test_shipped() -> None:
    """Those that come with the package can be read."""
    assert read_answers()


def test_an_answer(tmp_path: Path) -> None:
    """One answer is about some rules of one scanner; another scanner may have rules of the same names."""
    told = read(tmp_path, entry(rules='["CKV_1", "CKV_2"]'), entry("trivy"))
    assert told == (
        Answer(scanner="checkov", rules=("CKV_1", "CKV_2"), answer=ANSWER),
        Answer(scanner="trivy", rules=("CKV_1",), answer=ANSWER),
    )


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([entry("worthwatch")], "answer 1.scanner: found 'worthwatch'; expected another scanner's name in lower case"),
        ([entry("worth-watch")], "answer 1.scanner: found 'worth-watch'; expected another scanner's name"),
        ([entry(rules='["*"]')], "answer 1.rules[0]: found '*'; expected a list of ids of rules"),
        ([entry(rules='["R[x]"]')], "answer 1.rules[0]: found 'R[x]'; expected a list of ids of rules"),
        ([entry(rules="[]")], "answer 1.rules: found a list of 0; expected a list of ids of rules"),
        ([entry(rules='["R2", "R1"]')], "answer 1.rules: found a list of 2; expected a list of ids of rules"),
        ([entry(answer='"no"')], "answer 1.answer: found 'no'; expected why no scenario judges this"),
        (
            [entry(rules='["R1", "R3"]'), entry(rules='["R2", "R3"]')],
            "a.toml: checkov R3: answered twice; make one of them",
        ),
        ([entry(), entry()], "answer 2 (checkov CKV_1): matches the same as answer 1; make one of them"),
        ([entry("trivy"), entry()], "answer 2 (checkov CKV_1): expected before answer 1 (trivy CKV_1)"),
    ],
    ids=["ourselves", "looks-like-us", "every", "brackets", "none", "order", "empty", "twice", "same", "entries"],
)
def test_refusals(entries: list[str], told: str, tmp_path: Path) -> None:
    """What is no answer, or is another's as well, is refused with its place."""
    with pytest.raises(InputError) as raised:
        read(tmp_path, *entries)
    assert told in str(raised.value)
