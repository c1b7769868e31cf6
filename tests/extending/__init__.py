"""A source, a network family and a command from outside hornbook: the files that `docs/extending.md` shows."""
