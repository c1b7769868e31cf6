"""Finding the same picture twice: to the byte, and after it was saved again or scaled.

Both ways are linear in the number of rows and keep some 30 bytes for each, whatever the size of the pictures:
a hash of each row, and sorting. Pairs that look alike by their hash are compared again as thumbnails, because
handwritten ones are as alike as two copies of one photo are.
"""

from __future__ import annotations

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.summary import Encoded

DISTANCE = 3
"""Bits of 64 in which two hashes may differ to be compared further.

Of CIFAR-10 and MNIST pictures saved again as JPEG of quality 75, or doubled in size, 95 % differ in at most 2.
"""

WINDOW = 24
"""With how many of its neighbours in each of the eight orders a hash is compared."""

MOST_PAIRS = 200_000
"""Pairs that are looked at closely: in a set of film frames every picture is like hundreds of others."""

FLAT = 1.0
"""Deviation of a thumbnail, in shades of 255, under which it is the thumbnail of nothing."""

NOISE = 1.0
"""Deviation of fine grain, in shades, from which on two pictures that have none of it in common are two."""

ALIKE = 0.2
"""Correlation of the grain of two pictures: of one picture saved twice it is 0.4 and more where there is any."""

STRICT, LAX = 0.3, 1.0
"""Between these lies the most that any cell of two standardized 16 x 16 thumbnails may differ, in standard
deviations.

How alike two different pictures are depends on the set, so the limit is a quarter of what parts nearest
neighbours in it (see `alikeness`): 0.43 for MNIST, where the nearest two digits by different hands differ by
0.50 somewhere, and most differ by less than 0.3 from themselves saved as JPEG of quality 50; 0.6 for
CIFAR-10, where every pair up to that is one photo in two colourings. A mean difference would not do: it is
smaller between two hands' ones than between one of them and its own JPEG.
"""


def perceptual_hashes(rows: Encoded, which: Array) -> tuple[Array, Array]:
    """Return a 64-bit hash of how each picture looks, and whether it is blank.

    The low frequencies of the grey picture's cosine transform, as in pHash (Zauner 2010, section 3.2.1),
    divided by their length so that brightness and contrast do not count. A bit says whether a frequency is
    above its median over a sample of the pictures, not over the picture's own frequencies: so every bit tells
    half of the set from the other half, also where all pictures are white strokes on black.

    ``which`` are the row numbers to hash, of pictures of ``uint8``. Returned are ``uint64`` and ``bool`` for each.
    """
    height, width, channels = rows.shape[1:]
    step = max(1, (4 << 20) // (height * width * channels))
    sample = which[:: max(1, len(which) // 4096)]
    look = _Frequencies(height, width, channels)
    median = np.median(np.concatenate([look(block)[0] for block in rows.chunks(sample, step)]), axis=0)
    hashes = np.zeros(len(which), np.uint64)
    blank = np.zeros(len(which), bool)
    done = 0
    for block in rows.chunks(which, step):
        part = slice(done, done + len(block))
        found, length = look(block)
        bits = np.zeros((len(block), 64), bool)
        bits[:, : found.shape[1]] = found > median
        hashes[part] = np.packbits(bits, axis=1).view(np.uint64)[:, 0]
        flat = np.flatnonzero(
            length < 1.0
        )  # which is looked at again: something may be drawn between these pixels
        blank[done + flat] = (block[flat] == block[flat][:, :1, :1]).all(axis=(1, 2, 3))
        done += len(block)
    return hashes, blank


class _Frequencies:
    """The 64 lowest frequencies of grey pictures, without their mean."""

    def __init__(self, height: int, width: int, channels: int) -> None:
        # Every second or third pixel of a large picture says as much about its lowest frequencies.
        self.step = max(1, min(height, width) // 64)
        down, across = _cosines(len(range(0, height, self.step))), _cosines(len(range(0, width, self.step)))
        u, v = np.meshgrid(np.arange(len(down)), np.arange(len(across)), indexing="ij")
        lowest = np.argsort((u**2 + v**2).reshape(-1), kind="stable")[1:65]
        both = np.einsum("uh,vw,c->uvhwc", down, across, np.full(channels, 1 / channels, np.float32))
        self.matrix: Array = np.ascontiguousarray(both.reshape(u.size, -1)[lowest].T)

    def __call__(self, block: Array) -> tuple[Array, Array]:
        """Return the frequencies divided by their length, ``(rows, 64)``, and the lengths, ``(rows,)``."""
        thin = block[:, :: self.step, :: self.step].reshape(len(block), -1)
        found = np.subtract(thin, thin[:, :1], dtype=np.float32) @ self.matrix  # of a blank picture exactly 0
        length = np.linalg.norm(found, axis=1)
        return found / np.maximum(length, 1e-6)[:, None], length


def near_pairs(hashes: Array, groups: Array, distance: int = DISTANCE, window: int = WINDOW) -> Array:
    """Return pairs of places with nearly the same hash in different groups, shape ``(pairs, 2)``.

    The hashes are sorted in eight orders, each beginning with another byte, and each is compared with its
    neighbours: two that differ in a few bits agree in the leading ones of some order.
    """
    found: list[Array] = []
    room = MOST_PAIRS
    whole = np.uint64(64)
    for turn in range(0, 64, 8):
        shift = np.uint64(turn)
        turned = hashes if turn == 0 else (hashes << shift) | (hashes >> (whole - shift))
        order = np.argsort(turned, kind="stable")
        ordered, side = hashes[order], groups[order]
        for gap in range(1, min(window, len(order) - 1) + 1):
            far = np.bitwise_count(ordered[gap:] ^ ordered[:-gap]) > distance
            i = np.flatnonzero(~far & (side[gap:] != side[:-gap]))
            if len(i) and room > 0:
                found.append(np.stack([order[i], order[i + gap]], axis=1)[:room])
                room -= len(i)
    if not found:
        return np.zeros((0, 2), np.int64)
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def look_the_same(rows: Encoded, pairs: Array, limit: float) -> Array:
    """Return for each pair of rows whether it is likely one picture, saved twice.

    That is where no cell of their thumbnails differs by more than ``limit``, see `alikeness`, and their grain is not
    that of two pictures of the same thing.
    """
    same: Array = _differences(rows, pairs) <= limit
    for place in np.flatnonzero(same).tolist():
        one, other = rows.take(pairs[place]).mean(axis=3, dtype=np.float32)
        same[place] = not _other_grain(one, other)
    return same


def _other_grain(one: Array, other: Array) -> bool:
    """Return whether two pictures, float32 of shape ``(H, W)``, differ by noise where nothing is drawn."""
    import cv2

    smooth = [cv2.GaussianBlur(p, (0, 0), 2) for p in (one, other)]
    slope = cv2.morphologyEx(smooth[0] + smooth[1], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    flat = slope <= np.median(slope)
    grain = [(p - cv2.GaussianBlur(p, (0, 0), 1))[flat] for p in (one, other)]
    least, most = sorted(float(g.std()) for g in grain)
    if least < max(NOISE, 0.75 * most):  # a copy that was made smaller, or is blurred by JPEG
        return False
    return float(np.corrcoef(grain[0], grain[1])[0, 1]) < ALIKE


def alikeness(rows: Encoded, which: Array, hashes: Array, sample: int = 256) -> float:
    """Return how alike two pictures of this set must be to be more than look-alikes.

    A quarter of the tenth percentile of the differences between a sample of the pictures and those nearest to
    them by hash: up to a tenth of the pictures may be copies without making copies look usual.
    """
    if len(which) < 20:
        return STRICT
    chosen = np.linspace(0, len(which) - 1, min(sample, len(which))).astype(np.int64)
    nearest = np.empty(len(chosen), np.int64)
    for i, place in enumerate(chosen):
        apart = np.bitwise_count(hashes ^ hashes[place])
        apart[place] = 65
        nearest[i] = apart.argmin()
    apart = _differences(rows, np.stack([which[chosen], which[nearest]], axis=1))
    usual = np.quantile(np.minimum(apart, 4 * LAX), 0.1)  # between two infinite ones there is no quantile
    return float(np.clip(usual / 4, STRICT, LAX))


def _differences(rows: Encoded, pairs: Array) -> Array:
    """Return the largest difference between the standardized thumbnails of each pair of rows; inf of flat ones."""
    out = np.zeros(len(pairs), np.float32)
    step = max(1, (2 << 20) // int(np.prod(rows.shape[1:])))
    for start in range(0, len(pairs), step):
        part = pairs[start : start + step]
        one, other = _thumbnails(rows.take(part[:, 0])), _thumbnails(rows.take(part[:, 1]))
        out[start : start + step] = np.nan_to_num(np.abs(one - other).max(axis=1), nan=np.inf)
    return out


def _cosines(size: int) -> Array:
    """Return the ten lowest cosines (fewer below ten pixels), shape ``(10, size)``."""
    places = (np.arange(size) + 0.5) / size
    return np.cos(np.pi * np.arange(min(size, 10))[:, None] * places).astype(np.float32)


def _thumbnails(block: Array) -> Array:
    """Return grey 16 x 16 thumbnails of mean 0 and deviation 1, ``float32`` of shape ``(rows, 256)``; nan if flat."""
    import cv2

    grey = block.mean(axis=3, dtype=np.float32)
    small: Array = np.stack([cv2.resize(p, (16, 16), interpolation=cv2.INTER_AREA) for p in grey])
    small = small.reshape(len(block), -1)
    small -= small.mean(axis=1, keepdims=True)
    deviation = small.std(axis=1, keepdims=True)
    return np.where(deviation < FLAT, np.nan, small / np.maximum(deviation, FLAT))
