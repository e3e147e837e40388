"""The CDK app: what cdk.json starts for `cdk synth`, `cdk diff` and `cdk deploy`."""

import os
import sys

from stack.node import NodeUnusableError, check_node, use_bundled_node
from stack.settings import ContextRefused


def main() -> int:
    """Synthesise the storage stack for the context and environment that the CDK CLI hands over.

    Returns the exit code: 1, with one message on stderr and no template, when they are refused.
    """
    try:
        use_bundled_node()
        check_node()
        _synthesise()
    except (ContextRefused, NodeUnusableError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _synthesise() -> None:
    # Importing the CDK starts Node.js: not before it is known to be one that can run it.
    import aws_cdk as cdk  # noqa: PLC0415

    from stack.storage import STACK_NAME, StorageStack  # noqa: PLC0415

    # Without autoSynth off, jsii would write an assembly on its way out although the context was refused.
    app = cdk.App(auto_synth=False)
    env = cdk.Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION"))
    StorageStack(app, STACK_NAME, env=env)
    app.synth()


if __name__ == "__main__":
    sys.exit(main())
