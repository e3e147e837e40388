"""The `prove` command: bases made, mutants judged with progress on a terminal, what became of them told.

Other scanners are witnesses: the mutants are written for them, or what they have found is held against the proof.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from evidence.basis import basis, suite
from evidence.console import Console
from evidence.output import tell, write
from gate import proof_text, witnesses_document, witnesses_markdown, witnesses_text
from gate.included_run import scan_included
from gate.matrix import judge_synthesis
from gate.progress import progress
from gate.scan_folder import fill_parts, prepared
from gate.scans import read_scans
from gate.waivers import load_pairs
from gate.witnesses import Hearing, hear, templates
from policies.agreement import SHIPPED
from policies.catalogue import Entry, load, named
from policies.reading import InputError, printable
from proof import document
from proof.answers import read_answers
from proof.bases import UnsoundBaseError, bases
from proof.equivalents import read_equivalents
from proof.exploration import MOST_TRIED, explore
from proof.kills import otherwise, read_kills
from proof.matrix import matrix
from proof.model import Explored
from proof.run import BrokenProofError, Proof, of_matrix, prove, prove_matrix, tasks
from stack.synth import synthesiser

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Peers:
    """Other scanners: the folder in which they find the mutants, their reports, and the page to write of them."""

    templates: str | None = None
    imports: tuple[Path, ...] = ()
    page: Path | None = None

    @property
    def asked(self) -> bool:
        """Whether they are to see the mutants, or have."""
        return self.templates is not None or bool(self.imports)


def main(form: str, output: Path | None, wanted: str | None, peers: Peers) -> int:
    """Prove all scenarios, or the one that is named, tell the result as `text` or `json`, and return the exit code.

    Raises `policies.catalogue.UnknownScenarioError`, and `policies.reading.InputError` where nothing can be written,
    or what is asked for does not go together.
    """
    if peers.asked and wanted is not None:
        raise InputError("--scenario", "other scanners judge all mutants; leave it out, or --templates and --import")
    if peers.page is not None and not peers.imports:
        raise InputError("--peers", "tells what other scanners have found; give their reports with --import")
    folder = None if peers.templates is None else prepared(peers.templates, "--templates")
    entries = load()
    scenario = None if wanted is None else named(wanted, [entry.scenario for entry in entries]).id
    equivalents, kills, answers, pairs = read_equivalents(), read_kills(), read_answers(), load_pairs(SHIPPED)
    workers = os.cpu_count() or 1
    try:
        with progress("the stack, under the contexts that mutants are made of"):
            sound, whole = bases(entries), matrix(entries, judge_synthesis)
        with progress("mutants", len(tasks(sound, scenario)) + len(of_matrix(scenario))) as advance:
            proof = prove(sound, equivalents, scenario=scenario, seen=peers.asked, workers=workers, on_progress=advance)
            proof = prove_matrix(proof, whole, advance)
        if scenario is None:
            with progress("contexts that nobody listed", MOST_TRIED) as advance:
                explored = _explored(entries, advance)
            problems = (*proof.problems, *otherwise(proof.findings, kills))
            proof = replace(proof, problems=problems, explored=explored)
        if folder is not None:
            _show(proof, folder)
    except UnsoundBaseError as error:
        sys.stderr.write(f"error: what mutants are to be made of is not sound; mend the stack, or the rule: {error}\n")
        return 2
    except BrokenProofError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    hearing = None
    if peers.imports:
        with progress("mutants, as other scanners see them", len(proof.findings.seen)) as advance:
            hearing = hear(proof, read_scans(peers.imports), pairs, answers, advance)
    tell(partial(_told, proof, hearing), form, output)
    heard = hearing.exit_code if hearing else 0
    if hearing and peers.page and not heard:
        write(peers.page, witnesses_markdown.render(hearing))
    return max(0 if proof.holds else 1, heard)


def _show(proof: Proof, folder: Path) -> None:
    """Write the mutants for other scanners, in parts, and what the CDK's own find in them."""
    unread = [reason for part in list(fill_parts(folder, templates(proof))) for reason in scan_included(part).values()]
    if unread:
        reasons = Counter(reason.splitlines()[0] for reason in unread)
        sys.stderr.write(f"{len(unread):,} mutants cannot be included by the CDK, so that its tools do not see them:\n")
        for reason, count in reasons.most_common(_SHOWN):
            sys.stderr.write(f"  {count:,}: {printable(reason)}\n")


def _explored(entries: Sequence[Entry], advance: Callable[[], None]) -> Explored:
    with synthesiser() as synthesise:
        return explore(entries, judge_synthesis, synthesise, advance)


def _told(proof: Proof, hearing: Hearing | None, form: str, console: Console) -> str:
    if form == "json":
        by = basis() | {"suite": suite()}
        return document.render(proof, by, None if hearing is None else witnesses_document.as_json(hearing))
    _print(proof, hearing, console)
    return console.printed


def _print(proof: Proof, hearing: Hearing | None, console: Console) -> None:
    if hearing is not None:
        witnesses_text.render(hearing, console)
        console.print()
    proof_text.render(proof, console)
