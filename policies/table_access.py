"""Table Access: the system SHALL keep the table closed to principals outside its account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policies.choices import MOST_ALTERNATIVES
from policies.documents import check_document, check_statement, document_of, principals
from policies.errors import UndeterminedError
from policies.exploration import alternatives
from policies.findings import for_each
from policies.model import Finding, rule
from policies.nodes import Node
from policies.replicas import holders
from policies.template import Resource
from policies.worlds import World


@rule()
def no_public_access(table: Resource, world: World) -> Iterator[Finding]:
    """No resource policy of the table allows every principal without a condition.

    Why: such a statement opens the table to every AWS account.

    Bad: `ResourcePolicy` with `Effect: Allow`, `Principal: "*"` and no `Condition`.

    Good: a principal that is named, or no resource policy.

    References: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-bpa-rp.html
    """
    policies = [
        holder.get(*where, "ResourcePolicy", "PolicyDocument")
        for holder in holders(table, world)
        for where in ((), ("StreamSpecification",), ("ReplicaStreamSpecification",))
    ]
    documents = list(map(document_of, policies))
    for document in documents:
        check_document(document)
    places = [place for document in documents for place in document.get("Statement").members()]
    yield from for_each((place for place in places if not _is_harmless(place)), _public)


def _is_harmless(place: Node) -> bool:
    """Tell of what stands at a place in some world whether it is no concern in any, asking for no condition."""

    def is_found(here: World) -> bool:
        return any(True for _ in _public(replace(place, world=here)))

    return alternatives(place.world, is_found, MOST_ALTERNATIVES) == [False]


def _public(statement: Node) -> Iterator[Finding]:
    """Find that a statement, if it is there, allows every principal without a condition."""
    if not statement.exists:
        return
    check_statement(statement, with_principal=True)
    tests = (test for _, operator in statement.get("Condition").entries() for test in operator.entries())
    if not statement.get("Effect").equals("Allow") or any(True for _ in tests):
        return
    named = [one for kind, one in principals(statement.get("Principal")) if kind == "AWS"]
    answers = [(one, one.world.becomes(one.text(), "*")) for one in named]
    if statement.get("NotPrincipal").exists or any(answer.value for _, answer in answers):
        yield Finding(
            "the table's resource policy allows every principal",
            statement.path,
            statement.found,
            "principals that are named, or a condition",
            "name the principals in resource_policy of the table's properties",
        )
        return
    for one, answer in answers:
        if answer.value is None:
            raise UndeterminedError(answer.because, one.path)
