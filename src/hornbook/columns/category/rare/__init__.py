"""Two classes of which one is rare: how it is decided for, and how it is found."""
