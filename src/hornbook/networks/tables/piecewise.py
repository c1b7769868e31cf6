"""Numbers as a network sees cuts and tails in them: piecewise linear in bins that hold as many training rows each.

A number x becomes, for each bin from a to b, the share of the bin that lies below it: 0 where x < a, 1 where x > b, and
(x - a) / (b - a) between (Gorishniy et al. 2022, arXiv:2203.05556, section 3.1). A dense layer on these draws a curve
with a bend at each quantile, so a cut in one number is no work for it, and one far number does not drown the others.
The number itself stands before them, squeezed where it is far out (as Holzmüller et al. 2024 do, arXiv:2407.04491).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

NEAR = 1e-4
"""Deviations by which two edges of bins differ at least."""

SQUEEZED = 4.0
"""Deviations beyond which a number is squeezed; none is further out than that."""


class Piecewise(nn.Module):
    """Standardized numbers (batch, F) to (batch, F + F · bins).

    Parameters
    ----------
    numbers
        How many there are.
    bins
        Of each.
    """

    low: Tensor
    slope: Tensor

    def __init__(self, numbers: int, bins: int) -> None:
        super().__init__()
        self.bins = bins
        self.shape = (numbers * (1 + bins),)
        self.register_buffer("low", torch.zeros(numbers, bins))
        self.register_buffer("slope", torch.zeros(numbers, bins))

    @torch.no_grad()
    def prepare(self, numbers: Tensor) -> None:
        """Learn the bins from training rows; those of a number with few different values are left empty."""
        shares = torch.linspace(0, 1, self.bins + 1, dtype=torch.float64)
        for i, values in enumerate(numbers.detach().cpu().double().T):
            # Edges that are nearer than float32 tells apart would be bins of no width.
            different = torch.unique((values / NEAR).round()) * NEAR
            if len(different) <= 2:
                continue
            # Of few different values each is the end of a bin.
            few = len(different) <= self.bins + 1
            edges = different if few else torch.unique((torch.quantile(values, shares) / NEAR).round()) * NEAR
            self.low[i, : len(edges) - 1] = edges[:-1].float()
            self.slope[i, : len(edges) - 1] = (1 / edges.diff()).float()

    def forward(self, numbers: Tensor) -> Tensor:
        """Return the squeezed numbers, and after them the bins of each."""
        squeezed = numbers / torch.sqrt(1 + (numbers / SQUEEZED).square())
        inside = ((numbers.unsqueeze(2) - self.low) * self.slope).clamp(0, 1)
        return torch.cat([squeezed, inside.flatten(1)], 1)


def bins_for(numbers: int, wanted: int, most: int) -> int:
    """Return how many bins each of so many numbers has: fewer where there are many; 0 for none.

    >>> bins_for(10, 16, 4096), bins_for(1000, 16, 4096), bins_for(5000, 16, 4096)
    (16, 4, 0)
    """
    found = min(wanted, most // max(numbers, 1))
    return found if found > 1 else 0
