"""The forecasts of a series that are weighted sums of its window."""
