"""The textbook's nets for captchas and the ``captcha`` recipe on the same 3,956 pictures, judged by the same others.

    python -m bench.captcha_textbook [--alexnet] [--epochs N]

The textbook's convolutional net has its ten epochs; AlexNet, which takes hours, only where it is asked for.
``captcha`` is given as many epochs as take it the same time.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from bench.common import report, run_once
from hornbook.recipe import Recipe

EPOCHS = 50
"""Of the captcha recipe: about what the textbook's net takes for its ten."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alexnet", action="store_true")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    chosen = parser.parse_args()
    same = Recipe.read("captcha_cnn").given["data"]["source"]
    source = "data.source={ " + ", ".join(f"{k} = {_toml(v)}" for k, v in same.items()) + " }"
    ways: dict[str, tuple[str, ...]] = {"captcha_cnn": ()}
    if chosen.alexnet:
        ways["captcha_alexnet"] = ()
    ways["captcha"] = (source, f"training.epochs={chosen.epochs}")
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, changes in ways.items():
            metrics = run_once(name, changes, Path(folder) / name)
            scores = metrics["evaluations"]["text"]["metrics"]
            found[name] = {
                "accuracy": scores["accuracy"],
                "characters": round(scores["characters"], 5),
                "training_seconds": metrics["training_seconds"],
                "epochs": metrics["epochs"],
                "parameters": metrics["parameters"],
            }
    report("captcha_textbook", pictures=same["count"], **found)


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    main()
