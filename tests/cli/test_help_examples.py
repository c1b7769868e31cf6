"""Every example in the help of a command is run."""

from __future__ import annotations

import shlex
import shutil
import socket
import webbrowser
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from hornbook.cli.main import COMMANDS, command, main
from hornbook.serve.server import Server
from tests.cli.test_codes import VAE, trained
from tests.cli.test_predict_pictures import RECIPE
from tests.conftest import TINY
from tests.sources.film.make import film
from tests.training.test_sequences import DATA, recipe, series

EXAMPLES = [
    line.strip()
    for name in COMMANDS
    for line in (command(name).__doc__ or "").partition("--------\n")[2].splitlines()
    if line.strip()
]


def test_every_command_has_examples() -> None:
    assert {line.split()[1] for line in EXAMPLES} == set(COMMANDS)
    assert all(line.startswith("hornbook ") for line in EXAMPLES)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of the recipe `digits`, as short as can be."""
    import hornbook
    from hornbook.common.progress import Silent

    folder = tmp_path_factory.mktemp("digits") / "digits"
    hornbook.train("digits", run=folder, changes=TINY, progress=Silent())
    return folder


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with tables and the runs `houses`, `reviews`, `poems` and `stock`, as short as can be."""
    import hornbook
    from hornbook.common.progress import Silent

    folder = tmp_path_factory.mktemp("tables")
    sizes = [50 + 7 * i % 130 for i in range(40)]
    houses = "".join(f"{s},{1 + i % 4},{3000 * s + 9000 * (i % 5)}\n" for i, s in enumerate(sizes))
    (folder / "houses.csv").write_text("size,rooms,price\n" + houses)
    (folder / "new.csv").write_text("size,rooms\n100,3\n80,2\n")
    (folder / "in").mkdir()
    for i in range(3):
        pl.DataFrame({"size": sizes, "rooms": [i] * 40}).write_parquet(folder / "in" / f"{i}.parquet")
    said = "".join(f"{'great' if i % 2 else 'awful'} food on day {i} of all,{i % 2}\n" for i in range(40))
    (folder / "reviews.csv").write_text("text,label\n" + said)
    changes = [*TINY[:2], "split.validation=0.2"]
    network = [*changes, "network.name=mlp"]  # of trees alone there are no codes
    hornbook.train(
        folder / "houses.csv", run=folder / "houses", target="price", changes=network, progress=Silent()
    )
    hornbook.train(folder / "reviews.csv", run=folder / "reviews", changes=changes, progress=Silent())
    series().table.write_csv(folder / "prices.csv")
    for run, kind in (("poems", "poems"), ("stock", "series")):
        hornbook.train(DATA[kind](), recipe=recipe(kind, epochs=1), run=folder / run, progress=Silent())
    return folder


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the runs `autoencoder`, `vae` and `clean`, pictures for them and their codes."""
    folder = tmp_path_factory.mktemp("drawing")
    (folder / "runs").mkdir()
    for name, made in (("autoencoder", RECIPE), ("vae", VAE)):
        (folder / name).mkdir()
        trained(folder / name, made)
        shutil.move(folder / name / "run", folder / "runs" / name)
    shutil.copytree(folder / "runs" / "autoencoder", folder / "runs" / "clean")
    shutil.copytree(folder / "vae" / "in", folder / "pictures")
    for i, name in enumerate(("a.png", "b.png")):
        shutil.copy(folder / "pictures" / f"{i}.png", folder / name)
    run, codes = str(folder / "runs" / "autoencoder"), str(folder / "codes.csv")
    assert main(["encode", run, str(folder / "pictures"), "--out", codes]) == 0
    return folder


@pytest.fixture
def no_visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server end as soon as it answers, and no browser be opened."""
    startup = Server.startup

    async def once(self: Server, sockets: list[socket.socket] | None = None) -> None:
        await startup(self, sockets)
        self.should_exit = True

    monkeypatch.setattr(Server, "startup", once)
    monkeypatch.setattr(webbrowser, "open", lambda _: True)


@pytest.mark.usefixtures("no_visitors")
@pytest.mark.parametrize("line", EXAMPLES)
def test_the_example_runs(
    line: str,
    world: Path,
    digits: Path,
    tables: Path,
    drawing: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    _, name, *words = shlex.split(line)
    for file in ("houses.csv", "new.csv", "prices.csv"):
        shutil.copy(tables / file, world / file)
    shutil.copytree(tables / "in", world / "in")
    (world / "letters.txt").write_text(
        "The fox wrote to the hen, and the hen wrote to the fox of corn and rain."
    )
    for run in ("houses", "reviews", "poems", "stock"):
        shutil.copytree(tables / run, world / "runs" / run)
    if name == "train":
        shutil.rmtree(world / "runs")
        words += [word for change in TINY for word in ("--set", change)]
    else:
        shutil.copytree(digits, world / "runs" / "digits")
    if name == "search":
        words += ["--trials", "2", "--jobs", "1", *(word for change in TINY for word in ("--set", change))]
    if name in ("encode", "decode", "generate", "export", "predict"):
        shutil.copytree(drawing / "runs", world / "runs", dirs_exist_ok=True)
        shutil.copytree(drawing / "pictures", world / "pictures", dirs_exist_ok=True)
        for file in ("a.png", "b.png", "codes.csv"):
            shutil.copy(drawing / file, world / file)
    if name == "encode":
        np.save(world / "pictures.npy", np.zeros((3, 8, 8), np.uint8))
    if name == "look":
        shutil.copy(drawing / "a.png", world / "photo.png")
    if name == "style":
        (world / "holidays").mkdir()
        for photo in ("picture.jpg", "photo.jpg", "holidays/1.jpg"):
            with Image.open(drawing / "a.png") as small:
                small.convert("RGB").resize((80, 60)).save(world / photo)
        film(world / "clip.mp4")
        if "optimization" in words:
            monkeypatch.setenv("HORNBOOK_CACHE", str(world / "cache"))
            weights = request.getfixturevalue("shared") / "backbones"
            shutil.copytree(weights, world / "cache" / "backbones" / "mobilenet_v2")
    if name == "serve":
        words += ["--port", "0"]
    if name == "faces":
        monkeypatch.setenv("HORNBOOK_CACHE", str(world / "cache"))
        shared = request.getfixturevalue("shared")
        shutil.copytree(shared / "models", world / "cache" / "detectors")
        film(world / "clip.mp4")
    if name == "fetch" and words:  # nothing is fetched in tests
        monkeypatch.setenv("HORNBOOK_CACHE", str(world / "cache"))  # later guesses must not find the weights
        place = world / "cache" / "backbones" / words[0]
        shutil.copytree(request.getfixturevalue("shared") / "backbones", place)
    assert main([name, *words]) == 0, capsys.readouterr().err
