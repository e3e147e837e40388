"""One commit on two machines: the same bundle, byte for byte; and an export that is killed."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from evidence.bundle.keys import generate
from tests.evidence.checkouts import commit, git

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from gate.cli import main; main()", "evidence")
PACKAGES = ("policies", "stack", "proof", "scanners", "gate", "evidence")
HELD = ("specs", *PACKAGES, "tests", "requirements", "cdk.json", "pyproject.toml")

SWAPPED = {
    "TZ": "Pacific/Chatham",
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "4294967295",
    "USER": "somebody",
    "LOGNAME": "somebody",
    "AWS_REGION": "ap-southeast-2",
    "CDK_DEFAULT_ACCOUNT": "999988887777",
}
"""What another machine has in its environment."""


def checkout(folder: Path) -> Path:
    """Make a checkout of what is here, all of it committed, by the same author at the same time everywhere."""
    folder.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", "*.zip")
    for name in HELD:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored, symlinks=True)
        else:
            shutil.copy(ROOT / name, folder / name)
    (folder / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, {})
    return folder


def environment(home: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a user who has nothing but a home, a path and these variables."""
    home.mkdir(parents=True, exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONHASHSEED": "0"} | dict(variables)


def start(folder: Path, *arguments: object, umask: int = -1, **variables: str) -> subprocess.Popen[str]:
    """Start a command of `evidence` at the root of a checkout, whose own code it runs."""
    return subprocess.Popen(  # noqa: S603 -- ourselves
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(folder.parent / "home", variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=umask,
    )


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a signing key."""
    return generate(tmp_path_factory.mktemp("keys"))[0]


def test_two_machines(key: Path, tmp_path: Path) -> None:
    """Folder, home, user, time zone, locale, umask, hash seed and AWS settings are others; the bundle is the same."""
    here, there = checkout(tmp_path / "a"), checkout(tmp_path / "b" / "deep" / "down")
    arguments = ("export", "--key", key, "--matrix", "smoke", "--output", "bundle.zip")
    one = start(here, *arguments)
    other = start(there, *arguments, umask=0o077, **SWAPPED)
    ended = [(process.communicate(timeout=300), process.returncode) for process in (one, other)]
    # The smoke matrix leaves values untried, which the trace tells.
    assert [(err, code) for (_, err), code in ended] == [("", 1), ("", 1)]
    digests = [hashlib.sha256((folder / "bundle.zip").read_bytes()).hexdigest() for folder in (here, there)]
    print(f"two exports: {digests[0]}, {digests[1]}")
    assert digests[0] == digests[1]
    assert ended[0] == ended[1]


def test_a_killed_export(key: Path, tmp_path: Path) -> None:
    """It leaves the old file, and nothing beside it."""
    folder = checkout(tmp_path / "a")
    output = folder / "out" / "bundle.zip"
    output.parent.mkdir()
    output.write_bytes(b"old")
    process = start(folder, "export", "--key", key, "--matrix", "pairwise", "--output", output)
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=6)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [(file.name, file.read_bytes()) for file in output.parent.iterdir()] == [("bundle.zip", b"old")]
