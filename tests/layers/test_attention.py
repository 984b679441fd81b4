"""The attention layers follow the equations of their papers."""

import numpy as np
import pytest
from small_layers import assert_close, normal

from zoo.errors import RequestError
from zoo.layers.attention import make_attention

MASK = np.array([[True, True, True, True], [True, True, False, False]])


def _additive_score(weights, query, key):
    return weights["score_kernel"][:, 0] @ np.tanh(query @ weights["query_kernel"] + key)


def _dot_product_score(weights, query, key):
    return query @ key / np.sqrt(len(key))


@pytest.mark.parametrize(
    ("name", "score"), [("additive", _additive_score), ("dot_product", _dot_product_score)]
)
def test_attention_matches_the_equations_of_its_paper(name, score):
    queries, keys, values = normal(2, 3, 5), normal(2, 4, 5, seed=1), normal(2, 4, 7, seed=2)
    layer = make_attention(name)
    layer.build(queries.shape, keys.shape, values.shape)
    for number, weight in enumerate(layer.weights):
        weight.assign(normal(*weight.shape, seed=3 + number))
    weights = {weight.name: weight.numpy().astype("float64") for weight in layer.weights}
    outputs, attention = layer(queries, keys, values, MASK)
    for row, length in enumerate(MASK.sum(axis=1)):
        for t, query in enumerate(queries[row]):
            scores = np.exp([score(weights, query, key) for key in keys[row, :length]])
            expected = scores / scores.sum()
            assert_close(attention[row, t], [*expected, *[0] * (4 - length)])
            context = expected @ values[row, :length]
            assert_close(outputs[row, t], query + context @ weights["kernel"])


def test_unknown_attention_is_rejected():
    with pytest.raises(RequestError, match="unknown attention 'cosine'.*additive, dot_product"):
        make_attention("cosine")
