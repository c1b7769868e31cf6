"""Muon: momentum whose matrices are made orthogonal before they move the weights (K. Jordan et al. 2024).

A gradient's matrix mostly points in a few directions; here all are followed equally far. That costs products of the
size of the weights, whatever the batch is: 6 % of a step of the recipe ``cifar10``, of which 4 epochs with it at half
the width read 90.1 % of the test pictures, and with SGD 88.8 %. The longer the training, the smaller the difference;
from a thousand pictures AdamW learns more.
https://kellerjordan.github.io/posts/muon

`torch.optim.Muon` (PyTorch 2.13) takes no convolutions and no matrices side by side, always multiplies in bfloat16, and
loads the compiler `torch._dynamo` (1.5 s). Its step is as fast as this one under autocast (0.19 s for six matrices of
the recipe ``cifar10``), so this one stays.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hornbook.networks.ensemble import Several

STEPS = 5
FACTORS = (3.4445, -4.7750, 2.0315)
"""Of the Newton-Schulz iteration: chosen by K. Jordan so that small singular values grow fastest."""
LENGTH = 0.2
"""How far a weight is moved by a learning rate of 1, in the mean: as by AdamW (Liu et al. 2025, arXiv:2502.16982)."""


def orthogonal(matrix: Tensor) -> Tensor:
    """Return the matrix with its singular values between 0.7 and 1.2 (those that are not tiny beside the others).

    Parameters
    ----------
    matrix
        Shape (..., rows, columns). Under autocast the products are of low precision, which does no harm.

    Examples
    --------
    >>> torch.linalg.svdvals(orthogonal(torch.diag(torch.tensor([4.0, 1.0])))).round(decimals=1)
    tensor([0.7000, 0.7000])
    """
    first, third, fifth = FACTORS
    tall = matrix.shape[-2] > matrix.shape[-1]
    x: Tensor = matrix.mT if tall else matrix
    x = x / torch.linalg.matrix_norm(x, keepdim=True).clamp_min(1e-7)
    for _ in range(STEPS):
        gram = x @ x.mT
        x = first * x + (third * gram + fifth * (gram @ gram)) @ x
    return x.mT if tall else x


def move(
    parameters: list[Tensor],
    gradients: list[Tensor],
    moments: list[list[Tensor]],
    steps: Tensor,
    *,
    momentum: float,
    side_by_side: bool,
    lr: float,
    weight_decay: float,
) -> None:
    """Move weights by orthogonal Nesterov momentum; weight decay is decoupled.

    A move is as long as one of AdamW, so that a learning rate and a decay that do for it do here as well.

    Parameters
    ----------
    side_by_side
        Whether a weight is several matrices, (members, in, out), or one, (out, in, ...).
    """
    (mean,) = moments
    torch._foreach_mul_(mean, momentum)
    torch._foreach_add_(mean, gradients)
    ahead = torch._foreach_add(gradients, mean, alpha=momentum)
    torch._foreach_mul_(parameters, 1 - lr * weight_decay)
    for parameter, by in zip(parameters, ahead, strict=True):
        matrix = by if side_by_side else by.flatten(1)
        length = LENGTH * max(matrix.shape[-2:]) ** 0.5
        parameter.add_(orthogonal(matrix).reshape(by.shape), alpha=-lr * length)


def matrices(network: nn.Module) -> tuple[list[Tensor], list[Tensor]]:
    """Return the weights that turn features into features: those that are a matrix each, and several side by side.

    They are those of the linear layers and convolutions of its ``body``, or of all where it has no such part.
    """
    modules = list(dict(network.named_children()).get("body", network).modules())
    each: list[Tensor] = [m.weight for m in modules if isinstance(m, nn.Linear | nn.Conv1d | nn.Conv2d)]
    several: list[Tensor] = [m.weight for m in modules if isinstance(m, Several)]
    return each, several
