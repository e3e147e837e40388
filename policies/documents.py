"""Policy documents as they stand in a template, held to the grammar that IAM refuses a policy by.

Source: AWS IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements: Principal".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.errors import MismatchError, UndeterminedError
from policies.nodes import Node, child
from policies.reading import InputError, read_document
from policies.values import Text, Unknown

_OF_A_DOCUMENT = frozenset({"Id", "Statement", "Version"})
_ELEMENTS = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}
)
_WITH_VARIABLES = "2012-10-17"
_VERSIONS = frozenset({"2008-10-17", _WITH_VARIABLES})
_KINDS = frozenset({"AWS", "CanonicalUser", "Federated", "Service"})

_MARK = re.compile("\ue000([0-9]+)\ue001")
"""Stands for an unknown part of a text that is read as JSON, between characters of private use."""

_MARKED = re.compile(r"\ue000|\\u[eE]000")
"""What begins a mark, as it is or as JSON escapes it."""


def document_of(policy: Node) -> Node:
    """Return a policy document, which may also stand in a template as the text of its JSON."""
    if not policy.exists or policy.is_object:
        return policy
    text = policy.text()
    hidden = text.unknowns
    for part in hidden:
        # A name cannot hold what would end the string that it stands in; who knows what else could.
        if not part.atomic:
            raise UndeterminedError(part.reason, policy.path)
    if hidden and any(isinstance(part, str) and _MARKED.search(part) for part in text.parts):
        raise UndeterminedError("a text with characters of private use is not resolved", policy.path)
    numbered = iter(range(len(hidden)))
    said = "".join(part if isinstance(part, str) else f"\ue000{next(numbered)}\ue001" for part in text.parts)
    if not said.lstrip().startswith("{"):  # YAML, which AWS does not read here
        raise MismatchError(policy.path, policy.found, "a policy document (no object in JSON)")
    try:
        document = read_document(said.encode(), policy.path)
    except InputError as error:
        raise MismatchError(policy.path, policy.found, f"a policy document ({error.problem})") from None
    return Node(policy.world, _filled(document, hidden, policy), policy.path)


def _filled(value: object, hidden: tuple[Unknown, ...], policy: Node) -> object:
    """Return a value of a policy's text with the unknown parts of its strings where they were."""
    if isinstance(value, dict):
        for key in value:
            if key == "Ref" or key.startswith("Fn::"):
                told = "a policy document (a function in its text, which CloudFormation leaves there)"
                raise MismatchError(policy.path, policy.found, told)
            if hidden and (mark := _MARK.search(key)):
                raise UndeterminedError(hidden[int(mark[1])].reason, policy.path)
        return {key: _filled(one, hidden, policy) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, hidden, policy) for one in value]
    if not isinstance(value, str) or not hidden:
        return value
    pieces = _MARK.split(value)
    return Text.of(*(hidden[int(piece)] if i % 2 else piece for i, piece in enumerate(pieces)))


def check_document(document: Node) -> None:
    """Raise `MismatchError` for a document that IAM refuses by its elements, whatever its statements; none is none."""
    if not document.exists:
        return
    held = {one.path.rpartition(".")[2]: one for one in document.values()}
    for name, one in held.items():
        # As of a statement: an element that a document may have may be there or not.
        if name not in _OF_A_DOCUMENT and one.exists:
            raise MismatchError(one.path, one.found, "an element that a policy document has")
    if "Statement" not in held:
        raise MismatchError(document.path, document.found, "a policy document with a Statement")
    version = document.get("Version")
    if version.exists and version.text().literal not in {None, *_VERSIONS}:
        raise MismatchError(version.path, version.found, "the Version 2012-10-17 or 2008-10-17")


def has_variables(document: Node) -> bool:
    """Tell whether `${...}` in the values of a document are policy variables: they are in its newer Version only."""
    version = document.get("Version")
    return version.exists and version.string() == _WITH_VARIABLES


def check_statement(statement: Node, *, with_principal: bool) -> None:
    """Raise `MismatchError` for a statement that IAM refuses by its elements, whatever its actions and resources.

    `with_principal`: the policy is that of a resource or of a role's trust, whose statements name whom they are about.
    """
    for held in statement.values():
        # Whether an element stands there that a statement may have, nobody need know to accept it.
        if held.path.rpartition(".")[2] not in _ELEMENTS and held.exists:
            raise MismatchError(held.path, held.found, "an element that a statement has")
    effect = statement.get("Effect")
    if effect.string() not in {"Allow", "Deny"}:
        raise MismatchError(effect.path, effect.found, "Allow or Deny")
    stated = [statement.get(name).exists for name in ("Principal", "NotPrincipal")]
    if sum(stated) != int(with_principal):
        raise MismatchError(
            child(statement.path, "Principal"),
            statement.get("Principal").found,
            "one of Principal and NotPrincipal" if with_principal else "no Principal in a policy of a role",
        )


def action(stated: Node) -> Text:
    """Return an action that a statement names. Raises `MismatchError` for one without its service."""
    text = stated.text()
    if text.literal is not None and text.literal != "*" and ":" not in text.literal:
        raise MismatchError(stated.path, stated.found, "an action with its service, such as dynamodb:GetItem")
    return text


def resource(stated: Node) -> Text:
    """Return a resource that a statement names. Raises `MismatchError` for one that is no ARN."""
    text = stated.text()
    literal = text.literal
    if literal is not None and not literal.startswith("arn:") and "*" not in literal and "?" not in literal:
        raise MismatchError(stated.path, stated.found, "an ARN, or *")
    return text


def named(statement: Node, element: str) -> list[Node]:
    """Return what `Action` or `NotAction`, or `Resource` or `NotResource`, names: one of the two, and something."""
    stated = [statement.get(name) for name in (element, f"Not{element}") if statement.get(name).exists]
    if len(stated) > 1:
        raise MismatchError(stated[1].path, stated[1].found, f"either {element} or Not{element}")
    names = list(stated[0].one_or_more()) if stated else []
    # IAM refuses a statement about nothing: one that names none must not pass for one that forbids none.
    if not names:
        place = stated[0] if stated else statement.get(element)
        raise MismatchError(place.path, place.found, "at least one name")
    return names


def principals(principal: Node) -> Iterator[tuple[str, Node]]:
    """Return whom a Principal names, each with its kind; everyone, as a plain `"*"`, is of kind AWS."""
    if principal.is_object:
        for kind, stated in principal.entries():
            if kind not in _KINDS:
                raise MismatchError(stated.path, stated.found, f"a kind of principal: {', '.join(sorted(_KINDS))}")
            yield from ((kind, one) for one in stated.one_or_more())
    elif principal.exists:
        yield "AWS", principal
