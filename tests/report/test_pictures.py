"""The pictures: PNG files that show what they should, with names that can be drawn."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hornbook.report import pictures
from hornbook.report.html import Report
from tests.report.test_html import HOSTILE, report_on


def opened(png: bytes) -> np.ndarray[Any, Any]:
    assert png.startswith(b"\x89PNG")
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


@pytest.fixture(scope="module")
def report() -> Report:
    return report_on(("a", "b", *HOSTILE))


def test_all_are_written(report: Report, tmp_path: Path) -> None:
    made = pictures.write_pictures(tmp_path / "pictures", report)
    assert [path.stem for path in made] == ["look", "curves", "confusion", "coverage", "mistakes"]
    for path in made:
        shown = opened(path.read_bytes())
        assert shown[..., 3].max() == 255 and shown[..., 3].min() == 0


def test_nothing_is_written_of_nothing(tmp_path: Path) -> None:
    assert pictures.write_pictures(tmp_path, Report(title="x")) == []


def test_the_ground_can_be_filled(report: Report) -> None:
    assert opened(pictures.curves(report.history, ground="white"))[..., 3].min() == 255


def test_examples_are_drawn_pixel_for_pixel() -> None:
    """A red square of one pixel grows to a sharp red square."""
    small = np.zeros((8, 8, 3), np.uint8)
    small[4, 4] = [255, 0, 0]
    shown = opened(pictures.augmented([small], [[small, small]]))
    red = (shown[..., 0] > 250) & (shown[..., 1] < 5) & (shown[..., 2] < 5) & (shown[..., 3] == 255)
    side = 0.95 * pictures.DPI / 8
    assert red.sum() == pytest.approx(3 * side * side, rel=0.2)


def test_wide_pictures_stay_on_the_page() -> None:
    wide = np.full((10, 400, 1), 255, np.uint8)
    assert opened(pictures.augmented([wide], [[wide]])).shape[1] > 0
    report = report_on(("a", "b"), picture=lambda row: wide)
    assert report.findings is not None and report.picture is not None
    opened(pictures.look(report.findings, report.picture, report.samples))
    opened(pictures.mistakes(report.evaluations["label"], report.picture))  # type: ignore[arg-type]


def test_many_classes() -> None:
    report = report_on(tuple(f"class {i}" for i in range(50)), rows=200)
    assert report.findings is not None
    opened(pictures.look(report.findings, report.pixels, report.samples))
    opened(pictures.confusion(report.evaluations["label"]))  # type: ignore[arg-type]


def test_names_without_a_font_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures._family.cache_clear()
    monkeypatch.setattr(pictures, "FONTS", ())
    assert pictures.drawable(["cat", "été", "\U0001f9ff猫"]) == ["cat", "été", "no. 3"]
    pictures._family.cache_clear()


def test_pyplot_is_not_loaded() -> None:
    assert "matplotlib.pyplot" not in sys.modules


def test_dollars_in_names_are_no_formulas(tmp_path: Path) -> None:
    report = report_on(("$0_$10", "a_$^$", r"$\x$", "5 $"))
    assert len(pictures.write_pictures(tmp_path, report)) == 5
    assert pictures.drawable(["$0_$10"]) == [r"\$0_\$10"]
