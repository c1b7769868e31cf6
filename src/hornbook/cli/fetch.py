"""``hornbook fetch``."""

from __future__ import annotations

from typing import Annotated

from hornbook.cli.arguments import Says


def fetch(
    name: Annotated[str | None, Says("a pretrained net, a face detector, or a data set", "NAME")] = None,
) -> None:
    """Fetch the weights of a pretrained net or a face detector, or a data set, into the cache folder.

    Training does so by itself; this is for a machine that will have no network later. Without a name, lists what can
    be fetched, with the licences of the nets. The cache folder is what HORNBOOK_CACHE
    says, or the system's usual place.

    Examples
    --------
      hornbook fetch
      hornbook fetch mobilenet_v2
    """
    from hornbook.columns.image.face.weights import FILES, fetch_detector
    from hornbook.common.plaintext import table
    from hornbook.errors import UsageError, did_you_mean, one_of
    from hornbook.sources.backbones import BACKBONES, fetch_weights
    from hornbook.sources.builtin import REMOTES, fetched

    if name in BACKBONES:
        print(fetch_weights(name))
        return
    if name in FILES:
        print(fetch_detector(name))
        return
    if name in REMOTES:
        print(fetched(name))
        return
    known = [*BACKBONES, *FILES, *REMOTES]
    if name is not None:
        raise UsageError(
            f"there is nothing called {name!r} to fetch{did_you_mean(name, known)}; it may be {one_of(known)}"
        )
    rows = [
        [f"  {n}", f"{b.remote.size / 1e6:,.0f} MB", f"code {b.code}; weights {b.weights.partition(';')[0]}"]
        for n, b in BACKBONES.items()
    ]
    rows += [
        [
            f"  {n}",
            f"{sum(r.size for r in files) / 1e6:,.1f} MB",
            "face detector; MIT (YuNet), Apache-2.0 (ssd)",
        ]
        for n, files in FILES.items()
    ]
    rows += [
        [f"  {n}", f"{sum(remote.size for remote in files) / 1e6:,.0f} MB", "data set"]
        for n, files in REMOTES.items()
    ]
    print("\n".join(table(rows, "<><")))
