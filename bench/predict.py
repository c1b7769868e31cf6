"""Prediction in batches against the bare ONNX session on the same arrays.

    python -m bench.predict RUN

Both get the same 10,000 test pictures of MNIST as arrays; hornbook's answers are complete predictions (value,
confidence, alternatives), the session's are numbers.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import onnxruntime

from bench.common import interleaved, report, shared
from hornbook import load
from hornbook.examples.idx import read_idx
from hornbook.recognizer import BATCH, find


def main() -> None:
    path = find(sys.argv[1])
    pictures = np.asarray(read_idx(shared("mnist", "t10k-images-idx3-ubyte.gz")))
    reader = load(path)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    encoded = pictures[..., None]

    def bare() -> float:
        start = time.perf_counter()
        for at in range(0, len(encoded), BATCH):
            session.run(None, {name: encoded[at : at + BATCH]})
        return len(encoded) / (time.perf_counter() - start)

    def ours() -> float:
        start = time.perf_counter()
        answers = reader.predict(encoded)
        assert len(answers) == len(encoded)
        return len(encoded) / (time.perf_counter() - start)

    bare(), ours()
    found = interleaved(7, bare=bare, hornbook=ours)
    report(
        "predict",
        bare_per_second=round(found["bare"]),
        hornbook_per_second=round(found["hornbook"]),
        ratio=round(found["hornbook"] / found["bare"], 3),
    )


if __name__ == "__main__":
    main()
