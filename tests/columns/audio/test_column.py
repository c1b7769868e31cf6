"""The ``audio`` column: features against a plain reference, lengths, and what is learned from training rows only."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from hornbook.columns.audio.column import LONGEST, AudioColumn
from hornbook.columns.audio.signal.mel import BLOCK, FLOOR, Mel

RNG = np.random.default_rng(0)


def noise(samples: int, loudness: float = 3000) -> NDArray[np.int16]:
    return (RNG.normal(size=samples) * loudness).clip(-32768, 32767).astype(np.int16)


def plain(sound: NDArray[np.int16], mel: Mel, frame: int) -> list[float]:
    """Return the features of one frame, written out as the textbooks have them."""
    cut = [float(v) / 32768 for v in sound[frame * mel.hop : frame * mel.hop + mel.window]]
    cut += [0.0] * (mel.window - len(cut))
    hann = [0.5 - 0.5 * math.cos(2 * math.pi * (i + 0.5) / mel.window) for i in range(mel.window)]
    scale = sum(w * w for w in hann)
    powers = []
    for k in range(mel.size // 2 + 1):
        parts = [
            (
                v * w * math.cos(2 * math.pi * k * i / mel.size),
                v * w * math.sin(2 * math.pi * k * i / mel.size),
            )
            for i, (v, w) in enumerate(zip(cut, hann, strict=True))
        ]
        powers.append((sum(c for c, _ in parts) ** 2 + sum(s for _, s in parts) ** 2) / scale)

    def to_mel(hertz: float) -> float:
        return 2595 * math.log10(1 + hertz / 700)

    low, high = to_mel(20), to_mel(mel.rate / 2)
    edges = [
        700 * (10 ** ((low + (high - low) * i / (mel.bands + 1)) / 2595) - 1) for i in range(mel.bands + 2)
    ]
    out = []
    for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
        total = 0.0
        for k, power in enumerate(powers):
            hertz = k * mel.rate / mel.size
            if left < hertz <= middle:
                total += power * (hertz - left) / (middle - left)
            elif middle < hertz < right:
                total += power * (right - hertz) / (right - middle)
        out.append(math.log(total + FLOOR))
    return out


def test_features_are_those_of_a_plain_reference() -> None:
    mel = Mel(8000, 200, 80, 24)
    sound = noise(2100)
    logs = mel.logs(sound)
    assert logs.shape == (BLOCK, 24)
    for frame in (0, 7, 25, 26):
        assert np.abs(logs[frame] - plain(sound, mel, frame)).max() < 1e-4
    assert np.allclose(logs[27:], math.log(FLOOR))


def test_white_noise_has_its_own_power_in_every_line_and_a_tone_is_in_its_band() -> None:
    mel = Mel(16_000, 400, 160, 40)
    level = 0.1
    logs = mel.logs(noise(160_000, level * 32768))
    share = np.exp(logs).mean(axis=0) / mel.matrix.sum(axis=0)
    assert np.abs(share / level**2 - 1).max() < 0.2
    tone = (np.sin(2 * np.pi * 3000 * np.arange(16_000) / 16_000) * 20_000).astype(np.int16)
    line = round(3000 / 16_000 * mel.size)
    assert mel.logs(tone)[50].argmax() == mel.matrix[line].argmax()


@pytest.mark.parametrize(
    ("rate", "window", "hop", "bands"), [(16_000, 400, 160, 128), (1000, 25, 10, 40), (96_000, 96, 48, 4)]
)
def test_no_band_is_empty(rate: int, window: int, hop: int, bands: int) -> None:
    mel = Mel(rate, window, hop, bands)
    assert mel.matrix.shape == (mel.size // 2 + 1, bands)
    assert mel.matrix.any(axis=0).all()
    assert mel.basis.shape == (mel.size + 2, window)


def test_learns_the_longest_of_the_training_rows_up_to_a_limit() -> None:
    column = AudioColumn(sample_rate=8000)
    sounds = [noise(5000), (noise(44_100), 44_100), b"no sound"]
    learned = column.learn(sounds)
    assert learned.shape == (4 * BLOCK * 80,)  # 1 s in whole blocks of 0.32 s
    assert column.learn([(np.zeros(8000 * 60, np.int16), 8000)]).shape[0] / 8000 == pytest.approx(
        LONGEST, abs=0.32
    )
    assert AudioColumn(sample_rate=8000, seconds=0.5).learn([]).shape == (2 * BLOCK * 80,)
    assert learned.learn([noise(80_000)]) is learned


def test_keeps_no_more_than_seconds_and_pads_with_silence() -> None:
    column = AudioColumn(sample_rate=8000, seconds=0.5).learn([])
    sound, short = noise(8000), noise(1000)
    long = column.encode(sound)
    assert np.array_equal(long[:4000], sound[:4000])
    assert not long[4000:].any()
    assert np.array_equal(column.encode(short)[:1000], short)
    assert not column.encode(short)[1000:].any()
    _, facts = column.encode_with_facts((np.zeros((16_000, 2), np.int16), 16_000))
    assert (facts.width, facts.height, facts.mode) == (1000, 16_000, "16/2")


def test_trims_what_is_silent_in_all_rows() -> None:
    column = AudioColumn(sample_rate=8000, seconds=2).learn([])
    block = BLOCK * 80
    rows = column.encode_many([noise(100), noise(block + 1), np.zeros(50, np.int16)])
    assert column.lengths(rows).tolist() == [block, 2 * block, block]
    assert column.trim(rows).shape == (3, 2 * block)
    assert column.trim(rows[2:]).shape == (1, block)
    assert column.trim(column.trim(rows)).shape == (3, 2 * block)


def test_measures_the_features_without_the_padding() -> None:
    column = AudioColumn(sample_rate=8000, seconds=4, mels=12).learn([])
    rows = column.encode_many([noise(9000), noise(20_000)])
    measured = column.measure(iter([rows[:1], rows[1:]]))
    logs = np.concatenate([column.mel.logs(row) for row in rows])
    assert np.allclose(np.array(measured.mean), logs.mean(axis=0), atol=1e-3)
    assert np.allclose(np.array(measured.std), logs.std(axis=0), atol=1e-3)
    assert measured.learned


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sample_rate": 1000, "window": 0.01, "hop": 0.005}, "16 and 4 samples"),
        ({"window": 0.02, "hop": 0.03}, "leaves gaps"),
        ({"mean": (1.0,)}, "mean of 1 bands"),
        ({"longest": 77}, "no whole blocks"),
    ],
)
def test_objects_to_options_that_cannot_be(options: dict[str, object], said: str) -> None:
    assert said in AudioColumn(**options).objection()  # type: ignore[arg-type]
    assert AudioColumn().objection() == ""


def test_is_shown_as_a_spectrogram_and_can_be_heard() -> None:
    column = AudioColumn(sample_rate=8000, seconds=20, mels=20).learn([])
    high = (np.sin(2 * np.pi * 3500 * np.arange(8000 * 15) / 8000) * 20_000).astype(np.int16)
    encoded = column.encode(high)
    picture = column.picture(encoded)
    assert picture.dtype == np.uint8
    assert picture.shape[0] == 20
    assert 60 < picture.shape[1] <= 80
    assert picture[:4].mean() > 2 * picture[10:].mean()
    heard = column.heard(encoded)
    assert heard is not None
    assert heard[:4] == b"RIFF"
    assert len(heard) == 44 + 80_000


def test_it_is_said_how_much_of_a_sound_is_heard() -> None:
    column = AudioColumn(sample_rate=8000).learn([noise(4000)])
    assert column.remarks_on(column.encode_with_facts(noise(4000))[1]) == ()
    _, facts = column.encode_with_facts(noise(40_000))
    assert column.remarks_on(facts) == ("of its 5 s the first 0.64 are heard",)
