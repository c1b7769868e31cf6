"""What torchrun starts in a test: rank 1 is killed in the middle of the second epoch, the first time."""

from __future__ import annotations

import os
import signal
import sys

from hornbook.common.progress import Silent
from hornbook.learning import train
from hornbook.training import job
from hornbook.training.loop import Loop
from tests.training.test_ranks import dying_recipe, pictures


def main() -> None:
    job.SAVE_EVERY = 0.0
    step = Loop._train_step

    def dies(self: Loop, rows: object) -> None:
        step(self, rows)  # type: ignore[arg-type]
        if os.environ["RANK"] == "1" and self.state.epoch == 1 and self.state.step == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    if os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
        Loop._train_step = dies  # type: ignore[method-assign]
    train(pictures(), run=sys.argv[1], recipe=dying_recipe(), progress=Silent(), fresh=True)


if __name__ == "__main__":
    main()
