"""Functions that run exported models."""

import numpy as np


def softmax(logits):
    powers = np.exp(np.float64(logits) - np.max(logits, -1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def call(signature, **inputs):
    """Return the outputs of a signature as arrays."""
    return {name: value.numpy() for name, value in signature(**inputs).items()}


def assert_same_outputs(found, expected, atol):
    """Check arrays by output name: texts are equal, numbers close."""
    assert set(found) == set(expected)
    for name, value in expected.items():
        if value.dtype == object:
            assert found[name].tolist() == value.tolist()
        else:
            np.testing.assert_allclose(found[name], value, atol=atol)
