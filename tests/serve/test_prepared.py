"""What the page does before the network is what Python does: ink, sizes, numbers, names, texts, sounds, strings."""

from __future__ import annotations

import base64
import functools
import io
import wave
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from hornbook.columns.audio.column import AudioColumn
from hornbook.columns.base import Array, Column
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.date.column import DateColumn
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.image.ink.find import look_for_ink
from hornbook.columns.number.column import NumberColumn
from hornbook.columns.page import Script, page_of
from hornbook.columns.series.column import SeriesColumn
from hornbook.columns.text.column import TextColumn
from hornbook.errors import DataError
from hornbook.serve.alone import ENGINE, MORE
from tests.serve.node import in_node, needs_node

pytestmark = needs_node

PREPARE = """
(async () => {
  const job = JSON.parse(require("fs").readFileSync(0, "utf8")), out = [];
  for (const { column, value } of job) {
    try {
      const { array } = await COLUMNS[column.type].prepare(column, value, "the input");
      out.push([...array.data].map((x) => (Number.isNaN(x) ? null : x)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      out.push("refused");
    }
  }
  console.log(JSON.stringify(out));
})();
"""

READ = """
const job = JSON.parse(require("fs").readFileSync(0, "utf8"));
const read = ({ column, dims, data }) => COLUMNS[column.type].read(column, tensor(dims, data), 3);
console.log(JSON.stringify(job.map(read)));
"""

INK = """
const job = JSON.parse(require("fs").readFileSync(0, "utf8"));
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const found = job.map(({ h, w, c, d, ink }) => lookForInk({ h, w, c, d: bytes(d) }, ink, 28, 28));
console.log(JSON.stringify(found.map(({ ink, things }) => [[...ink], things])));
"""


def program(column: Column) -> str:
    """Return the scripts that a column needs."""
    every: tuple[Script, ...] = (*ENGINE, MORE, *page_of(column, "x").scripts())
    return "\n".join(script.text() for script in every)


def prepared(column: Column, values: list[Any]) -> list[Any]:
    """Return what the page makes of values; ``refused`` of one that it does not take."""
    known = {**column.to_json(), "page": page_of(column, "x").data()}
    job = [{"column": known, "value": value} for value in values]
    found: list[Any] = in_node(program(column) + PREPARE, job)
    return found


def by_python(column: Column, value: Any) -> Any:
    try:
        encoded = column.encode(value, "x")
    except DataError:
        return "refused"
    encoded = column.trim(encoded[None])[0]
    return [None if np.isnan(x) else x for x in np.asarray(encoded, np.float64).ravel().tolist()]


CELLS = [
    *(
        "12",
        " 2.5 ",
        "1,250",
        "1.250",
        "1,5",
        "1.234.567,8",
        "12,34,567",
        "1e5",
        "-.5",
        "+3",
        "$1,299.00",
        "(1,250.00)",
    ),
    *(
        "€ 5",
        "5 €",
        "4.6M",
        "2.9K",
        "5 kg",
        "10 lb",
        "12%",
        "1 234,5",
        "1’234.5",
        "−3",
        "1,250.00-",
        "?",
        "NA",
        "n/a",
        "",
    ),
    *(
        "none",
        "-",
        "$ -",
        "unknown",
        "abc",
        "1-2",
        "2020-01-01",
        "１２",
        "0x10",
        "1e400",
        "EUR 7",
        "7 Mio. €",
        "3万",
        "٣",
    ),
]


@pytest.mark.parametrize(
    "options",
    [
        {"decimal": ".", "thousands": ""},
        {"decimal": ",", "thousands": "."},
        {"decimal": ".", "thousands": ",", "unit": ("$", "", "K|M")},
        {"decimal": ".", "thousands": "", "unit": ("", " kg", "")},
        {"decimal": ",", "thousands": "", "unit": ("", " €", "Mio.")},
        {"decimal": ".", "words": ("unknown",), "na_values": (12.0, "abc")},
        {"decimal": ".", "log": True},
    ],
    ids=str,
)
def test_numbers_are_read_as_people_write_them(options: dict[str, Any]) -> None:
    column = NumberColumn(mean=1.0, std=1.0, missing=True, wide=False, **options)
    cells = [
        c for c in CELLS if c.isascii() or c not in ("１２", "٣")
    ]  # digits of other scripts are Python's own
    assert dict(zip(cells, prepared(column, cells), strict=True)) == {c: by_python(column, c) for c in cells}


def test_names_are_found_however_they_are_spelled() -> None:
    column = CategoryColumn(
        classes=("1", "2.5", "New York", "café", "True", "a.b"), names={"9": "New York"}, other=True
    )
    words = [
        "1",
        "1.0",
        "2.50",
        "new_york",
        " New York ",
        "NEW-YORK.",
        "cafe\u0301",
        "CAFÉ",
        "true",
        "TRUE",
        "9",
        "9.0",
        "x",
        "",
    ]
    assert prepared(column, words) == [by_python(column, word) for word in words]
    numbers = CategoryColumn(
        classes=("4 stars", "5 stars"), decimal=".", thousands="", unit=("", " stars", "")
    )
    words = ["4", "4.0 stars", "5 stars", "5 star", "6"]
    assert prepared(numbers, words) == [by_python(numbers, word) for word in words]


DATES = [
    *(
        "31/03/2024",
        "1/2/2024 10:30 PM",
        "31.12.1999T23:59:59.25",
        "Sat, 02/03/2024",
        "2024-02-29",
        "2023-02-29",
    ),
    *(
        "29/02/2023",
        "5 May 2021",
        "5. Mai 21",
        "Q3 2020",
        "2020年3月5日",
        "2021-W53",
        "2024-03-31T10:00:00+02:00",
    ),
    *(
        "",
        "0000-00-00",
        "n/a",
        "45382",
        "45382.5",
        "1711843200",
        "yesterday",
        "31/12/2024 24:00",
        "1/1/2024 25:00",
    ),
]

FORMS = ["%d/%m/%Y", "%Y-%m-%d", "%d %b %Y", "%d. %b %y", "Q%q %Y", "%Y年%m月%d日", "%G-W%V", "excel", "unix"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("zones", [(), (60, 120)])
def test_dates_are_read_in_their_form(form: str, zones: tuple[int, ...]) -> None:
    column = DateColumn(
        form=form, first_year=1960, zones=zones, shown=("days",), begin=0.0, end=2e9, missing=True
    )
    assert dict(zip(DATES, prepared(column, list(DATES)), strict=True)) == {
        d: by_python(column, d) for d in DATES
    }


TEXTS = [
    "Isn't it 5 o'clock? 很好 ",
    "  Great\r\nfood…  GREAT\tFOOD!",
    "naïve cafe\u0301 ﬁne İstanbul ΣΑΣ straße",
    "नमस्ते दुनिया שָׁלוֹם ภาษาไทย ひらがな",
    "a_b x2 3.5 😀👍🏽 --",
    "",
    "   ",
    "zzz",
]


@pytest.mark.parametrize("tokenizer", ["words", "characters"])
@pytest.mark.parametrize(
    "options", [{}, {"lowercase": False}, {"marks": True}, {"missing": True}, {"length": 5}], ids=str
)
def test_texts_are_cut_as_in_python(tokenizer: Any, options: dict[str, Any]) -> None:
    column = TextColumn(tokenizer=tokenizer, **options).learn(TEXTS[:5])
    assert prepared(column, TEXTS) == [by_python(column, text) for text in TEXTS]


def test_windows_are_the_last_rows() -> None:
    column = SeriesColumn(columns=("a", "b"), length=2, log=True)
    values = [[[1, 2], [3, 4], [5, 6.25]], [[1, 2]], [[1, 2], [3, -4]], [1, 2, 3], [[1], [2]]]
    assert prepared(column, values) == [by_python(column, value) for value in values]


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000, 22_254])
def test_sounds_are_brought_to_the_rate(rate: int) -> None:
    column = AudioColumn(sample_rate=16_000, seconds=0.3)
    sound = np.random.default_rng(rate).normal(0, 6000, (rate // 4, 2)).astype(np.int16)
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setparams((2, 2, rate, 0, "NONE", ""))
        file.writeframes(sound.tobytes())
    address = f"data:audio/wav;base64,{base64.b64encode(memory.getvalue()).decode()}"
    ((ours,), theirs) = prepared(column, [address]), column.trim(column.encode(memory.getvalue())[None])[0]
    assert len(ours) == len(theirs)
    assert np.abs(np.array(ours) - theirs).max() <= 1  # sums in another order, then rounded


@functools.cache
def drawing(kind: str, seed: int) -> Array:
    """Return a picture of strokes on paper, with what makes it hard to find them."""
    draw = np.random.default_rng(seed)
    height, width = (int(v) for v in draw.integers(150, 500, 2))
    page: Array = np.full((height, width, 3), (225, 230, 232), np.float32)
    if kind == "ruled":
        for y in range(20, height, 25):
            cv2.line(page, (0, y), (width, y + 3), (150, 160, 200), 1)
    if kind == "boxed":
        cv2.rectangle(page, (width // 5, height // 5), (4 * width // 5, 4 * height // 5), (90, 90, 90), 2)
    places = (draw.uniform(0.3, 0.7, (4, 2)) * (width, height)).astype(np.int32)
    cv2.polylines(page, [places], False, (120, 50, 40), int(draw.integers(2, 12)), cv2.LINE_AA)
    if kind == "shadow":
        page *= np.where(np.arange(width) > width // 2, 0.55, 1.0)[None, :, None]
    if kind == "lamp":
        page *= np.linspace(0.5, 1, width)[None, :, None] * np.linspace(0.7, 1, height)[:, None, None]
    if kind == "table":
        ground = np.full((2 * height, 2 * width, 3), (50, 70, 100), np.float32)
        ground[height // 2 : -height // 2, width // 2 : -width // 2] = page
        turn = cv2.getRotationMatrix2D((width, height), 8, 1)
        page = cv2.warpAffine(ground, turn, (2 * width, 2 * height), borderValue=(50, 70, 100))
    if kind == "tight":
        page = page[places[:, 1].min() : places[:, 1].max() + 1, places[:, 0].min() : places[:, 0].max() + 1]
    if kind == "chalk":
        page = 255 - page
    found = np.clip(page + draw.normal(0, 0 if kind in ("plain", "tight") else 4, page.shape), 0, 255).astype(
        np.uint8
    )
    small: Array = cv2.resize(found, (20, 26), interpolation=cv2.INTER_AREA) if kind == "tiny" else found
    return np.ascontiguousarray(small if seed % 2 else small[..., 1])


KINDS = ("plain", "ruled", "boxed", "shadow", "lamp", "table", "tight", "chalk", "tiny", "blank")


def test_ink_is_found_to_the_bit() -> None:
    pictures = [drawing(kind, seed) for kind in KINDS for seed in range(4)]
    pictures += [np.full((60, 80), 200, np.uint8), np.zeros((28, 28), np.uint8)]
    job: list[Any] = []
    theirs: list[Any] = []
    for i, picture in enumerate(pictures):
        ink = ("auto", "dark", "light")[i % 3] if i % 5 == 0 else "auto"
        height, width, channels = (*picture.shape, 1)[:3]
        packed = base64.b64encode(picture.tobytes()).decode()
        job.append({"h": height, "w": width, "c": channels, "d": packed, "ink": ink})
        found = look_for_ink(picture, ink, (28, 28))
        theirs.append([found.ink.ravel().tolist(), found.things])
    ours = in_node(program(ImageColumn(size=(28, 28), fit="ink", ink="auto")) + INK, job)
    gaps = [
        int(np.abs(np.array(o[0]) - t[0]).max()) + abs(o[1] - t[1]) for o, t in zip(ours, theirs, strict=True)
    ]
    assert sum(any(t[0]) for t in theirs) > 30
    assert gaps == [0] * len(gaps)


FITS: list[dict[str, Any]] = [
    {"fit": "stretch"},
    {"fit": "pad", "channels": 1},
    {"fit": "pad"},
    {"fit": "crop"},
    {"fit": "stretch", "ink": "auto", "channels": 1},
    {"fit": "stretch", "ink": "dark"},
    {"fit": "stretch", "channels": 1, "value_range": (0.0, 4095.0)},
]


@pytest.mark.parametrize("options", FITS, ids=str)
def test_pictures_are_decoded_and_resized_to_the_bit(options: dict[str, Any]) -> None:
    draw = np.random.default_rng(1)
    column = ImageColumn(
        size=(37, 29),
        mean=(0.5,) * options.get("channels", 3),
        std=(1.0,) * options.get("channels", 3),
        **options,
    )
    smooth = cv2.resize(draw.integers(0, 256, (9, 7, 4), np.uint8), (90, 61), interpolation=cv2.INTER_CUBIC)
    grey = smooth[..., 0]
    deep = (grey.astype(np.uint16) * 16 + draw.integers(0, 16, grey.shape)).astype(np.uint16)
    colour = smooth[..., :3]
    arrays = (grey, colour, smooth, smooth[..., :2], deep, grey[:20, :25], colour[:2])
    made = [Image.fromarray(np.ascontiguousarray(array)) for array in arrays]
    made += [Image.fromarray(colour).convert("P"), Image.fromarray(grey).convert("1")]
    addresses, theirs = [], []
    for picture in made:
        memory = io.BytesIO()
        picture.save(memory, "PNG")
        addresses.append(f"data:image/png;base64,{base64.b64encode(memory.getvalue()).decode()}")
        theirs.append(column.encode(memory.getvalue()).ravel().tolist())
    for ours, wanted in zip(prepared(column, addresses), theirs, strict=True):
        assert ours == wanted


@pytest.mark.parametrize("length", [4, (4, 4), (3, 6)])
def test_strings_are_read_as_in_python(length: Any) -> None:
    column = CharactersColumn(length=length, alphabet="0123456789ab", case="lower")
    steps, draw = (4 if isinstance(length, int) else 16), np.random.default_rng(7)
    job, theirs = [], []
    for sure in (0.3, 0.6, 0.95) * 12:
        noise = draw.dirichlet(np.full(column.outputs, 0.3), steps)
        likely = np.eye(column.outputs)[
            draw.integers(0, column.outputs, steps) * (draw.uniform(size=steps) < 0.6)
        ]
        y = (sure * likely + (1 - sure) * noise).astype(np.float32)
        job.append({"column": column.to_json(), "dims": [1, *y.shape], "data": y.ravel().tolist()})
        theirs.append(column.decode(y[None])[0])
    for ours, wanted in zip(in_node(program(column) + READ, job), theirs, strict=True):
        assert ours["value"] == wanted.value
        assert ours["confidence"] == pytest.approx(wanted.confidence, abs=1e-9)
        assert [p for _, p in ours["top"]] == pytest.approx([p for _, p in wanted.top], abs=1e-9)


def test_numbers_are_said_with_their_range_and_unit() -> None:
    job, theirs = [], []
    columns = [
        NumberColumn(mean=3.0, std=2.0, missing=False, wide=False, margin=1.5, log=True, limits=(0.0, 90.0)),
        NumberColumn(
            mean=3.0, std=2.0, missing=False, wide=False, decimal=".", unit=("$", "", "K|M"), margin=0.5
        ),
        NumberColumn(mean=3.0, std=2.0, missing=False, wide=False, decimal=",", unit=("", " €", "")),
    ]
    for column in columns:
        for number in (0.1, 12.3456789, 1234.5678, 4_600_000, 0.0):
            job.append({"column": column.to_json(), "dims": [1, 1], "data": [float(np.float32(number))]})
            theirs.append(column.decode(np.array([[number]], np.float32))[0].to_json())
    for ours, wanted in zip(in_node(program(columns[0]) + READ, job), theirs, strict=True):
        assert ours.get("said") == wanted.get("said")
        assert ours["value"] == pytest.approx(wanted["value"], rel=1e-12)
        assert ours.get("interval", []) == pytest.approx(wanted.get("interval", []), rel=1e-12)
