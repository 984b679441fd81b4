"""Stored runs of continuous, oscillatory, orthogonal and linear cells; see `origins.md`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tests.golden.run import Arrays, Run, named, reorder

UPPER = np.stack(np.triu_indices(4, 1), -1)


def with_previous(state: str, kernel: Callable[[Arrays], Any]) -> Callable:
    """Return a mapping of states: theirs of this name, and the products of the previous input."""

    def states(w: Arrays, s: Arrays) -> list[Any]:
        return [s[state], s["previous_input"] @ kernel(w)]

    return states


def antisymmetric_rnn(w: Arrays) -> Arrays:
    gates = [gate for gate in ("Vz", "Vh") if f"{gate}.bias" in w]
    return {
        "kernel": tf.concat([tf.transpose(w[f"{gate}.weight"]) for gate in gates], 1),
        "skew": tf.gather_nd(w["W"] - tf.transpose(w["W"]), UPPER),
        "bias": tf.concat([w[f"{gate}.bias"] for gate in gates], 0),
    }


def cornn(w: Arrays) -> Arrays:
    kernel = tf.transpose(w["i2h.weight"])  # rows x, z, y
    return {
        "kernel": kernel[:3],
        "recurrent_kernel": tf.concat([kernel[7:], kernel[3:7]], 1),
        "bias": w["i2h.bias"],
    }


def unicornn(w: Arrays) -> Arrays:
    return {
        "kernel": tf.transpose(w["weight_ih"]),
        "recurrent_kernel": w["weight_hh"],
        "bias": w["bias_ih"],
        "time_scale": w["weight_ch"],
    }


def lem(w: Arrays) -> Arrays:
    bias = tf.concat([w["hid2hid.bias"], w["transform_z.bias"]], 0)
    recurrent = tf.concat([w["hid2hid.weight"], w["transform_z.weight"]], 0)
    return {  # their columns of the input product: p, q, y, z
        "kernel": reorder(tf.transpose(w["inp2hid.weight"]), "pqyz", "pqzy"),
        "recurrent_kernel": tf.transpose(recurrent),
        "bias": reorder(w["inp2hid.bias"], "pqyz", "pqzy") + bias,
    }


def ltc(w: Arrays) -> Arrays:
    return {
        "kernel": tf.concat([w["sensory_erev"], w["sensory_w"]], 1),
        "w": w["w"],
        "E": w["erev"],
        "mu": w["mu"],
        "sigma": w["sigma"],
        "mu_x": w["sensory_mu"],
        "sigma_x": w["sensory_sigma"],
        "c": w["cm"],
        "leak": w["gleak"],
        "rest": w["vleak"],
    }


def cfc(w: Arrays) -> Arrays:
    backbone, heads = tf.transpose(w["backbone.0.weight"]), ("ff1", "ff2", "time_a", "time_b")
    return {
        "kernel": backbone[:3],
        "recurrent_kernel": backbone[3:],
        "bias": tf.concat([w["backbone.0.bias"], *(w[f"{head}.bias"] for head in heads)], 0),
        "head_kernel": tf.concat([tf.transpose(w[f"{head}.weight"]) for head in heads], 1),
    }


def lmu(w: Arrays) -> Arrays:
    signal, hidden = w["kernel"], w["simple_rnn_cell/kernel"]  # rows x, h; rows m, x
    return {
        "kernel": tf.concat([signal[:3], hidden[5:]], 1),
        "recurrent_kernel": tf.concat([signal[3:], w["simple_rnn_cell/recurrent_kernel"]], 1),
        "signal_kernel": w["recurrent_kernel"],
        "memory_kernel": hidden[:5],
    }


def urnn(w: Arrays) -> Arrays:
    real, imaginary = tf.split(w["reflection"], 2, 1)
    return {  # they reflect along the conjugate
        "kernel": w["V"],
        "theta": w["theta"],
        "reflections": tf.stack([real, -imaginary], 1),
        "bias": w["hidden_bias"],
        "permutation": tf.constant([2.0, 0.0, 3.0, 1.0], "float64"),
    }


def scornn(w: Arrays) -> Arrays:
    skew = tf.gather_nd(w["A"], UPPER)
    return {"kernel": w["scoRNNCell/U"], "skew": skew, "bias": w["b"]}


def eunn(w: Arrays) -> Arrays:
    angles = {name: tf.concat([w[f"{name}_A"], w[f"{name}_B"]], 1) for name in ("theta", "phi")}
    kernel = tf.concat([w["eunn_cell/U_re"], w["eunn_cell/U_im"]], 1)
    return {"kernel": kernel, "bias": w["eunn_cell/modReLUBias"], "omega": w["omega"], **angles}


def goru(w: Arrays) -> Arrays:
    biases = [w["goru_cell/bias_r"], w["goru_cell/bias_g"], w["goru_cell/bias_c"] + 0.001]
    return {
        "kernel": reorder(w["goru_cell/U"], "crg", "rgc"),
        "gate_kernel": tf.concat([w["goru_cell/W_r"], w["goru_cell/W_g"]], 1),
        "bias": tf.concat(biases, 0),
        "theta": tf.concat([w["theta_A"], w["theta_B"]], 1),
    }


def t_rnn(w: Arrays) -> Arrays:
    return {"kernel": tf.transpose(w["weight_ih"]), "bias": w["bias_ih"]}


def t_gru(w: Arrays) -> Arrays:
    return {
        "kernel": tf.concat([tf.transpose(w["weight_ih"]), tf.transpose(w["weight_hh"])], 1),
        "bias": w["bias_ih"] + w["bias_hh"],
    }


def qrnn(w: Arrays) -> Arrays:
    kernel = tf.transpose(w["linear.weight"]) * _f_keeps()  # rows x, previous x
    return {
        "kernel": tf.concat([kernel[:3], kernel[3:]], 1),
        "bias": w["linear.bias"] * _f_keeps(),
    }


def _f_keeps() -> tf.Tensor:
    """Return the signs of the columns z, f, o: their f overwrites the state, ours keeps it."""
    return tf.repeat(tf.constant([1.0, -1.0, 1.0], "float64"), 4)


def sru(w: Arrays) -> Arrays:
    by_unit = tf.reshape(w["weight"], (3, 4, 4))  # row, unit, gate
    return {
        "kernel": tf.reshape(tf.transpose(by_unit, (0, 2, 1)), (3, 16)),
        "bias": w["bias"],
    }


def min_lstm(w: Arrays) -> Arrays:
    return {"kernel": reorder(tf.transpose(w["to_hidden_and_f_i_gate.weight"]), "nfi", "fin")}


def hgrn(w: Arrays) -> Arrays:
    gates = ("input_proj", "lambda_proj", "gate")
    return {
        "kernel": tf.concat([tf.transpose(w[f"{gate}.weight"]) for gate in gates], 1),
        "bias": tf.concat([w[f"{gate}.bias"] for gate in gates], 0),
        "norm_scale": w["norm.weight"],
        "norm_bias": w["norm.bias"],
    }


def rg_lru(w: Arrays) -> Arrays:
    return {
        "kernel": tf.eye(4, dtype="float64"),  # their inputs are u
        "gate_blocks": tf.stack([w["a_gate.w"], w["input_gate.w"]], 2),
        "gate_bias": tf.concat(
            [tf.reshape(w[f"{gate}_gate.b"], (4,)) for gate in ("a", "input")], 0
        ),
        "decay_rate": w["a_param"],
    }


EULER = {"step_size": 0.3, "diffusion": 0.05}
T_GRU = with_previous("h", lambda w: tf.transpose(w["weight_hh"]))
QRNN = with_previous("c", lambda w: (tf.transpose(w["linear.weight"]) * _f_keeps())[3:])
LINEAR = {"activation": "linear"}

RUNS = (
    Run("antisymmetric_rnn", "antisymmetric_rnn", antisymmetric_rnn, named("h"), EULER),
    Run("gated_antisymmetric_rnn", "gated_antisymmetric_rnn", antisymmetric_rnn, named("h"), EULER),
    Run("cornn", "cornn", cornn, named("y", "z"), {"dt": 0.3, "gamma": 2.7, "epsilon": 4.7}),
    Run("unicornn", "unicornn", unicornn, named("y", "z"), {"dt": 0.5, "alpha": 1.7}),
    Run("lem", "lem", lem, named("y", "z"), {"dt": 0.7}),
    Run("ltc", "ltc", ltc, named("v")),
    Run("cfc", "cfc", cfc, named("h"), {"backbone_units": 5}),
    Run("lmu", "lmu", lmu, named("h", "m"), {"order": 5, "window": 12.0}),
    Run("urnn", "urnn", urnn, named("h"), {"units": 8}),
    Run("scornn", "scornn", scornn, named("h"), {"negative_share": 0.25}),
    Run("eunn", "eunn", eunn, named("h"), {"units": 8, "capacity": 4}),
    Run("goru", "goru", goru, named("h"), {"capacity": 4}),
    Run("t_rnn", "t_rnn", t_rnn, named("h")),
    Run("t_gru", "t_gru", t_gru, T_GRU),
    Run("qrnn", "qrnn", qrnn, QRNN),
    Run("sru", "sru", sru, named("c")),
    Run("sru_linear", "sru", sru, named("c"), LINEAR),
    Run("min_lstm", "min_lstm", min_lstm, named("h"), {"use_bias": False}),
    Run("hgrn", "hgrn", hgrn, named("h"), {"lower_bound": 0.3}),
    Run("rg_lru", "rg_lru", rg_lru, named("h"), {"heads": 2}),
)
