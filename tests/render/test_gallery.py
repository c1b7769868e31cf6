"""Pictures beside what was made of them, with an answer in any writing."""

from __future__ import annotations

import numpy as np
import pytest

from hornbook.render import gallery


@pytest.mark.parametrize("shape", [(1, 1, 1), (28, 28, 1), (3, 400, 3), (600, 20, 3)])
def test_both_are_on_the_page_and_small_ones_are_enlarged_by_whole_pixels(shape: tuple[int, ...]) -> None:
    given = np.zeros(shape, np.uint8)
    page = np.asarray(gallery.beside(np.full((40, 60, 3), 200, np.uint8), given, "7   99 %"))
    assert (page[:, : gallery.MARGIN] == 255).all() and (page == 200).any()
    dark = (page == 0).all(axis=2).any(axis=0).nonzero()[0]
    assert dark.max() - dark.min() < 2 * gallery.SIDE + gallery.MARGIN


@pytest.mark.parametrize(
    "said", ["7   99.8 %", "\u00e9t\u00e9  5 %", "\u732b", "\U0010fffe", "\u0434\u043e\u043c"]
)
def test_a_text_is_written_in_a_font_that_has_it_or_as_escapes(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    font, text = gallery.written(said)
    assert text in (said, said.encode("latin-1", "backslashreplace").decode("latin-1"))
    assert font.getbbox(text)[2] > 0
    monkeypatch.setattr(gallery, "FONTS", ())
    assert gallery.written(said)[1] == said.encode("latin-1", "backslashreplace").decode("latin-1")
