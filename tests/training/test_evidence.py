"""What held-out rows prove of a gain where a few of them are far out."""

import pytest
import torch

from skae._training.evidence import is_clear_in_most

CLEAR = torch.linspace(0.5, 1.5, 100)


def with_one(value: float, gains: torch.Tensor = CLEAR) -> torch.Tensor:
    """The same with one row far out."""
    return torch.cat([gains, torch.tensor([value])])


@pytest.mark.parametrize(
    ("gains", "is_clear"),
    [
        (CLEAR, True),
        (with_one(-30.0), True),  # the others gain three times what it loses
        (with_one(-200.0), False),  # it loses twice what the others gain
        (-CLEAR, False),
        (with_one(1000.0, -CLEAR), False),  # one lucky row
        (with_one(1000.0, torch.zeros(100)), False),
        (torch.ones(1), False),
        (torch.empty(0), False),
    ],
)  # fmt: skip
def test_most_rows_have_to_gain_and_all_of_them_on_average(gains, is_clear):
    assert is_clear_in_most(gains, 1, 3) is is_clear
