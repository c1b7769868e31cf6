"""The files of the face detectors: where they are, fetched once, used only when their SHA-256 is right."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from filelock import FileLock

from hornbook.common.cache_folder import cache_dir, cannot_keep
from hornbook.common.fetch import OFFLINE, NotFetchedError, Remote, fetch
from hornbook.common.files import reason
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

__all__ = ["FILES", "fetch_detector", "is_yunet", "weights_of"]

YUNET = Remote(
    "face_detection_yunet_2023mar.onnx",
    (
        "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_detection_yunet/"
        "face_detection_yunet_2023mar.onnx",
        "https://huggingface.co/opencv/face_detection_yunet/resolve/main/face_detection_yunet_2023mar.onnx",
    ),
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    232589,
)
SSD = (
    Remote(
        "opencv_face_detector_uint8.pb",
        (
            "https://raw.githubusercontent.com/opencv/opencv_3rdparty/8033c2bc31b3256f0d461c919ecc01c2428ca03b/"
            "opencv_face_detector_uint8.pb",
        ),
        "5c71d752ef2cbf2f457ac82fdd580fcb2522fd04c5efdaed18eb6d9e2843fbed",
        2727750,
    ),
    Remote(
        "opencv_face_detector.pbtxt",
        (
            "https://raw.githubusercontent.com/opencv/opencv/4.x/samples/dnn/face_detector/opencv_face_detector.pbtxt",
        ),
        "5397808362fc6fb7c4044484848e297b22449d913a267fa7f8bd9d86dce29144",
        34912,
    ),
)

FILES: dict[str, tuple[Remote, ...]] = {"yunet": (YUNET,), "ssd": SSD}
"""The files of each detector by its name; those of Haar come with OpenCV. YuNet is MIT, the SSD net Apache-2.0."""


def is_yunet(data: bytes) -> bool:
    """Return whether bytes are those of the one file of YuNet that is used."""
    return hashlib.sha256(data).hexdigest() == YUNET.sha256


def weights_of(detector: str, given: str = "") -> list[bytes]:
    """Return the files of a detector, checked; fetched once where they are not there.

    Parameters
    ----------
    given
        The file, or a folder that they lie in; else they lie in the cache, or are fetched into it.

    Raises
    ------
    DataError
        A file is not there, is another one, or cannot be fetched: the sentence says which to put where.
    """
    files = FILES[detector]
    if not given:
        folder = fetch_detector(detector)
        return [_read(folder / remote.name, remote) for remote in files]
    path = Path(given).expanduser()
    places = [path / remote.name for remote in files] if path.is_dir() else [path]
    if path.is_dir() and not places[0].is_file():
        raise DataError(f"{shown(given)}: there is no {files[0].name} in this folder; {_get(files[0])}")
    # Of the two files of a net one is named, and the other lies beside it.
    places = (
        [path.parent / remote.name for remote in files] if len(files) > 1 and len(places) == 1 else places
    )
    return [_read(place, remote) for place, remote in zip(places, files, strict=True)]


def fetch_detector(detector: str) -> Path:
    """Return the folder with a detector's files, fetched where they are not in the cache.

    Raises
    ------
    DataError
        They cannot be fetched: the message says which files to put where.
    """
    folder = cache_dir() / "detectors"
    missing = [r for r in FILES[detector] if not (folder / r.name).is_file()]
    if not missing:
        return folder
    try:
        if os.environ.get(OFFLINE):
            raise NotFetchedError(f"{missing[0].name} is not there, and {OFFLINE} is set")
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "fetching.lock"):
            for remote in missing:
                fetch(remote, folder)
    except NotFetchedError as error:
        urls = "; ".join(remote.urls[0] for remote in missing)
        raise DataError(
            f"the face detector {detector}: {error}; with no network, fetch this elsewhere and put it into {folder}: "
            f"{urls}"
        ) from error
    except OSError as error:
        raise cannot_keep(folder, error) from error
    return folder


def _read(path: Path, remote: Remote) -> bytes:
    """Return the bytes of a file, which must be the right one."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size == remote.size else b""
    except (OSError, ValueError) as error:
        raise DataError(f"{shown(path)} cannot be read ({reason(error)}); {_get(remote)}") from error
    if size != remote.size:
        raise DataError(
            f"{shown(path)} is not {remote.name}, the weights of the face detector: it has {size:,} bytes and not "
            f"{remote.size:,}; {_get(remote)}"
        )
    found = hashlib.sha256(data).hexdigest()
    if found != remote.sha256:
        raise DataError(
            f"{shown(path)} is not {remote.name}, the weights of the face detector: its SHA-256 is {found[:12]}..., "
            f"wanted {remote.sha256[:12]}...; {_get(remote)}"
        )
    return data


def _get(remote: Remote) -> str:
    return f"get {remote.urls[0]}"
