"""Benchmarks beside peers, and checks that take minutes. Not tests, and not installed."""
