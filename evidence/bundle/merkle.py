"""The Merkle tree hash of RFC 9162, section 2.1.1 (https://www.rfc-editor.org/rfc/rfc9162), over SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def merkle_root(leaves: Iterable[bytes]) -> str:
    """Return the hash of an ordered list of leaves, in hexadecimal; that of none is SHA-256's of nothing.

    A change of one leaf, of their order or of their number is another root. The leaves may be a stream: of n of them,
    log2 n hashes are kept.
    """
    peaks: list[bytes] = []  # the roots of perfect trees, the larger first: one for each bit of the count that is set
    for count, leaf in enumerate(leaves):
        node, bits = _sha256(b"\x00" + leaf), count
        while bits & 1:  # a tree of this size is there: as in adding one, both are carried into one of the next
            node, bits = _sha256(b"\x01" + peaks.pop() + node), bits >> 1
        peaks.append(node)
    root = peaks.pop() if peaks else _sha256(b"")
    while peaks:
        root = _sha256(b"\x01" + peaks.pop() + root)
    return root.hex()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
