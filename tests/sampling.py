"""Samples of cells for costly checks: they change with every commit, and a seed repeats them."""

import os
import pathlib
import random
import subprocess

VARIABLE = "ZOO_TEST_SAMPLE"
COSTLY_SHARE = 1 / 16
FALLBACK = "recurrent-zoo"  # the seed outside a git repository


def seed_of_commit():
    """Return the abbreviated hash of the current commit, or a constant without git."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],
            cwd=pathlib.Path(__file__).parent,
            capture_output=True,
            text=True,
        )
    except OSError:
        return FALLBACK
    return done.stdout.strip() or FALLBACK


# The environment variable gives the worker processes of pytest-xdist the same seed.
SEED = os.environ.setdefault(VARIABLE, seed_of_commit())


def sample(names, count, purpose):
    """Return a sample of `count` names; the seed and `purpose` determine it."""
    return sorted(random.Random(f"{SEED} {purpose}").sample(list(names), min(count, len(names))))


def failure_message(reason):
    """Return the message of a failed check, with the seed that repeats it."""
    return f"{reason} [{VARIABLE}={SEED} repeats this sample]"


def pytest_report_header():
    """Print the seed in the header of pytest's report."""
    return f"sample of costly checks: {VARIABLE}={SEED}"


def mark_costly(items):
    """Mark the costly tests outside of the sample as `full`."""
    if os.environ.get("ZOO_TEST_COSTLY") == "all":
        return
    for item in items:
        drawn = random.Random(f"{SEED} {item.nodeid}").random() < COSTLY_SHARE
        if item.get_closest_marker("costly") and not drawn:
            item.add_marker("full")
