"""How a command ends whose input is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def refusals() -> Iterator[None]:
    """End the command with exit code 2 and a message, without a traceback, where its input is refused.

    So it ends, too, where there is not the memory that the input needs.
    """
    # --help and --version need none of these.
    from policies.catalogue import CatalogueError, UnknownScenarioError  # noqa: PLC0415
    from policies.reading import InputError, printable  # noqa: PLC0415
    from policies.specs import SpecError  # noqa: PLC0415

    try:
        yield
    except InputError as error:
        problem = printable(str(error))
    except UnknownScenarioError as error:
        problem = str(error)
    except SpecError as error:
        problem = f"the specs cannot be read:\n{error}"
    except CatalogueError as error:
        problem = f"the specs and their rules do not fit together:\n{error}"
    except MemoryError:
        problem = "more memory is needed than there is: raise its limit (ulimit -v), or give less to judge at once"
    else:
        return
    typer.echo(f"error: {problem}", err=True)
    raise typer.Exit(2)
