"""Faces on the served page: every one that is found, with its box and its answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hornbook.recognizer import load
from hornbook.recognizer.faces import each
from hornbook.serve.about import about_model
from hornbook.serve.page import page
from tests.conftest import Ran
from tests.people import enrolled
from tests.serve.browser import in_browser
from tests.serve.test_serve import Running


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """Return a run that tells two people apart."""
    return enrolled(tmp_path_factory.mktemp("people"), shared)


@pytest.fixture(scope="module")
def running(run: Path, finished: Path) -> Iterator[Running]:
    found = Running({"people": run, "shapes": finished})
    yield found
    found.close()


def test_the_faces_are_those_of_the_command(running: Running, run: Path, shared: Path, ran: Ran) -> None:
    photo = shared / "faces" / "two_people.jpg"
    said = running.ask("POST", "/predict?faces=1&top=2", photo.read_bytes()).json
    (line,) = ran(
        ["faces", str(photo), "--with", str(run), "--json", "--weights", str(shared / "models")]
    ).out.splitlines()
    theirs = json.loads(line)
    assert said["size"] == theirs["size"]
    assert [f["box"] for f in said["faces"]] == [f["box"] for f in theirs["faces"]]
    names = [[f["answers"]["label"]["value"] for f in one["faces"]] for one in (said, theirs)]
    assert names[0] == names[1] and set(names[0]) == {"obama", "biden"}
    assert said["label"] == running.ask("POST", "/predict?top=2", photo.read_bytes()).json["label"]
    in_json = {"image": "data:image/jpeg;base64," + base64.b64encode(photo.read_bytes()).decode()}
    assert running.json(in_json, "/predict?faces=1&top=2").json["faces"] == said["faces"]


def test_of_a_crowd_the_surest_are_read(run: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(each, "MOST_FACES", 3)
    found = each.each_face(load(run), shared / "faces" / "solvay_1927.jpg")
    assert len(found.faces) == len(found.read) == 3


def test_what_cannot_be_is_one_sentence(running: Running, shared: Path) -> None:
    photo = (shared / "faces" / "two_people.jpg").read_bytes()
    other = running.ask("POST", "/predict?faces=1&model=shapes", photo)
    assert other.status == 400 and "does not look for faces" in other.json["error"]
    many = running.json(["a", "b"], "/predict?faces=1")
    assert many.status in (400, 422) and "error" in many.json
    none = running.ask("POST", "/predict?faces=1", (shared / "faces" / "dogs.jpg").read_bytes())
    assert none.status == 422 and "no face" in none.json["error"]
    broken = running.ask("POST", "/predict?faces=1", b"\x89PNG\r\n\x1a\n")
    assert broken.status == 422 and "error" in broken.json
    for path in ("/etc/hostname", str(shared / "faces" / "obama.jpg")):
        assert running.json({"image": path}, "/predict?faces=1").status == 422


def test_the_page_asks_for_faces_where_they_are_looked_for(run: Path, finished: Path) -> None:
    assert about_model(load(run))["inputs"]["image"]["faces"] is True
    assert all("faces" not in kind for kind in about_model(load(finished))["inputs"].values())


FACES = """
const real = window.fetch, asked = [];
window.fetch = async (path) => {
  asked.push(path);
  return new Response(JSON.stringify(path.startsWith("/about") ? ABOUT : SAID));
};
await start();
const pad = Object.assign(document.createElement("canvas"), { width: 400, height: 300 });
const blob = await new Promise((done) => pad.toBlob(done, "image/png")), data = new DataTransfer();
data.items.add(new File([blob], "a.png", { type: "image/png" }));
const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
document.querySelector(".drop").dispatchEvent(drop);
const canvas = await until(() => document.querySelector("canvas.crowd"));
const pixel = (x, y) => [...canvas.getContext("2d").getImageData(x, y, 1, 1).data];
await until(() => pixel(50, 100)[3] === 255);
const drawn = [pixel(50, 100), pixel(250, 100), pixel(200, 250)];
document.querySelectorAll("ol.crowd summary")[1].focus();
const chosen = [pixel(50, 100), pixel(250, 100)];
const all = (what) => [...document.querySelectorAll(what)], lines = all("ol.crowd summary").map((n) => n.textContent);
const out = { asked, drawn, chosen, lines, label: canvas.getAttribute("aria-label") };
Object.assign(out, { bars: all("ol.crowd .bar").length, pad: all("canvas.pad").length });
window.fetch = real;
return out;
"""


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_each_face_has_a_box_and_its_answers(language: str) -> None:
    answers = [
        {"label": {"value": v, "confidence": c, "top": [[v, c], ["x", 1 - c]]}}
        for v, c in (("anna", 0.9), ("ben", 0.75))
    ]
    boxes = [[50, 60, 80, 90], [250, 60, 80, 90]]
    said = {
        "size": [400, 300],
        "faces": [{"box": b, "score": 0.9, "answers": a} for b, a in zip(boxes, answers, strict=True)],
        **answers[0],
    }
    about = {
        "recipe": "people",
        "inputs": {"image": {"type": "image", "medium": "picture", "faces": True}},
        "targets": {"label": {"type": "category", "choices": ["anna", "ben"]}},
    }
    script = FACES.replace("ABOUT", json.dumps({"models": {"people": about}})).replace(
        "SAID", json.dumps(said)
    )
    found = in_browser("chromium", page()[0], script, language=language, size=(390, 800))
    assert found["asked"] == ["/about", "/predict?top=5&seen=1&faces=1&model=people"]
    assert found["lines"] == ["anna 90 %", "ben 75 %"]
    assert found["bars"] == 4 and found["pad"] == 0
    assert found["label"].startswith("2 ")
    first, second, outside = found["drawn"]
    assert first[:3] == [255, 176, 0] and second[:3] == [74, 163, 255] and outside[3] == 0
    assert found["chosen"][0][3] == 0 and found["chosen"][1][:3] == [74, 163, 255]
