"""Targets with a defect that is planted in each, for whoever drives targets to find."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from unittest.mock import patch

from policies.catalogue import Entry
from policies.judge import judge_template
from policies.model import Outcome, Verdict
from policies.template import Template
from tests.fuzz import judging
from tests.fuzz.mutation import mutate_text
from tests.fuzz.targets import Target

_SEED = b"a b c"


def targets(_: Sequence[bytes] = ()) -> dict[str, Target]:
    """Return the targets, by what is wrong with each."""
    return {
        "nothing": Target(lambda data: None, (_SEED,), mutate_text),
        "exception": Target(_exception, (_SEED,), mutate_text),
        "endless": Target(_endless, (_SEED,), mutate_text, seconds=0.5),
        "hog": Target(_hog, (_SEED,), mutate_text),
        "dead": Target(_dead, (_SEED,), mutate_text),
        "credulous": replace(judging.judgements()["garbled"], check=_credulous),
    }


def _exception(data: bytes) -> None:
    """Take it for granted that there are three words."""
    one, two, three = data.split(b" ")
    assert one or two or three


def _endless(data: bytes) -> None:
    while data != _SEED:
        try:
            data += b""
        except Exception:  # noqa: S112 - as of a rule that fails
            continue


def _hog(data: bytes) -> None:
    bytes(2**40 if data != _SEED else 0)


def _dead(data: bytes) -> None:
    if data != _SEED:
        os.kill(os.getpid(), signal.SIGKILL)


def _credulous(data: bytes) -> None:
    """Judge by rules that take what cannot stand in a place for whatever should."""

    def judge(entries: Sequence[Entry], template: Template) -> Iterator[Verdict]:
        for verdict in judge_template(entries, template):
            wrong = verdict.message.endswith("is expected here")
            yield replace(verdict, outcome=Outcome.COMPLIANT) if wrong else verdict

    with patch.object(judging, "judge_template", judge):
        judging.judgements()["garbled"].check(data)
