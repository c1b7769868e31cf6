"""FLAC, Ogg and MP3: what comes back, what is hostile or cut off, and where what reads them is missing."""

from __future__ import annotations

import io
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import hornbook.columns.audio.signal.resample as resample
from hornbook.columns.audio.files import compressed
from hornbook.columns.audio.files.open import open_sound, sound_facts
from hornbook.errors import DataError
from tests.columns.audio.test_open import assert_a_sound_or_a_sentence

pytest.importorskip("soundfile")

FORMS = {
    "flac": ("FLAC", "PCM_16"),
    "flac24": ("FLAC", "PCM_24"),
    "vorbis": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
RATE = 48_000


def tone(seconds: float = 1.5) -> NDArray[np.float32]:
    """Return a tone that swells, so that each place of it is told from every other."""
    time = np.arange(round(RATE * seconds)) / RATE
    return np.asarray(0.6 * time / seconds * np.sin(2 * np.pi * 440 * time), np.float32)


def loudness(sound: NDArray[Any]) -> NDArray[Any]:
    """Return that of each hundredth of a second."""
    return np.asarray(np.sqrt((sound.reshape(-1, RATE // 100) ** 2).mean(axis=1)))


@cache
def written(form: str, seconds: float = 1.5) -> bytes:
    import soundfile

    file, sound = io.BytesIO(), tone(seconds)
    kind, subtype = FORMS[form]
    both, mode = np.stack([sound, sound / 2], axis=1), "CONSTANT" if form == "mp3" else None
    soundfile.write(file, both, RATE, format=kind, subtype=subtype, bitrate_mode=mode)
    return file.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_each_form_comes_back_whole_and_in_pieces(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sound.wav"  # what a file is, its first bytes say
    path.write_bytes(written(form))
    sound, facts = open_sound(path, rate=RATE, seconds=9)
    bits = 24 if form == "flac24" else 16
    assert (facts.rate, facts.samples, facts.channels, facts.bits) == (RATE, len(tone()), 2, bits)
    assert len(sound) == len(tone())
    assert np.abs(loudness(sound / 32768) - loudness(0.75 * tone()))[:-1].max() < 0.01  # Opus fades out
    low, _ = open_sound(path, rate=16_000, seconds=1)
    assert len(low) == 16_000
    monkeypatch.setattr(resample, "PIECE", 5000)
    assert np.array_equal(open_sound(written(form), rate=RATE, seconds=9)[0], sound)
    assert np.abs(open_sound(path, rate=16_000, seconds=1)[0].astype(int) - low).max() <= 1


def unsaid(form: str) -> bytes:
    """Return a sound whose header does not say how long it is."""
    data = written(form)
    if form == "flac":
        return data[:21] + bytes([data[21] & 0xF0]) + bytes(4) + data[26:]
    return data[data.index(data[:2], 4) :]  # the first frame says it


def test_a_length_that_is_not_said_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sound_facts(unsaid("flac"), rate=RATE).samples == len(tone())
    sound, same = (open_sound(data, rate=RATE, seconds=9)[0] for data in (unsaid("flac"), written("flac")))
    assert np.array_equal(sound, same)
    monkeypatch.setattr(compressed, "COUNTED", 1)
    assert sound_facts(unsaid("flac"), rate=RATE).samples == RATE


def test_of_an_estimated_length_nothing_is_lost_unsaid() -> None:
    with pytest.raises(DataError, match="says nowhere how long it is: convert"):
        sound_facts(unsaid("mp3"), rate=RATE)  # its first frame is four times as long as the others


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99])
def test_a_file_that_is_cut_off_is_one_sentence(form: str, share: float) -> None:
    data = written(form)
    with pytest.raises(DataError, match=r"^a/b is .*(copy or record it again|convert it)") as error:
        open_sound(data[: int(len(data) * share)], rate=RATE, seconds=9, name="a/b")
    assert "\n" not in str(error.value)


def test_a_length_that_is_a_lie_takes_no_memory() -> None:
    data = written("flac")
    lie = data[:21] + bytes([data[21] | 0x0F]) + b"\xff" * 4 + data[26:]
    assert sound_facts(lie, rate=RATE).samples == 2**36 - 1
    assert len(open_sound(lie, rate=8000, seconds=1)[0]) == 8000
    with pytest.raises(DataError, match="cut off"):
        open_sound(lie, rate=8000, seconds=30)


@given(st.sampled_from(sorted(FORMS)), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_wrong_bytes_give_a_sound_or_a_sentence(form: str, place: int, noise: bytes) -> None:
    data = written(form, 0.1)
    assert_a_sound_or_a_sentence(data[:place] + noise + data[place + len(noise) :])


@pytest.mark.parametrize("form", ["flac", "opus", "mp3"])
def test_without_the_package_the_sentence_says_what_to_install(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(DataError, match=r'^s is an? .* pip install "hornbook\[sound\]", or convert'):
        open_sound(written(form), rate=8000, seconds=1, name="s")
