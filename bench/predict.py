"""Prediction in batches against the bare ONNX session on the same arrays.

    python -m bench.predict RUN [--threads 1]

Both get the same 10,000 test pictures of MNIST as arrays; of hornbook's answers, which are complete predictions (value,
confidence, alternatives), each one is looked at, the session's are numbers.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from bench.common import interleaved, report, shared
from hornbook import load
from hornbook.recognizer import BATCH
from hornbook.sources.array.idx import read_idx


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument(
        "--threads", type=int, default=0, help="of ONNX Runtime for both; 0 is one for each core"
    )
    chosen = parser.parse_args()
    pictures = np.asarray(read_idx(shared("mnist", "t10k-images-idx3-ubyte.gz")))
    reader = load(chosen.run, threads=chosen.threads)
    # The same session for both: of two, the threads of one go on spinning while the other is measured.
    session = reader._session
    name = session.get_inputs()[0].name
    encoded = pictures[..., None]

    def bare() -> float:
        start = time.perf_counter()
        for at in range(0, len(encoded), BATCH):
            session.run(None, {name: encoded[at : at + BATCH]})
        return len(encoded) / (time.perf_counter() - start)

    def ours() -> float:
        start = time.perf_counter()
        values = [answer.value for answer in reader.predict(encoded)]
        assert len(values) == len(encoded)
        return len(encoded) / (time.perf_counter() - start)

    bare(), ours()
    found = interleaved(15, bare=bare, hornbook=ours)
    report(
        "predict",
        bare_per_second=round(found["bare"]),
        hornbook_per_second=round(found["hornbook"]),
        ratio=round(found["hornbook"] / found["bare"], 3),
        threads=chosen.threads,
    )


if __name__ == "__main__":
    main()
