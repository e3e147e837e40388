"""Runs a Python program without the network: `python -P -s offline.py PROGRAM [ARGUMENT...]`.

Imports nothing of ours, so that it runs anywhere. A program that uses the network all the same is refused it, and a
line on standard error that begins with REFUSED says so, whatever the program makes of the refusal. What it starts as
another program is not held to this.
"""

import runpy
import sys

REFUSED = "a scanner works offline, but this one used the network:"

_NETWORK = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.getnameinfo",
        "socket.sendmsg",
        "socket.sendto",
    }
)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _NETWORK:
        refusal = f"{REFUSED} {event}"
        sys.stderr.write(f"\n{refusal}\n")
        raise OSError(refusal)


if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    sys.addaudithook(_refuse)
    runpy.run_path(sys.argv[0], run_name="__main__")
