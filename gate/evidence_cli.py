"""The command `storage-compliance evidence`, with `keygen`, `export`, `verify`, `replay` and `show`."""

from __future__ import annotations

from argparse import ArgumentParser

from gate.command_line import Command, Given, Group, Misuse
from gate.options import REPEATED, add_format, add_matrix, add_proof, file_name


def _keygen_takes(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="where the keys go; made where there is none")


def _keygen(given: Given) -> int:
    """Make a pair of Ed25519 keys: signing.key, which only you may read, and signing.pub, for all who verify.

    Keys that are there already are never overwritten. In CI, put the text of signing.key into the secret
    STORAGE_COMPLIANCE_SIGNING_KEY instead of a file.
    """
    from gate import evidence_run  # noqa: PLC0415 - --help and --version need none of it

    evidence_run.keygen(given.folder)
    return 0


def _export_takes(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--output", metavar="BUNDLE.zip", required=True, help="the file to write: all of it, or nothing"
    )
    parser.add_argument(
        "--key",
        metavar="FILE",
        type=file_name,
        help="the signing key; without it, the one in the variable STORAGE_COMPLIANCE_SIGNING_KEY",
    )
    parser.add_argument(
        "--sigstore",
        action="store_true",
        help="sign as this job of the CI, without a key (needs the extra `sigstore` and the network)",
    )
    add_matrix(parser)
    parser.add_argument(
        "--results",
        metavar="FILE",
        type=file_name,
        help="what `pytest --scenario-results` wrote; without it no test counts as run. May be repeated",
        **REPEATED,
    )
    parser.add_argument(
        "--import",
        dest="imports",
        metavar="FILE.sarif",
        type=file_name,
        help="what another scanner has found in the templates of this matrix, as SARIF 2.1.0, or a folder, as "
        "`gate --import` takes it; without any, the bundle says that no other scanner was asked. May be repeated",
        **REPEATED,
    )
    add_proof(parser)
    parser.add_argument(
        "--previous",
        metavar="BUNDLE.zip",
        type=file_name,
        help="the bundle before this one: its root becomes part of what is signed",
    )


def _export(given: Given) -> int:
    """Judge the reference stack under a matrix of contexts and write the evidence of it, at the root of a checkout.

    The bundle is written whatever was found, and says it. Its time is SOURCE_DATE_EPOCH or the commit's, and waivers
    have to hold on that day; two exports of one commit, with the same imports, proof, key and locked environment, are
    the same byte for byte. Exit codes: 0 every scenario holds and is covered, or is waived; 1 something was found, by a
    scenario, another scanner or the proof; 2 something could not be judged, or no bundle was written.
    """
    from gate import evidence_run  # noqa: PLC0415 - as above
    from gate.export import Inputs, sealing  # noqa: PLC0415 - as above

    inputs = Inputs(given.results, given.imports, given.proof, given.previous)
    evidence_run.check_output(given.output, given.key, inputs)
    seal = sealing(given.key, sigstore=given.sigstore)
    return evidence_run.export(given.matrix, given.output, seal, inputs)


def _bundle_takes(parser: ArgumentParser) -> None:
    parser.add_argument("bundle", metavar="BUNDLE.zip", type=file_name, help="a bundle, as `evidence export` wrote it")
    add_format(parser)


def _verify_takes(parser: ArgumentParser) -> None:
    _bundle_takes(parser)
    parser.add_argument(
        "--key",
        metavar="FILE",
        type=file_name,
        help="the public key of who must have signed; have it from them, not with it",
    )
    parser.add_argument("--identity", metavar="NAME", help="with Sigstore: the identity that must have signed, exactly")
    parser.add_argument("--issuer", metavar="ADDRESS", help="with Sigstore: who must have vouched for that identity")
    parser.add_argument(
        "--trusted-root",
        metavar="FILE",
        type=file_name,
        help="with Sigstore: the roots to trust (trusted_root.json)",
    )
    parser.add_argument("--max-age", metavar="AGE", help="refuse a bundle older than this, such as 12h, 90d or 2w")
    parser.add_argument("--previous", metavar="BUNDLE.zip", type=file_name, help="the bundle that this one must follow")


def _verify(given: Given) -> int:
    """Verify, offline, that a bundle is what its signer signed: signature, Merkle root, each member, age, chain.

    Exit codes: 0 it is; 2 it is not, or cannot be verified, and why. Whether every scenario holds is another question,
    which the last line answers. To verify with openssl alone, see docs/verify-evidence.md.

    Example: `storage-compliance evidence verify bundle.zip --key signing.pub --max-age 90d`.
    """
    from gate import evidence_run  # noqa: PLC0415 - as above

    signer = evidence_run.signer(given.key, given.identity, given.issuer, given.trusted_root)
    evidence_run.verify(given.bundle, signer, given.max_age, given.previous, given.format)
    return 0


def _replay(given: Given) -> int:
    """Judge the templates that a bundle holds again, by the rules that are installed, and tell what differs.

    Starts no CDK. Each member is held against the manifest; who signed that is for `evidence verify`. Contexts,
    waivers, what other scanners have found, reports and trace are compared, too, where the specs, rules and stack that
    make them are the bundle's. The proof that scenarios can fail is not run again. Exit codes: 0 all of it is
    the same; 1 something differs; 2 the bundle cannot be read, or what was compared is the same, and by other specs,
    rules or another stack not all could be.
    """
    from gate import evidence_run  # noqa: PLC0415 - as above

    return evidence_run.replay(given.bundle, given.format)


def _show(given: Given) -> int:
    """Show what an auditor reads first: what was required and judged, when, by what, and what came of it.

    Each member is held against the manifest, and verdicts, contexts and trace against each other; who signed them is
    for `evidence verify`. Exit codes: 0 it can be read; 2 it cannot.
    """
    from gate import evidence_run  # noqa: PLC0415 - as above

    evidence_run.show(given.bundle, given.format)
    return 0


def _none(_: Given) -> int:
    """Export audit evidence as one signed file; verify, replay and show it, offline.

    Examples: `storage-compliance evidence keygen keys`,
    `storage-compliance evidence export --key keys/signing.key --output bundle.zip`,
    `storage-compliance evidence verify bundle.zip --key keys/signing.pub`.
    """
    raise Misuse


EVIDENCE = Group(
    {
        "keygen": Command(_keygen_takes, _keygen),
        "export": Command(_export_takes, _export),
        "verify": Command(_verify_takes, _verify),
        "replay": Command(_bundle_takes, _replay),
        "show": Command(_bundle_takes, _show),
    },
    own=Command(lambda _: None, _none),
)
