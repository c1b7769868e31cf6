"""Sheet: paper that lies wholly inside the picture, on a darker table, is cut out and turned straight."""

from __future__ import annotations

import cv2
import numpy as np

from hornbook.columns.image.ink.paper import GROUND, Bytes, grey, halved, shrunk

Box = tuple[float, float, float, float, float]
"""Middle x and y, width and height, as parts of the picture's width, and the angle."""


def sheet_on_table(picture: Bytes, view: Bytes) -> Bytes | None:
    """A light sheet in a darker picture, cut out and turned straight; None if there is none.

    `view` is the picture, small; the sheet comes out with a longest side of at most 1,280 pixels.
    """
    box = _box(view)
    if box is None:
        return None
    picture = halved(picture, 1280)
    x, y, wide, high = (picture.shape[1] * part for part in box[:4])
    # 4 % less on each side, so that nothing of the table is left
    shape = (max(1, round(0.92 * wide)), max(1, round(0.92 * high)))
    turn = cv2.getRotationMatrix2D((x, y), box[4], 1)
    turn[:, 2] += (shape[0] / 2 - x, shape[1] / 2 - y)
    return cv2.warpAffine(picture, turn, shape, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _box(view: Bytes) -> Box | None:
    """Where the sheet is."""
    shades = grey(shrunk(view, GROUND))
    height, width = shades.shape
    _, classes = cv2.threshold(shades, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ring = np.concatenate([classes[0], classes[-1], classes[:, 0], classes[:, -1]])
    if min(height, width) < 24 or ring.mean() > 255 / 4:
        return None
    # wider than any light stroke on a dark ground would be
    _, widest, _, inside = cv2.minMaxLoc(cv2.distanceTransform(classes, cv2.DIST_L2, 3))
    if widest < 0.08 * max(height, width):
        return None
    contours, _ = cv2.findContours(classes, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    sheet = next((c for c in contours if cv2.pointPolygonTest(c, inside, False) >= 0), None)
    if sheet is None:
        return None
    (x, y), (wide, high), angle = cv2.minAreaRect(sheet)
    area = cv2.contourArea(sheet)
    if area < 0.08 * shades.size or area < 0.82 * wide * high:  # large, and nearly a rectangle
        return None
    # a sheet ends at once, a spot of light does not
    rim = sheet.reshape(-1, 2)
    step = cv2.morphologyEx(shades, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))[rim[:, 1], rim[:, 0]]
    apart = float(np.median(shades[classes > 0])) - float(np.median(shades[classes == 0]))
    if float(np.median(step)) < 0.5 * apart:
        return None
    # OpenCV may give the rectangle on its side: a sheet is turned by 45 degrees at most
    quarter = round(angle / 90)
    if quarter % 2:
        wide, high = high, wide
    return (x + 0.5) / width, (y + 0.5) / width, wide / width, high / width, angle - 90 * quarter
