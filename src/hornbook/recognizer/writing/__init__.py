"""Answers and texts that are written step by step."""
