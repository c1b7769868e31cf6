"""Nets that others have trained: one file a net, which knows its blocks and what the weights of its file are called."""
