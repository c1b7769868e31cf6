"""The kind ``sequence``: an answer of free length, written token by token."""
