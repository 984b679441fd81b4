"""Training on a text without end: the state is carried from window to window; the softmax goes with its loss."""

import math

import keras
import tensorflow as tf

from zoo.errors import RequestError
from zoo.training.losses import cross_entropy


class TruncatedBPTTModel(keras.Model):
    """Trains a stepper on consecutive windows: the state goes on from one to the next, the gradient does not."""

    def __init__(self, single_step_model, rows):
        super().__init__()
        self.single_step_model = single_step_model
        self.carried = [
            self.add_weight(
                shape=(rows, tensor.shape[-1]),
                trainable=False,
                initializer="zeros",
                name=tensor.name,
            )
            for tensor in single_step_model.inputs[1:]
        ]

    def call(self, inputs, training=None):
        logits, *states = self.single_step_model(
            [inputs["tokens"], *[tf.convert_to_tensor(state) for state in self.carried]],
            training=training,
        )
        for variable, state in zip(self.carried, states, strict=True):
            variable.assign(state)
        return logits

    def reset_state(self):
        for variable in self.carried:
            variable.assign(tf.zeros_like(variable))


class FusedSoftmaxModel(TruncatedBPTTModel):
    """The same with head and loss in one (`zoo.training.losses`), for a head that `is_softmax`. stepper: without its head."""

    def __init__(self, single_step_model, head, rows):
        super().__init__(single_step_model, rows)
        self.head = head

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """y_pred (batch, timesteps, width): what the head reads. Returns the mean over all timesteps, in nats."""
        kernel, bias = map(tf.convert_to_tensor, (self.head.kernel, self.head.bias))
        loss = cross_entropy(_rows(y_pred), kernel, bias, tf.reshape(y, (-1,)))
        return tf.add_n([loss, *self.losses])


class SampledSoftmaxModel(TruncatedBPTTModel):
    """The same by a sampled softmax: each word against `drawn` others that it is told from, in the place of all.

    One draw serves all timesteps of a step; words are drawn by their rank, the frequent ones more often, and logits are
    corrected by how often each is expected (Jean et al. 2015, arXiv 1412.2007; Bengio & Senecal 2008). Needs a vocabulary
    in the order of frequency, and a head that is one `keras.layers.Dense`. The draws follow from the seed and the number
    of the step, so that a run which goes on draws what it would have drawn. stepper: without its head.
    """

    def __init__(self, single_step_model, head, rows, drawn, seed):
        if not isinstance(head, keras.layers.Dense):
            raise RequestError(
                f"sampled_softmax={drawn}: it reads the weights of a Dense head, and this head is a "
                f"{type(head).__name__}. Leave it out, or take --head=token_logits."
            )
        super().__init__(single_step_model, rows)
        self.head, self.drawn, self.seed = head, drawn, seed

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """y_pred (batch, timesteps, width): what the head reads. Returns the mean over all timesteps, in nats."""
        targets = tf.cast(tf.reshape(y, (-1, 1)), tf.int64)
        words = self.head.bias.shape[0]
        chosen = log_uniform(self.drawn, words, (self.seed, self.optimizer.iterations))
        expected = [self.drawn * _log_uniform_chance(ids, words) for ids in (targets, chosen)]
        loss = tf.reduce_mean(
            tf.nn.sampled_softmax_loss(
                tf.transpose(self.head.kernel),
                self.head.bias,
                targets,
                _rows(y_pred),
                self.drawn,
                words,
                sampled_values=(chosen, *expected),
            )
        )
        return tf.add_n([loss, *self.losses])


def is_softmax(head, loss):
    """Whether a head's layer and its loss are a softmax and its cross-entropy, and nothing else."""
    if (
        type(head) is not keras.layers.Dense
        or type(loss) is not keras.losses.SparseCategoricalCrossentropy
    ):
        return False  # what inherits from them may compute something else
    arguments = loss.get_config()
    return (
        head.use_bias
        and head.activation is keras.activations.linear
        and arguments["from_logits"]
        and arguments["ignore_class"] is None
    )


def _rows(states):
    return tf.reshape(tf.cast(states, tf.float32), (-1, states.shape[-1]))


def log_uniform(count, words, seed):
    """`count` ids below `words`, drawn with replacement; id k with the chance log((k + 2) / (k + 1)) / log(words + 1)."""
    seed = tf.stack([tf.cast(part, tf.int32) for part in seed])
    uniform = tf.random.stateless_uniform((count,), seed)
    ids = tf.cast(tf.exp(uniform * math.log(words + 1)), tf.int64) - 1
    return tf.clip_by_value(ids, 0, words - 1)  # rounding


def _log_uniform_chance(ids, words):
    rank = tf.cast(ids, tf.float32)
    return tf.math.log((rank + 2) / (rank + 1)) / math.log(words + 1)
