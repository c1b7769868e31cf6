"""Cutting a face out: turned upright by its five points and brought to one size, so that eyes are where eyes are.

The form is that of dlib's face chips, which FairFace's pictures have and dlib's net has learned from: the mean of
many faces, with a margin around it.
"""

from __future__ import annotations

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import Face

__all__ = ["MARGIN", "cut_out", "points_of"]

MARGIN = 0.25
"""What is left around the face on each side, in sides of the face (chin to brows) itself."""

MEAN = np.array([[0.2255, 0.216], [0.7548, 0.216], [0.490, 0.516], [0.254, 0.780], [0.726, 0.780]])
"""The five points in a face of side 1: eyes, tip of the nose, corners of the mouth (dlib's mean face)."""

BOX = np.array([[0.30, 0.40], [0.70, 0.40], [0.50, 0.60], [0.33, 0.79], [0.67, 0.79]])
"""Where they are in a box, for a detector that finds no points."""


def points_of(face: Face) -> Array:
    """Return the five points of a face, (5, 2), in pixels: those that were found, or where they are in most boxes."""
    if len(face.points) == len(MEAN):
        return np.array(face.points, np.float64)
    return np.asarray([face.left, face.top] + BOX * [face.width, face.height])


def similarity(points: Array, size: tuple[int, int], margin: float) -> Array:
    """Return the map, (2, 3), from a picture to a face cut out: turned, scaled and moved, by least squares of all five.

    A plain solution of Umeyama's problem (1991) in two dimensions, as complex numbers.
    """
    side = min(size)
    at = (MEAN + margin) / (1 + 2 * margin) * side + [(size[0] - side) / 2, (size[1] - side) / 2]
    theirs, ours = points[:, 0] + 1j * points[:, 1], at[:, 0] + 1j * at[:, 1]
    from_middle, to_middle = theirs - theirs.mean(), ours - ours.mean()
    spread = float((from_middle * from_middle.conj()).sum().real)
    turn = (to_middle * from_middle.conj()).sum() / max(spread, 1e-9)
    move = ours.mean() - turn * theirs.mean()
    return np.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]])


def cut_out(picture: Array, face: Face, size: tuple[int, int], margin: float = MARGIN) -> Array:
    """Return a face upright, ``uint8`` (height, width, channels) of ``size`` (width, height).

    What lies outside of the picture is its edge again.
    """
    import cv2

    points = points_of(face)
    move = similarity(points, size, margin)
    factor = float(np.hypot(move[0, 0], move[1, 0]))
    if factor < 1:  # first shrunk by area, so that each pixel of the result is a mean of all that it covers
        lows, highs = points.min(0) - 2 * face.size, points.max(0) + 2 * face.size
        left, top = (max(int(v), 0) for v in lows)
        picture = picture[top : max(int(highs[1]), top + 1), left : max(int(highs[0]), left + 1)]
        wide, high = (max(1, round(side * factor)) for side in (picture.shape[1], picture.shape[0]))
        x, y = wide / picture.shape[1], high / picture.shape[0]
        picture = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA)
        move = similarity((points - [left, top]) * [x, y], size, margin)
    cut = cv2.warpAffine(picture, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut).reshape(size[1], size[0], -1)
