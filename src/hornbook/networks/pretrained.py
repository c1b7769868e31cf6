"""A net that others have trained, as a body: a first part that stays as it is, and a last one that may learn on.

Features are the mean and the largest value of each of the last picture's channels, each of the two scaled to one length
(cosines, as Chen et al. 2019, arXiv:1904.04232, found best of few examples). On ants and bees, and on hand signs, a
linear head on both is one to two points better than on the mean alone.

Beside them may stand what the net itself takes the picture for: the probabilities of those of its thousand classes that
it sees most in the training pictures. Where these are things that it knows (bees, flowers) that is one to two points
more, and where they are not (hand signs) four fewer, so folds decide.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from hornbook.common.safe_names import shown
from hornbook.errors import DataError, RecipeError
from hornbook.networks.body import Body
from hornbook.networks.layers import Shape
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.sources.backbones import backbone_of

__all__ = ["PretrainedBody", "fill", "load_weights", "pretrained"]

LENGTH = 10.0
"""Of the scaled features: what makes the rates and decays of heads on other features right for these."""

APART = 0.55
"""Of the numbers by which faces are compared: dlib says 0.6. On our photos two pictures of one person are at most 0.47
apart, and 57 strangers at least 0.58 from eight people; weights of a byte cost something."""

LAST = 5
"""So many blocks are the last ones: those that see the picture at a thirty-second of its size."""


class PretrainedBody(Body):
    """Pictures (batch, 3 or 1, H, W), standardized as the net was trained, to features (batch, 2 * channels)."""

    known_weight: Tensor | None
    known_bias: Tensor | None
    compared: Tensor | None

    def __init__(self, options: Pretrained) -> None:
        super().__init__()
        backbone_of(options.backbone)  # which says what it may be
        self.backbone = options.backbone
        net = import_module(f"hornbook.networks.backbones.{options.backbone}")
        self.blocks = nn.Sequential(*net.blocks())
        learn = {"last": LAST, "all": len(self.blocks)}.get(options.fine_tune, 0)
        self.cut = len(self.blocks) - learn
        self.dropout = nn.Dropout(options.dropout)
        for block in list(self.blocks)[: self.cut]:
            block.requires_grad_(False)
        channels: int = net.CHANNELS
        numbers: int = net.COMPARES if options.embedding else 0
        if options.embedding and not numbers:
            raise RecipeError(
                f"network.embedding is for nets that learned to compare, and {options.backbone} did not: leave it out, "
                'or set network.backbone = "face_resnet"'
            )
        self.register_buffer("compared", torch.zeros(numbers, channels) if numbers else None)
        self.features: Shape = (numbers or 2 * channels + options.classes,)
        self.classifier: tuple[Tensor, Tensor] | None = None
        known = options.classes
        self.register_buffer("known_weight", torch.zeros(known, channels) if known else None)
        self.register_buffer("known_bias", torch.zeros(known) if known else None)
        self.train()

    def train(self, mode: bool = True) -> PretrainedBody:
        """Learn or not; the statistics of batch normalization stay those that the net was trained with."""
        super().train(mode)
        for module in self.blocks.modules():
            if isinstance(module, _BatchNorm):
                module.eval()
        return self

    @property
    def keeps(self) -> bool:
        """Whether a first part stays as it is."""
        return self.cut > 0

    def kept(self, given: Tensor) -> Tensor:
        """Return what the first part gives: a picture, or the features where nothing of the net learns."""
        if given.shape[1] == 1:  # a grey picture is one of three equal channels
            given = given.expand(-1, 3, -1, -1)
        with torch.no_grad():
            for block in list(self.blocks)[: self.cut]:
                given = block(given)
            return given if self.cut < len(self.blocks) else pooled(given)

    @property
    def apart(self) -> float | None:
        """From which distance of features on two inputs are of different things, where that is known."""
        return APART * LENGTH if self.compared is not None else None

    def meaning(self) -> list[int | str]:
        """Return which net it is, and where it is cut."""
        return [self.backbone, self.cut]

    def rest(self, kept: Tensor) -> Tensor:
        """Return the features from what was kept."""
        features: Tensor = self.dropout(self._scaled(self.pooled(kept)))
        return features

    @property
    def ends_in_picture(self) -> bool:
        """Whether its features are pooled of a picture of channels."""
        return True

    def from_picture(self, picture: Tensor) -> Tensor:
        """Return the features of the last picture."""
        features: Tensor = self.dropout(self._scaled(pooled(picture)))
        return features

    def first_state(self) -> dict[str, Tensor]:
        """Return the weights of the first part."""
        return dict(self.blocks[: self.cut].state_dict())

    def pooled(self, kept: Tensor) -> Tensor:
        """Return the mean and the largest value of each channel of the last picture."""
        if self.cut == len(self.blocks):
            return kept
        for block in list(self.blocks)[self.cut :]:
            kept = block(kept)
        return pooled(kept)

    def _scaled(self, found: Tensor) -> Tensor:
        """Return means and largest values each of one length, and the probabilities of the known classes."""
        mean, largest = found.chunk(2, 1)
        if self.compared is not None:
            return F.linear(mean, self.compared) * LENGTH
        parts = [F.normalize(mean), F.normalize(largest)]
        if self.known_weight is not None and self.known_bias is not None:
            logits = F.linear(mean, self.known_weight, self.known_bias)
            parts.append(torch.softmax(logits, 1).clamp_min(1e-12).sqrt())
        return torch.cat(parts, 1) * LENGTH

    @torch.no_grad()
    def know(self, kept: Tensor) -> None:
        """Choose the classes of the net that it sees most in pictures of which this was kept."""
        if self.known_weight is None or self.known_bias is None or self.classifier is None:
            return
        weight, bias = self.classifier
        mean = self.pooled(kept).chunk(2, 1)[0]
        seen = torch.softmax(F.linear(mean, weight, bias), 1).mean(0)
        most = seen.argsort(descending=True, stable=True)[: len(self.known_bias)]
        self.known_weight.copy_(weight[most])
        self.known_bias.copy_(bias[most])

    def last_picture(self, given: Tensor) -> Tensor:
        """Return the last picture, (batch, channels, H / 32, W / 32), which the features are pooled of."""
        found: Tensor = self.blocks(given.expand(-1, 3, -1, -1))
        return found

    def forward(self, given: Tensor) -> Tensor:
        """Return the features."""
        return self.rest(self.kept(given))

    def factors(self) -> dict[nn.Parameter, float]:
        """Return what the learning rate of each weight is multiplied by: earlier blocks know what is more general."""
        learning = list(self.blocks)[self.cut :]
        return {
            p: 0.7 ** (len(learning) - 1 - i) for i, block in enumerate(learning) for p in block.parameters()
        }


def pooled(picture: Tensor) -> Tensor:
    """Return the mean and the largest value of each channel of a picture.

    >>> pooled(torch.ones(2, 8, 7, 7)).shape
    torch.Size([2, 16])
    """
    picture = picture.float()
    return torch.cat([picture.mean((2, 3)), picture.amax((2, 3))], 1)


def pretrained(options: Pretrained) -> tuple[nn.Module, Shape]:
    """Return the body, and its features' shape, for pictures of any size; its weights come by `load_weights`."""
    body = PretrainedBody(options)
    return body, body.features


def load_weights(network: nn.Module, path: Path) -> None:
    """Give the nets in a network the weights of a file whose checksum is right.

    Raises
    ------
    DataError
        The file is no file of weights, or of another net.
    """
    for body in network.modules():
        if not isinstance(body, PretrainedBody):
            continue
        body.classifier = classifier = fill(body.blocks, body.backbone, path)
        if body.compared is not None:
            body.compared.copy_(classifier[0])


def fill(blocks: nn.Sequential, backbone: str, path: Path) -> tuple[Tensor, Tensor]:
    """Give the first blocks of a net the weights of a file; return the layer that stands in it beside them.

    Raises
    ------
    DataError
        The file is no file of weights, or of another net.
    """
    net = import_module(f"hornbook.networks.backbones.{backbone}")
    try:
        given, classifier = net.read(path)
    except (OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise DataError(f"{shown(path)} holds no weights that can be read: get it again") from error
    wanted = blocks.state_dict()
    wrong = [k for k, v in wanted.items() if k not in given or given[k].shape != v.shape]
    if wrong:
        raise DataError(
            f"{shown(path)} is of another net than {backbone}: {len(wrong)} of {len(wanted)} weights are not in it, or "
            "of another shape"
        )
    blocks.load_state_dict({k: given[k] for k in wanted})
    return classifier[0], classifier[1]
