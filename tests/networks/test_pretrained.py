"""Nets that others have trained: their weights fit, their outputs are the published ones, what is wrong is said."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hornbook.common.fetch import NotFetchedError, Remote
from hornbook.errors import DataError, RecipeError
from hornbook.networks.families import build_network
from hornbook.networks.pretrained import PretrainedBody, load_weights, pooled
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.sources import backbones
from hornbook.sources.backbones import BACKBONES, fetch_weights, find_weights

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SHARED = DATA / "backbones"
GOLDEN = Path(__file__).parent / "backbones.json"
MISSING = "the weights are not here: put them into ../shared/data/backbones"


def picture(side: int = 224) -> torch.Tensor:
    """Return waves of colour, the same on every machine."""
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(9 * x + 5 * y), np.cos(7 * x * y), np.sin(20 * y) * x]
    return torch.tensor(np.stack(waves)[None], dtype=torch.float32)


def body(name: str, **options: str) -> PretrainedBody:
    made, _ = build_network(Pretrained(backbone=name, **options), (3, 224, 224))  # type: ignore[arg-type]
    assert isinstance(made, PretrainedBody)
    return made.eval()


@pytest.mark.parametrize("name", BACKBONES)
def test_the_last_picture_is_the_published_one(name: str) -> None:
    path = next(
        (p / BACKBONES[name].file for p in (SHARED, DATA / "models") if (p / BACKBONES[name].file).exists()),
        None,
    )
    if path is None:
        pytest.skip(MISSING)
    net = body(name)
    load_weights(net, path)
    with torch.inference_mode():
        found = net.last_picture(picture()).mean((2, 3))[0]
    stored = json.loads(GOLDEN.read_text("utf-8"))[name]
    assert found[:: len(found) // len(stored)][: len(stored)].tolist() == pytest.approx(stored, abs=1e-3)


@pytest.mark.parametrize("name", BACKBONES)
def test_a_net_is_cut_anywhere_and_says_the_same(name: str) -> None:
    torch.manual_seed(0)
    whole = body(name, fine_tune="all")
    shown = picture(128)
    with torch.inference_mode():
        means, largest = pooled(whole.last_picture(shown)).chunk(2, 1)
        want = 10 * torch.cat([v / v.norm(dim=1, keepdim=True) for v in (means, largest)], 1)
        for tune in ("head", "last", "all"):
            other = body(name, fine_tune=tune)
            other.load_state_dict(whole.state_dict())
            assert torch.allclose(other(shown), want, atol=1e-5)
            assert other.keeps == (tune != "all")
            assert bool(other.factors()) == (tune != "head")
    statistics = [m for m in whole.train().modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert not any(m.training for m in statistics)


def test_a_grey_picture_is_one_of_three_equal_channels() -> None:
    net = body("mobilenet_v2")
    grey = picture(64)[:, :1]
    assert torch.equal(net(grey), net(grey.expand(-1, 3, -1, -1)))


# ---- the file with the weights ---------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> bytes:
    """Let mobilenet_v2 be a file of some bytes, and have an empty cache."""
    content = b"weights " * 100
    sha = hashlib.sha256(content).hexdigest()
    remote = Remote("net.pth", ("https://nowhere.invalid/net.pth",), sha, len(content))
    one = replace(BACKBONES["mobilenet_v2"], file="net.pth", sha256=sha, size=len(content), remote=remote)
    monkeypatch.setitem(backbones.BACKBONES, "mobilenet_v2", one)
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))
    return content


def test_weights_are_a_file_or_in_a_folder(small: bytes, tmp_path: Path) -> None:
    file = tmp_path / "net.pth"
    file.write_bytes(small)
    assert find_weights("mobilenet_v2", str(file)) == file
    assert find_weights("mobilenet_v2", str(tmp_path)) == file
    assert find_weights("mobilenet_v2", folder=str(tmp_path)) == file
    assert find_weights("mobilenet_v2") is None


def test_what_is_wrong_with_weights_is_said(small: bytes, tmp_path: Path) -> None:
    file = tmp_path / "net.pth"
    for content, said in [(small[:-9], "cut off"), (small.upper(), "SHA-256"), (small + b"x", "SHA-256")]:
        file.write_bytes(content)
        with pytest.raises(DataError, match=said):
            find_weights("mobilenet_v2", str(file))
    with pytest.raises(DataError, match=r"network.weights.*cannot be read"):
        find_weights("mobilenet_v2", str(tmp_path / "none.pth"))
    with pytest.raises(RecipeError, match=r"mobilenet_v3.*did you mean 'mobilenet_v2'"):
        find_weights("mobilenet_v3")


def test_weights_of_another_net_are_called_so(small: bytes, tmp_path: Path) -> None:
    file = tmp_path / "net.pth"
    file.write_bytes(small)
    with pytest.raises(DataError, match=re.escape('set network.backbone = "mobilenet_v2"')):
        find_weights("efficientnet_lite0", str(file))


def test_with_no_network_it_says_which_file_to_put_where(
    small: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def none(*_: object) -> None:
        raise NotFetchedError("net.pth could not be fetched (no network)")

    monkeypatch.setattr(backbones, "fetch", none)
    monkeypatch.delenv("HORNBOOK_OFFLINE", raising=False)
    with pytest.raises(DataError, match=r"net\.pth.*network\.weights=DIR") as caught:
        fetch_weights("mobilenet_v2")
    assert str(tmp_path / "cache") in str(caught.value)
    # What it says to do works.
    place = tmp_path / "cache" / "backbones" / "mobilenet_v2"
    (place / "net.pth").write_bytes(small)
    assert fetch_weights("mobilenet_v2") == place / "net.pth"
