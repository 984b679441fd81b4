"""Noise on the recurrence: mistakes in it are found, and what the conformance suite does not ask of every cell."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.conformance.recurrences import MASK
from zoo.conformance.running import infer, run
from zoo.conformance.subject import Subject
from zoo.conformance.suite import judge
from zoo.conformance.violation import demand_same, demand_same_runs
from zoo.engine.dropout import Regularization, RegularizationRates
from zoo.errors import RequestError
from zoo.layers.recurrent import Recurrent
from zoo.layers.regularized_cell import RegularizedCell
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.training.truncated_bptt import TruncatedBPTTModel


def _old_and_new_turned(regularization, t, number, new, old, right=Regularization._zoned):
    return right(regularization, t, number, old, new)


def _one_draw_for_all_states(regularization, t, number, new, old, right=Regularization._zoned):
    return right(regularization, t, 0, new, old)


def _no_expected_value(regularization, t, number, new, old, right=Regularization._zoned):
    return new if regularization.key is None else right(regularization, t, number, new, old)


def _another_rate(regularization, rate, *place, right=Regularization._chosen):
    return right(regularization, rate / 4, *place)


def _not_scaled(regularization, rate, *place, right=Regularization._scaled):
    return right(regularization, rate, *place) * (
        1 - rate / 2 if regularization.clock is None else 1
    )


def _whole_kernel(regularization):
    return tf.convert_to_tensor(regularization.cell.recurrent_kernel)


def _input_as_it_is(regularization, x):
    return x


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("_zoned", _old_and_new_turned),
        ("_zoned", _one_draw_for_all_states),
        ("_zoned", _no_expected_value),
        ("_chosen", _another_rate),
        ("_scaled", _not_scaled),
        ("kernel", _whole_kernel),
        ("inputs", _input_as_it_is),
    ],
)
def test_a_mistake_in_the_noise_is_found(name, wrong, monkeypatch):
    monkeypatch.setattr(Regularization, name, wrong)
    assert not judge(Subject("lstm"), "regularization").passed


@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("compiled", [False, True])
def test_the_ways_of_a_linear_cell_agree(mask, compiled):
    subject = Subject("min_gru")
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    expected = run(cell, x, states, mask, "python_loop")
    for arguments in ({}, {"parallel": True}):
        demand_same_runs("it", run(cell, x, states, mask, **arguments), expected, 1e-5, "linear.py")
    layer = Recurrent(cell, return_sequences=True, parallel=True)
    scan = tf.function(lambda x: layer(x, initial_state=states, mask=mask), jit_compile=compiled)
    demand_same("it", scan(x), infer(cell, x, states, mask)[0], 1e-5, "linear.py")


@pytest.mark.parametrize("compiled", [False, True])
def test_the_draws_do_not_depend_on_the_compiler_or_the_precision(compiled):
    rates, key = RegularizationRates(zoneout=0.5), tf.constant([-7, 2**31 - 1])
    masks = []
    for dtype in ("float32", "mixed_bfloat16"):
        regularization = Regularization(Subject("gru").cell(dtype=dtype), rates, key)
        draw = tf.function(
            lambda t, regularization=regularization: regularization._chosen(0.5, (9, 9), 1, t),
            jit_compile=compiled,
        )
        masks += [draw(tf.constant(3)), regularization._chosen(0.5, (9, 9), 1, 3)]
    for mask in masks[1:]:
        np.testing.assert_array_equal(mask, masks[0])
    assert (regularization._chosen(0.5, (9, 9), 1, 4) != masks[0]).numpy().any()


def test_the_wrapper_is_kept_in_a_file(tmp_path):
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
        ({"cell": "lstm", "zoneout": 1.0}, "zoneout=1.0: a fraction"),
        (
            {"cell": "lstm", "zoneout": {"m": 0.1}},
            "zoneout names 'm', and LSTMCell has the states h, c",
        ),
        ({"cell": "min_gru", "weight_drop": 0.5}, "MinGRUCell has none"),
        ({"cell": "min_gru", "recurrent_initializer": "zeros"}, "has no recurrent kernel"),
        ({"cell": "lstm", "parallel": True}, "linear in its state, such as min_gru"),
        ({"cell": "min_gru", "parallel": True, "zoneout": 0.1}, "no single timesteps"),
    ],
)
def test_what_cannot_be_is_refused(arguments, words):
    with pytest.raises(RequestError, match=words):
        Recurrent(units=4, **arguments)


def test_a_text_starts_from_the_learned_state_and_teaches_it_there_alone():
    config = resolve(
        zoo.Config(
            task="language_model",
            cell="lstm",
            units=5,
            embedding=3,
            dropout=0.0,
            layers=2,
            normalization="layer",
            learned_initial_state=True,
        )
    )
    features = assembly.as_features(config, list("abcdef"))
    model = assembly.network(config, features)
    trainee = TruncatedBPTTModel(assembly.single_step_model(config, features, model), 2)
    first = model.get_layer("recurrent_0").first
    first[0].assign([1.0, -1.0, 0.5, 2.0, -2.0])
    ids = np.random.default_rng(3).integers(2, 8, (2, 12)).astype("int32")
    gradients, parts = [], []
    for start in (0, 4, 8):
        with tf.GradientTape() as tape:
            parts.append(trainee({"tokens": ids[:, start : start + 4]}, training=True))
        gradients.append(
            tape.gradient(parts[-1], first[0].value, unconnected_gradients="zero").numpy()
        )
    np.testing.assert_allclose(np.concatenate(parts, 1), model({"tokens": ids}), atol=1e-5)
    assert gradients[0].any() and not gradients[1].any() and not gradients[2].any()
    trainee.reset_state()
    np.testing.assert_allclose(trainee({"tokens": ids[:, :4]}), parts[0], atol=1e-5)


def test_a_stateful_layer_starts_from_the_learned_state():
    layer = Recurrent("gru", 4, stateful=True, learned_initial_state=True, return_sequences=True)
    x = np.random.default_rng(1).normal(size=(2, 6, 3)).astype("float32")
    layer.build(x.shape)
    layer.first[0].assign([1.0, -1.0, 2.0, 0.5])
    whole = layer(x)
    layer.reset_state()
    np.testing.assert_allclose(
        np.concatenate([layer(x[:, :2]), layer(x[:, 2:])], 1), whole, atol=1e-6
    )
