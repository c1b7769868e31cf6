"""How a string is read off the outputs of a graph, in words, for other programs."""

from __future__ import annotations

from hornbook.columns.characters.reading import ctc
from hornbook.common.plaintext import clean

CASES = {
    "keep": "upper and lower case are two characters",
    "lower": "all strings are in lower case: fold those that answers are compared with",
    "upper": "all strings are in upper case: fold those that answers are compared with",
}


def described(characters: str, lengths: tuple[int, int], case: str, blank: bool) -> list[str]:
    """Return lines: the characters with their places, which lengths are allowed, how one is chosen.

    ``blank`` says whether the outputs are those of CTC, with the blank first.
    """
    short, long = lengths
    names = [f"{i + blank} {clean(c)}" for i, c in enumerate(characters)]
    if not blank:
        return [
            f"the probability of each character at each of {long} places: strings have exactly {long} characters, at "
            "each place the likeliest; the confidence of a string is the product of its probabilities",
            CASES[case],
            *names,
        ]
    allowed = f"exactly {long}" if short == long else f"{short} to {long}"
    return [
        f"the probability of each character at each step (CTC): allowed are strings of {allowed} characters",
        "a path takes one character, or none (the blank), at each step, and its probability is the product of theirs; "
        "of equal ones in a row one counts, and blanks are left out; the probability of a string is the sum over all "
        "its paths; a step whose outputs are all 0 is a blank",
        "the answer is the likeliest string of an allowed length, its confidence that probability: the string of the "
        "likeliest path, where its length is allowed and its probability over one half; else the likeliest that a "
        f"prefix beam search finds (Graves 2012, section 7.5.3) that keeps {ctc.WIDTH} or more prefixes of each length "
        f"up to {long} and tries the {ctc.TRIED} likeliest characters at each step; of its strings those under {short} "
        "are left out, unless there are too few steps to write one, and the others weighed by the sum over their paths",
        CASES[case],
        "0 is none (the blank)",
        *names,
    ]
