"""Benchmarks: what the numbers in the README come from. Each prints one JSON line."""
