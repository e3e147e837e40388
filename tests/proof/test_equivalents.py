"""The file of equivalents: what is read, and what is refused with its place."""

from pathlib import Path

import pytest

from policies.reading import InputError
from proof.equivalents import Equivalent, read_equivalents
from proof.generated import Kind

REASON = "a reason of more than twenty characters"


def entry(place: str = "$.Resources.Table.Type", kind: str = "deleted", reason: str = REASON) -> str:
    """Return an entry about one place and kind."""
    return f'[[equivalent]]\nplaces = ["{place}"]\nkinds = ["{kind}"]\nreason = "{reason}"\n'


def read(tmp_path: Path, *entries: str) -> tuple[Equivalent, ...]:
    """Return what a file of entries holds."""
    file = tmp_path / "equivalents.toml"
    file.write_text("".join(entries))
    return read_equivalents(file)


def test_what_is_covered(tmp_path: Path) -> None:
    """A place is a JSONPath without the hash of a logical id, in which `*` is anything."""
    (one,) = read(tmp_path, entry("$.Resources.Table*.Type"))
    assert one.covers("$.Resources.TableCD117FA1.Type", Kind.DELETED)
    assert one.covers("$.Resources.TableOther.Properties.Type", Kind.DELETED)
    assert not one.covers("$.Resources.Function.Type", Kind.DELETED)
    assert not one.covers("$.Resources.Table.Types", Kind.DELETED)
    assert not one.covers("$.Resources.Table.Type", Kind.EMPTY)


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([entry("Resources.Table")], "equivalent 1.places[0]: found 'Resources.Table'; expected a list of JSONPaths"),
        ([entry(kind="gone")], "equivalent 1.kinds[0]: found 'gone'; expected a list of kinds of change: deleted"),
        ([entry(reason="short")], "equivalent 1.reason: found 'short'; expected why nobody need notice"),
        ([entry(), entry()], "equivalent 2 (deleted at $.Resources.Table.Type): matches the same as equivalent 1"),
        (
            [entry("$.\\tB"), entry("$.\\tA")],
            r"equivalent 2 (deleted at $.\tA): expected before equivalent 1 (deleted at $.\tB), in the order of places",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, entries: list[str], told: str) -> None:
    """Each entry that cannot be taken is told in one line that can be shown anywhere."""
    with pytest.raises(InputError) as caught:
        read(tmp_path, *entries)
    assert str(caught.value).startswith(f"equivalents.toml: {told}")
    assert str(caught.value).isprintable()
