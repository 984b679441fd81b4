"""Seeds of masks: those of Keras' generator, and none is given twice to concurrent threads."""

import collections
import random
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.engine.seeds import SeedGenerator

THREADS, CALLS = 8, 100


def seeds_of_threads(calls):
    """Return the seeds that threads get which call functions out of `calls` at the same time."""
    seeds, barrier = [[] for _ in range(THREADS)], threading.Barrier(THREADS)

    def work(number):
        order = random.Random(number)
        barrier.wait()
        for _ in range(CALLS):
            seeds[number].append(tuple(order.choice(calls)().numpy()))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [seed for each in seeds for seed in each]


@pytest.mark.parametrize("mode", ["eager", "graph", "mixed"])
def test_concurrent_calls_get_each_seed_once(mode):
    generator = SeedGenerator(5)
    in_graph = tf.function(generator.next)
    first = tuple(in_graph().numpy())
    calls = {"eager": [generator.next], "graph": [in_graph], "mixed": [generator.next, in_graph]}
    seeds = collections.Counter([first, *seeds_of_threads(calls[mode])])
    assert seeds == collections.Counter((5, count) for count in range(THREADS * CALLS + 1))


@pytest.mark.parametrize("seed", [0, 7, -3, 2**31, None])
def test_seeds_are_those_of_keras(seed):
    keras.utils.set_random_seed(3)
    expected = keras.random.SeedGenerator(seed)
    keras.utils.set_random_seed(3)
    generator = SeedGenerator(seed)
    for call in (generator.next, tf.function(generator.next), generator.next):
        np.testing.assert_array_equal(call(), expected.next())
    assert generator.next().dtype == expected.next().dtype


def test_compiled_functions_draw_the_next_seed():
    generator = SeedGenerator(5)
    compiled = tf.function(generator.next, jit_compile=True)
    assert [compiled().numpy().tolist() for _ in range(2)] == [[5, 0], [5, 1]]
    assert generator.next().numpy().tolist() == [5, 2]


def test_states_of_keras_and_of_checkpoints_are_restored():
    generator, restored = SeedGenerator(5), SeedGenerator(1)
    generator.state.assign(np.array([9, 40]))  # as in a checkpoint of version 0.1
    assert generator.next().numpy().tolist() == [9, 40]
    restored.state.assign(generator.state.numpy())
    assert restored.next().numpy().tolist() == [9, 41]


class Drawing(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.generator = SeedGenerator(5)

    def call(self, x):
        return x + keras.ops.cast(self.generator.next()[1], x.dtype)


def test_layer_tracks_the_state_and_runs_without_side_effects():
    layer, x = Drawing(), tf.zeros(1)
    layer(x), layer(x)
    assert [variable.path for variable in layer.non_trainable_variables] == [
        layer.generator.state.path
    ]
    outputs, (state,) = layer.stateless_call([], [tf.constant([256 * 7, 0, 5], tf.int64)], x)
    assert outputs.numpy() == 7 and state.numpy().tolist() == [256 * 8, 0, 5]
    assert layer(x).numpy() == 2
