"""The recipe `people`: a few photos of each, and strangers are nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import hornbook
from hornbook.columns import CategoryColumn
from hornbook.columns.prediction import Prediction
from hornbook.errors import RecipeError
from hornbook.networks.novelty import Nearest
from hornbook.networks.pretrained import PretrainedBody
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.recognizer.answer import UNLIKE
from hornbook.recognizer.faces.answers import FaceReaders
from tests.people import enrolled


def test_what_is_farther_than_one_thing_is_unlike() -> None:
    known = Nearest(torch.tensor([[0.0, 0.0], [10.0, 0.0]]), 2.0)
    share = known(torch.tensor([[0.0, 0.0], [0.0, 1.9], [10.0, 2.1], [5.0, 0.0]]))[:, 0]
    assert share.tolist() == pytest.approx([0.0, 0.931, 0.981, 1.0], abs=1e-3)
    assert ((share >= UNLIKE) == torch.tensor([False, False, True, True])).all()


def test_a_stranger_is_called_so() -> None:
    column = CategoryColumn(classes=("anna", "ben"), stranger="nobody I know")
    assert column.of_stranger(Prediction("anna", 0.9)).value == "nobody I know"
    assert CategoryColumn(classes=("a", "b")).of_stranger(Prediction("a", 0.9)).value == "a"


def test_a_net_that_does_not_compare_is_refused() -> None:
    with pytest.raises(RecipeError, match="mobilenet_v2 did not"):
        PretrainedBody(Pretrained(embedding=True))


def test_people_are_told_apart_and_strangers_are_nobody(tmp_path: Path, shared: Path) -> None:
    run = enrolled(tmp_path, shared)
    readers = FaceReaders([run])
    from PIL import Image

    said = {}
    for photo in ("two_people", "2008_001322"):
        with Image.open(shared / "faces" / f"{photo}.jpg") as opened:
            picture = np.asarray(opened.convert("RGB"))
        faces = sorted(hornbook.find_faces(picture, weights=shared / "models"), key=lambda f: f.left)
        said[photo] = [r.predictions["label"].value for r in readers.said(readers.outputs(picture, faces))]
    assert said == {"two_people": ["obama", "biden"], "2008_001322": ["nobody I know"] * 3}
