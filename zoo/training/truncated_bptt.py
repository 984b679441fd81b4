"""Truncated BPTT for language models, with an optional fused or sampled softmax.

The model trains on consecutive windows of a text (truncated back-propagation through time): the
state is carried from one window to the next, and gradients stop at the start of each window.
"""

from typing import Any

import keras
import tensorflow as tf

from tasks.text.features import Features
from zoo.config import Config
from zoo.errors import RequestError
from zoo.models import assembly
from zoo.training.losses import fused_cross_entropy, log_uniform, sampled_cross_entropy

LARGE_SOFTMAX = 0.5  # share of the multiplications above which sampled softmax is suggested


class TruncatedBPTTModel(keras.Model):
    """Trains a single-step model on consecutive windows with carried state (truncated BPTT).

    Args:
        single_step_model: a model from `zoo.models.assembly.single_step_model`.
        rows: batch size, the number of parallel streams of text.
    """

    def __init__(self, single_step_model: keras.Model, rows: int) -> None:
        super().__init__()
        self.single_step_model = single_step_model
        self.carried_states = [
            self.add_weight(
                shape=(rows, tensor.shape[-1]),
                trainable=False,
                initializer="zeros",
                name=tensor.name,
            )
            for tensor in single_step_model.inputs[1:]
        ]

    def call(self, inputs: dict[str, tf.Tensor], training: bool | None = None) -> tf.Tensor:
        """Run one window from the carried state, and store the final state for the next window.

        Args:
            inputs: {"tokens": ids (rows, timesteps)}.
            training: whether dropout and zoneout are active.

        Returns:
            The first output of the single-step model, (rows, timesteps, ...).
        """
        initial = [tf.convert_to_tensor(state) for state in self.carried_states]
        outputs, *states = self.single_step_model([inputs["tokens"], *initial], training=training)
        for variable, state in zip(self.carried_states, states, strict=True):
            variable.assign(state)
        return outputs

    def reset_state(self) -> None:
        """Set the carried state to zeros."""
        for variable in self.carried_states:
            variable.assign(tf.zeros_like(variable))


class FusedSoftmaxModel(TruncatedBPTTModel):
    """Truncated BPTT with head and loss fused (`zoo.training.losses.fused_cross_entropy`).

    Args:
        single_step_model: a model from `zoo.models.assembly.single_step_model_without_head`.
        head: the head's layer, for which `is_softmax_cross_entropy` is true.
        rows: batch size.
    """

    def __init__(self, single_step_model: keras.Model, head: keras.layers.Layer, rows: int) -> None:
        super().__init__(single_step_model, rows)
        self.head = head

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return the mean loss over all timesteps, in nats.

        Args:
            x: not used.
            y: targets (rows, timesteps).
            y_pred: the input of the head (rows, timesteps, width).
            sample_weight: not used.
            training: not used.
        """
        kernel, bias = map(tf.convert_to_tensor, (self.head.kernel, self.head.bias))
        loss = fused_cross_entropy(_as_rows(y_pred), kernel, bias, tf.reshape(y, (-1,)))
        return tf.add_n([loss, *self.losses])


class SampledSoftmaxModel(TruncatedBPTTModel):
    """Truncated BPTT with a sampled softmax: each target against `drawn` sampled negatives.

    All timesteps of a training step share one draw. The vocabulary must be in order of decreasing
    frequency. The draws depend only on the seed and the number of the step, so that a resumed run
    draws the same negatives.

    Args:
        single_step_model: a model from `zoo.models.assembly.single_step_model_without_head`.
        head: the head's layer, a `keras.layers.Dense`.
        rows: batch size.
        drawn: number of sampled negatives.
        seed: seed of the draws.

    Raises:
        RequestError: if `head` is not a `keras.layers.Dense`.
    """

    def __init__(
        self,
        single_step_model: keras.Model,
        head: keras.layers.Layer,
        rows: int,
        drawn: int,
        seed: int,
    ) -> None:
        if not isinstance(head, keras.layers.Dense):
            raise RequestError(
                f"sampled_softmax={drawn}: a sampled softmax needs a Dense head, but this head is "
                f"a {type(head).__name__}. Leave it out, or choose --head=token_logits."
            )
        super().__init__(single_step_model, rows)
        self.head, self.drawn, self.seed = head, drawn, seed

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return the mean loss over all timesteps, in nats (see `FusedSoftmaxModel`)."""
        seed = (self.seed, self.optimizer.iterations)
        sampled = log_uniform(self.drawn, self.head.bias.shape[0], seed)
        loss = sampled_cross_entropy(_as_rows(y_pred), self.head.kernel, self.head.bias, y, sampled)
        return tf.add_n([loss, *self.losses])


def truncated_bptt_model(
    config: Config, features: Features, model: keras.Model, rows: int
) -> TruncatedBPTTModel:
    """Return the compiled model that trains a language model by truncated BPTT.

    Args:
        config: the resolved configuration of `model`.
        features: the features of `model`.
        model: a compiled model from `zoo.models.assembly.network`.
        rows: batch size.

    Raises:
        RequestError: if the configuration has a sampled softmax and the head is not a Dense layer.
    """
    head, drawn = model.get_layer("head"), config.sampled_softmax or 0
    training_model: TruncatedBPTTModel
    if 0 < drawn < features.outputs:
        step = assembly.single_step_model_without_head(config, features, model)
        training_model = SampledSoftmaxModel(step, head, rows, drawn, config.seed)
    elif is_softmax_cross_entropy(head, model.loss):
        step = assembly.single_step_model_without_head(config, features, model)
        training_model = FusedSoftmaxModel(step, head, rows)
    else:
        step = assembly.single_step_model(config, features, model)
        training_model = TruncatedBPTTModel(step, rows)
    return assembly.compile_model(training_model, config)


def is_softmax_cross_entropy(head: keras.layers.Layer, loss: keras.losses.Loss) -> bool:
    """Return whether head and loss are a dense softmax with cross-entropy, and nothing else.

    False for subclasses of `keras.layers.Dense` and of the loss: they may compute something else.
    """
    if (
        type(head) is not keras.layers.Dense
        or type(loss) is not keras.losses.SparseCategoricalCrossentropy
    ):
        return False
    arguments = loss.get_config()
    return (
        head.use_bias
        and head.activation is keras.activations.linear
        and arguments["from_logits"]
        and arguments["ignore_class"] is None
    )


def softmax_share(model: keras.Model) -> float:
    """Return the head's share of the multiplications of a training step.

    Each weight outside of embeddings takes part in one multiplication per token.
    """
    sizes = {
        layer.name: layer.count_params()
        for layer in model.layers
        if not isinstance(layer, keras.layers.Embedding)
    }
    return sizes["head"] / sum(sizes.values())


def softmax_remark(model: keras.Model, tokens: int) -> str | None:
    """Return a remark that suggests sampled softmax if the softmax takes most of a training step.

    Args:
        model: a language model.
        tokens: the number of its classes.
    """
    share = softmax_share(model)
    if share <= LARGE_SOFTMAX:
        return None
    return (
        f"The softmax over {tokens:,} tokens is {share:.0%} of a training step's work. "
        "--sampled_softmax=1000 trains on 1,000 sampled negatives instead."
    )


def _as_rows(states: tf.Tensor) -> tf.Tensor:
    return tf.reshape(tf.cast(states, tf.float32), (-1, states.shape[-1]))
