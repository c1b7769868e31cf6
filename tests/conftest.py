"""What all tests share: a cache folder of their own, the real data where it is, and a small world to work
in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from tests.made import Made

# A busy machine is no failure, and a change is not blamed for what chance finds elsewhere: the same inputs each time.
settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
# To look further: ``pytest --hypothesis-profile=wide``.
settings.register_profile("wide", settings.get_profile("house"), derandomize=False, max_examples=1000)
settings.load_profile("house")

TINY = ("training.epochs=1", "training.precision=float32", "network.widths=[4,8]")
"""Settings with which a run takes a second."""


def real_data() -> Path:
    """Return the folder of real data, which may not be there."""
    folder = os.environ.get("HORNBOOK_SHARED") or Path(__file__).resolve().parents[2] / "shared"
    return Path(folder) / "data"


@pytest.fixture(scope="session", autouse=True)
def session_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what is cached out of the user's cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("HORNBOOK_CACHE", str(folder))
        patch.setenv("HORNBOOK_OFFLINE", "1")  # nothing is fetched by the way
        detector = real_data() / "models" / "face_detection_yunet_2023mar.onnx"
        if detector.exists():
            (folder / "detectors").mkdir()
            shutil.copy(detector, folder / "detectors")
        yield folder


@pytest.fixture(autouse=True)
def cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path | None:
    """Give each test of what reads and keeps examples a cache folder of its own."""
    if {"checks", "examples", "make", "sources"}.isdisjoint(request.path.parts):
        return None
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


Maker = Callable[[str], "Made"]


class Said(NamedTuple):
    """What a command has printed."""

    out: str
    err: str


Ran = Callable[..., Said]


@pytest.fixture
def ran(capsys: pytest.CaptureFixture[str]) -> Ran:
    """Return what runs a command line, holds it to its exit status, and returns what it has said."""

    def run(words: list[str], status: int = 0) -> Said:
        from hornbook.cli.main import main

        assert main(words) == status
        return Said(*capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data; tests that need it are skipped where it is not there."""
    folder = real_data()
    if not folder.is_dir():
        pytest.skip(f"the real data is not there: {folder.parent} (say where it is in HORNBOOK_SHARED)")
    return folder


def shape(kind: str, seed: int) -> Image.Image:
    """Return a picture of a bar, a ring or a box: dark on light, a little different for each seed."""
    random = np.random.default_rng(seed)
    picture = Image.new("L", (24, 24), 245)
    x, y = random.integers(0, 6, 2).tolist()
    drawing = ImageDraw.Draw(picture)
    if kind == "bar":
        drawing.line((x + 8, y + 2, x + 8, y + 17), fill=20, width=3)
    elif kind == "ring":
        drawing.ellipse((x + 2, y + 2, x + 16, y + 16), outline=20, width=2)
    else:
        drawing.rectangle((x + 2, y + 2, x + 16, y + 14), fill=30)
    return picture


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of class folders, twelve pictures in each of three, for reading only."""
    folder = tmp_path_factory.mktemp("pictures") / "my_pictures"
    for kind in ("bar", "box", "ring"):
        (folder / kind).mkdir(parents=True)
        for i in range(12):
            shape(kind, 100 * len(kind) + i).save(folder / kind / f"{i:02d}.png")
    return folder


@pytest.fixture(scope="session")
def finished(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small finished run on the pictures, for reading only."""
    import hornbook
    from hornbook.common.progress import Silent

    folder = tmp_path_factory.mktemp("runs") / "shapes"
    changes = ["training.epochs=6", *TINY[1:]]
    hornbook.train(pictures, run=folder, changes=changes, progress=Silent())
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Return what gives a small recognizer of a recipe, by the name of the recipe; each is made once."""
    from tests.made import make

    known: dict[str, Made] = {}

    def of(name: str) -> Made:
        if name not in known:
            known[name] = make(name, tmp_path_factory.mktemp(name))
        return known[name]

    return of


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def world(here: Path, pictures: Path, finished: Path) -> Path:
    """Return the current folder, with `my_pictures`, `photo.jpg`, `mine.toml` and the run `runs/mine` in
    it."""
    shutil.copytree(pictures, here / "my_pictures")
    shutil.copytree(finished, here / "runs" / "mine")
    shape("ring", 5).resize((240, 240)).save(here / "photo.jpg")
    shutil.copy(finished / "recipe.toml", here / "mine.toml")
    return here
