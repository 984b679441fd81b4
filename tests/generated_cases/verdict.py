"""What is wrong with the outcome of a request."""

import hashlib
import json
import os
import re

# What a message for users never contains: Python's and TensorFlow's own texts.
RAW = re.compile(
    r"Traceback|should not happen|<class|object at 0x|\{\{|\[Op:|\bOp\b|tf\.|KerasTensor|Errno"
    r"|NoneType|dtype=|\b[A-Z]\w+(?:Error|Exception)\b|\x1b|\b__(?:init|call|getitem)__\b"
)
SENTENCE = re.compile(r"[.?]$|: (?:iconv|gunzip|--features)[^.]*")  # a command may stand at its end
MAX_LENGTH = 1500  # characters of a message


def snapshot(folder):
    """Return path -> digest of the content of everything below a folder."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(parent, name)
            content = b""
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    content = file.read()
            found[os.path.relpath(path, folder)] = hashlib.sha256(content).hexdigest()
    return found


def faults(status, out, err, before, after):
    """Return what is wrong with the status, the output and the files of a request."""
    found = [f"left {path}" for path in after if ".partial-" in path or path.endswith(".lock")]
    if status not in (0, 1, 2):
        found.append(f"status {status}")
    lines = err.splitlines()
    if status:
        message = lines[-1] if lines else ""
        if not message.startswith("zoo: ") or sum(line.startswith("zoo: ") for line in lines) != 1:
            found.append("not one message")
        if not SENTENCE.search(message):
            found.append("not a sentence")
        if raw := RAW.search(message):
            found.append(f"raw text {raw[0]!r}")
        if len(message) > MAX_LENGTH:
            found.append(f"{len(message)} characters")
    if status == 2:
        if before != after:
            found.append(f"files changed: {sorted(set(before.items()) ^ set(after.items()))[:4]}")
        if out or len(lines) != 1:
            found.append("further output")
    return found


def strict_json(text):
    """Return the JSON value of an output; NaN and Infinity are errors."""

    def reject(name):
        raise ValueError(f"{name} is not JSON")

    return json.loads(text, parse_constant=reject)
