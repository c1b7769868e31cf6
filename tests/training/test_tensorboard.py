"""TensorBoard's events: scalars of each epoch, the graph, histograms; and one sentence where it is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import hornbook
from hornbook.common.progress import Silent
from hornbook.errors import MissingExtra
from tests.training.test_sequences import poems, recipe


def test_scalars_graph_and_histograms_are_written(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    made = recipe("poems", epochs=2)
    plain = hornbook.train(poems(), recipe=made, run=tmp_path / "plain", progress=Silent())
    run = hornbook.train(poems(), recipe=made, run=tmp_path / "r", progress=Silent(), tensorboard=True)
    first, second = (
        [{k: v for k, v in row.items() if "second" not in k} for row in one.history] for one in (plain, run)
    )
    assert first == second  # watching changes no bit
    events = EventAccumulator(str(tmp_path / "r" / "tensorboard"), size_guidance={"histograms": 0}).Reload()
    tags = events.Tags()
    assert {"train/loss", "validation/perplexity", "learning_rate"} <= set(tags["scalars"])
    assert tags["graph"]
    assert "body.forwards.0.weight_ih_l0" in tags["histograms"]
    assert [e.value for e in events.Scalars("train/loss")] == pytest.approx(
        [r["train_loss"] for r in run.history]
    )


def test_without_tensorboard_it_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(
        MissingExtra, match=r'train --tensorboard needs .* pip install "hornbook\[tensorboard\]"'
    ):
        hornbook.train(
            poems(), recipe=recipe("poems"), run=tmp_path / "r", progress=Silent(), tensorboard=True
        )
