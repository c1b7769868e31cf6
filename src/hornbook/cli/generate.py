"""``hornbook generate``."""

from __future__ import annotations

import sys
from typing import Annotated

from hornbook.cli.arguments import RecognizerFile, Says
from hornbook.cli.terminal import plain


def generate(
    recognizer: RecognizerFile,
    *,
    prompt: Annotated[str, Says("what the text begins with", "TEXT")] = "",
    length: Annotated[int, Says("the most tokens to write (48)", "N")] = 48,
    temperature: Annotated[
        float, Says("how daring: 0.5 keeps to what is likely, 1 is as it has learned (0.8)", "X")
    ] = 0.8,
    seed: Annotated[int, Says("the same seed writes the same text (0)", "N")] = 0,
    acrostic: Annotated[str, Says("what the lines begin with, one after the other", "TEXT")] = "",
) -> None:
    """Write a text.

    For recognizers that have learned what comes next, such as the recipe poems. Token by token is drawn by how
    likely it is to follow, until the text ends or is as long as wanted.

    Examples
    --------
      hornbook generate runs/poems --prompt 春
      hornbook generate runs/poems --prompt 春 --length 48 --temperature 0.8 --seed 3
      hornbook generate runs/poems --acrostic 春夏秋冬
    """
    from hornbook.recognizer import load
    from hornbook.recognizer.generate import generate as write

    reader = load(recognizer, threads=1)
    for piece in write(reader, prompt, length=length, temperature=temperature, seed=seed, acrostic=acrostic):
        sys.stdout.write(plain(piece))
        if sys.stdout.isatty():
            sys.stdout.flush()
    print()
