"""How a command ends whose input is refused."""

from __future__ import annotations


def refusal(error: Exception) -> str | None:
    """Return what a user is told of an error, for which the exit code is 2; None: it is one of ours."""
    # Imported where something is wrong: --help, --version and what can be judged need none of these.
    from policies.catalogue import CatalogueError, UnknownScenarioError  # noqa: PLC0415
    from policies.reading import InputError, printable  # noqa: PLC0415
    from policies.specs import SpecError  # noqa: PLC0415
    from stack.node import NodeUnusableError  # noqa: PLC0415

    match error:
        case InputError():
            return printable(str(error))
        case UnknownScenarioError() | NodeUnusableError():
            return str(error)
        case SpecError():
            return f"the specs cannot be read:\n{error}"
        case CatalogueError():
            return f"the specs and their rules do not fit together:\n{error}"
        case MemoryError():
            return "more memory is needed than there is: raise its limit (ulimit -v), or give less to judge at once"
    return None
