"""Archives: the files of a zip or a tar, read where they lie, and what may be taken from a stranger's."""
