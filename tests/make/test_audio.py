"""Audio captchas: the package's own sounds, the same again."""

from __future__ import annotations

import io
import random
import wave
from pathlib import Path

import captcha.audio
import pytest

from hornbook.errors import DataError
from hornbook.make import audio
from hornbook.make.audio import AudioCaptchas


def test_sounds_are_wav_and_the_same_again() -> None:
    maker = AudioCaptchas(seed=5).maker()
    data = maker.file(2)
    assert data == AudioCaptchas(seed=5).maker().file(2) != maker.file(3)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getsampwidth(), file.getnchannels(), file.getframerate()) == (1, 1, 8000)
        assert file.getnframes() > 4 * 8000
    assert len(maker.longest()) > max(len(maker.file(i)) for i in range(10))


def test_what_numpy_does_is_what_the_package_does() -> None:
    draw = random.Random(0)
    for size in (1, 2, 7, 500, 4000):
        for _ in range(8):
            body = bytearray(draw.randbytes(size))
            other = bytearray(draw.randbytes(draw.randrange(1, 5000)))
            speed, level = draw.randrange(80, 170) / 100, draw.randrange(10, 130) / 100
            assert audio.change_speed(body, speed) == captcha.audio.change_speed(bytearray(body), speed)
            assert audio.change_sound(body, level) == captcha.audio.change_sound(bytearray(body), level)
            assert audio.mix_wave(body, other) == captcha.audio.mix_wave(bytearray(body), bytearray(other))


def voice(path: Path, samples: int = 2000, rate: int = 8000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(bytes(random.Random(0).randbytes(samples)))


def test_own_voices(tmp_path: Path) -> None:
    for character in "ab":
        voice(tmp_path / character / "anna.wav")
    maker = AudioCaptchas(alphabet="ab", voices=str(tmp_path), length=2).maker()
    assert set(maker.text(0)) <= set("ab") and maker.file(0)
    with pytest.raises(DataError, match="no voice for 'c', only for ab"):
        AudioCaptchas(alphabet="abc", voices=str(tmp_path)).maker()
    voice(tmp_path / "b" / "otto.wav", rate=44_100)
    with pytest.raises(DataError, match=r"otto\.wav has 8 bit, 1 channel\(s\) and 44100"):
        AudioCaptchas(alphabet="ab", voices=str(tmp_path)).maker()
    (tmp_path / "b" / "otto.wav").write_bytes(b"RIFF....")
    with pytest.raises(DataError, match=r"otto\.wav is no WAV file"):
        AudioCaptchas(alphabet="ab", voices=str(tmp_path)).maker()
    with pytest.raises(DataError, match="cannot be read"):
        AudioCaptchas(voices=str(tmp_path / "none")).maker()
    with pytest.raises(DataError, match="no voice for 'a'"):
        AudioCaptchas(alphabet="lower").maker()
