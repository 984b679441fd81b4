"""`zoo show`: facts of a registered name; for a cell, also states, weights and search space."""

import pytest

from zoo.cells import cells


def test_json_record_describes_a_cell(json_of):
    (record,) = json_of("show", "lstm")
    assert (record["name"], record["kind"]) == ("lstm", "cell")
    assert record["file"].endswith("lstm.py") and record["line"] > 0
    assert "f = sigmoid(x W_f + h U_f + b_f)" in record["text"]
    assert (record["states"], record["units"], record["features"]) == (["h", "c"], 128, 128)
    assert record["weights"] == {
        "kernel": [128, 512],
        "recurrent_kernel": [128, 512],
        "bias": [512],
    }
    assert record["parameters"] == 2 * 128 * 512 + 512


@pytest.mark.parametrize("name", ["simple_rnn", "peephole_lstm", "min_gru"])
def test_text_lists_states_weights_and_search_space_of_a_cell(name, run, json_of):
    text, (record,) = run("show", name), json_of("show", name)
    assert f"{name}.py" in text and f"states: {', '.join(record['states'])}" in text
    for weight, shape in record["weights"].items():
        assert f"  {weight} {tuple(shape)}" in text
    assert f"{record['parameters']:,} parameters" in text
    assert ("search space:" in text) == bool(cells.get(name).search_space)
    assert ("good for:" in text) == ("good_for" in cells.entry(name).facts)
    assert record["search_space"].keys() == cells.get(name).search_space.keys()


def test_good_for_is_shown(run, json_of):
    fact = cells.entry("lstm").facts["good_for"]
    assert f"good for: {fact}" in run("show", "lstm")
    assert json_of("show", "lstm")[0]["good_for"] == fact


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("zoo_pydoc", "dataset", "The topics come from `pydoc_data.topics`"),  # from the docstring
        ("identity", "initializer", "Identity matrix"),
        ("glorot_uniform", "initializer", "variance 2 / (rows + columns)"),  # from the fact `about`
        ("grid", "tuner", "all combinations"),
        ("pos_tagging", "task", "parts of speech"),
    ],
)
def test_other_kinds_have_facts_and_a_description(name, kind, text, json_of, run):
    (record,) = json_of("show", name, f"--kind={kind}")
    assert (record["name"], record["kind"]) == (name, kind)
    assert text in " ".join(record["text"].split())
    assert "weights" not in record and "weights" not in run("show", name, f"--kind={kind}")
