"""The ``audio`` column: a sound to samples of 16 bits at one rate, as long as the longest, with silence at the end.

What cannot be done inside the recognizer's graph is done here, by the same function in training and in use:
reading the file, one channel, the rate. What is left (log-mel features, standardizing them) is arithmetic with
fixed tables (`hornbook.columns.audio.signal.mel`) and with ``mean`` and ``std`` of each band, and lives in the graph.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from annotated_types import Ge, Gt, Le

from hornbook.columns.audio.signal.mel import Mel
from hornbook.columns.augment import Augment
from hornbook.columns.base import Array, AugmentClass, Column, Feeds
from hornbook.columns.facts import Facts
from hornbook.columns.summary import Inspection, Values
from hornbook.errors import DataError

LONGEST = 30.0
"""Seconds that are kept of a sound at most, where ``seconds`` is not set."""

ALL_OF = 256
"""Training rows of which all are measured; of those behind them every eighth, for the tables are soon steady."""

DARK, LIGHT = -16.0, 1.0
"""Logarithms of power that are drawn black and white."""

WIDEST = 4
"""Times its height that the picture of a sound is wide at most: frames of a longer one are averaged."""

HEARD_RATE, HEARD_SECONDS = 16_000, 10.0
"""What a page embeds of a sound at most: 160 KB."""


@dataclass(frozen=True)
class AudioAugment(Augment):
    """The options for sounds; `hornbook.columns.audio.augment` says what each does."""

    type: ClassVar[str] = "audio"

    shift: Annotated[float, Ge(0), Le(0.5)] = 0.0
    gain: Annotated[float, Ge(0), Le(60)] = 0.0
    noise: Annotated[float, Ge(0), Le(10)] = 0.0
    time_mask: Annotated[float, Ge(0), Le(0.5)] = 0.0
    band_mask: Annotated[float, Ge(0), Le(0.5)] = 0.0


@dataclass(frozen=True, kw_only=True, repr=False)
class AudioColumn(Column):
    """A sound.

    Encoded to ``int16`` of shape ``(samples,)``, one channel, with zeros behind its end. A value may be a path of
    a WAV file, the bytes of one, an array of shape ``(samples,)`` or ``(samples, channels)`` at the column's own
    rate, or a pair of such an array and its rate.

    Parameters
    ----------
    sample_rate
        Samples a second: a sound of another rate is resampled. Half of it is the highest frequency that is heard.
    seconds
        How much of a sound is kept, from its beginning. Where it is not set, as much as the longest training row
        has, up to 30.
    mels
        Bands of the features that the network is given.
    window, hop
        Seconds of the frames that features are made of, and from the beginning of one to that of the next.
    longest
        Learned: samples of an encoded sound.
    mean, std
        Learned: of the features of each band over the training rows.
    """

    type: ClassVar[str] = "audio"
    learned_fields: ClassVar[tuple[str, ...]] = ("longest", "mean", "std")
    encoded_by: ClassVar[tuple[str, ...]] = ("soundfile",)
    renamed: ClassVar[Mapping[str, str]] = {"deviation": "std", "rate": "sample_rate"}
    heavy: ClassVar[bool] = True
    varying: ClassVar[bool] = True
    shows: ClassVar[bool] = True
    feeds: ClassVar[Feeds] = "sound"
    medium: ClassVar[str] = "sound"
    augment: ClassVar[AugmentClass | None] = AudioAugment
    augment_example: ClassVar[str] = "gain=6"

    sample_rate: Annotated[int, Ge(1000), Le(96_000)] = 16_000
    seconds: Annotated[float, Gt(0), Le(120)] | None = None
    mels: Annotated[int, Ge(4), Le(128)] = 40
    window: Annotated[float, Gt(0), Le(1)] = 0.025
    hop: Annotated[float, Gt(0), Le(1)] = 0.01
    longest: Annotated[int, Ge(1), Le(120 * 96_000)] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[Annotated[float, Gt(0)], ...] | None = None

    def objection(self) -> str:
        """Return what is wrong with the fields taken together."""
        if round(self.window * self.sample_rate) < 16 or round(self.hop * self.sample_rate) < 4:
            return (
                f"has a window of {self.window:g} s and a hop of {self.hop:g} s, which at {self.sample_rate:,} samples "
                "a second is less than 16 and 4 samples: make them longer, or the sample rate higher"
            )
        if self.hop > self.window:
            return f"has a hop of {self.hop:g} s, which leaves gaps between windows of {self.window:g} s"
        if self.longest is not None and self.longest != self._whole(self.longest):
            return f"has sounds of {self.longest} samples, which are no whole blocks of frames"
        for name in ("mean", "std"):
            learned = getattr(self, name)
            if learned is not None and len(learned) != self.mels:
                return f"has a {name} of {len(learned)} bands, and its features have {self.mels}"
        return ""

    @property
    def mel(self) -> Mel:
        """How the features are made."""
        return Mel(
            self.sample_rate,
            round(self.window * self.sample_rate),
            round(self.hop * self.sample_rate),
            self.mels,
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Samples."""
        if self.longest is not None:
            return (self.longest,)
        return (self._whole((self.seconds or LONGEST) * self.sample_rate),)

    @property
    def dtype(self) -> np.dtype[Any]:
        """16 bits."""
        return np.dtype(np.int16)

    @property
    def block(self) -> int:
        """Samples of a block of frames, the step in which lengths differ."""
        return self._whole(1)

    def _whole(self, samples: float) -> int:
        """Return a length that is so many samples or a little more, and has whole blocks of frames."""
        mel = self.mel
        return mel.frames(round(samples)) * mel.hop

    def encode(self, value: object, name: str = "") -> Array:
        """Return the sound as ``int16`` of shape ``(samples,)``."""
        return self.encode_with_facts(value, name)[0]

    def encode_with_facts(self, value: object, name: str = "") -> tuple[Array, Facts]:
        """Encode a sound, and say how many milliseconds it has, its rate, and bits and channels as ``16/2``."""
        from hornbook.columns.audio.files.open import open_sound

        (length,) = self.shape
        sound, facts = open_sound(value, rate=self.sample_rate, seconds=self._kept(), name=name or None)
        out = np.zeros(length, np.int16)
        out[: len(sound)] = sound
        mode = f"{'f' if facts.floating else ''}{facts.bits}/{facts.channels}"
        return out, Facts(min(round(1000 * facts.seconds), 2**32 - 1), facts.rate, mode)

    def encodes_by(self) -> dict[str, Any]:
        """Return the length that sounds are encoded to: that of the longest training row."""
        return {"shape": list(self.shape)}

    def remarks_on(self, facts: Facts) -> tuple[str, ...]:
        """Return how much of a sound is heard, where it is longer than what is kept."""
        heard, said = self._kept(), facts.width / 1000
        if said <= heard + 0.002:
            return ()
        return (f"of its {said:.3g} s the first {heard:.3g} are heard",)

    def _kept(self) -> float:
        """Return how many seconds of a sound are heard."""
        longest = self.shape[0] / self.sample_rate
        return longest if self.seconds is None else min(self.seconds, longest)

    def lengths(self, batch: Array) -> Array:
        """Return how many samples each row has, ``int64``, rounded up to whole blocks of frames."""
        sounding = batch[:, ::-1] != 0
        last = np.where(sounding.any(axis=1), batch.shape[1] - sounding.argmax(axis=1), 1)
        block = self.block
        lengths: Array = np.minimum(-(-last // block) * block, batch.shape[1]).astype(np.int64)
        return lengths

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with the length that its sounds are encoded to; only their headers are read."""
        if self.longest is not None:
            return self
        if self.seconds is not None:
            return dataclasses.replace(self, longest=self._whole(self.seconds * self.sample_rate))
        from hornbook.columns.audio.files.open import sound_facts

        most = 0.0
        for value in values:
            try:
                most = max(most, sound_facts(value, rate=self.sample_rate).seconds)
            except DataError:
                continue  # it is named when it is encoded
            if most >= LONGEST:
                break
        return dataclasses.replace(
            self, longest=self._whole(min(most or LONGEST, LONGEST) * self.sample_rate)
        )

    def measure(self, chunks: Iterator[Array]) -> Self:
        """Return the column with mean and standard deviation of each band, over chunks of shape ``(rows, samples)``."""
        mel = self.mel
        total, squares, count, seen = np.zeros(self.mels), np.zeros(self.mels), 0, 0
        for chunk in chunks:
            for row in chunk:
                seen += 1
                if seen <= ALL_OF or seen % 8 == 0:
                    logs = mel.logs(row).astype(np.float64)
                    total += logs.sum(axis=0)
                    squares += (logs**2).sum(axis=0)
                    count += len(logs)
        mean = total / max(count, 1)
        std = np.sqrt(np.maximum(squares / max(count, 1) - mean**2, 0.01))
        return dataclasses.replace(
            self,
            mean=tuple(round(float(m), 4) for m in mean),
            std=tuple(round(float(d), 4) for d in std),
        )

    def about_encoded(self) -> list[str]:
        """Return what a sound is like."""
        return [
            f"one channel (the mean of several), {self.sample_rate:,} samples a second, 16 bits; of a longer sound the "
            f"first {round(self._kept() * self.sample_rate):,} samples are heard, and zeros stand behind the end of a "
            f"shorter one; a batch may be shorter, any multiple of {self.block:,} samples, and answers are the same",
            "another rate is brought to this one by a windowed sinc: the band to 0.94 of the lower of both, 16 zeros "
            "to either side, a Kaiser window of 9",
        ]

    def holds_many(self, value: Array) -> bool:
        """Return whether there is an axis more than samples and channels."""
        return value.ndim >= 3

    def picture(self, encoded: Array) -> Array:
        """Return a sound's spectrogram, ``uint8`` of shape ``(bands, frames, 1)``: high above, loud in white."""
        return _grey(self.mel.logs(encoded))

    @classmethod
    def thumbnail(cls, value: object, name: str) -> Array:
        """Return the spectrogram of the first ten seconds."""
        column = cls(sample_rate=8000, seconds=10.0)
        return column.picture(column.trim(column.encode(value, name)[None])[0])

    def inspect(self, values: Values) -> Inspection:
        """Return how long sounds are, and which are silent, of several channels, or cut off."""
        from hornbook.columns.audio.checks import inspect

        kept = self.shape[0] / self.sample_rate if self.seconds is None else self.seconds
        setting = f"inputs.{values.name}.seconds"
        return inspect(values, kept, setting) if values.inputs is None else Inspection()

    def drawn(self, unit: Array) -> Array:
        """Return features in their plain range, shape ``(1, bands, frames)``, as a spectrogram."""
        heard = unit[0].any(axis=0)
        return _grey(unit[0][:, : max(1, int(heard.sum()))].T)

    def heard(self, encoded: Array) -> bytes:
        """Return a sound as a small WAV file to listen to: 8 bits, at most 10 seconds and 16,000 samples a second."""
        from hornbook.columns.audio.files.open import wav

        (length,) = self.lengths(encoded[None])
        return wav(encoded[:length], self.sample_rate, HEARD_RATE, HEARD_SECONDS)


def _grey(logs: Array) -> Array:
    """Return features, shape ``(frames, bands)``, as a grey picture, at most `WIDEST` times as wide as high."""
    by = -(-len(logs) // (WIDEST * logs.shape[1]))
    if by > 1:
        logs = logs[: len(logs) // by * by].reshape(-1, by, logs.shape[1]).mean(axis=1)
    grey = np.clip((logs.T[::-1] - DARK) / (LIGHT - DARK), 0, 1)
    return np.ascontiguousarray((grey * 255).astype(np.uint8)[..., None])
