"""Animations and files of several pages: which of their frames is read, and that it is said."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hornbook.checks.check import check_prepared
from hornbook.columns import ImageColumn
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.image.files.open import open_picture
from hornbook.errors import DataError
from hornbook.examples.prepare import prepare
from hornbook.sources import from_arrays

SHADES = [(250, 40), (250, 250), (130, 250)]
"""Left and right half of each of three frames."""


def frame(left: int, right: int) -> Image.Image:
    picture = np.full((16, 16), left, np.uint8)
    picture[:, 8:] = right
    return Image.fromarray(picture)


def animation(kind: str, frames: list[Image.Image] | None = None) -> bytes:
    first, *rest = frames or [frame(*shades) for shades in SHADES]
    out = io.BytesIO()
    more: dict[str, Any] = (
        {"lossless": True} if kind == "WEBP" else {"optimize": False} if kind == "GIF" else {}
    )
    first.save(out, kind, save_all=True, append_images=rest, duration=100, **more)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("which", "wanted"),
    [("first", (250, 40)), ("last", (130, 250)), ("mean", (210, 180)), ("darkest", (130, 40))],
)
def test_frames(kind: str, which: Any, wanted: tuple[int, int]) -> None:
    data = animation(kind)
    for source in (data, Image.open(io.BytesIO(data))):
        picture = np.asarray(open_picture(source, frame=which).convert("L")).astype(int)
        assert np.abs(np.array([picture[8, 2], picture[8, 13]]) - wanted).max() <= 2
    assert ImageColumn(frame=which).encode_with_facts(data)[1].frames == 3


def test_it_is_said_in_the_data_and_beside_an_answer() -> None:
    examples = from_arrays(
        image=[animation("GIF")] * 6 + [animation("GIF", [frame(0, 9)])] * 2, label=list("abababab")
    )
    found = check_prepared(prepare(examples, {"image": ImageColumn()}, {"label": CategoryColumn()}))
    (said,) = (f.message for f in found if f.code == "frames")
    assert said.startswith("6 pictures have 3 frames, of which the first is read: image[0]")
    assert "inputs.image.frame may be first, last, mean or darkest" in said
    for which, remarks in (("first", ("of its 3 frames the first was read",)), ("mean", ())):
        column = ImageColumn(frame=which)  # type: ignore[arg-type]
        assert column.remarks_on(column.encode_with_facts(animation("GIF"))[1]) == remarks


def test_pages_of_several_sizes_are_not_put_together() -> None:
    pages = animation("TIFF", [frame(0, 9), frame(0, 9).resize((5, 5))])
    with pytest.raises(DataError, match=r"x\.tif has frames of different sizes"):
        open_picture(pages, frame="darkest", name="x.tif")
    assert open_picture(pages, frame="last").size == (5, 5)


def test_a_bomb_of_frames_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hornbook.columns.image.files.frames.MOST_PIXELS", 700)
    with pytest.raises(DataError, match="has 3 frames of 16 x 16 pixels, too many"):
        open_picture(animation("GIF"), frame="mean")
