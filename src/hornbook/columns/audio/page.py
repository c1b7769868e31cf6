"""Sounds in a page without a server."""

from __future__ import annotations

from typing import Any

import numpy as np

from hornbook.columns.audio.column import AudioColumn
from hornbook.columns.audio.files.open import wav
from hornbook.columns.page import Page, Script

RATE, SECONDS = 11_025, 0.25


class AudioPage(Page[AudioColumn]):
    """Sounds, at the rate of the column."""

    needs = (Script("hornbook.columns.image", "bytes.js"),)

    def made_up(self, draw: np.random.Generator) -> Any:
        """Return the bytes of a WAV file: tones that rise and fall, at a rate that has to be changed."""
        time = np.arange(round(RATE * SECONDS)) / RATE
        tones = sum(np.sin(2 * np.pi * (f * time + 200 * time**2)) for f in draw.uniform(200, 2000, 3))
        sound = 6000 * tones * np.sin(np.pi * time / SECONDS) + draw.normal(0, 300, len(time))
        return wav(np.clip(sound, -32768, 32767).astype(np.int16), RATE, RATE, SECONDS)
