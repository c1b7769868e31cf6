"""What any program might need: files, progress, plain text, markup, names; it knows nothing of hornbook but errors."""
