"""Where cdk.json is, which the CDK CLI reads: in a checkout at its root, in an installed package beside this module."""

from pathlib import Path

_PLACES = (Path(__file__).parents[1] / "cdk.json", Path(__file__).with_name("cdk.json"))


def cdk_json() -> Path:
    """Return the file."""
    return next(path for path in _PLACES if path.is_file())
