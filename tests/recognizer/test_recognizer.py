"""The one file: what it answers, and that no file, however damaged or hostile, is more than one sentence."""

from __future__ import annotations

import io
import json
import pickle
import random
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import hornbook
from hornbook.columns import CategoryColumn, ImageColumn
from hornbook.columns.prediction import Prediction
from hornbook.errors import DataError, RecognizerError, UsageError
from hornbook.recipe import Recipe
from hornbook.recognizer import BATCH, FILE, KEY, Answer, Recognizer
from hornbook.recognizer.file import SEAL
from hornbook.recognizer.operators import endless_operator
from tests.recognizer.unsealed import unsealed

IMAGE = ImageColumn(size=(8, 8), channels=1, mean=(0.4,), std=(0.3,))
LABEL = CategoryColumn(classes=("cat", "dog", "owl"))
PICTURES = np.random.default_rng(0).integers(0, 256, (9, 8, 8), dtype=np.uint8)


def made(**targets: CategoryColumn) -> bytes:
    """Return a recognizer nobody has trained."""
    from hornbook.networks.model import Network
    from hornbook.training.export.graph import export

    recipe = Recipe.from_values(
        {"inputs": {"x": "image"}, "targets": {"y": "category"}, "network": {"name": "mlp", "hidden": [6]}},
        "x",
        "x",
    )
    columns = targets or {"animal": LABEL}
    network = Network({"image": IMAGE}, columns, recipe.network, seed=3)
    return export(network, {"image": IMAGE}, columns, {"recipe": "x"})


@pytest.fixture(scope="module")
def raw() -> bytes:
    return made()


@pytest.fixture(scope="module")
def path(raw: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recognizer") / "recognizer.onnx"
    path.write_bytes(raw)
    return path


@pytest.fixture(scope="module")
def reader(path: Path) -> Recognizer:
    return Recognizer(path, threads=1)


def png(pixels: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "png")
    return out.getvalue()


# What it answers.


def test_every_way_to_give_a_picture_is_the_same(reader: Recognizer, tmp_path: Path) -> None:
    pixels = PICTURES[0]
    file = tmp_path / "photo.png"
    file.write_bytes(png(pixels))
    opened = Image.fromarray(pixels)
    ways = [file, str(file), png(pixels), opened, pixels, pixels[..., None], {"image": pixels}]
    wanted = reader.predict(pixels)["animal"]
    for way in ways:
        answer = reader.predict(way)
        assert answer["animal"] == wanted
        assert (answer.value, answer.confidence, answer.top) == (wanted.value, wanted.confidence, wanted.top)
    assert reader.predict(file).input == str(file)
    assert [a.input for a in reader.predict([str(file), pixels, png(pixels)])] == [str(file), "[1]", "[2]"]


def test_a_batch_answers_as_one_by_one(reader: Recognizer) -> None:
    single = [reader.predict(p) for p in PICTURES]
    named = [(str(i), p) for i, p in enumerate(PICTURES)]
    given: list[Any] = [list(PICTURES), tuple(PICTURES), PICTURES, PICTURES[..., None]]
    batches = [
        *map(reader.predict, given),
        list(reader.predict_each(named)),
        list(reader.predict_each(named, batch=4)),
    ]
    for batch in batches:
        assert [a.value for a in batch] == [a.value for a in single]
        for one, other in zip(batch, single, strict=True):
            assert one.confidence == pytest.approx(other.confidence, abs=1e-6)
    assert reader.predict([]) == []
    assert len(reader.predict([PICTURES[0]])) == 1
    large = np.random.default_rng(1).integers(0, 256, (3, 20, 30), dtype=np.uint8)
    assert [a.value for a in reader.predict(large)] == [reader.predict(p).value for p in large]


def test_an_answer_holds_and_shows_the_picture_it_is_about(reader: Recognizer) -> None:
    together = reader.predict(PICTURES)
    for answer in (reader.predict(PICTURES[1]), reader.predict(list(PICTURES))[1], together[1]):
        assert np.array_equal(answer.picture, PICTURES[1][..., None])
        shown = answer._repr_html_()
        assert shown.count('<img src="data:image/png') == 1
        assert all(name in shown for name in ("cat", "dog", "owl"))
        assert "picture=" not in repr(answer) and "picture" not in answer.to_json()
    # Rows of an array are not copied.
    assert np.shares_memory(together[1].picture, PICTURES)
    assert together[1] == reader.predict(PICTURES)[1]


def test_the_answers_for_an_array_are_a_sequence(reader: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    many = np.concatenate([PICTURES] * 60)[: BATCH + 9]
    answers, single = reader.predict(many), [reader.predict(p) for p in PICTURES]
    assert len(answers) == len(many)
    assert [a.input for a in answers] == [f"[{i}]" for i in range(len(many))]
    assert [a.value for a in answers] == [single[i % 9].value for i in range(len(many))]
    for row in (0, 1, BATCH - 1, BATCH, len(many) - 1, -1, -BATCH - 1):
        answer = answers[row]
        assert answer.input == f"[{range(len(many))[row]}]"
        assert np.array_equal(answer.picture[..., 0], many[row])
        assert answer.confidence == pytest.approx(single[range(len(many))[row] % 9].confidence, abs=1e-6)
    assert [a.input for a in answers[BATCH - 1 :: 2]] == [f"[{i}]" for i in range(BATCH - 1, len(many), 2)]
    with pytest.raises(IndexError):
        answers[len(many)]
    assert repr(answers) == "<521 answers>"
    assert answers == reader.predict(many) == list(answers)
    assert answers != reader.predict(many[::-1]) and answers != 3
    # One of them is sent without the pictures of all others.
    sent = pickle.dumps(answers[3])
    back = pickle.loads(sent)
    assert len(sent) < many.nbytes / 10
    assert back == answers[3]
    assert np.array_equal(back.picture, answers[3].picture)
    # Encoded piece by piece, they are the same.
    monkeypatch.setattr("hornbook.recognizer.rows.MOST_ENCODED", 1)
    pieces = reader.predict(many)
    assert list(pieces) == list(answers)
    assert np.array_equal(pieces[BATCH + 1].picture[..., 0], many[BATCH + 1])
    assert list(reader.predict(many[:0])) == []
    assert {a.value for a in reader.predict(many, abstain=1.0)} == {None}


@pytest.mark.parametrize(("top", "length"), [(0, 0), (1, 1), (2, 2), (3, 3), (99, 3)])
def test_top(reader: Recognizer, top: int, length: int) -> None:
    answer = reader.predict(PICTURES[0], top=top)
    assert len(answer.top) == length
    assert [p for _, p in answer.top] == sorted((p for _, p in answer.top), reverse=True)
    assert all(type(p) is float and 0 <= p <= 1 for _, p in answer.top)
    if top >= 3:
        assert sum(p for _, p in answer.top) == pytest.approx(1, abs=1e-5)
    if length:
        assert answer.top[0] == (answer.value, answer.confidence)


@pytest.mark.parametrize("options", [{"top": -1}, {"abstain": 50}, {"abstain": -0.1}])
def test_options_that_cannot_be(reader: Recognizer, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        reader.predict(PICTURES[0], **options)


def test_an_unsure_answer_is_none_where_asked(reader: Recognizer) -> None:
    confidence = reader.predict(PICTURES[0]).confidence
    said = json.loads(json.dumps(reader.predict(PICTURES[0], abstain=1.0).to_json(), allow_nan=False))
    assert set(said) == {"input", "animal"} and said["animal"]["value"] is None
    assert set(said["animal"]) == {"value", "confidence", "top"} and len(said["animal"]["top"]) == 3
    for abstain, none in ((0.0, False), (confidence, False), (confidence + 1e-6, True), (1.0, True)):
        for answer in (
            reader.predict(PICTURES[0], abstain=abstain),
            reader.predict(PICTURES[:1], abstain=abstain)[0],
        ):
            assert (answer.value is None) == none
            assert answer.confidence == pytest.approx(confidence)
            assert answer.top[0][0] in LABEL.classes  # type: ignore[operator]


def test_what_cannot_be_read_is_handed_on_in_its_place(reader: Recognizer, tmp_path: Path) -> None:
    missing = DataError("x.png does not exist")
    given = [("a", PICTURES[0]), ("b", b"no picture"), ("x", missing), ("d", PICTURES[1]), ("e", b"")]
    found = list(reader.predict_each(given, batch=2))
    assert [isinstance(f, DataError) for f in found] == [False, True, True, False, True]
    assert "b" in str(found[1])
    assert found[2] is missing
    assert [f.input for f in found if not isinstance(f, DataError)] == ["a", "d"]
    gone = str(tmp_path / "none.png")
    for many in ([PICTURES[0], b"no picture"], b"no picture", gone, 3, None, {"photo": 3}):
        with pytest.raises(DataError):
            reader.predict(many)
    for blank in ("", "  "):
        with pytest.raises(DataError, match=r"^\[1\]"):
            reader.predict([png(PICTURES[0]), blank])


def test_several_targets_are_answered_each(tmp_path: Path) -> None:
    (tmp_path / "r.onnx").write_bytes(made(animal=LABEL, colour=CategoryColumn(classes=("red", "blue"))))
    answer = Recognizer(tmp_path / "r.onnx").predict(PICTURES[0])
    assert answer["colour"].value in ("red", "blue")
    assert list(answer.to_json()) == ["input", "animal", "colour"]
    with pytest.raises(UsageError, match="name one: animal, colour"):
        _ = answer.value


def test_a_run_folder_is_as_good_as_its_file(path: Path) -> None:
    answers = [hornbook.load(place).predict(PICTURES[0]) for place in (path.parent, path)]
    assert answers[0] == answers[1]
    assert repr(hornbook.load(path)).startswith("Recognizer(image: image → animal, ")


# Files that are none.


def refused(raw: bytes, where: Path) -> str:
    """Return the one sentence about a file that must be refused."""
    file = where / "bad.onnx"
    file.write_bytes(raw)
    with pytest.raises(RecognizerError) as error:
        Recognizer(file, threads=1)
    assert "\n" not in str(error.value)
    assert "bad.onnx" in str(error.value)
    return str(error.value)


def described(raw: bytes, change: Any) -> bytes:
    """Return the file with its description changed, or replaced by a text, or without one."""
    model = unsealed(raw)
    (entry,) = [p for p in model.metadata_props if p.key == KEY]
    if change is None:
        model.metadata_props.remove(entry)
    elif isinstance(change, str):
        entry.value = change
    else:
        about = json.loads(entry.value)
        change(about)
        entry.value = json.dumps(about)
    out: bytes = model.SerializeToString()
    return out


@pytest.mark.parametrize(("said", "used"), [(10**18, 52_000_000), (50, 50)])
def test_a_file_cannot_switch_off_the_guard_against_huge_pictures(
    raw: bytes, tmp_path: Path, said: int, used: int
) -> None:
    def change(about: dict[str, Any]) -> None:
        about["inputs"]["image"]["max_pixels"] = said

    file = tmp_path / "theirs.onnx"
    file.write_bytes(described(raw, change))
    reader = Recognizer(file, threads=1)
    huge = Image.new("1", (9000, 9000))
    with pytest.raises(DataError, match=f"more than the {used:,} that are allowed"):
        reader.predict(huge)
    # A run's folder is of the user, who has set the limit.
    run = tmp_path / "run"
    run.mkdir()
    file.rename(run / FILE)
    assert Recognizer(run, threads=1).inputs["image"].max_pixels == said  # type: ignore[attr-defined]


@pytest.mark.parametrize("where", ["graph", "function", "search"])
def test_a_loop_without_end_is_refused_before_it_runs(raw: bytes, where: str, tmp_path: Path) -> None:
    model = unsealed(raw)
    said = {
        "graph": "holds the operator Loop, which may run without end",
        "function": "holds the operator of 'own'",
        "search": "holds the operator of 'com.microsoft'",
    }
    body = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["going"], ["still"])],
        "body",
        [
            onnx.helper.make_tensor_value_info("turn", onnx.TensorProto.INT64, []),
            onnx.helper.make_tensor_value_info("going", onnx.TensorProto.BOOL, []),
        ],
        [onnx.helper.make_tensor_value_info("still", onnx.TensorProto.BOOL, [])],
    )
    yes = onnx.helper.make_node("Constant", [], ["yes"], value=onnx.numpy_helper.from_array(np.array(True)))
    loop = onnx.helper.make_node("Loop", ["", "yes"], [], body=body)
    if where == "search":
        model.graph.node.append(
            onnx.helper.make_node("GreedySearch", ["x"], ["y"], domain="com.microsoft", decoder=body)
        )
    elif where != "function":
        model.graph.node.extend([yes, loop])
    else:
        model.functions.append(
            onnx.helper.make_function("own", "Forever", [], [], [yes, loop], list(model.opset_import))
        )
        model.graph.node.append(onnx.helper.make_node("Forever", [], [], domain="own"))
    (tmp_path / "r.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(RecognizerError, match=said[where]):
        Recognizer(tmp_path / "r.onnx", threads=1)


def test_a_field_whose_number_other_readers_cut_is_refused() -> None:
    loop = onnx.helper.make_graph([onnx.helper.make_node("Loop", [], [])], "x", [], []).SerializeToString()
    graph = bytes([len(loop)]) + loop
    assert endless_operator(b"\x3a" + graph) == "Loop"
    with pytest.raises(ValueError, match="number of a field"):
        endless_operator(b"\xba\x80\x80\x80\x10" + graph)  # the same with a 33rd bit


def test_a_file_of_millions_of_empty_fields_is_refused_at_once(raw: bytes, tmp_path: Path) -> None:
    refused(raw + b"\x3a\x80\x80\x80\x01" + b"\x0a\x00" * (1 << 20), tmp_path)


def test_a_file_cut_off_anywhere_and_junk_are_refused(raw: bytes, tmp_path: Path) -> None:
    cut = [raw[:place] for place in random.Random(0).sample(range(len(raw)), 40)]
    for junk in (*cut, b"", bytes(100), b"hello", b"PK\3\4", b"\x89PNG\r\n\x1a\n", bytes(range(256)) * 40):
        refused(junk, tmp_path)
    node = onnx.helper.make_node("Identity", ["a"], ["b"])
    value = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1]) for n in "ab"]
    graph = onnx.helper.make_graph([node], "of others", value[:1], value[1:])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=9)
    assert "not a recognizer" in refused(model.SerializeToString(), tmp_path)


def test_a_file_with_any_byte_changed_is_refused_or_answers(
    raw: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(0)
    refusals = 0
    for _ in range(250):
        damaged = bytearray(raw)
        for _ in range(rng.choice([1, 1, 4])):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        (tmp_path / "r.onnx").write_bytes(damaged)
        try:
            answer = Recognizer(tmp_path / "r.onnx", threads=1).predict(PICTURES[0])
        except RecognizerError as error:
            assert "\n" not in str(error)
            refusals += 1
        else:
            json.dumps(answer.to_json(), allow_nan=False)
    assert refusals > 50
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "does not say what its columns are"),
        ("", "damaged"),
        ("{", "damaged"),
        ("[1]", "format None"),
        ("3", "format None"),
        ('{"format": NaN}', "format nan"),
        ("[" * 100_000, "damaged"),
        ("9" * 5000, "damaged"),
        (lambda a: a.update(format=99), "format 99, and this version of hornbook reads format 1"),
        (lambda a: a.pop("format"), "format None"),
        (lambda a: a.pop("inputs"), "damaged"),
        (lambda a: a.update(inputs={}), "damaged"),
        (lambda a: a.update(targets=[]), "damaged"),
        (lambda a: a.update(targets={"animal": 3}), "damaged"),
        (lambda a: a.update(hornbook="\ud800"), "damaged"),
        (lambda a: a["targets"]["animal"]["classes"].insert(0, "\ud800x"), "damaged"),
        (lambda a: a["inputs"]["image"].pop("type"), "column of type None"),
        (lambda a: a["inputs"]["image"].update(size=[8, 10**9]), "a size that cannot be"),
        (lambda a: a["inputs"]["image"].update(gamma=2), "'gamma'.*update hornbook"),
        (lambda a: a["targets"]["animal"].update(classes=None), "do not fit together"),
        (lambda a: a["targets"]["animal"].update(classes=["a", "b"]), "do not fit together"),
        (lambda a: a["inputs"]["image"].update(size=[8, 9]), "do not fit together"),
        (lambda a: a["inputs"]["image"].update(channels=3, mean=None, std=None), "do not fit together"),
        (lambda a: a.update(inputs={"photo": a["inputs"]["image"]}), "do not fit together"),
        (lambda a: a.update(targets={"beast": a["targets"]["animal"]}), "do not fit together"),
        (lambda a: a["targets"].update(more=a["targets"]["animal"]), "do not fit together"),
        (lambda a: a.update(inputs=a["targets"], targets=a["inputs"]), "do not fit together"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_description_that_cannot_be_is_refused(raw: bytes, change: Any, said: str, tmp_path: Path) -> None:
    assert re.search(said, refused(described(raw, change), tmp_path))


def test_a_graph_that_does_not_take_batches_is_refused(raw: bytes, tmp_path: Path) -> None:
    model = unsealed(raw)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    assert "do not fit together" in refused(model.SerializeToString(), tmp_path)


def test_a_graph_that_fails_when_it_is_run_is_one_sentence(reader: Recognizer) -> None:
    with pytest.raises(RecognizerError, match="do not fit together"):
        reader.run({"image": np.zeros((1, 9, 9, 1), np.uint8)})


def test_answers_that_are_no_numbers_are_refused(raw: bytes, tmp_path: Path) -> None:
    model = unsealed(raw)
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.ndim == 2:
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.full_like(values, np.nan), tensor.name))
    (tmp_path / "r.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(RecognizerError, match="no numbers"):
        Recognizer(tmp_path / "r.onnx").predict(PICTURES[0])


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    for name, said in (
        ("none.onnx", "does not exist"),
        (".", r"holds no recognizer\.onnx"),
        ("a\0b", "does not exist|cannot be read"),
    ):
        with pytest.raises(RecognizerError, match=said):
            Recognizer(f"{tmp_path}/{name}")


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_the_folder_may_have_any_name(raw: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "caf\udce9"
    folder.mkdir()
    (folder / FILE).write_bytes(raw)
    assert Recognizer(folder).predict(PICTURES[0]).value


def test_no_weight_is_taken_from_another_file(
    raw: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = unsealed(raw)
    weight = max(model.graph.initializer, key=lambda w: len(w.raw_data))
    size = len(weight.raw_data)
    for folder in (tmp_path, tmp_path / "elsewhere"):
        folder.mkdir(exist_ok=True)
        (folder / "secret.txt").write_bytes(bytes(size))
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "secret.txt"), ("offset", "0"), ("length", str(size))):
        entry = weight.external_data.add()
        entry.key, entry.value = key, value
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "is not a recognizer" in refused(model.SerializeToString(), tmp_path)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_file_with_a_turned_bit_is_refused(raw: bytes, tmp_path: Path, place: float, bit: int) -> None:
    broken = bytearray(raw)
    broken[int(place * raw.index(SEAL))] ^= 1 << bit
    assert "is damaged" in refused(bytes(broken), tmp_path)


def test_a_file_without_a_checksum_is_read(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "r.onnx").write_bytes(unsealed(raw).SerializeToString())
    assert Recognizer(tmp_path / "r.onnx").predict(PICTURES[0])


def test_what_is_to_be_known_of_an_answer_stands_beside_it() -> None:
    answer = Answer("a.png", {"digit": Prediction("7", 0.9)}, None, ("no ink was found",))
    assert answer.to_json()["remarks"] == ["no ink was found"]
    assert "no ink was found" in repr(answer)
    assert "no ink was found" in answer._repr_html_()
    assert pickle.loads(pickle.dumps(answer)).remarks == answer.remarks
    assert "remarks" not in Answer("a.png", {"digit": Prediction("7", 0.9)}).to_json()
