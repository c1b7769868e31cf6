"""Photos as people take them, made of MNIST's test digits: how many a run of the ``mnist`` recipe reads of each kind.

    python -m bench.photos RUN [--count 100] [KIND ...]

Each kind has one difficulty (a shadow, squared paper, a box to write in, what a scanner leaves). The net reads 996 of
1,000 of these digits, so what is lost is lost in finding the ink, and nothing has to be tuned to anybody's real photos.
Most kinds draw the strokes anew, thinner, along their middle lines, which costs two or three digits of a hundred.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from bench.common import report, shared
from bench.photos_paper import (
    BLACK,
    BLUE,
    PENCIL,
    Page,
    Random,
    camera,
    half_shadow,
    lamp,
    light,
    on_ground,
    paper,
    png,
    put,
    rule,
    stroke,
)
from hornbook import load
from hornbook.columns.base import Array
from hornbook.errors import DataError
from hornbook.sources.array.idx import read_idx

Kind = Callable[[Array, Random], bytes]


def written(
    width: float = 0.0,
    ink: tuple[int, int, int] = BLUE,
    ground: tuple[int, int, int] = (225, 232, 235),
    size: tuple[float, float] = (0.45, 0.8),
    opacity: float = 1.0,
    on: Callable[[Page, Random], Page] = lambda page, _: page,
    lit: Callable[[Page, Random], Page] = lambda page, rng: light(page, rng, 0.3),
    **how: float,
) -> Kind:
    """Return a kind: paper, what is ``on`` it, a digit, and how it is ``lit`` and photographed."""

    def made(digit: Array, rng: Random) -> bytes:
        page = on(paper(int(rng.integers(500, 1100)), int(rng.integers(500, 1100)), rng, ground), rng)
        drawn = stroke(digit, int(min(page.shape[:2]) * rng.uniform(*size)), width)
        return camera(lit(put(page, drawn, rng, ink, opacity=opacity), rng), rng, **how)

    return made


def drawn(ink: int, ground: int, width: float = 0.0, side: tuple[int, int] = (100, 380)) -> Kind:
    """Return a kind: a drawing of one shade on another."""

    def made(digit: Array, rng: Random) -> bytes:
        mask = stroke(digit, int(rng.integers(*side)), width)
        around = max(2, len(mask) // 10)
        page = np.full((len(mask) + 2 * around, len(mask) + 2 * around, 3), ground, np.float32)
        return png(put(page, mask, rng, (ink, ink, ink), at=(around, around)))

    return made


def ruled(
    step: tuple[float, float], colour: tuple[int, int, int], both: bool
) -> Callable[[Page, Random], Page]:
    """Return what rules a page so many times."""
    return lambda page, rng: rule(page, int(len(page) / rng.uniform(*step)), colour, rng, both=both)


def cut_tight(digit: Array, rng: Random) -> bytes:
    """Dark on white, with at most 5 pixels around the strokes."""
    rows, columns = np.nonzero(digit > 60)
    cut = digit[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    high = int(rng.integers(60, 300))
    big = cv2.resize(cut, (max(4, cut.shape[1] * high // cut.shape[0]), high), interpolation=cv2.INTER_CUBIC)
    edge = int(rng.integers(0, 6))
    big = cv2.copyMakeBorder(big, edge, edge, edge, edge, cv2.BORDER_CONSTANT)
    return png(255 - np.dstack([big] * 3).astype(np.float32))


def transparent(digit: Array, rng: Random) -> bytes:
    """Ink on nothing, black or white."""
    alpha = (stroke(digit, int(rng.integers(100, 300)), -1.2) * 255).astype(np.uint8)
    shade = np.full_like(alpha, rng.choice([0, 255]))
    return bytes(cv2.imencode(".png", np.dstack([shade, shade, shade, alpha]))[1])


def specks(page: Page, rng: Random) -> Page:
    for _ in range(25):
        x, y = (int(rng.integers(side)) for side in (page.shape[1], page.shape[0]))
        cv2.circle(page, (x, y), int(rng.integers(1, 7)), (60, 60, 60), -1)
    return page


def boxed(digit: Array, rng: Random) -> bytes:
    """A digit in a box to write in, in the middle of the page."""
    page = paper(int(rng.integers(500, 1100)), int(rng.integers(500, 1100)), rng, (225, 232, 235))
    high, wide = page.shape[:2]
    side = int(min(high, wide) * rng.uniform(0.35, 0.55))
    y, x, around = (high - side) // 2, (wide - side) // 2, int(rng.uniform(0.1, 0.25) * side)
    corners = ((x - around, y - around), (x + side + around, y + side + around))
    cv2.rectangle(page, *corners, (90, 90, 90), max(2, side // 80))
    return camera(light(put(page, stroke(digit, side, -1.6), rng, BLUE, at=(y, x)), rng, 0.3), rng)


def strips(page: Page, rng: Random) -> Page:
    """Black at the top and at the right, as scanners leave it."""
    wide = int(rng.uniform(5, 40))
    page[:wide], page[:, -wide:] = 10, 10
    return page


def table(page: Page, rng: Random) -> Page:
    """A table at one side, a twentieth to a ninth of the picture."""
    side, share = int(rng.integers(4)), rng.uniform(0.05, 0.11)
    turned = np.rot90(page, side)
    colour = [(60, 80, 110), (40, 40, 45), (150, 170, 190)][rng.integers(3)]
    strip = turned[: int(share * len(turned))]
    strip[:] = np.array(colour) + rng.normal(0, 6, strip.shape)
    return page


def stain(page: Page, rng: Random) -> Page:
    """A soft dark spot at the lower border, as of a thumb."""
    down, across = np.mgrid[0 : page.shape[0], 0 : page.shape[1]]
    side = min(page.shape[:2]) * rng.uniform(0.15, 0.3)
    near = ((down - page.shape[0]) / side) ** 2 + (
        (across - page.shape[1] * rng.uniform(0.2, 0.8)) / side
    ) ** 2
    return np.asarray(page * (1 - 0.5 * np.exp(-near))[..., None], np.float32)


def bleed(page: Page, rng: Random) -> Page:
    """A faint digit from the back of the paper."""
    other = DIGITS[rng.integers(len(DIGITS))][:, ::-1]
    return put(
        page, stroke(np.ascontiguousarray(other), min(page.shape[:2]) // 2, -1.3), rng, (190, 195, 200)
    )


def dots(page: Page, rng: Random) -> Page:
    step = int(len(page) / rng.uniform(8, 16))
    for y in range(step // 2, page.shape[0], step):
        for x in range(step // 2, page.shape[1], step):
            cv2.circle(page, (x, y), max(1, step // 25), (150, 150, 150), -1)
    return page


def dim(page: Page, rng: Random) -> Page:
    return light(page * np.array([0.35, 0.5, 0.65], np.float32), rng, 0.8)


def app(digit: Array, rng: Random) -> bytes:
    """A screenshot of a drawing app, dark or light, with its bars."""
    dark = bool(rng.integers(2))
    page = np.full((900, 450, 3), 18 if dark else 255, np.float32)
    page[:70] = 45 if dark else 235
    shade = (220, 220, 220) if dark else (40, 40, 40)
    cv2.putText(page, "Drawing", (20, 45), 0, 1, shade, 2)
    return png(put(page, stroke(digit, 350, -1.4), rng, shade, at=(300, 50)))


KINDS: dict[str, Kind] = {
    "pen": written(-1.2),
    "marker": written(0.6, BLACK),
    "pencil": written(-1.5, PENCIL, opacity=0.7),
    "faint pencil": written(-1.4, (190, 195, 198), noise=3),
    "very thin": written(-0.6, BLACK, size=(0.6, 0.85)),
    "red pen": written(-1.3, (60, 60, 200)),
    "yellow paper": written(-1.4, ground=(140, 215, 235)),
    "cardboard": written(-1.6, BLACK, ground=(95, 140, 175)),
    "chalk": written(-1.8, (215, 220, 220), ground=(60, 75, 55), opacity=0.85),
    "small": written(-1.5, BLACK, size=(0.12, 0.2)),
    "blurred": written(-1.5, BLACK, blur=5),
    "low resolution": written(longest=80, blur=0.5, quality=60),
    "dim": written(-1.3, lit=dim, noise=9),
    "lamp": written(-1.4, ground=(190, 195, 200), lit=lamp),
    "hard shadow": written(lit=lambda page, rng: half_shadow(page, rng, 0.65, 0.005)),
    "soft shadow": written(lit=lambda page, rng: half_shadow(light(page, rng, 0.3), rng, 0.5, 0.04)),
    "lined": written(-1.5, on=ruled((3, 9), (200, 170, 150), False)),
    "squared": written(-1.5, on=ruled((4, 14), (205, 180, 160), True)),
    "squared, dark": written(-1.8, BLACK, on=ruled((4, 14), (170, 140, 120), True)),
    "millimetres": written(-1.6, on=ruled((40, 70), (215, 200, 190), True)),
    "dotted": written(-1.5, BLACK, on=dots),
    "specks": written(-1.4, on=specks),
    "stain": written(-1.4, on=stain),
    "bleed": written(-1.4, BLACK, on=bleed),
    "box": boxed,
    "scanned": written(-1.4, BLACK, on=strips, size=(0.4, 0.7), noise=2),
    "table": written(-1.4, on=table, size=(0.4, 0.6)),
    "card on wood": on_ground((45, 75, 110), (0.6, 0.85)),
    "white on black": drawn(255, 0),
    "faint on black": drawn(60, 5, -1.2),
    "tiny": drawn(0, 255, side=(12, 24)),
    "cut tight": cut_tight,
    "transparent": transparent,
    "app": app,
}

DIGITS = np.asarray(read_idx(shared("mnist", "t10k-images-idx3-ubyte.gz")))
LABELS = np.asarray(read_idx(shared("mnist", "t10k-labels-idx1-ubyte.gz")))


def made(name: str, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield so many pictures of a kind, each with the digit on it, always the same."""
    for i in range(count):
        rng = np.random.default_rng((zlib.crc32(name.encode()), i))
        row = int(rng.integers(len(DIGITS)))
        yield str(LABELS[row]), KINDS[name](DIGITS[row], rng)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run")
    parser.add_argument("kinds", nargs="*", metavar="kind", help=", ".join(KINDS))
    parser.add_argument("--count", type=int, default=100)
    chosen = parser.parse_args()
    reader, shares = load(chosen.run), {}
    for name in chosen.kinds or KINDS:
        pictures = list(made(name, chosen.count))
        answers = reader.predict_each((f"{name} {i}", picture) for i, (_, picture) in enumerate(pictures))
        right = [
            not isinstance(answer, DataError) and answer.value == truth
            for (truth, _), answer in zip(pictures, answers, strict=True)
        ]
        shares[name] = round(float(np.mean(right)), 4)
        print(f"{name:16} {shares[name]:.1%}", file=sys.stderr)
    report(
        "photos",
        pictures=chosen.count * len(shares),
        mean=round(float(np.mean(list(shares.values()))), 4),
        **shares,
    )


if __name__ == "__main__":
    main()
