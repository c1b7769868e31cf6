"""What the name of a folder says beside a class: that it is a split, or only where files are stored.

The words are those of public data sets: ``seg_train``, ``training_set``, ``Train``, ``test1``, ``PublicTest``;
``images``, ``JPEGImages``, ``fold1``, ``part_2``, ``HAM10000_images_part_1``.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_SPLIT_WORDS = {
    **dict.fromkeys(["train", "training", "trainset", "trn"], "train"),
    **dict.fromkeys(["test", "testing", "testset", "tst", "evaluation", "eval", "holdout"], "test"),
    **dict.fromkeys(["val", "valid", "validation", "valset", "dev", "devel", "development"], "validation"),
}
"""Words that say a split, in lower case."""

_UNLABELLED = frozenset(["unsup", "unsupervised", "unlabeled", "unlabelled"])

_NUMBERED = frozenset(["part", "parts", "fold", "folds", "batch", "shard", "chunk"])

_STORE_WORDS = (
    frozenset(["image", "images", "img", "imgs", "picture", "pictures", "pic", "pics", "photo", "photos"])
    | frozenset(["jpg", "jpgs", "jpeg", "jpegs", "png", "pngs", "bmp", "tif", "tiff"])
    | frozenset(["audio", "audios", "sound", "sounds", "wav", "wavs", "recordings", "clips", "mp3", "flac"])
    | frozenset(["data", "dataset", "file", "files", "folder", "all", "set", "raw", "resized", "labelled"])
    | frozenset(["labels", "masks", "annotations", "annotated", "labeled", "input", "inputs"])
    | _NUMBERED
)
"""Words that say no more than that files are stored there."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def split_of(name: str) -> str | None:
    """Return the split that the name of a folder or a file says; None where it says none, or two.

    >>> [split_of(name) for name in ("Train", "seg_test", "asl_alphabet_test", "PublicTest", "valid", "cat")]
    ['train', 'test', 'test', 'test', 'validation', None]
    """
    found = {_SPLIT_WORDS[word] for word in _words(name) if word in _SPLIT_WORDS}
    if found == {"train", "validation"}:
        return "train"  # train_val
    return found.pop() if len(found) == 1 else None


def is_unlabelled(name: str) -> bool:
    """Return whether a folder says that what is in it has no label: ``unsup``, ``unlabeled_images``."""
    return not _UNLABELLED.isdisjoint(_words(name))


def path_split(path: str) -> str | None:
    """Return the split that the topmost folder of a path says which is nothing but the word for one.

    >>> path_split("Train/cat/1.png"), path_split("test_tube/1.png"), path_split("train.png")
    ('train', None, None)
    """
    top, between, _ = path.partition("/")
    return _SPLIT_WORDS.get(top.lower()) if between else None


def splits_of_paths(paths: Collection[str]) -> list[str | None]:
    """Return the split that the topmost folder of each path says; None where one does not.

    >>> splits_of_paths(["seg_train/cat_1.png", "seg_test/cat_2.png"])
    ['train', 'test']
    """
    tops = [path.partition("/")[0] if "/" in path else "" for path in paths]
    found = splits_among(list(dict.fromkeys(tops)))
    return [found.get(top) or path_split(path) for top, path in zip(tops, paths, strict=True)]


def around(name: str) -> tuple[str, ...]:
    """Return the words of a name without those for a split and without numbers.

    >>> around("seg_train"), around("test1")
    (('seg',), ())
    """
    return tuple(word for word in _words(name) if word not in _SPLIT_WORDS and not word.isdecimal())


def splits_among(names: Collection[str]) -> dict[str, str]:
    """Return which of the folders that lie side by side are splits, and which ones; none where they are classes.

    They are splits where all say one, and not all the same; or where two that are called alike but for the split's
    word say different ones: ``seg_train`` and ``seg_test`` beside ``seg_pred``. A folder ``train`` alone is one.

    >>> splits_among(["seg_train", "seg_test", "seg_pred"])
    {'seg_train': 'train', 'seg_test': 'test'}
    >>> splits_among(["car", "train", "bus"]), splits_among(["train_station", "bus_station"])
    ({}, {})
    """
    said = {name: split for name in names if (split := split_of(name)) is not None}
    if len(names) == 1:
        return {name: split for name, split in said.items() if split == "train" and not around(name)}
    if len(said) == len(names) and len(set(said.values())) > 1:
        return said
    alike: dict[tuple[str, ...], set[str]] = {}
    for name, split in said.items():
        alike.setdefault(around(name), set()).add(split)
    return {name: split for name, split in said.items() if len(alike[around(name)]) > 1}


def are_stores(names: Collection[str]) -> bool:
    """Return whether folders that lie side by side only say where files are stored.

    Each is called by words of storing, a split and numbers alone; or all are called alike but for a number, and one
    of the words is of storing in parts.

    >>> are_stores(["fold1", "fold2"]), are_stores(["HAM_images_part_1", "HAM_images_part_2"])
    (True, True)
    >>> are_stores(["photos", "drawings"]), are_stores(["1", "2"]), are_stores(["images"])
    (False, False, True)
    """
    if all(map(_says_a_store, names)):
        return True
    together = {around(name) for name in names}
    return len(names) > 1 and len(together) == 1 and not _STORE_WORDS.isdisjoint(together.pop())


def _says_a_store(name: str) -> bool:
    """Return whether a name is of words of storing alone, and has one of them or a split's."""
    words = _words(name)
    known = [word for word in words if word in _STORE_WORDS or word in _SPLIT_WORDS]
    others = [word for word in words if word not in known and not word.isdecimal()]
    lettered = len(others) == 1 and len(others[0]) == 1 and not _NUMBERED.isdisjoint(known)
    return bool(known) and (not others or lettered)
