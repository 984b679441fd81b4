"""Stored runs of cells that are linear in their state, and their weights as ours."""

from typing import Any

import tensorflow as tf

from tests.golden.run import BATCH, Arrays, Run, named


def columns(w: Arrays, *names: str) -> Any:
    """Return weights of theirs, (columns, rows) each, as one kernel."""
    return tf.concat([tf.transpose(w[name]) for name in names], 1)


def projections(w: Arrays, names: str) -> Any:
    """Return the weights of their layers NAME_proj, for each letter, as one kernel."""
    return columns(w, *(f"{name}_proj.weight" for name in names))


def gla(w: Arrays) -> Arrays:
    return {
        "kernel": tf.concat([projections(w, "qkvg"), columns(w, "gk_proj.0.weight")], 1),
        "decay_kernel": tf.transpose(w["gk_proj.1.weight"]),
        "decay_bias": w["gk_proj.1.bias"],
        "scale": w["g_norm.weight"],
    }


def delta_net(w: Arrays) -> Arrays:
    return {"kernel": projections(w, "qkvb"), "scale": w["o_norm.weight"]}


def kda(w: Arrays) -> Arrays:
    low_rank = columns(w, "f_proj.0.weight", "g_proj.0.weight")
    return {
        "kernel": tf.concat([projections(w, "qkvb"), low_rank], 1),
        "decay_kernel": tf.transpose(w["f_proj.1.weight"]),
        "rate": w["A_log"],
        "rate_bias": w["dt_bias"],
        "gate_kernel": tf.transpose(w["g_proj.1.weight"]),
        "gate_bias": w["g_proj.1.bias"],
        "scale": w["o_norm.weight"],
    }


def comba(w: Arrays) -> Arrays:
    return {
        "kernel": projections(w, "qkvgba"),
        "rate": w["A_log"],
        "rate_bias": w["dt_bias"],
        "feedback": w["decay"],
        "correction": w["D"],
        "scale": w["o_norm.weight"],
    }


def linear_attention(w: Arrays) -> Arrays:
    return {"kernel": projections(w, "qkv")}


def linear_attention_states(w: Arrays, s: Arrays) -> list[Any]:
    z = tf.transpose(s["z"], (0, 2, 3, 1))
    return [tf.reshape(tf.concat([s["S"], z], -1), (BATCH, -1))]


def retention(w: Arrays) -> Arrays:
    # They rotate the other way round: exchange the two elements of each key and query.
    exchanged = tf.gather(projections(w, "qk"), [1, 0, 3, 2, 5, 4, 7, 6], axis=1)
    return {"kernel": tf.concat([exchanged, projections(w, "vg")], 1)}


def retention_states(w: Arrays, s: Arrays) -> list[Any]:
    return [tf.reshape(s["S"][:, :, ::-1], (BATCH, -1))]


def mamba2(w: Arrays) -> Arrays:
    return {
        "kernel": tf.transpose(w["in_proj.weight"]),
        "rate": w["A_log"],
        "rate_bias": w["dt_bias"],
        "skip": w["D"],
        "scale": w["norm.weight"],
    }


def mamba2_states(w: Arrays, s: Arrays) -> list[Any]:
    S = tf.reshape(s["S"], (BATCH, 2, 2, 3))
    return [tf.reshape(tf.transpose(S, (0, 1, 3, 2)), (BATCH, -1))]


def rwkv6(w: Arrays) -> Arrays:
    kernels = [tf.transpose(w[name]) for name in ("key", "value", "receptance", "gate")]
    return {
        "kernel": tf.eye(4, dtype="float64"),  # their inputs are u
        "mix_all": w["x_maa"],
        "mix": w["maa"],
        "mix_in": tf.transpose(tf.reshape(w["tm_w1"], (4, 5, 3)), (1, 0, 2)),
        "mix_out": w["tm_w2"],
        "kernels": tf.stack(kernels),
        "decay_in": w["td_w1"],
        "decay_out": w["td_w2"],
        "decay_bias": w["time_decay"],
        "bonus": tf.reshape(w["time_faaaa"], (4,)),
        "norm_scale": w["ln_x.weight"],
        "norm_bias": w["ln_x.bias"],
    }


def rwkv7_kernels(w: Arrays) -> list[Any]:
    matrices = [tf.transpose(w[name]) for name in ("receptance", "key", "value")]
    return [*matrices, w["w1"], w["a1"], w["g1"]]


def rwkv7(w: Arrays) -> Arrays:
    return {
        "kernel": tf.concat(rwkv7_kernels(w), 1),
        "mix": tf.stack([w[f"x_{gate}"] for gate in "rkvwag"]),
        "decay_kernel": w["w2"],
        "decay_bias": w["w0"],
        "removal_kernel": w["a2"],
        "removal_bias": w["a0"],
        "gate_kernel": w["g2"],
        "key_removal": w["k_k"],
        "key_addition": w["k_a"],
        "bonus": w["r_k"],
        "norm_scale": w["ln_w"],
        "norm_bias": w["ln_b"],
    }


def rwkv7_states(w: Arrays, s: Arrays) -> list[Any]:
    pairs = zip("rkvwag", rwkv7_kernels(w), strict=True)
    previous = tf.concat([(s["x"] * w[f"x_{gate}"]) @ kernel for gate, kernel in pairs], 1)
    return [tf.reshape(tf.linalg.matrix_transpose(s["S"]), (BATCH, -1)), previous]


def mlstm(w: Arrays) -> Arrays:
    names = ("q", "k", "v", "o", "igate", "fgate")
    return {
        "kernel": columns(w, *(f"{name}.weight" for name in names)),
        "bias": tf.concat([w[f"{name}.bias"] for name in names], 0),
        "scale": 1 + w["outnorm.weight"],
    }


def mlstm_states(w: Arrays, s: Arrays) -> list[Any]:
    memory = tf.reshape(tf.concat([s["C"], s["n"]], -1), (BATCH, -1))
    return [tf.concat([memory, tf.reshape(s["m"], (BATCH, -1))], 1)]


def s4d(w: Arrays) -> Arrays:
    return {
        "kernel": tf.eye(4, dtype="float64"),  # their inputs are u
        "log_dt": w["log_dt"][:, None],
        "log_decay": w["log_A_real"],
        "frequency": w["A_imag"],
        "output_real": w["C"][..., 0],
        "output_imaginary": w["C"][..., 1],
        "skip": w["D"],
    }


def s4d_states(w: Arrays, s: Arrays) -> list[Any]:
    return [tf.reshape(tf.concat([s["real"], s["imaginary"]], 1), (BATCH, -1))]


def shared_system(w: Arrays) -> Arrays:
    """Return kernel and output kernel of one complex system for all units."""
    B, C = (tf.transpose(w[name], (2, 1, 0)) for name in "BC")  # (part, rows, columns)
    return {
        "kernel": tf.concat([B[0], B[1], tf.linalg.diag(w["D"])], 1),
        "output_kernel": tf.concat([C[0], -C[1]], 0),
    }


def s5(w: Arrays) -> Arrays:
    vectors = {"decay": "Lambda_re", "frequency": "Lambda_im", "log_dt": "log_step"}
    return {**shared_system(w), **{ours: w[theirs] for ours, theirs in vectors.items()}}


def lin_oss(w: Arrays) -> Arrays:
    return {**shared_system(w), "stiffness": w["A_diag"], "time_step": w["steps"]}


def lin_oss_states(w: Arrays, s: Arrays) -> list[Any]:
    root = tf.sqrt(w["A_diag"])
    return [tf.concat([s["z_re"] / root, s["z_im"] / root, s["p_re"], s["p_im"]], 1)]


def complex_state(w: Arrays, s: Arrays) -> list[Any]:
    return [tf.concat([s["real"], s["imaginary"]], 1)]


TWO_HEADS = {"heads": 2}

RUNS = [
    Run("comba", "comba", comba, named("S"), TWO_HEADS),
    Run("delta_net", "delta_net", delta_net, named("S"), TWO_HEADS),
    Run("gla", "gla", gla, named("S"), TWO_HEADS),
    Run("kda", "kda", kda, named("S"), TWO_HEADS),
    Run("lin_oss", "lin_oss", lin_oss, lin_oss_states),
    Run(
        "linear_attention",
        "linear_attention",
        linear_attention,
        linear_attention_states,
        TWO_HEADS,
    ),
    Run("mamba2", "mamba2", mamba2, mamba2_states, {**TWO_HEADS, "state_units": 3}),
    Run("mlstm", "mlstm", mlstm, mlstm_states),
    Run("retention", "retention", retention, retention_states, TWO_HEADS),
    Run("rwkv6", "rwkv6", rwkv6, named("S", "x"), {"rank": 3}),
    Run("rwkv7", "rwkv7", rwkv7, rwkv7_states),
    Run("s4d", "s4d", s4d, s4d_states, {"state_units": 6}),
    Run("s5", "s5", s5, complex_state),
]
