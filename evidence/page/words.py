"""The words of a trace: how each state and outcome is shown, beside its colour, and what each means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from evidence.model import State
from evidence.words import SYMBOLS


class Word(NamedTuple):
    """How one state or outcome is shown: a symbol that stands without colour, and what it means."""

    symbol: str
    meaning: str


_MEANINGS: Final = {
    State.DUPLICATE: "two rules, or two scenarios, claim one name",
    State.UNCOVERED: "no rule, or no test, enforces it",
    State.OUTDATED: "its text is not the one that was last reviewed",
    State.ERROR: "a verdict could not be come to for a failure: nothing is known",
    State.FAILING: "a verdict is non-compliant, a test failed, or a proof found its rule wanting",
    State.UNDETERMINED: "a verdict could not be reached: the template alone cannot say",
    State.NEVER_RUN: "no verdict of a gate, or a test that did not run",
    State.VACUOUS: "it applied in no context, or no mutant was made that it has to notice",
    State.WAIVED: "a verdict is a violation that a waiver covers, for a while",
    State.COVERED: "enforced, tested and reviewed, and nothing speaks against it",
}

STATES: Final[Mapping[str, Word]] = {str(state): Word(SYMBOLS[state], told) for state, told in _MEANINGS.items()}
"""The states of a scenario, the gravest first."""

OUTCOMES: Final[Mapping[str, Word]] = {
    "error": Word("!", "the judgement itself failed"),
    "non-compliant": Word("✗", "the scenario is violated"),
    "undetermined": Word("?", "the template alone cannot say"),
    "waived": Word(SYMBOLS[State.WAIVED], "the scenario is violated, and a waiver covers it, for a while"),
    "compliant": Word("✓", "the scenario holds"),
    "not-applicable": Word("·", "the scenario's WHEN is not met"),
}
"""The outcomes of a verdict, the worst first."""

ORPHANS: Final[Mapping[str, str]] = {
    "rule": "rule without a scenario",
    "test": "test of no scenario",
    "review": "review of no scenario",
    "result": "result of no scenario",
}

CONCLUSIONS: Final[Mapping[int, tuple[str, Word]]] = {
    0: ("covered", Word("✓", "Every scenario is covered")),
    1: ("failing", Word("✗", "Not every scenario is covered")),
    2: ("undetermined", Word("?", "Not everything could be judged")),
}
"""What an exit code says: the state whose colour it takes, the symbol, the sentence."""

WAIVED: Final = ("waived", Word(SYMBOLS[State.WAIVED], "Every scenario is covered, but for what is waived"))
"""What is said instead where nothing fails for waivers alone, of scenarios or of what other scanners have found."""

STANDING: Final = ("failing", Word("✗", "What another scanner has found is not waived"))
"""What is said instead where nothing else fails."""
