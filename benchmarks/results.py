"""Writes the sections of benchmarks/RESULTS.md from the JSON files of the benchmarks.

    python -m benchmarks.recurrence --json=recurrence.json
    python -m benchmarks.recurrence --cells="*" --shapes=1,4 --json=recurrence-all_cells.json
    python -m benchmarks.results recurrence.json recurrence-all_cells.json

The name of a file is that of the benchmark; what follows a hyphen completes the section's title. A
section replaces the one of the same title; the other sections stay. The other benchmarks are
training, lengths, generation, pipeline and serving.
"""

import datetime
import json
import pathlib
import sys

RESULTS = pathlib.Path(__file__).parent / "RESULTS.md"


def main(paths):
    sections = _sections(RESULTS.read_text(encoding="utf-8"))
    for path in map(pathlib.Path, paths):
        benchmark, _, variant = path.stem.partition("-")
        title = ", ".join(filter(None, [benchmark.capitalize(), variant.replace("_", " ")]))
        sections[title] = _section(benchmark, path)
    text = "".join(f"## {title}\n\n{section}\n" for title, section in sections.items())
    RESULTS.write_text("# Results\n\n" + text.rstrip("\n") + "\n", encoding="utf-8")


def _sections(text):
    """Return the sections of the document: title -> text without the title."""
    parts = (part.partition("\n") for part in text.split("\n## ")[1:])
    return {title: section.strip("\n") + "\n" for title, _, section in parts}


def _section(benchmark, path):
    """Return the text of the section for the JSON file of a benchmark."""
    result = json.loads(path.read_text(encoding="utf-8"))
    day = datetime.date.fromtimestamp(path.stat().st_mtime)
    flags = result["machine"].pop("flags", None)
    command = " ".join(filter(None, ["python -m", f"benchmarks.{benchmark}", flags]))
    lines = [
        f"`{command}`, {day}.  ",
        f"{_pairs(result['machine'])}.  ",
        f"{_pairs(result['versions'])}.",
        "",
        *_table(result["rows"]),
        "",
    ]
    if means := result.get("geometric_means"):
        lines += [f"Ratios in the geometric mean: {_pairs(means)}.", ""]
    return "\n".join(lines)


def _pairs(values):
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)


def _table(rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    return lines + [
        "| " + " | ".join(_format(row.get(name)) for name in names) + " |" for row in rows
    ]


def _format(value):
    if isinstance(value, dict):
        return _pairs(value)
    return (
        ", ".join(map(str, value))
        if isinstance(value, list)
        else ""
        if value is None
        else str(value)
    )


if __name__ == "__main__":
    main(sys.argv[1:])
