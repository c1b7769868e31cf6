"""The networks that a recipe may name: options with their limits, one dataclass a family.

    linear    no hidden layer: the baseline that every network has to beat
    mlp       dense layers
    cnn       stages of convolutions, each half the size of the one before (LeNet to VGG to airbench)
    resnet    the same with shortcuts, for depth (He et al. 2015)
    crnn      convolutions, then a recurrent layer along the width: strings in pictures and sounds (Shi et al. 2015)
    layers    any plain stack, a line a layer
    boosting  trees, for tables: no network
    unet      down and up again, with features of every pixel: `hornbook.recipe.networks_pictures`
    pretrained  a net that others have trained: `hornbook.recipe.networks_pretrained`
    memory      good pictures, and what is unlike them: `hornbook.recipe.networks_memory`
    blend     a network, boosted trees and a linear model side by side, for tables
    bag, rnn, lstm, gru, autoregression    for texts and series: `hornbook.recipe.networks_sequence`

The options know no torch, so that a recipe can be checked without loading it; `hornbook.networks.families` builds
what they describe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len

from hornbook.recipe.family import Activation, Family, Fraction, Width
from hornbook.recipe.networks_memory import Memory
from hornbook.recipe.networks_pictures import Unet
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.recipe.networks_sequence import Autoregression, Bag, Gru, Lstm, Rnn

__all__ = [
    "FAMILIES",
    "Activation",
    "Blend",
    "Boosting",
    "Cnn",
    "Crnn",
    "Layers",
    "Linear",
    "Memory",
    "Mlp",
    "Pretrained",
    "Resnet",
    "Unet",
]

Widths = Annotated[tuple[Width, ...], Len(1, 32)]
Kernel = Annotated[int, Ge(1), Le(31)]
Pool = tuple[Annotated[int, Ge(1), Le(16)], Annotated[int, Ge(1), Le(16)]]
"""By how much a stage shrinks the width and the height."""


@dataclass(frozen=True)
class Linear(Family):
    """No hidden layer: logistic or linear regression, depending on the target."""


@dataclass(frozen=True)
class Mlp(Family):
    """Dense layers, over all inputs together; a text is a bag of n-grams first (`Bag`), a picture is flattened.

    Parameters
    ----------
    hidden
        Units of each layer.
    activation
        After each layer.
    batchnorm
        Whether each layer is batch-normalized (Ioffe and Szegedy 2015) before its activation.
    dropout
        Fraction of a layer's outputs dropped while training (Srivastava et al. 2014).
    members
        So many networks are trained side by side, from different starting weights, and their answers averaged
        (Lakshminarayanan et al. 2017): on small tables the surest way to do better.
    """

    hidden: Annotated[tuple[Width, ...], Len(0, 64)] = (128, 64)
    activation: Activation = "relu"
    batchnorm: bool = False
    dropout: Fraction = 0.0
    members: Annotated[int, Ge(1), Le(100)] = 1


@dataclass(frozen=True)
class Cnn(Family):
    """Stages of convolutions; each stage halves the picture after its first convolution.

    Pooling comes *before* batch normalization and activation (as in Keller Jordan's airbench, 2024), where
    both cost a quarter. A picture that has shrunk to one row or column is not pooled any more, so that any
    picture fits any number of stages.

    Parameters
    ----------
    widths
        Filters of each stage.
    convs
        Convolutions in each stage.
    shortcut
        Whether what the convolutions of a stage after its first one give is added to what they are given, before the
        last activation (He et al. 2015, arXiv:1512.03385): deeper stages are learned sooner.
    kernel
        Height and width of the kernels; pictures are padded with zeros to keep their size (an even kernel
        still loses one row and column).
    stem
        Filters of a convolution before the first stage; 0 for none.
    stem_kernel, stem_stride
        Of that convolution. A stride of 2 or more makes all that follows cheaper.
    whiten
        The stem's filters are the whitened principal directions of the small patches of the training pictures
        instead of learned (airbench, section 3.2); twice as many as a patch has values. Needs `prepare`.
    activation
        After each convolution.
    batchnorm
        Whether each convolution is batch-normalized.
    pool
        How a stage halves the picture: the largest of 2 × 2, their mean, or a stride of 2 in the convolution.
    pools
        ``[width, height]`` by which each stage shrinks the picture instead: ``[[2, 2], [2, 2], [1, 2]]`` for three
        widths keeps a quarter of the columns and an eighth of the rows, as strings want it. A side that is too short
        is not shrunk.
    global_pool
        What becomes of the last stage's picture: the mean of each filter, the largest of each filter, or
        (``none``) all values.
    dense
        Units of dense layers after that, as in `Mlp`: what is needed where a place in the picture has a meaning that
        depends on the rest of it, as for the characters of a string. Beside other inputs, over all of them together.
    dropout
        Fraction of the features dropped while training, before the dense layers where there are any.
    mirror
        Outside training the features are the mean over a picture and its mirror image: twice the work and,
        for things that may be mirrored, fewer mistakes: test-time augmentation, inside the graph.
    shifted
        Outside training also those of the picture moved by so many pixels to the upper left and to the lower right,
        at half the weight: three times the work (airbench, section 3.5); 0 for none.
    """

    widths: Widths = (32, 64, 128)
    convs: Annotated[int, Ge(1), Le(16)] = 2
    shortcut: bool = False
    kernel: Kernel = 3
    stem: Annotated[int, Ge(0), Le(4096)] = 0
    stem_kernel: Kernel = 3
    stem_stride: Annotated[int, Ge(1), Le(16)] = 1
    whiten: bool = False
    activation: Activation = "relu"
    batchnorm: bool = True
    pool: Literal["max", "avg", "stride"] = "max"
    pools: Annotated[tuple[Pool, ...], Len(0, 32)] = ()
    global_pool: Literal["avg", "max", "none"] = "avg"
    dense: Annotated[tuple[Width, ...], Len(0, 16)] = ()
    dropout: Fraction = 0.0
    mirror: bool = False
    shifted: Annotated[int, Ge(0), Le(64)] = 0


@dataclass(frozen=True)
class Resnet(Family):
    """Blocks of two 3 × 3 convolutions with a shortcut around them (He et al. 2015, arXiv:1512.03385).

    Parameters
    ----------
    widths
        Filters of each stage; each stage but the first halves the picture.
    blocks
        Blocks in each stage: 3 with widths of 16, 32, 64 is the paper's ResNet-20, 2 with 64, 128, 256, 512
        and ``stem = "large"`` is ResNet-18.
    stem
        How a picture is taken in: ``small`` for small pictures (3 × 3), ``large`` quarters the sides first
        (7 × 7 with a stride of 2, then a pooling of 3 × 3 with a stride of 2).
    activation
        After each convolution.
    dropout
        Fraction of the features dropped while training.
    mirror, shifted
        As for `Cnn`.
    """

    widths: Widths = (16, 32, 64)
    blocks: Annotated[int, Ge(1), Le(64)] = 3
    stem: Literal["small", "large"] = "small"
    activation: Activation = "relu"
    dropout: Fraction = 0.0
    mirror: bool = False
    shifted: Annotated[int, Ge(0), Le(64)] = 0


@dataclass(frozen=True)
class Crnn(Family):
    """Convolutions, then a recurrent layer that reads along the width, both ways (Shi et al. 2015, arXiv:1507.05717).

    For targets that are read step by step (`characters` of varying length), with one step for every ``width_stride``
    pixels; for others all steps are taken together. Each stage halves the height as long as there is more than one row,
    and the width until it has shrunk enough; pooling comes before batch normalization and activation, as for `Cnn`.

    Parameters
    ----------
    widths
        Filters of each stage.
    convs, kernel
        As for `Cnn`; the kernel is odd.
    stem
        Filters of a convolution with a stride of 2 before the first stage: a quarter of the work for all that
        follows; 0 for none.
    stem_kernel
        Of that convolution.
    width_stride
        Pixels across for one step. A string of n characters needs 2 n - 1 steps at most.
    features
        Units of the dense layer that takes all rows of a step together.
    step_kernel
        Steps that this layer sees at once; odd.
    context
        Whether it also sees the mean of all steps: how large and how wide the others are written. A letter whose
        two cases differ by their size only is told by it (after the global context of Cao et al. 2019,
        arXiv:1904.11492).
    recurrent, units, layers
        ``gru`` (Cho et al. 2014), ``lstm`` (Hochreiter and Schmidhuber 1997) or ``none``; its units in each
        direction; how many on top of each other. Without one each step sees what its convolutions see, a few
        characters: few examples are then not learned by heart, and random strings are read as well.
    activation
        After each convolution and the dense layer.
    dropout
        Fraction dropped before and after each recurrent layer while training.
    """

    widths: Widths = (32, 64, 96, 128)
    convs: Annotated[int, Ge(1), Le(16)] = 1
    kernel: Literal[1, 3, 5, 7] = 3
    stem: Annotated[int, Ge(0), Le(4096)] = 16
    stem_kernel: Literal[1, 3, 5, 7] = 5
    width_stride: Literal[1, 2, 4, 8, 16] = 8
    features: Width = 128
    step_kernel: Literal[1, 3, 5, 7, 9, 11] = 1
    context: bool = False
    recurrent: Literal["gru", "lstm", "none"] = "gru"
    units: Width = 96
    layers: Annotated[int, Ge(1), Le(8)] = 1
    activation: Activation = "relu"
    dropout: Fraction = 0.0

    @property
    def by_steps(self) -> bool:
        """It reads from left to right."""
        return True


@dataclass(frozen=True)
class Layers(Family):
    """A plain stack, ``layers = ["conv 32 3 relu", "maxpool 2", "dense 128 relu"]``; see `hornbook.networks.layers`."""

    layers: Annotated[tuple[str, ...], Len(0, 200)] = ()


@dataclass(frozen=True)
class Boosting(Family):
    """Trees, each mending what those before it got wrong (Friedman 2001; Ke et al. 2017), by scikit-learn.

    On tables of some thousand rows often better than a network, and trained in seconds: no epochs, no learning rate of
    ``[training]``. It takes numbers, categories and texts (how often each of the 256
    commonest tokens is there), and is exported to the same file.

    Parameters
    ----------
    iterations
        How many trees, for each class where there are more than two.
    learning_rate
        The share of what a tree has found that is kept.
    max_leaf_nodes
        Of a tree, at most.
    min_samples_leaf
        Training rows in a leaf, at least.
    l2
        How much the values of leaves are pulled towards zero.
    """

    iterations: Annotated[int, Ge(1), Le(10_000)] = 100
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.1
    max_leaf_nodes: Annotated[int, Ge(2), Le(1024)] = 31
    min_samples_leaf: Annotated[int, Ge(1), Le(1_000_000_000)] = 20
    l2: Annotated[float, Ge(0)] = 0.0

    @property
    def closed_form(self) -> bool:
        """It takes no epochs."""
        return True


@dataclass(frozen=True)
class Blend(Family):
    """A network, boosted trees and a linear model that learn from the same rows, for tables.

    Each is judged on rows that it has not learned from; what answers is the weighted mean of their logits or
    standardized numbers that is best on these (Wolpert 1992, with weights that are not negative and have the sum 1).
    A model which is worse than the others has the weight 0 and is left out of the file. All others are in it.
    A text is counted: how often each of its commonest tokens is there.

    Parameters
    ----------
    hidden, activation, dropout
        Of the network, as for `Mlp`.
    bins
        Into how many bins with as many training rows each the network sees a number cut (piecewise linear encoding,
        Gorishniy et al. 2022); fewer where there are very many numbers. 0 for none.
    parts
        Into how many the training and validation rows are dealt. Of as many networks, trained side by side, each
        learns from all parts but one, and so do as many sets of trees: all rows judge, and what answers is the mean.
        With 0 there is one of each, and the validation rows judge, which is enough where these are a thousand.
    trees, linear
        Whether there are trees, and a linear model (ridge or logistic regression).
    iterations
        How many trees there are at most, for each class where there are more than two: as many are kept as is best.
    shrinkage
        The share of what a tree has found that is kept: the learning rate of the trees.
    max_leaf_nodes, min_samples_leaf, l2
        As for `Boosting`.
    """

    hidden: Annotated[tuple[Width, ...], Len(0, 64)] = (128, 64)
    activation: Activation = "relu"
    dropout: Fraction = 0.1
    bins: Annotated[int, Ge(0), Le(256)] = 16
    parts: Annotated[int, Ge(0), Le(20)] = 5
    trees: bool = True
    linear: bool = True
    iterations: Annotated[int, Ge(1), Le(10_000)] = 200
    shrinkage: Annotated[float, Gt(0), Le(1)] = 0.1
    max_leaf_nodes: Annotated[int, Ge(2), Le(1024)] = 31
    min_samples_leaf: Annotated[int, Ge(1), Le(1_000_000_000)] = 20
    l2: Annotated[float, Ge(0)] = 0.0

    @property
    def members(self) -> int:
        """One network for each part that one is blind to."""
        return max(1, self.parts)

    @property
    def counted(self) -> bool:
        """A text is always counted."""
        return True

    @property
    def layers(self) -> Mlp:
        """The dense layers of the network."""
        return Mlp(hidden=self.hidden, activation=self.activation, dropout=self.dropout)

    @property
    def boosting(self) -> Boosting:
        """The options of the trees."""
        return Boosting(self.iterations, self.shrinkage, self.max_leaf_nodes, self.min_samples_leaf, self.l2)


FAMILIES: dict[str, type[Family]] = {
    "linear": Linear,
    "mlp": Mlp,
    "cnn": Cnn,
    "resnet": Resnet,
    "crnn": Crnn,
    "unet": Unet,
    "bag": Bag,
    "rnn": Rnn,
    "lstm": Lstm,
    "gru": Gru,
    "autoregression": Autoregression,
    "boosting": Boosting,
    "pretrained": Pretrained,
    "memory": Memory,
    "blend": Blend,
}
"""Every family by the name that a recipe gives it."""
