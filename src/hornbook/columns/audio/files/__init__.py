"""Opening files of sounds, and saying why one is none."""
