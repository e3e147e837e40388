"""The properties of the table that scenarios depend on: each in every form that a wrong value can take.

Sources: AWS CloudFormation Template Reference, "AWS::DynamoDB::Table" and "DeletionPolicy attribute".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from proof.bases import Base
from proof.making import (
    ABSENT,
    CHOICES,
    NO_CONCERN,
    OPEN,
    REFUSED,
    TWIN,
    UNKNOWN,
    UNKNOWNS,
    VIOLATED,
    Changes,
    changed,
    either,
    noticed,
    operator,
    queue,
    table,
    with_twin,
)
from proof.model import Form, Mutant, Noticed, Operator
from proof.places import Place, value_at
from proof.scenarios import (
    BILLING,
    DELETION_POLICY,
    ENCRYPTION,
    KEY,
    NO_SORT_KEY,
    PRODUCTION_RECOVERY,
    PRODUCTION_RETAINED,
    PROTECTED,
    RECOVERY,
    REPLACED,
    RETAINED,
)

_EXTENSIONS: Changes = {("Transform",): "AWS::LanguageExtensions"}
"""With which a deletion policy may come from a parameter or a condition."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the table, by its place in the table's resource; its name is that of its operators.

    `wrong` are values that break the scenarios of `noticed`; `missing` says who notices that there is none, where
    those are others. `when` tells the bases in which the wrong values are wrong; `concerned` are the scenarios to which
    only a wrong value makes those apply.
    """

    name: str
    place: Place
    wrong: tuple[object, ...]
    noticed: Noticed
    missing: Noticed | None = None
    when: Callable[[Base], bool] = lambda _: True
    concerned: frozenset[str] = frozenset()

    def values(self, base: Base) -> tuple[object, object]:
        """Return the value in a base, and a wrong one."""
        return value_at(base.document, (*table(base), *self.place)), self.wrong[0]

    @property
    def around(self) -> Changes:
        """What a value needs around it that is not spelled out."""
        return _EXTENSIONS if self.place[0] != "Properties" else {}


def _recovers(base: Base) -> bool:
    return base.settings["pointInTimeRecovery"] is True


def _keeps(base: Base) -> bool:
    return base.settings["removalPolicy"] != "destroy"


_RECOVERED = ("Properties", "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
_NOT_KEPT = {
    **noticed(VIOLATED, DELETION_POLICY, RETAINED, PRODUCTION_RETAINED),
    **noticed(NO_CONCERN, REPLACED),
}
_BOTH_KEYS = noticed(VIOLATED, KEY, NO_SORT_KEY)

PROPERTIES = (
    Property("key_name", ("Properties", "KeySchema", 0, "AttributeName"), ("pk", "ID", "id "), noticed(VIOLATED, KEY)),
    Property("key_kind", ("Properties", "KeySchema", 0, "KeyType"), ("RANGE",), _BOTH_KEYS),
    Property(
        "attribute_name",
        ("Properties", "AttributeDefinitions", 0, "AttributeName"),
        ("pk", "Id"),
        noticed(VIOLATED, KEY),
    ),
    Property(
        "attribute_type", ("Properties", "AttributeDefinitions", 0, "AttributeType"), ("N", "B"), noticed(VIOLATED, KEY)
    ),
    Property(
        "encryption_enabled",
        ("Properties", "SSESpecification", "SSEEnabled"),
        (False, "false"),
        noticed(VIOLATED, ENCRYPTION),
    ),
    Property(
        "recovery_off",
        _RECOVERED,
        (False, "false"),
        noticed(VIOLATED, RECOVERY, PRODUCTION_RECOVERY),
        when=_recovers,
    ),
    Property(
        "recovery_on", _RECOVERED, (True, "true"), noticed(VIOLATED, RECOVERY), when=lambda base: not _recovers(base)
    ),
    Property(
        "deletion_protection",
        ("Properties", "DeletionProtectionEnabled"),
        (False, "false"),
        noticed(VIOLATED, PROTECTED),
    ),
    Property("table_not_kept", ("DeletionPolicy",), ("Delete", "Snapshot"), _NOT_KEPT, when=_keeps),
    Property(
        "table_kept_against_settings",
        ("DeletionPolicy",),
        ("Retain", "RetainExceptOnCreate"),
        noticed(VIOLATED, DELETION_POLICY, REPLACED),
        missing=noticed(VIOLATED, DELETION_POLICY),
        when=lambda base: not _keeps(base),
        concerned=frozenset({REPLACED}),
    ),
    Property("replaced_table", ("UpdateReplacePolicy",), ("Delete", "Snapshot"), noticed(VIOLATED, REPLACED)),
)
"""Every property of the table by which a scenario stands or falls in every world; the billing mode is for `billing`."""


def _violated(told: Noticed) -> Noticed:
    """Return who notices what is wrong in one world only: a scenario that does not apply there holds in the other."""
    return {scenario: outcomes for scenario, outcomes in told.items() if outcomes != NO_CONCERN}


def _refused(told: Noticed) -> Noticed:
    """Return who notices a value of no type that the property takes, which keeps no table at any rate."""
    return {scenario: REFUSED | NO_CONCERN if scenario == REPLACED else REFUSED for scenario in told}


def _missing(of: Property, base: Base) -> Iterator[Mutant]:
    yield changed(base, {(*table(base), *of.place): ABSENT})
    if of.place[1:-1] in {("SSESpecification",), ("PointInTimeRecoverySpecification",)}:
        yield changed(base, {(*table(base), *of.place[:-1]): ABSENT})


def _wrong(of: Property, base: Base) -> Iterator[Mutant]:
    for value in of.wrong:
        yield changed(base, {(*table(base), *of.place): value})


def _mistyped(of: Property, base: Base) -> Iterator[Mutant]:
    for value in (["Proof"], {"Proof": "Proof"}, "Proof"):
        yield changed(base, {(*table(base), *of.place): value})


def _unknown(of: Property, base: Base) -> Iterator[Mutant]:
    yield changed(base, {(*table(base), *of.place): {"Ref": UNKNOWN}, **UNKNOWNS, **of.around})


def _conditional(of: Property, base: Base) -> Iterator[Mutant]:
    value, wrong = of.values(base)
    for branches in ((value, wrong), (wrong, value)):
        yield changed(base, {(*table(base), *of.place): either(*branches), **CHOICES, **of.around})


def _by_parameter(of: Property, base: Base) -> Iterator[Mutant]:
    value, wrong = (str(one).lower() if isinstance(one, bool) else one for one in of.values(base))
    for default in (value, wrong):
        declared = {"Type": "String", "Default": default, "AllowedValues": [value, wrong]}
        place = (*table(base), *of.place)
        yield changed(base, {place: {"Ref": "ProofValue"}, ("Parameters", "ProofValue"): declared, **of.around})


def _moved(of: Property, base: Base) -> Iterator[Mutant]:
    value, _ = of.values(base)
    yield changed(base, {(*table(base), *of.place): ABSENT, (*queue(base), of.place[0]): {str(of.place[-1]): value}})


def _twin(of: Property, base: Base) -> Iterator[Mutant]:
    yield with_twin(base, {("Resources", TWIN, *of.place): of.wrong[0]})


def _operators(of: Property) -> Iterator[Operator]:
    missing = of.missing or of.noticed
    opened = dict.fromkeys(of.noticed, OPEN)
    for form, told, make in (
        (Form.MISSING, missing, _missing),
        (Form.WRONG_LITERAL, of.noticed, _wrong),
        (Form.WRONG_TYPE, _refused(of.noticed), _mistyped),
        (Form.UNKNOWN, opened, _unknown),
        (Form.CONDITIONAL, _violated(of.noticed), _conditional),
        (Form.PARAMETER_DEFAULT, _violated(of.noticed), _by_parameter),
        (Form.MOVED, missing, _moved),
        (Form.ADDED, _violated(of.noticed), _twin),
    ):
        yield Operator(f"properties/{of.name}_{form.replace('-', '_')}", form, told, partial(_where, of, make))


def _where(of: Property, make: Callable[[Property, Base], Iterator[Mutant]], base: Base) -> Iterator[Mutant]:
    if of.when(base):
        yield from (replace(mutant, concerned=of.concerned) for mutant in make(of, base))


OPERATORS = tuple(made for each in PROPERTIES for made in _operators(each))
"""Eight operators for each property."""


def _billing_is_default(base: Base) -> bool:
    return base.settings["billingMode"] == "PAY_PER_REQUEST"


_BILLING = Property(
    "billing_mode",
    ("Properties", "BillingMode"),
    ("PROVISIONED",),
    noticed(VIOLATED, BILLING),
    when=_billing_is_default,
)


def _provisioned_by_default(of: Property, base: Base) -> Iterator[Mutant]:
    for make in (_conditional, _by_parameter):
        _, by_default = make(of, base)
        yield by_default


def _provisioned_otherwise(of: Property, base: Base) -> Iterator[Mutant]:
    for make in (_conditional, _by_parameter):
        otherwise, _ = make(of, base)
        yield otherwise


BILLING_OPERATORS = tuple(
    Operator(f"properties/{name}", form, told, partial(_where, _BILLING, make))
    for name, form, told, make in (
        ("billing_mode_missing", Form.MISSING, _BILLING.noticed, _missing),
        ("billing_mode_wrong", Form.WRONG_LITERAL, _BILLING.noticed, _wrong),
        ("billing_mode_mistyped", Form.WRONG_TYPE, noticed(REFUSED, BILLING), _mistyped),
        ("billing_mode_unknown", Form.UNKNOWN, noticed(OPEN, BILLING), _unknown),
        ("billing_mode_by_default", Form.PARAMETER_DEFAULT, _BILLING.noticed, _provisioned_by_default),
        ("billing_mode_otherwise", Form.HARMLESS, {}, _provisioned_otherwise),
        ("billing_mode_moved", Form.MOVED, _BILLING.noticed, _moved),
        ("billing_mode_of_another_table", Form.ADDED, _BILLING.noticed, _twin),
    )
)
"""The billing mode is judged where the parameters have their defaults: what is otherwise may be otherwise."""


@operator(Form.WRONG_LITERAL, noticed(VIOLATED, REPLACED))
def replaced_table_kept_on_creation(base: Base) -> Iterator[Mutant]:
    """Keep a table that is replaced by the word that keeps one whose creation has failed."""
    yield changed(base, {(*table(base), "UpdateReplacePolicy"): "RetainExceptOnCreate"})
