"""Attention pooling follows the equations of its paper and ignores masked timesteps."""

import numpy as np
from small_layers import assert_close, normal

from zoo.layers.pooling import AttentionPooling

MASK = np.array([[True, True, True, True], [True, False, True, False]])


def pooling(width):
    """Return a layer with random weights, and its weights in float64."""
    layer = AttentionPooling()
    layer.build((None, None, width))
    for number, weight in enumerate(layer.weights):
        weight.assign(normal(*weight.shape, seed=3 + number))
    return layer, {weight.name: weight.numpy().astype("float64") for weight in layer.weights}


def expected(weights, x):
    """Return equations 5-7 for the timesteps x (timesteps, width) of one sequence."""
    hidden = np.tanh(x @ weights["kernel"] + weights["bias"])
    scores = np.exp(hidden @ weights["score_kernel"][:, 0])
    return scores / scores.sum() @ x


def test_pooling_matches_the_equations_of_its_paper():
    x, (layer, weights) = normal(2, 4, 5), pooling(5)
    masked, whole = layer(x, mask=MASK), layer(x)
    for row, valid in enumerate(MASK):
        assert_close(masked[row], expected(weights, x[row, valid]))
        assert_close(whole[row], expected(weights, x[row]))


def test_a_sequence_without_valid_timesteps_is_pooled_to_zeros():
    layer, _ = pooling(5)
    pooled = layer(normal(2, 4, 5), mask=np.array([[False] * 4, [True] * 4])).numpy()
    assert not pooled[0].any()
    assert pooled[1].all()
