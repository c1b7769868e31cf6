"""``hornbook cloud``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from hornbook.cli.arguments import Says
from hornbook.cli.terminal import note
from hornbook.common.plaintext import clean, number_of
from hornbook.errors import DataError, UsageError


def cloud(
    texts: Annotated[Sequence[str], Says("files of text", "TEXT")] = (),
    *,
    out: Annotated[str, Says("the picture to write: .png, .jpg, .webp or .svg", "FILE")],
    mask: Annotated[str | None, Says("a picture: words stand where it is not white", "PICTURE")] = None,
    colours_from: Annotated[
        str | None, Says("a picture whose colours the words have at their place", "PICTURE")
    ] = None,
    colours: Annotated[
        str | None, Says("a colour map (viridis), a range of hues (200-260), or a list", "NAME|A-B|LIST")
    ] = None,
    weights: Annotated[
        str, Says("what makes a word large: counts, tfidf or textrank (counts)", "NAME")
    ] = "counts",
    words: Annotated[
        str | None, Says("a table of words and their own weights, in place of texts", "FILE.csv")
    ] = None,
    stop: Annotated[
        Sequence[str], Says("a file of more words to leave out, one a line", "FILE", "--stop-words")
    ] = (),
    all_words: Annotated[bool, Says("leave out no word that every text has (the, and, 我们)")] = False,
    count: Annotated[int, Says("the most words (200)", "N")] = 200,
    size: Annotated[str | None, Says("width and height in pixels (1000x600)", "WxH")] = None,
    ground: Annotated[str, Says("the colour behind the words (white)", "COLOUR")] = "white",
    transparent: Annotated[bool, Says("nothing behind the words")] = False,
    font: Annotated[str | None, Says("a font file, in place of one that is found", "FILE")] = None,
    seed: Annotated[int, Says("another seed puts words elsewhere (0)", "N")] = 0,
    table: Annotated[
        str | None, Says("write the words with their weights, to be changed and given as --words", "FILE.csv")
    ] = None,
) -> None:
    """Draw the words of texts, the commonest the largest.

    Chinese is cut into words by jieba. Words that every text has are left out, and so are those of one letter. The
    same texts, options and seed give the same bytes.

    Examples
    --------
      hornbook cloud letters.txt --out cloud.png
      hornbook cloud letters.txt --out cloud.svg --weights textrank --colours 200-260 --count 80
    """
    from hornbook.common.files import write_file
    from hornbook.report.cloud.draw import Cloud, draw

    weighed = _weighed(texts, words, weights, stop, all_words)
    options = Cloud(
        size=_size(size) if size else None,
        mask=mask,
        colours=colours,
        colours_from=_one_of_two(colours, colours_from),
        ground="" if transparent else ground,
        count=count,
        font=font,
        seed=seed,
    )
    drawn = draw(weighed, options, out)
    write_file(Path(out), drawn.data)
    if table is not None:
        lines = "".join(f"{_cell(word)},{weighed[word]:.6g}\n" for word in drawn.words)
        write_file(Path(table), f"word,weight\n{lines}".encode())
    left = len(weighed) - len(drawn.words)
    more = f"; {number_of(left, 'lighter word')} not" if left else ""
    note(f"drew {number_of(len(drawn.words), 'word')} in {clean(out)}, in {drawn.font.name}{more}")


def _weighed(
    texts: Sequence[str], words: str | None, weights: str, stop: Sequence[str], all_words: bool
) -> Mapping[str, float]:
    """Return the weight of each word, the weightiest first."""
    from hornbook.report.cloud.read import read_text, read_weights
    from hornbook.report.cloud.weights import check_way, weigh
    from hornbook.report.cloud.words import read_stop_words, stop_words, words_of

    if (words is None) == (not texts):
        raise UsageError("give files of text, or with --words a table of words and weights: one of the two")
    if words is not None:
        return read_weights(words)
    check_way(weights)
    kept_out = frozenset() if all_words else stop_words()
    for name in stop:
        kept_out |= read_stop_words(read_text(name).splitlines())
    read = [read_text(name) for name in texts]
    try:
        return weigh(words_of(read, kept_out), weights)
    except DataError as error:
        raise DataError(f"{', '.join(map(clean, texts))}: {error}") from None


def _one_of_two(colours: str | None, colours_from: str | None) -> str | None:
    if colours is not None and colours_from is not None:
        raise UsageError("--colours and --colours-from both say the colours of words: give one of them")
    return colours_from


def _cell(word: str) -> str:
    return f'"{word.replace(chr(34), chr(34) * 2)}"' if set(word) & set(',"\n') else word


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().replace("×", "x").partition("x")
    try:
        return int(width), int(height)
    except ValueError:
        raise UsageError(
            f"the size {text!r} is not a width and a height: write them like 1000x600, in pixels"
        ) from None
