"""Faces in pictures and films, and what recognizers say of them."""
