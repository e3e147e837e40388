"""The command `storage-compliance evidence`, with `keygen`, `export`, `verify`, `replay` and `show`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gate.matrices import Matrix
from gate.options import Proof, named
from gate.refusals import refusals


class Told(StrEnum):
    """How something is told."""

    TEXT = "text"
    JSON = "json"


app = typer.Typer(
    no_args_is_help=True,
    help="""Export audit evidence as one signed file; verify, replay and show it, offline.

    Examples: `storage-compliance evidence keygen keys`,
    `storage-compliance evidence export --key keys/signing.key --output bundle.zip`,
    `storage-compliance evidence verify bundle.zip --key keys/signing.pub`.""",
)

Bundle = Annotated[
    str, typer.Argument(metavar="BUNDLE.zip", callback=named, help="A bundle, as `evidence export` wrote it.")
]
Form = Annotated[Told, typer.Option("--format", help="text for a reader, json for a program (one document on stdout).")]


@app.command()
def keygen(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Where the keys go; made where there is none.")],
) -> None:
    """Make a pair of Ed25519 keys: signing.key, which only you may read, and signing.pub, for all who verify.

    Keys that are there already are never overwritten. In CI, put the text of signing.key into the secret
    STORAGE_COMPLIANCE_SIGNING_KEY instead of a file.
    """
    with refusals():
        from gate import evidence_run  # noqa: PLC0415 - --help and --version need none of it

        evidence_run.keygen(folder)


@app.command()
def export(  # noqa: PLR0913 - each is something to choose
    *,
    output: Annotated[str, typer.Option(metavar="BUNDLE.zip", help="The file to write: all of it, or nothing.")],
    key: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            callback=named,
            help="The signing key; without it, the one in the variable STORAGE_COMPLIANCE_SIGNING_KEY.",
        ),
    ] = None,
    sigstore: Annotated[
        bool,
        typer.Option(
            "--sigstore", help="Sign as this job of the CI, without a key (needs the extra `sigstore` and the network)."
        ),
    ] = False,
    matrix: Annotated[
        Matrix,
        typer.Option(
            help="smoke: a dozen contexts; pairwise: every pair of values of every two axes; full: 2,000 and more."
        ),
    ] = Matrix.PAIRWISE,
    results: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            callback=named,
            help="What `pytest --scenario-results` wrote; without it no test counts as run.",
        ),
    ] = None,
    imports: Annotated[
        list[str] | None,
        typer.Option(
            "--import",
            metavar="FILE.sarif",
            callback=named,
            help="What another scanner has found in the templates of this matrix, as SARIF 2.1.0, or a folder, as "
            "`gate --import` takes it; without any, the bundle says that no other scanner was asked. May be repeated.",
        ),
    ] = None,
    proof: Proof = None,
    previous: Annotated[
        str | None,
        typer.Option(
            metavar="BUNDLE.zip",
            callback=named,
            help="The bundle before this one: its root becomes part of what is signed.",
        ),
    ] = None,
) -> None:
    """Judge the reference stack under a matrix of contexts and write the evidence of it, at the root of a checkout.

    The bundle is written whatever was found, and says it. Its time is SOURCE_DATE_EPOCH or the commit's, and waivers
    have to hold on that day; two exports of one commit, with the same imports, proof, key and locked environment, are
    the same byte for byte. Exit codes: 0 every scenario holds and is covered, or is waived; 1 something was found, by a
    scenario, another scanner or the proof; 2 something could not be judged, or no bundle was written.
    """
    with refusals():
        from gate import evidence_run  # noqa: PLC0415 - as above
        from gate.export import Inputs, sealing  # noqa: PLC0415 - as above

        inputs = Inputs(results or (), imports or (), proof, previous)
        evidence_run.check_output(output, key, inputs)
        seal = sealing(key, sigstore=sigstore)
        raise typer.Exit(evidence_run.export(matrix.value, output, seal, inputs))


@app.command()
def verify(  # noqa: PLR0913 - what is expected of a bundle comes from outside of it
    bundle: Bundle,
    *,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            callback=named,
            help="The public key of who must have signed; have it from them, not with it.",
        ),
    ] = None,
    identity: Annotated[
        str | None, typer.Option(metavar="NAME", help="With Sigstore: the identity that must have signed, exactly.")
    ] = None,
    issuer: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="With Sigstore: who must have vouched for that identity.")
    ] = None,
    trusted_root: Annotated[
        str | None,
        typer.Option(metavar="FILE", callback=named, help="With Sigstore: the roots to trust (trusted_root.json)."),
    ] = None,
    max_age: Annotated[
        str | None, typer.Option(metavar="AGE", help="Refuse a bundle older than this, such as 12h, 90d or 2w.")
    ] = None,
    previous: Annotated[
        str | None, typer.Option(metavar="BUNDLE.zip", callback=named, help="The bundle that this one must follow.")
    ] = None,
    form: Form = Told.TEXT,
) -> None:
    """Verify, offline, that a bundle is what its signer signed: signature, Merkle root, each member, age, chain.

    Exit codes: 0 it is; 2 it is not, or cannot be verified, and why. Whether every scenario holds is another question,
    which the last line answers. To verify with openssl alone, see docs/verify-evidence.md.

    Example: `storage-compliance evidence verify bundle.zip --key signing.pub --max-age 90d`.
    """
    with refusals():
        from gate import evidence_run  # noqa: PLC0415 - as above

        evidence_run.verify(
            bundle, evidence_run.signer(key, identity, issuer, trusted_root), max_age, previous, form.value
        )


@app.command()
def replay(bundle: Bundle, form: Form = Told.TEXT) -> None:
    """Judge the templates that a bundle holds again, by the rules that are installed, and tell what differs.

    Starts no CDK. Each member is held against the manifest; who signed that is for `evidence verify`. Contexts,
    waivers, what other scanners have found, reports and trace are compared, too, where the specs, rules and stack that
    make them are the bundle's. The proof that scenarios can fail is not run again. Exit codes: 0 all of it is
    the same; 1 something differs; 2 the bundle cannot be read, or what was compared is the same, and by other specs,
    rules or another stack not all could be.
    """
    with refusals():
        from gate import evidence_run  # noqa: PLC0415 - as above

        raise typer.Exit(evidence_run.replay(bundle, form.value))


@app.command()
def show(bundle: Bundle, form: Form = Told.TEXT) -> None:
    """Show what an auditor reads first: what was required and judged, when, by what, and what came of it.

    Each member is held against the manifest, and verdicts, contexts and trace against each other; who signed them is
    for `evidence verify`. Exit codes: 0 it can be read; 2 it cannot.
    """
    with refusals():
        from gate import evidence_run  # noqa: PLC0415 - as above

        evidence_run.show(bundle, form.value)
