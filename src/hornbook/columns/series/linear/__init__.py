"""Forecasts that are a weighted sum of a window's rows: which there are, and how their weights are found."""
