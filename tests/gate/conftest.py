"""The stacks that the tests of the gate share, sound and broken, synthesised once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from gate.judged import Judged
from gate.matrix import judge_contexts
from stack.contexts import Context
from stack.settings import PREFIX
from tests.gate.breaks import BREAKS, CONTEXT_KEY, OTHERS, apply

NO_RECOVERY: Mapping[str, object] = {f"{PREFIX}pointInTimeRecovery": False}
FIXED: Mapping[str, object] = {CONTEXT_KEY: "recovery-always-on"}
WRONG: Mapping[str, object] = {f"{PREFIX}stage": "production"}

CONTEXTS = (
    Context("sound"),
    *(Context(name, {CONTEXT_KEY: name}) for name in (*BREAKS, *OTHERS)),
    Context("destroy", {f"{PREFIX}removalPolicy": "destroy"}),
    Context("retain-on-update-or-delete", {f"{PREFIX}removalPolicy": "retain-on-update-or-delete"}),
    Context("no-recovery", NO_RECOVERY),
    Context("fixed-no-recovery", {**FIXED, **NO_RECOVERY}),
    Context("wrongly-accepted", refused=frozenset({f"{PREFIX}stage"})),
    Context("wrongly-refused", WRONG),
    Context("refused-for-another-key", WRONG, refused=frozenset({f"{PREFIX}tableName"})),
    Context("rightly-refused", WRONG, refused=frozenset({f"{PREFIX}stage"})),
)


@pytest.fixture(scope="session")
def judged() -> Mapping[str, Judged]:
    """Return what the gate makes of each context, by its name, in one run."""
    with pytest.MonkeyPatch.context() as environment:
        # The CDK words its validation otherwise where it is tested; the gate is to be seen as a user sees it.
        environment.delenv("PYTEST_CURRENT_TEST")
        environment.delenv("PYTEST_VERSION")
        return {one.context.name: one for one in judge_contexts(CONTEXTS, apply)}


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return the cdk.out folders of an app under the nag pack, sound and with each break, by name."""
    import aws_cdk as cdk  # noqa: PLC0415 - starts the Node.js that tests.gate.breaks has named

    from policies.nag import StorageChecks  # noqa: PLC0415 - imports the CDK
    from stack.storage import STACK_NAME, StorageStack  # noqa: PLC0415 - as above

    root = tmp_path_factory.mktemp("assemblies")
    folders = {name: root / name.replace("/", "-") for name in ("sound", *BREAKS)}
    for name, folder in folders.items():
        app = cdk.App(
            context=Context(name).complete, outdir=str(folder), stack_traces=False, auto_synth=False, tree_metadata=True
        )
        stack = StorageStack(app, STACK_NAME)
        if name in BREAKS:
            BREAKS[name](stack)
        cdk.Validations.of(app).add_plugins(StorageChecks(app))
        with suppress(RuntimeError):  # the CDK's way to say that the pack has found something
            app.synth()
    return folders
