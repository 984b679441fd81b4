"""Gradient norms of training steps, and what clipping does to them."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

RULE = "twice the median of the measured norms (Pascanu et al. 2013: half to ten times the mean)"


@dataclasses.dataclass(frozen=True)
class Clipping:
    """Gradient norms of training steps at fixed weights, and gradient clipping.

    Attributes:
        kind: "global_clipnorm", "clipnorm", "clipvalue", or None without clipping.
        threshold: the threshold, None without clipping.
        measure: what the threshold applies to.
        norms: the measure of each training batch.
        share: share of the batches on which clipping acts; None without clipping.
        suggested: the suggested threshold; None if the norms are zero or not finite.
        rule: the rule of the suggestion.
    """

    kind: str | None
    threshold: float | None
    measure: str
    norms: list[float]
    share: float | None
    suggested: float | None
    rule: str = RULE


_MEASURES: dict[str | None, tuple[str, Callable[[Sequence[tf.Tensor]], Any]]] = {
    None: ("norm of the whole gradient", tf.linalg.global_norm),
    "global_clipnorm": ("norm of the whole gradient", tf.linalg.global_norm),
    "clipnorm": (
        "largest norm of a weight's gradient",
        lambda gradients: tf.reduce_max([tf.norm(each) for each in gradients]),
    ),
    "clipvalue": (
        "largest absolute value of a gradient's element",
        lambda gradients: tf.reduce_max([tf.reduce_max(tf.abs(each)) for each in gradients]),
    ),
}


def clipping_of(optimizer: Any) -> tuple[str | None, float | None]:
    """Return the kind of an optimizer's gradient clipping and its threshold."""
    for kind in ("global_clipnorm", "clipnorm", "clipvalue"):
        if (threshold := getattr(optimizer, kind, None)) is not None:
            return kind, float(threshold)
    return None, None


def measure(optimizer: Any, gradients: Sequence[tf.Tensor]) -> tf.Tensor:
    """Return the number that an optimizer's clipping compares with its threshold."""
    _, function = _MEASURES[clipping_of(optimizer)[0]]
    return function(gradients)


def clipping(optimizer: Any, norms: Sequence[float]) -> Clipping:
    """Return the record of gradient clipping.

    Args:
        optimizer: a Keras optimizer.
        norms: the `measure` of the gradient of each batch.
    """
    kind, threshold = clipping_of(optimizer)
    finite = [norm for norm in norms if np.isfinite(norm) and norm > 0]
    acts = [not norm <= threshold for norm in norms] if threshold is not None else []
    return Clipping(
        kind=kind,
        threshold=threshold,
        measure=_MEASURES[kind][0],
        norms=list(norms),
        share=float(np.mean(acts)) if acts else None,
        suggested=float(2 * np.median(finite)) if finite else None,
    )


def loss_and_gradients(model: Any, batch: Sequence[Any]) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Return the training loss of a batch (inputs, targets, weights) and its dense gradients."""
    inputs, targets, weights = batch
    with tf.GradientTape() as tape:
        predictions = model(inputs, training=True)
        loss = model.compute_loss(inputs, targets, predictions, weights, training=True)
    variables = [weight.value for weight in model.trainable_variables]
    gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
    return loss, [tf.convert_to_tensor(each) for each in gradients]


@contextlib.contextmanager
def restored(variables: Sequence[Any]) -> Iterator[list[np.ndarray]]:
    """Restore the values of Keras variables at the end of the context; yield them."""
    values = [np.array(variable) for variable in variables]
    try:
        yield values
    finally:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
