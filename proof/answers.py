"""proof/answers.toml: what other scanners notice of mutants that no scenario of ours does, each with our answer.

An entry that answers nothing fails the comparison: the list says no more than it must.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

from pydantic import Field

from policies.agreement import OtherScanner, RuleId
from policies.reading import InputError, read_file
from policies.toml_entries import MAX_PROBLEMS, Entry, Format
from policies.waiver_model import MAX_REASON, MIN_REASON, MIN_WORDS, ascend, is_reason, such_that

SHIPPED = Path(__file__).with_name("answers.toml")
"""The answers for the mutants of the reference stack."""

_MAX_BYTES = 65_536


class Answer(Entry):
    """Why no scenario of ours judges what some rules of a scanner do.

    What a scanner writes in brackets behind an id is what it has found, and no part of the rule.
    """

    scanner: OtherScanner
    rules: Annotated[
        tuple[RuleId, ...],
        Field(
            strict=False,
            min_length=1,
            max_length=50,
            description="a list of ids of rules, in ASCII, without what cdk-nag adds in brackets, in order, each once",
        ),
        such_that(ascend),
    ]
    answer: Annotated[
        str,
        Field(
            min_length=MIN_REASON,
            max_length=MAX_REASON,
            description="why no scenario judges this, or which does so otherwise, in "
            f"{MIN_REASON} to {MAX_REASON} characters on one line, with {MIN_WORDS} different words or more",
        ),
        such_that(is_reason),
    ]

    @property
    def selector(self) -> tuple[object, ...]:
        """What it matches by: entries are in the order of it."""
        return self.scanner, self.rules

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.scanner} {', '.join(self.rules)}"


_FORMAT = Format("answer", Answer, "scanner and rules")


def read_answers(file: Path = SHIPPED) -> tuple[Answer, ...]:
    """Return the answers of a file.

    Raises `policies.reading.InputError` with all that is wrong: with an entry, their order, or two about one rule.
    """
    answers = _FORMAT.parse(read_file(file, max_bytes=_MAX_BYTES), file.name)
    about = Counter((answer.scanner, rule) for answer in answers for rule in answer.rules)
    if twice := [
        f"{scanner} {rule}: answered twice; make one of them" for (scanner, rule), n in about.items() if n > 1
    ]:
        raise InputError(file.name, "; ".join(twice[:MAX_PROBLEMS]))
    return answers
