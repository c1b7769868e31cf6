"""What TF-IDF with logistic regression scores on the same texts: the model that a network for texts has to beat.

scikit-learn's, with its own settings, on the n-grams of one and two words, or characters where a language puts no
blanks between words. It is made from the same training rows, in seconds.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hornbook.columns.base import Array, Column
from hornbook.columns.text.column import joined
from hornbook.columns.text.tokens import WORDS, find_tokenizer

if TYPE_CHECKING:
    from hornbook.examples.prepare import Prepared

__all__ = ["tfidf"]


def tfidf(prepared: Prepared, inputs: Mapping[str, Column], target: str, split: str) -> dict[str, float]:
    """Return the accuracy of TF-IDF with logistic regression on the rows of a split, by the model's name.

    Empty where it does not apply: the inputs are not all texts of one column, the target is no category, there are no
    training rows, or scikit-learn is not installed.
    """
    column = prepared.targets[target]
    sources = {c.source or n for n, c in inputs.items()}
    train, rows = prepared.splits["train"], prepared.splits[split]
    if (
        column.class_names() is None
        or len(sources) != 1
        or not all(c.is_text for c in inputs.values())
        or not len(train)
        or not len(rows)
        or importlib.util.find_spec("sklearn") is None
    ):
        return {}
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    cells = prepared.examples.column(sources.pop())
    texts, asked = ([joined(cell) for cell in cells.gather(part).to_list()] for part in (train, rows))
    truth = prepared.arrays[target].take(train)
    if len(set(truth.tolist())) < 2:
        return {}
    words = find_tokenizer(texts[:5000], "auto") == "words"
    units: dict[str, Any] = {"analyzer": "word", "token_pattern": WORDS} if words else {"analyzer": "char"}
    vectors = TfidfVectorizer(ngram_range=(1, 2), **units)
    try:
        learned = LogisticRegression(max_iter=1000).fit(vectors.fit_transform(texts), truth)
    except ValueError:  # no word is left of such texts
        return {}
    found: Array = learned.predict(vectors.transform(asked))
    score = float((found == prepared.arrays[target].take(rows)).mean())
    return {f"TF-IDF of 1 and 2 {'words' if words else 'characters'}, logistic regression": score}
