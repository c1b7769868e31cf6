"""Finding the ink: milliseconds for one picture, of people's own photos and of drawings in MNIST's size.

    python -m bench.ink

The photos are opened first, as the column opens them, so that only `find_ink` is timed. The drawings are MNIST's, a
pixel off their place and turned to dark on light, so that none is passed on as it is. Medians over the pictures, each
the best of three.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable

import numpy as np

from bench.common import report, shared
from hornbook.columns import ImageColumn
from hornbook.columns.base import Array
from hornbook.columns.image.files.open import open_picture
from hornbook.columns.image.ink.find import find_ink
from hornbook.sources.array.idx import read_idx


def photos() -> list[Array]:
    """Return people's own pictures, as large as the column has them opened."""
    files = sorted(f for f in shared("own_digits").glob("*/*/*") if f.suffix in (".jpg", ".png"))
    limit = ImageColumn().max_pixels
    return [np.asarray(open_picture(f, max_pixels=limit, at_least=1000)) for f in files]


def drawings() -> list[Array]:
    """Return drawings of 28 x 28 pixels, dark on light."""
    pictures = np.asarray(read_idx(shared("mnist", "t10k-images-idx3-ubyte.gz")))[:300]
    return list(255 - np.roll(pictures, 1, axis=2))


def milliseconds(pictures: Iterable[Array]) -> list[float]:
    """Return how long each picture takes at best."""
    found = []
    for picture in pictures:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            find_ink(picture)
            times.append(time.perf_counter() - start)
        found.append(1000 * min(times))
    return found


def main() -> None:
    figures = {}
    for name, pictures in (("photos", photos()), ("drawings", drawings())):
        times = milliseconds(pictures)
        figures[name] = {
            "pictures": len(times),
            "median_ms": round(statistics.median(times), 2),
            "slowest_ms": round(max(times), 1),
        }
    report("ink", **figures)


if __name__ == "__main__":
    main()
