"""Finding the same picture twice."""
