"""Pictures that are answers, and sounds that are recorded: in the page, with a server and without."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hornbook.recognizer import load
from hornbook.serve.alone import alone_page
from tests.conftest import Maker
from tests.serve.browser import in_browser

PAINT = """
await until(() => document.documentElement.dataset.ready);
const pad = document.querySelector("canvas.pad"), pen = pad.getContext("2d"), drop = document.querySelector(".drop");
pen.fillStyle = "#234"; pen.fillRect(120, 80, 150, 240);
const blob = await new Promise((done) => pad.toBlob(done, "image/png")), data = new DataTransfer();
data.items.add(new File([blob], "a.png", { type: "image/png" }));
drop.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
await until(() => document.querySelector(".painted figure"));
const told = (node) => [node.innerText.trim(), node.querySelector("img").src];
const beside = [...document.querySelectorAll(".painted figure")].map(told);
const row = [...document.querySelectorAll("#rows td")].map((node) => node.innerText);
const asked = document.querySelectorAll("#answer .field").length;
return { beside, row, asked, bytes: [...new Uint8Array(await blob.arrayBuffer())] };
"""


def pixels(address: str) -> Any:
    """Return the grey values of a picture that is an address."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("L"), int)


@pytest.mark.parametrize("name", ["autoencoder", "denoise"])
def test_a_picture_that_is_an_answer_stands_beside_what_was_given(name: str, made: Maker) -> None:
    reader = load(made(name).path)
    found = in_browser("chromium", alone_page(reader, name), PAINT, size=(390, 800))
    ((seen, given), (said, painted)) = found["beside"]
    ((target, _),) = reader.targets.items()
    assert (seen, said) == ("what the network was given", target)
    answer = reader.predict(bytes(found["bytes"]))
    assert answer.picture is not None
    assert np.array_equal(pixels(given), answer.picture.squeeze())
    assert np.abs(pixels(painted) - np.asarray(answer.value.convert("L"), int)).max() <= 1
    assert found["row"][1:] == ["", ""]
    assert found["asked"] == 0


RECORD = """
await until(() => document.documentElement.dataset.ready);
const press = (said) => [...document.querySelectorAll("button")].find((node) => node.textContent === said).click();
press("record");
await until(() => [...document.querySelectorAll("button")].some((node) => node.textContent === "stop"));
await wait(2500);
press("stop");
const value = (await until(() => document.querySelector(".value, [role=alert]"))).innerText;
const bytes = past.length ? [...new Uint8Array(await past[0].input.arrayBuffer())] : [];
return { value, bytes, type: past[0]?.input.type };
"""


def test_a_sound_is_recorded_and_answered_as_in_python(made: Maker) -> None:
    reader = load(made("captcha_audio").path)
    found = in_browser("chromium", alone_page(reader, "sounds"), RECORD)
    assert found["type"] == "audio/wav", found
    answer = reader.predict(bytes(found["bytes"]))
    assert found["value"] == answer.value
