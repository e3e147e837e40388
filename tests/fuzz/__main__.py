"""The fuzzer, as `tox run -e fuzz` starts it."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import chdir
from pathlib import Path

from policies.catalogue import load
from proof.bases import CONTEXTS, bases
from tests.fuzz.bounds import REFERENCE, bound_memory, checked
from tests.fuzz.campaign import run
from tests.fuzz.catalogue import targets

_CATALOGUE = "tests.fuzz.catalogue"
_FOLDER = Path("out", "fuzz")
_SECONDS = 240


def main() -> int:
    """Fuzz, or check one input again. Return 1 where something is found."""
    names = list(targets())
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz what reads, led by coverage.")
    parser.add_argument("target", nargs="*", help=f"one of {', '.join(names)}; without any: all of them")
    parser.add_argument("--seconds", type=int, default=_SECONDS, help=f"for each target; {_SECONDS} unless given")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="an input that is to be checked again")
    arguments = parser.parse_args()
    if unknown := set(arguments.target) - set(names):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    if arguments.replay is not None:
        if len(arguments.target) != 1:
            parser.error("--replay needs the one target that the input is for")
        return _replay(arguments.target[0], arguments.replay)
    return _fuzz(arguments.target or names, arguments.seconds)


def _replay(name: str, file: Path) -> int:
    """Check an input; what is wrong with it is raised."""
    data = file.read_bytes()
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        bound_memory()
        checked(targets()[name], data)
    sys.stdout.write(f"{name}: nothing is wrong with {file}\n")
    return 0


def _fuzz(names: list[str], seconds: int) -> int:
    reference = _FOLDER / REFERENCE
    reference.mkdir(parents=True, exist_ok=True)
    for base in bases(load(), CONTEXTS[:2]):
        (reference / f"{base.name}.json").write_text(json.dumps(base.document), encoding="utf-8")
    found = 0
    for one in run(_CATALOGUE, names, seconds, _FOLDER):
        line = f"{one.target:12} {one.runs:>9,} runs, coverage {one.coverage:>6,}: "
        if one.why is None:
            sys.stdout.write(f"{line}nothing found\n")
        else:
            found += 1
            sys.stdout.write(f"{line}FOUND {one.why}\n")
            if one.found is not None:
                replay = f"tox run -e fuzz -- {one.target} --replay {one.found}"
                sys.stdout.write(f"{'':12} {one.found}; check it again: {replay}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(names)} targets, {found} of them with a finding\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
