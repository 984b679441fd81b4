"""Examples in docstrings and Markdown documents print their documented output."""

import doctest
import importlib
import pathlib
import re

import keras
import pytest

from zoo.cells import cells

ROOT = pathlib.Path(__file__).parents[2]


def modules_with_examples():
    """Return the modules of the project that have a `>>>` line, without importing them.

    The modules of the cells are left out: the conformance property `docstring` runs the example of
    every cell.
    """
    found = []
    for package in ("registry", "tasks", "zoo"):
        for path in sorted((ROOT / package).rglob("*.py")):
            is_cell = path.parent == ROOT / "zoo" / "cells" and path.stem in cells.names()
            if not is_cell and re.search(
                r"^ *>>> ", path.read_text(encoding="utf-8"), re.MULTILINE
            ):
                parts = path.relative_to(ROOT).with_suffix("").parts
                found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_in_docstrings_print_their_output(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert tried and not failed, capsys.readouterr().out


def python_and_output(path):
    """Return (code, output) of each Python block that is followed by a plain block."""
    text = path.read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("name", ["README.md", "docs/index.md"])
def test_first_example_of_a_document_prints_its_output(name, capsys):
    ((code, output),) = python_and_output(ROOT / name)
    exec(compile(code, name, "exec"), {})
    assert capsys.readouterr().out == output
