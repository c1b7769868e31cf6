"""Pictures as answers: how they are compared, what makes them of features, and what is shown of the worst."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from hornbook.columns.base import Array
from hornbook.columns.evaluation import Evaluation, Judged, evaluate_on
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.image.compare import compared, psnr_of, ssim_of
from hornbook.columns.image.evaluation import PictureEvaluation, pictures_of, pixels_of
from hornbook.columns.image.network import ImageHead, ssim
from hornbook.errors import RecipeError, RunError

RNG = np.random.default_rng(0)


def test_structure_is_one_for_the_same_and_less_for_another() -> None:
    a = RNG.random((3, 20, 17, 3), np.float32)
    b = np.clip(a + RNG.normal(0, 0.1, a.shape), 0, 1).astype(np.float32)
    assert np.allclose(ssim_of(a, a), 1)
    assert ((ssim_of(a, b) < 0.99) & (ssim_of(a, b) > ssim_of(a, RNG.random(a.shape, np.float32)))).all()
    in_torch = ssim(*(torch.from_numpy(x).permute(0, 3, 1, 2) for x in (a, b)))
    assert np.allclose(in_torch.numpy(), ssim_of(a, b), atol=1e-5)
    assert ssim_of(a[:, :2, :3], b[:, :2, :3]).shape == (3,)  # smaller than the window


def test_structure_is_what_the_formula_gives_for_plain_grey() -> None:
    black, grey = np.zeros((1, 12, 12, 1), np.float32), np.full((1, 12, 12, 1), 0.5, np.float32)
    assert ssim_of(black, grey)[0] == pytest.approx(0.0001 / (0.25 + 0.0001), rel=1e-4)


def test_errors_are_those_of_values_from_0_to_1_and_one_picture_may_stand_for_all() -> None:
    truth = np.full((4, 3, 3, 1), 51, np.uint8)
    found = compared(np.full((1, 3, 3, 1), 0.7, np.float32), truth)
    assert np.allclose(found["mse"], 0.25) and np.allclose(found["mae"], 0.5) and len(found["ssim"]) == 4
    assert psnr_of(found["mse"])[0] == pytest.approx(6.0206, abs=1e-4)


@pytest.mark.parametrize("options", [{}, {"decoder": (8, 4)}, {"code": 2, "decoder": (8, 4, 4)}])
@pytest.mark.parametrize("loss", ["mse", "mae", "bce", "ssim"])
def test_a_head_learns_a_picture_by_every_loss(options: dict[str, Any], loss: Any) -> None:
    column = ImageColumn(size=(9, 12), channels=1, loss=loss, **options)
    torch.manual_seed(0)
    head = ImageHead(column, (5,))
    truth = torch.zeros((6, 12, 9, 1), dtype=torch.uint8)
    truth[:, 3:9, 2:7] = 255
    features = torch.randn(6, 5)
    optimizer = torch.optim.Adam(head.parameters(), 0.02)
    first = head.metric_sum(head(features), truth)
    for _ in range(60):
        optimizer.zero_grad()
        head.loss(head(features), truth).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert head.metric_sum(head(features), truth) < 0.2 * first


def test_a_code_that_is_drawn_differs_while_training_and_is_its_mean_in_use() -> None:
    head = ImageHead(ImageColumn(size=(4, 4), channels=1, code=3, beta=1.0), (5,))
    features = torch.randn(2, 5)
    assert not torch.equal(head(features), head(features))
    head.eval()
    assert torch.equal(head(features), head(features))
    assert torch.equal(head.from_code(head.code(features)), head.values(head(features)))
    zeros = head(features).detach()
    zeros[:, 16:] = 0  # the normal distribution itself: no divergence
    truth = torch.zeros((2, 4, 4, 1), dtype=torch.uint8)
    away = zeros.clone()
    away[:, 16:19] = 2  # three means, two away: 3 * 4 / 2 nats over 16 values
    assert float(head.loss(away, truth) - head.loss(zeros, truth)) == pytest.approx(6 / 16, rel=1e-4)


def test_a_residual_adds_nothing_at_first_and_needs_an_input_of_its_size() -> None:
    column = ImageColumn(size=(6, 5), channels=1, residual=True)
    head = ImageHead(column, (4, 5, 6))
    seen = torch.rand(2, 1, 5, 6)
    found = head.outputs(head(torch.randn(2, 4, 5, 6), seen))
    assert torch.allclose(found, seen.permute(0, 2, 3, 1))
    assert head.look_at("clean", {"noisy": ImageColumn(size=(6, 5), channels=1)}) == "noisy"
    with pytest.raises(RecipeError, match="an input of 6 x 5 pixels and 1 channels, and there is none"):
        head.look_at("clean", {"noisy": ImageColumn(size=(6, 6), channels=1)})
    with pytest.raises(RecipeError, match="features of every pixel"):
        ImageHead(column, (7,))
    assert ImageColumn(residual=True, code=3).objection() and ImageColumn(beta=1.0).objection()


def judged(column: ImageColumn, outputs: Array, truth: Array, given: Array) -> Evaluation:
    return evaluate_on(
        column, outputs, truth, Judged("clean", "test", truth, given=lambda places: given[places])
    )


def test_the_worst_come_first_with_their_pictures_beside_both_guesses() -> None:
    column = ImageColumn(size=(8, 6), channels=1)
    truth = RNG.integers(0, 256, (5, 6, 8, 1), dtype=np.uint8)
    noisy = np.clip(truth.astype(int) + 40, 0, 255).astype(np.uint8)
    outputs = truth / 255 + np.linspace(0, 0.4, 5)[:, None, None, None]
    found = judged(column, outputs, truth, noisy)
    assert isinstance(found, PictureEvaluation)
    assert found.mistaken == [4, 3, 2, 1, 0]
    assert set(found.guesses) == {"always the mean picture", "the input itself"}
    name, score = found.baseline
    assert name == "the input itself" and score == pytest.approx(compared(noisy, truth)["mse"].mean())
    pictures = {kind: pixels_of(text) for kind, text in pictures_of(found.worst[-1]).items()}
    assert np.array_equal(pictures["given"], noisy[0, ..., 0])
    assert np.array_equal(pictures["answer"], truth[0, ..., 0])
    same = judged(column, outputs, truth, truth)
    assert isinstance(same, PictureEvaluation)
    assert "the input itself" not in same.guesses  # of an autoencoder it would be no guess


def test_a_picture_of_scores_that_is_damaged_is_one_sentence() -> None:
    memory = io.BytesIO()
    Image.new("L", (3000, 1)).save(memory, "PNG")
    for text in ("?", "aGVsbG8=", base64.b64encode(memory.getvalue()).decode()):
        with pytest.raises(RunError, match="evaluate the run again"):
            pixels_of(text)
