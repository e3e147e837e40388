"""Table Access: the system SHALL keep the table closed to principals outside its account."""

from __future__ import annotations

from collections.abc import Iterator

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
    for policy in (holder.get("ResourcePolicy", "PolicyDocument") for holder in holders(table, world)):
        for statement in policy.get("Statement").one_or_more():
            if statement.get("Effect").string() == "Allow" and _is_public(statement):
                yield Finding(
                    "the table's resource policy allows every principal",
                    statement.path,
                    statement.found,
                    "principals that are named, or a condition",
                    "name the principals in resource_policy of the table's properties",
                )


def _is_public(statement: Node) -> bool:
    if any(True for _ in statement.get("Condition").entries()):
        return False
    if statement.get("NotPrincipal").exists:
        return True
    principal = statement.get("Principal")
    named = [principal] if isinstance(principal.raw, str) else list(principal.get("AWS").one_or_more())
    return any(one.string() == "*" for one in named)
