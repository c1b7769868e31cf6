"""What the first part of a network, which never changes, says of every row: computed once, and kept in the cache.

Of the training rows also of some changed views: view ``v`` of a row is that row augmented as in epoch ``v``, and the
epochs take turns among them. A head on it then learns in seconds, however large the network before it is.

The first part is run by ONNX Runtime, picture by picture, one in each thread: so it gives the same bits whatever stands
in a batch, and is as fast as anything measured (AVX-512, one thread, MobileNetV2 at 224 x 224: 7.7 ms a picture, 10.9
by PyTorch in bfloat16, which changes the features by a tenth, and 13.6 in float32; batches of 32 take three times as
long a picture).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from hornbook.columns.augment import Augment
from hornbook.columns.base import Array
from hornbook.common.cache_folder import cache_dir, cannot_keep
from hornbook.common.progress import Reading, silent
from hornbook.errors import RunError
from hornbook.examples.cache import MAKING, prune
from hornbook.examples.prepare import Prepared
from hornbook.examples.rows import ROWS, Rows, read_npy
from hornbook.networks.inputs import make_augment
from hornbook.networks.model import Network
from hornbook.recipe.recipe import Training

__all__ = ["Kept", "keep"]

VERSION = 2
"""Part of every key: raise it when the same rows give other numbers."""

CHUNK = 32
"""Rows that are encoded, and changed, at once."""

Run = Callable[[Array], Array]


class Kept:
    """What the first part of a network says of rows.

    Parameters
    ----------
    plain
        Of every row as it is, in the order of the table.
    changed
        Of the training rows changed, one for each view.
    place
        Where a training row stands in these, ``int64`` by its number in the table.
    """

    def __init__(self, plain: Rows, changed: Sequence[Rows], place: Array) -> None:
        self.plain, self.changed, self.place = plain, list(changed), place

    def take(self, rows: Tensor, epoch: int | None = None) -> Tensor:
        """Return what is kept of some rows, as they are or in the view of an epoch: (batch, ...), float32."""
        numbers = rows.numpy()
        if epoch is None or not self.changed:
            return torch.from_numpy(self.plain.take(numbers)).float()
        views = len(self.changed) + 1
        turn = (numbers * 0x9E3779B1 % 0xFFFFFFFB + epoch) % views
        out = np.empty((len(numbers), *self.plain.shape[1:]), self.plain.dtype)
        for view in np.unique(turn).tolist():
            here = np.flatnonzero(turn == view)
            where = numbers[here]
            out[here] = self.changed[view - 1].take(self.place[where]) if view else self.plain.take(where)
        return torch.from_numpy(out).float()

    def views(self, rows: Array) -> Iterator[Tensor]:
        """Yield what is kept of some training rows: as they are, and in each view."""
        yield torch.from_numpy(self.plain.take(rows)).float()
        for changed in self.changed:
            yield torch.from_numpy(changed.take(self.place[rows])).float()

    def mapped(self, made: Callable[[Tensor], Tensor], train: Array, others: Array) -> Kept:
        """Return what something makes of what is kept of training rows and of some others, in memory."""
        rows = np.concatenate([train, others])
        plain = made(torch.from_numpy(self.plain.take(rows)).float()).numpy()
        out = np.zeros((len(self.plain), *plain.shape[1:]), np.float32)
        out[rows] = plain
        every = np.arange(len(train))
        changed = [made(torch.from_numpy(c.take(every)).float()).numpy() for c in self.changed]
        return Kept(Rows(out), [Rows(c) for c in changed], self.place)


def keep(
    network: Network, prepared: Prepared, training: Training, views: int, progress: Reading = silent
) -> Kept | None:
    """Return what a network's first part says of prepared rows; None where it has none that stays as it is.

    Parameters
    ----------
    views
        So many changed ones of each training row, where ``[training.augment]`` says how they are changed.
    """
    if network.first_part is None or prepared.refreshed is not None or torch.cuda.is_available():
        return None
    (name,) = prepared.inputs
    first = _First(network, name)
    train = prepared.splits["train"]
    usable = np.sort(np.concatenate([train, prepared.splits["validation"]]))
    augment = training.augment.get(name)
    changes = [None, *[(augment, training.seed, v + 1) for v in range(views)]] if augment else [None]
    asked = [(usable if change is None else train, change) for change in changes]
    total, done = sum(len(rows) for rows, _ in asked), 0
    found = []
    for rows, change in asked:

        def told(_: str, now: int, of: int, before: int = done) -> None:
            progress("computing features of", before + now, total)

        found.append(first.of(prepared, rows, change, told))
        done += len(rows)
    place = np.zeros(len(prepared.examples), np.int64)
    place[train] = np.arange(len(train))
    return Kept(_spread(found[0], usable, len(prepared.examples)), found[1:], place)


def _spread(found: Rows, usable: Array, count: int) -> Rows:
    """Return rows by their numbers in the table, where some of the table are in no split."""
    if len(found) == count:
        return found
    out = np.zeros((count, *found.shape[1:]), found.dtype)
    out[usable] = found.take(np.arange(len(found)))
    return Rows(out)


class _First(nn.Module):
    """The first part with its input's arithmetic: what is exported, from pictures of a plain range."""

    def __init__(self, network: Network, name: str) -> None:
        super().__init__()
        self.network, self.name = network, name

    def forward(self, unit: Tensor) -> Tensor:
        """Return what is kept."""
        return self.network.kept({self.name: unit})

    def of(
        self, prepared: Prepared, rows: Array, change: tuple[Augment, int, int] | None, progress: Reading
    ) -> Rows:
        """Return what is kept of some rows, from the cache where it is there."""
        root = cache_dir() / "encoded"
        folder = root / self._key(prepared, rows, change)
        try:
            found = Rows(folder / ROWS)
            if found.shape[0] == len(rows) and (folder / "whole").exists():
                os.utime(folder)
                return found
        except (OSError, ValueError):
            pass
        try:
            root.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=MAKING, dir=root))
            try:
                self._write(made / ROWS, prepared, rows, change, progress)
                (made / "whole").touch()
                made.chmod(0o755)
                if folder.exists():
                    shutil.rmtree(folder, ignore_errors=True)
                found = Rows(read_npy(made / ROWS)) if not _renamed(made, folder) else Rows(folder / ROWS)
            finally:
                shutil.rmtree(made, ignore_errors=True)
            prune()
        except OSError as error:
            raise cannot_keep(root, error) from error
        return found

    def _key(self, prepared: Prepared, rows: Array, change: tuple[Augment, int, int] | None) -> str:
        """Return a name for what is kept: the rows' contents, how they were read and changed, the first part."""
        column = prepared.inputs[self.name]
        how = {k: v for k, v in column.options().items() if k != "from"} | column.encodes_by()
        changed = None if change is None else [change[0].type, vars(change[0]), *change[1:], rows.tolist()]
        versions = [torch.__version__, onnxruntime.__version__, np.__version__]
        digest = hashlib.blake2b(digest_size=16)
        digest.update(json.dumps([VERSION, how, changed, versions], sort_keys=True).encode())
        digest.update(np.ascontiguousarray(prepared.facts[self.name]["content"][rows]).tobytes())
        body = self.network.first_part
        assert body is not None, "asked of a network with a first part that never changes"
        digest.update(json.dumps([body.meaning(), *self._arithmetic()]).encode())
        for name, weight in sorted(body.first_state().items()):
            digest.update(name.encode() + weight.numpy().tobytes())
        return digest.hexdigest()

    def _arithmetic(self) -> list[list[float]]:
        return [buffer.flatten().tolist() for buffer in self.network.inputs[self.name].buffers()]

    def _write(
        self,
        path: Path,
        prepared: Prepared,
        rows: Array,
        change: tuple[Augment, int, int] | None,
        progress: Reading,
    ) -> None:
        """Compute what is kept of some rows into a file."""
        workers = os.cpu_count() or 1
        run = self._session()
        augment = None if change is None else make_augment(change[0])
        out: np.memmap[Any, Any] | None = None
        module = self.network.inputs[self.name]
        with ThreadPoolExecutor(workers) as pool:
            for start in range(0, len(rows), CHUNK):
                some = rows[start : start + CHUNK]
                with torch.inference_mode():
                    unit = module.unit(torch.from_numpy(prepared.arrays[self.name].take(some)))
                    if augment is not None and change is not None:
                        unit = augment(unit, seed=change[1], epoch=change[2], rows=torch.from_numpy(some))
                pictures = np.ascontiguousarray(unit.numpy())
                parts = list(pool.map(run, [pictures[i : i + 1] for i in range(len(some))]))
                if out is None:
                    kind = np.float32 if parts[0].ndim == 2 else np.float16  # a picture is many numbers
                    out = np.lib.format.open_memmap(path, "w+", kind, (len(rows), *parts[0].shape[1:]))
                for i, part in enumerate(parts):
                    out[start + i] = part[0]
                progress("", start + len(some), len(rows))
        if out is None:
            raise RunError("there are no rows to compute features of")
        out.flush()

    def _session(self) -> Run:
        """Return the first part as ONNX Runtime runs it."""
        (name,) = self.network.inputs
        training = self.network.training
        self.network.eval()
        memory = io.BytesIO()
        with warnings.catch_warnings(action="ignore"):  # that this exporter is not the newest one
            torch.onnx.export(
                self,
                (torch.zeros((1, *self.network.inputs[name].shape)),),
                memory,  # type: ignore[arg-type]
                input_names=["unit"],
                output_names=["kept"],
                dynamic_axes={"unit": {0: "rows"}, "kept": {0: "rows"}},
                opset_version=18,
                dynamo=False,
            )
        self.network.train(training)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(memory.getvalue(), options, providers=["CPUExecutionProvider"])

        def run(pictures: Array) -> Array:
            found: Array = session.run(["kept"], {"unit": pictures})[0]
            return found

        return run


def _renamed(made: Path, folder: Path) -> bool:
    """Give a folder that was made its name; False where another process was quicker."""
    try:
        made.replace(folder)
    except OSError:
        return False
    return True
