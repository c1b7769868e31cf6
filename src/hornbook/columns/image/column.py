"""The ``image`` column: a picture to an array of one size.

What cannot be done inside the recognizer's graph is done here, by the same function in training and in use:
opening the file, turning it upright, fitting it to the size, and finding the ink. What is left (scaling,
standardizing) is arithmetic with ``mean`` and ``std`` and lives in the graph.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from annotated_types import Ge, Gt, Le

from hornbook.columns.base import Array, AugmentClass, Feeds
from hornbook.columns.facts import Facts
from hornbook.columns.image.answers import PictureAnswers
from hornbook.columns.image.augment_options import ImageAugment
from hornbook.columns.image.fit import fitted
from hornbook.columns.summary import Inspection, Values
from hornbook.errors import DataError

Side = Annotated[int, Ge(1), Le(4096)]

FACE_AT_LEAST = 1600
"""A face is looked for in a photo of so many pixels: of a larger JPEG no more is decoded."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ImageColumn(PictureAnswers):
    """A picture.

    Encoded to ``uint8`` of shape ``(height, width, channels)``. A value may be a path, bytes of a picture
    file, a Pillow picture, or an array of shape ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)``.

    Parameters
    ----------
    size
        ``[width, height]`` in pixels.
    channels
        1 for grey, 3 for colour.
    fit
        How a picture of another size is brought to ``size``: ``stretch`` ignores its aspect; ``pad`` keeps it
        and fills the rest with the colour of the border; ``crop`` keeps it and cuts what is over; ``ink``
        cuts to what is written and places it the way MNIST was made (LeCun et al. 1998), see
        `hornbook.columns.image.ink.find`; ``face`` finds a face and cuts it out upright, see
        `hornbook.columns.image.face`.
    ink
        Which of the two is ink: ``keep`` leaves the picture alone; ``dark`` turns dark ink on light paper to
        light on dark; ``light`` is light already; ``auto`` finds out, mostly from the border.
    face, no_face, margin, weights
        Of ``fit = "face"``: of several faces the ``largest``, or the one nearest to the ``middle``; a picture without
        one is taken ``whole``, or an error that says to leave it out (``leave out``); what is left around the face, in
        its own sides; the file of the detector, or its folder, which is else fetched once.
    max_pixels
        Pictures with more pixels are refused before they are decoded.
    frame
        Of an animation, or a file of several pages, the ``first`` or the ``last``; ``mean`` of all; ``darkest`` has for
        each pixel the darkest value of all frames.
    value_range
        ``[black, white]`` of pictures with more than 8 bits or of floats. Where it is not set, what the training rows
        use.
    loss
        Of a target, what training makes small: ``mse``, the mean squared error of values from 0 to 1; ``mae``, the mean
        absolute one; ``bce``, the binary cross-entropy, for pictures of black and white; ``ssim``, 1 less the
        structural similarity (Wang et al. 2004); ``style``, how far the answer is from the content of the truth and
        from the strokes of the picture ``style``, as a trained net sees them (Johnson et al. 2016).
    code
        Of a target, how many numbers of the features make the picture; 0 takes the features as they are.
    dense
        Of a target whose features are numbers: units of dense layers between them and the picture.
    decoder
        Of a target whose features are numbers: filters of the stages that make a picture of them, each twice as large
        as the one before; none is one dense layer.
    beta
        Of a target, how much its code is kept near the normal distribution, so that pictures can be drawn from it: 1 is
        the variational autoencoder (Kingma and Welling 2014), 0 none.
    residual
        Of a target of the same size as the input: whether what is to be added to the input is learned.
    own_size
        Of a target with features of every pixel: whether a picture of any size is answered in its own size, and not in
        ``size``, in which it is learned; so it is of the input of such a recognizer. See `columns/image/own_size.py`.
    mean, std
        Learned: of each channel over the training rows, 0 to 1.
    learned_range
        Learned: what the training rows with more than 8 bits use; None where there are none.
    detector
        Learned: the face detector's file in base64, so that a recognizer needs nothing else; None without faces.
    """

    type: ClassVar[str] = "image"
    learned_fields: ClassVar[tuple[str, ...]] = ("mean", "std", "learned_range", "detector")
    encoded_by: ClassVar[tuple[str, ...]] = ("pi_heif", "pillow_heif")
    renamed: ClassVar[Mapping[str, str]] = {"deviation": "std"}
    heavy: ClassVar[bool] = True
    shows: ClassVar[bool] = True
    feeds: ClassVar[Feeds] = "picture"
    medium: ClassVar[str] = "picture"
    augment: ClassVar[AugmentClass | None] = ImageAugment
    augment_example: ClassVar[str] = "rotation=10"

    size: tuple[Side, Side] = (32, 32)
    channels: Literal[1, 3] = 3
    fit: Literal["stretch", "pad", "crop", "ink", "face"] = "stretch"
    ink: Literal["keep", "dark", "light", "auto"] = "keep"
    face: Literal["largest", "middle"] = "largest"
    no_face: Literal["whole", "leave out"] = "whole"
    margin: Annotated[float, Ge(0), Le(2)] = 0.25
    weights: str = ""
    max_pixels: Annotated[int, Ge(1)] = 52_000_000
    frame: Literal["first", "last", "mean", "darkest"] = "first"
    value_range: tuple[float, float] | None = None
    loss: Literal["mse", "mae", "bce", "ssim", "style"] = "mse"
    style: str = ""
    code: Annotated[int, Ge(0), Le(65_536)] = 0
    dense: tuple[Annotated[int, Ge(1), Le(65_536)], ...] = ()
    decoder: tuple[Annotated[int, Ge(1), Le(4096)], ...] = ()
    beta: Annotated[float, Ge(0), Le(1000)] = 0.0
    residual: bool = False
    own_size: bool = False
    mean: tuple[float, ...] | None = None
    std: tuple[Annotated[float, Gt(0)], ...] | None = None
    learned_range: tuple[float, float] | None = None
    detector: str | None = None

    @property
    def learned(self) -> bool:
        """Whether mean and std are known; a range is learned of pictures of more than 8 bits alone."""
        return self.mean is not None and self.std is not None

    @property
    def span(self) -> tuple[float, float] | None:
        """Which values are black and white in pictures of more than 8 bits, as far as that is known."""
        return self.value_range or self.learned_range

    def objection(self) -> str:
        """Return what is wrong with the fields taken together."""
        if self.span is not None and not self.span[0] < self.span[1]:
            return f"has a value_range of {list(self.span)}, and black must be below white"
        for name in ("mean", "std"):
            learned = getattr(self, name)
            if learned is not None and len(learned) != self.channels:
                return f"has a {name} of {len(learned)} channels, and its pictures have {self.channels}"
        if self.beta and not self.code:
            return "has a beta, and no code that it could be of: say how many numbers with code"
        if (self.loss == "style") != bool(self.style):
            return 'has one of loss = "style" and of style, the file of a picture: both are needed, or none'
        if self.own_size and (self.code or self.decoder or self.fit in ("ink", "face")):
            return (
                "is answered in its own size, which is for features of every pixel of a picture as it is: leave code, "
                'decoder and fit = "ink" or "face" out'
            )
        if self.residual and (self.code or self.decoder or self.loss == "bce"):
            return (
                'is residual, which is for features of every pixel: leave code, decoder and loss = "bce" out'
            )
        if self.detector is None:
            return ""
        from hornbook.columns.image.face.encode import objection_to

        return objection_to(self.detector)

    def guarded(self) -> Self:
        """Return the column with no more ``max_pixels`` than is usual: a file may lower it, not raise it."""
        from hornbook.columns.image.files.open import MAX_PIXELS

        return self.limited(MAX_PIXELS)

    def limited(self, pixels: int) -> Self:
        """Return the column with no more ``max_pixels`` than these."""
        return dataclasses.replace(self, max_pixels=min(self.max_pixels, pixels))

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width, channels."""
        return (self.size[1], self.size[0], self.channels)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Bytes."""
        return np.dtype(np.uint8)

    def encode(self, value: object, name: str = "") -> Array:
        """Return the picture as ``uint8`` of shape ``(height, width, channels)``."""
        return self.encode_with_facts(value, name)[0]

    def encode_with_facts(self, value: object, name: str = "") -> tuple[Array, Facts]:
        """Encode a picture, and say how it was stored."""
        from hornbook.columns.image.files.open import open_with_facts

        # Ink is looked for at up to 1,000 pixels: a phone photo read at half its size or less loses nothing.
        at_least: int | tuple[int, int] = (2 * self.size[0], 2 * self.size[1])
        if self.fit == "ink":
            at_least = max(4 * max(self.size), 1000)
        elif self.fit == "pad":
            at_least = 2 * max(self.size)
        elif self.fit == "face":
            at_least = FACE_AT_LEAST
        lenient = self.mean is None  # nothing was learned yet
        picture, facts = open_with_facts(
            value, self.max_pixels, name or None, at_least, self.frame, self.span, lenient
        )
        if self.fit == "face":
            return self._one_face(picture, facts, name)
        if self.fit != "ink":
            return self._fitted(picture), facts
        from hornbook.columns.image.ink.find import look_for_ink

        found, things = look_for_ink(np.asarray(picture), self.ink, self.size[::-1])
        return np.repeat(found[:, :, None], self.channels, axis=2), facts._replace(things=things)

    def _one_face(self, picture: Any, facts: Facts, name: str) -> tuple[Array, Facts]:
        """Find the face that is meant and cut it out; a picture without one is taken whole, or refused."""
        from hornbook.columns.image.face.encode import one_face

        pixels = np.asarray(picture.convert("RGB"))
        face, count = one_face(pixels, self.detector, self.weights, self.face)
        if face is None and self.no_face == "leave out":
            raise DataError(f"{name or 'the picture'}: no face was found in it")
        found = self._fitted(picture) if face is None else self.encode_found(pixels, face)
        return found, facts._replace(things=count)

    @property
    def given_shape(self) -> tuple[int | None, ...]:
        """Height and width, where they are not the picture's own, and channels."""
        return (None, None, self.channels) if self.own_size else self.shape

    def for_value(self, value: Any, name: str = "") -> Self:
        """Return the column with the size of a picture, where each has its own."""
        from hornbook.columns.image.own_size import sides_of

        return (
            dataclasses.replace(self, size=sides_of(self, value, name), fit="stretch")
            if self.own_size
            else self
        )

    def faces_in(self, value: Any) -> tuple[Array, list[Any]]:
        """Return a picture upright, ``uint8`` (H, W, 3), and the faces in it (`Face`), the surest first."""
        from hornbook.columns.image.face.encode import all_faces
        from hornbook.columns.image.files.open import open_with_facts

        picture, _ = open_with_facts(value, self.max_pixels, None, None, self.frame, self.span)
        pixels = np.asarray(picture.convert("RGB"))
        return pixels, all_faces(pixels, self.detector, self.weights)

    def about_value(self) -> dict[str, Any]:
        """Return what a picture is, as JSON types; ``faces`` where a face is looked for in it."""
        return super().about_value() | ({"faces": True} if self.fit == "face" else {})

    def encode_found(self, picture: Array, found: Any) -> Array:
        """Return a face that was found, cut out upright and encoded; ``found`` is a `Face` in the picture."""
        from hornbook.columns.image.face.upright import cut_out
        from hornbook.columns.image.files.open import picture_from_array

        cut = cut_out(picture, found, self.size, self.margin)
        return np.asarray(picture_from_array(cut).convert("L" if self.channels == 1 else "RGB")).reshape(
            self.shape
        )

    def remarks_on(self, facts: Facts) -> tuple[str, ...]:
        """Return what was found in a picture other than expected: no ink, several things, frames, other values."""
        from hornbook.columns.image.own_size import made_smaller
        from hornbook.columns.image.remarks import remarks_on

        found = tuple(remarks_on(facts, self.frame, self.span, "face" if self.fit == "face" else "ink"))
        return (*found, *made_smaller(facts.width, facts.height)) if self.own_size else found

    def remarks_on_rows(self, encoded: Array) -> dict[int, tuple[str, ...]]:
        """Return in which rows no ink was found."""
        blank = np.flatnonzero(~encoded.any(axis=(1, 2, 3))) if self.fit == "ink" else ()
        return {int(row): self.remarks_on(Facts(things=0)) for row in blank}

    def learn_facts(self, facts: Array) -> Self:
        """Return the column with the range that pictures of more than 8 bits use, where there are any."""
        from hornbook.columns.image.files.deep import common_range

        deep = facts[(facts["high"] != 0) | (facts["low"] != 0)]
        if not len(deep) or self.value_range is not None:
            return self
        low, high = common_range(deep["low"], deep["high"])
        return dataclasses.replace(self, learned_range=(round(low, 6), round(high, 6)))

    def encodes_by(self) -> dict[str, Any]:
        """Return the range that pictures of more than 8 bits are scaled by, where it was learned."""
        return {} if self.learned_range is None else {"learned_range": list(self.learned_range)}

    def holds_many(self, value: Array) -> bool:
        """Return whether an array holds many pictures; DataError where it may be one with its channels first."""
        many = super().holds_many(value)
        if many and value.ndim == 3 and self.channels == 3 and value.shape[0] in (3, 4):
            raise DataError(
                f"the array has the shape {value.shape}: if that is one picture, with its channels first, give "
                "array.transpose(1, 2, 0); if it is several grey ones, give a list of them"
            )
        return many

    def about_encoded(self) -> list[str]:
        """Return what is done to a picture, a line each."""
        from hornbook.columns.image.described import Way, described

        return described(
            Way(self.size, self.channels, self.fit, self.ink, self.frame, self.span, self.margin)
        )

    def encode_block(self, block: Array) -> Array | None:
        """Return pictures that already have the right form, ``(rows, H, W)`` or ``(rows, H, W, C)``, as they are."""
        if block.ndim == 3:
            block = block[..., None]
        if block.shape[1:] != self.shape or block.dtype != np.uint8:
            return None
        if self.fit == "ink":
            return self._ink_block(block)
        if self.fit == "face":
            return None
        return block if self.ink in ("keep", "light") else None

    def _ink_block(self, block: Array) -> Array | None:
        """Find the ink only in those of the pictures that are not already as `find_ink` would leave them."""
        if self.channels != 1 or self.ink == "dark":
            return None
        from hornbook.columns.image.ink.find import already_normal, find_ink

        pictures = block[..., 0]
        others = np.flatnonzero(~already_normal(pictures, self.size[::-1]))
        if not len(others):
            return block
        out = block.copy()
        for i in others:
            out[i, ..., 0] = find_ink(pictures[i], ink=self.ink, size=self.size[::-1])
        return out

    def _fitted(self, picture: Any) -> Array:
        """Bring an upright Pillow picture of mode ``L`` or ``RGB`` to the size; see ``encode``."""
        mode = "L" if self.channels == 1 else "RGB"
        if picture.mode != mode:
            picture = picture.convert(mode)
        # Pillow's own array takes as long again as its bytes, a twentieth of the time of a small picture.
        fit = "crop" if self.fit == "face" else self.fit
        out = np.frombuffer(fitted(picture, self.size, fit).tobytes(), np.uint8).reshape(self.shape)
        dark = self.ink == "dark"
        if self.ink == "auto":
            from hornbook.columns.image.ink.polarity import ink_is_dark

            dark = ink_is_dark(np.asarray(picture))
        return np.ascontiguousarray(255 - out if dark else out)

    def picture(self, encoded: Array) -> Array:
        """Return the picture."""
        return encoded

    def original(self, value: object, side: int) -> Array:
        """Return the upright picture."""
        from hornbook.columns.image.files.open import open_picture

        picture = open_picture(
            value, max_pixels=self.max_pixels, at_least=side, frame=self.frame, span=self.span
        )
        return np.asarray(picture.convert("RGB"))

    @classmethod
    def thumbnail(cls, value: object, name: str) -> Array:
        """Return the picture within 64 x 64 pixels; one of more than 20 million is not opened for that."""
        return cls(size=(64, 64), fit="pad", max_pixels=20_000_000).encode(value, name)

    def inspect(self, values: Values) -> Inspection:
        """Return in which sizes pictures are stored, and which are of one colour or in two splits."""
        from hornbook.columns.image.checks import inspect

        if values.inputs is not None:
            return Inspection()
        return inspect(values, self.fit == "ink", self.frame, self.span)

    def drawn(self, unit: Array) -> Array:
        """Return a picture with channels first and values from 0 to 1 as it is shown."""
        return np.asarray(np.rint(unit.transpose(1, 2, 0) * 255), np.uint8)

    def measure(self, chunks: Iterator[Array]) -> Self:
        """Return the column with mean and std of each channel, over chunks of shape ``(rows, H, W, C)``."""
        total = np.zeros(self.channels)
        squares = np.zeros(self.channels)
        count = 0
        for chunk in chunks:
            for c in range(self.channels):
                # Of each line of pixels in float32, where the sums are whole numbers without rounding; five times as
                # fast as a histogram.
                plane = chunk[..., c].astype(np.float32)  # (rows, height, width)
                total[c] += np.einsum("nyx->ny", plane).sum(dtype=np.float64) / 255
                squares[c] += np.einsum("nyx,nyx->ny", plane, plane).sum(dtype=np.float64) / 255**2
            count += chunk[..., 0].size
        mean = total / max(count, 1)
        std = np.sqrt(np.maximum(squares / max(count, 1) - mean**2, 1e-6))
        column = dataclasses.replace(
            self,
            mean=tuple(round(float(m), 6) for m in mean),
            std=tuple(round(float(d), 6) for d in std),
        )
        if self.fit != "face":
            return column
        from hornbook.columns.image.face.encode import written_detector

        return dataclasses.replace(
            column, detector=self.detector or written_detector(self.weights), weights=""
        )
