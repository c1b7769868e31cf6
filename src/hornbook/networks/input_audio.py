"""The input of an ``audio`` column: samples to a picture of log-mel features, by fixed matrices in the graph.

It is what `hornbook.columns.mel` does in numpy, where the method and its sources are; here the Fourier transform is a
convolution with the tapered cosines and sines, which exports with a free length.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hornbook.columns.audio import AudioColumn
from hornbook.columns.mel import BLOCK, FLOOR, FULL


class AudioInput(nn.Module):
    """Sounds: ``int16`` (batch, samples) to standardized floats (batch, 1, bands, frames).

    Frames behind the end of a sound are zeros: in ``unit`` and after ``forward``. What ends a sound is its last
    sample that is not zero, rounded up to a block of frames, so that an answer does not depend on how much silence
    a batch has put behind it.
    """

    basis: Tensor
    bands: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(self, column: AudioColumn) -> None:
        super().__init__()
        mel = column.mel
        self.shape = (1, column.mels, 0)
        self.window, self.hop = mel.window, mel.hop
        self.register_buffer("basis", torch.from_numpy(mel.basis / FULL)[:, None], persistent=False)
        self.register_buffer("bands", torch.from_numpy(mel.matrix.T.copy())[:, :, None], persistent=False)
        mean = column.mean or (0.0,) * column.mels
        deviation = column.deviation or (1.0,) * column.mels
        self.register_buffer("mean", torch.tensor(mean).view(1, 1, -1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation).view(1, 1, -1, 1), persistent=False)

    def unit(self, encoded: Tensor) -> Tensor:
        """Return natural logarithms of the power in each band, from -18.4 (silence) to about 5; 0 behind the end."""
        samples = encoded.float()
        padded = F.pad(samples, (0, self.window - self.hop))
        lines = F.conv1d(padded[:, None], self.basis, stride=self.hop)
        cosines, sines = lines.chunk(2, 1)
        powers = F.conv1d(cosines * cosines + sines * sines, self.bands)
        return (torch.log(powers + FLOOR) * self._inside(samples)).unsqueeze(1)

    def _inside(self, samples: Tensor) -> Tensor:
        """Return 1.0 for each frame of a sound and 0.0 for those behind its end, (batch, 1, frames)."""
        blocks = samples.unflatten(1, (-1, BLOCK * self.hop)).abs().amax(2)
        behind = blocks[:, 1:].flip(1).cumsum(1).flip(1) > 0
        inside = F.pad(behind.float(), (1, 0), value=1.0)  # the first block is always there
        return inside.unsqueeze(2).expand(-1, -1, BLOCK).flatten(1).unsqueeze(1)

    def forward(self, logs: Tensor) -> Tensor:
        """Return standardized features; frames behind the end stay zeros."""
        inside = (logs != 0).any(2, keepdim=True).float()
        return (logs - self.mean) / self.deviation * inside
