"""The input of an ``audio`` column: samples to a picture of log-mel features, by fixed matrices in the graph.

It is what `mel` does in numpy, where the method and its sources are; in the exported graph the Fourier
transform is a convolution with the tapered cosines and sines, which works for any length.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from hornbook.columns.audio.column import AudioColumn
from hornbook.columns.audio.signal.mel import BLOCK, FLOOR, FULL
from hornbook.columns.network import Input


class AudioInput(Input):
    """Sounds: ``int16`` (batch, samples) to standardized floats (batch, 1, bands, frames).

    Frames behind the end of a sound are zeros: in ``unit`` and after ``forward``. What ends a sound is its last
    sample that is not zero, rounded up to a block of frames, so that an answer does not depend on how much silence
    a batch has put behind it.
    """

    basis: Tensor
    taper: Tensor
    bands: Tensor
    mean: Tensor
    std: Tensor

    def __init__(self, column: AudioColumn) -> None:
        super().__init__()
        mel = column.mel
        self.shape = (1, column.mels, 0)
        self.window, self.hop, self.size = mel.window, mel.hop, mel.size
        self.register_buffer("basis", torch.from_numpy(mel.basis / FULL)[:, None], persistent=False)
        self.register_buffer("taper", torch.from_numpy(mel.taper / FULL), persistent=False)
        self.register_buffer("bands", torch.from_numpy(mel.matrix.T.copy()), persistent=False)
        mean = column.mean or (0.0,) * column.mels
        std = column.std or (1.0,) * column.mels
        self.register_buffer("mean", torch.tensor(mean).view(1, 1, -1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 1, -1, 1), persistent=False)

    def unit(self, encoded: Tensor) -> Tensor:
        """Return natural logarithms of the power in each band, from -18.4 (silence) to about 5; 0 behind the end."""
        samples = encoded.float()
        powers = self._powers(F.pad(samples, (0, self.window - self.hop)))
        return (torch.log(powers + FLOOR) * self._inside(samples)).unsqueeze(1)

    def _powers(self, samples: Tensor) -> Tensor:
        """Return the power of each frame in each band, (batch, bands, frames)."""
        if torch.onnx.is_in_onnx_export():
            cosines, sines = F.conv1d(samples[:, None], self.basis, stride=self.hop).chunk(2, 1)
            return F.conv1d(cosines * cosines + sines * sines, self.bands[:, :, None])
        # The fast transform, which no graph of free length has, takes a quarter of the time.
        found = torch.fft.rfft(samples.unfold(1, self.window, self.hop) * self.taper, self.size)
        powers = found.real.square() + found.imag.square()
        banded: Tensor = powers @ self.bands.T
        return banded.transpose(1, 2)

    def _inside(self, samples: Tensor) -> Tensor:
        """Return 1.0 for each frame of a sound and 0.0 for those behind its end, (batch, 1, frames)."""
        blocks = samples.reshape(samples.shape[0], -1, BLOCK * self.hop).abs().amax(2)
        behind = blocks[:, 1:].flip(1).cumsum(1).flip(1) > 0
        inside = F.pad(behind.float(), (1, 0), value=1.0)  # the first block is always there
        return inside.unsqueeze(2).expand(-1, -1, BLOCK).flatten(1).unsqueeze(1)

    def forward(self, logs: Tensor) -> Tensor:
        """Return standardized features; frames behind the end stay zeros."""
        inside = (logs != 0).any(2, keepdim=True).float()
        return (logs - self.mean) / self.std * inside
