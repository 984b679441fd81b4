"""Stored runs of other implementations, described in `origins.md`, and their weights as ours.

The functions named after cells map their weights, or states, to ours. They are differentiable: a
test can compare gradients under their names, in their layout.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from tests.golden.run import Arrays, Run, named, reorder


def t_lstm(w: Arrays) -> Arrays:
    return {
        "kernel": tf.concat([tf.transpose(w["weight_ih"]), tf.transpose(w["weight_hh"])], 1),
        "bias": w["bias_ih"] + w["bias_hh"],
    }


def t_lstm_states(w: Arrays, s: Arrays) -> list[Any]:
    return [s["c"], s["previous_input"] @ tf.transpose(w["weight_hh"])]


def lru(w: Arrays) -> Arrays:
    B = [tf.transpose(w["B_re"]), tf.transpose(w["B_im"])]
    return {
        "kernel": tf.concat([*B, tf.linalg.diag(w["D"])], 1),
        "output_kernel": tf.concat([tf.transpose(w["C_re"]), -tf.transpose(w["C_im"])], 0),
        "nu": w["nu_log"],
        "theta": w["theta_log"],
        "gamma": w["gamma_log"],
    }


def lru_states(w: Arrays, s: Arrays) -> list[Any]:
    return [tf.concat([s["real"], s["imaginary"]], 1)]


def s6(w: Arrays) -> Arrays:
    return {
        "kernel": tf.eye(4, dtype="float64"),  # their inputs are u
        "selection_kernel": tf.transpose(w["x_proj.weight"]),
        "time_kernel": tf.transpose(w["dt_proj.weight"]),
        "time_bias": w["dt_proj.bias"],
        "rates": w["A_log"],
        "skip": w["D"],
    }


def slstm(w: Arrays) -> Arrays:
    heads, _, width = w["_recurrent_kernel_"].shape
    blocks = tf.reshape(w["_recurrent_kernel_"], (heads, 4, width, width))
    return {
        "kernel": w["W"],
        "recurrent_blocks": tf.transpose(blocks, (0, 3, 1, 2)),
        "bias": w["_bias_"],
    }


def ran(w: Arrays) -> Arrays:
    gates = w["RANCell/gates/w"]  # rows x, h; columns i, f
    return {
        "kernel": tf.concat([gates[:3], w["RANCell/content/w"]], 1),
        "recurrent_kernel": gates[3:],
        "bias": w["RANCell/gates/b"],
    }


def pytorch_projection_lstm(w: Arrays) -> Arrays:
    return {
        "kernel": tf.transpose(w["weight_ih_l0"]),
        "recurrent_kernel": tf.transpose(w["weight_hh_l0"]),
        "bias": w["bias_ih_l0"] + w["bias_hh_l0"],
        "projection_kernel": tf.transpose(w["weight_hr_l0"]),
        "peephole": tf.zeros((3, 4), "float64"),
    }


def tensorflow_projection_lstm(w: Arrays) -> Arrays:
    kernel = reorder(w["lstm_cell/kernel"], "igfo", "ifgo")
    return {
        "kernel": kernel[:3],
        "recurrent_kernel": kernel[3:],
        "bias": reorder(w["lstm_cell/bias"], "igfo", "ifgo"),
        "projection_kernel": w["lstm_cell/projection/kernel"],
        "peephole": tf.stack([w[f"lstm_cell/w_{gate}_diag"] for gate in "ifo"]),
    }


def rhn(w: Arrays) -> Arrays:
    kernels, biases = (
        [tf.concat([w[f"{gate}_{layer}/Linear/{name}"] for gate in "ht"], -1) for layer in range(3)]
        for name in ("Matrix", "Bias")
    )
    return {
        "kernel": kernels[0][:3],
        "recurrent_kernel": kernels[0][3:],
        "bias": biases[0],
        "recurrent_kernel_2": kernels[1],
        "bias_2": biases[1],
        "recurrent_kernel_3": kernels[2],
        "bias_3": biases[2],
    }


def exprnn(w: Arrays) -> Arrays:
    upper = np.stack(np.triu_indices(4, 1), -1)
    return {
        "kernel": tf.transpose(w["input_kernel.weight"]),
        "skew": tf.gather_nd(w["recurrent_kernel.A"], upper),
        "bias": w["nonlinearity.b"],
    }


def layer_norm_lstm(w: Arrays) -> Arrays:
    return {
        "kernel": reorder(w["W"], "ifog", "ifgo"),
        "recurrent_kernel": reorder(w["U"], "ifog", "ifgo"),
        "bias": reorder(w["b1"] + w["b2"], "ifog", "ifgo"),
        "input_scale": reorder(w["s1"], "ifog", "ifgo"),
        "recurrent_scale": reorder(w["s2"], "ifog", "ifgo"),
        "state_scale": w["s3"],
        "state_bias": w["b3"],
    }


def haste_layer_norm_lstm(w: Arrays) -> Arrays:
    scales = reorder(w["gamma"], "igfo", "ifgo")
    return {
        "kernel": reorder(w["kernel"], "igfo", "ifgo"),
        "recurrent_kernel": reorder(w["recurrent_kernel"], "igfo", "ifgo"),
        "bias": reorder(w["bias"], "igfo", "ifgo"),
        "input_scale": scales[0],
        "recurrent_scale": scales[1],
        "state_scale": w["gamma_h"],
        "state_bias": w["beta_h"],
    }


def gated_delta_net(w: Arrays) -> Arrays:
    by_head = tf.reshape(tf.transpose(w["in_proj_qkvz.weight"]), (3, 2, 4, 2))
    rates = tf.reshape(tf.transpose(w["in_proj_ba.weight"]), (3, 2, 2))
    parts = [
        tf.reshape(tf.transpose(part, (0, 2, 1, *range(3, part.ndim))), (3, -1))
        for part in (by_head, rates)
    ]
    return {
        "kernel": tf.concat(parts, 1),
        "rate": w["A_log"],
        "rate_bias": w["dt_bias"],
        "scale": w["norm.weight"],
    }


def phased_lstm(w: Arrays) -> Arrays:
    order = ("ingate", "forgetgate", "cell", "outgate")
    return {
        "kernel": tf.concat([w[f"W_in_to_{gate}"] for gate in order], 1),
        "recurrent_kernel": tf.concat([w[f"W_hid_to_{gate}"] for gate in order], 1),
        "bias": tf.concat([w[f"b_{gate}"] for gate in order], 0),
        "peephole": tf.stack([w[f"W_cell_to_{gate}"] for gate in order if gate != "cell"]),
        "log_period": tf.math.log(tf.abs(w["Period_timegate"])),
        "shift": -w["Shift_timegate"],
        "log_ratio": tf.math.log(tf.abs(w["On_End_timegate"])),
    }


def contrib_phased_lstm(w: Arrays) -> Arrays:
    names = ("mask_gates", "new_input", "output_gate")
    kernel = tf.concat([w[f"{name}/kernel"] for name in names], 1)  # rows x, h
    return {
        "kernel": kernel[:3],
        "recurrent_kernel": kernel[3:],
        "bias": tf.concat([w[f"{name}/bias"] for name in names], 0),
        "peephole": tf.zeros((3, 4), "float64"),
        "log_period": tf.math.log(w["period"]),
        "shift": w["phase"],
        "log_ratio": tf.math.log(w["ratio_on"]),
    }


H_C_T = named("h", "c", "t")
H_C, SLSTM = named("h", "c"), named("y", "c", "n", "m")
PROJECTION = {"projection_units": 2}

RUNS = [
    Run("exprnn", "exprnn", exprnn, named("h")),
    Run("gated_delta_net", "gated_delta_net", gated_delta_net, named("S"), {"heads": 2}),
    Run("layer_norm_lstm", "layer_norm_lstm", layer_norm_lstm, H_C, not_compared=("b",)),
    Run("layer_norm_lstm_haste", "layer_norm_lstm", haste_layer_norm_lstm, H_C),
    Run("lru", "lru", lru, lru_states),
    Run("phased_lstm", "phased_lstm", phased_lstm, H_C_T, {"leak": 0.0}),
    Run("phased_lstm_training", "phased_lstm", phased_lstm, H_C_T, {"leak": 0.05}),
    Run(
        "phased_lstm_contrib",
        "phased_lstm",
        contrib_phased_lstm,
        H_C_T,
        {"leak": 0.1},
        not_compared=("period",),  # theirs lacks the derivative of the modulo
    ),
    Run("projection_lstm", "projection_lstm", pytorch_projection_lstm, H_C, PROJECTION),
    Run(
        "projection_lstm_peepholes",
        "projection_lstm",
        tensorflow_projection_lstm,
        H_C,
        PROJECTION,
    ),
    Run("ran", "ran", ran, H_C),
    Run("rhn", "rhn", rhn, named("h"), {"depth": 3}),
    Run("s6", "s6", s6, named("x"), {"state_units": 3}),
    Run("slstm", "slstm", slstm, SLSTM, {"heads": 2}),
    Run("slstm_one_head", "slstm", slstm, SLSTM),
    Run("t_lstm", "t_lstm", t_lstm, t_lstm_states),
]
