"""Comparison of the files of two searches, except for times."""

import collections
import json
import re

import numpy as np

EPOCH = re.compile(r"^trial (\d+)/\d+ epoch +(\d+)/", re.MULTILINE)


def without_seconds(value):
    """Return a JSON value without its fields "seconds"."""
    if isinstance(value, dict):
        return {key: without_seconds(each) for key, each in value.items() if key != "seconds"}
    return [without_seconds(each) for each in value] if isinstance(value, list) else value


def contents(folder):
    """Return path -> content of a search's files; None for formats that contain dates."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir() or ".partial-" in name or path.name == "spent.json":
            continue
        found[name] = None
        if path.suffix == ".json":
            found[name] = json.dumps(without_seconds(json.loads(path.read_text())))
        elif path.suffix == ".csv":
            found[name] = path.read_text()
        elif path.suffix == ".npz":
            with np.load(path) as arrays:
                found[name] = [
                    json.dumps(without_seconds(json.loads(str(arrays[key]))))
                    if key == "progress"
                    else arrays[key].tobytes()
                    for key in sorted(arrays)
                ]
    return found


def differences(expected, folder, log):
    """Yield the differences of a killed search from an undisturbed one."""
    found = contents(folder)
    yield from (f"{name} is missing" for name in sorted(set(expected) - set(found)))
    yield from (f"{name} is new" for name in sorted(set(found) - set(expected)))
    yield from (
        f"{name} differs"
        for name in sorted(set(found) & set(expected))
        if found[name] != expected[name]
    )
    epochs = collections.Counter(EPOCH.findall(log.read_text()))
    yield from (
        f"trial {trial}: epoch {epoch} was trained {count} times"
        for (trial, epoch), count in epochs.items()
        if count > 1
    )
