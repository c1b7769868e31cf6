"""The optimizers: AdamW and SGD, one fused kernel of PyTorch a step for all parameters of a group.

They give the bits of `torch.optim.AdamW` and `torch.optim.SGD` with ``fused=True`` (a test compares them). Those cost
more than the arithmetic where networks are small: the first one made in a process loads the compiler `torch._dynamo`,
1.5 s of every training, and each step sorts the parameters by device and type again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

EPSILON = 1e-8
"""Added to the root of the second moment, as Kingma and Ba 2015 (arXiv:1412.6980) have it."""


class Optimizer(ABC):
    """Parameters in groups, each with a learning rate ``lr`` and a ``weight_decay``, and what is remembered of each.

    Parameters
    ----------
    groups
        Each with ``params`` and ``weight_decay``.
    learning_rate
        To begin with; set ``param_groups[i]["lr"]`` before a step.
    moments
        Tensors of the shape of a parameter that are kept for it.
    """

    def __init__(self, groups: Iterable[Mapping[str, Any]], learning_rate: float, moments: int) -> None:
        self.param_groups: list[dict[str, Any]] = [{**g, "lr": learning_rate} for g in groups]
        self.steps = torch.zeros((), device=self._first().device)
        self.moments = [
            [[torch.zeros_like(p) for p in g["params"]] for _ in range(moments)] for g in self.param_groups
        ]

    def _first(self) -> Tensor:
        return next((p for g in self.param_groups for p in g["params"]), torch.zeros(()))

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient."""
        self.steps += 1
        for group, moments in zip(self.param_groups, self.moments, strict=True):
            parameters: list[Tensor] = group["params"]
            gradients = [p.grad for p in parameters if p.grad is not None]
            if len(gradients) < len(parameters):  # a part of the network that this batch did not use
                used = [i for i, p in enumerate(parameters) if p.grad is not None]
                parameters = [parameters[i] for i in used]
                moments = [[moment[i] for i in used] for moment in moments]
            if parameters:
                self._move(group, parameters, gradients, moments)

    @abstractmethod
    def _move(
        self,
        group: Mapping[str, Any],
        parameters: list[Tensor],
        gradients: list[Tensor],
        moments: list[list[Tensor]],
    ) -> None:
        """Move the parameters of a group."""

    def state_dict(self) -> dict[str, Any]:
        """Return all that is remembered, as tensors and numbers in lists."""
        rates = [group["lr"] for group in self.param_groups]
        return {"steps": self.steps, "moments": self.moments, "rates": rates}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave.

        Raises
        ------
        ValueError, RuntimeError, KeyError
            It is of other parameters.
        """
        self.steps.copy_(state["steps"])
        for group, rate in zip(self.param_groups, state["rates"], strict=True):
            group["lr"] = rate
        for mine, theirs in zip(self.moments, state["moments"], strict=True):
            for some, others in zip(mine, theirs, strict=True):
                for tensor, other in zip(some, others, strict=True):
                    tensor.copy_(other)


class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101).

    Examples
    --------
    >>> weight = nn.Parameter(torch.ones(2))
    >>> optimizer = AdamW([{"params": [weight], "weight_decay": 0.0}], 0.1)
    >>> weight.sum().backward()
    >>> optimizer.step()
    >>> torch.allclose(weight, torch.tensor(0.9))
    True
    """

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        learning_rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        super().__init__(groups, learning_rate, moments=2)
        self.betas = betas

    def _move(
        self,
        group: Mapping[str, Any],
        parameters: list[Tensor],
        gradients: list[Tensor],
        moments: list[list[Tensor]],
    ) -> None:
        torch._fused_adamw_(
            parameters,
            gradients,
            moments[0],
            moments[1],
            [],
            [self.steps] * len(parameters),
            lr=group["lr"],
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=group["weight_decay"],
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )


class Sgd(Optimizer):
    """Gradient descent, with Nesterov momentum where ``momentum`` is over 0 (Sutskever et al. 2013)."""

    def __init__(self, groups: Iterable[Mapping[str, Any]], learning_rate: float, momentum: float) -> None:
        super().__init__(groups, learning_rate, moments=1 if momentum else 0)
        self.momentum = momentum

    def _move(
        self,
        group: Mapping[str, Any],
        parameters: list[Tensor],
        gradients: list[Tensor],
        moments: list[list[Tensor]],
    ) -> None:
        torch._fused_sgd_(
            parameters,
            gradients,
            moments[0] if moments else [],
            lr=group["lr"],
            weight_decay=group["weight_decay"],
            momentum=self.momentum,
            dampening=0.0,
            nesterov=self.momentum > 0,
            maximize=False,
            is_first_step=False,
        )


def make_optimizer(
    network: nn.Module, name: str, learning_rate: float, decay: float, momentum: float
) -> Optimizer:
    """Return the optimizer of a network's weights that learn.

    Weights of two and more dimensions decay; biases and norms have nothing to gain from it.
    """
    learned = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learned if p.dim() > 1], "weight_decay": decay},
        {"params": [p for p in learned if p.dim() <= 1], "weight_decay": 0.0},
    ]
    groups = [g for g in groups if g["params"]]
    if name == "sgd":
        return Sgd(groups, learning_rate, momentum)
    return AdamW(groups, learning_rate, betas=(0.9, 0.99))
