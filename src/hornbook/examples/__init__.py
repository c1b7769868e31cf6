"""Examples: every kind of source is read into one table.

One file for each kind of source; `table` is the `Examples` class, `read` chooses the reader, `split` makes the splits,
`encoded` keeps the encoded arrays on disk, `checks` finds what is wrong.
"""

from hornbook.examples.arrays import from_arrays, from_frame
from hornbook.examples.read import read_examples
from hornbook.examples.table import Examples, Problem

__all__ = ["Examples", "Problem", "from_arrays", "from_frame", "read_examples"]
