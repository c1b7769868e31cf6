"""What a person should know of one picture beside what is said of it."""

from __future__ import annotations

from collections.abc import Iterator

from hornbook.columns.facts import Facts
from hornbook.columns.image.files.deep import own_range


def remarks_on(
    facts: Facts, frame: str, span: tuple[float, float] | None, sought: str = "ink"
) -> Iterator[str]:
    """Yield what was found other than expected.

    ``frame`` is which of several frames is read, ``span`` what is black and white in pictures of more than 8 bits, and
    ``sought`` what is looked for in a picture, ink or a face.
    """
    if facts.things == 0:
        yield "no face was found, and the whole picture was read" if sought == "face" else "no ink was found"
    elif facts.things > 1:
        things = "faces" if sought == "face" else "things"
        yield f"several {things} were found ({facts.things}), and one was read"
    if facts.frames > 1 and frame == "first":
        yield f"of its {facts.frames:,} frames the first was read"
    if not facts.high and not facts.low:  # it has 8 bits
        return
    uses = f"its values from {facts.low:,.6g} to {facts.high:,.6g}"
    if span is not None:
        if facts.high < span[0] or facts.low > span[1]:
            yield f"{uses} are outside of {span[0]:,.6g} to {span[1]:,.6g}, which were learned from"
        return
    floats = facts.mode.startswith(("f", "F"))
    black, white = own_range((facts.low, facts.high), not floats)
    usual = (1.0,) if floats else (65535.0,) if "16" in facts.mode else (255.0, 65535.0)
    if black or white not in usual:
        yield f"{uses} were taken for {black:,.6g} to {white:,.6g}, as no such picture was learned from"
