"""The families for sequences that a recipe may name: texts and series.

bag             a bag of hashed n-grams, with convolutions beside it: whole texts
rnn, lstm, gru  recurrent layers, one way or both: the whole, or step by step
autoregression  a weighted sum of a window of a series, in closed form
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Len

from hornbook.columns.base import Column
from hornbook.recipe.family import Family, Fraction, Width

__all__ = ["Autoregression", "Bag", "Gru", "Lstm", "Recurrent", "Rnn"]


@dataclass(frozen=True)
class Bag(Family):
    """A bag of hashed n-grams, and beside it convolutions; for texts.

    Parameters
    ----------
    ngrams, character_ngrams
        The longest n-gram of words, and of characters where a text is cut into these.
    buckets
        Vectors that n-grams share by their hash (Joulin et al. 2016, arXiv:1607.01759).
    features
        Length of the vector of an n-gram.
    init_std
        Standard deviation of these vectors at the start.
    windows, filters
        Widths of the convolutions over the tokens and how many filters each has (Kim 2014, arXiv:1408.5882);
        of each the strongest answer is kept. No windows: the bag alone.
    embedding
        Length of the vector of a token, for the convolutions.
    dense
        Units of dense layers after that; beside other inputs, of those over all of them together.
    dropout, dropout_bag, token_dropout
        While training: the fraction of features of the convolutions and of the bag that are dropped, and of tokens
        that are as if unknown.
    """

    ngrams: Annotated[int, Ge(1), Le(8)] = 2
    character_ngrams: Annotated[int, Ge(1), Le(8)] = 5
    buckets: Annotated[int, Ge(2), Le(4_194_304)] = 131_072
    features: Width = 32
    init_std: Annotated[float, Gt(0), Le(1)] = 0.01
    windows: Annotated[tuple[Annotated[int, Ge(1), Le(32)], ...], Len(0, 16)] = ()
    filters: Width = 64
    embedding: Width = 64
    dense: Annotated[tuple[Width, ...], Len(0, 16)] = ()
    dropout: Fraction = 0.3
    dropout_bag: Fraction = 0.2
    token_dropout: Fraction = 0.1

    @property
    def numbers(self) -> bool:
        """It reads the tokens' numbers, for the hash of n-grams."""
        return True

    def fitted(self, column: Column) -> Bag:
        """Return the options for one input: the n-grams of characters where it is cut into these."""
        return replace(self, ngrams=self.character_ngrams) if column.of_characters else self


@dataclass(frozen=True)
class Recurrent(Family):
    """Recurrent layers.

    Parameters
    ----------
    units
        Of each layer, in each direction.
    layers
        How many on top of each other.
    bidirectional
        Whether a second one reads backwards, from the last real step; not possible for a target that is what comes
        next.
    pool
        What is taken of all steps, where the whole is wanted: the ``last`` real one (and the first of the one that
        reads backwards), their ``mean``, or the ``max``.
    embedding
        Length of the vector of a token, where the input is a text.
    dense
        Units of dense layers after that, where the whole is wanted; beside other inputs, of those over all of them
        together.
    dropout
        Fraction dropped before, between and after the layers while training.
    token_dropout
        Fraction of tokens that are as if unknown while training, where the input is a text.
    """

    kind: ClassVar[Literal["rnn", "lstm", "gru"]] = "lstm"

    units: Width = 128
    layers: Annotated[int, Ge(1), Le(16)] = 1
    bidirectional: bool = False
    pool: Literal["last", "mean", "max"] = "last"
    embedding: Width = 128
    dense: Annotated[tuple[Width, ...], Len(0, 16)] = ()
    dropout: Fraction = 0.0
    token_dropout: Fraction = 0.0

    @property
    def by_steps(self) -> bool:
        """Where no dense layers are wanted of the whole."""
        return not self.dense


@dataclass(frozen=True)
class Rnn(Recurrent):
    """Plain recurrent layers with a tanh (Elman 1990); see `Recurrent`."""

    kind: ClassVar[Literal["rnn", "lstm", "gru"]] = "rnn"


@dataclass(frozen=True)
class Lstm(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber 1997); see `Recurrent`."""

    kind: ClassVar[Literal["rnn", "lstm", "gru"]] = "lstm"


@dataclass(frozen=True)
class Gru(Recurrent):
    """Gated recurrent units (Cho et al. 2014, arXiv:1406.1078); see `Recurrent`."""

    kind: ClassVar[Literal["rnn", "lstm", "gru"]] = "gru"


@dataclass(frozen=True)
class Autoregression(Family):
    """The values to come as a weighted sum of a window's rows, found in closed form; for a series.

    The mean of several forecasts: seasons and growth smoothed, and ridge regression around the last value and the value
    a season ago, each counting by how well it foretold rows that it was not fitted to
    (`hornbook.columns.series.linear.fit`). For short series seldom beaten (Zeng et al. 2023, arXiv:2205.13504;
    Makridakis et al. 2020), and fitted in a moment: no epochs, no learning rate of ``[training]``. It is fitted to the
    training and the validation rows.
    """

    @property
    def closed_form(self) -> bool:
        """It takes no epochs."""
        return True
