"""Frames of a film, painted so that the painting does not flicker more than the film does.

A net paints each frame by itself, and answers grain and the noise of a codec with other strokes each time. So what was
painted last is moved along with the film (dense optical flow by inverse search, Kroeger et al. 2016, arXiv:1603.03590,
as OpenCV has it) and kept where the film, moved the same way, has not changed; where something new comes into sight the
new painting stands. It is what Ruder et al. (2016, arXiv:1604.08610) ask of neighbouring frames, without optimization.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hornbook.columns.base import Array

__all__ = ["Steady"]

KEEPS, CARRIES = 0.99, 0.9
"""Of what was painted before, where the film stood still, and where it moved: flow is wrong here and there, and what it
tears is gone within some frames; what stands still is painted anew within some seconds."""

NOISE, GRAIN, CHANGED = 2.0, 8.0, 5.0
"""Grey levels, of means over 7 x 7 pixels, up to which two frames differ where nothing has changed: at least, and at
most in a film with much grain, whose own measure is the median; and how many more leave a third of what was painted."""

RETURNS = 1.0
"""Pixels within which the flow there and the flow back lead to the same place, where both are right."""

STILL = 0.5
"""Pixels of movement that count as none: what is moved by parts of a pixel again and again gets blurred."""

NEAR = 1 / 80
"""Of the longer side: how far a place without a shape of its own looks for one whose movement it takes."""

CUT = 0.5
"""Mean difference of two frames, after the flow, in standard deviations of their greys, from which on another scene has
begun."""


class Steady:
    """Paints one frame after the other.

    Parameters
    ----------
    paint
        From a frame, ``uint8`` (H, W, 3), to it painted, of the same size.

    Examples
    --------
    >>> steady = Steady(lambda frame: 255 - frame)
    >>> steady.next(np.zeros((64, 64, 3), np.uint8)).mean()
    np.float64(255.0)
    """

    def __init__(self, paint: Callable[[Array], Array]) -> None:
        self.paint = paint
        self._flow: Any = None
        self._last: tuple[Array, Array, Array] | None = None

    def next(self, frame: Array) -> Array:
        """Return a frame painted, ``uint8`` (H, W, 3)."""
        import cv2

        fresh = self.paint(frame).astype(np.float32)
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        seen = grey.astype(np.float32)
        if self._last is not None and min(grey.shape) >= 16:
            fresh, seen = self._held(fresh, grey, *self._last)
        self._last = fresh, seen, grey
        painted: Array = np.rint(np.clip(fresh, 0, 255)).astype(np.uint8)
        return painted

    def _held(
        self, fresh: Array, grey: Array, painted: Array, seen: Array, before: Array
    ) -> tuple[Array, Array]:
        """Return a new painting, in which what the film has kept is as it was painted, and what each place shows.

        ``seen`` is the grey of the film that each place was painted from: a slow change of light adds up in it.
        """
        import cv2

        if self._flow is None:
            self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        high, wide = grey.shape
        x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
        flow, right = self._movement(grey, before)
        keeps = np.where(np.linalg.norm(flow, axis=-1) > 0, CARRIES * right, KEEPS).astype(np.float32)
        x, y = x + flow[..., 0], y + flow[..., 1]
        seen, painted = _moved(seen, x, y), _moved(painted, x, y)
        new = grey.astype(np.float32)
        other = cv2.blur(np.abs(seen - new), (7, 7))
        if other.mean() > CUT * max(float(new.std()), NOISE):
            return fresh, new
        keeps[(x < 0) | (x > wide - 1) | (y < 0) | (y > high - 1)] = 0
        noise = min(max(NOISE, 1.5 * float(np.median(other))), GRAIN)
        keeps *= np.exp(-((np.maximum(other - noise, 0) / CHANGED) ** 2))
        return fresh + keeps[..., None] * (painted - fresh), new + keeps * (seen - new)

    def _movement(self, grey: Array, before: Array) -> tuple[Array, Array]:
        """Return where each place was before, (H, W, 2) in pixels from where it is, and how sure that is, 0 to 1.

        In the dark or on a wall any flow would do: it is taken from what has a shape nearby.
        """
        import cv2

        high, wide = grey.shape
        x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
        flow, back = self._flow.calc(grey, before, None), self._flow.calc(before, grey, None)
        returned = flow + _moved(back, x + flow[..., 0], y + flow[..., 1])
        right = (np.linalg.norm(returned, axis=-1) < RETURNS).astype(np.float32)
        shape = sum(cv2.Sobel(grey, cv2.CV_32F, *way) ** 2 for way in ((1, 0), (0, 1)))
        counts = np.minimum(shape, 1e4) * right + 50.0
        spread = NEAR * max(high, wide)
        around = cv2.GaussianBlur(counts, (0, 0), spread)
        flow = cv2.GaussianBlur(flow * counts[..., None], (0, 0), spread) / around[..., None]
        flow[np.linalg.norm(flow, axis=-1) < STILL] = 0
        return flow, cv2.blur(right, (9, 9))


def _moved(values: Array, x: Array, y: Array) -> Array:
    """Return values, (H, W) or (H, W, C), from these places."""
    import cv2

    found: Array = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return found
