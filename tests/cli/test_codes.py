"""Codes: written, read, drawn from, cut out of the graph; of every kind of recognizer that has any."""

from __future__ import annotations

import gzip
import json
import re
import struct
from pathlib import Path

import numpy as np
import onnxruntime
import polars as pl
import pytest
from PIL import Image

import hornbook
from hornbook.cli.main import main
from hornbook.recognizer.codes.decode import Decoder
from hornbook.recognizer.codes.encode import codes_of, coding
from hornbook.recognizer.codes.files import read_codes, write_codes
from hornbook.recognizer.codes.invent import between, drawn, sheet
from hornbook.sources import from_arrays
from tests.cli.test_predict_pictures import RECIPE

VAE = RECIPE.replace(
    "channels = 1 }\n[network]", "channels = 1, code = 3, beta = 1.0, dense = [9] }\n[network]"
)


def trained(folder: Path, recipe: str) -> Path:
    (folder / "recipe.toml").write_text(recipe)
    rng = np.random.default_rng(0)
    pictures = np.zeros((60, 6, 8), np.uint8)
    for one, (y, x) in zip(pictures, rng.integers(0, 5, (60, 2)), strict=True):
        one[y : y + 2, x : x + 2] = 255
    hornbook.train(from_arrays(photo=pictures), recipe=folder / "recipe.toml", run=folder / "run")
    (folder / "in").mkdir()
    for i in range(3):
        Image.fromarray(pictures[i]).save(folder / "in" / f"{i}.png")
    return folder


@pytest.fixture(scope="module", params=["dense", "vae", "conv"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    conv = RECIPE.replace(
        "channels = 1 }\n[network]", "channels = 1, code = 4, decoder = [6, 4] }\n[network]"
    )
    recipe = {"dense": RECIPE, "vae": VAE, "conv": conv}[request.param]
    return trained(tmp_path_factory.mktemp(request.param), recipe)


@pytest.mark.parametrize("ending", ["csv", "parquet", "npz"])
def test_a_code_decodes_to_the_answer_whatever_the_file(run: Path, ending: str, tmp_path: Path) -> None:
    codes, drawing = tmp_path / f"codes.{ending}", tmp_path / "drawn"
    assert main(["encode", str(run / "run"), str(run / "in"), "--out", str(codes)]) == 0
    assert main(["decode", str(run / "run"), str(codes), "--out", str(drawing)]) == 0
    reader = hornbook.load(run / "run")
    for i in range(3):
        wanted = np.asarray(reader.predict(run / "in" / f"{i}.png").value, int)
        with Image.open(drawing / f"{i}.drawn.png") as found:
            assert np.abs(np.asarray(found, int) - wanted).max() <= 1
    names, numbers = read_codes(codes)
    assert [Path(name).name for name in names] == ["0.png", "1.png", "2.png"]
    assert np.allclose(numbers, codes_of(reader, [str(run / "in" / f"{i}.png") for i in range(3)]), atol=1e-5)


def test_the_parts_are_models_of_their_own(run: Path, tmp_path: Path) -> None:
    reader = hornbook.load(run / "run")
    given = reader.encode(str(run / "in" / "0.png"))["photo"][None].repeat(4, 0)
    for part in ("encoder", "decoder"):
        assert main(["export", str(run / "run"), "--to", f"{part}.onnx", "--out", str(tmp_path / part)]) == 0
    encoder, decoder = (onnxruntime.InferenceSession(tmp_path / part) for part in ("encoder", "decoder"))
    code = encoder.run(None, {"photo": given})[0]
    found = decoder.run(None, {"hornbook.code": code})[0]
    assert np.allclose(found, reader.run({"photo": given})["drawn"], atol=1e-4)
    assert [i.name for i in decoder.get_inputs()] == ["hornbook.code"]


def test_pictures_are_drawn_by_a_seed_and_on_the_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained(tmp_path, VAE)
    reader = hornbook.load(folder / "run")
    first, again, other = (drawn(reader, 5, seed) for seed in (3, 3, 4))
    assert all(map(np.array_equal, first, again)) and not all(map(np.array_equal, first, other))
    way = between(reader, str(folder / "in" / "0.png"), str(folder / "in" / "1.png"), 4)
    wanted = [np.asarray(reader.predict(folder / "in" / f"{i}.png").value, int) for i in (0, 1)]
    for end, picture in zip(wanted, (way[0], way[-1]), strict=True):
        assert np.abs(np.asarray(picture, int) - end).max() <= 1
    assert sheet(first).size == (8 * 2 + 2, 6 * 3 + 4)
    out = tmp_path / "out"
    assert main(["generate", str(folder / "run"), "--count", "5", "--seed", "3", "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {*(f"000{i}.png" for i in range(1, 6)), "sheet.png"}
    for options, said in [
        ([], "name one with --out"),
        (["--out", "x", "--prompt", "a"], "leave --prompt and --acrostic out"),
        (["--out", "x", "--count", "0"], "it may be from 1"),
        (["--out", "x", "--steps", "1", "--between", "a", "b"], "steps is 1"),
    ]:
        assert main(["generate", str(folder / "run"), *options]) == 2
        assert said in capsys.readouterr().err


def test_every_network_has_codes_and_trees_have_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=80)
    table = pl.DataFrame({"x": x, "word": ["a", "b"] * 40, "y": 3 * x})
    table.write_csv(tmp_path / "t.csv")
    table.write_csv(tmp_path / "new.csv")
    for name, more in (("net", 'name = "mlp"\nhidden = [5]\nmembers = 2'), ("trees", 'name = "boosting"')):
        (tmp_path / f"{name}.toml").write_text(
            f'[inputs]\nx = "number"\nword = "category"\n[targets]\ny = "number"\n[network]\n{more}\n'
        )
        run = tmp_path / name
        hornbook.train(tmp_path / "t.csv", recipe=tmp_path / f"{name}.toml", run=run)
        status = main(["encode", str(run), str(tmp_path / "new.csv"), "--out", str(tmp_path / "c.npz")])
        said = capsys.readouterr().err
        if name == "trees":
            assert status == 2 and "has no codes" in said
            continue
        assert status == 0 and "80 codes of 10 numbers" in said
        with pytest.raises(hornbook.HornbookError, match="does not make its answer of a code"):
            Decoder(hornbook.load(run))
        assert json.loads(json.dumps(hornbook.load(run).about["code"])) == 10


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"input,code_0\na,1\n", "its codes have 1 numbers, and those of .* have 16"),
        (b"input,other\na,1\n", "there are no columns code_0"),
        (b"input,code_0\na,nothing\n", "there are no columns code_0"),
        (b"", "holds no codes"),
        (
            b"input," + b",".join(b"code_%d" % i for i in range(16)) + b"\na" + b",inf" * 16,
            "what is no number",
        ),
    ],
)
def test_codes_that_cannot_be_are_one_sentence(
    content: bytes, said: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("bad")
    codes = folder / "codes.csv"
    codes.write_bytes(content)
    assert main(["decode", str(trained(folder, RECIPE) / "run"), str(codes), "--out", str(folder / "o")]) == 1
    error = capsys.readouterr().err
    assert re.search(said, error) and "Traceback" not in error


def test_files_of_codes_are_refused_where_they_are_others(tmp_path: Path) -> None:
    for name, raw in (("a.npz", b"PK\x03\x04"), ("a.parquet", b"PAR1"), ("missing.csv", None)):
        if raw is not None:
            (tmp_path / name).write_bytes(raw)
        with pytest.raises(hornbook.HornbookError, match=r"holds no codes|is not there"):
            read_codes(tmp_path / name)
    np.savez(tmp_path / "b.npz", codes=np.array(["x"]))
    with pytest.raises(hornbook.HornbookError, match="no numbers"):
        read_codes(tmp_path / "b.npz")
    write_codes(tmp_path / "c.npz", ["x"], np.ones((1, 2)))
    assert read_codes(tmp_path / "c.npz")[0] == ["x"]


@pytest.mark.parametrize("form", ["npy", "npz", "packed.npz", "idx3-ubyte", "idx3-ubyte.gz"])
def test_pictures_in_an_array_have_the_codes_of_their_files(run: Path, form: str, tmp_path: Path) -> None:
    pictures = np.stack([np.asarray(Image.open(run / "in" / f"{i}.png")) for i in range(3)])
    path = tmp_path / f"mine-{form}" if "idx" in form else tmp_path / f"mine.{form}"
    if "idx" in form:
        content = struct.pack(">IIII", 0x803, *pictures.shape) + pictures.tobytes()
        path.write_bytes(gzip.compress(content) if form.endswith("gz") else content)
    elif form == "npy":
        np.save(path, pictures[..., None])
    else:
        save = np.savez_compressed if "packed" in form else np.savez
        save(path, y_train=np.arange(3), x_train=pictures)
    codes = tmp_path / "codes.npz"
    assert main(["encode", str(run / "run"), str(path), str(run / "in" / "1.png"), "--out", str(codes)]) == 0
    names, numbers = read_codes(codes)
    assert names[0].endswith("[0]") and names[2].endswith("[2]") and names[3].endswith("1.png")
    files = [str(run / "in" / f"{i}.png") for i in (0, 1, 2, 1)]
    assert np.allclose(numbers, codes_of(hornbook.load(run / "run"), files), atol=1e-5)


def test_codes_of_many_arrays_are_those_of_each(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = hornbook.load(run / "run")
    random = np.random.default_rng(0)
    fit, others = (random.integers(0, 256, (30, *side), np.uint8) for side in ((6, 8), (12, 9)))
    for many in (fit, others, fit[..., None]):
        each = np.concatenate([codes_of(reader, [one]) for one in many])
        for most in (1 << 20, 1):
            monkeypatch.setattr("hornbook.recognizer.rows.MOST_ENCODED", most)
            monkeypatch.setattr("hornbook.recognizer.graph.MOST_BYTES", 8 * most)
            assert np.allclose(codes_of(reader, many), each, atol=1e-5)
            assert np.allclose(codes_of(reader, list(many)), each, atol=1e-5)
    assert codes_of(reader, fit[:0]).shape == (0, each.shape[1])
    given = coding(reader)
    assert coding(reader) is given  # a session is not opened for every batch


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.npy", np.zeros(4), "holds no array of pictures, .* it has a \\(4,\\)"),
        ("a.npy", b"\x93NUMPY", "is no NumPy array, or damaged"),
        ("a.npy", None, "cannot be read"),
        ("a.npy", np.asfortranarray(np.zeros((3, 4, 5))), "is in Fortran order"),
        ("a.npz", b"PK", "a.npz"),
        ("images.idx3-ubyte", b"\0\0\x08\x03\0", "images.idx3-ubyte"),
        ("a.npy", np.zeros((2, 6, 8, 7), np.uint8), "a\\[0\\] has the shape"),
    ],
)
def test_arrays_that_cannot_be_are_one_sentence(
    tmp_path: Path, run: Path, name: str, content: object, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if isinstance(content, np.ndarray):
        np.save(path, content)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    assert main(["encode", str(run / "run"), str(path), "--out", str(tmp_path / "c.npz")]) == 1
    error = capsys.readouterr().err
    assert re.search(said, error) and "Traceback" not in error
