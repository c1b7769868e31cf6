"""Boxes in a picture, and the texts beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import ImageDraw

from hornbook.render.boxes import Marked, draw_boxes


def test_texts_of_faces_that_stand_close_cover_neither_each_other_nor_a_face(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[tuple[float, float, float, float]] = []
    plain = ImageDraw.ImageDraw.rectangle

    def spy(pen: ImageDraw.ImageDraw, box: Any, **how: Any) -> None:
        if how.get("fill"):
            written.append(box)
        plain(pen, box, **how)

    monkeypatch.setattr(ImageDraw.ImageDraw, "rectangle", spy)
    things = [
        Marked((60 + 95 * (i % 6), 80 + 130 * (i // 6), 60, 70), ["anna 98 %", "30-39 51 %"], colour=i)
        for i in range(18)
    ]
    draw_boxes(np.zeros((560, 720, 3), np.uint8), things)
    assert len(written) == 18

    def apart(one: Any, other: Any) -> bool:
        return bool(one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1])

    assert all(apart(a, b) for i, a in enumerate(written) for b in written[:i])
    faces = [(x, y, x + w, y + h) for x, y, w, h in (t.box for t in things)]
    assert all(apart(text, face) for text in written for face in faces)
