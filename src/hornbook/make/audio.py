"""Audio captchas: the ``captcha`` package's voices say a text over noise, each a pure function of seed and number.

What the package does sample by sample in Python, numpy does at once, with the same result to the byte (the
tests hold both against each other): 2.4 ms for a sound of four digits in place of 180 ms. The one difference is the
noise, whose four levels are equally likely here; the package's lowest is 0.3 % likelier than the others.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from hornbook.errors import DataError
from hornbook.make.maker import StringMaker, StringOptions
from hornbook.make.repeatable import own_copy

RATE = 8000
"""Samples a second."""


@dataclass(frozen=True, kw_only=True)
class AudioCaptchas(StringOptions):
    """Which sounds are made.

    Parameters
    ----------
    length, alphabet, seed, stream
        As of `hornbook.make.maker.StringOptions`. The built-in voices know digits and capital letters.
    voices
        A folder with a folder for each character, which holds WAV files of it (8 bit, mono, 8 kHz); empty for
        the package's own voices.
    """

    kind: ClassVar[str] = "audio-captcha"
    column: ClassVar[str] = "audio"
    names: ClassVar[str] = "audio"

    voices: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON types, for a worker and for the cache."""
        return {**super().to_json(), "voices": str(Path(self.voices).absolute()) if self.voices else ""}

    def maker(self) -> AudioMaker:
        """Return what makes them."""
        return AudioMaker(self)


class AudioMaker(StringMaker):
    """Makes audio captchas."""

    suffixes: ClassVar[tuple[str, ...]] = ("wav",)

    def __init__(self, options: AudioCaptchas) -> None:
        super().__init__(options)
        self._package = package = own_copy("captcha.audio", self._draws)
        package.__dict__.update(
            change_speed=change_speed, change_sound=change_sound, mix_wave=mix_wave, create_noise=self._noise
        )
        folder = Path(options.voices or package.DATA_DIR)
        voices = _voices(folder)
        lacks = [c for c in self._characters if c not in voices]
        if lacks:
            raise DataError(
                f"{folder if options.voices else 'the built-in voices'}: there is no voice for {lacks[0]!r}, only for "
                f"{''.join(voices)}: give another alphabet, or a folder of voices that has it"
            )
        self._speaker = package.AudioCaptcha(str(folder))
        self._speaker._choices = list(voices)
        self._speaker._cache = voices

    def value(self, number: int) -> bytes:
        """Return what an audio column encodes."""
        return self.file(number)

    def file(self, number: int, suffix: str = "") -> bytes:
        """Return the sound of an example as a WAV file: 8 bit, mono, 8 kHz."""
        with self._lock:
            self._draws.seed(self._seed("sound", number))
            return bytes(self._speaker.generate(self.text(number)))

    def longest(self) -> bytes:
        """Return a silent file that is at least as long as any sound: of slow voices, with the longest of breaks."""
        package = self._package
        voice = max(len(said) for voices in self._speaker._cache.values() for said in voices)
        most = self._bounds[1]
        body = most * (1.3 * voice + 3 * RATE) + 1.7 * voice  # noise may go on for one voice more
        beeps = 3 * len(package.BEEP) + 2 * len(package.SILENCE) + len(package.END_BEEP)
        return bytes(package.patch_wave_header(bytearray(b"\x80" * (int(body) + beeps))))

    def _noise(self, length: int, level: int = 4) -> bytearray:
        """Return white noise, as the package's ``create_noise``."""
        drawn = np.frombuffer(self._draws.source.randbytes(length), np.uint8)
        return bytearray(drawn % np.uint8(level) + np.uint8(128 - level // 2))


def _voices(folder: Path) -> dict[str, list[bytearray]]:
    """Return the samples of every voice of every character, in the order of their names."""
    try:
        found = sorted(f for f in folder.iterdir() if len(f.name) == 1 and f.is_dir())
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DataError(
            f"the folder of voices {folder} cannot be read ({reason}): name another one"
        ) from None
    voices = {f.name: [_voice(path) for path in sorted(f.glob("*.wav"))] for f in found}
    voices = {name: said for name, said in voices.items() if said}
    if not voices:
        raise DataError(
            f"{folder}: there is no folder named by one character with WAV files in it, such as 7/anna.wav"
        )
    return voices


def _voice(path: Path) -> bytearray:
    try:
        with wave.open(str(path)) as file:
            form = (file.getsampwidth(), file.getnchannels(), file.getframerate())
            samples = bytearray(file.readframes(file.getnframes()))
    except (OSError, EOFError, wave.Error) as error:
        raise DataError(
            f"{path} is no WAV file that can be read ({error or 'cut off'}): save it anew"
        ) from None
    if form != (1, 1, RATE):
        raise DataError(
            f"{path} has {8 * form[0]} bit, {form[1]} channel(s) and {form[2]} samples a second: a voice is 8 bit, "
            f"mono, {RATE} (ffmpeg -i in.wav -ac 1 -ar {RATE} -acodec pcm_u8 out.wav)"
        )
    if not samples:
        raise DataError(f"{path} has no sound in it: record it again, or delete it")
    return samples


def change_speed(body: bytearray, speed: float = 1) -> bytearray:
    """Return a sound faster or slower, as the package's function of that name."""
    if speed == 1:
        return body
    length = int(len(body) * speed)
    steps = np.concatenate([[0.0], np.cumsum(np.full(len(body), speed))])  # added up one by one, as there
    first = steps[:-1].astype(np.int64)
    ends = np.minimum(steps[1:].astype(np.int64), length)
    out = np.zeros(length, np.uint8)
    source = np.frombuffer(bytes(body), np.uint8)
    said = first < ends  # at most two samples each, as no speed here is over 2
    out[first[said]] = source[said]
    more = first + 1 < ends
    out[first[more] + 1] = source[more]
    return bytearray(out)


def change_sound(body: bytearray, level: float = 1) -> bytearray:
    """Return a sound louder or softer, as the package's function of that name."""
    if level == 1:
        return body
    value = np.arange(256)
    table = np.where(
        value > 128,
        np.clip(np.trunc((value - 128) * level + 128), 128, 255),
        np.clip(np.trunc(128 - (128 - value) * level), 0, 128),
    )
    return bytearray(bytes(body).translate(table.astype(np.uint8).tobytes()))


def mix_wave(src: bytearray, dst: bytearray) -> bytearray:
    """Return two sounds at once, as the package's function of that name."""
    if len(src) > len(dst):
        dst, src = src, dst
    a = np.frombuffer(bytes(src), np.uint8).astype(np.int64)
    b = np.frombuffer(bytes(dst[: len(src)]), np.uint8).astype(np.int64)
    both = a * b / 128
    mixed = np.where((a < 128) & (b < 128), both, 2 * (a + b) - both - 256)
    return bytearray(mixed.astype(np.uint8)) + dst[len(src) :]
