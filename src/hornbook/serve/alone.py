"""The page with the recognizer inside: one HTML file that answers with no server.

Its scripts and the recognizer's file are packed (deflate) in it. Before it answers it checks itself by values that
nobody gave, with the answers that Python has given to them.
"""

from __future__ import annotations

import base64
import json
import zlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from hornbook.columns.page import Script, page_of
from hornbook.common.endings import begins_like_a_sound
from hornbook.errors import UsageError, one_of
from hornbook.recognizer import Recognizer
from hornbook.recognizer.operators import operators_of
from hornbook.serve.about import about_model
from hornbook.serve.page import data_uri_of, hash_of, icon

__all__ = ["OPERATORS", "RARER", "alone_page", "known_of", "scripts_of"]

ENGINE = tuple(
    Script("hornbook.serve", f"engine/{name}.js")
    for name in ("model", "loops", "operators", "own", "answers")
)
RUNTIME = tuple(
    Script("hornbook.serve", f"engine/{name}.js") for name in ("model", "loops", "runtime", "answers")
)
MORE = Script("hornbook.serve", "engine/more.js")
ALONE = Script("hornbook.serve", "engine/alone.js")
"""The scripts of a page: by its own engine, by ONNX Runtime's, and of rarer operators where the graph has some."""

RUNTIME_FILES = {
    "ort": "ort.wasm.min.js",
    "mjs": "ort-wasm-simd-threaded.mjs",
    "wasm": "ort-wasm-simd-threaded.wasm",
}
"""The files of the package onnxruntime-web that compute a graph, by what they are called in the page."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPERATORS = _names(
    """
    Abs Add And BatchNormalization Cast Clip Concat Constant ConstantOfShape Conv Cos Div Equal Exp
    Expand Flatten Floor Gather Gemm GlobalAveragePool Greater Identity IsNaN Less Log MatMul MaxPool Mod
    Mul Neg Not Or Pow Range ReduceMax ReduceMean ReduceSum Relu Reshape Shape Sigmoid Sin Slice Softmax
    Sqrt Squeeze Sub Tanh Transpose Unsqueeze Where
    """
)
"""What `engine/operators.js` computes; a test holds both to each other."""

RARER = _names(
    """
    ArgMax ArgMin AveragePool Ceil CumSum Elu Erf GRU GatherElements GlobalMaxPool GreaterOrEqual
    HardSigmoid HardSwish LSTM LeakyRelu LessOrEqual LogSoftmax Max Min Mish Pad RNN Reciprocal ReduceL2
    ReduceMin ReduceProd ReduceSumSquare Resize Round ScatterND Selu Sign Softplus Split Sum Tile
    TopK TreeEnsembleRegressor
    """
)
"""What `engine/more.js` computes."""

CHECKS = 2
"""Made-up values that a page checks itself by."""

_LOADER = "loader.js"
"""What unpacks the scripts; it alone stands plainly in the page."""


def alone_page(reader: Recognizer, name: str, runtime: Path | None = None) -> str:
    """Return the page of a recognizer as HTML.

    Parameters
    ----------
    name
        What the page calls it.
    runtime
        The folder of onnxruntime-web, to compute whatever ONNX Runtime does; 5 MB more. By default the page's own
        engine computes what hornbook's networks export.

    Raises
    ------
    UsageError
        Its graph has an operator that is not computed there, a column cannot be prepared there, or the folder lacks a
        file.
    """
    raw = reader.path.read_bytes()
    found = operators_of(raw)
    if runtime is None and (unknown := sorted(found - OPERATORS - RARER)):
        raise UsageError(
            f"{reader.path} computes with {one_of(unknown)}, which the page does not: give --runtime DIR, the folder "
            "dist of onnxruntime-web"
        )
    more = {} if runtime is None else _runtime(runtime)
    said = json.dumps(
        {"about": {"models": {name: about_model(reader)}}, **known_of(reader)}, ensure_ascii=False
    )
    said = said.replace("</", "<\\/")
    engine = "\n".join(_plain(script.text()) for script in scripts_of(reader, found, runtime is not None))
    program = f'"use strict";\nconst ALONE = (() => {{\n{engine}\nreturn recognizerOf({said});\n}})();\n'
    program = (
        more.pop("ort", b"").decode("utf-8") + program + _plain(Script("hornbook.serve", "page.js").text())
    )
    return _html({"scripts": program.encode("utf-8"), "file": raw, **more})


def _runtime(folder: Path) -> dict[str, bytes]:
    """Return the files of onnxruntime-web; UsageError where one is not there."""
    lacking = [name for name in RUNTIME_FILES.values() if not (folder / name).is_file()]
    if lacking:
        raise UsageError(
            f"{folder} holds no {lacking[0]}: --runtime names the folder dist of the npm package onnxruntime-web"
        )
    return {name: (folder / file).read_bytes() for name, file in RUNTIME_FILES.items()}


def scripts_of(reader: Recognizer, operators: set[str], by_runtime: bool = False) -> list[Script]:
    """Return the scripts that a recognizer needs, each after those that it is built on."""
    columns = {**reader.inputs, **reader.targets}
    kinds = dict.fromkeys(s for name, column in columns.items() for s in page_of(column, name).scripts())
    own = [*ENGINE, *([MORE] if operators & RARER else [])]
    return [*(RUNTIME if by_runtime else own), *kinds, ALONE]


def known_of(reader: Recognizer, count: int = CHECKS) -> dict[str, Any]:
    """Return what the page knows of a recognizer beside its file: data of its columns, missing words, the checks."""
    columns = {**reader.inputs, **reader.targets}
    data = {n: found for n, c in columns.items() if (found := page_of(c, n).data())}
    return {"columns": data, "missing": list(reader.written.missing_words), "checks": checks(reader, count)}


def checks(reader: Recognizer, count: int = CHECKS) -> list[dict[str, Any]]:
    """Return made-up values with the answers to them: no value is of anybody's examples."""
    out = []
    for seed in range(count):
        draw = np.random.default_rng(seed)
        by_source: dict[str, Any] = {}
        for name, column in reader.inputs.items():
            key = column.source or name
            by_source[key] = by_source[key] if key in by_source else page_of(column, name).made_up(draw)
        encoded = {n: v[None] for n, v in reader.encode(dict(by_source)).items()}
        outputs = reader.run(encoded)
        (said,) = reader.decode(outputs, 5)
        value = {k: _address(v) if isinstance(v, bytes) else v for k, v in by_source.items()}
        short = {n: [float(f"{v:.6g}") for v in found.ravel().tolist()] for n, found in outputs.items()}
        answers = {n: {"value": None if p.pictured else p.value} for n, p in said.items()}
        out.append({"value": value, "outputs": short, "said": answers})
    return out


def _address(raw: bytes) -> str:
    kind = (
        "audio/wav"
        if begins_like_a_sound(raw[:16])
        else "image/png"
        if raw[:4] == b"\x89PNG"
        else "image/jpeg"
    )
    return data_uri_of(raw, kind)


def _plain(script: str) -> str:
    """Return a script without its comments and what its lines are indented by."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(
        line for line in lines if line and line != '"use strict";' and not line.startswith(("//", "/**"))
    )


def _html(parts: dict[str, bytes]) -> str:
    """Return the page with its parts packed into it."""
    folder = files("hornbook.serve")
    loader = (folder / "engine" / _LOADER).read_text("utf-8")
    style = (folder / "page.css").read_text("utf-8")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{hash_of(loader)}' blob: 'wasm-unsafe-eval'",  # of WebAssembly alone, of no text of a script
            f"style-src '{hash_of(style)}'",
            "img-src blob: data:",
            "media-src blob: data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    packed = "".join(
        f'<script type="text/plain" id="{name}">{base64.b64encode(zlib.compress(data, 9)).decode()}</script>\n'
        for name, data in parts.items()
    )
    html = (folder / "page.html").read_text("utf-8")
    head = f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    html = html.replace('<meta charset="utf-8">', head).replace("/*style*/", style)
    html = html.replace('<link rel="manifest" href="/manifest.webmanifest">\n', "")
    html = html.replace("/icon.svg", data_uri_of(icon().encode("utf-8"), "image/svg+xml"))
    return html.replace("<script>/*script*/</script>", f"{packed}<script>{loader}</script>")
