"""The page without a server: it prepares, computes and reads as Python does; in node, and in two browsers."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

import hornbook
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.page import page_of
from hornbook.columns.sequence.column import SequenceColumn
from hornbook.columns.text.column import TextColumn
from hornbook.common.progress import Silent
from hornbook.errors import UsageError
from hornbook.recipe import recipe_names
from hornbook.recognizer import Recognizer, load
from hornbook.recognizer.signature import MOST_APART
from hornbook.serve import alone
from hornbook.serve.alone import alone_page, known_of, scripts_of
from tests.conftest import Maker, Ran
from tests.serve.browser import in_browser
from tests.serve.node import in_node, needs_node, scripts

AGREES = """
(async () => {
  const job = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const model = withData(readModel(new Uint8Array(require("fs").readFileSync(job.file))), job), out = [];
  for (const check of job.checks) out.push(await agrees(model, check, job.missing).catch((error) => error.stack));
  console.log(JSON.stringify(out));
})();
"""

OPERATORS = "console.log(JSON.stringify(Object.keys(OPERATORS)));"


def as_png(value: Any) -> Any:
    """Return a picture that only a browser decodes as one that node can."""
    if not isinstance(value, str) or not value.startswith("data:image/jpeg"):
        return value
    memory = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(value.partition(",")[2]))).save(memory, "PNG")
    return f"data:image/png;base64,{base64.b64encode(memory.getvalue()).decode()}"


def agreed(reader: Recognizer, count: int) -> list[Any]:
    """Return what the page finds of made-up values, in node."""
    known = known_of(reader, count)
    for one in known["checks"]:
        one["value"] = {name: as_png(value) for name, value in one["value"].items()}
    program = "\n".join(s.text() for s in scripts_of(reader, set(alone.RARER)))
    found: list[Any] = in_node(program + AGREES, {"file": str(reader.path), **known})
    return found


WRITTEN = {"captcha_attention", "dates", "reverse"}
"""Recipes whose answers are written token by token, which no page does."""

FACES = {"age", "gender", "gender_age", "people"}
"""Recipes that look for a face first, which no page does."""


@needs_node
@pytest.mark.parametrize("name", sorted(set(recipe_names()) - WRITTEN - FACES))
def test_the_page_answers_as_python_does_for_every_recipe(name: str, made: Maker) -> None:
    reader = load(made(name).path)
    count = 1 if name in ("captcha_alexnet", "cifar10", "captcha_cnn") else 2
    assert agreed(reader, count) == [True] * count


@needs_node
def test_a_wide_table_decided_for_a_metric_is_answered_as_in_python(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, MOST_APART + 2)).round(2)
    table = pl.DataFrame({f"g{i}": c for i, c in enumerate(x.T)})
    table = table.with_columns(label=np.where(x[:, 0] > 0.5, "fault", "good"))
    changes = ["network.name=mlp", "training.epochs=2", "metric=cost=3"]
    run = hornbook.train(table, run=tmp_path / "r", target="label", changes=changes, progress=Silent())
    reader = load(run.path)
    threshold = reader.about["targets"]["label"]["threshold"]
    assert reader.block and 0 < threshold < 0.5
    found = agreed(reader, 6)
    assert found == [True] * 6


@needs_node
def test_it_knows_what_the_engine_computes() -> None:
    few = ("engine/model", "engine/loops", "engine/operators")
    assert set(in_node(scripts(*few) + OPERATORS, None)) == alone.OPERATORS
    assert set(in_node(scripts(*few, "engine/more") + OPERATORS, None)) == alone.OPERATORS | alone.RARER


def test_what_a_page_cannot_do_is_refused(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        UsageError, match=r"words is a column of type 'text', and its Chinese words .* hornbook serve"
    ):
        page_of(TextColumn(chosen_tokenizer="jieba", known=("好",), longest=3, shortened=0), "words")
    with pytest.raises(
        UsageError, match=r'face is a column of type .image., and fit = "face" looks .* hornbook serve'
    ):
        page_of(ImageColumn(size=(8, 8), fit="face"), "face")
    with pytest.raises(UsageError, match=r"said is a column of type 'sequence', which no page prepares"):
        page_of(SequenceColumn(), "said")
    monkeypatch.setattr(alone, "OPERATORS", alone.OPERATORS - {"Conv"})
    with pytest.raises(
        UsageError, match=r"computes with 'Conv', which the page does not: give --runtime DIR"
    ):
        alone_page(load(finished), "shapes")


DRAW = """
const pad = await until(() => document.querySelector("canvas.pad"));
await until(() => document.documentElement.dataset.ready);
pad.setPointerCapture = () => {};
const box = pad.getBoundingClientRect(), at = (x, y, type) => {
  const place = { clientX: box.left + x * box.width, clientY: box.top + y * box.height };
  pad.dispatchEvent(new PointerEvent(type, { ...place, pointerId: 1, bubbles: true }));
};
at(0.5, 0.2, "pointerdown");
for (let i = 1; i <= 20; i++) at(0.5, 0.2 + i / 33, "pointermove");
at(0.5, 0.8, "pointerup");
await until(() => document.querySelector(".value"));
await wait(400);
const value = document.querySelector(".value").innerText, seen = document.querySelector(".seen img").src;
const drawn = pad.toDataURL("image/png"), bars = document.querySelectorAll(".bar").length;
return { bars, value, seen, drawn, lead: by("lead").innerText, wide: document.documentElement.scrollWidth };
"""


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_a_drawing_is_answered_in_the_browser_as_in_python(browser: str, finished: Path) -> None:
    reader = load(finished)
    found = in_browser(browser, alone_page(reader, "shapes"), DRAW, size=(390, 800))
    assert "error" not in found, found
    drawn = base64.b64decode(found["drawn"].partition(",")[2])
    answer = reader.predict(drawn)
    assert found["value"] == answer.value
    assert found["bars"] == 3
    seen = np.asarray(
        Image.open(io.BytesIO(base64.b64decode(found["seen"].partition(",")[2]))).convert("RGB")
    )
    assert answer.picture is not None
    assert np.array_equal(seen[..., : answer.picture.shape[2]], answer.picture)


FILES = """
await until(() => document.documentElement.dataset.ready);
const pad = document.querySelector("canvas.pad"), pen = pad.getContext("2d"), drop = document.querySelector(".drop");
pen.fillRect(190, 80, 30, 260);
const blob = await new Promise((done) => pad.toBlob(done, "image/jpeg")), data = new DataTransfer();
data.items.add(new File([blob], "a.jpg", { type: "image/jpeg" }));
drop.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
const dropped = (await until(() => document.querySelector(".value"))).innerText;
by("answer").replaceChildren();
const press = (said) => [...document.querySelectorAll("button")].find((node) => node.textContent === said).click();
press("摄像头");
const film = await until(() => document.querySelector("video"));
await until(() => film.videoWidth);
press("拍照");
const taken = (await until(() => document.querySelector(".value"))).innerText;
return { dropped, taken, bytes: [...new Uint8Array(await blob.arrayBuffer())] };
"""


def test_a_file_is_dropped_and_a_photo_is_taken_in_chinese(finished: Path) -> None:
    reader = load(finished)
    found = in_browser("chromium", alone_page(reader, "shapes"), FILES, language="zh-CN", dark=True)
    assert found["dropped"] == reader.predict(bytes(found["bytes"])).value
    assert found["taken"] in (reader.targets["label"].class_names() or ())


def test_a_browser_that_computes_otherwise_answers_nothing(finished: Path) -> None:
    page = alone_page(load(finished), "shapes")
    script = 'return await until(() => document.querySelector("[role=alert]")?.innerText);'
    wrong = "Math.max = Math.min;"
    assert "does not compute as it should" in in_browser("chromium", page, wrong + script)


def test_the_command_writes_one_file_that_asks_for_nothing(world: Path, ran: Ran) -> None:
    said = ran(["export", "runs/mine", "--to", "page"])
    assert said.out == "mine.html\n"
    html = (world / "mine.html").read_text("utf-8")
    assert "default-src 'none'" in html
    assert not any(word in html for word in ("http://", "https://", "eval(", "/*style*/", "/*script*/"))
    assert json.dumps(html)


def test_another_runtime_is_a_folder_with_its_files(world: Path, ran: Ran) -> None:
    asked = ["export", "runs/mine", "--to", "page", "--runtime", "dist"]
    assert "dist holds no ort.wasm.min.js" in ran(asked, 2).err
    (world / "dist").mkdir()
    for name in alone.RUNTIME_FILES.values():
        (world / "dist" / name).write_bytes(b"x")
    ran(asked)
    html = (world / "mine.html").read_text("utf-8")
    assert "'wasm-unsafe-eval'" in html
    assert all(f'id="{name}"' in html for name in ("mjs", "wasm"))
    assert (
        "--runtime is for --to page"
        in ran(["export", "runs/mine", "--to", "onnx", "--runtime", "dist"], 2).err
    )


def test_a_series_is_typed_as_numbers(made: Maker) -> None:
    reader = load(made("passengers").path)
    numbers = [float(v) for v in range(50, 62)]
    script = """
    const area = await until(() => document.querySelector("textarea"));
    area.value = NUMBERS;
    document.querySelector("#ask form button").click();
    return await until(() => document.querySelector(".value, [role=alert]")?.innerText);
    """.replace("NUMBERS", json.dumps(" ".join(map(str, numbers))))
    said = in_browser("chromium", alone_page(reader, "passengers"), script)
    assert isinstance(said, str), said
    wanted = reader.predict({"past": np.array(numbers)}).value
    assert [float(v) for v in said.split(", ")] == pytest.approx(wanted, rel=1e-3)
