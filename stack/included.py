"""Templates that no app of ours has made, under cdk-nag's stock packs and the CDK's template validator.

The packs judge constructs: so each template is included in a stack by `CfnInclude`, as whoever brings templates into a
CDK app does. Imports no CDK: only the workers do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stack.validation_report import Violation
from stack.workers import Job, run


@dataclass(frozen=True, slots=True)
class Included:
    """What came of a template: what is found in it, or why it could not be judged; the fields of what did not, None.

    - `violations`, of whose `construct` a resource is its logical id; what is about no resource has the stack's name.
    - `canary`, what the packs and the validator find in their canary beside it.
    - `failure`, why the CDK cannot include the template, or why what they tell of it cannot be relied on: one of their
      rules raised, say.
    """

    template: bytes
    violations: tuple[Violation, ...] | None = None
    canary: tuple[Violation, ...] | None = None
    failure: str | None = None


def include(templates: Iterable[bytes], *, workers: int | None = None) -> Iterator[Included]:
    """Include templates in JSON each in a stack of its own, and give what is found in them, in order.

    `workers` is the number of processes, by default that of the processors; each holds a Node.js of up to about a
    gigabyte. Raises NodeUnusableError, before anything is started, when JSII_NODE names no usable Node.js.
    """
    return run(Job(_include, _failed), templates, workers)


def _include(template: bytes, outdir: Path) -> Included:
    # Importing the CDK takes a second and starts Node.js: only here, in a worker.
    from stack.inclusion import judge  # noqa: PLC0415

    return judge(template, outdir)


def _failed(template: bytes, failure: str) -> Included:
    return Included(template, failure=failure)
