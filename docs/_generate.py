"""MkDocs hook: pages of the site that are generated from the registry and the command line."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from registry import Entry
from tasks.datasets import datasets
from tasks.heads import heads
from tasks.library import tasks
from zoo.cells import cells
from zoo.cli import VERBS, main
from zoo.initializers import initializers
from zoo.tuning.tuners import tuners


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to the files of the site."""
    pages = {
        "cells/index.md": _cells(),
        "tasks.md": _tasks(),
        "datasets.md": _datasets(),
        "initializers.md": _initializers(),
        "flags.md": _flags(),
        **{f"cells/{entry.name}.md": _cell(entry) for entry in _built_in(cells.records())},
    }
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def _built_in(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of the project, without those of installed plugins."""
    return [entry for entry in entries if entry.origin == "built-in"]


def _table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    for row in rows:
        cells_of_row = ("" if value is None else str(value).replace("|", "\\|") for value in row)
        lines.append("| " + " | ".join(cells_of_row) + " |")
    return "\n".join(lines) + "\n"


def _cells() -> str:
    rows = [
        (
            f"[`{entry.name}`]({entry.name}.md)",
            entry.facts.get("year"),
            entry.doc,
            entry.facts.get("good_for"),
            entry.facts.get("paper"),
        )
        for entry in _built_in(cells.records())
    ]
    table = _table(("name", "year", "cell", "good for", "paper"), rows)
    return (
        "# Cells\n\nUse a cell by name: `zoo.Recurrent(NAME, units)` in a Keras model, "
        f"`--cell=NAME` on the command line, `zoo show NAME` for its equations.\n\n{table}"
    )


def _cell(entry: Entry) -> str:
    module = f"zoo.cells.{entry.name}"
    return f"# {entry.name}\n\n::: {module}\n    options:\n      show_root_heading: false\n"


def _tasks() -> str:
    rows = [
        (
            f"`{entry.name}`",
            entry.doc,
            entry.facts.get("arrangement"),
            entry.facts.get("metric"),
            f"`{entry.facts.get('dataset')}`",
        )
        for entry in _built_in(tasks.records())
    ]
    head_rows = [
        (f"`{entry.name}`", entry.doc, ", ".join(entry.facts.get("arrangements") or ()))
        for entry in _built_in(heads.records())
    ]
    return (
        "# Tasks\n\nA task defines which features a model reads, how input and output sequences "
        "correspond (the arrangement), and how a model is scored.\n\n"
        + _table(("name", "task", "arrangement", "metric", "default dataset"), rows)
        + "\n## Heads\n\n"
        + _table(("name", "head", "arrangements"), head_rows)
    )


def _datasets() -> str:
    rows = [
        (f"`{entry.name}`", entry.doc, entry.facts.get("licence"))
        for entry in _built_in(datasets.records())
    ]
    return (
        "# Datasets\n\nThese TFDS datasets are prepared without a network. `--dataset=NAME` also "
        "takes any other TFDS dataset with compatible features; see [Data](guide/data.md).\n\n"
        + _table(("name", "dataset", "licence"), rows)
    )


def _initializers() -> str:
    rows = [
        (
            f"`{entry.name}`",
            entry.facts.get("about") or entry.doc,
            ", ".join(entry.facts.get("tags") or ()),
            entry.facts.get("paper"),
        )
        for entry in _built_in(initializers.records())
    ]
    tuner_rows = [(f"`{entry.name}`", entry.facts.get("about")) for entry in tuners.records()]
    return (
        "# Initializers and tuners\n\n## Initializers\n\nKernels are initialized gate by gate. "
        "An argument follows a colon: `chrono:784`.\n\n"
        + _table(("name", "initializer", "for", "paper"), rows)
        + "\n## Tuners\n\n"
        + _table(("name", "tuner"), tuner_rows)
    )


def _flags() -> str:
    parts = ["# Flags\n\nThe output of `zoo COMMAND --help` for each command.\n"]
    for verb in VERBS:
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            status = main([verb, "--help"])
        if status:
            raise RuntimeError(f"zoo {verb} --help ended with status {status}")
        parts.append(f"## zoo {verb}\n\n```text\n{text.getvalue().rstrip()}\n```\n")
    return "\n".join(parts)
