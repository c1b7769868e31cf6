"""Answers to many rows and files, whole columns at a time, in parts that may be done anywhere."""
