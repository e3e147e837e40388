"""How the command line is read: by argparse, which comes with Python, for what is heavier is felt at every start.

Nothing that judges is imported here, nor by the modules that say what a command takes: --help and --version need none.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, NoReturn

Given = argparse.Namespace
"""What a command was given: each argument and option by its name, as what it was declared to be."""


class Misuse(Exception):  # noqa: N818 - no error of ours, but of who calls
    """A command was given what does not go together; the text says what. Without a text: nothing that it could do."""


class Parser(argparse.ArgumentParser):
    """Reads what a command is given. What cannot be understood ends it with exit code 2 and one message."""

    def __init__(self, prog: str, description: str) -> None:
        """Begin with a parser that takes nothing but --help."""
        super().__init__(prog, description=description, allow_abbrev=False, formatter_class=_Formatter)

    def error(self, message: str) -> NoReturn:
        """End the command for what it was given, which may hold anything: a terminal is not to obey that."""
        from policies.reading import printable  # noqa: PLC0415 - only where something is wrong

        sys.stderr.write(f"error: {printable(message.removeprefix('argument '))}; see {self.prog} --help\n")
        sys.exit(2)

    def _print_message(self, message: str, file: object = None) -> None:
        from evidence.output import emit  # noqa: PLC0415 - only where something is told

        emit(message.rstrip("\n"))


class Command(NamedTuple):
    """A command: what it takes, which a parser is told, and what it does with that, for an exit code.

    The docstring of `run` is its help, and the first paragraph of that, a sentence, what the list of commands says.
    """

    takes: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Given], int]


class Group(NamedTuple):
    """Commands by their names; `own` is what is done where none of them is named, and its help that of all."""

    commands: Mapping[str, Command | Group]
    own: Command


def run(command: Command | Group, prog: str, arguments: Sequence[str]) -> int:
    """Run the command that the arguments name, with the rest of them, and return its exit code."""
    if isinstance(command, Group) and arguments and arguments[0] in command.commands:
        return run(command.commands[arguments[0]], f"{prog} {arguments[0]}", arguments[1:])
    own = command.own if isinstance(command, Group) else command
    parser = Parser(prog, _help(own))
    own.takes(parser)
    if isinstance(command, Group):
        named = parser.add_subparsers(
            title="commands", metavar="COMMAND", dest="named", parser_class=argparse.ArgumentParser
        )
        for name, one in command.commands.items():
            named.add_parser(name, help=_help(one).partition("\n\n")[0].rstrip("."))
        given = parser.parse_args(arguments)
        if given.named is not None:
            parser.error(f"{given.named} is a command, which comes before all options")
    else:
        given = parser.parse_intermixed_args(arguments)
    try:
        return own.run(given)
    except Misuse as misuse:
        if str(misuse):
            parser.error(str(misuse))
        parser.print_help()
        return 2


def _help(command: Command | Group) -> str:
    return (command.own if isinstance(command, Group) else command).run.__doc__ or ""


class _Formatter(argparse.HelpFormatter):
    """Fills each paragraph for itself, and breaks no word."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = (" ".join(one.split()) for one in text.split("\n\n"))
        return "\n\n".join(textwrap.fill(one, width, break_on_hyphens=False) for one in paragraphs)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)
