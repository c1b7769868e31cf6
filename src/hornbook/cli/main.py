"""``hornbook``: finds the command, and turns what goes wrong into one line and an exit status."""

from __future__ import annotations

import atexit
import errno
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from hornbook.cli.arguments import Command, call
from hornbook.cli.terminal import complain, note, prepare_streams
from hornbook.errors import HornbookError, UsageError, did_you_mean, one_of

COMMANDS = {
    name: f"hornbook.cli.{name}"
    for name in (
        "make",
        "look",
        "cloud",
        "style",
        "train",
        "search",
        "predict",
        "encode",
        "decode",
        "faces",
        "generate",
        "evaluate",
        "export",
        "serve",
        "recipe",
        "summary",
        "fetch",
    )
}
"""The file of each command, which has a function of the same name."""

FAILED, USAGE, INTERRUPTED, PIPE_CLOSED, TERMINATED = 1, 2, 130, 141, 143
"""Exit statuses other than 0; the last three are what a shell says of a program ended by that signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; without ``arguments``, those of the process."""
    prepare_streams()
    try:
        status = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return status
    except HornbookError as error:
        return _say(error)
    except KeyboardInterrupt as stop:
        complain("interrupted")
        return TERMINATED if stop.args == (signal.SIGTERM,) else INTERRUPTED
    except MemoryError:
        complain("there is not enough memory for this: close other programs, or use less data at a time")
        return FAILED
    except OSError as error:
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            # Who reads our output (`| head`) has seen enough; Python would complain once more when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{(error.strerror or type(error).__name__).lower()}")
        return FAILED


def run() -> NoReturn:
    """Run the command line of this process, and end it at once with the exit status.

    Taking PyTorch and the rest apart object by object takes 0.6 s after a training, and 0.04 s, a tenth of the whole,
    after the prediction of one picture; the system takes all of it back by itself. What was registered to be done at
    the end (makers of examples are stopped, temporary files closed) is done. Where somebody watches or hosts this
    process (a profiler, a debugger, a notebook), it ends in the usual way.
    """
    # Pillow warns of what is odd in a file; what is wrong with it is said in our own words.
    warnings.filterwarnings("ignore", module="PIL")
    # What is half written is cleaned up, as at Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    status = main()
    if sys.flags.interactive or sys.getprofile() or sys.gettrace() or "IPython" in sys.modules:
        sys.exit(status)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        # Nobody reads it any more, it was closed, or there is none.
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)


def _interrupt(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(number)


def command(name: str) -> Command:
    """Return the function of a command."""
    if name not in COMMANDS:
        raise UsageError(
            f"there is no command {name!r}{did_you_mean(name, COMMANDS)}; the commands are {one_of(COMMANDS)}"
        )
    found: Command = getattr(import_module(COMMANDS[name]), name)
    return found


def overview() -> str:
    """Return what ``hornbook --help`` prints."""
    import hornbook

    about = (hornbook.__doc__ or "").partition("\n")[0]
    first = {name: (command(name).__doc__ or "").partition("\n")[0] for name in COMMANDS}
    wide = max(map(len, COMMANDS))
    lines = [f"  {name.ljust(wide)}  {said[0].lower()}{said[1:].rstrip('.')}" for name, said in first.items()]
    return "\n".join(
        [
            "usage: hornbook COMMAND ...",
            "",
            about,
            "",
            "commands:",
            *lines,
            "",
            "hornbook COMMAND --help shows its options and examples; hornbook --version which hornbook it is.",
        ]
    )


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(overview())
        return 0 if arguments else USAGE
    if arguments[0] == "--version":
        import platform

        import hornbook

        place = f"Python {platform.python_version()}, {sys.executable}"
        print(f"hornbook {hornbook.__version__}, {hornbook.__path__[0]}\n{place}")
        return 0
    name, *rest = arguments
    try:
        return call(command(name), name, rest)
    except SystemExit as stop:  # argparse, after --help
        return int(stop.code or 0)


def _say(error: HornbookError) -> int:
    """Print an error's sentence, and return the status for it."""
    if type(error).__name__ == "OfAnotherRank":  # rank 0 says it
        return FAILED
    # By its name, as its module needs PyTorch: training was stopped, and all is saved.
    if type(error).__name__ == "Interrupted":
        note(error)
        return INTERRUPTED
    complain(error)
    return USAGE if isinstance(error, UsageError) else FAILED
