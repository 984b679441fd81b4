"""Parts of a batch that run side by side: the same results as one loop over the whole batch."""

import numpy as np
import pytest
import tensorflow as tf
from small_layers import (
    BATCH,
    FEATURES,
    MASK,
    TIMESTEPS,
    assert_close,
    normal,
    random_inputs,
    random_layer,
    random_states,
)

from zoo.layers import implementations

CELLS = (
    "lstm",  # elementwise between its products
    "mgu",  # two products, one after the other
    "peephole_lstm",  # weights of its own
    "layer_norm_lstm",  # the step is run again in the backward pass
    "exprnn",  # a computed recurrent kernel
    "intersection_rnn",  # an output that is not a state
    "min_gru",  # linear
    "lru",  # linear, complex
    "s6",  # linear, in chunks
    "gated_delta_net",  # a matrix as the state
    "phased_lstm",  # elapsed time
)
OPTIONS = (
    {"checkpoint_every": 4},
    {"unroll": True},
    {"variational_dropout": 0.4},
    {"weight_drop": 0.4},
    {"dropout": 0.4},
    {"recurrent_dropout": 0.4},
    {"zoneout": 0.4},
    {"learned_initial_state": True},
)


def results(cell, parts, mask=None, **options):
    """Return outputs, final states, and gradients of the input and of all weights."""
    options = {"return_sequences": True, "return_state": True, "seed": 1, **options}
    layer, x = random_layer(cell, batch_parts=parts, **options), tf.constant(random_inputs())
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = layer(x, mask=mask, training=True)
        weighted = [each * normal(*each.shape, seed=k) for k, each in enumerate(outputs)]
        loss = tf.add_n([tf.reduce_sum(each) for each in weighted])
    gradients = tape.gradient(loss, [x, *layer.trainable_weights])
    return [*outputs, *map(tf.convert_to_tensor, gradients)]


def assert_equal(cell, parts, **options):
    found, expected = results(cell, parts, **options), results(cell, 1, **options)
    for one, other in zip(found, expected, strict=True):
        assert_close(one, other, 1e-4)


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize("cell", CELLS)
def test_parts_have_the_results_of_the_whole_batch(cell, mask):
    assert_equal(cell, 2, mask=mask)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: next(iter(options)))
def test_parts_have_the_masks_and_states_of_the_whole_batch(options):
    assert_equal("gru", 2, mask=MASK, **options)


def test_more_parts_than_rows_are_as_many_as_rows():
    assert_equal("mgu", BATCH + 5)


def test_rows_of_an_unknown_number_are_divided():
    layer = random_layer("mgu", return_sequences=True, batch_parts=2)
    specification = tf.TensorSpec((None, TIMESTEPS, FEATURES))
    function = tf.function(lambda x: layer(x, training=True), input_signature=[specification])
    for rows in (1, BATCH):
        x = random_inputs()[:rows]
        assert_close(function(x), layer(x, training=True))


def test_initial_states_are_divided():
    layer, x = random_layer("lstm", batch_parts=3), random_inputs()
    states = random_states(layer)
    whole = random_layer("lstm", batch_parts=1)
    assert_close(
        layer(x, initial_state=states, training=True), whole(x, initial_state=states, training=True)
    )


@pytest.mark.parametrize(
    ("cell", "options", "parts"),
    [
        ("lstm", {}, 2),
        ("lstm", {"unroll": True}, 1),
        ("lstm", {"zoneout": 0.1}, 1),
        ("lstm", {"recurrent_dropout": 0.1}, 1),
        ("min_gru", {}, 2),
    ],
)
def test_loops_run_once_for_each_part(cell, options, parts, monkeypatch):
    rows = []
    project = implementations.project

    def recorded(cell, x, training):
        rows.append(x.shape[1])
        return project(cell, x, training)

    monkeypatch.setattr(implementations, "project", recorded)
    layer = random_layer(cell, batch_parts=2, **options)
    layer(random_inputs(), training=True)
    assert (len(rows), sum(rows)) == (parts, BATCH)
    rows.clear()
    layer(random_inputs(), training=False)
    assert rows == [BATCH]


def test_parts_are_stored_in_the_configuration():
    layer = random_layer("lstm", batch_parts=2)
    copy = type(layer).from_config(layer.get_config())
    assert copy.batch_parts == 2
    assert np.isfinite(random_layer("lstm")(random_inputs())).all()
