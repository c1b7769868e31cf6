"""Sounds in the graph: the features of numpy, answers that no padding changes, and an export of free length."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from hornbook.columns import CategoryColumn
from hornbook.columns.audio.column import AudioColumn
from hornbook.columns.audio.network import AudioInput
from hornbook.columns.base import Column
from hornbook.errors import RecipeError
from hornbook.networks.families import build_network
from hornbook.networks.model import Graph, Network
from hornbook.recipe.family import Family
from hornbook.recipe.networks import Cnn, Crnn, Mlp, Resnet
from hornbook.recognizer import Recognizer
from hornbook.training.export.graph import check_export, export

FAMILIES: dict[str, Family] = {
    "cnn": Cnn(widths=(8, 8)),
    "cnn, largest": Cnn(widths=(8, 8, 8), global_pool="max", activation="gelu"),
    "cnn, strides": Cnn(stem=8, stem_stride=2, widths=(8, 8), pool="stride", convs=2, dense=(12,)),
    "cnn, by three": Cnn(widths=(8, 8), pools=((3, 2), (1, 2)), pool="avg"),
    "crnn": Crnn(widths=(8, 8), features=8, units=8),
    "crnn, no recurrence": Crnn(widths=(8, 8), features=8, recurrent="none"),
}


def sounds(*lengths: int) -> list[NDArray[np.int16]]:
    rng = np.random.default_rng(0)
    return [(rng.normal(size=n) * 4000).astype(np.int16) for n in lengths]


@pytest.fixture(scope="module")
def column() -> AudioColumn:
    learned = AudioColumn(sample_rate=8000, mels=16, seconds=1.5).learn([])
    return learned.measure(iter([learned.encode_many(sounds(9000, 4000))]))


def small(column: AudioColumn, options: Family, seed: int = 0) -> Network:
    targets: Mapping[str, Column] = {"word": CategoryColumn().learn(["yes", "no", "go"])}
    return Network({"audio": column}, targets, options, seed).eval()


def test_gives_the_features_of_numpy_and_zeros_behind_the_end(column: AudioColumn) -> None:
    rows = column.encode_many([*sounds(9000, 3000), np.zeros(9, np.int16)])
    module = AudioInput(column)
    with torch.inference_mode():
        unit = module.unit(torch.from_numpy(rows))
        out = module(unit)
    assert unit.shape == (3, *module.shape[:2], rows.shape[1] // module.hop)
    for i, row in enumerate(rows):
        logs = column.mel.logs(row)
        assert np.abs(unit[i, 0, :, : len(logs)].numpy().T - logs).max() < 1e-4
        assert not unit[i, 0, :, len(logs) :].any()
        wanted = (logs - np.array(column.mean)) / np.array(column.std)
        assert np.abs(out[i, 0, :, : len(logs)].numpy().T - wanted).max() < 1e-3
        assert not out[i, 0, :, len(logs) :].any()


@pytest.mark.parametrize("name", FAMILIES)
def test_what_a_batch_pads_changes_no_answer(name: str, column: AudioColumn) -> None:
    network = small(column, FAMILIES[name])
    graph = Graph(network)
    rows = column.encode_many(sounds(11_000, 2000, 6000))
    with torch.inference_mode():
        (together, *_) = graph(torch.from_numpy(rows))
        alone = torch.cat([graph(torch.from_numpy(column.trim(rows[i : i + 1])))[0] for i in range(3)])
    assert (together - alone).abs().max() < 1e-5
    assert (together[0] - together[1]).abs().max() > 1e-5


@pytest.mark.parametrize("name", ["cnn", "crnn"])
def test_exports_with_any_number_of_rows_and_any_length(
    name: str, column: AudioColumn, tmp_path: Path
) -> None:
    network = small(column, FAMILIES[name])
    targets: dict[str, Any] = {"word": CategoryColumn().learn(["yes", "no", "go"])}
    path = tmp_path / "recognizer.onnx"
    path.write_bytes(export(network, {"audio": column}, targets, {}))
    reader = Recognizer(path, threads=1)
    rows = column.encode_many(sounds(11_000, 2000, 6000, 100))
    check_export(reader, network, {"audio": rows}, "here")
    short, long = reader.run({"audio": rows[1:2]})["word"], reader.run({"audio": rows})["word"]
    assert np.abs(short[0] - long[1]).max() < 1e-5
    assert reader.predict((sounds(4000)[0], 16_000)).value in ("yes", "no", "go")
    assert len(reader.predict([sounds(4000)[0], sounds(900)[0]])) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Mlp(), '"cnn" or "crnn"'),
        (Resnet(), '"cnn" or "crnn"'),
        (Cnn(mirror=True), "network.mirror"),
        (Cnn(shifted=1), "network.shifted"),
        (Cnn(global_pool="none"), "global_pool"),
        (Cnn(kernel=2), "even kernel"),
    ],
    ids=str,
)
def test_families_that_need_one_length_say_so(options: Family, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        build_network(options, (1, 40, 0))
