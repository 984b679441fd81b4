"""Code and documents use the terms of the field, not the replaced phrases of version 0.1."""

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

# File -> (the phrases that it may contain, or None for all; the reason).
EXCEPTIONS = {
    HERE: (None, "lists the phrases"),
    "CHANGELOG.md": (None, "names the arguments that were renamed"),
    "tests/integration/test_version_0_1.py": ({RENAMED}, "loads files of version 0.1.0"),
}


def files():
    """Return the project's Python and Markdown files."""
    skipped = {".git", ".venv", "build", "site"}
    for pattern in ("*.py", "*.md"):
        for path in ROOT.rglob(pattern):
            relative = path.relative_to(ROOT)
            if not skipped & set(relative.parts):
                yield relative.as_posix(), path.read_text(encoding="utf-8")


def found(text):
    """Return the phrases in a text, each with its line number."""
    return [
        f"{number}: {match[0]}"
        for number, line in enumerate(text.splitlines(), 1)
        for match in PHRASES.finditer(line)
    ]


def test_no_file_contains_a_replaced_phrase():
    left = {}
    for name, text in files():
        allowed, _ = EXCEPTIONS.get(name, (set(), ""))
        hits = (
            [] if allowed is None else [h for h in found(text) if h.split(": ")[1] not in allowed]
        )
        if hits:
            left[name] = hits
    assert left == {}


def test_every_exception_is_needed():
    texts = dict(files())
    assert all(found(texts[name]) for name in EXCEPTIONS)


@pytest.mark.parametrize(
    "line",
    ["timesteps a turn", "The way back", "it puts out h", "x is no cell", "there is no verb 'x'"],
)
def test_replaced_phrase_is_detected(line):
    assert found(line)
