"""How unlike the examples something is: a number beside the answer, found from the features before the head.

A confidence is honest for what is like the examples; of a photo of a sofa a recognizer of ants and bees is just as
sure. Features of such a photo lie elsewhere, though. Each row of features is brought to length one (Sun et al. 2022,
section 3), and its distance is taken from the nearest class: a Gaussian for each with one covariance for all (Lee et
al. 2018, section 2.1) in the principal directions, and the length of what lies outside of these (Wang et al. 2022,
section 4). The distance is then said as a share: how many examples that were not learned from are less unlike.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from hornbook.columns.base import Array

__all__ = ["AnyNovelty", "Like", "Nearest", "Novelty", "fit_novelty", "shares_of"]

MOST_DIRECTIONS = 32
"""Principal directions: of 8, 16, 32, 64 and 128 it is 32 from which more tell hardly more apart."""

FEWEST_DIRECTIONS = 16
"""As many there are even in a small file."""

SHARE_OF_FILE = 0.05
"""Of the bytes of the weights, so much may be directions."""

ROWS_A_DIRECTION = 4
"""Fewer rows than so many for each direction would be known by heart."""

MOST_FEATURES = 4096
"""Neighbouring features of more are averaged first."""

MOST_CLASSES = 512
"""The rows of more classes are one cloud."""

SHRINKAGE = 0.1
"""How much of the covariance is that of a sphere."""

LEAST_OUTSIDE = 0.01
"""Share of the variance outside of the principal directions from which on it counts."""

KNOTS = 33
"""Distances of which it is known how many examples are nearer."""

FEW = 50
"""With fewer rows that were not learned from, the training rows are asked too, each of them left out in its turn."""

FOLDS = 10
TAIL, FEW_FOR_TAIL = 0.1, 200
"""Share of the examples that lie farthest, whose distances a law says; of fewer examples it is twice the share."""

LEAST_SLOPE = 0.05
"""Of that law: examples that all lie at one distance say nothing of it."""

TINY = 1e-6

KNOWN = 0.98
"""The share at the distance from which on something is different: `hornbook.recognizer.answer.UNLIKE`."""


FALSE_ALARMS = 0.05
"""Of good examples, so many are called odd."""

EVEN = math.log((1 - FALSE_ALARMS) / FALSE_ALARMS)
"""The log odds of the share of good examples that are less far, from which on something is odd."""


class _Cloud(NamedTuple):
    """Where the training rows lie.

    Attributes
    ----------
    mean, directions
        Of features of length one: ``(F,)`` and ``(F, K)``, whole numbers times ``scale``.
    scale
        Of each direction, ``(K,)``.
    whitening
        Makes the rows of a class a sphere, ``(K, K)``.
    centers
        Of the classes, whitened, ``(classes, K)``.
    outside
        What the squared length of the rest counts.
    """

    mean: Array
    directions: Array
    scale: Array
    whitening: Array
    centers: Array
    outside: float


class Nearest(nn.Module):
    """Features ``(batch, F)`` to how unlike the examples a row is, where it is known how far apart is different.

    Up to that distance from the nearest example the share grows to `KNOWN`, and then, to twice the distance, to 1.
    """

    examples: Tensor

    def __init__(self, examples: Tensor, apart: float) -> None:
        super().__init__()
        self.apart = apart
        self.register_buffer("examples", examples.float())

    def forward(self, features: Tensor) -> Tensor:
        """Return the share, ``(batch, 1)``."""
        features = features.float()
        squares = (features * features).sum(1, keepdim=True) + (self.examples * self.examples).sum(1)
        squared = squares - 2 * features @ self.examples.T
        distance = squared.amin(1, keepdim=True).clamp_min(0).sqrt() / self.apart
        share: Tensor = distance.clamp(0, 1) * KNOWN + (distance - 1).clamp(0, 1) * (1 - KNOWN)
        return share


class Novelty(nn.Module):
    """Features ``(batch, F)`` to how unlike the examples a row is, 0 to 1, ``(batch, 1)``."""

    mean: Tensor
    directions: Tensor
    scale: Tensor
    whitening: Tensor
    centers: Tensor
    knots: Tensor
    widths: Tensor
    shares: Tensor

    def __init__(self, cloud: _Cloud, held_out: Array, group: int) -> None:
        super().__init__()
        self.group, self.outside = group, cloud.outside
        for name in ("mean", "scale", "whitening", "centers"):
            self.register_buffer(name, torch.tensor(getattr(cloud, name), dtype=torch.float32))
        self.register_buffer("directions", torch.tensor(cloud.directions, dtype=torch.int8))
        knots, shares = shares_of(held_out)
        self.register_buffer("knots", torch.tensor(knots[:-1], dtype=torch.float32))
        self.register_buffer("widths", torch.tensor(np.diff(knots), dtype=torch.float32))
        self.register_buffer("shares", torch.tensor(np.diff(shares)[:, None], dtype=torch.float32))

    def distance(self, features: Tensor) -> Tensor:
        """Return the squared distance of each row from its nearest class, ``(batch, 1)``."""
        return _distance(averaged(features, self.group), self)

    def forward(self, features: Tensor) -> Tensor:
        """Return how many of 1 held-out examples are less unlike."""
        steps = ((self.distance(features) - self.knots) / self.widths).clamp(0, 1)
        share: Tensor = steps @ self.shares
        return share


class Like(nn.Module):
    """Features to the share of good examples that are less unlike, 0 to 1, (batch, 1).

    ``odds`` says of features the log odds that something is odd.
    """

    def __init__(self, odds: nn.Module) -> None:
        super().__init__()
        self.odds = odds

    def forward(self, features: Tensor) -> Tensor:
        """Return the share."""
        return torch.sigmoid(self.odds(features) + EVEN)


AnyNovelty: TypeAlias = Novelty | Nearest | Like
"""What says of features how unlike the examples a row is."""


def averaged(features: Tensor, group: int) -> Tensor:
    """Return the means of so many neighbouring features."""
    features = features.float()
    if group > 1:
        features = nn.functional.avg_pool1d(features[:, None], group)[:, 0]
    return features


def _distance(features: Tensor, cloud: Novelty) -> Tensor:
    unit = features / features.norm(dim=1, keepdim=True).clamp_min(TINY) - cloud.mean
    inside = unit @ (cloud.directions.float() * cloud.scale)
    rest = (unit * unit).sum(1, keepdim=True) - (inside * inside).sum(1, keepdim=True)
    white = inside @ cloud.whitening
    centers = cloud.centers
    apart = (white * white).sum(1, keepdim=True) + (centers * centers).sum(1) - 2 * white @ centers.T
    distance: Tensor = apart.amin(1, keepdim=True) + cloud.outside * rest
    return distance


def fit_novelty(
    train: Tensor, held_out: Tensor, classes: Array | None, parameters: int, seed: int = 0
) -> Novelty | None:
    """Find where the training rows lie, and how far from there examples are that were not learned from.

    Parameters
    ----------
    train, held_out
        Features ``(rows, F)`` of training rows, and of others, of which there may be none.
    classes
        The class of each training row; None where there are none.
    parameters
        Of the network: a small file stays small.
    seed
        Of the folds.

    Returns
    -------
    None where there is too little to say.
    """
    group = math.ceil(train.shape[1] / MOST_FEATURES)
    rows, others = averaged(train, group), averaged(held_out, group)
    if len(rows) < 2 * ROWS_A_DIRECTION or not bool(rows.isfinite().all() and others.isfinite().all()):
        return None
    places = np.zeros(len(rows), np.int64) if classes is None else np.unique(classes, return_inverse=True)[1]
    if places.max() >= MOST_CLASSES:
        places[:] = 0
    room = int(SHARE_OF_FILE * 4 * parameters / rows.shape[1])
    most = min(MOST_DIRECTIONS, max(FEWEST_DIRECTIONS, room), len(rows) // ROWS_A_DIRECTION, rows.shape[1])
    cloud = _cloud(rows, places, most)
    if cloud is None:
        return None
    first = Novelty(cloud, np.arange(2.0), 1)
    apart = _distances(first, others)
    if len(others) < FEW:
        apart = np.concatenate([apart, _left_out(rows, places, most, seed, apart)])
    if len(apart) < 2 or not np.isfinite(apart).all():
        return None
    return Novelty(cloud, apart, group)


def _cloud(rows: Tensor, places: Array, most: int) -> _Cloud | None:
    """Return where rows lie, in so many directions at most; None where they all lie in one place."""
    given = rows.numpy().astype(np.float64)
    unit = given / np.maximum(np.linalg.norm(given, axis=1, keepdims=True), TINY)
    mean = unit.mean(0)
    unit -= mean
    count = len(unit)
    directions, lengths = _principal(unit, most)
    directions = directions[:, lengths > TINY * max(float(lengths[0]), TINY)]
    if not directions.shape[1] or lengths[0] < TINY:
        return None
    scale = np.abs(directions).max(0) / 127
    whole = np.round(directions / scale)
    inside = unit @ (whole * scale)
    number = places.max() + 1
    sums = np.zeros((number, inside.shape[1]))
    np.add.at(sums, places, inside)
    centers = sums / np.maximum(np.bincount(places, minlength=number), 1)[:, None]
    within = inside - centers[places]
    covariance = within.T @ within / count
    k = len(covariance)
    sphere = max(float(np.trace(covariance)) / k, TINY**2)
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * sphere * np.eye(k)
    whitening = np.linalg.cholesky(np.linalg.inv(covariance))
    every, rest = float((unit**2).mean(0).sum()), float(((unit**2).sum(1) - (inside**2).sum(1)).mean())
    # As much as inside: of K directions the mean is K. Where hardly anything lies outside, it is rounding.
    outside = k / rest if rest > LEAST_OUTSIDE * every else 0.0
    return _Cloud(mean, whole, scale, whitening, centers @ whitening, outside)


def _principal(rows: Array, most: int) -> tuple[Array, Array]:
    """Return the principal directions of centred rows, ``(F, most)``, and how long the rows are along each.

    By a randomized range finder with power iterations (Halko, Martinsson and Tropp 2011, algorithm 4.4).
    """
    wide = min(most + 8, *rows.shape)
    start = np.random.default_rng(0).standard_normal((rows.shape[1], wide))
    found = np.linalg.qr(rows @ start)[0]
    for _ in range(4):
        found = np.linalg.qr(rows @ (rows.T @ found))[0]
    _, lengths, directions = np.linalg.svd(found.T @ rows, full_matrices=False)
    return directions[:most].T, lengths[:most]


@torch.no_grad()
def _distances(module: Novelty, rows: Tensor) -> Array:
    """Return the distances of flat rows, ``float64``."""
    return module.distance(rows)[:, 0].numpy().astype(np.float64) if len(rows) else np.zeros(0)


def _left_out(rows: Tensor, places: Array, most: int, seed: int, held_out: Array) -> Array:
    """Return how far training rows are from where the others lie.

    What was learned from lies nearer than what was not: where some of that is there, it says by how much.
    """
    folds = np.random.default_rng(seed).permutation(len(rows)) % FOLDS
    apart = np.zeros(len(rows))
    for fold in range(FOLDS):
        rest = folds != fold
        known = np.unique(places[rest], return_inverse=True)[1]
        cloud = _cloud(rows[torch.from_numpy(rest)], known, most)
        if cloud is None:
            return np.zeros(0)
        module = Novelty(cloud, np.arange(2.0), 1)
        apart[~rest] = _distances(module, rows[torch.from_numpy(~rest)])
    if len(held_out) < FOLDS:
        return apart
    return apart * max(1.0, float(np.median(held_out) / max(np.median(apart), TINY)))


def shares_of(held_out: Array, most: int = KNOTS) -> tuple[Array, Array]:
    """Return distances, ``most`` of them up to the tail, and for each the share of held-out examples that are nearer.

    The farthest examples are few: from some place on the share follows a Pareto law, whose exponent is the mean of the
    logarithms of their distances (Hill 1975). So of a few examples one odd one does not say what is odd, and of what is
    far away it is still known what is farther.
    """
    count = len(held_out)
    tail = TAIL if count >= FEW_FOR_TAIL else 2 * TAIL
    ordered = np.sort(np.maximum(held_out, TINY))
    shares = np.linspace(0, 1 - tail, min(most, count + 1))
    knots = np.interp(shares * (count + 1), np.arange(count + 1), np.concatenate([[0.0], ordered]))
    start = max(float(knots[-1]), TINY)
    beyond = ordered[ordered > start]
    slope = float(np.log(beyond / start).mean()) if len(beyond) else 0.0
    far = np.concatenate([np.linspace(0.25, 4, 16), np.linspace(5, 15, 11)])
    knots = np.concatenate([knots, start * np.exp(max(slope, LEAST_SLOPE) * far)])
    shares = np.concatenate([shares, 1 - tail * np.exp(-far)])
    # Examples at the same distance: the widths are divided by.
    knots = np.maximum.accumulate(knots + TINY * start * np.arange(len(knots)))
    shares[-1] = 1.0
    return knots, shares
