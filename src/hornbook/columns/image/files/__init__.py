"""Opening files of pictures, and saying why one is none."""
