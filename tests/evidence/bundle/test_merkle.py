"""Merkle trees: the root of RFC 9162, and what changes it."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evidence.bundle.merkle import merkle_root

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The known answers of Certificate Transparency's implementations: the root of the first 0, 1, ... 8 leaves."""

SOME = st.lists(st.binary(max_size=3), max_size=40)


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """Return MTH(D_n) as RFC 9162, section 2.1.1, defines it: by recursion, with all leaves at hand."""
    if len(leaves) <= 1:
        return hashlib.sha256(b"".join(b"\x00" + leaf for leaf in leaves)).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


@pytest.mark.parametrize("count", range(9))
def test_known_answers(count: int) -> None:
    """The roots are those that logs of certificates have."""
    assert merkle_root(LEAVES[:count]) == ROOTS[count]


@given(SOME)
def test_the_root_is_as_defined(leaves: list[bytes]) -> None:
    """A stream of leaves has the root of the recursive definition."""
    assert merkle_root(iter(leaves)) == by_definition(leaves).hex()


@given(SOME, SOME)
def test_other_leaves_have_another_root(leaves: list[bytes], others: list[bytes]) -> None:
    """No two lists have one root."""
    assert (merkle_root(leaves) == merkle_root(others)) == (leaves == others)


@given(SOME.filter(bool), st.data())
def test_one_change_is_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    """A leaf changed, removed, added, or swapped with another one: the root tells."""
    one, two = (data.draw(st.integers(0, len(leaves) - 1)) for _ in range(2))
    leaf = data.draw(st.binary(max_size=3))
    swapped = leaves.copy()
    swapped[one], swapped[two] = leaves[two], leaves[one]
    changes = {
        "changed": [*leaves[:one], leaves[one] + b"\0", *leaves[one + 1 :]],
        "removed": leaves[:one] + leaves[one + 1 :],
        "added": [*leaves[:one], leaf, *leaves[one:]],
        "swapped": swapped if leaves[one] != leaves[two] else None,
    }

    same = [name for name, changed in changes.items() if changed and merkle_root(changed) == merkle_root(leaves)]

    assert same == []


@given(SOME)
def test_a_node_is_no_leaf(leaves: list[bytes]) -> None:
    """Two leaves cannot be passed off as one that holds their hashes (section 2.1.1, on second preimages)."""
    assume(len(leaves) >= 2)
    hashes = b"".join(hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves[:2])

    assert merkle_root([hashes, *leaves[2:]]) != merkle_root(leaves)


def test_few_hashes_are_kept() -> None:
    """Of 5,000 leaves in a stream, less is kept than of a hundred hashes."""
    tracemalloc.start()
    merkle_root(b"%d" % number for number in range(5_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10_000
