"""zoo.Recurrent names the implementation that runs, and all implementations agree."""

import pytest
import tensorflow as tf
from small_layers import (
    BATCH,
    FEATURES,
    MASK,
    TIMESTEPS,
    assert_close,
    random_inputs,
    random_layer,
)

from zoo.engine import cudnn
from zoo.errors import RequestError

SHAPE = (BATCH, TIMESTEPS, FEATURES)


@pytest.mark.parametrize(
    ("cell", "options", "training", "name"),
    [
        ("mgu", {}, False, "loop"),
        ("mgu", {}, True, "engine"),
        ("mgu", {"unroll": True}, False, "unrolled"),
        ("mgu", {"unroll": True, "checkpoint_every": 2}, True, "unrolled"),
        ("mgu", {"checkpoint_every": 2}, False, "loop"),
        ("mgu", {"checkpoint_every": 2}, True, "checkpointed"),
        ("min_gru", {}, False, "loop"),
        ("min_gru", {}, True, "linear"),
        ("min_gru", {"parallel": True}, False, "linear"),
        ("min_gru", {"parallel": True, "checkpoint_every": 2}, True, "linear"),
        ("min_gru", {"checkpoint_every": 2}, True, "linear"),
        ("min_gru", {"zoneout": 0.1}, True, "engine"),
        ("min_gru", {"recurrent_dropout": 0.1}, True, "engine"),
        ("min_gru", {"variational_dropout": 0.1}, True, "linear"),
    ],
)
def test_implementation_follows_the_documented_conditions(cell, options, training, name):
    assert random_layer(cell, **options).implementation(SHAPE, training) == name


@pytest.mark.parametrize("training", [False, True])
def test_single_timestep_runs_without_a_loop(training):
    assert random_layer("mgu").implementation((BATCH, 1, FEATURES), training) == "unrolled"


def test_long_sequences_are_checkpointed_automatically():
    layer = random_layer("mgu")
    shape = (512, 2**16, FEATURES)
    assert layer.implementation(shape, training=True) == "checkpointed"
    assert layer.implementation(shape) == "loop"
    assert layer.checkpoint_interval((2**16, 512)) == 256
    assert layer.checkpoint_interval((TIMESTEPS, BATCH)) is None


@pytest.mark.parametrize(
    ("cell", "options", "name"),
    [
        ("lstm", {}, "cudnn"),
        ("gru", {}, "cudnn"),
        ("mgu", {}, "engine"),
        ("lstm", {"unroll": True}, "unrolled"),
        ("lstm", {"checkpoint_every": 2}, "checkpointed"),
        ("lstm", {"weight_drop": 0.1}, "engine"),
        ("lstm", {"zoneout": 0.1}, "engine"),
    ],
)
def test_cudnn_trains_equivalent_cells_without_regularization(cell, options, name, monkeypatch):
    monkeypatch.setattr(cudnn, "on_gpu", lambda: True)
    layer = random_layer(cell, **options)
    assert layer.implementation(SHAPE, training=True) == name
    assert layer.implementation(SHAPE, training=False) != "cudnn"


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
def test_implementations_agree(mask):
    x = random_inputs()
    for cell in ("gru", "min_gru"):
        results = {}
        for options in ({}, {"unroll": True}, {"checkpoint_every": 4}):
            layer = random_layer(cell, return_sequences=True, **options)
            for training in (False, True):
                name = layer.implementation(SHAPE, training)
                results[name] = layer(x, mask=mask, training=training)
        assert len(results) == (4 if cell == "gru" else 3)
        for outputs in results.values():
            assert_close(outputs, results["loop"])


def test_unroll_without_known_timesteps_is_rejected():
    layer = random_layer(unroll=True)
    with pytest.raises(RequestError, match="unroll=True needs a known number of timesteps"):
        tf.function(layer, autograph=False).get_concrete_function(
            tf.TensorSpec((BATCH, None, FEATURES))
        )
