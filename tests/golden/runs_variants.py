"""Stored runs of variants of the LSTM and the GRU, and of simple cells, with their weights as ours.

The functions map their weights, or states, to ours, as in `runs_various`.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tests.golden.run import Arrays, Run, named, reorder


def transposed(w: Arrays, order: str, ours: str) -> Arrays:
    """Return the weights of a cell of torchrecurrent with its gates in our order."""
    names = {"kernel": "weight_ih", "recurrent_kernel": "weight_hh"}
    kernels = {name: reorder(tf.transpose(w[their]), order, ours) for name, their in names.items()}
    return {**kernels, "bias": reorder(w["bias_ih"] + w["bias_hh"], order, ours)}


def res_lstm(w: Arrays) -> Arrays:
    weights = transposed(w, "ifgo", "ifgo")
    return {
        **weights,
        "kernel": tf.concat([weights["kernel"], tf.transpose(w["weight_res"])], 1),
        "projection_kernel": tf.transpose(w["weight_proj"]),
        "peephole": tf.reshape(w["weight_ph"], (3, 4)),
    }


def wmclstm(w: Arrays) -> Arrays:
    memory = tf.transpose(w["weight_mh"])  # columns i, f, o
    return {
        **transposed(w, "ifgo", "ifgo"),
        "memory_kernel": memory[:, :8],
        "output_memory_kernel": memory[:, 8:],
        "memory_bias": tf.reshape(w["bias_mh"], (3, 4)),
    }


def mclstm(w: Arrays) -> Arrays:
    return transposed(w, "fiomg", "ifgom")


def tau_gru(w: Arrays) -> Arrays:
    return transposed(w, "uzga", "ugaz")


def tau_gru_states(w: Arrays, s: Arrays) -> list[Any]:
    return [s["h"], tf.concat([s["h1"], s["h2"]], 1)]


def fast_rnn(w: Arrays) -> Arrays:
    return {
        "kernel": w["W"],
        "recurrent_kernel": w["U"],
        "bias": w["bias_update"][0],
        "alpha": w["alpha"][0],
        "beta": w["beta"][0],
    }


def fast_grnn(w: Arrays) -> Arrays:
    return {
        "kernel": w["W"],
        "recurrent_kernel": w["U"],
        "bias": w["bias_gate"][0],
        "candidate_bias": w["bias_update"][0],
        "zeta": w["zeta"][0],
        "nu": w["nu"][0],
    }


def on_lstm(chunk: int) -> Callable[[Arrays], Arrays]:
    """Return the mapping for a chunk size; their columns: I, F, o, g, i, f."""
    sizes = [4 // chunk, 4 // chunk, 4, 4, 4, 4]

    def ours(columns: Any) -> Any:
        I, F, o, g, i, f = tf.split(columns, sizes, -1)  # noqa: E741
        return tf.concat([i, f, g, o, F, I], -1)

    return lambda w: {
        "kernel": ours(tf.transpose(w["ih.0.weight"])),
        "recurrent_kernel": ours(tf.transpose(w["hh.weight"])),
        "bias": ours(w["ih.0.bias"] + w["hh.bias"]),
    }


def irnn(w: Arrays) -> Arrays:
    return {
        "kernel": tf.transpose(w["weight_ih_l0"]),
        "recurrent_kernel": tf.transpose(w["weight_hh_l0"]),
        "bias": w["bias_ih_l0"] + w["bias_hh_l0"],
    }


def lstm_variant(gates: str) -> Callable[[Arrays], Arrays]:
    """Return the mapping for a variant of the LSTM with these gates, of theirs: i, f, g, o."""
    peepholes = {"i": "Wci", "f": "Wcf", "o": "Wco"}
    return lambda w: {
        "kernel": reorder(w["Wx"], "ifgo", gates),
        "recurrent_kernel": reorder(w["Wh"], "ifgo", gates),
        "bias": reorder(w["b"], "ifgo", gates),
        "peephole": tf.stack([w[peepholes[gate]] for gate in gates if gate != "g"]),
    }


def lstm_fgr(w: Arrays) -> Arrays:
    rows = [tf.concat([w[f"R_{source}{gate}"] for gate in "ifo"], 1) for source in "ifo"]
    return {
        "kernel": tf.concat([w[f"W_{gate}"] for gate in "ifzo"], 1),
        "recurrent_kernel": tf.concat([w[f"R_{gate}"] for gate in "ifzo"], 1),
        "bias": tf.concat([w[f"b_{gate}"] for gate in "ifzo"], 1)[0],
        "peephole": tf.stack([w[f"p_{gate}"] for gate in "ifo"]),
        "gate_kernel": tf.concat(rows, 0),
    }


def lstm_fgr_states(w: Arrays, s: Arrays) -> list[Any]:
    return [s["h"], s["c"], tf.concat([s[gate] for gate in "ifo"], 1)]


def brc(w: Arrays) -> Arrays:
    return {
        "kernel": tf.concat([w["kr"], w["kz"], w["kh"]], 1),
        "recurrent_kernel": tf.concat([w["mr"], w["mz"]], -1),
        "bias": tf.concat([w["br"], w["bz"]], 0),
    }


def layer_norm_simple_rnn(w: Arrays) -> Arrays:
    return {
        "kernel": w["kernel"],
        "recurrent_kernel": w["recurrent_kernel"],
        "bias": w["bias"],
        "scale": w["gamma"],
    }


def layer_norm_gru(w: Arrays) -> Arrays:
    return {
        "kernel": tf.concat([reorder(w["W"], "rz", "zr"), w["Wx"]], 1),
        "recurrent_kernel": tf.concat([reorder(w["U"], "rz", "zr"), w["Ux"]], 1),
        "bias": tf.concat([reorder(w["b1"] + w["b3"], "rz", "zr"), w["b2"]], 0),
        "input_scale": tf.concat([reorder(w["s1"], "rz", "zr"), w["s2"]], 0),
        "recurrent_scale": tf.concat([reorder(w["s3"], "rz", "zr"), w["s4"]], 0),
        "recurrent_bias": w["b4"],
    }


def esn(w: Arrays) -> Arrays:
    return {"kernel": w["kernel"], "reservoir": w["recurrent_kernel"], "bias": w["bias"]}


def fast_slow_rnn(depth: int) -> Callable[[Arrays], Arrays]:
    """Return the mapping for a number of fast steps."""

    def weights(w: Arrays) -> Arrays:
        def ours(step: str, name: str) -> Any:
            return reorder(w[f"{step}/{name}"], "igfo", "ifgo")

        first = ours("Fast_0", "kernel")  # rows x, h
        mapped = {
            "kernel": first[:3],
            "recurrent_kernel": first[3:],
            "bias": ours("Fast_0", "bias"),
            "kernel_slow": ours("Slow", "kernel"),
            "bias_slow": ours("Slow", "bias"),
        }
        for step in range(2, depth + 1):
            kernel = ours(f"Fast_{step - 1}", "kernel")
            # From the third step on, their input is one zero, for which we have no row.
            mapped[f"kernel_{step}"] = kernel if step == 2 else kernel[1:]
            mapped[f"bias_{step}"] = ours(f"Fast_{step - 1}", "bias")
        return mapped

    return weights


def multiplicative_rnn(w: Arrays) -> Arrays:
    return {
        "kernel": tf.concat([w["xf"], w["xh"]], 1),
        "recurrent_kernel": w["hf"],
        "bias": w["b"],
        "factor_kernel": w["fh"],
        "factor_bias": tf.zeros(5, "float64"),
    }


def clockwork_rnn(w: Arrays) -> Arrays:
    return {
        "kernel": w["xh"],
        "bias": w["b"],
        "recurrent_kernel_0": w["hh"][:, :2],
        "recurrent_kernel_1": w["hh"][2:, 2:],
    }


def scrn(w: Arrays) -> Arrays:
    of_h, of_s = tf.split(w["w"], [4, 3], -1)
    return {
        "kernel": tf.concat([of_s, of_h], 1),
        "recurrent_kernel": w["hh"],
        "context_kernel": w["sh"],
    }


H, H_C = named("h"), named("h", "c")
SLOW = named("h", "c", "s", "d")

RUNS = (
    Run("brc", "brc", brc, H),
    Run("clockwork_rnn", "clockwork_rnn", clockwork_rnn, named("h", "t"), {"modules": 2}),
    Run("esn", "esn", esn, H, {"leak": 0.3}, ("kernel", "recurrent_kernel", "bias")),  # not trained
    Run("fast_grnn", "fast_grnn", fast_grnn, H),
    Run("fast_rnn", "fast_rnn", fast_rnn, H),
    Run("fast_slow_rnn", "fast_slow_rnn", fast_slow_rnn(2), SLOW, {"slow_units": 3}),
    Run(
        "fast_slow_rnn_deep",
        "fast_slow_rnn",
        fast_slow_rnn(4),
        SLOW,
        {"slow_units": 2, "depth": 4},
    ),
    Run("irnn", "irnn", irnn, H),
    Run("layer_norm_gru", "layer_norm_gru", layer_norm_gru, H, not_compared=("b", "bx")),
    Run("layer_norm_simple_rnn", "layer_norm_simple_rnn", layer_norm_simple_rnn, H),
    Run("lstm_fgr", "lstm_fgr", lstm_fgr, lstm_fgr_states),
    Run("lstm_nfg", "lstm_nfg", lstm_variant("igo"), H_C),
    Run("lstm_niaf", "lstm_niaf", lstm_variant("ifgo"), H_C),
    Run("lstm_nig", "lstm_nig", lstm_variant("fgo"), H_C),
    Run("lstm_noaf", "lstm_noaf", lstm_variant("ifgo"), H_C),
    Run("lstm_nog", "lstm_nog", lstm_variant("ifg"), H_C),
    Run("mclstm", "mclstm", mclstm, named("v", "c")),
    Run("multiplicative_rnn", "multiplicative_rnn", multiplicative_rnn, H, {"factors": 5}),
    Run("nbrc", "nbrc", brc, H),
    Run("on_lstm", "on_lstm", on_lstm(1), H_C),
    Run("on_lstm_chunks", "on_lstm", on_lstm(2), H_C, {"chunk": 2}),
    Run("res_lstm", "res_lstm", res_lstm, H_C),
    Run("scrn", "scrn", scrn, named("h", "s"), {"context_units": 3}),
    Run("tau_gru", "tau_gru", tau_gru, tau_gru_states, {"delay": 2}),
    Run("wmclstm", "wmclstm", wmclstm, H_C),
)
