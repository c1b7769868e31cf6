"""``python -m hornbook`` is ``hornbook``."""

from hornbook.cli.main import run

if __name__ == "__main__":
    run()
