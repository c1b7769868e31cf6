"""Pictures of a batch mixed in pairs, and their losses in the same shares."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import hornbook
from hornbook.columns import ImageColumn, NumberColumn
from hornbook.common.progress import Silent
from hornbook.errors import RecipeError
from hornbook.sources import from_arrays
from hornbook.training.mixup import Mixed, check_mixup, mix


@given(st.floats(0.05, 4), st.integers(1, 9), st.integers(0, 2**31))
def test_each_picture_stays_the_larger_part_of_its_place(strength: float, count: int, seed: int) -> None:
    pictures = torch.arange(count, dtype=torch.float32)[:, None, None, None].expand(-1, 3, 2, 2)
    torch.manual_seed(seed)
    found, mixed = mix({"a": pictures, "b": -pictures}, strength)
    assert 0.5 <= mixed.share <= 1
    assert sorted(mixed.order.tolist()) == list(range(count))
    wanted = mixed.share * pictures + (1 - mixed.share) * pictures[mixed.order]
    assert torch.allclose(found["a"], wanted, atol=1e-5) and torch.equal(found["b"], -found["a"])
    torch.manual_seed(seed)
    assert mix({"a": pictures}, strength)[1].share == mixed.share


def test_the_loss_is_that_of_mixed_truths() -> None:
    logits, truth = torch.randn(6, 4), torch.tensor([0, 1, 2, 3, 0, 1])
    mixed = Mixed(0.7, torch.tensor([5, 4, 3, 2, 1, 0]))
    soft = 0.7 * F.one_hot(truth, 4) + 0.3 * F.one_hot(truth[mixed.order], 4)
    assert torch.allclose(
        mixed.loss(lambda t: F.cross_entropy(logits, t), truth), F.cross_entropy(logits, soft)
    )


def test_what_cannot_be_mixed_is_said() -> None:
    check_mixup({"image": ImageColumn()}, kept=False)
    with pytest.raises(RecipeError, match="mixes pictures and sounds, and size is a column of type 'number'"):
        check_mixup({"image": ImageColumn(), "size": NumberColumn()}, kept=False)
    with pytest.raises(RecipeError, match="computed beforehand"):
        check_mixup({"image": ImageColumn()}, kept=True)


def test_a_run_is_the_same_each_time_and_another_without(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    labels = np.array(["dark", "light"] * 40)
    pictures = random.integers(0, 80, (80, 8, 8, 1)).astype(np.uint8) + np.where(labels == "light", 150, 0)[
        :, None, None, None
    ].astype(np.uint8)
    examples = from_arrays(image=pictures, label=labels)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        '[inputs]\nimage = { type = "image", size = [8, 8], channels = 1 }\n[targets]\nlabel = "category"\n'
        '[network]\nname = "mlp"\nhidden = [8]\n[training]\nepochs = 3\nbatch_size = 16\n'
    )
    found = []
    for i, change in enumerate(["mixup=0.4", "mixup=0.4", "mixup=0"]):
        run = hornbook.train(
            examples,
            recipe=recipe,
            run=tmp_path / str(i),
            changes=[f"training.{change}"],
            progress=Silent(),
        )
        found.append(hashlib.sha256((run.path / "recognizer.onnx").read_bytes()).hexdigest())
    assert found[0] == found[1] != found[2]
