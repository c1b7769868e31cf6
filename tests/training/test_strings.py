"""Strings from pictures to a finished run: to the bit after a kill, exported for any rows, and started from another."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hornbook.columns.audio.column import AudioColumn
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.image.column import ImageColumn
from hornbook.common.progress import Silent
from hornbook.errors import RecipeError
from hornbook.examples import Examples
from hornbook.learning import train
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.recognizer import Recognizer
from hornbook.sources import from_arrays
from hornbook.training import job as job_module
from hornbook.training.export.graph import check_export, export
from hornbook.training.warm_start import start_from
from tests.training.test_resume import assert_same, killed_again_and_again

CRNN = {
    "name": "crnn",
    "widths": [8, 8],
    "stem": 4,
    "stem_kernel": 3,
    "width_stride": 4,
    "features": 16,
    "units": 12,
}
CNN = {"name": "cnn", "widths": [8], "pools": [[2, 2]], "global_pool": "none", "dense": [12], "dropout": 0.1}


def strings(
    rows: int = 90, alphabet: str = "ab", shortest: int = 1, longest: int = 3, seed: int = 0
) -> Examples:
    """Return pictures of 8 × 32 with a stripe for each character, as high as its place in the alphabet."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 60, (rows, 8, 32), dtype=np.uint8)
    texts = []
    for picture in image:
        text = "".join(rng.choice(list(alphabet), rng.integers(shortest, longest + 1)))
        for place, character in enumerate(text):
            height = 2 + 2 * "abc".index(character)
            picture[8 - height :, 2 + 10 * place : 8 + 10 * place] = 220
        texts.append(text)
    return from_arrays(image=image, text=texts)


def recipe(network: dict[str, Any] | None = None, length: Any = (1, 3), **training: Any) -> Recipe:
    values = {
        "inputs": {"image": {"type": "image", "size": [32, 8], "channels": 1}},
        "targets": {"text": {"type": "characters", "length": length}},
        "network": network or CRNN,
        "training": {
            "epochs": 3,
            "batch_size": 16,
            "ema": 0.9,
            "learning_rate": 0.02,
            "precision": "float32",
            "augment": {"image": {"shift": 0.05, "rotation": 3}},
            **training,
        },
    }
    return Recipe.from_values(values, "strings", "test")


@pytest.mark.parametrize(
    ("how", "network", "length", "shortest"), [("ctc", CRNN, [1, 3], 1), ("positions", CNN, 3, 3)]
)
def test_killed_at_random_steps_ends_with_the_same_bits(
    how: str, network: Any, length: Any, shortest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, data = recipe(network, length, epochs=2), strings(shortest=shortest)
    whole = train(data, run=tmp_path / "whole", progress=Silent(), recipe=made)
    monkeypatch.setattr(job_module, "SAVE_EVERY", 0.0)
    rng = random.Random(how)
    broken = killed_again_and_again(data, tmp_path / "broken", lambda: rng.randrange(2, 6), recipe=made)
    assert_same(whole, broken)


def test_strings_are_learned_and_read_one_by_one_and_many_at_once(tmp_path: Path) -> None:
    run = train(
        strings(400), run=tmp_path / "r", progress=Silent(), recipe=recipe(epochs=12, label_smoothing=0.02)
    )
    assert run.evaluations["text"].score > 0.9
    fresh = strings(40, seed=1)
    pictures = [fresh.stores["image"].load(name) for name in fresh.table["image"]]
    many = run.recognizer.predict(pictures)
    right = sum(a.value == t for a, t in zip(many, fresh.table["text"], strict=True))
    assert right > 35
    for answer, picture in zip(many[:5], pictures, strict=False):
        alone = run.recognizer.predict(picture)
        assert alone.value == answer.value
        assert alone.confidence == pytest.approx(answer.confidence, abs=1e-4)


IMAGE = ImageColumn(size=(32, 8), channels=1)


def network(column: CharactersColumn, options: dict[str, Any] = CRNN) -> Network:
    return Network({"image": IMAGE}, {"text": column}, recipe(options).network, seed=9)


def begun(tmp_path: Path, before: CharactersColumn, after: CharactersColumn, options: dict[str, Any]) -> Any:
    """Export a network for one column, and start one for another column from it."""
    old, new = network(before, options), network(after, options)
    with torch.no_grad():
        for number, parameter in enumerate(old.parameters()):
            parameter.add_(0.01 * (number + 1))  # so that no two are alike, which an ONNX file keeps once
    (tmp_path / "r.onnx").write_bytes(export(old, {"image": IMAGE}, {"text": before}, {}))
    found = start_from(new, {"image": IMAGE}, {"text": after}, tmp_path / "r.onnx")
    return old.heads["text"], new.heads["text"], found


def test_a_changed_alphabet_or_length_keeps_what_both_know(tmp_path: Path) -> None:
    before = CharactersColumn(length=(1, 3), alphabet="abc")
    after = CharactersColumn(length=(1, 4), alphabet="cxa")
    old, new, found = begun(tmp_path, before, after, CRNN)
    assert found.partly == {"heads.text.dense.weight": (3, 4), "heads.text.dense.bias": (3, 4)}
    assert not found.new
    for ours, theirs in ((0, 0), (1, 3), (3, 1)):  # blank, c, a
        assert torch.equal(new.dense.weight[ours], old.dense.weight[theirs])
    assert not (new.dense.weight[2] == old.dense.weight).all(1).any()
    # A changed length keeps the places that both have; CTC and places have no rows in common.
    two, three, ctc = (CharactersColumn(length=length, alphabet="abc") for length in (2, 3, (3, 3)))
    old, new, found = begun(tmp_path, two, three, CNN)
    assert found.partly["heads.text.dense.weight"] == (6, 9)
    assert torch.equal(new.dense.weight[:6], old.dense.weight)
    _, _, found = begun(tmp_path, three, ctc, CRNN)
    assert found.new == ("heads.text.dense.weight", "heads.text.dense.bias")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (CNN, "gives features of the whole, and the target is read step by step"),
        ({**CRNN, "width_stride": 8}, "in 4 steps, and strings of up to 3 characters need 5"),
        ({**CRNN, "width_stride": 3}, r"network\.width_stride is 3, but it must be one of 1, 2, 4, 8 or 16"),
        ({**CRNN, "recurrent": "gur"}, r"did you mean 'gru'\?"),
        ({**CNN, "pools": [[0, 2]]}, r"network\.pools .*must be at least 1"),
    ],
)
def test_what_cannot_be_is_one_sentence(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=message):
        train(strings(), run=tmp_path / "r", progress=Silent(), recipe=recipe(options))


def test_sounds_of_any_length_are_read_as_strings(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    sound = AudioColumn(sample_rate=1000, mels=8, window=0.05, hop=0.02, seconds=4.0)
    sound = replace(sound, longest=sound.shape[0], mean=(-5.0,) * 8, std=(3.0,) * 8)
    text = CharactersColumn(length=(1, 3), alphabet="abc")
    options = recipe({**CRNN, "widths": [4, 4]}).network
    net = Network({"sound": sound}, {"text": text}, options, seed=1).eval()
    sounds = [rng.normal(size=n).clip(-3, 3) / 3 for n in (4000, 900, 130, 5)]
    encoded = sound.encode_many([(s.astype(np.float32), 1000) for s in sounds])
    (tmp_path / "r.onnx").write_bytes(export(net, {"sound": sound}, {"text": text}, {}))
    reader = Recognizer(tmp_path / "r.onnx", threads=1)
    check_export(reader, net, {"sound": encoded}, "here")
    together = text.decode(reader.run({"sound": encoded})["text"])
    for row, answer in enumerate(together):
        alone = text.decode(reader.run({"sound": sound.trim(encoded[row : row + 1])})["text"])[0]
        assert alone.value == answer.value
        assert alone.confidence == pytest.approx(answer.confidence, abs=1e-5)
