"""The cuDNN path: on a GPU, a cell with an equivalent Keras layer trains through that layer."""

import numpy as np
import pytest
import tensorflow as tf
from wrong_cells import OutputNotSquashed

import zoo
from zoo.cells import cells
from zoo.conformance.masks import MASK
from zoo.conformance.running import run
from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand_same_runs
from zoo.engine import cudnn
from zoo.engine.cudnn import cudnn_scan

NAMES = [name for name in cells.names() if cells.get(name).keras_layer]
MASKS = {"no mask": None, "nothing masked": np.ones_like(MASK), "masked": MASK}


def assert_keras_layer_equals_scan(name, mask, monkeypatch):
    subject = Subject(name)
    cell = subject.cell()
    x, states = subject.inputs(), subject.states(cell)
    with monkeypatch.context() as patch:
        patch.setattr(cudnn, "on_gpu", lambda: False)
        expected = run(cell, x, states, mask)
    assert zoo.Recurrent(cell).implementation(x.shape, training=True) == "cudnn"
    actual = run(cell, x, states, mask)
    demand_same_runs("cuDNN changes nothing", actual, expected, 1e-5, "zoo/engine/cudnn.py")


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("name", NAMES)
def test_keras_layer_matches_scan(name, mask, monkeypatch):
    # Runs on any device: without a GPU, Keras computes the layer without cuDNN.
    monkeypatch.setattr(cudnn, "on_gpu", lambda: True)
    assert_keras_layer_equals_scan(name, mask, monkeypatch)


@pytest.mark.skipif(not cudnn.on_gpu(), reason="needs a GPU")
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("name", NAMES)
def test_cudnn_matches_scan(name, mask, monkeypatch):
    assert_keras_layer_equals_scan(name, mask, monkeypatch)


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("name", NAMES)
def test_only_a_batch_with_masked_timesteps_runs_the_fallback(name, mask):
    subject = Subject(name)
    cell = subject.cell()
    x = tf.transpose(subject.inputs(), (1, 0, 2))
    states = [tf.constant(state) for state in subject.states(cell)]
    mask = None if mask is None else tf.transpose(tf.constant(mask))[:, :, None]
    zeros = tf.zeros((*x.shape[:2], cell.units))
    outputs, final = cudnn_scan(cell, x, states, mask, lambda: (zeros, [zeros[0]] * len(states)))
    ran_fallback = mask is not None and not np.all(mask)
    for tensor in (outputs, *final):
        assert (not np.any(tensor)) == ran_fallback


def test_gru_and_lstm_have_equivalent_keras_layers():
    assert NAMES == ["gru", "lstm"]


@pytest.mark.parametrize("gpu", [False, True])
@pytest.mark.parametrize(
    ("cell", "training", "options", "expected"),
    [
        ("lstm", True, {}, True),
        ("gru", True, {}, True),
        ("mgu", True, {}, False),  # no equivalent Keras layer
        ("lstm", False, {}, False),  # an export must also run without a GPU
        ("lstm", True, {"heads": 2}, False),
        ("lstm", True, {"zoneout": 0.1}, False),
        ("lstm", True, {"weight_drop": 0.1}, False),
        ("lstm", True, {"unroll": True}, False),
        ("lstm", True, {"checkpoint_every": 2}, False),
        (OutputNotSquashed, True, {}, False),  # inherits from the LSTM and overrides `step`
    ],
)
def test_cudnn_path_needs_a_gpu_training_and_an_equivalent_keras_layer(
    gpu, cell, training, options, expected, monkeypatch
):
    monkeypatch.setattr(cudnn, "on_gpu", lambda: gpu)
    if isinstance(cell, str):
        layer = zoo.Recurrent(cell, 2, **options)
    else:
        layer = zoo.Recurrent(cell(2), **options)
    layer.build((2, 3, 4))
    assert (layer.implementation((2, 3, 4), training) == "cudnn") == (expected and gpu)
