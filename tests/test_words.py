"""Code and documents use the field's words: phrases of version 0.1 do not come back."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]
HERE = pathlib.Path(__file__).relative_to(ROOT).as_posix()

PHRASES = re.compile(
    r"timesteps_a_turn|timesteps a turn|\ba turn of\b|\bturned once\b|the way back|\bgoing back\b"
    r"|\bputs? out\b|function of nothing|first weights|\bis no number\b|gone on with"
    r"|what is usual|\bit cannot be\b|wrong request|it came to"
    r"|\bis no (?:cell|run|search|whole|flag|sequence|name)"
    r"|there is no (?:verb|cell|task|head)",
    re.IGNORECASE,
)

RENAMED = "timesteps_" + "a_turn"

# File -> (the phrases that it may hold, or None for all; the reason).
EXCEPTIONS = {
    HERE: (None, "lists the phrases"),
    "CHANGELOG.md": (None, "names the arguments that were renamed"),
    "zoo/layers/recurrent.py": ({RENAMED}, "translates the arguments of version 0.1.0"),
    "tests/integration/test_version_0_1.py": ({RENAMED}, "tests that translation"),
}


def files():
    """Return the project's Python and Markdown files."""
    skipped = {".git", "build", "site", ".venv", "runs"}
    for pattern in ("*.py", "*.md"):
        for path in ROOT.rglob(pattern):
            relative = path.relative_to(ROOT)
            if not skipped & set(relative.parts):
                yield relative.as_posix(), path.read_text(encoding="utf-8")


def found(text):
    """Return the phrases in a text, with the number of the line of each."""
    return [
        f"{number}: {match[0]}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in PHRASES.finditer(line)
    ]


def test_no_phrase_is_left():
    left = {}
    for name, text in files():
        allowed, _ = EXCEPTIONS.get(name, (set(), ""))
        hits = (
            [] if allowed is None else [h for h in found(text) if h.split(": ")[1] not in allowed]
        )
        if hits:
            left[name] = hits
    assert left == {}


def test_exceptions_are_needed():
    texts = dict(files())
    assert all(found(texts[name]) for name in EXCEPTIONS)


@pytest.mark.parametrize(
    "line",
    ["timesteps a turn", "The way back", "it puts out h", "x is no cell", "there is no verb 'x'"],
)
def test_phrase_is_found(line):
    assert found(line)
