"""Messages of a SARIF log, in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policies.reading import quoted
from scanners.descriptors import Described
from scanners.errors import ContradictionError
from scanners.sarif_model import Message

MAX_CHARACTERS = 67_108_864
"""The most characters of all the messages of a log, unfilled and filled: a short log can stand for very long ones."""

MAX_MESSAGE = 1_000_000
"""The most characters of one message, before its placeholders are filled."""

_BRACES = re.compile(r"\{\{|\}\}|\{(?P<index>[0-9]{1,9})\}|[{}]")


class Messages:
    """Returns the messages of one log, until they are more than it may have."""

    def __init__(self) -> None:
        self._left = MAX_CHARACTERS

    def text(self, message: Message, described: Described) -> str:
        """Return a message's text (SARIF 2.1.0, section 3.11.7), with its placeholders filled (3.11.5).

        Raises `ContradictionError` where there is none, or no more may be had.
        """
        template = _template(message, described)
        if len(template) > MAX_MESSAGE:
            raise ContradictionError(f"{len(template):,} characters; the limit is {MAX_MESSAGE:,}", ".message")
        self._spend(template)
        parts = []
        for part in _parts(template, message.arguments):
            self._spend(part)
            parts.append(part)
        return "".join(parts)

    def _spend(self, text: str) -> None:
        self._left -= len(text)
        if self._left < 0:
            problem = f"with this one the messages come to more than {MAX_CHARACTERS:,} characters, the limit"
            raise ContradictionError(problem, ".message")


def _template(message: Message, described: Described) -> str:
    if message.text is not None:
        return message.text
    if message.id is None:
        raise ContradictionError("neither text nor id; expected one of them", ".message")
    descriptor = described.descriptor
    for strings in (descriptor.message_strings if descriptor else {}, described.component.global_message_strings):
        if message.id in strings:
            return strings[message.id].text
    raise ContradictionError(f"the tool has no message {quoted(message.id)}", ".message.id")


def _parts(template: str, arguments: Sequence[str]) -> Iterator[str]:
    """Return the parts of a message; a placeholder that has no argument stands for itself.

    Braces that are no placeholder's are doubled, by the standard. Tools that know no placeholders write them single,
    as in the JSON that they cite; what is doubled in such a message is meant to be two.
    """
    if not arguments and any(found[0] in ("{", "}") for found in _BRACES.finditer(template)):
        yield template
        return
    end = 0
    for found in _BRACES.finditer(template):
        yield template[end : found.start()]
        end = found.end()
        index = found["index"]
        if index is None:
            yield found[0][0]
        else:
            yield arguments[int(index)] if int(index) < len(arguments) else found[0]
    yield template[end:]
