"""Word clouds: texts as pictures of their words, the weightier the larger."""
