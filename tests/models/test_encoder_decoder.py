"""Encoder-decoder: padding, causality, gradients, and decoding step by step."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from sampling import sample

import zoo
from tasks.library import tasks
from zoo.cells import cells
from zoo.models import assembly
from zoo.models.resolve import resolve

ALL_EXAMPLES = list(tasks.get("translation").sample)
SAMPLE = ALL_EXAMPLES[:3]
VARIANTS = [
    {},
    {"attention": "dot_product", "bidirectional": False, "layers": 2, "residual": True},
    {"attention": "none", "layers": 2},
    {"attention": "none", "bidirectional": False},
    {"attention": "none", "cell": "gru"},
]


def translation_model(**changes):
    """Return (configuration, features, small model with random weights)."""
    return _translation_model(tuple(changes.items()))


@functools.cache
def _translation_model(changes):
    config = resolve(
        zoo.Config(**{"task": "translation", "units": 5, "embedding": 4, **dict(changes)})
    )
    features = tasks.get("translation").features.fit(config, ALL_EXAMPLES)
    model, random = assembly.network(config, features), np.random.default_rng(1)
    for weight in model.weights:
        if "float" in weight.dtype:
            weight.assign(random.normal(size=weight.shape) * 0.7)
    return config, features, model


def inputs_of(features, examples=SAMPLE):
    encoded = features.encode_examples(examples)
    return {name: ids.to_tensor() for name, ids in encoded.inputs.items()}


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_padding_does_not_change_the_logits(changes):
    _, features, model = translation_model(**changes)
    together = model(inputs_of(features)).numpy()
    for row, example in enumerate(SAMPLE):
        alone = model(inputs_of(features, [example])).numpy()[0]
        np.testing.assert_allclose(together[row, : len(alone)], alone, atol=1e-5)


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_logits_depend_on_the_source_but_not_on_later_targets(changes):
    _, features, model = translation_model(**changes)
    inputs = inputs_of(features, SAMPLE[:1])
    before = model(inputs).numpy()
    later = {**inputs, "target": tf.tensor_scatter_nd_update(inputs["target"], [[0, 2]], [5])}
    after = model(later).numpy()
    np.testing.assert_allclose(after[:, :2], before[:, :2], atol=1e-6)
    assert abs(after[:, 2:] - before[:, 2:]).max() > 1e-3
    other = {**inputs, "source": tf.tensor_scatter_nd_update(inputs["source"], [[0, 0]], [5])}
    assert (abs(model(other).numpy() - before).max(-1) > 1e-5).all()


@pytest.mark.parametrize("cell", sample(cells.names(), 4, "encoder_decoder"))
def test_decoding_step_by_step_equals_teacher_forcing(cell):
    config, features, model = translation_model(cell=cell, layers=2)
    inputs = inputs_of(features, SAMPLE[:2])
    submodels = assembly.submodels(config, features, model)
    state_count = len(submodels.decoder.inputs) - 1
    # `tf.identity` drops the masks that Keras attaches to its tensors.
    encoded = [tf.identity(tensor) for tensor in submodels.encoder(inputs["source"])]
    states, memory = encoded[:state_count], [*encoded[state_count:], inputs["source"] != 0]
    expected = model(inputs).numpy()
    # Logits are sums, so their rounding errors are relative to the largest ones.
    tolerance = 1e-5 * max(1.0, abs(expected).max())
    for t in range(expected.shape[1]):
        outputs, *states = submodels.decoder([inputs["target"][:, t : t + 1], *states])
        logits, _ = submodels.readout([outputs, *memory])
        np.testing.assert_allclose(logits[:, 0], expected[:, t], rtol=1e-5, atol=tolerance)


@pytest.mark.parametrize(
    "changes",
    [*VARIANTS, {"dropout": 0.2, "token_dropout": 0.2, "recurrent_dropout": 0.2}],
    ids=str,
)
def test_every_weight_has_a_gradient(changes):
    _, features, model = translation_model(**changes)
    encoded = features.encode_examples(SAMPLE)
    with tf.GradientTape() as tape:
        logits = model(inputs_of(features), training=True)
        loss = model.loss(encoded.targets.to_tensor(), logits)
    gradients = tape.gradient(loss, [weight.value for weight in model.trainable_weights])
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        assert gradient is not None, weight.path
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 0, weight.path
