"""The page with the recognizer inside: one HTML file that answers with no server.

Its scripts and the recognizer's file are packed (deflate) in it. Before it answers it checks itself by values that
nobody gave, with the answers that Python has given to them.
"""

from __future__ import annotations

import base64
import json
import zlib
from importlib.resources import files
from typing import Any

import numpy as np

from hornbook.columns.page import Script, page_of
from hornbook.common.endings import begins_like_a_sound
from hornbook.errors import UsageError, one_of
from hornbook.recognizer import Recognizer
from hornbook.recognizer.operators import operators_of
from hornbook.serve.about import about_model
from hornbook.serve.page import hash_of

__all__ = ["OPERATORS", "RARER", "alone_page", "checks", "scripts_of"]

ENGINE = tuple(Script("hornbook.serve", f"engine/{name}.js") for name in ("model", "operators", "answers"))
MORE = Script("hornbook.serve", "engine/more.js")
ALONE = Script("hornbook.serve", "engine/alone.js")
"""The scripts of every page; that of rarer operators where the graph has some."""


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
    TreeEnsembleRegressor
    """
)
"""What `engine/more.js` computes."""

CHECKS = 3
"""Made-up values that a page checks itself by."""

_LOADER = "loader.js"
"""What unpacks the scripts; it alone stands plainly in the page."""


def alone_page(reader: Recognizer, name: str) -> str:
    """Return the page of a recognizer as HTML.

    Raises
    ------
    UsageError
        Its graph has an operator that is not computed there, or a column cannot be prepared there.
    """
    raw = reader.path.read_bytes()
    found = operators_of(raw)
    if unknown := sorted(found - OPERATORS - RARER):
        raise UsageError(
            f"{reader.path} computes with {one_of(unknown)}, which the page does not: answer from hornbook serve"
        )
    scripts = scripts_of(reader, found)
    known = {
        "about": {"models": {name: about_model(reader)}},
        "checks": checks(reader),
        "missing": list(reader.written.missing_words),
    }
    said = json.dumps(known, ensure_ascii=False).replace("</", "<\\/")
    engine = "\n".join(_plain(script.text()) for script in scripts)
    program = f'"use strict";\nconst ALONE = (() => {{\n{engine}\nreturn recognizerOf({said});\n}})();\n'
    return _html(program + _plain(Script("hornbook.serve", "page.js").text()), raw)


def scripts_of(reader: Recognizer, operators: set[str]) -> list[Script]:
    """Return the scripts that a recognizer needs, each after those that it is built on."""
    columns = {**reader.inputs, **reader.targets}
    kinds = dict.fromkeys(s for name, column in columns.items() for s in page_of(column, name).scripts())
    return [*ENGINE, *([MORE] if operators & RARER else []), *kinds, ALONE]


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
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def _plain(script: str) -> str:
    """Return a script without its comments and what its lines are indented by."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(
        line for line in lines if line and line != '"use strict";' and not line.startswith(("//", "/**"))
    )


def _html(program: str, raw: bytes) -> str:
    folder = files("hornbook.serve")
    loader = (folder / "engine" / _LOADER).read_text("utf-8")
    style = (folder / "page.css").read_text("utf-8")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{hash_of(loader)}' blob:",
            f"style-src '{hash_of(style)}'",
            "img-src blob: data:",
            "media-src blob: data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    packed = "".join(
        f'<script type="text/plain" id="{name}">{base64.b64encode(zlib.compress(data, 9)).decode()}</script>\n'
        for name, data in (("scripts", program.encode("utf-8")), ("file", raw))
    )
    html = (folder / "page.html").read_text("utf-8")
    head = f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    html = html.replace('<meta charset="utf-8">', head).replace("/*style*/", style)
    return html.replace("<script>/*script*/</script>", f"{packed}<script>{loader}</script>")
