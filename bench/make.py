"""Making captchas: pictures a second with one process and with two, and whether their files are the same.

    python -m bench.make

4 digits, 160 x 60, PNG, from the call to the last label; the bar is 900/s on two cores.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from bench.common import report
from hornbook.make.captcha import Captchas
from hornbook.make.folder import make_folder

COUNT = 2000


def main() -> None:
    speeds, costs = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for jobs in (1, 2):
            start, spent = time.perf_counter(), cpu()
            make_folder(Captchas(seed=7), Path(folder) / str(jobs), COUNT, jobs=jobs)
            speeds[jobs] = COUNT / (time.perf_counter() - start)
            costs[jobs] = COUNT / (cpu() - spent)
        one, two = (content(Path(folder) / str(jobs)) for jobs in (1, 2))
    report(
        "make",
        one_job_per_second=round(speeds[1]),
        two_jobs_per_second=round(speeds[2]),
        per_second_of_one_core=round(costs[1]),
        per_second_of_two_cores=round(2 * costs[2]),
        same_bytes=one == two,
        load=round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    )


def cpu() -> float:
    """Return the seconds of processor time that this process and those it has ended took: what a busy machine tells."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


if __name__ == "__main__":
    main()
