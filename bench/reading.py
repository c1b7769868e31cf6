"""Reading a folder of 60,000 small PNGs: listed, opened, encoded the first time; found again the second.

python -m bench.reading
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.common import report, shared

READ = """
import sys, time
start = time.perf_counter()
from hornbook.sources import read_examples
from hornbook.examples.prepare import prepare
from hornbook.columns import CategoryColumn, ImageColumn
imported = time.perf_counter()
image = ImageColumn(size=(28, 28), channels=1)
prepared = prepare(read_examples(sys.argv[1]), {"image": image}, {"label": CategoryColumn()})
print(len(prepared.examples), imported - start, time.perf_counter() - imported)
"""


def main() -> None:
    from PIL import Image

    from hornbook.sources.array.idx import read_idx

    pictures = read_idx(shared("mnist", "train-images-idx3-ubyte.gz"))
    labels = read_idx(shared("mnist", "train-labels-idx1-ubyte.gz"))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        root = Path(folder)
        for digit in range(10):
            (root / str(digit)).mkdir()
        for i, (picture, label) in enumerate(zip(pictures[:], labels[:], strict=True)):
            Image.fromarray(picture).save(root / str(label) / f"{i:05d}.png")
        found = []
        for _ in range(4):
            out = subprocess.run(
                [sys.executable, "-c", READ, str(root)],
                env={**os.environ, "HORNBOOK_CACHE": cache},
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()
            found.append([float(v) for v in out])
    report(
        "reading",
        pictures=int(found[0][0]),
        first_seconds=round(found[0][2], 2),
        again_seconds=round(sorted(f[2] for f in found[1:])[1], 3),
        import_seconds=round(found[-1][1], 2),
    )


if __name__ == "__main__":
    main()
