"""Identifiers: the same for the same parts, others for others."""

from __future__ import annotations

import uuid

from evidence.identifiers import identifier


def test_in_our_namespace() -> None:
    """An identifier is a UUID of version 5 that anyone can compute again from the parts."""
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "urn:worthwatch:storage-compliance")
    assert identifier("a", "b") == str(uuid.uuid5(namespace, '["a", "b"]'))
    assert identifier("a", "b") == "741f88e0-27cb-578e-8607-e6cea48bde65"


def test_parts_keep_apart() -> None:
    """Parts do not run together, whatever is in them."""
    parts = [("a", "bc"), ("ab", "c"), ("abc",), ("a", "b", "c"), ("a", "", "bc"), ('a", "bc',), ("",), (), ("\ud800",)]
    assert len({identifier(*each) for each in parts}) == len(parts)
