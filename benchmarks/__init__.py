"""Measurements that are no tests: side by side with others, or minutes long. `python -m benchmarks.NAME --help`."""
