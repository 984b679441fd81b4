"""The figures of a layer's diagnosis are exact: rates, gradient norms, exponents, memory."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.conformance.subject import randomize
from zoo.diagnosis import jacobians
from zoo.diagnosis.growth import lyapunov_exponent
from zoo.diagnosis.layers import by_lag
from zoo.diagnosis.projections import gradients_of_projection, random_signs
from zoo.diagnosis.recording import recorded

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(4, 100, 3)).astype("float32")


class ScaledOrthogonal(keras.initializers.Initializer):
    def __init__(self, scale):
        self.scale = scale

    def __call__(self, shape, dtype=None):
        return self.scale * keras.initializers.Orthogonal(seed=1)(shape, dtype=dtype)


@pytest.mark.parametrize(
    ("scale", "kind"), [(0.9, "vanishing"), (1.0, "healthy"), (1.1, "exploding")]
)
def test_rate_of_a_scaled_orthogonal_recurrence_is_its_scale(scale, kind):
    initializer = ScaledOrthogonal(scale)
    layer = zoo.Recurrent("simple_rnn", 16, activation="linear", recurrent_initializer=initializer)
    (found,) = zoo.diagnose(layer, X).layers
    assert found.timesteps == 100
    assert found.growth.value == pytest.approx(scale, abs=1e-4)
    assert found.growth.error < 1e-4
    assert found.lyapunov.value == pytest.approx(np.log(scale), abs=1e-4)
    np.testing.assert_allclose(found.spectrum.spectral_radius, scale, atol=1e-4)
    np.testing.assert_allclose(found.spectrum.largest_singular_value, scale, atol=1e-4)
    assert found.verdict.kind == kind
    assert f"over {99} timesteps" in found.verdict.text


def test_effective_memory_of_a_leaky_integrator_is_its_analytic_value():
    layer = zoo.Recurrent(
        "simple_rnn", 8, activation="linear", recurrent_initializer="scaled_identity:0.9"
    )
    (found,) = zoo.diagnose(layer, X).layers
    assert found.effective_memory == int(np.log(0.01) / np.log(0.9)) == 43
    (found,) = zoo.diagnose(layer, X, fraction=0.5).layers
    assert found.effective_memory == 6  # 0.9 ** 6 = 0.53


class MatrixCell(keras.layers.Layer):
    """A cell whose Jacobian at each timestep is its input, as a matrix."""

    state_size = output_size = 3

    def call(self, x, states):
        h = tf.linalg.matvec(tf.reshape(x, (-1, 3, 3)), states[0]) + 0.1
        return h, [h]


def test_lyapunov_exponent_equals_a_product_of_jacobians_in_numpy():
    matrices = RANDOM.normal(size=(2, 300, 3, 3)).astype("float32")
    (found,) = zoo.diagnose(keras.layers.RNN(MatrixCell()), matrices.reshape(2, 300, 9)).layers
    exponents = []
    for sequence in matrices.astype("float64"):
        vector, logs = np.array([1.0, 0.0, 0.0]), []
        for matrix in sequence[::-1]:
            vector = matrix.T @ vector
            logs.append(np.log(np.linalg.norm(vector)))
            vector /= np.linalg.norm(vector)
        exponents.append(np.mean(logs[30:]))  # without the transient
    assert found.lyapunov.value == pytest.approx(np.mean(exponents), abs=1e-3)
    assert found.lyapunov.error == pytest.approx(np.std(exponents, ddof=1) / 2**0.5, abs=1e-3)


def test_transient_of_a_padded_sequence_is_that_of_its_valid_timesteps():
    growth = np.array([5.0] * 2 + [1.0] * 18)
    padded = np.concatenate([np.full(20, np.nan), growth])
    longer = np.concatenate([[5.0] * 4, [1.0] * 36])
    assert lyapunov_exponent(growth[:, None]).value == 1.0
    assert lyapunov_exponent(padded[:, None]).value == 1.0
    assert tuple(lyapunov_exponent(np.stack([padded, longer], 1))) == (1.0, 0.0)


def recording_of(layer, x):
    """Return the recording of a layer, and its tape."""
    with tf.GradientTape(persistent=True) as tape, recorded(layer, tape) as recordings:
        layer(x)
    return recordings[0], tape


def reference_norms(cell, x, projection):
    """Return the gradient norms (timesteps, batch) of the cell's reference, by differences."""
    weights = {weight.name: np.array(weight, "float64") for weight in cell.weights}
    timesteps = x.shape[1]

    def last_value(states, start, output=None):
        for t in range(start, timesteps):
            output, states = cell.reference(weights, x[:, t], tuple(states))
        return np.sum(output * projection, -1)

    states = [np.array(state) for state in cell.get_initial_state(len(x))]
    norms = []
    for t in range(timesteps):
        output, states = cell.reference(weights, x[:, t], tuple(states))
        is_state = np.array_equal(output, states[0])
        squares = 0.0
        for number, state in enumerate(states):
            for column in range(state.shape[1]):
                values = []
                for sign in (1, -1):
                    moved = [np.array(each) for each in states]
                    moved[number][:, column] += sign * 1e-6
                    first = moved[0] if is_state else output
                    values.append(last_value(moved, t + 1, first))
                squares += ((values[0] - values[1]) / 2e-6) ** 2
        norms.append(np.sqrt(squares))
    return np.array(norms)


@pytest.mark.parametrize(
    "name", ["simple_rnn", "ind_rnn", "lstm", "gru", "mgu", "exprnn", "lru", "min_gru", "rhn"]
)
def test_gradient_norms_equal_differences_of_the_reference(name):
    layer = zoo.Recurrent(name, 4, dtype="float64")
    x = RANDOM.normal(size=(2, 5, 3))
    layer.build(x.shape)
    randomize(layer, seed=1)
    recording, tape = recording_of(layer, x)
    norms, _ = gradients_of_projection(recording, tape, seed=0, last=True)
    projection = random_signs(recording.outputs[-1], 0).numpy()
    expected = reference_norms(layer.cell, x, projection)
    np.testing.assert_allclose(norms, expected, rtol=1e-4, atol=1e-8)


def test_jacobian_equals_differences_of_the_step():
    layer = zoo.Recurrent("lstm", 3, dtype="float64")
    x = RANDOM.normal(size=(2, 4, 2))
    recording, _ = recording_of(layer, x)
    (matrix,) = jacobians.jacobians(recording, np.array([2]), sequence=1)
    before = np.concatenate([each[2, 1:2] for each in recording.states_before()], -1)
    step, prepared = recording.step.function(), recording.step.prepare(x[1:2, 2])
    for column in range(6):
        delta = 1e-6 * np.eye(6)[column]
        ends = [
            np.concatenate(step(prepared, np.split(before + sign * delta, 2, -1))[1], -1)
            for sign in (1, -1)
        ]
        np.testing.assert_allclose(matrix[:, column], (ends[0] - ends[1])[0] / 2e-6, atol=1e-7)


def test_padding_does_not_change_the_figures():
    layer = zoo.Recurrent("gru", 5)
    x = RANDOM.normal(size=(2, 9, 3)).astype("float32")
    inputs = keras.Input((None, 3))
    mask = keras.Input((None,), dtype="bool")
    model = keras.Model([inputs, mask], layer(inputs, mask=mask))

    def diagnosed(lengths):
        return zoo.diagnose(model, [x, np.arange(9) < np.array(lengths)[:, None]]).layers[0]

    padded, truncated = diagnosed([7, 7]), zoo.diagnose(layer, x[:, :7]).layers[0]
    assert padded.timesteps == 7
    np.testing.assert_allclose(padded.gradient.mean, truncated.gradient.mean, rtol=1e-4)
    np.testing.assert_allclose(padded.influence, truncated.influence, rtol=1e-4)
    assert padded.lyapunov.value == pytest.approx(truncated.lyapunov.value, rel=1e-3)
    gates = zip(padded.gates, truncated.gates, strict=True)
    for a, b in gates:
        np.testing.assert_allclose(a.mean[:7], b.mean, atol=1e-6)
        assert np.isnan(a.mean[7:]).all() and a.above == pytest.approx(b.above)
    assert diagnosed([7, 4]).gradient.mean[-1] == pytest.approx(
        diagnosed([7, 6]).gradient.mean[-1], rel=1e-4
    )


def test_lags_are_counted_from_the_last_valid_timestep():
    values = np.array([[1.0, 1], [2, 2], [3, 3]])
    mask = np.array([[True, False], [True, True], [False, True]])
    np.testing.assert_array_equal(by_lag(values, mask), [[2, 3], [1, 2]])


@pytest.mark.parametrize("width", [1, 2, 40])
def test_spectral_radius_is_that_of_the_eigenvalues(width):
    matrices = np.random.default_rng(0).normal(size=(3, width, width))
    expected = np.abs(np.linalg.eigvals(matrices)).max(-1)
    found = jacobians.spectral_radius(tf.constant(matrices))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_spectral_radius_of_a_nilpotent_matrix_is_zero():
    assert float(jacobians.spectral_radius(tf.constant([[0.0, 1.0], [0.0, 0.0]], "float64"))) == 0
