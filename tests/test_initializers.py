"""Each initializer has the property that its paper states."""

import keras
import numpy as np
import pytest

from registry import UnknownName
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.initializers import initializers

UNITS, FEATURES = 64, 100


def build_cell(name="lstm", units=UNITS, features=FEATURES, **arguments):
    keras.utils.set_random_seed(5)
    cell = cells.get(name)(units, **arguments)
    cell.build((None, features))
    return cell


def gate_blocks(cell, weight):
    """Return the block of each gate: name -> array."""
    array = np.asarray(getattr(cell, weight).value)
    return dict(zip(cell.gates, np.split(array, len(cell.gates), axis=-1), strict=True))


@pytest.mark.parametrize(
    ("spec", "variance"),
    [
        ("glorot_uniform", 2 / (FEATURES + UNITS)),
        ("glorot_normal", 2 / (FEATURES + UNITS)),
        ("he_uniform", 2 / FEATURES),
        ("he_normal", 2 / FEATURES),
        ("lecun_uniform", 1 / FEATURES),
        ("lecun_normal", 1 / FEATURES),
    ],
)
def test_variance_is_computed_from_the_fans_of_one_gate(spec, variance):
    for block in gate_blocks(build_cell(kernel_initializer=spec), "kernel").values():
        assert block.mean() == pytest.approx(0, abs=0.1 * variance**0.5)
        assert block.var() == pytest.approx(variance, rel=0.1)


@pytest.mark.parametrize("spec", ["glorot_uniform", "he_uniform", "lecun_uniform"])
def test_uniform_initializers_are_bounded(spec):
    for block in gate_blocks(build_cell(kernel_initializer=spec), "kernel").values():
        assert np.abs(block).max() == pytest.approx((3 * block.var()) ** 0.5, rel=0.05)


@pytest.mark.parametrize("name", ["lstm", "gru", "mgu", "simple_rnn"])
def test_recurrent_kernel_of_each_gate_is_orthogonal(name):
    first, *others = gate_blocks(build_cell(name), "recurrent_kernel").values()
    for block in (first, *others):
        np.testing.assert_allclose(block.T @ block, np.eye(UNITS), atol=1e-5)
    assert all(not np.allclose(first, other) for other in others)


@pytest.mark.parametrize(
    ("spec", "scale"), [("identity", 1), ("scaled_identity", 0.01), ("scaled_identity:0.5", 0.5)]
)
def test_identity_initializes_each_gate(spec, scale):
    for block in gate_blocks(
        build_cell("gru", recurrent_initializer=spec), "recurrent_kernel"
    ).values():
        np.testing.assert_allclose(block, scale * np.eye(UNITS), rtol=1e-6)


def test_default_diagonal_kernel_is_uniform_on_the_unit_interval():
    weights = np.asarray(build_cell("ind_rnn", units=1000).recurrent_kernel.value)
    assert weights.shape == (1000,)
    assert 0 <= weights.min() < 0.01 and 0.99 < weights.max() <= 1
    assert weights.mean() == pytest.approx(0.5, abs=0.03)


def test_diagonal_kernel_is_the_diagonal_of_a_kernel_initializer():
    weights = np.asarray(
        build_cell("ind_rnn", recurrent_initializer="scaled_identity:0.25").recurrent_kernel.value
    )
    np.testing.assert_allclose(weights, np.full(UNITS, 0.25))


def test_zeros_initializes_kernel_and_bias():
    cell = build_cell("gru", kernel_initializer="zeros", bias_initializer="zeros")
    assert not np.asarray(cell.kernel.value).any()
    assert not np.asarray(cell.bias.value).any()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("lstm", {"f": 1}), ("peephole_lstm", {"f": 1}), ("gru", {"z": 1}), ("mgu", {"f": -1})],
)
def test_unit_forget_opens_the_main_retention_gate(name, expected):
    for gate, block in gate_blocks(
        build_cell(name, bias_initializer="unit_forget"), "bias"
    ).items():
        first, *others = block if block.ndim == 2 else [block]
        np.testing.assert_array_equal(first, np.full(UNITS, expected.get(gate, 0)))
        assert not np.any(others)


@pytest.mark.parametrize(
    ("name", "signs"), [("lstm", {"f": 1, "i": -1}), ("gru", {"z": 1}), ("mgu", {"f": -1})]
)
@pytest.mark.parametrize(("spec", "timesteps"), [("chrono", 100), ("chrono:784", 784)])
def test_chrono_time_scales_are_uniform_up_to_the_given_length(name, signs, spec, timesteps):
    bias = gate_blocks(build_cell(name, units=1000, bias_initializer=spec), "bias")
    time_scales = []
    for gate, block in bias.items():
        first, *others = block if block.ndim == 2 else [block]
        assert not np.any(others)
        if gate not in signs:
            assert not first.any()
            continue
        time_scale = np.exp(signs[gate] * first)  # U(1, T - 1) in the paper
        assert time_scale.min() >= 1 - 1e-4
        assert time_scale.max() <= (timesteps - 1) * (1 + 1e-4)
        assert time_scale.mean() == pytest.approx(timesteps / 2, rel=0.1)
        time_scales.append(time_scale)
    assert len(time_scales) == len(signs)
    # The bias of the input gate is the negative of that of the forget gate.
    np.testing.assert_allclose(time_scales[0], time_scales[-1], rtol=1e-4)


def test_default_bias_opens_the_forget_gate_of_an_lstm_only():
    assert (gate_blocks(build_cell("lstm"), "bias")["f"] == 1).all()
    assert not gate_blocks(build_cell("gru"), "bias")["z"].any()


@pytest.mark.parametrize("spec", initializers.names(tags=("kernel",)))
def test_kernel_is_determined_by_the_seed(spec):
    first, second = (np.asarray(build_cell(kernel_initializer=spec).kernel.value) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.isfinite(first).all()


def test_bias_is_determined_by_the_seed():
    first = np.asarray(build_cell(bias_initializer="chrono").bias.value)
    np.testing.assert_array_equal(
        first, np.asarray(build_cell(bias_initializer="chrono").bias.value)
    )
    keras.utils.set_random_seed(6)
    other = cells.get("lstm")(UNITS, bias_initializer="chrono")
    other.build((None, FEATURES))
    assert (first != np.asarray(other.bias.value)).any()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kernel_initializer": "chrono"}, ("'chrono'", "a kernel", "orthogonal")),
        ({"bias_initializer": "orthogonal"}, ("'orthogonal'", "a bias", "unit_forget")),
        ({"recurrent_initializer": "unit_interval"}, ("'unit_interval'", "a kernel")),
        ({"bias_initializer": "chrono:2"}, ("chrono:2", "3 timesteps", "chrono:100")),
        (
            {"recurrent_initializer": "scaled_identity:big"},
            ("'big'", "not a number", "scaled_identity:0.5"),
        ),
    ],
)
def test_unsuitable_initializer_is_rejected_with_suitable_names(arguments, words):
    with pytest.raises(RequestError) as raised:
        build_cell(**arguments)
    for word in words:
        assert word in str(raised.value)


def test_retention_bias_is_rejected_without_a_retention_gate():
    with pytest.raises(RequestError, match="SimpleRNNCell has no such gate"):
        build_cell("simple_rnn", bias_initializer="unit_forget")


def test_unknown_initializer_is_rejected_with_close_names():
    with pytest.raises(UnknownName, match="orthogonal"):
        build_cell(kernel_initializer="ortogonal")
