"""Dropout and zoneout: mistakes that the suite detects, reproducible masks, invalid options."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.conformance.subject import Subject
from zoo.conformance.suite import judge
from zoo.engine.dropout import Regularization, draw_indices
from zoo.engine.regularization_rates import RegularizationRates
from zoo.engine.step import matrix
from zoo.errors import RequestError
from zoo.layers.recurrent import Recurrent
from zoo.layers.regularized_cell import RegularizedCell

apply_zoneout = Regularization.apply_zoneout
draw = Regularization.draw
dropout_mask = Regularization.dropout_mask


def _swaps_old_and_new(regularization, index, number, new, old):
    return apply_zoneout(regularization, index, number, old, new)


def _draws_once_for_all_states(regularization, index, number, new, old):
    return apply_zoneout(regularization, index, 0, new, old)


def _infers_without_expected_value(regularization, index, number, new, old):
    if regularization.key is None:
        return new
    return apply_zoneout(regularization, index, number, new, old)


def _draws_at_another_rate(regularization, rate, *arguments):
    return draw(regularization, rate / 4, *arguments)


def _scales_wrongly_without_mask(regularization, rate, *arguments):
    mask = dropout_mask(regularization, rate, *arguments)
    return mask * (1 - rate / 2 if regularization.draw_indices is None else 1)


def _drops_no_weights(regularization, name):
    return matrix(regularization.cell, name)


def _drops_no_inputs(regularization, x):
    return x


@pytest.mark.parametrize(
    ("method", "mistake"),
    [
        ("apply_zoneout", _swaps_old_and_new),
        ("apply_zoneout", _draws_once_for_all_states),
        ("apply_zoneout", _infers_without_expected_value),
        ("draw", _draws_at_another_rate),
        ("dropout_mask", _scales_wrongly_without_mask),
        ("matrix", _drops_no_weights),
        ("drop_inputs", _drops_no_inputs),
    ],
)
def test_conformance_suite_detects_a_mistake_in_regularization(method, mistake, monkeypatch):
    monkeypatch.setattr(Regularization, method, mistake)
    # Only a cell with two states shows that they share a mask; a cell with one is cheaper.
    name = "lstm" if mistake is _draws_once_for_all_states else "simple_rnn"
    assert not judge(Subject(name), "regularization").passed


@pytest.mark.parametrize("compiled", [False, True], ids=["graph", "xla"])
def test_masks_do_not_depend_on_compiler_and_precision(compiled):
    rates, key = RegularizationRates(zoneout=0.5), tf.constant([-7, 2**31 - 1])
    masks = []
    for dtype in ("float32", "mixed_bfloat16"):
        regularization = Regularization(Subject("gru").cell(dtype=dtype), rates, key)
        in_graph = tf.function(
            lambda index, regularization=regularization: regularization.draw(0.5, (9, 9), 1, index),
            jit_compile=compiled,
        )
        masks += [in_graph(tf.constant(3)), regularization.draw(0.5, (9, 9), 1, 3)]
    for mask in masks[1:]:
        np.testing.assert_array_equal(mask, masks[0])
    assert (regularization.draw(0.5, (9, 9), 1, 4) != masks[0]).numpy().any()


def test_draw_indices_skip_timesteps_that_are_padding_in_all_rows():
    valid = np.array([[1, 0, 0, 1, 1], [1, 0, 1, 1, 0]], bool)
    np.testing.assert_array_equal(draw_indices(valid.T[:, :, None]), [0, 1, 1, 2, 3])
    assert draw_indices(None) is None


def test_segment_draws_the_masks_of_its_timesteps():
    valid = np.array([[1, 0, 1, 1, 1]], bool).T[:, :, None]
    for mask, expected in (
        (None, [3, 4, 5]),
        (valid, [2, 3, 3]),
    ):  # the last timestep is past the end
        regularization = Regularization(
            Subject("gru").cell(), RegularizationRates(), draw_indices=draw_indices(mask)
        )
        np.testing.assert_array_equal(regularization.segment(3, 3).draw_indices, expected)


def test_saved_regularized_cell_keeps_its_rates_and_results(tmp_path):
    cell = RegularizedCell(
        Subject("lstm").builder(3), zoneout={"c": 0.5}, learned_initial_state=True, seed=0
    )
    model = keras.Sequential([keras.Input((None, 2)), keras.layers.RNN(cell)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.ones((2, 3, 2), "float32")
    np.testing.assert_allclose(loaded(x), model(x), rtol=1e-6)
    assert loaded.layers[0].cell.rates == cell.rates


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"cell": "lstm", "zoneout": 1.0}, "zoneout=1.0 is not a fraction"),
        (
            {"cell": "lstm", "zoneout": {"m": 0.1}},
            "zoneout names 'm', and applies to the states h, c of LSTMCell",
        ),
        (
            {"cell": "phased_lstm", "zoneout": {"t": 0.1}},
            "zoneout names 't', and applies to the states h, c of PhasedLSTMCell",
        ),
        ({"cell": "min_gru", "weight_drop": 0.5}, "MinGRUCell has none"),
        ({"cell": "min_gru", "recurrent_initializer": "zeros"}, "has no recurrent kernel"),
        ({"cell": "lstm", "parallel": True}, "linear in its state, such as min_gru"),
        ({"cell": "min_gru", "parallel": True, "zoneout": 0.1}, "does not support zoneout"),
    ],
)
def test_invalid_option_is_rejected(arguments, words):
    with pytest.raises(RequestError, match=words):
        Recurrent(units=4, **arguments)
