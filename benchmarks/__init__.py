"""Side by side with peers, on this machine, in one run. Never part of the tests, and not installed."""
