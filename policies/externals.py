"""What lives outside a template and was told: values and policies that the template only names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Externals:
    """What is known of a template's surroundings; what is not told stays unknown.

    `pseudo_parameters` are the values of `AWS::Region`, `AWS::AccountId`, `AWS::Partition`, `AWS::StackName`,
    `AWS::URLSuffix` and `AWS::StackId`, by these names. `exports` are the values that `Fn::ImportValue` imports, by the
    name of the export. `ssm_parameters` are the values of SSM parameters, by name, or by `name:version` for one version
    alone.

    `managed_policies` are policy documents, by the policy's ARN or by what follows `:policy/` in it, which is the name
    with its path. `roles` are the properties of an `AWS::IAM::Role` (AssumeRolePolicyDocument, Policies,
    ManagedPolicyArns, PermissionsBoundary and Tags), by the role's ARN or by what follows `:role/`; a property that is
    not told is one that the role does not have. An ARN that is a key may hold `${AWS::Partition}` and
    `${AWS::AccountId}`, as they stand here.
    """

    pseudo_parameters: Mapping[str, str] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)
    ssm_parameters: Mapping[str, str] = field(default_factory=dict)
    managed_policies: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


NOTHING = Externals()
"""Nothing was told."""
