"""Peak memory of training on a set ten times larger.

    python -m bench.memory

Two IDX sets are written, MNIST's training pictures once and ten times over; each is trained on for some steps
in a process of its own with the same network, and the most memory that each ever held is compared.
"""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.common import report, shared

STEPS = 150

TRAIN = """
import resource, sys
from hornbook import train
from hornbook.common.progress import Progress

class Stop(BaseException):
    pass

class Some(Progress):
    def step(self, now):
        if now.step >= int(sys.argv[2]):
            raise Stop

try:
    train("mnist", data=sys.argv[1], run=sys.argv[1] + "/run", progress=Some(),
          changes=["inputs.image.fit=stretch", "inputs.image.ink=keep"])
except Stop:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def main() -> None:
    source = shared("mnist")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        found = {}
        for times in (1, 10):
            place = Path(folder) / str(times)
            place.mkdir()
            for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
                raw = gzip.decompress((source / f"{name}.gz").read_bytes())
                header = 16 if "images" in name else 8
                with (place / name).open("wb") as out:
                    out.write(raw[:4] + struct.pack(">I", 60000 * times) + raw[8:header])
                    body = np.frombuffer(raw, np.uint8, offset=header)
                    for turn in range(times):
                        # Other pixels each time, so that nothing is the same picture twice.
                        out.write((body ^ np.uint8(turn) if "images" in name else body).tobytes())
            for name in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
                (place / name).write_bytes((source / name).read_bytes())
            out_text = subprocess.run(
                [sys.executable, "-c", TRAIN, str(place), str(STEPS)],
                env={**os.environ, "HORNBOOK_CACHE": cache},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            found[times] = int(out_text.split()[-1]) / 1024
    report(
        "memory",
        once_mib=round(found[1]),
        ten_times_mib=round(found[10]),
        ratio=round(found[10] / found[1], 3),
    )


if __name__ == "__main__":
    main()
