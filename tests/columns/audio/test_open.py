"""Sounds from files, bytes and arrays: every width and rate comes back, and what is hostile gives one sentence."""

from __future__ import annotations

import io
import struct
import tracemalloc
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hornbook.columns.audio.files.open import open_sound, sound_facts, wav
from hornbook.columns.audio.signal.resample import resampled
from hornbook.errors import DataError


def riff(form: bytes, data: bytes, *, size: int | None = None, before: bytes = b"") -> bytes:
    """Return a WAV file; ``size`` is what the header says of the samples."""
    said = struct.pack("<I", len(data) if size is None else size)
    body = b"WAVE" + before + b"fmt " + struct.pack("<I", len(form)) + form + b"data" + said + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def form(
    code: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16, block: int | None = None
) -> bytes:
    block = channels * bits // 8 if block is None else block
    return struct.pack("<HHIIHH", code, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits)


def written(samples: NDArray[np.float64], rate: int, bits: int) -> bytes:
    """Return what Python's own module writes; ``samples`` (n, channels) from -1 to 1."""
    if bits == 8:
        raw = np.rint(samples * 127 + 128).astype(np.uint8).tobytes()
    else:
        whole = np.rint(samples * (2 ** (bits - 1) - 1)).astype(np.int64)
        raw = b"".join(int(v).to_bytes(bits // 8, "little", signed=True) for v in whole.reshape(-1).tolist())
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(bits // 8)
        file.setframerate(rate)
        file.writeframes(raw)
    return memory.getvalue()


@given(
    bits=st.sampled_from([8, 16, 24, 32]),
    channels=st.integers(1, 3),
    rate=st.integers(1000, 48_000),
    length=st.integers(1, 50),
    seed=st.integers(0, 100),
)
def test_every_width_comes_back(bits: int, channels: int, rate: int, length: int, seed: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1, (length, channels))
    sound, facts = open_sound(written(samples, rate, bits), rate=rate, seconds=10)
    assert (facts.rate, facts.samples, facts.channels, facts.bits) == (rate, length, channels, bits)
    step = 1 / 64 if bits == 8 else 1e-4
    assert np.abs(sound / 32768 - samples.mean(axis=1)).max() < step


@pytest.mark.parametrize("bits", [32, 64])
def test_floating_point_and_the_extensible_form(bits: int) -> None:
    samples = np.random.default_rng(0).uniform(-1.2, 1.2, 30).astype(f"<f{bits // 8}")
    plain = riff(form(3, bits=bits), samples.tobytes())
    guid = (
        struct.pack("<HHI", 22, bits, 0) + struct.pack("<H", 3) + b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    )
    extensible = riff(form(0xFFFE, bits=bits) + guid, samples.tobytes(), before=b"LIST\x03\0\0\0abc\0")
    for data in (plain, extensible):
        sound, facts = open_sound(data, rate=8000, seconds=1)
        assert facts.floating
        assert np.abs(sound / 32768 - samples.clip(-1, 1)).max() < 1e-4


def test_a_header_that_does_not_know_the_length_is_read_to_the_end() -> None:
    info = b"LIST" + struct.pack("<I", 26) + b"INFOISFT" + struct.pack("<I", 14) + b"Lavf58.29.100\0"
    with pytest.raises(DataError, match="length of zero"):
        open_sound(riff(form(), info, size=0), rate=8000, seconds=1)
    for size in (0, 0xFFFFFFFF, 0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFF0):  # as pipes say it
        assert len(open_sound(riff(form(), b"\1\0" * 9, size=size), rate=8000, seconds=1)[0]) == 9


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "zeros": (bytes(100), "zero bytes"),
    "text": (b"hello, world", "no WAV, FLAC, Ogg or MP3 file"),
    "only RIFF": (b"RIFF", "cut off or no WAV"),
    "cut header": (riff(form(), b"ab" * 50)[:16], "its header cannot be found"),
    "cut format": (riff(form(), b"ab" * 50)[:30], "its samples cannot be found"),
    "no samples": (riff(form(), b"")[:-8], "its samples cannot be found"),
    "cut samples": (riff(form(), b"ab" * 50)[:-20], "is cut off: its header says 100 bytes of sound, and 80"),
    "zero length": (riff(form(), b""), "length of zero"),
    "short format": (riff(b"\1\0\1\0", b"abcd"), "header is too short"),
    "data first": (b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd", "its header cannot be found"),
    "absurd rate": (riff(form(rate=0xFFFFFFFF), b"ab" * 9), "4,294,967,295 samples a second"),
    "rate zero": (riff(form(rate=0), b"ab" * 9), "0 samples a second"),
    "no channels": (riff(form(channels=0), b"ab" * 9), "0 channels"),
    "many channels": (riff(form(channels=999, bits=8), bytes(9990)), "999 channels"),
    "wrong block": (riff(form(block=3, channels=2), b"ab" * 9), "channels of 16 bits in 3 bytes"),
    "40 bits": (riff(form(bits=40), bytes(50)), "40 bits"),
    "half floats": (riff(form(3, bits=16), bytes(50)), "16 bits"),
    "nan": (riff(form(3, bits=32), np.full(5, np.nan, "<f4").tobytes()), "no numbers"),
    "loud": (riff(form(3, bits=32), np.full(5, 3e4, "<f4").tobytes()), "up to 3e\\+04"),
    "ADPCM": (riff(form(0x11, bits=4, block=256), bytes(512)), "compressed as IMA ADPCM"),
    "A-law": (riff(form(6, bits=8), bytes(512)), "A-law"),
    "MP3 in WAV": (riff(form(0x55, bits=0, block=1), bytes(512)), "compressed as MP3"),
    "unknown": (riff(form(0x1234, bits=8), bytes(512)), "format 0x1234"),
    "MP3": (b"ID3\x04" + bytes(100), "an MP3 file"),
    "bare MP3": (b"\xff\xfb\x90\x64" + bytes(100), "an MP3 file"),
    "FLAC": (b"fLaC" + bytes(100), "a FLAC file"),
    "Ogg": (b"OggS" + bytes(100), "an Ogg file"),
    "M4A": (b"\0\0\0\x20ftypM4A " + bytes(100), "an MP4 file"),
    "AIFF": (b"FORM\0\0\0\0AIFF" + bytes(100), "an AIFF file"),
    "RF64": (b"RF64" + bytes(100), "RF64"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_sound_is_one_sentence(case: str, tmp_path: Path) -> None:
    data, said = BROKEN[case]
    path = tmp_path / "sound.wav"
    path.write_bytes(data)
    for source, name in ((data, "a/b.wav"), (path, "sound.wav")):
        with pytest.raises(DataError, match=said) as error:
            open_sound(source, rate=8000, seconds=1, name=name)
        assert str(error.value).startswith(name)
        assert "\n" not in str(error.value)


def assert_a_sound_or_a_sentence(data: bytes) -> None:
    """Read what was hurt: whatever comes is short and of the right type, or says in one line what is wrong."""
    try:
        sound, _ = open_sound(data, rate=8000, seconds=1)
    except DataError as error:
        assert "\n" not in str(error)
    else:
        assert sound.dtype == np.int16
        assert 0 < len(sound) <= 8000


@given(st.binary(max_size=300), st.sampled_from([0, 12, 36, 44]))
def test_random_bytes_give_a_sound_or_a_sentence(noise: bytes, kept: int) -> None:
    assert_a_sound_or_a_sentence(riff(form(), bytes(60))[:kept] + noise)


@given(st.integers(0, 43), st.integers(0, 255))
def test_one_wrong_byte_in_the_header_gives_a_sound_or_a_sentence(place: int, value: int) -> None:
    data = bytearray(riff(form(), b"ab" * 40))
    data[place] = value
    assert_a_sound_or_a_sentence(bytes(data))


def test_only_what_is_kept_of_an_hour_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    rate, count = 192_000, 192_000 * 3600
    head = riff(form(channels=2, rate=rate), b"", size=4 * count)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + 4 * count)  # a hole: it takes no room on the disk
    tracemalloc.start()
    sound, facts = open_sound(path, rate=16_000, seconds=30)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(sound), facts.seconds) == (480_000, 3600)
    assert peak < 40 << 20


def test_arrays_of_each_kind() -> None:
    tone = np.sin(np.arange(800) / 5)
    wanted = np.rint(tone * 32767)
    stereo = np.stack([tone, tone], axis=1)
    kinds: list[Any] = [
        tone,
        tone.astype(np.float32),
        wanted.astype(np.int16),
        (tone * (2**31 - 1)).astype(np.int32),
        stereo,
        stereo.T,
        (tone[:, None], 8000),
    ]
    for array in kinds:
        sound, _ = open_sound(array, rate=8000, seconds=1)
        assert np.abs(sound - wanted).max() <= 1
    quiet, _ = open_sound(np.full(50, 128, np.uint8), rate=8000, seconds=1)
    assert not quiet.any()


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros(0),
        np.zeros((2, 2, 2)),
        np.zeros(9, bool),
        np.zeros(9, np.int64),
        np.array(["a"]),
        np.full(9, np.inf),
        (np.zeros(9), 8000.5),
        (np.zeros(9), 0),
        (np.zeros(9),),
        7,
    ],
    ids=str,
)
def test_other_arrays_are_one_sentence(wrong: Any) -> None:
    with pytest.raises(DataError) as error:
        open_sound(wrong, rate=8000, seconds=1, name="mine")
    assert str(error.value).startswith("mine ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("place", "said"), [("", "is a folder"), ("x.wav", "does not exist"), ("a\0b", "cannot be read")]
)
def test_places_that_are_no_files(tmp_path: Path, place: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        sound_facts(tmp_path / place, rate=8000)


@pytest.mark.parametrize(
    ("rate", "to"),
    [(44_100, 16_000), (48_000, 8000), (8000, 16_000), (11_025, 8000), (44_101, 16_000), (96_000, 22_050)],
)
def test_a_tone_stays_what_it_was_and_what_is_too_high_goes(rate: int, to: int) -> None:
    samples = rate // 2

    def tone(hertz: float, rate: int, count: int) -> NDArray[np.float32]:
        return np.sin(2 * np.pi * hertz * np.arange(count) / rate).astype(np.float32)

    low = tone(1000, rate, samples)
    new = resampled(lambda a, b: low[a:b], samples, rate, to, 10**6)
    assert abs(len(new) - to / 2) <= 1
    inner = slice(300, -300)
    # An odd ratio is rounded: a little of the phase is lost towards the end.
    assert np.abs(new - tone(1000, to, len(new)))[inner].max() < (0.02 if rate == 44_101 else 5e-4)
    if to < rate:
        high = tone(to * 0.56, rate, samples)
        gone = resampled(lambda a, b: high[a:b], samples, rate, to, 10**6)
        assert np.abs(gone[inner]).max() < 1e-3


def test_pieces_make_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    import hornbook.columns.audio.signal.resample as module

    noise = np.random.default_rng(0).normal(size=20_000).astype(np.float32)
    whole = resampled(lambda a, b: noise[a:b], 20_000, 44_100, 16_000, 10**6)
    monkeypatch.setattr(module, "PIECE", 1000)
    reads: list[int] = []

    def read(start: int, end: int) -> NDArray[np.float32]:
        reads.append(end - start)
        return noise[start:end]

    pieces = resampled(read, 20_000, 44_100, 16_000, 10**6)
    assert len(reads) > 5
    assert np.abs(pieces - whole).max() < 1e-5
    assert np.array_equal(resampled(read, 20_000, 44_100, 16_000, 500), pieces[:500])


def test_what_is_written_to_be_heard_can_be_read() -> None:
    tone = (np.sin(np.arange(44_100) / 20) * 20_000).astype(np.int16)
    data = wav(tone, 44_100, 16_000, 0.5)
    sound, facts = open_sound(data, rate=16_000, seconds=1)
    assert (facts.rate, facts.bits, facts.samples) == (16_000, 8, 8000)
    with wave.open(io.BytesIO(data)) as file:
        assert file.getnframes() == 8000
    wanted = np.sin(np.arange(8000) * 44_100 / 16_000 / 20) * 20_000
    assert np.abs(sound - wanted)[100:-100].max() < 300


def test_a_strange_rate_takes_no_gigabytes() -> None:
    sound = np.sin(2 * np.pi * 50 * np.arange(997) / 997).astype(np.float32)
    tracemalloc.start()
    new = resampled(lambda a, b: sound[a:b], 997, 997, 16_000, 16_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 400e6
    wanted = np.sin(2 * np.pi * 50 * np.arange(16_000) / 16_000)
    assert np.abs(new - wanted)[500:-500].max() < 5e-3
