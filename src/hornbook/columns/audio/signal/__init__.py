"""Samples at another rate, and the features made of them."""
