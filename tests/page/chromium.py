"""Find the Chromium that the browser tests run, or install Debian's: `python -m tests.page.chromium`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""No sandbox, since a container's root has none; and no traffic of the browser's own."""


def find() -> str | None:
    """Return the path of a Chromium on PATH, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def main() -> int:
    """Return 0 once there is a Chromium, installed here where it may be."""
    if find():
        return 0
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run([apt, *arguments], env=environment, check=False)  # noqa: S603 -- words of our own
    if find():
        return 0
    sys.stderr.write(
        f"the browser tests need one of {', '.join(NAMES)} on PATH: run `apt-get install chromium` as root\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
