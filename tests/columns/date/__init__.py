"""Tests of the kind `date`."""
