"""Digits on all kinds of paper come out in MNIST's form, and MNIST's own come out as they are."""

from __future__ import annotations

import gzip
import io
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from hornbook.checks.check import check_prepared
from hornbook.columns import ImageColumn
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.image.ink.find import already_normal, find_ink
from hornbook.columns.image.ink.polarity import ink_is_dark
from hornbook.examples.prepare import prepare
from hornbook.sources import from_arrays

Bytes = NDArray[np.uint8]


def seven(
    height: int = 200, width: int = 240, stroke: int = 9, paper: int = 230, ink: int = 40, top: int = 60
) -> Bytes:
    """Return a 7 with a bar, 60 pixels wide and 90 high, at (90, top)."""
    picture = np.full((height, width), paper, np.uint8)
    for one, other in (((90, 0), (150, 0)), ((150, 0), (115, 90)), ((105, 48), (150, 48))):
        cv2.line(picture, (one[0], one[1] + top), (other[0], other[1] + top), ink, stroke, cv2.LINE_AA)
    return picture


def box(found: Bytes) -> tuple[int, int]:
    """Return the height and width of the ink."""
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def alike(one: Bytes, other: Bytes) -> float:
    """Return the correlation of two results: 1 for the same, over 0.9 for the same digit a little displaced."""
    return float(np.corrcoef(one.ravel().astype(float), other.ravel().astype(float))[0, 1])


def assert_normal(found: Bytes) -> None:
    assert found.dtype == np.uint8
    assert found.max() == 255
    assert already_normal(found[None], (found.shape[0], found.shape[1]))[0]


PLAIN = find_ink(seven())


def test_the_form_is_mnists() -> None:
    assert_normal(PLAIN)
    assert PLAIN.shape == (28, 28)
    assert max(box(PLAIN)) == 20
    rows, columns = np.indices((28, 28)).reshape(2, -1)
    weights = PLAIN.ravel().astype(float)
    for places in (rows, columns):
        assert abs(np.average(places, weights=weights) - 14) <= 0.5


def test_what_is_in_the_form_stays_bit_for_bit() -> None:
    for ink in ("auto", "light", "keep"):
        assert np.array_equal(find_ink(PLAIN, ink=ink), PLAIN)
    assert find_ink(PLAIN) is not PLAIN
    shifted = np.roll(PLAIN, 3, axis=1)
    assert not already_normal(shifted[None])[0]
    assert alike(find_ink(shifted), PLAIN) > 0.95


def test_already_normal_is_of_each_picture() -> None:
    stack = np.stack([PLAIN, np.roll(PLAIN, 3, axis=0), np.zeros_like(PLAIN), 255 - PLAIN, PLAIN])
    assert already_normal(stack).tolist() == [True, False, False, False, True]
    assert already_normal(np.zeros((3, 10, 12), np.uint8)).tolist() == [False] * 3
    assert already_normal(np.zeros((0, 28, 28), np.uint8)).shape == (0,)


def test_mnist_is_in_the_form_and_comes_back_nearly_the_same_from_larger_paper(shared: Path) -> None:
    data = gzip.decompress((shared / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes())
    pictures = np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28)
    assert already_normal(pictures).all()
    for flip in (0, 255):
        found = [alike(find_ink(np.pad(p, 15) ^ np.uint8(flip)), p) for p in pictures[:200]]
        assert np.median(found) > 0.93
        assert np.mean(np.array(found) > 0.8) > 0.95


@pytest.mark.parametrize(
    "size", [(28, 28), (32, 32), (20, 20), (64, 64), (8, 8), (28, 40), (40, 28), (224, 224)]
)
def test_other_sizes_in_proportion(size: tuple[int, int]) -> None:
    found = find_ink(seven(), size=size)
    assert found.shape == size
    high, wide = box(found)
    assert abs(max(high / size[0], wide / size[1]) - 20 / 28) < 1.5 / min(size)
    assert wide < high


def shadowed(picture: Bytes) -> Bytes:
    return (picture * np.linspace(1, 0.45, picture.shape[1])).astype(np.uint8)


def noisy(picture: Bytes) -> Bytes:
    return np.clip(picture + np.random.default_rng(0).normal(0, 8, picture.shape), 0, 255).astype(np.uint8)


def ruled(picture: Bytes) -> Bytes:
    lines = np.full_like(picture, 255)
    for y in range(10, picture.shape[0] + 20, 24):
        cv2.line(lines, (0, y), (picture.shape[1], y - 12), 150, 1, cv2.LINE_AA)
    return np.minimum(picture, lines)


def squared(picture: Bytes) -> Bytes:
    return np.minimum(ruled(picture), np.ascontiguousarray(ruled(np.ascontiguousarray(picture.T)).T))


def tabled(picture: Bytes) -> Bytes:
    picture = picture.copy()
    cv2.fillPoly(picture, [np.array([[0, 0], [18, 0], [8, picture.shape[0]], [0, picture.shape[0]]])], 50)
    return picture


def specked(picture: Bytes) -> Bytes:
    picture = picture.copy()
    for x, y in ((20, 30), (200, 160), (215, 40), (60, 150), (170, 20)):
        cv2.circle(picture, (x, y), 2, 60, -1)
    return picture


def vignetted(picture: Bytes) -> Bytes:
    down, across = np.linspace(-0.5, 0.5, picture.shape[0])[:, None], np.linspace(-0.5, 0.5, picture.shape[1])
    return (picture * (1 - 1.1 * (down**2 + across**2))).astype(np.uint8)


def compressed(picture: Bytes) -> Bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=20)
    return np.asarray(Image.open(out))


def on_a_table(picture: Bytes) -> Bytes:
    return np.pad(picture, 70, constant_values=50)


def turned_on_a_table(picture: Bytes) -> Bytes:
    turn = cv2.getRotationMatrix2D((picture.shape[1] / 2, picture.shape[0] / 2), 12, 1)
    turn[:, 2] += 80
    shape = (picture.shape[1] + 160, picture.shape[0] + 160)
    return np.asarray(cv2.warpAffine(picture, turn, shape, borderValue=50), np.uint8)


def in_a_shadow(picture: Bytes) -> Bytes:
    """All but a corner in the shadow of a phone, whose edge goes through the digit."""
    down, across = np.indices(picture.shape)
    edge = cv2.GaussianBlur(np.asarray(down + across < 190, np.float32), (0, 0), 1.5)
    return np.asarray(picture * (0.4 + 0.6 * edge), np.uint8)


def below_a_shadow(picture: Bytes) -> Bytes:
    """The lower two thirds in shadow, as even as can be."""
    shadow = np.full_like(picture, 0)
    shadow[70:] = (picture[70:] * 0.4).astype(np.uint8)
    return np.asarray(np.where(shadow, shadow, picture), np.uint8)


def scanned(picture: Bytes) -> Bytes:
    picture = picture.copy()
    picture[:14], picture[:, -20:] = 10, 10
    return picture


def flashed(picture: Bytes) -> Bytes:
    """Lit by a lamp: paper is dark all around and light in the middle."""
    down, across = np.indices(picture.shape)
    near = np.exp(-(((down - 120) / 60) ** 2) - ((across - 90) / 60) ** 2)
    return np.asarray(picture * (0.45 + 0.55 * near), np.uint8)


def boxed(picture: Bytes) -> Bytes:
    return np.asarray(cv2.rectangle(picture.copy(), (64, 35), (182, 175), 90, 2), np.uint8)


def far_away(picture: Bytes) -> Bytes:
    photo = np.full((1500, 2000), picture[0, 0], np.uint8)
    photo[900:1100, 1500:1740] = picture
    return noisy(photo)


def cut_tight(picture: Bytes) -> Bytes:
    return picture[55:155, 84:156]


def stained(picture: Bytes) -> Bytes:
    """A stain at the border, which is no stroke that was cut."""
    down, across = np.indices(picture.shape)
    stain = 1 - 0.7 * np.exp(-(((down - 210) / 50) ** 2) - ((across - 10) / 50) ** 2)
    return np.asarray(picture * stain, np.uint8)


PAPERS = [
    shadowed, noisy, ruled, squared, tabled, specked, vignetted, compressed, on_a_table, turned_on_a_table,
    in_a_shadow, below_a_shadow, scanned, flashed, boxed, far_away, cut_tight,
    stained,
]  # fmt: skip


@pytest.mark.parametrize("paper", PAPERS)
def test_paper_and_light_make_little_difference(paper: Any) -> None:
    found = find_ink(paper(seven()))
    assert_normal(found)
    assert alike(found, PLAIN) > 0.9
    assert paper is not cut_tight or alike(find_ink(255 - paper(seven())), PLAIN) > 0.9


@pytest.mark.parametrize("paper", [shadowed, noisy, ruled, vignetted, compressed])
def test_two_at_once(paper: Any) -> None:
    assert alike(find_ink(paper(shadowed(seven(stroke=6)))), PLAIN) > 0.85


@pytest.mark.parametrize("ink", [[35, 45, 130], [180, 40, 40], [30, 110, 60], [120, 120, 120]])
@pytest.mark.parametrize("paper", [[240, 240, 240], [235, 215, 140], [205, 215, 235]])
def test_pens_and_papers_of_all_colours(ink: list[int], paper: list[int]) -> None:
    cover = (255 - seven(paper=255, ink=0))[..., None] / 255
    picture = (cover * ink + (1 - cover) * paper).astype(np.uint8)
    assert alike(find_ink(picture), PLAIN) > 0.95


@pytest.mark.parametrize(
    ("paper", "ink"), [(0, 255), (5, 60), (40, 200), (255, 0), (255, 200), (120, 95), (120, 150)]
)
def test_dark_on_light_and_light_on_dark(paper: int, ink: int) -> None:
    picture = seven(paper=paper, ink=ink)
    assert ink_is_dark(picture) == (ink < paper)
    assert alike(find_ink(picture), PLAIN) > 0.95
    assert alike(find_ink(picture, ink="dark" if ink < paper else "light"), PLAIN) > 0.95


@pytest.mark.parametrize("stroke", [1, 2, 4, 9, 14, 20])
def test_thin_and_thick_strokes_become_usual(stroke: int) -> None:
    found = find_ink(seven(stroke=stroke)).astype(float) / 255
    assert found.max() == 1
    # this 7 is about 42 pixels long in this form, and MNIST's strokes are 2 to 4 wide
    assert 1.9 < found.sum() / 42 < 4


@pytest.mark.parametrize("scale", [0.12, 0.2, 0.5, 3.0, 8.0])
def test_size_makes_little_difference(scale: float) -> None:
    picture = cv2.resize(seven(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert alike(find_ink(picture), PLAIN) > 0.85


@pytest.mark.parametrize("scale", [0.6, 1.0, 3.0])
@pytest.mark.parametrize("stroke", [9, 14, 18])
def test_a_digit_whose_strokes_lie_on_the_border(stroke: int, scale: float) -> None:
    picture = cv2.resize(seven(stroke=stroke), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    whole = find_ink(picture)
    x, y, wide, high = cv2.boundingRect(255 - seven(stroke=stroke, paper=255))
    top, bottom, left, right = (int(scale * side) for side in (y, y + high, x, x + wide))
    tight = cv2.GaussianBlur(picture, (0, 0), 2 * scale)[top:bottom, left:right]
    assert alike(find_ink(tight), whole) > 0.8
    assert alike(find_ink(255 - tight), whole) > 0.8


def test_parts_of_a_digit_stay_together() -> None:
    picture = np.full((200, 200), 240, np.uint8)
    cv2.line(picture, (80, 68), (130, 68), 30, 8)  # the bar of a 5, loose
    cv2.ellipse(picture, (95, 120), (30, 35), 0, -120, 140, 30, 8)
    high, _ = box(find_ink(picture))
    assert high == 20
    assert find_ink(picture)[:8].any()
    without_bar = picture.copy()
    without_bar[60:75] = 240
    assert alike(find_ink(picture), find_ink(without_bar)) < 0.8


def test_strokes_drawn_as_outlines_are_filled() -> None:
    picture = np.full((200, 200), 255, np.uint8)
    cv2.rectangle(picture, (90, 30), (112, 170), 0, 2)
    found = find_ink(picture)
    assert found[14, 14] > 200
    cv2.ellipse(ring := np.full((200, 200), 255, np.uint8), (100, 100), (40, 60), 0, 0, 360, 0, 5)
    assert find_ink(ring)[14, 14] == 0


def test_the_loop_of_a_thin_nine_stays_open() -> None:
    picture = np.full((300, 300), 255, np.uint8)
    cv2.circle(picture, (150, 70), 20, 0, 3)
    cv2.line(picture, (170, 70), (160, 240), 0, 3)
    found = find_ink(picture)
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    loop = found[rows[0] : rows[0] + 5, columns[0] : columns[-1] + 1]
    assert loop[2].argmin() not in (0, loop.shape[1] - 1)
    assert loop[2].min() < 128


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize(
    "shape", [(1, 1), (3, 3), (28, 28), (200, 300), (1, 500), (500, 1), (40, 40, 3), (40, 40, 1)]
)
def test_a_blank_page_is_empty(value: int, shape: tuple[int, ...]) -> None:
    for ink in ("auto", "dark", "light", "keep"):
        found = find_ink(np.full(shape, value, np.uint8), ink=ink)
        assert found.shape == (28, 28)
        assert not found.any()


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        arrays(np.uint8, st.tuples(st.integers(0, 40), st.integers(0, 40))),
        arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30), st.sampled_from([1, 3]))),
        arrays(
            np.uint8,
            st.tuples(st.integers(90, 110), st.integers(1, 120)),
            elements=st.sampled_from([0, 7, 90, 255]),
        ),
    ),
    st.sampled_from(["auto", "dark", "light", "keep"]),
)
def test_nothing_fails(picture: Bytes, ink: str) -> None:
    before = picture.copy()
    found = find_ink(picture, ink=ink)
    assert found.shape == (28, 28)
    assert found.dtype == np.uint8
    assert np.array_equal(picture, before)
    assert isinstance(ink_is_dark(picture), bool)


def test_views_read_only_pictures_and_odd_shapes() -> None:
    for shape in [(2, 3000), (3000, 2), (1, 20000), (700, 900)]:
        assert find_ink(np.random.default_rng(0).integers(0, 256, shape, np.uint8)).shape == (28, 28)
    wide = np.repeat(np.repeat(seven(), 2, axis=0), 2, axis=1)
    assert np.array_equal(find_ink(wide[::2, ::2]), PLAIN)
    fixed = seven()
    fixed.flags.writeable = False
    assert np.array_equal(find_ink(fixed), PLAIN)
    assert np.array_equal(find_ink(np.asfortranarray(seven())), PLAIN)
    assert alike(find_ink(np.repeat(seven()[..., None], 3, axis=2)), PLAIN) > 0.999


def test_paper_around_a_box_or_bold_strokes_is_paper() -> None:
    box = cv2.rectangle(np.full((240, 240), 255, np.uint8), (24, 24), (216, 216), 0, 8)
    cv2.putText(box, "4", (90, 155), 0, 3, 0, 8)
    letter = np.full((90, 66), 255, np.uint8)  # an E
    letter[6:84, 6:60] = 0
    letter[20:38, 24:60] = letter[52:70, 24:60] = 255
    square = np.pad(np.zeros((50, 50), np.uint8), 5, constant_values=255)
    for picture in (box, letter, square):
        assert ink_is_dark(picture)
    for picture in (box, letter, square):
        assert not ink_is_dark(255 - picture)


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_ink_is_dark_of_a_blank(size: int) -> None:
    assert ink_is_dark(np.full((size, size), 250, np.uint8))
    assert not ink_is_dark(np.full((size, size), 5, np.uint8))


def test_small_drawings_that_touch_their_border_are_whole() -> None:
    # A ring from border to border, as scikit-learn's digits of 8 x 8 are cut.
    ring = np.zeros((8, 8), np.uint8)
    ring[:, 2:6] = 220
    ring[2:6, 3:5] = 0
    for picture in (ring, 255 - ring):
        found = find_ink(picture)
        rows, columns = np.flatnonzero(found.max(axis=1) > 60), np.flatnonzero(found.max(axis=0) > 60)
        assert rows[-1] - rows[0] + 1 >= 18  # its whole height
        assert found[rows[0] + 8 : rows[-1] - 8, 14].max() < 128 <= found.max()  # and its hole
        assert columns[-1] - columns[0] < 14


def test_small_drawings_that_touch_their_border_may_be_on_coloured_paper() -> None:
    areas = []
    for ink, paper in (
        ((0, 0, 0), (255, 255, 255)),
        ((255, 255, 255), (255, 0, 0)),
        ((255, 0, 0), (255, 255, 0)),
    ):
        drawing = np.full((40, 40, 3), paper, np.uint8)
        drawing[:, 18:22] = ink
        areas.append(int((find_ink(drawing) > 127).sum()))
    assert max(areas) <= 1.2 * min(areas), areas
    # A border of two shades, and none of them the one between.
    odd = np.full((8, 8, 3), 100, np.uint8)
    odd[0, :3] = 200
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        find_ink(odd, ink="dark")


def page_of(digits: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return digits in a row, as somebody may have written them."""
    page = np.full((150, 60 + 90 * digits), 235, np.uint8)
    for i in range(digits):
        place = (35 + 90 * i, 110)
        cv2.putText(page, str(random.integers(0, 10)), place, cv2.FONT_HERSHEY_SIMPLEX, 3, 40, 6, cv2.LINE_AA)
    return np.clip(page + random.normal(0, 3, page.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("digits", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("light", [False, True])
def test_no_ink_and_several_things_are_said(digits: int, light: bool) -> None:
    column = ImageColumn(size=(28, 28), channels=1, fit="ink", ink="auto")
    said = {0: ("no ink was found",), 1: ()}.get(
        digits, (f"several things were found ({digits}), and one was read",)
    )
    for seed in range(4):
        page = page_of(digits, np.random.default_rng(seed))
        _, facts = column.encode_with_facts(255 - page if light else page)
        assert facts.things == digits
        assert column.remarks_on(facts) == said


@pytest.mark.parametrize("noise", [4, 8, 14])
@pytest.mark.parametrize("uneven", [False, True])
def test_the_grain_of_a_blank_page_is_no_ink(noise: float, uneven: bool) -> None:
    column = ImageColumn(size=(28, 28), channels=1, fit="ink", ink="auto")
    random = np.random.default_rng(0)
    for _ in range(4):
        page = np.linspace(120, 230, 400)[None] if uneven else np.full((1, 400), 215.0)
        page = np.clip(page + random.normal(0, noise, (300, 400)), 0, 255).astype(np.uint8)
        assert column.remarks_on(column.encode_with_facts(page)[1]) == ("no ink was found",)


def test_it_is_said_in_the_data() -> None:
    random = np.random.default_rng(0)
    pages = [page_of(n, random) for n in (1, 1, 1, 1, 0, 2, 1, 3, 1, 1)]
    column = ImageColumn(size=(28, 28), channels=1, fit="ink", ink="auto")
    examples = from_arrays(image=pages, label=list("ababababab"))
    found = check_prepared(prepare(examples, {"image": column}, {"label": CategoryColumn()}))
    said = [f.message for f in found if f.code in ("blank", "several")]
    assert said[0].startswith("no ink was found in 1 picture: image[4]")
    assert said[1].startswith(
        "several things were found in 2 pictures, and one of each is read: image[5], image[7]"
    )
