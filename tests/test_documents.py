"""The README states the right numbers of cells, and the generated page lists every cell once."""

import importlib.util
import pathlib
import re

import pytest

from zoo.cells import cells

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BUILT_INS = [entry for entry in cells.records() if entry.origin == "built-in"]


def tagged(tag):
    """Return the names of the built-in cells with a tag."""
    return {entry.name for entry in BUILT_INS if tag in entry.facts["tags"]}


@pytest.fixture(scope="module")
def generate():
    """The MkDocs hook that generates pages."""
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "_generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_readme_states_the_number_of_cells():
    assert f"There are {len(BUILT_INS)} cells" in README


def test_readme_states_the_number_and_examples_of_each_family():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| .* \| (.+) \|$", README, re.MULTILINE)
    assert {tag for tag, *_ in rows} == {
        tag for entry in BUILT_INS for tag in entry.facts["tags"]
    } - {"lstm", "gru"}
    for tag, number, examples in rows:
        assert int(number) == len(tagged(tag)), tag
        assert set(re.findall(r"`(\w+)`", examples)) <= tagged(tag), tag


def test_changelog_states_the_number_of_cells():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
    assert f"{len(BUILT_INS)} cells" in text


def test_page_of_cells_lists_each_cell_in_the_section_of_one_of_its_tags(generate):
    details = {entry.name: {"parameters": 12345, "step": "61 (0.54)"} for entry in BUILT_INS}
    page = generate._cells(BUILT_INS, details)
    listed = []
    for section in page.split("\n## ")[1:]:
        tag, number = re.match(r"(\w+): (\d+) cells?\n", section).groups()
        names = re.findall(r"^\| \[`(\w+)`\]\(\1\.md\)", section, re.MULTILINE)
        assert int(number) == len(names) and set(names) <= tagged(tag)
        listed += names
    assert sorted(listed) == [entry.name for entry in BUILT_INS]
    assert "12,345 | 61 (0.54) |" in page


def test_times_of_a_training_step_are_relative_to_lstm(generate):
    steps = generate._steps()
    assert set(steps) <= {entry.name for entry in BUILT_INS}
    assert steps["lstm"].endswith("(1.00)")


def test_page_of_a_cell_has_facts_equations_and_weights(generate):
    (entry,) = cells.records("cornn")
    space = {"dt": {"min": 0.01, "max": 0.2, "sampling": "log"}, "kind": ("a", "b")}
    page = generate._cell(
        entry,
        {
            "states": ["y", "z"],
            "search_space": space,
            "units": 128,
            "features": 64,
            "weights": {"kernel": [64, 128], "bias": [128]},
            "parameters": 8320,
            "step": "52 (0.47)",
        },
    )
    for text in (
        entry.facts["good_for"],
        entry.facts["paper"],
        "| states | `y`, `z` |",
        "| 52 (0.47) |",
        "`dt`: 0.01 to 0.2, logarithmic; `kind`: a, b",
        "::: zoo.cells.cornn",
        "8,320 numbers",
        "| `kernel` | 64 x 128 |",
    ):
        assert text in page
