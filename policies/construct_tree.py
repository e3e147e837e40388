"""The construct tree of a cloud assembly: which constructs the resources of its stacks stand in.

Sources: the CDK's tree.json (TreeMetadata of aws-cdk-lib) and the metadata `aws:cdk:logicalId` of a stack's artifact
(https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html). What lacks its shape tells nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from policies.reading import InputError, printable

_NESTED_STACK = ".NestedStack"
"""How the name ends that the CDK gives to the construct beside a NestedStack, which holds the stack's resource."""


@dataclass(frozen=True, slots=True)
class Construct:
    """A resource in the construct tree: its path, the constructs from the app to its own, its resource type if told."""

    path: str
    lineage: tuple[str, ...]
    type: str | None

    @property
    def nested_stack(self) -> str:
        """The path of the NestedStack that the resource stands for, if it stands for one."""
        return self.path.rpartition("/")[0].removesuffix(_NESTED_STACK)


def constructs_by_stack(
    document: dict[str, object], where: str, stacks: Collection[str], logical_ids: Mapping[str, str]
) -> dict[str, dict[str, Construct]]:
    """Return every resource's construct, by logical id, under the stack, nested or not, whose template holds it.

    `stacks` are the paths of those stacks that are not nested, and `logical_ids` what their metadata tell. Raises
    `InputError` if the document, which was read from `where`, does not hold the whole tree.
    """
    constructs: dict[str, dict[str, Construct]] = {}
    contradictory: set[tuple[str, str]] = set()
    root = document.get("tree")
    if not isinstance(root, dict):
        raise InputError(where, "'tree' is no object; expected a construct tree that the CDK wrote")
    pending: list[tuple[str, str, object, tuple[str, ...]]] = [("", "", root, ())]
    while pending:
        path, stack, value, lineage = pending.pop()
        node = as_object(value)
        if "fileName" in node:  # the CDK splits a tree of more than 500,000 constructs
            problem = f"the construct tree goes on in another file at '{printable(path)}'; expected it whole"
            raise InputError(where, problem)
        info = as_object(node.get("constructInfo"))
        if "fqn" in info:
            lineage = (*lineage, f"{info['fqn']}@{info.get('version')}")
        attribute = as_object(node.get("attributes")).get("aws:cdk:cloudformation:logicalId")
        logical_id = logical_ids.get(path, attribute)
        of_stack = constructs.setdefault(stack, {})
        if isinstance(logical_id, str):
            kind = as_object(node.get("attributes")).get("aws:cdk:cloudformation:type")
            if logical_id in of_stack:
                contradictory.add((stack, logical_id))
            of_stack[logical_id] = Construct(path, lineage, kind if isinstance(kind, str) else None)
        children = as_object(node.get("children"))
        for key, child in children.items():
            child_path = f"{path}/{key}" if path else key
            begins_stack = child_path in stacks or f"{key}{_NESTED_STACK}" in children
            pending.append((child_path, child_path if begins_stack else stack, child, lineage))
    for stack, logical_id in contradictory:
        # Two constructs claim the resource, so that the tree does not tell what made it.
        del constructs[stack][logical_id]
    return constructs


def logical_ids_in(metadata: dict[str, object]) -> dict[str, str]:
    """Return what a stack's metadata tell of its resources' logical ids, by the paths of their constructs."""
    told: dict[str, str] = {}
    for path, entries in metadata.items():
        for entry in entries if isinstance(entries, list) else []:
            logical_id = as_object(entry).get("data")
            if as_object(entry).get("type") == "aws:cdk:logicalId" and isinstance(logical_id, str):
                told[path.removeprefix("/")] = logical_id
    return told


def as_object(value: object) -> dict[str, object]:
    """Return the value if it is an object, else an empty one: what lacks its shape tells nothing."""
    return value if isinstance(value, dict) else {}
