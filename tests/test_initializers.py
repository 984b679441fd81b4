"""Each recipe for first weights has the property that its paper gives it."""

import keras
import numpy as np
import pytest

from registry import UnknownName
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.initializers import initializers

UNITS, FEATURES = 64, 100


def built(name="lstm", units=UNITS, features=FEATURES, **arguments):
    keras.utils.set_random_seed(5)
    cell = cells.get(name)(units, **arguments)
    cell.build((None, features))
    return cell


def blocks(cell, weight):
    """The block of each gate, by name."""
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
def test_variance_is_that_of_one_gate(spec, variance):
    for block in blocks(built(kernel_initializer=spec), "kernel").values():
        assert block.mean() == pytest.approx(0, abs=0.1 * variance**0.5)
        assert block.var() == pytest.approx(variance, rel=0.1)


@pytest.mark.parametrize("spec", ["glorot_uniform", "he_uniform", "lecun_uniform"])
def test_uniform_recipes_have_sharp_ends(spec):
    for block in blocks(built(kernel_initializer=spec), "kernel").values():
        assert np.abs(block).max() == pytest.approx((3 * block.var()) ** 0.5, rel=0.05)


@pytest.mark.parametrize("name", ["lstm", "gru", "mgu", "simple_rnn"])
def test_each_gate_of_a_recurrent_kernel_is_orthogonal_by_itself(name):
    made = blocks(built(name), "recurrent_kernel")
    for block in made.values():
        np.testing.assert_allclose(block.T @ block, np.eye(UNITS), atol=1e-5)
    arrays = list(made.values())
    assert all(not np.allclose(arrays[0], other) for other in arrays[1:])


@pytest.mark.parametrize(
    ("spec", "scale"), [("identity", 1), ("scaled_identity", 0.01), ("scaled_identity:0.5", 0.5)]
)
def test_identity_of_each_gate(spec, scale):
    for block in blocks(built("gru", recurrent_initializer=spec), "recurrent_kernel").values():
        np.testing.assert_allclose(block, scale * np.eye(UNITS), rtol=1e-6)


def test_a_diagonal_kernel_spreads_over_the_unit_interval():
    weights = np.asarray(built("ind_rnn", units=1000).recurrent_kernel.value)
    assert weights.shape == (1000,)
    assert 0 <= weights.min() < 0.01 and 0.99 < weights.max() <= 1
    assert weights.mean() == pytest.approx(0.5, abs=0.03)


def test_a_diagonal_kernel_takes_the_diagonal_of_a_full_recipe():
    weights = np.asarray(
        built("ind_rnn", recurrent_initializer="scaled_identity:0.25").recurrent_kernel.value
    )
    np.testing.assert_allclose(weights, np.full(UNITS, 0.25))


def test_zeros():
    cell = built("gru", kernel_initializer="zeros", bias_initializer="zeros")
    assert not np.asarray(cell.kernel.value).any()
    assert not np.asarray(cell.bias.value).any()


@pytest.mark.parametrize(
    ("name", "opened"),
    [("lstm", {"f": 1}), ("peephole_lstm", {"f": 1}), ("gru", {"z": 1}), ("mgu", {"f": -1})],
)
def test_unit_forget_opens_the_gate_that_keeps(name, opened):
    for gate, block in blocks(built(name, bias_initializer="unit_forget"), "bias").items():
        first, *others = block if block.ndim == 2 else [block]
        np.testing.assert_array_equal(first, np.full(UNITS, opened.get(gate, 0)))
        assert not np.any(others)


@pytest.mark.parametrize(
    ("name", "signs"), [("lstm", {"f": 1, "i": -1}), ("gru", {"z": 1}), ("mgu", {"f": -1})]
)
@pytest.mark.parametrize(("spec", "timesteps"), [("chrono", 100), ("chrono:784", 784)])
def test_chrono_spreads_memories_up_to_a_length(name, signs, spec, timesteps):
    made = blocks(built(name, units=1000, bias_initializer=spec), "bias")
    drawn = []
    for gate, block in made.items():
        first, *others = block if block.ndim == 2 else [block]
        assert not np.any(others)
        if gate not in signs:
            assert not first.any()
            continue
        kept = np.exp(signs[gate] * first)  # U(1, T - 1), says the paper
        assert kept.min() >= 1 - 1e-4 and kept.max() <= (timesteps - 1) * (1 + 1e-4)
        assert kept.mean() == pytest.approx(timesteps / 2, rel=0.1)
        drawn.append(kept)
    assert len(drawn) == len(signs)
    np.testing.assert_allclose(
        drawn[0], drawn[-1], rtol=1e-4
    )  # the input gate mirrors the forget gate, unit by unit


def test_the_default_of_an_lstm_opens_its_forget_gate():
    assert (blocks(built("lstm"), "bias")["f"] == 1).all()
    assert not blocks(built("gru"), "bias")["z"].any()


@pytest.mark.parametrize("spec", [name for name in initializers.names(tags=("kernel",))])
def test_the_seed_gives_the_same_kernel_again(spec):
    first, second = (np.asarray(built(kernel_initializer=spec).kernel.value) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.isfinite(first).all()


def test_the_seed_gives_the_same_bias_again_and_another_seed_another():
    first = np.asarray(built(bias_initializer="chrono").bias.value)
    np.testing.assert_array_equal(first, np.asarray(built(bias_initializer="chrono").bias.value))
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
def test_a_recipe_that_does_not_fit_says_which_do(arguments, words):
    with pytest.raises(RequestError) as raised:
        built(**arguments)
    for word in words:
        assert word in str(raised.value)


def test_a_cell_without_a_keeping_gate_takes_no_bias_for_one():
    with pytest.raises(RequestError, match="SimpleRNNCell has no such gate"):
        built("simple_rnn", bias_initializer="unit_forget")


def test_an_unknown_recipe_is_told_with_close_names():
    with pytest.raises(UnknownName, match="orthogonal"):
        built(kernel_initializer="ortogonal")
