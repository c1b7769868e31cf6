"""Codes: what a network makes of an input before it answers, written, read, decoded and drawn from."""
