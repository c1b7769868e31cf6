"""Numbers as people write them: from a cell to a number, and with the digits that float32 has."""
