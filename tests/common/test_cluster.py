"""A Ray cluster: what is told of one that is not there, that loses workers, or whose tasks end in our own errors."""

from __future__ import annotations

import socket
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from hornbook.common.cluster import ray_cluster
from hornbook.errors import DataError, MissingExtra, RunError, UsageError


class RayError(Exception):
    """What Ray raises."""


class RayTaskError(RayError):
    """What it raises for what a task has raised."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Ray(SimpleNamespace):
    """As much of the package as is used, with what was done to it."""

    def __init__(self, *, there: bool = True, begun: bool = False) -> None:
        super().__init__(exceptions=SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError))
        self.there, self.begun = there, begun
        self.done: list[str] = []

    def is_initialized(self) -> bool:
        return bool(self.begun)

    def init(self, **given: Any) -> None:
        if not self.there:
            raise ConnectionError("no GCS")
        self.done.append(given["address"])

    def shutdown(self) -> None:
        self.done.append("left")


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Ray:
    ray = Ray(**getattr(request, "param", {}))
    monkeypatch.setitem(sys.modules, "ray", ray)
    return ray


def test_a_cluster_is_left_again(known: Ray) -> None:
    with ray_cluster("auto", 3) as ray:
        assert ray is known
    assert known.done == ["auto", "left"]


@pytest.mark.parametrize("known", [{"begun": True}], indirect=True)
def test_that_of_the_program_itself_stays(known: Ray) -> None:
    with ray_cluster("auto", 3):
        pass
    assert known.done == []


@pytest.mark.parametrize("known", [{"there": False}], indirect=True)
@pytest.mark.usefixtures("known")
def test_none_is_one_sentence() -> None:
    with (
        pytest.raises(UsageError, match=r"--ray auto: there is no Ray cluster; start one"),
        ray_cluster("auto", 3),
    ):
        pass


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (RayTaskError(DataError("a.csv is empty")), DataError, "a.csv is empty"),
        (RayError("died"), RunError, "was lost 3 times: give the same command again"),
        (RayTaskError(KeyError("x")), RayTaskError, "x"),
    ],
)
def test_errors_are_told_as_ours(known: Ray, raised: Exception, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said), ray_cluster("auto", 3):
        raise raised
    assert known.done[-1] == "left"


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"hornbook\[ray\]"), ray_cluster("auto", 3):
        pass


def test_an_address_where_nobody_listens_is_told_at_once(known: Ray) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for form in ("127.0.0.1:{}", "ray://127.0.0.1:{}"):
            with ray_cluster(form.format(port), 3):
                pass
    assert known.done == [f"127.0.0.1:{port}", "left", f"ray://127.0.0.1:{port}", "left"]
    with pytest.raises(UsageError, match="there is no Ray cluster"), ray_cluster(f"127.0.0.1:{port}", 3):
        pass
    assert len(known.done) == 4
