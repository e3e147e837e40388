"""A run taken down as it goes: what is written when, and how little is kept."""

from __future__ import annotations

import io
import json
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from evidence.bundle.archive import Writer, open_archive
from evidence.bundle.canonical import MAX_LINE
from evidence.bundle.recording import recording
from evidence.model import Trouble
from policies.model import Outcome, Verdict
from policies.reading import InputError
from stack.contexts import Context
from stack.settings import Problem
from stack.synth import Synthesis

CONSTRUCTS = {"Table": ("aws-cdk-lib.App@2", "aws-cdk-lib.aws_dynamodb.CfnTable@2")}


def synthesis(name: str, template: bytes = b"{}") -> Synthesis:
    """Return what came of a context."""
    return Synthesis(Context(name, {"worthwatch:stage": name}), {"stage": name}, template, CONSTRUCTS)


def verdict(outcome: Outcome = Outcome.COMPLIANT, **other: object) -> Verdict:
    """Return a verdict in the context "dev"."""
    return Verdict(**{"spec": "storage", "scenario": "keys/key", "outcome": outcome, "context": "dev", **other})  # type: ignore[arg-type]


def test_what_is_written(tmp_path: Path) -> None:
    """A template and a construct tree are written once, lines for each context and verdict; failures are problems."""
    file = tmp_path / "b.zip"
    with file.open("w+b") as opened:
        writer = Writer(opened)
        with recording(writer) as run:
            run.add(synthesis("dev"), [verdict()], None)
            run.add(synthesis("prod"), [verdict(context="prod")], "no encryption")
            problem = Problem("worthwatch:stage", '"x"', "dev")
            refused = Context("refused", {}, refused=frozenset({"worthwatch:stage"}))
            run.add(Synthesis(refused, refused=(problem,), message="no"), [verdict(context="refused")], None)
            run.judge([verdict(context=None)])
            run.finish()
        writer.close()
    with open_archive(file) as archive:
        held = {path: archive.read(path, 2**20) for path in archive.members}
    template, constructs = list(held)[:2]
    assert list(held) == [entry.path for entry in writer.entries]
    assert list(held)[2:] == ["contexts.jsonl", "verdicts.jsonl"]
    assert (held[template], json.loads(held[constructs])) == (
        b"{}",
        {"lineages": {"Table": list(CONSTRUCTS["Table"])}, "paths": {}},
    )
    assert json.loads(held["contexts.jsonl"].splitlines()[2]) == {
        "account": None,
        "constructs": None,
        "failure": None,
        "message": "no",
        "name": "refused",
        "problems": [{"allowed": "dev", "found": '"x"', "key": "worthwatch:stage"}],
        "refused": ["worthwatch:stage"],
        "region": None,
        "settings": None,
        "template": None,
        "values": {},
    }
    assert [json.loads(line)["context"] for line in held["verdicts.jsonl"].splitlines()] == [
        "dev",
        "prod",
        "refused",
        None,
    ]
    assert run.problems == [Trouble("prod", "no encryption")]


def test_sources() -> None:
    """Of templates, those that a finding was first seen in are kept, and no others."""
    with recording(Writer(io.BytesIO())) as run:
        run.add(synthesis("dev", b"1"), [verdict(template="a")], None)
        run.add(synthesis("b", b"2"), [verdict(Outcome.NON_COMPLIANT, context="b", template="b")], None)
        run.add(synthesis("c", b"3"), [verdict(Outcome.NON_COMPLIANT, context="c", template="c")], None)
    assert run.sources == {"b": b"2"}


def test_what_cannot_be_evidence() -> None:
    """A number that readers of JSON tell apart from its neighbours in different ways has no canonical form."""
    with recording(Writer(io.BytesIO())) as run, pytest.raises(InputError) as error:
        run.add(synthesis("dev"), [verdict(found=2**53)], None)
    assert str(error.value).startswith("a verdict on keys/key: cannot be evidence: ")


def test_what_could_not_be_read_again() -> None:
    """A line that no reader of bundles takes is not written."""
    with recording(Writer(io.BytesIO())) as run, pytest.raises(InputError) as error:
        run.add(synthesis("dev"), [verdict(found="x" * MAX_LINE)], None)
    assert str(error.value).endswith("; the limit to read it again is 2,097,152")


def kept(contexts: int) -> int:
    """Return the most bytes that are held at a time for each of so many contexts, beyond what a few take."""
    few = 100
    with tempfile.TemporaryFile() as file, recording(Writer(file)) as run:
        for number in range(contexts):
            if number == few:
                tracemalloc.start()
            template = b"%09d" % number * 1_000
            name = f"context {number}"
            run.add(synthesis(name, template), [verdict(context=name, scenario=f"keys/{n}") for n in range(21)], None)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most // (contexts - few)


def test_memory() -> None:
    """A context takes a fraction of its template's 9 kB, and of the 6 kB of its verdicts' lines."""
    assert kept(300) < 2_000
