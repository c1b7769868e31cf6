"""The options of a net that others have trained (`hornbook.sources.backbones` knows the nets)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from hornbook.recipe.family import Family, Fraction
from hornbook.sources.backbones import BACKBONES

__all__ = ["Pretrained"]


@dataclass(frozen=True)
class Pretrained(Family):
    """A net that others have trained on a million photographs, and a new head on what it sees: for few pictures.

    What the frozen part of the net says of each picture, and of some changed views of it, is computed once and kept.

    Parameters
    ----------
    backbone
        The net: ``mobilenet_v2`` (Sandler et al. 2018), ``efficientnet_lite0`` (Tan and Le 2019), or, for faces that
        are cut out, ``face_resnet`` (King 2017).
    weights
        The file with its weights, or a folder that it lies in; by default it is fetched once.
    fine_tune
        What learns: the ``head`` alone; after it also the ``last`` blocks of the net, or ``all`` of it; ``auto``: the
        last blocks where the head alone, judged by folds, is wrong more often than one time in twelve.
    views
        So many changed views of each training picture are kept, beside the picture itself: what they are changed by
        is said in ``[training.augment.NAME]``.
    classes
        So many of the thousand classes that the net was trained to tell apart, those that it sees most in the training
        pictures, stand beside the features with their probabilities; where there are folds, only if these find that it
        helps, and never where more than the head learns.
    tune_epochs
        Epochs of fine-tuning after those of the head.
    tune_rate
        The learning rate of the last block then; each block before it has seven tenths of that of the next one.
    embedding
        The features are the numbers by which the net itself compares two pictures (``face_resnet``: 128); what is
        farther from all examples than two pictures of one person are is then unlike them.
    dropout
        Fraction of the features dropped while training.
    folds
        The training rows are judged by so many folds, on what is kept, where no other rows are held back; 0 for none.
    """

    backbone: str = "mobilenet_v2"
    weights: str = ""
    fine_tune: Literal["head", "last", "all", "auto"] = "head"
    views: Annotated[int, Ge(0), Le(64)] = 4
    classes: Annotated[int, Ge(0), Le(1000)] = 0
    tune_epochs: Annotated[int, Ge(1), Le(10_000)] = 20
    tune_rate: Annotated[float, Gt(0), Le(1)] = 0.001
    embedding: bool = False
    dropout: Fraction = 0.0
    folds: Annotated[int, Ge(0), Le(100)] = 0

    @property
    def arithmetic(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """Mean and std of each channel that the net was trained with."""
        one = BACKBONES.get(self.backbone)
        return None if one is None else (one.mean, one.std)
