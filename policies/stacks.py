"""Templates that are deployed together: what one exports another imports, and what one nests another is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.parameters import Parameter
    from policies.template import Resource, Template

NESTED_STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Stacks:
    """Templates of one deployment, to one account and region.

    `parents` gives for the scope of a nested template the resource of another that nests it. All scopes differ.
    """

    members: tuple[Template, ...]
    parents: Mapping[str, Resource] = field(default_factory=dict)

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters of all members, by the keys of the unknowns that their values are."""
        return {key: parameter for template in self.members for key, parameter in template.unknowns.items()}

    def parent(self, template: Template) -> Resource | None:
        """Return the resource that a template is nested by, or None where it is deployed by itself."""
        return self.parents.get(template.scope)

    def nested(self, stack: Resource) -> Template | None:
        """Return the template of a nested stack, or None where it is not among the members."""
        for template in self.members:
            parent = self.parent(template)
            if parent is not None and (parent.owner.scope, parent.logical_id) == (stack.owner.scope, stack.logical_id):
                return template
        return None
