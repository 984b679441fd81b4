"""Timing of layers: FLOPs computed by hand, gradients, and the command line at a tiny shape."""

import json

import numpy as np
import pytest
import tensorflow as tf

from zoo.cli import main
from zoo.engine import cudnn
from zoo.timing import interleaving, layers

SHAPE = layers.Shape(batch_size=2, timesteps=5, features=3, units=4)

# Columns of the kernel, then (width, columns) of each product with a state.
PRODUCTS = {
    "lstm": (16, [(4, 16)]),  # h U, all four gates at once
    "mgu": (8, [(4, 4), (4, 4)]),  # h U_f, then (f * h) U_n
    "ind_rnn": (4, []),  # u * h is not a matrix product
}


@pytest.fixture
def without_gpu(monkeypatch):
    monkeypatch.setattr(cudnn, "on_gpu", lambda: False)


@pytest.mark.parametrize("cell", PRODUCTS)
def test_flops_match_products_counted_by_hand(cell):
    columns, products = PRODUCTS[cell]
    forward = 2 * (2 * 5) * (3 * columns + sum(width * each for width, each in products))
    built = layers.build_layer(cell, SHAPE).cell
    assert layers.flops(built, SHAPE, backward=False) == forward
    assert layers.flops(built, SHAPE) == 3 * forward


def test_flops_of_a_large_lstm_match_the_formula():
    shape = layers.Shape(32, 100, 128, 256)
    assert layers.flops(layers.build_layer("lstm", shape).cell, shape) == 7_549_747_200


@pytest.mark.parametrize("cell", ["lstm", "projection_lstm"])
def test_training_step_computes_gradients_of_the_input_and_of_all_weights(cell):
    layer = layers.build_layer(cell, SHAPE)
    gradients = layers.training_step(layer, SHAPE)()
    weights = [tuple(weight.shape) for weight in layer.trainable_weights]
    assert [tuple(each.shape) for each in gradients] == [(2, 5, 3), *weights]
    assert all(np.abs(each).max() > 0 for each in gradients)


def test_inference_computes_the_outputs():
    outputs = layers.inference(layers.build_layer("lstm", SHAPE), SHAPE)()
    assert outputs.shape == (2, 5, 4) and np.abs(outputs).max() > 0


def test_matrix_product_has_the_declared_flops():
    parts = layers.matrix_product()()
    rows, columns = sum(part.shape[0] for part in parts), parts[0].shape[1]
    assert layers.product_flops() == 2 * rows * columns * layers.WIDTH


def test_record_is_consistent_with_the_measured_time(monkeypatch, without_gpu):
    monkeypatch.setattr(interleaving, "MAX_RUNS", 3)
    shape = layers.Shape(batch_size=16, timesteps=4, features=128, units=128)
    result = layers.bench(["lstm"], shape, rounds=1)
    (record,) = result["cells"]
    seconds = record["ms"] / 1e3
    flops = 3 * 2 * (16 * 4) * (128 + 128) * (4 * 128)
    limit = flops / (result["gigaflops"] * 1e9)
    assert record["share_of_limit"] == pytest.approx(limit / seconds, rel=0.02, abs=0.001)
    assert record["tokens_per_second"] == pytest.approx(16 * 4 / seconds, rel=0.01)
    assert 0 < record["share_of_limit"] < 2
    assert (record["cell"], record["mode"]) == ("lstm", "engine, unroll 4")
    assert result["shape"] == shape._asdict()


@pytest.mark.parametrize(
    ("cell", "arguments", "training", "mode"),
    [
        ("lstm", {}, True, "engine, unroll 4"),
        ("lstm", {"unroll_factor": 2}, True, "engine, unroll 2"),
        ("lstm", {"checkpoint_every": 3}, True, "checkpointed every 3, unroll 3"),
        ("lstm", {"checkpoint_every": 3}, False, "loop"),
        ("lstm", {"unroll": True}, True, "unrolled"),
        ("lstm", {"batch_parts": 2}, True, "engine, unroll 4, 2 batch parts"),
        ("lstm", {"batch_parts": 2}, False, "loop"),
        ("min_gru", {"batch_parts": 2}, True, "linear, 2 batch parts"),
        ("min_gru", {}, True, "linear"),
        ("min_gru", {}, False, "loop"),
    ],
)
def test_mode_names_the_implementation(cell, arguments, training, mode, without_gpu):
    assert layers.mode(layers.build_layer(cell, SHAPE, **arguments), SHAPE, training) == mode


@pytest.mark.parametrize(
    ("cell", "arguments", "training", "mode"),
    [
        ("lstm", {}, True, "cudnn"),
        ("gru", {}, True, "cudnn"),
        ("lstm", {}, False, "loop"),
        ("mgu", {}, True, "engine, unroll 4"),
        ("lstm", {"zoneout": 0.1}, True, "engine, unroll 4"),
        ("lstm", {"checkpoint_every": 3}, True, "checkpointed every 3, unroll 3"),
    ],
)
def test_mode_names_cudnn_on_a_gpu(cell, arguments, training, mode, monkeypatch):
    monkeypatch.setattr(cudnn, "on_gpu", lambda: True)
    assert layers.mode(layers.build_layer(cell, SHAPE, **arguments), SHAPE, training) == mode


@pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="needs a GPU")
def test_training_on_a_gpu_is_reported_and_run_as_cudnn(monkeypatch):
    layer = layers.build_layer("lstm", SHAPE)
    assert layers.mode(layer, SHAPE) == "cudnn"
    scan, calls = cudnn.cudnn_scan, []
    monkeypatch.setattr(cudnn, "cudnn_scan", lambda *a, **k: calls.append(a) or scan(*a, **k))
    layers.training_step(layer, SHAPE)()
    assert calls


TINY = ("bench", "--batch_size=2", "--timesteps=3", "--features=2", "--units=4", "--rounds=1")


def test_command_prints_a_table_or_json(capsys, monkeypatch):
    monkeypatch.setattr(interleaving, "BLOCK_SECONDS", 0.0)  # one run per block
    assert main([*TINY, "--cell=mgu,coupled*"]) == 0
    title, columns, *rows = capsys.readouterr().out.strip().splitlines()
    assert title.startswith("batch 2, 3 timesteps, 2 features, 4 units; forward and back")
    for column in ("cell", "ms", "tokens", "share of the limit", "mode"):
        assert column in columns
    assert [row.split()[0] for row in rows] == ["mgu", "coupled_lstm"]
    assert main([*TINY, "--cell=mgu", "--inference", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["shape"] == {"batch_size": 2, "timesteps": 3, "features": 2, "units": 4}
    assert result["cells"][0]["mode"] == "loop"
    assert result["cells"][0]["ms"] > 0 and result["gigaflops"] > 0


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--cell=lstn", "lstm"),
        ("--cell=zz*", "matches none"),
        ("--cell=,", "not name a cell"),
        ("--units=0", "units must be"),
        ("--rounds=some", "rounds must be"),
    ],
)
def test_invalid_flag_is_rejected_with_a_message(flag, message, capsys):
    assert main([*TINY, flag]) == 2
    assert message in capsys.readouterr().err
