"""Random numbers that hang on nothing but what they are for: no generator, no state.

Each is a hash, so an example is changed the same way in whatever batch, on whatever machine and after whatever
interruption it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hornbook.common.hashing import FIRST, GOLDEN, SECOND, mixed, mixed_int

if TYPE_CHECKING:
    from torch import Tensor


def uniform(seed: int, epoch: int, rows: Tensor, stream: int = 0) -> Tensor:
    """Return a random number for each row, ``int64`` of shape (n,), that depends on nothing but the arguments.

    They are ``float64`` of shape (n,), at least 0 and less than 1, multiples of 2 ** -53. Another ``stream`` is
    another, independent number.

    Examples
    --------
    >>> import torch
    >>> a = uniform(1, 2, torch.tensor([5, 6, 7]))
    >>> b = uniform(1, 2, torch.tensor([7, 5]))
    >>> bool(a[0] == b[1]), bool(a[2] == b[0]), bool((a >= 0).all() and (a < 1).all())
    (True, True, True)
    """
    return (_shifted(bits(seed, epoch, rows, stream), 11)).double() * 2.0**-53


def bits(seed: int, epoch: int, rows: Tensor, stream: int) -> Tensor:
    """Return 64 well-mixed bits for each row, as int64."""
    key = 0
    for part in (seed, epoch, stream):
        key = mixed_int((key ^ part) + GOLDEN)
    return mixed(rows * _as_signed(GOLDEN) + _as_signed(key), _shifted, _as_signed(FIRST), _as_signed(SECOND))


def _shifted(x: Tensor, places: int) -> Tensor:
    """Shift right without copying the sign bit, which int64 does and the method does not."""
    return (x >> places) & ((1 << 64 - places) - 1)


def _as_signed(x: int) -> int:
    """Return the int64 that has the same 64 bits."""
    return x - (1 << 64) if x >> 63 else x
