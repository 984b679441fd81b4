"""Random changes of the files of a run or a search, each determined by a seed."""

import json
import random

VALUES = (None, True, -1, 10**400, 1.5, "x", "", [], {}, [[]], float("nan"), float("inf"), "../..")
DEPTH = 100_000


def tamper(path, seed):
    """Change a file of text, and return a description of the change."""
    rng = random.Random(seed)
    text = path.read_text(encoding="utf-8")
    changes = [truncated, nested, replaced, of_bytes]
    if path.suffix == ".json":
        changes += [of_value] * 8
    change = rng.choice(changes)
    content = change(text, rng)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return f"{path.name}, seed {seed}, {change.__name__}"


def truncated(text, rng):
    """Return the beginning of a text."""
    return text[: rng.randrange(len(text))]


def nested(text, rng):
    """Return lists or objects in each other."""
    return rng.choice(["[" * DEPTH + "]" * DEPTH, '{"a":' * DEPTH + "1" + "}" * DEPTH])


def replaced(text, rng):
    """Return another text."""
    return rng.choice(["", "null", "3", '"x"', "[]", "{}", "epoch\nx\n", "a,b\n1\n", "\0"])


def of_bytes(text, rng):
    """Return bytes that are not UTF-8."""
    content = text.encode("utf-8")
    place = rng.randrange(len(content))
    return content[:place] + b"\xff\xfe" + content[place:]


def of_value(text, rng):
    """Return a JSON text in which one value is another one, or is absent."""
    value = json.loads(text)
    if not isinstance(value, dict | list) or not value:
        return json.dumps(rng.choice(VALUES))
    parent = value
    while True:
        key = rng.choice(sorted(parent) if isinstance(parent, dict) else range(len(parent)))
        child = parent[key]
        if not isinstance(child, dict | list) or not child or rng.random() < 0.3:
            break
        parent = child
    if rng.random() < 0.3:
        del parent[key]
    else:
        parent[key] = rng.choice(VALUES)
    return json.dumps(value)
