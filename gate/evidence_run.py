"""What the commands of `storage-compliance evidence` do, and how they tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from evidence import output as leaving
from evidence.bundle import telling
from evidence.bundle.archive import Archive, open_archive
from evidence.bundle.contents import check_statement, read_contents
from evidence.bundle.export import Seal
from evidence.bundle.keys import generate, key_id, read_public_key
from evidence.bundle.manifest import Manifest, check_members, read_manifest
from evidence.bundle.verify import Unseal, parse_age, signed_by, signed_with_sigstore, stated_signer
from evidence.bundle.verify import verify as verify_bundle
from gate import export as exporting
from gate import replay as replaying
from gate.export import Inputs
from gate.progress import progress
from gate.replay_telling import told as told_replay
from gate.rescanned import notes
from policies.reading import InputError
from stack.contexts import Matrix


def keygen(folder: str) -> None:
    """Make a pair of keys and say where they are."""
    if not folder:
        raise InputError("DIR", "the name is empty; name a folder, or . for this one")
    private, public = generate(Path(folder))
    leaving.emit(
        f"{private}: keep it to yourself; whoever has it signs as you\n"
        f"{public}: give it to whoever verifies, apart from the bundles\n"
        f"key id: {key_id(read_public_key(public))}"
    )


def check_output(output: str, key: str | None, inputs: Inputs) -> None:
    """Raise `policies.reading.InputError` where a bundle would take the place of what it is made from."""
    several = [("--results", name) for name in inputs.results] + [("--import", name) for name in inputs.imports]
    for option, name in [("--key", key), *several, ("--proof", inputs.proof), ("--previous", inputs.previous)]:
        # Also by another name: a link, or another way through the folders.
        with suppress(OSError):
            if name is not None and Path(output).samefile(name):
                raise InputError("--output", f"the file that {option} names, which is kept; name another")


def export(matrix: Matrix, output: str, seal: Seal, inputs: Inputs) -> int:
    """Write a bundle and say what it holds; return the exit code of what was found."""
    exported = exporting.export_matrix(matrix, leaving.destination(output), seal, inputs)
    leaving.emit(telling.exported(exported, output))
    return exported.exit_code


def signer(key: str | None, identity: str | None, issuer: str | None, trusted_root: str | None) -> Unseal:
    """Return what verifies the signature that is expected: that of a key, or one made with Sigstore."""
    if key is not None and (identity, issuer, trusted_root) == (None, None, None):
        return signed_by(read_public_key(Path(key)))
    if key is None and identity is not None and issuer is not None:
        return signed_with_sigstore(identity, issuer, None if trusted_root is None else Path(trusted_root))
    if key is not None:
        problem = (
            "who must have signed is told by --key or, with Sigstore, by --identity and --issuer: give one of both"
        )
    else:
        problem = "name who must have signed: --key signing.pub, or with Sigstore both --identity and --issuer"
    raise InputError("evidence verify", problem)


def verify(bundle: str, unseal: Unseal, max_age: str | None, previous: str | None, form: str) -> None:
    """Verify a bundle and say what holds of it."""
    age = None if max_age is None else parse_age(max_age)
    before = None if previous is None else Path(previous)
    with open_archive(Path(bundle)) as archive:
        verified = verify_bundle(archive, unseal, max_age=age, previous=before, now=datetime.now(UTC))
        contents = check_statement(archive, verified)
    leaving.emit(
        json.dumps(telling.verified_json(verified, contents))
        if form == "json"
        else telling.verified(verified, contents)
    )


def replay(bundle: str, form: str) -> int:
    """Judge a bundle again and say what differs; return the exit code."""
    with _intact(bundle) as (archive, _), progress("contexts") as advance:
        found = replaying.replay(archive, advance)
    leaving.tell(partial(told_replay, found), form, None)
    return found.exit_code


def show(bundle: str, form: str) -> None:
    """Tell what a bundle holds."""
    with _intact(bundle) as (archive, manifest):
        contents = read_contents(archive)
        signer = stated_signer(archive)
    leaving.tell(partial(telling.shown, contents, manifest, signer, list(notes(contents))), form, None)


@contextmanager
def _intact(bundle: str) -> Iterator[tuple[Archive, Manifest]]:
    """Open a bundle whose members are as its manifest states, whoever signed that."""
    with open_archive(Path(bundle)) as archive:
        manifest = read_manifest(archive)
        check_members(archive, manifest)
        yield archive, manifest
