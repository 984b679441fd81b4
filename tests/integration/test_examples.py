"""The scripts in examples/ are short and print their results."""

import pathlib
import runpy
import sys

import pytest

from zoo.cells import cells

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"

# Texts in the output of each example.
OUTPUT = {
    "model_from_names": ("Zhou et al. 2016", "accuracy on test: 1.0", "cat/NOUN"),
    "layer_in_keras": ("(Recurrent)", "epoch 6: loss 0.", "accuracy 0.9"),
    "plugin_cell": (
        "reference: passed",
        "gradients: passed",
        "causality: passed",
        "padding: passed",
        "(2, 8)",
    ),
    "own_tuner": ("loss 0.", "best: "),
    "own_conllu": ("accuracy 1.00, most frequent tags alone 0.92", "dogs/NOUN walk/VERB"),
    "vanishing_gradients": (
        "simple_rnn, Glorot: factor 0.",
        "gru: factor 0.7",
        "exprnn, orthogonal: factor 0.99",
        "of 100, vanishing",
        "of 100, healthy",
    ),
    "serve_without_keras": ("good 0.", "bad 0.", "without Keras: import of keras halted"),
}


def test_every_example_has_an_expected_output():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(OUTPUT)


@pytest.mark.parametrize("name", OUTPUT)
@pytest.mark.costly
def test_example_prints_its_result(name, capfd, monkeypatch):
    path = EXAMPLES / f"{name}.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) < 40
    monkeypatch.setattr(sys, "argv", [str(path)])
    with cells.temporary():
        runpy.run_path(str(path), run_name="__main__")
    printed = capfd.readouterr().out
    for text in OUTPUT[name]:
        assert text in printed
