"""RESULTS.md: a section is replaced by the newer result of its title, the others stay."""

import json

from benchmarks import results


def write(folder, name, milliseconds):
    path = folder / f"{name}.json"
    rows = [{"cell": "lstm", "shape": [2, 3], "zoo_ms": milliseconds, "ratio": None}]
    result = {"machine": {"flags": "--rounds=3", "cores": 2}, "versions": {"keras": "3"}}
    path.write_text(json.dumps({**result, "rows": rows}), encoding="utf-8")
    return path


def test_section_is_replaced_or_appended(tmp_path, monkeypatch):
    document = tmp_path / "RESULTS.md"
    document.write_text("# Results\n\n## Training\n\nkept\n\n## Recurrence\n\nold\n")
    monkeypatch.setattr(results, "RESULTS", document)
    results.main([write(tmp_path, "recurrence", 1.5), write(tmp_path, "recurrence-all_cells", 2.5)])
    text = document.read_text()
    titles = [line for line in text.splitlines() if line.startswith("#")]
    assert titles == ["# Results", "## Training", "## Recurrence", "## Recurrence, all cells"]
    assert "kept" in text
    assert "old" not in text
    assert text.count("`python -m benchmarks.recurrence --rounds=3`") == 2
    assert "| lstm | 2, 3 | 1.5 |  |" in text
    before = document.read_text()
    results.main([])
    assert document.read_text() == before
