"""Examples that follow each other in time: their order, their season, their windows."""
