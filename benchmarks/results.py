"""Writes benchmarks/RESULTS.md from the JSON files of the benchmarks.

    python -m benchmarks.recurrence --json=recurrence.json
    python -m benchmarks.results *.json

The other benchmarks are training, lengths, generation, pipeline and serving.
"""

import datetime
import json
import pathlib
import sys

RESULTS = pathlib.Path(__file__).parent / "RESULTS.md"


def main(paths):
    lines = ["# Results", ""]
    for path in map(pathlib.Path, paths):
        result = json.loads(path.read_text(encoding="utf-8"))
        day = datetime.date.fromtimestamp(path.stat().st_mtime)
        command = " ".join(
            filter(
                None, ["python -m", f"benchmarks.{path.stem}", result["machine"].pop("flags", None)]
            )
        )
        lines += [
            f"## {path.stem.capitalize()}",
            "",
            f"`{command}`, {day}.  ",
            f"{_pairs(result['machine'])}.  ",
            f"{_pairs(result['versions'])}.",
            "",
            *_table(result["rows"]),
            "",
        ]
        if means := result.get("geometric_means"):
            lines += [f"Ratios in the geometric mean: {_pairs(means)}.", ""]
    RESULTS.write_text("\n".join(lines), encoding="utf-8")


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
