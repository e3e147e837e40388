"""policies/waivers.toml: what it holds, and how it is written.

Whether a waiver covers a finding is judged by `policies.waiving`. Which settings there are, and what they can be, is
not known to policies: `gate.waivers` asks that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from policies.reading import InputError, printable, read_file
from policies.toml_entries import Format
from policies.waiver_model import MAX_REASON, MIN_REASON, MIN_WORDS, Waiver

SHIPPED = Path(__file__).with_name("waivers.toml")
"""The waivers that come with this package."""

MAX_BYTES = 262_144
"""256 KiB: some hundreds of waivers."""

_FORMAT = Format("waiver", Waiver, "scanner, rule, resource and when")

_HEAD = f"""\
# Findings that may stand for a while. None of them is hidden: all are counted and shown, with the days that are left.
#
# [[waiver]]
# scanner = "checkov"              # who finds it, in lower case; worthwatch: a scenario of ours, its id being the rule
# rule = "CKV_AWS_116"             # the rule's id, as the scanner writes it; "*": every rule of that scanner
# resource = "WorthWatchStorage/Storage/LambdaFunction/Resource"
#                                  # a construct path; "template": what is about none; "*": every one, but not with
#                                  # rule = "*"
# when.stage = ["dev", "staging"]  # a setting and the values with which it holds, in order; without any: everywhere
# fingerprints = ["0123456789abcdef0123456789abcdef"]
#                                  # the findings it was written for, in order: one that has changed is another
# reason = "…"                     # why they may stand, in {MIN_REASON} to {MAX_REASON} characters and
#                                  # {MIN_WORDS} different words or more
# owner = "…"                      # who answers for it: the name or address of a person or a team
# created = 2025-01-31             # the first day on which it holds, without quotes
# expires = 2025-07-31             # the last one, the whole of it in UTC; at most a year after the first
# link = "https://…"               # where it was decided
#
# They are in the order of scanner, rule, resource and when. The gate fails for one that has expired, matches nothing
# any more, or matches what it was not written for or what another matches, too.
# `storage-compliance waivers` lists them. Whatever writes this file writes it anew: no other comment lasts.
"""


def read_waivers(file: Path) -> tuple[Waiver, ...]:
    """Return the waivers of a file, in its order, which is that of their selectors.

    Raises `InputError` with what is wrong: in the TOML, the entries, their order, and two that match the same.
    """
    return parse_waivers(read_file(file, max_bytes=MAX_BYTES), printable(file.as_posix()))


def parse_waivers(data: bytes, where: str) -> tuple[Waiver, ...]:
    """Return the waivers that the contents of such a file hold; see `read_waivers`."""
    return _FORMAT.parse(data, where)


def parse_waiver(table: Mapping[str, object], where: str) -> Waiver:
    """Return the waiver that one table is. Raises `InputError`, `where` naming it, with all that is wrong with it."""
    return _FORMAT.parse_one(table, where)


def add(waivers: Sequence[Waiver], new: Waiver) -> tuple[Waiver, ...]:
    """Return the waivers with a new one in its place; raise `InputError` where one matches the same already."""
    for waiver in waivers:
        if waiver.selector == new.selector:
            problem = (
                f"there is one already, of {waiver.owner}, until {waiver.expires}; change it, or take it out first"
            )
            raise InputError(f"the waiver of {new.name}", problem)
    return tuple(sorted((*waivers, new), key=lambda waiver: waiver.selector))


def write(waivers: Iterable[Waiver]) -> str:
    """Return the file of these waivers, under a comment that explains it: what `read_waivers` reads.

    Raises `InputError` where that would be too large to be read.
    """
    ordered = sorted(waivers, key=lambda waiver: waiver.selector)
    text = _HEAD + "".join(f"\n[[waiver]]\n{''.join(_lines(waiver))}" for waiver in ordered)
    if (size := len(text.encode())) > MAX_BYTES:
        raise InputError("the waivers", f"a file of {size:,} bytes; the limit is {MAX_BYTES:,}")
    return text


def _lines(waiver: Waiver) -> Iterator[str]:
    for name in Waiver.model_fields:
        match getattr(waiver, name):
            case dict() as when:
                yield from (f"{name}.{setting} = {_array(values)}\n" for setting, values in sorted(when.items()))
            case tuple() as values:
                yield f"{name} = {_array(values)}\n"
            case date() as day:
                yield f"{name} = {day.isoformat()}\n"
            case text:
                yield f"{name} = {_literal(text)}\n"


def _array(values: Sequence[object]) -> str:
    if len(values) == 1:
        return f"[{_literal(values[0])}]"
    return "[\n" + "".join(f"    {_literal(value)},\n" for value in values) + "]"


def _literal(value: object) -> str:
    """Return a text, a truth value or a whole number in TOML, which writes them as JSON does.

    All characters of a waiver's texts are printable: but for the quotation mark and the backslash, none is escaped.
    """
    return json.dumps(value, ensure_ascii=False)
