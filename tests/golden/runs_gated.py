"""Stored runs of gated cells, described in `origins.md`: their weights as ours.

As in `runs_various`, the functions are differentiable.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tests.golden.run import Arrays, Run, named, reorder

ONE, ZERO = tf.ones(4, "float64"), tf.zeros(4, "float64")


def torchrecurrent(theirs: str, ours: str) -> Callable[[Arrays], Arrays]:
    """Return a mapping of weights that have a block of rows per gate, and two biases."""

    def weights(w: Arrays) -> Arrays:
        return {
            "kernel": reorder(tf.transpose(w["weight_ih"]), theirs, ours),
            "recurrent_kernel": reorder(tf.transpose(w["weight_hh"]), theirs, ours),
            "bias": reorder(w["bias_ih"] + w["bias_hh"], theirs, ours),
        }

    return weights


def kernels(w: Arrays, theirs: str, ours: str) -> Arrays:
    return {
        "kernel": reorder(tf.transpose(w["weight_ih"]), theirs, ours),
        "recurrent_kernel": tf.transpose(w["weight_hh"]),
    }


def light_ru(w: Arrays) -> Arrays:
    return {**kernels(w, "nf", "fn"), "bias": w["bias_ih"][4:] + w["bias_hh"]}


def star(w: Arrays) -> Arrays:
    bias = [w["bias_ih"][4:] + w["bias_hh"], w["bias_ih"][:4]]
    return {**kernels(w, "zk", "kz"), "bias": tf.concat(bias, 0)}


def minimal_rnn(w: Arrays) -> Arrays:
    return {
        **kernels(w, "z", "z"),
        "encoding_kernel": tf.transpose(w["weight_mm"]),
        "bias": tf.concat([w["bias_ih"], w["bias_hh"]], 0),
    }


def mut1(w: Arrays) -> Arrays:
    b_z, b_r, _ = tf.split(w["bias_ih"], 3)  # the third one is 0
    d_r, d_n = tf.split(w["bias_hh"], 2)
    return {**kernels(w, "zrn", "zrn"), "bias": tf.concat([b_z, b_r + d_r, d_n], 0)}


def cfn(w: Arrays) -> Arrays:
    return {**kernels(w, "ten", "ten"), "bias": w["bias_ih"][:8] + w["bias_hh"]}


def sgrn(w: Arrays) -> Arrays:
    return {**kernels(w, "f", "f"), "bias": w["bias_hh"]}


def sgu(w: Arrays) -> Arrays:
    bias = [w["bias_ih"][:4], w["bias_ih"][4:] + w["bias_hh"][4:]]
    return {**kernels(w, "gz", "gz"), "bias": tf.concat(bias, 0)}


def dsgu(w: Arrays) -> Arrays:
    matrix = tf.concat([tf.transpose(w["weight_hh"]), tf.transpose(w["weight_ho"])], 1)
    return {**sgu(w), "recurrent_kernel": matrix}


def nas(w: Arrays) -> Arrays:
    order = "01234567", "02574613"
    return {name: reorder(w[name], *order) for name in ("kernel", "recurrent_kernel", "bias")}


def ugrnn(w: Arrays) -> Arrays:
    bias = w["bias"] + tf.concat([ONE, ZERO], 0)  # their forget bias
    return {"kernel": w["kernel"][:3], "recurrent_kernel": w["kernel"][3:], "bias": bias}


def intersection_rnn(w: Arrays) -> Arrays:
    W_x, b_x = w["in_projection/kernel"], w["in_projection/bias"]
    W, U = w["kernel"][:4], w["kernel"][4:]
    bias = tf.linalg.matvec(W, b_x, transpose_a=True) + w["bias"]
    return {
        "kernel": tf.concat([W_x @ W, W_x], 1),
        "recurrent_kernel": U,
        "bias": tf.concat([bias + tf.concat([ONE, ZERO, ONE, ZERO], 0), b_x], 0),
    }


def atr(w: Arrays) -> Arrays:
    return {"kernel": w["ATRCell/w"], "recurrent_kernel": w["ATRCell/u"]}


def janet(w: Arrays) -> Arrays:
    names = {"kernel": "W_xh", "recurrent_kernel": "W_hh", "bias": "bias"}
    return {ours: reorder(w[f"CustomLSTMCell/{name}"], "nf", "fn") for ours, name in names.items()}


def lrn(w: Arrays) -> Arrays:
    names = {"kernel": "fetch_state_lrn/hide_x/W_0_0", "bias": "fetch_state_lrn/hide_x/b_0"}
    return {ours: w[name] for ours, name in names.items() if name in w}


def olrn(w: Arrays) -> Arrays:
    return {"kernel": w["fetch_state_olrn/hide_x/W_0_0"]}


def original_lstm(w: Arrays) -> Arrays:
    """With c twice theirs, and twice their weights of g, 2 tanh(a / 2) is their tanh(a)."""
    weights = torchrecurrent("igo", "igo")(w)
    return {name: value * tf.concat([ONE, 2 * ONE, ONE], 0) for name, value in weights.items()}


def original_lstm_states(w: Arrays, s: Arrays) -> list[Any]:
    return [s["h"], 2 * s["c"]]


H, H_C = named("h"), named("h", "c")
NO_BIAS = {"use_bias": False}

RUNS = [
    Run("atr", "atr", atr, H, NO_BIAS),
    Run("cfn", "cfn", cfn, H, not_compared=("bias_ih",)),
    Run("dsgu", "dsgu", dsgu, H, not_compared=("bias_hh",)),
    Run("intersection_rnn", "intersection_rnn", intersection_rnn, H),
    Run("janet", "janet", janet, H),
    Run("light_ru", "light_ru", light_ru, H, not_compared=("bias_ih",)),
    Run("ligru", "ligru", torchrecurrent("zn", "zn"), H),
    Run("lrn", "lrn", lrn, H),
    Run("lrn_identity", "lrn", lrn, H, {**NO_BIAS, "activation": "linear"}),
    Run("minimal_rnn", "minimal_rnn", minimal_rnn, H),
    Run("mut1", "mut1", mut1, H, not_compared=("bias_ih",)),
    Run("mut2", "mut2", torchrecurrent("zrn", "zrn"), H),
    Run("mut3", "mut3", torchrecurrent("zrn", "zrn"), H),
    Run("nas", "nas", nas, H_C),
    Run("olrn", "olrn", olrn, H, NO_BIAS),
    Run("original_lstm", "original_lstm", original_lstm, original_lstm_states),
    Run("sgrn", "sgrn", sgrn, H, not_compared=("bias_ih",)),
    Run("sgu", "sgu", sgu, H, not_compared=("bias_hh",)),
    Run("star", "star", star, H),
    Run("ugrnn", "ugrnn", ugrnn, H),
]
