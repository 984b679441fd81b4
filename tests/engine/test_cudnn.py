"""Cells that a stock Keras layer equals train through it on a GPU, with the same weights and the same numbers."""

import numpy as np
import pytest
import tensorflow as tf
from wrong_cells import OutputNotSquashed

import zoo
from zoo.cells import cells
from zoo.conformance.recurrences import MASK
from zoo.conformance.running import run
from zoo.conformance.subject import Subject
from zoo.conformance.violation import distance
from zoo.engine import cudnn

KNOWN = [name for name in cells.names() if cells.get(name).keras_layer]
MASKS = {"no mask": None, "nothing masked": np.ones_like(MASK), "masked": MASK}


def ran_both_ways(name, mask, monkeypatch):
    """What a cell gives without its stock layer and with it, and how often that was run."""
    subject, times = Subject(name), []
    cell, kept = subject.cell(), cudnn._whole
    with monkeypatch.context() as patch:
        patch.setattr(cudnn, "is_supported", lambda *_: False)
        own = run(cell, subject.inputs(), subject.states(cell), mask)
    monkeypatch.setattr(cudnn, "_whole", lambda *given: times.append(given) or kept(*given))
    return own, run(cell, subject.inputs(), subject.states(cell), mask), len(times)


def same(own, other):
    return max(distance(array, other.named()[name]) for name, array in own.named().items()) < 1e-5


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("name", KNOWN)
def test_the_stock_layer_gives_the_same_numbers(name, mask, monkeypatch):
    """On any device: stock Keras computes the same where there is no cuDNN."""
    monkeypatch.setattr(cudnn, "on_gpu", lambda: True)
    own, other, times = ran_both_ways(name, mask, monkeypatch)
    assert times == (mask is not MASK)
    assert same(own, other)


@pytest.mark.skipif(not cudnn.on_gpu(), reason="needs a GPU")
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("name", KNOWN)
def test_cudnn_gives_the_same_numbers(name, mask, monkeypatch):
    own, other, times = ran_both_ways(name, mask, monkeypatch)
    assert times == (mask is not MASK)
    assert same(own, other)


def test_it_is_for_these_cells_in_training_without_noise_and_on_a_gpu_alone(monkeypatch):
    used = []
    monkeypatch.setattr(
        cudnn, "cudnn_scan", lambda *_, otherwise, **__: used.append(1) or otherwise()
    )
    x = tf.ones((2, 3, 4))

    def uses(cell, training=True, **arguments):
        used.clear()
        zoo.Recurrent(cell, **arguments)(x, training=training)
        return bool(used)

    assert not cudnn.on_gpu() and not uses("lstm", units=2) or cudnn.on_gpu()
    monkeypatch.setattr(cudnn, "on_gpu", lambda: True)
    assert KNOWN == ["gru", "lstm"] and all(uses(name, units=2) for name in KNOWN)
    assert not uses("mgu", units=2)
    assert not uses("lstm", units=2, training=False)
    assert not uses("lstm", units=2, zoneout=0.1) and not uses("lstm", units=2, weight_drop=0.1)
    assert not uses("lstm", units=2, unroll=True) and not uses("lstm", units=2, checkpoint_every=2)
    assert not uses(OutputNotSquashed(2))
