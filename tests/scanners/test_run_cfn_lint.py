"""cfn-lint's settings, beside what the matrix needs of them."""

from scanners.run_cfn_lint import REGIONS
from stack.axes import ENVIRONMENTS


def test_regions_are_those_of_the_matrix() -> None:
    """Templates are held to what there is in every region that the matrix goes to, and in us-east-1 for any other."""
    assert set(REGIONS) == {"us-east-1"} | {place.region for place in ENVIRONMENTS if place.region is not None}
