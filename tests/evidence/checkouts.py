"""Repositories of git, made anew, whose commits are the same on every machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

COMMITTED = 1_700_000_000
"""When everything is committed, in seconds since 1970: 2023-11-14T22:13:20Z."""

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}

_AUTHOR = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "someone"), ("EMAIL", "someone@example.org"), ("DATE", f"@{COMMITTED} +0500"))
}


def git(folder: Path, *arguments: str, environment: Mapping[str, str] = ENVIRONMENT) -> str:
    """Run git in a folder, and return what it prints."""
    command = ["git", "-c", "protocol.file.allow=always", *arguments]
    run = subprocess.run(  # noqa: S603 -- what a test says
        command, cwd=folder, env={**environment, **_AUTHOR}, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def make(folder: Path, files: Mapping[str, str]) -> str:
    """Commit files in a new repository; return the commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    return commit(folder, files)


def commit(folder: Path, files: Mapping[str, str]) -> str:
    """Commit all that is in a folder, and these files; return the commit."""
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    return git(folder, "rev-parse", "HEAD")


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
