"""The pictures: PNG files that show what they should, with names that can be drawn."""

from __future__ import annotations

import dataclasses
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hornbook.render import montage as pictures
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


@pytest.mark.parametrize(
    "classes", [("price_1_$__", "price_2_$__"), ("prices_in_$US", "prices_in_$AU"), ("$", "$$")]
)
def test_names_with_dollars_are_no_formulas_however_short(classes: tuple[str, ...], tmp_path: Path) -> None:
    assert pictures.write_pictures(tmp_path, report_on(classes))


def test_a_series_may_be_called_anything() -> None:
    from hornbook.columns.series.column import SeriesColumn
    from hornbook.columns.series.evaluation import evaluate_series
    from hornbook.report.judged_series import pieces
    from hornbook.report.pictures_series import pictures as drawn

    truth = np.arange(60, dtype=float).reshape(20, 3, 1)
    column = SeriesColumn(horizon=1)
    found = evaluate_series(
        "US$_/_A$",
        "test",
        column,
        truth[12:, 0],
        truth[12:],
        training_truth=truth[:8],
        rows=np.arange(12, 20),
    )
    assert opened(drawn(found)["forecasts"]).size
    line, forecasts, start = pieces(found)
    assert (found.gap, start, len(line)) == (4, 12, 20)
    assert np.isnan(line[8:12]).all() and not np.isnan(line[:8] + line[12:]).any()
    assert forecasts[0][0] == [12]
    long = dataclasses.replace(found, gap=1_000_000)
    assert len(pieces(long)[0]) < 22  # what is learned and judged stays to be seen
    again = type(found).from_json(found.to_json())
    assert getattr(again, "gap", None) == 4


def test_pictures_with_numbers_are_shown_from_the_least_to_the_largest() -> None:
    from hornbook.checks.check import check_prepared
    from hornbook.checks.samples import samples
    from hornbook.columns import ImageColumn, NumberColumn
    from hornbook.examples.prepare import prepare
    from hornbook.sources import from_arrays

    random = np.random.default_rng(0)
    image = random.integers(0, 256, (60, 8, 8), dtype=np.uint8)
    examples = from_arrays(image=image, age=[float(i % 50) for i in range(60)])
    ready = prepare(examples, {"image": ImageColumn(size=(8, 8), channels=1)}, {"age": NumberColumn()}, {})
    shown = samples(ready)
    assert list(shown) == sorted(shown, key=float) and len(shown) > 15
    column = ready.inputs["image"]

    def picture(row: int) -> Any:
        return column.picture(ready.arrays["image"].take(np.array([row]))[0])

    page = opened(pictures.look(check_prepared(ready), picture, shown, ground="white"))
    empty = opened(pictures.look(check_prepared(ready), lambda row: None, shown, ground="white"))
    assert (page != empty).any(axis=-1).mean() > 0.05
