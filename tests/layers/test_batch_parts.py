"""Parts of a batch that run side by side: the same results as one loop over the whole batch."""

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
        ("min_gru", {}, 2),
        ("lstm", {"checkpoint_every": 4}, 2),
        ("lstm", {"unroll": True}, 1),
        ("lstm", {"zoneout": 0.1}, 1),
        ("lstm", {"recurrent_dropout": 0.1}, 1),
    ],
)
def test_number_of_parts_follows_the_options(cell, options, parts):
    layer = random_layer(cell, batch_parts=2, **options)
    assert layer.training_parts((BATCH, TIMESTEPS, FEATURES)) == parts
    assert layer.training_parts((1, TIMESTEPS, FEATURES)) == 1
    assert layer.training_parts((BATCH, 1, FEATURES)) == 1


def number_of_loops(parts, training):
    layer = random_layer("lstm", batch_parts=parts)
    function = tf.function(lambda x: layer(x, training=training), autograph=False)
    graph = function.get_concrete_function(tf.TensorSpec((BATCH, TIMESTEPS, FEATURES))).graph
    return sum(operation.type.endswith("While") for operation in graph.get_operations())


@pytest.mark.parametrize(("training", "factor"), [(True, 2), (False, 1)])
def test_each_part_has_loops_of_its_own_in_training(training, factor):
    assert number_of_loops(2, training) == factor * number_of_loops(1, training) > 0


def test_parts_are_stored_in_the_configuration():
    layer = random_layer("lstm", batch_parts=2)
    assert type(layer).from_config(layer.get_config()).batch_parts == 2
