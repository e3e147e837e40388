"""The scenarios, by what they are about: what an operator names those by that must notice."""

from __future__ import annotations

_STORAGE, _HARDENING = "dynamodb-storage", "storage-hardening"

CONSTRUCT = f"{_STORAGE}#dynamodb-table-provisioning/table-created-via-solutions-construct"
NAME = f"{_STORAGE}#dynamodb-table-provisioning/table-name-available"
KEY = f"{_STORAGE}#table-key-schema/partition-key-defined"
NO_SORT_KEY = f"{_STORAGE}#table-key-schema/no-sort-key-required"
READ = f"{_STORAGE}#lambda-dynamodb-integration/read-permissions-granted"
WRITE = f"{_STORAGE}#lambda-dynamodb-integration/write-permissions-granted"
VARIABLE = f"{_STORAGE}#lambda-dynamodb-integration/environment-variable-injected"
BILLING = f"{_STORAGE}#table-billing-mode/pay-per-request-billing"
ENCRYPTION = f"{_STORAGE}#table-encryption/encryption-enabled"
RECOVERY = f"{_STORAGE}#point-in-time-recovery/pitr-configurable"
DELETION_POLICY = f"{_STORAGE}#table-deletion-protection/deletion-policy-applied"
RETAINED = f"{_STORAGE}#table-deletion-protection/retain-option-available"
PROTECTED = f"{_HARDENING}#production-protection/deletion-protection-enabled"
PRODUCTION_RETAINED = f"{_HARDENING}#production-protection/production-table-retained"
PRODUCTION_RECOVERY = f"{_HARDENING}#production-protection/production-recovery-enabled"
REPLACED = f"{_HARDENING}#replacement-protection/replaced-table-kept"
DATA_PLANE = f"{_HARDENING}#least-privilege/data-plane-only"
OTHER_TABLE = f"{_HARDENING}#least-privilege/no-other-table"
TRUST = f"{_HARDENING}#least-privilege/role-assumed-by-lambda-only"
PUBLIC = f"{_HARDENING}#table-access/no-public-access"
INVALID_REFUSED = f"{_HARDENING}#context-validation/invalid-context-refused"

EVERY = (
    CONSTRUCT,
    NAME,
    KEY,
    NO_SORT_KEY,
    READ,
    WRITE,
    VARIABLE,
    BILLING,
    ENCRYPTION,
    RECOVERY,
    DELETION_POLICY,
    RETAINED,
    PROTECTED,
    PRODUCTION_RETAINED,
    PRODUCTION_RECOVERY,
    REPLACED,
    DATA_PLANE,
    OTHER_TABLE,
    TRUST,
    PUBLIC,
)
"""All that are about tables, in the order of the specs."""
