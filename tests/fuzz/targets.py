"""What is fuzzed: a reader each, or the judgement of templates, with the laws that it keeps whatever it is given.

Two programs drive these: `tests.fuzz.bounded` in the tests, and `tests.fuzz.guided`, led by coverage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Mutate = Callable[[bytes, Random], bytes]
"""Makes another input of one. What chance decides is drawn from the generator, so that either program can lead it."""


MAX_SECONDS = 20
"""The processor time that an input may take: thousands of times what most take."""


class BrokenLawError(Exception):
    """What an input comes to breaks a law; the text says which, and how."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that is given bytes which nobody vouches for.

    `check` returns whatever it is given: whatever it raises is a defect, `BrokenLawError` among the rest. `seeds` are
    the inputs that others are made of, by `mutate`. An input takes no more than so many `seconds` of processor time,
    which is the same on a busy machine.
    """

    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    mutate: Mutate
    seconds: float = MAX_SECONDS
