"""Small sources for the tests of the readers."""

import gzip
import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image


def shared() -> Path:
    """Return the folder of real data, which is not part of the project and may not be there."""
    return Path(os.environ.get("HORNBOOK_SHARED") or Path(__file__).parents[3] / "shared") / "data"


def picture(shade: int = 0, ending: str = "png", side: int = 6) -> bytes:
    """Return a small picture file."""
    pixels = np.full((side, side), shade % 256, np.uint8)
    pixels[1:3, 1:4] = 255 - shade % 256
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, {"jpg": "jpeg"}.get(ending, ending))
    return out.getvalue()


def tree(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def pictures(names: Iterable[str]) -> dict[str, bytes]:
    """Return a different picture for each name."""
    return {name: picture(10 * i) for i, name in enumerate(names)}


def zipped(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def member(
    name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.type = kind
    info.linkname = link
    return info, data


def tarred(
    path: Path, files: Mapping[str, bytes] | Iterable[tuple[tarfile.TarInfo, bytes]], mode: str = "w"
) -> Path:
    entries = [member(name, data) for name, data in files.items()] if isinstance(files, Mapping) else files
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return path


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write an archive of the kind that the end of its name says."""
    if path.suffix == ".zip":
        return zipped(
            path, files, {"stored": zipfile.ZIP_STORED, "bzip2": zipfile.ZIP_BZIP2}.get(path.stem, 8)
        )
    kind = path.suffix.removeprefix(".").replace("tgz", "gz")
    return tarred(path, files, "w" if kind == "tar" else f"w:{kind}")


def idx_pictures(rows: int = 5, side: int = 4, magic: int = 2051, promise: int | None = None) -> bytes:
    values = np.arange(rows * side * side, dtype=np.uint16).astype(np.uint8)
    return struct.pack(">IIII", magic, rows if promise is None else promise, side, side) + values.tobytes()


def idx_labels(rows: int = 5, magic: int = 2049, promise: int | None = None) -> bytes:
    return struct.pack(">II", magic, rows if promise is None else promise) + bytes(
        i % 10 for i in range(rows)
    )


def idx_set(root: Path, packed: bool = True, train: int = 5, test: int = 3) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    files = {
        "train-images-idx3-ubyte": idx_pictures(train),
        "train-labels-idx1-ubyte": idx_labels(train),
        "t10k-images-idx3-ubyte": idx_pictures(test),
        "t10k-labels-idx1-ubyte": idx_labels(test),
    }
    for name, data in files.items():
        if packed:
            (root / f"{name}.gz").write_bytes(gzip.compress(data))
        else:
            (root / name).write_bytes(data)
    return root
