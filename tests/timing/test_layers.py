"""Timing: turns by a clock that is no clock, operations counted by hand, and the verb on one tiny shape."""

import json

import numpy as np
import pytest

from zoo.cli import main
from zoo.timing import interleaving, layers

SHAPE = layers.Shape(batch_size=2, timesteps=5, features=3, units=4)

# Columns of the kernel, then (width, columns) of each product with a state.
PRODUCTS = {
    "lstm": (16, [(4, 16)]),  # h U, all four gates at once
    "mgu": (8, [(4, 4), (4, 4)]),  # h U_f, then (f * h) U_n
    "ind_rnn": (4, []),  # u * h is no matrix product
}


@pytest.mark.parametrize("cell", PRODUCTS)
def test_operations_are_those_counted_by_hand(cell):
    columns, products = PRODUCTS[cell]
    forward = 2 * (2 * 5) * (3 * columns + sum(width * each for width, each in products))
    built = layers.layer(cell, SHAPE).cell
    assert layers.flops(built, SHAPE, backward=False) == forward
    assert layers.flops(built, SHAPE) == 3 * forward


def test_the_operations_of_the_lstm_of_the_anchors():
    shape = layers.Shape(32, 100, 128, 256)
    assert layers.flops(layers.layer("lstm", shape).cell, shape) == 7_549_747_200


class Clock:
    """Goes on only while a contender works: by the seconds that its next run takes."""

    def __init__(self, *seconds):
        self.now, self.seconds = 0.0, list(seconds)

    def step(self):
        self.now += self.seconds.pop(0)

    def __call__(self):
        return self.now


def test_a_turn_leaves_out_its_first_run_and_does_not_last_long():
    slow = Clock(9.0, 1.0)
    assert interleaving.turn(slow.step, slow) == [1.0]
    quick = Clock(interleaving.TURN / 4, *[0.25, 0.5, 1.0, 2.0])
    assert interleaving.turn(quick.step, quick) == [0.25, 0.5, 1.0, 2.0]
    instant = Clock(*[0.0] * 99)
    assert len(interleaving.turn(instant.step, instant)) == interleaving.MOST


def test_contenders_take_turns_and_the_first_round_warms_up():
    order, told = [], []

    def contender(name, *rounds):
        measured = iter(rounds)
        return lambda: order.append(name) or next(measured)

    medians = interleaving.interleaved(
        {"a": contender("a", [99.0], [1.0, 2.0], [9.0]), "b": contender("b", [99.0], [4.0], [6.0])},
        rounds=2,
        told=lambda: told.append(len(order)),
    )
    assert medians == {"a": 2.0, "b": 5.0}
    assert "".join(order) == "baabba"
    assert told == [1, 2, 3, 4, 5, 6]


def test_a_training_step_makes_the_gradients_of_the_input_and_of_all_weights(monkeypatch):
    made = []
    monkeypatch.setattr(layers, "_to_its_end", lambda step: lambda: made.append(step()))
    layer = layers.layer("lstm", SHAPE)
    layers.training_step(layer, SHAPE)()
    layers.inference(layer, SHAPE)()
    gradients, outputs = made
    assert [tuple(each.shape) for each in gradients] == [(2, 5, 3), (3, 16), (4, 16), (16,)]
    assert all(np.abs(each).max() > 0 for each in gradients)
    assert outputs.shape == (2, 5, 4)


def test_the_share_of_the_limit(monkeypatch):
    flops = 3 * 2 * 10 * (3 + 4) * 16
    monkeypatch.setattr(
        layers, "product_flops", lambda: flops
    )  # the limit is then as long as the product's turn
    monkeypatch.setattr(
        layers,
        "interleaved",
        lambda names, rounds, told: {name: 0.5 if name == layers.LIMIT else 2.0 for name in names},
    )
    assert layers.bench(["lstm"], SHAPE) == {
        "shape": SHAPE._asdict(),
        "gigaflops": round(flops / 0.5 / 1e9, 1),
        "cells": [
            {
                "cell": "lstm",
                "ms": 2000.0,
                "tokens_per_second": 5,
                "share_of_limit": 0.25,
                "mode": "4 a turn",
            }
        ],
    }


@pytest.mark.parametrize(
    ("cell", "arguments", "told"),
    [
        ("lstm", {}, "4 a turn"),
        ("lstm", {"unroll_factor": 2}, "2 a turn"),
        ("min_gru", {}, "linear"),
        ("lstm", {"segment": 3}, "3 a turn, segments of 3"),
    ],
)
def test_the_mode_says_how_it_runs(cell, arguments, told):
    assert layers.mode(layers.layer(cell, SHAPE, **arguments), SHAPE) == told


TINY = ("bench", "--batch_size=2", "--timesteps=3", "--features=2", "--units=4", "--rounds=1")


def test_the_verb_prints_a_table_and_json(capsys, monkeypatch):
    monkeypatch.setattr(interleaving, "TURN", 0.0)  # one run a turn
    assert main([*TINY, "--cell=mgu,coupled*"]) == 0
    title, columns, *rows = capsys.readouterr().out.strip().splitlines()
    assert title.startswith("batch 2, 3 timesteps, 2 features, 4 units; forward and back")
    assert columns.split() == [
        "cell",
        "ms",
        "a",
        "step",
        "tokens",
        "a",
        "second",
        "share",
        "of",
        "the",
        "limit",
        "mode",
    ]
    assert [row.split()[0] for row in rows] == ["mgu", "coupled_lstm"]
    assert main([*TINY, "--cell=mgu", "--inference", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["shape"] == {"batch_size": 2, "timesteps": 3, "features": 2, "units": 4}
    assert result["cells"][0]["ms"] > 0 and result["gigaflops"] > 0


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("--cell=lstn", "lstm"),
        ("--cell=zz*", "matches none"),
        ("--cell=,", "names no cell"),
        ("--units=0", "units must be a whole number"),
        ("--rounds=some", "rounds must be"),
    ],
)
def test_a_wrong_request_is_told_in_a_sentence(flag, told, capsys):
    assert main([*TINY, flag]) == 2
    assert told in capsys.readouterr().err
