"""What leaves the command: on stdout, or in a file, all of it at once."""

from __future__ import annotations

import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from evidence.console import Console, for_stdout
from policies.reading import InputError, printable


def tell(told: Callable[[str, Console], str | Iterator[str]], form: str, output: Path | None) -> None:
    """Print what is told in a form; with `output`, write it so to that file and print it as text.

    `told` says it in a form, as text by means of a console, at once or in parts. Raises `policies.reading.InputError`
    where the file cannot be written, once the text is printed.
    """
    if output is None:
        emit(told(form, for_stdout()))
        return
    try:
        write(output, told(form, Console()))
    finally:
        emit(told("text", for_stdout()))


def named(name: str, option: str) -> Path:
    """Return the file that an option names.

    Raises `policies.reading.InputError` for an empty name, which would be that of the current folder.
    """
    if not name:
        raise InputError(option, "the name is empty; name a file")
    return Path(name)


def destination(name: str, option: str = "--output") -> Path:
    """Return the file that an option names, which can be written: its folder is made where there is none.

    Raises `policies.reading.InputError` for an empty name, a folder, a link or device, and a place where nothing can be
    written.
    """
    named(name, option)
    if name == "-":
        raise InputError(option, "- is no file; name one, for the text goes to the standard output")
    path, where = Path(name), printable(name)
    try:
        if path.is_dir() or name.rpartition("/")[2] in {"", ".", ".."}:
            raise InputError(where, "a folder; name a file in it")
        # A file takes the place of what is there: of the standard streams, too, which are links.
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise InputError(where, "a link, pipe or device; name a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        trial = _beside(path)
        trial.touch(exist_ok=False)
        trial.unlink()
    except FileExistsError:
        raise InputError(where, "cannot be written: what its folder would be is a file") from None
    except OSError as error:
        raise InputError(where, _unwritable(error)) from None
    return path


def write(path: Path, said: str | Iterator[str]) -> None:
    """Write a line or more to a file, all of it or, raising `policies.reading.InputError`, nothing."""
    with replaced(path) as file:
        file.writelines(part.encode() for part in _parts(said))


def _parts(said: str | Iterator[str]) -> Iterator[str]:
    yield from (said,) if isinstance(said, str) else said
    yield "\n"


@contextmanager
def replaced(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the place of another in one step once it is written.

    Raises `policies.reading.InputError` where it cannot be written; then the other is as it was.
    """
    unfinished = _beside(path)
    try:
        with unfinished.open("xb") as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        raise InputError(printable(path.as_posix()), _unwritable(error)) from None
    finally:
        unfinished.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """Return a file that nobody has, in the same folder: from there it is moved in one step."""
    return path.with_name(f".storage-compliance-{secrets.token_hex(8)}")


def _unwritable(error: OSError) -> str:
    return f"cannot be written: {error.strerror or error}"


def emit(said: str | Iterator[str]) -> None:
    """Write to stdout.

    One that cannot be written ends the command with exit code 2; a reader that has gone away ends it as the signal of
    that would, without a word.
    """
    try:
        sys.stdout.writelines(_parts(said))
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_the_rest()
        raise SystemExit(128 + signal.SIGPIPE) from None
    except OSError as error:
        _discard_the_rest()
        sys.stderr.write(f"error: the output cannot be written: {error.strerror}\n")
        raise SystemExit(2) from None


def _discard_the_rest() -> None:
    # What stdout still holds would be written once more, and fail once more, when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
