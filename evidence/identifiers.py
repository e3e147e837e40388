"""Identifiers that are the same whenever the same is identified: no run draws one at random."""

from __future__ import annotations

import json
import uuid

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:worthwatch:storage-compliance")


def identifier(*parts: str) -> str:
    """Return the UUID of version 5 (RFC 9562) of what the parts name, in our own namespace.

    The parts keep apart: ("a", "bc") names another thing than ("ab", "c").
    """
    return str(uuid.uuid5(_NAMESPACE, json.dumps(parts)))
