"""A server that answers with recognizers, and its page."""
