"""Digests: scheduled summaries of what is new in a library."""
