"""The pictures of a diagnosis are drawn with their labels; without data they are a sentence."""

import dataclasses

import numpy as np
import pytest

import zoo
from zoo.diagnosis import cliff
from zoo.diagnosis.pictures import picture
from zoo.diagnosis.training_steps import MULTIPLES
from zoo.diagnosis.unrolled import unrolled_picture
from zoo.reports.plotting import save_picture, svg


@pytest.fixture(scope="module")
def diagnoses():
    config = zoo.Config(task="delayed_recall", cell="lstm", units=4, embedding=3)
    options = {"length": 8, "batch_size": 4, "steps": 2}
    return {
        cell: zoo.diagnose(dataclasses.replace(config, cell=cell), **options)
        for cell in ("lstm", "simple_rnn")
    }


def test_gradient_picture_has_a_line_per_cell_and_the_lag_of_the_task(diagnoses, tmp_path):
    drawn = picture("gradients", diagnoses)
    (axes,) = drawn.figure.axes
    assert len(axes.lines) == 3  # two cells and the lag
    assert axes.get_yscale() == "log" and "lag" in axes.get_xlabel()
    assert "the task needs lag 8" in svg(drawn) and "simple_rnn: 0." in svg(drawn)
    for suffix in ("png", "svg"):
        save_picture(drawn, tmp_path / f"a.{suffix}")
        assert (tmp_path / f"a.{suffix}").stat().st_size > 5000


def test_gate_picture_names_the_gates(diagnoses):
    text = svg(picture("gates", diagnoses))
    assert all(f"{gate} (" in text for gate in "ifgo") and "saturated" in text


def test_clipping_picture_shows_the_threshold(diagnoses):
    text = svg(picture("clipping", diagnoses))
    assert "global_clipnorm=1, acts on" in text and "suggested: " in text


def test_loss_picture_has_a_line_per_cell_along_the_update(diagnoses):
    (axes,) = picture("loss", diagnoses).figure.axes
    assert [line.get_label() for line in axes.lines[:2]] == ["lstm", "simple_rnn"]
    assert "multiple of the update" in axes.get_xlabel()
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), MULTIPLES)


def test_nothing_to_plot_is_a_sentence(diagnoses):
    layer = zoo.diagnose(zoo.Recurrent("lru", 3), np.ones((2, 5, 2), "float32"))
    for plot in ("gates", "clipping", "loss"):
        with pytest.raises(zoo.RequestError, match="nothing to plot"):
            picture(plot, {"a": layer})
    broken = zoo.Recurrent("gru", 3)
    broken.build((2, 5, 2))
    broken.cell.kernel.assign(np.full((2, 9), np.nan))
    with pytest.raises(zoo.RequestError, match="nothing to plot"):
        picture("gradients", {"a": zoo.diagnose(broken, np.ones((2, 5, 2), "float32"))})


@pytest.mark.parametrize("cell", ["gru", "lstm", "min_gru", "exprnn", "ind_rnn", "lru"])
def test_unrolled_picture_has_every_timestep(cell):
    text = svg(unrolled_picture(cell, 3))
    assert "x₁" in text and "x₃" in text and "y₃" in text and "W: kernel" in text


def test_clipping_descends_at_the_cliff_where_plain_gradient_descent_jumps():
    plain, clipped = cliff.descent(clipped=False), cliff.descent(clipped=True)
    assert np.linalg.norm(np.diff(plain, axis=0), axis=1).max() > 10
    assert np.linalg.norm(np.diff(clipped, axis=0), axis=1).max() < 0.11
    assert cliff.loss(*clipped[-1]) < 1e-3 < 1 < cliff.loss(*plain[-1])
    assert "clipping" in svg(cliff.cliff_picture())
