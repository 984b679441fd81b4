"""Benchmarks of the zoo and of other libraries, and checks that take minutes; not installed."""
