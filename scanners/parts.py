"""A folder of templates in parts, of which scanners could not take all at once: checkov takes 2 MB for each.

Each part, `part-01` and so on, is a folder with `templates/` in it, their canary among them, and the scanners' reports.

Standard library only: it is read in scanners' own environments.
"""

import re
from pathlib import Path

_PART = re.compile("part-[0-9]{2,}")


def part(folder: Path, number: int) -> Path:
    """Return the folder of a part, by its number from 1."""
    return folder / f"part-{number:02}"


def is_part(name: str) -> bool:
    """Tell whether a folder of this name is a part."""
    return _PART.fullmatch(name) is not None


def parts_of(folder: Path) -> list[Path]:
    """Return the parts of a folder, in order; the folder itself, if it is in none. Raises OSError."""
    if not folder.is_dir():
        return [folder]
    found = [entry for entry in folder.iterdir() if is_part(entry.name) and entry.is_dir()]
    return sorted(found, key=lambda entry: (len(entry.name), entry.name)) or [folder]
