"""MkDocs hook: pages of the site that are generated from the registry and the command line."""

from __future__ import annotations

import contextlib
import io
import json
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from registry import Entry
from tasks.datasets import datasets
from tasks.heads import heads
from tasks.library import tasks
from zoo.cells import cells
from zoo.cli import VERBS, main
from zoo.cli.showing import cell_details
from zoo.initializers import initializers
from zoo.tuning.tuners import tuners

# The benchmark of a training step of every cell, and the shape of the figure on the pages.
STEPS = pathlib.Path(__file__).parents[1] / "benchmarks" / "recurrence-all_cells.json"
STEP_SHAPE = [32, 100, 128, 256]  # batch, timesteps, features, units

Details = Mapping[str, Any]  # as `zoo.cli.showing.cell_details` returns them
# From the most general to the most specific: the page lists a cell under its last one.
FAMILIES = (
    "simple",
    "gated",
    "diagonal",
    "continuous",
    "linear",
    "matrix_state",
    "orthogonal",
    "reservoir",
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to the files of the site."""
    entries = _built_in(cells.records())
    steps = _steps()
    details = {
        entry.name: {**cell_details(entry.name), "step": steps.get(entry.name)} for entry in entries
    }
    pages = {
        "cells/index.md": _cells(entries, details),
        "tasks.md": _tasks(),
        "datasets.md": _datasets(),
        "initializers.md": _initializers(),
        "flags.md": _flags(),
        **{f"cells/{entry.name}.md": _cell(entry, details[entry.name]) for entry in entries},
    }
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def _steps() -> dict[str, str]:
    """Return cell -> milliseconds of a training step, and their ratio to those of `lstm`."""
    rows = json.loads(STEPS.read_text(encoding="utf-8"))["rows"]
    found = {row["cell"]: row["zoo_ms"] for row in rows if row["shape"] == STEP_SHAPE}
    return {name: f"{ms:,.0f} ({ms / found['lstm']:.2f})" for name, ms in found.items()}


def _built_in(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of the project, without those of installed plugins."""
    return [entry for entry in entries if entry.origin == "built-in"]


def _table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    for row in rows:
        cells_of_row = ("" if value is None else str(value).replace("|", "\\|") for value in row)
        lines.append("| " + " | ".join(cells_of_row) + " |")
    return "\n".join(lines) + "\n"


def _cells(entries: Iterable[Entry], details: Mapping[str, Details]) -> str:
    """Return the page of all cells: a table for each family."""
    families: dict[str, list[tuple[object, ...]]] = {tag: [] for tag in FAMILIES}
    for entry in entries:
        row = (
            f"[`{entry.name}`]({entry.name}.md)",
            entry.doc,
            entry.facts.get("good_for"),
            entry.facts.get("paper"),
            entry.facts.get("year"),
            f"{details[entry.name]['parameters']:,}",
            details[entry.name]["step"],
        )
        families[_family(entry)].append(row)
    header = ("name", "cell", "use it for", "paper", "year", "weights", "step")
    meanings = _meanings_of_tags()
    return (
        "# Cells\n\nUse a cell by name: `zoo.Recurrent(NAME, units)` in a Keras model, "
        "`--cell=NAME` on the command line, `zoo show NAME` for its equations. "
        "`zoo list cells --tag=TAG` lists the cells with a [tag](../extending/cell.md#tags), and "
        "`zoo tune --cell=tag:TAG` compares them. A cell with several tags is in one section "
        "here.\n\nWeights: their number at 128 units and 128 input features. Step: milliseconds of "
        "a training step on one core, and their ratio to those of `lstm`; batch, timesteps, "
        f"features and units are {', '.join(map(str, STEP_SHAPE))} (`benchmarks/RESULTS.md`).\n"
        + "".join(
            f"\n## {tag}: {len(rows)} cell{'s' if len(rows) > 1 else ''}\n"
            f"\n{meanings[tag]}\n\n{_table(header, rows)}"
            for tag, rows in families.items()
        )
    )


def _family(entry: Entry) -> str:
    """Return the most specific tag of a cell, which is the last one in `FAMILIES`."""
    return [tag for tag in FAMILIES if tag in entry.facts["tags"]][-1]


def _meanings_of_tags() -> dict[str, str]:
    """Return tag -> meaning from the table in the page on adding a cell, as sentences."""
    page = pathlib.Path(__file__).with_name("extending") / "cell.md"
    section = page.read_text(encoding="utf-8").split("## Tags")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE)
    return {tag: f"{meaning[0].upper()}{meaning[1:]}." for tag, meaning in rows}


def _cell(entry: Entry, details: Details) -> str:
    """Return the page of a cell: its facts, the docstring of its class, and its weights."""
    space = [f"`{name}`: {_values(values)}" for name, values in details["search_space"].items()]
    facts = [
        ("use it for", entry.facts.get("good_for")),
        ("paper", f"{entry.facts.get('paper')} ({entry.facts.get('year')})"),
        ("tags", ", ".join(f"`{tag}`" for tag in entry.facts["tags"])),
        ("states", ", ".join(f"`{name}`" for name in details["states"])),
        ("search space", "; ".join(space) or "that of every cell"),
        ("milliseconds of a training step (ratio to `lstm`)", details["step"]),
        *(
            (f"lacks the property `{name}`", reason)
            for name, reason in (entry.facts.get("exceptions") or {}).items()
        ),
    ]
    weights = [
        (f"`{name}`", " x ".join(map(str, shape))) for name, shape in details["weights"].items()
    ]
    return (
        f"# {entry.name}\n\n{_table(('fact', 'value'), facts)}\n"
        f"::: zoo.cells.{entry.name}\n    options:\n      show_root_heading: false\n\n"
        f"## Weights\n\nAt {details['units']} units and {details['features']} input features: "
        f"{details['parameters']:,} numbers.\n\n{_table(('weight', 'shape'), weights)}"
    )


def _values(values: Any) -> str:
    """Return the choices of an argument, or its range, as text."""
    if not isinstance(values, Mapping):
        return ", ".join(map(str, values))
    scale = ", logarithmic" if values.get("sampling") == "log" else ""
    return f"{values['min']} to {values['max']}{scale}"


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
