"""benchmarks/RESULTS.md from what the benchmarks wrote.

python -m benchmarks.recurrence --json=recurrence.json    and likewise training, lengths, generation, pipeline
python -m benchmarks.results *.json
"""

import datetime
import json
import pathlib
import sys

PLACE = pathlib.Path(__file__).parent / "RESULTS.md"


def main(paths):
    parts = ["# Results", ""]
    for path in map(pathlib.Path, paths):
        result = json.loads(path.read_text(encoding="utf-8"))
        day = datetime.date.fromtimestamp(path.stat().st_mtime)
        command = " ".join(
            filter(
                None, ["python -m", f"benchmarks.{path.stem}", result["machine"].pop("flags", None)]
            )
        )
        parts += [
            f"## {path.stem.capitalize()}",
            "",
            f"`{command}`, {day}.  ",
            f"{_listed(result['machine'])}.  ",
            f"{_listed(result['versions'])}.",
            "",
            *_table(result["rows"]),
            "",
        ]
        if means := result.get("geometric_means"):
            parts += [f"Ratios in the geometric mean: {_listed(means)}.", ""]
    PLACE.write_text("\n".join(parts), encoding="utf-8")


def _listed(values):
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)


def _table(rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    return lines + [
        "| " + " | ".join(_shown(row.get(name)) for name in names) + " |" for row in rows
    ]


def _shown(value):
    if isinstance(value, dict):
        return _listed(value)
    return (
        ", ".join(map(str, value))
        if isinstance(value, list)
        else ""
        if value is None
        else str(value)
    )


if __name__ == "__main__":
    main(sys.argv[1:])
