"""Benchmarks: how good the answers are, beside named baselines in the same run."""
