"""What a run judged by, as digests: the specs and the rules.

Results that name them can be told from those of other specs or rules. A checkout and the package installed from it
have the same digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

_HERE = Path(__file__).parent
_SHIPPED = _HERE / "spec_tree"


def basis() -> dict[str, str]:
    """Return the digests, `sha256:` and hexadecimal, of the `specs` and of the sources of this package, the `rules`.

    Each is over the paths and bytes of the files, so that a comment counts as much as a rule.
    """
    specs = _SHIPPED if _SHIPPED.is_dir() else _HERE.parent / "specs"
    rules = (file for suffix in ("py", "json") for file in _HERE.rglob(f"*.{suffix}"))
    return {
        "specs": digest(specs, specs.rglob("spec.md")),
        "rules": digest(_HERE, (file for file in rules if _SHIPPED not in file.parents)),
    }


def digest(folder: Path, files: Iterable[Path]) -> str:
    """Return one digest of files below a folder, whatever their order; what begins with a dot does not count.

    Each file adds its path, the number of its bytes, both ended by a NUL, and its bytes: no two trees run together.
    """
    held = {file.relative_to(folder): file for file in files}
    total = hashlib.sha256()
    for path in sorted(held, key=Path.as_posix):
        if not any(part.startswith(".") for part in path.parts):
            data = held[path].read_bytes()
            total.update(b"%s\0%d\0%s" % (path.as_posix().encode(), len(data), data))
    return f"sha256:{total.hexdigest()}"
