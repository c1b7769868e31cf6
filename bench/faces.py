"""Faces: what is found in photos, how fast, and in a film; one JSON line each.

    python -m bench.faces ../shared/data [RUN ...]

Needs the shared data: ``faces/`` and ``models/``. Times are the best of five, beside OpenCV's own ``FaceDetectorYN`` on
the same pixels in the same process. ``people`` is trained here; of runs that are named, of `expression` or `gender_age`
say, it prints how they were judged, and how long the whole command takes that asks all of them of a photo of 24 faces.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tests.people import enrolled

import hornbook
from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import boxes_of, overlaps
from hornbook.columns.image.face.find import yunet
from hornbook.recognizer.faces.found import FacesIn
from hornbook.recognizer.writing.follow import Follower
from hornbook.sources.film.open import open_film
from hornbook.sources.film.write import FilmWriter

TIMES = 5


def pixels(path: Path) -> Array:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def found(data: Path) -> None:
    """Marked faces, false ones, and crowds."""
    marked = hits = false = 0
    for image in ET.parse(data / "faces" / "group_boxes.xml").iter("image"):
        names = ("left", "top", "width", "height")
        boxes = np.array([[float(b.get(k, 0)) for k in names] for b in image.iter("box")])
        shares = overlaps(
            boxes,
            boxes_of(hornbook.find_faces(data / "faces" / str(image.get("file")), weights=data / "models")),
        )
        marked, hits = marked + len(boxes), hits + int((shares.max(1) > 0.5).sum())
        false += int((shares.max(0) < 0.3).sum())
    print(json.dumps({"what": "group photos", "marked": marked, "found": hits, "false over 0.8": false}))
    for name in ("dogs", "solvay_1927", "bald_guys", "selfie_six_people", "two_people", "obama", "biden"):
        count = len(hornbook.find_faces(data / "faces" / f"{name}.jpg", weights=data / "models"))
        print(json.dumps({"what": name, "found": count}))


def best(step: Callable[[], object]) -> tuple[float, float]:
    """Return the milliseconds of the fastest of some times, and those of the processor, the first not counted."""
    step()
    spent = []
    for _ in range(TIMES):
        begin, work = time.perf_counter(), time.process_time()
        step()
        spent.append((time.perf_counter() - begin, time.process_time() - work))
    return 1000 * min(s for s, _ in spent), 1000 * min(w for _, w in spent)


def speed(data: Path) -> None:
    """A photo and a frame, beside the bare detector of OpenCV on the same pixels."""
    ours = yunet(str(data / "models"))
    photo = cv2.resize(
        pixels(data / "faces" / "selfie_six_people.jpg"), (1280, 960), interpolation=cv2.INTER_AREA
    )
    with open_film(data / "faces" / "clip_with_faces.mp4") as film:
        frame = next(film.frames())
    for what, picture, step in (
        ("photo of 1280 x 960", photo, lambda: ours.find(photo)),
        ("frame of 640 x 360", frame, lambda: ours.in_frame(frame)),
    ):
        size = (picture.shape[1], picture.shape[0])
        model = str(data / "models" / "face_detection_yunet_2023mar.onnx")
        theirs = cv2.FaceDetectorYN.create(model, "", size, 0.6)
        blue = np.ascontiguousarray(picture[..., ::-1])
        mine, bare = best(step), best(lambda theirs=theirs, blue=blue: theirs.detect(blue))  # type: ignore[misc]
        line = {"what": what, "ms": round(mine[0], 1), "FaceDetectorYN ms": round(bare[0], 1)}
        line |= {"processor ms": round(mine[1], 1), "FaceDetectorYN processor ms": round(bare[1], 1)}
        print(json.dumps({**line, "times as fast": round(bare[0] / mine[0], 2)}))


def film(data: Path) -> None:
    """The clip, found, followed and written."""
    with tempfile.TemporaryDirectory() as folder, open_film(data / "faces" / "clip_with_faces.mp4") as clip:
        follower = Follower(yunet(str(data / "models")), clip.rate)
        begin, work = time.perf_counter(), time.process_time()
        with FilmWriter(Path(folder) / "clip.mp4", clip.rate, clip.size) as writer:
            for frame in clip.frames():
                follower.next(frame)
                writer.add(frame)
        spent, worked = time.perf_counter() - begin, time.process_time() - work
        tracks = [(t.number, t.first, t.last, t.seen) for t in follower.close()]
    line = {"what": "clip", "frames": clip.read, "frames/s": round(clip.read / spent, 1)}
    print(
        json.dumps({**line, "frames a second of processor": round(clip.read / worked, 1), "tracks": tracks})
    )


def people(data: Path) -> None:
    """Each person told from the others, and strangers nobody."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        run = enrolled(Path(folder), data)
        line: dict[str, object] = {"what": "people", "enrolled in s": round(time.perf_counter() - begin, 1)}
        look = FacesIn(weights=str(data / "models"), recognizers=[str(run)])
        for name in ("two_people", "obama_and_biden", "selfie_six_people", "2008_001322"):
            seen = look.at(name, data / "faces" / f"{name}.jpg")
            line[name] = [read.predictions["label"].value for read in seen.read]
    print(json.dumps(line))


def learned(data: Path, runs: list[str]) -> None:
    """How runs were judged, and the whole command that asks all of them."""
    for run in runs:
        judged = json.loads((Path(run) / "metrics.json").read_text("utf-8"))
        for target, one in judged["evaluations"].items():
            metrics = {name: round(value, 4) for name, value in one["metrics"].items()}
            line = {"what": judged["recipe"], "target": target, "rows": one["rows"], **metrics}
            print(json.dumps({**line, "interval": [round(v, 4) for v in one["interval"]]}))
    command = [sys.executable, "-m", "hornbook", "faces", str(data / "faces" / "bald_guys.jpg")]
    seconds = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        words = [*command, "--weights", str(data / "models"), "--with", *runs]
        subprocess.run(words, check=True, capture_output=True)
        seconds.append(round(time.perf_counter() - begin, 2))
    print(json.dumps({"what": "24 faces, whole command", "recognizers": len(runs), "s": sorted(seconds)}))


if __name__ == "__main__":
    place = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    found(place)
    speed(place)
    film(place)
    people(place)
    if sys.argv[2:]:
        learned(place, sys.argv[2:])
