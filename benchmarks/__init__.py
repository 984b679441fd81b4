"""Measurements that are no tests: side by side with peers in one run, or minutes long. Not installed."""
