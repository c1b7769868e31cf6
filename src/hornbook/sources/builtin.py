"""Data sets with a name.

``digits``, ``iris`` and ``wine`` are scikit-learn's own, and ``gate_and``, ``gate_nand``, ``gate_or`` and ``gate_xor``
are truth tables. ``mnist``, ``fashion_mnist`` and ``cifar10`` come
once from their official addresses into the cache folder, each file checked against its SHA-256 (as TensorFlow
Datasets pins them in ``url_checksums``). With ``data`` the same files are taken from a folder; then what is
in them is checked, not how they were packed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from filelock import FileLock

from hornbook.common.cache_folder import cache_dir
from hornbook.common.fetch import NotFetchedError, Remote, fetch, where_to_put
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, MissingExtra, UsageError, did_you_mean, one_of
from hornbook.examples.examples import Examples
from hornbook.sources.array.cifar import find_cifar, read_cifar
from hornbook.sources.array.idx import is_idx_name, read_idx_folder
from hornbook.sources.array.python import from_arrays

_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_MNIST_TOO = "https://storage.googleapis.com/cvdf-datasets/mnist/"
_FASHION = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"


def _idx(places: Sequence[str], *files: tuple[str, str, int]) -> tuple[Remote, ...]:
    """Return four files of one set by name, SHA-256 and size; they lie at each of the places."""
    return tuple(
        Remote(f"{name}-ubyte.gz", tuple(f"{place}{name}-ubyte.gz" for place in places), sha256, size)
        for name, sha256, size in files
    )


REMOTES = {
    # yann.lecun.com refuses; these two are the mirrors of torchvision and of TensorFlow Datasets.
    "mnist": _idx(
        (_MNIST, _MNIST_TOO),
        ("train-images-idx3", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", 9912422),
        ("train-labels-idx1", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", 28881),
        ("t10k-images-idx3", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", 1648877),
        ("t10k-labels-idx1", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", 4542),
    ),
    "fashion_mnist": _idx(
        (_FASHION,),
        ("train-images-idx3", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", 26421880),
        ("train-labels-idx1", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", 29515),
        ("t10k-images-idx3", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", 4422102),
        ("t10k-labels-idx1", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", 5148),
    ),
    "cifar10": (
        Remote(
            "cifar-10-binary.tar.gz",
            ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",),
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            170052171,
        ),
    ),
}
"""The files of the data sets that are fetched."""

SCIKIT_LEARN = ("digits", "iris", "wine")
GATES = {
    "gate_and": (0, 0, 0, 1),
    "gate_nand": (1, 1, 1, 0),
    "gate_or": (0, 1, 1, 1),
    "gate_xor": (0, 1, 1, 0),
}
"""What a gate says of 0 and 0, 0 and 1, 1 and 0, 1 and 1."""

BUILTIN = (*SCIKIT_LEARN, *GATES, *REMOTES)
"""All names."""

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def read_builtin(name: str, data: Path | None = None) -> Examples | None:
    """Return a data set by its name.

    Parameters
    ----------
    data
        A folder with the set's official files, or one of its files. None is returned where there are none of
        them in it: then it is the user's own data, to be read as what it is.

    Raises
    ------
    DataError
        A file is missing or damaged, or cannot be fetched.
    MissingExtra
        scikit-learn is not installed.
    """
    if name not in BUILTIN:
        raise UsageError(
            f"there is no data set {name!r}; the names are {one_of(BUILTIN)}{did_you_mean(name, BUILTIN)}"
        )
    if name in GATES:
        return _gate(name) if data is None else None
    if name in SCIKIT_LEARN:
        return _scikit_learn(name) if data is None else None
    if name == "cifar10":
        source = find_cifar(data) if data is not None else fetched(name)
        return None if source is None else read_cifar(source).replace(origin=name)
    folder = fetched(name) if data is None else _idx_folder(data)
    if folder is None:
        return None
    names = [path.name for path in folder.iterdir() if _is_idx(path) and path.suffix != ".part"]
    stems = [n.split("-idx")[0].split(".idx")[0] for n in names]
    missing = [remote.name for remote in REMOTES[name] if remote.name.split("-idx")[0] not in stems]
    if missing:
        raise DataError(
            f"{shown(folder)}: {', '.join(missing)} is not there: {name} has four files; put it beside the others"
        )
    examples = read_idx_folder(folder, names, origin=name)
    return _with_classes(examples, FASHION_CLASSES) if name == "fashion_mnist" else examples


def fetched(name: str) -> Path:
    """Return the folder with a data set's files, fetched where they are not in the cache."""
    folder = cache_dir() / name
    folder.mkdir(exist_ok=True)
    try:
        with FileLock(folder / "fetching.lock"):
            for remote in REMOTES[name]:
                fetch(remote, folder)
    except NotFetchedError as error:
        raise where_to_put(REMOTES[name], folder, name, str(error)) from error
    return folder


def _is_idx(path: Path) -> bool:
    # Some copies of MNIST have folders of the same names beside the files.
    return is_idx_name(path.name) and path.is_file()


def _idx_folder(data: Path) -> Path | None:
    """Return the folder that has IDX files: ``data`` itself, or where torchvision puts them below it."""
    for folder in (data, *(data / below for below in ("raw", "MNIST/raw", "FashionMNIST/raw"))):
        if folder.is_dir() and any(map(_is_idx, folder.iterdir())):
            return folder
    return None


def _with_classes(examples: Examples, classes: tuple[str, ...]) -> Examples:
    numbers = examples.table["label"].to_numpy()
    if len(numbers) and numbers.max() >= len(classes):
        raise DataError(
            f"{examples.origin}: there is a label {numbers.max()}, and the classes are 0 to {len(classes) - 1}"
        )
    label = pl.Series("label", np.array(classes, dtype=object)[numbers].tolist(), pl.String)
    return examples.replace(table=examples.table.with_columns(label))


def _gate(name: str) -> Examples:
    """Return the truth table of a gate: inputs ``a`` and ``b``, and ``out``."""
    table = pl.DataFrame({"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "out": [str(v) for v in GATES[name]]})
    return Examples(table, origin=name)


def _scikit_learn(name: str) -> Examples:
    try:
        if name == "digits":
            return _digits()
        from sklearn import datasets
    except ImportError as error:
        raise MissingExtra(f"the data set {name!r}", "look") from error
    bunch = datasets.load_iris() if name == "iris" else datasets.load_wine()
    columns = {_plain(feature): bunch.data[:, i] for i, feature in enumerate(bunch.feature_names)}
    label = [str(bunch.target_names[target]) for target in bunch.target]
    return from_arrays(**columns, label=label).replace(origin=name)


def _digits() -> Examples:
    """Return the 1,797 digits of 8 x 8 that scikit-learn ships (Alpaydin and Kaynak 1998).

    Their file is read where it lies, in 0.04 s; importing scikit-learn to do the same takes a second.
    """
    spec = importlib.util.find_spec("sklearn")
    places = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
    file = next(
        (p for place in places if (p := place / "datasets" / "data" / "digits.csv.gz").exists()), None
    )
    if file is not None:
        values = np.loadtxt(file, delimiter=",")
        ink, target = values[:, :-1], values[:, -1].astype(np.int64)
    else:
        from sklearn.datasets import load_digits

        ink, target = load_digits(return_X_y=True)
    # Counts of ink, 0 to 16, to bytes.
    pictures = np.round(ink * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8)
    return from_arrays(image=pictures, label=[str(digit) for digit in target]).replace(origin="digits")


def _plain(feature: str) -> str:
    """Return a name without blanks and units: ``sepal_length`` for ``sepal length (cm)``."""
    return feature.partition(" (")[0].strip().replace(" ", "_").replace("/", "_")
