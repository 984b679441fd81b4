"""What is wrong with the outcome of a command."""

import dataclasses
import hashlib
import json
import os
import re

# What a message for users never contains: Python's and TensorFlow's own texts.
RAW = re.compile(
    r"Traceback|should not happen|<class|object at 0x|\{\{|\[Op:|\bOp\b|tf\.|KerasTensor|Errno"
    r"|NoneType|dtype=|\b[A-Z]\w+(?:Error|Exception)\b|\x1b|\b__(?:init|call|getitem)__\b"
)
SENTENCE = re.compile(r"[.?]$|: (?:iconv|gunzip) .*$")  # a command may stand at its end
MAX_LENGTH = 1000  # characters of a message
RESULTS = ("metrics.json", "leaderboard.json", "saved_model.pb")  # what marks a folder as whole
RUNS = ("train", "tune")  # commands that leave an unfinished folder, which can be resumed
BEGINS = "the work would begin here."  # the error in place of training and tracing


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a command did.

    Attributes:
        argv: its arguments.
        status: its exit status.
        out: its standard output.
        err: its standard error.
        before: the contents of the folder before the command, see `snapshot`.
        after: its contents after the command.
        imported: whether TensorFlow would have been imported.
    """

    argv: list[str]
    status: int
    out: str
    err: str
    before: dict[str, str]
    after: dict[str, str]
    imported: bool

    @property
    def value(self):
        """The JSON value of the output, without what differs between two runs."""
        value = json.loads(self.out, parse_constant=_reject)
        if isinstance(value, dict):
            for name in ("seconds", "run_dir", "summary"):
                value.pop(name, None)
        return value


def _reject(name):
    raise ValueError(f"{name} is not JSON")


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


def faults(outcome):
    """Return what is wrong with an outcome; an empty list if it is a success or a sentence."""
    found = [f"left {path}" for path in outcome.after if re.search(r"\.partial-|\.lock$", path)]
    if outcome.status not in (0, 1, 2):
        found.append(f"status {outcome.status}")
    if outcome.status:
        found += _faults_of_message(outcome) + _faults_of_files(outcome)
    elif outcome.argv[-1] == "--json":
        try:
            json.loads(outcome.out, parse_constant=_reject)
        except ValueError as error:
            found.append(f"invalid JSON: {error}")
    return found


def _faults_of_message(outcome):
    lines = outcome.err.splitlines()
    message = lines[-1] if lines else ""
    found = []
    if not message.startswith("zoo: ") or sum(line.startswith("zoo: ") for line in lines) != 1:
        found.append("not one message")
    if not SENTENCE.search(message):
        found.append("not a sentence")
    if raw := RAW.search(message):
        found.append(f"raw text {raw[0]!r}")
    if len(message) > MAX_LENGTH:
        found.append(f"{len(message)} characters")
    if outcome.status == 2 and outcome.out:
        found.append("an output")
    return found


def _faults_of_files(outcome):
    changed = sorted(
        path
        for path in {*outcome.before, *outcome.after}
        if outcome.before.get(path) != outcome.after.get(path)
    )
    if outcome.status == 2 or outcome.argv[0] not in RUNS:
        return [f"changed {changed}"] if changed else []
    return [f"wrote {path}" for path in changed if path.endswith(RESULTS)]
