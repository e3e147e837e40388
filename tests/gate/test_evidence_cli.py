"""What `storage-compliance evidence` refuses before it does anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate import export as exporting
from tests.commands import invoke


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of files, of which none serves for anything, and in which nothing is synthesised."""
    monkeypatch.chdir(tmp_path)
    for name in ("signing.key", "tests.json", "before.zip"):
        Path(name).write_text(name, encoding="utf-8")
    Path("link").symlink_to("signing.key")
    Path("folder").mkdir()
    monkeypatch.setattr(exporting, "synthesise", None)


def refused(*arguments: str) -> str:
    """Run a command of `evidence`; return the message that it ends with, and with exit code 2."""
    result = invoke(["evidence", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.removeprefix("error: ").removesuffix("\n").partition("; see storage-compliance evidence ")[0]


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ("export --output b.zip --key EMPTY", "--key"),
        ("export --output b.zip --results tests.json --results EMPTY", "--results"),
        ("export --output b.zip --import one.sarif --import EMPTY", "--import"),
        ("export --output b.zip --proof EMPTY", "--proof"),
        ("export --output b.zip --previous EMPTY", "--previous"),
        ("verify EMPTY --key k.pub", "BUNDLE.zip"),
        ("verify b.zip --key EMPTY", "--key"),
        ("verify b.zip --trusted-root EMPTY", "--trusted-root"),
        ("verify b.zip --key k.pub --previous EMPTY", "--previous"),
        ("replay EMPTY", "BUNDLE.zip"),
        ("show EMPTY", "BUNDLE.zip"),
    ],
)
def test_a_name_that_is_empty(arguments: str, where: str) -> None:
    """It is refused as the option's, and does not mean the current folder."""
    given = ["" if word == "EMPTY" else word for word in arguments.split()]
    assert refused(*given) == f"{where}: the name is empty; name a file"


def test_keys_go_nowhere() -> None:
    """A folder that is not named is not the current one."""
    assert refused("keygen", "") == "DIR: the name is empty; name a folder, or . for this one"
    assert not Path("signing.pub").exists()


@pytest.mark.parametrize(
    ("output", "arguments", "option"),
    [
        ("signing.key", "--key signing.key", "--key"),
        ("folder/../signing.key", "--key signing.key", "--key"),
        ("signing.key", "--key link", "--key"),
        ("tests.json", "--key signing.key --results nowhere.json --results tests.json", "--results"),
        ("tests.json", "--key signing.key --import nowhere.sarif --import tests.json", "--import"),
        ("tests.json", "--key signing.key --proof tests.json", "--proof"),
        ("before.zip", "--key signing.key --previous ./before.zip", "--previous"),
    ],
    ids=["key", "roundabout", "link", "results", "import", "proof", "previous"],
)
def test_a_bundle_in_the_place_of_what_it_is_made_from(output: str, arguments: str, option: str) -> None:
    """It is refused before the key is read, whatever way leads to the file, and the file is as it was."""
    told = f"--output: the file that {option} names, which is kept; name another"
    assert refused("export", "--output", output, *arguments.split()) == told
    assert Path(output).read_text(encoding="utf-8") == Path(output).name


@pytest.mark.parametrize("more", ["--identity a --issuer b", "--identity a", "--trusted-root r.json"])
def test_two_signers(more: str) -> None:
    """A key or Sigstore: who gives both is told that it is one or the other, before any file is read."""
    assert refused("verify", "b.zip", "--key", "k.pub", *more.split()) == (
        "evidence verify: who must have signed is told by --key or, with Sigstore, by --identity and --issuer: "
        "give one of both"
    )


@pytest.mark.parametrize("given", ["", "--identity a", "--issuer b", "--identity a --trusted-root r.json"])
def test_no_signer(given: str) -> None:
    """A bundle is not verified against whoever signed it."""
    assert refused("verify", "b.zip", *given.split()) == (
        "evidence verify: name who must have signed: --key signing.pub, or with Sigstore both --identity and --issuer"
    )
