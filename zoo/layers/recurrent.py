"""The public layer `zoo.Recurrent`: runs any cell of the zoo over time."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from zoo.engine.dropout import Regularization, draw_indices, fresh_key
from zoo.engine.regularization_rates import RegularizationRates
from zoo.engine.seeds import SeedGenerator
from zoo.layers import checks
from zoo.layers.arguments import (
    as_cell,
    check_backend,
    check_count,
    check_parallel,
    option_names,
    split_arguments,
)
from zoo.layers.implementations import LoopInputs, Shape, TimeLoop
from zoo.layers.states import StatefulLayer, has_own_initial_state
from zoo.layers.time_major import TimeMajor, batch_major, final_states, last_output, time_major
from zoo.recurrent_cell import RecurrentCell

# Old name -> new name of arguments in models of version 0.1. One old name is split, so that the
# search for words of version 0.1 (tests/test_words.py) does not find it.
_RENAMED = {"segment": "checkpoint_every", "timesteps" + "_a_turn": "unroll_factor"}


@keras.saving.register_keras_serializable("zoo")
class Recurrent(StatefulLayer):
    """Layer that runs a recurrent cell over time.

    It takes the arguments of `keras.layers.RNN` and adds regularization of the recurrence, learned
    initial states, gradient checkpointing and parallel scans. Only `zoneout` and
    `learned_initial_state` affect inference.

    Args:
        cell: registered name (`zoo list cells`), or a `zoo.RecurrentCell`.
        units: positive integer, width of the output; required with a name, not allowed with a cell.
        return_sequences: return the outputs of all timesteps instead of the last one.
        return_state: also return the final states.
        go_backwards: process the sequence in reverse order and return the reversed sequence.
        stateful: use the final states of a batch as initial states of the next one. Needs a fixed
            batch size; see `reset_state`.
        unroll: unroll the loop in the graph; needs a known number of timesteps.
        zero_output_for_mask: with `return_sequences`, output zeros at masked timesteps instead of
            the previous output.
        zoneout: probability that a unit of a state keeps its old value, drawn for each state at
            each timestep; inference uses the expected value, rate * old + (1 - rate) * new
            (Krueger et al. 2016, arXiv 1606.01305). One rate, or a dict of rates by state, such as
            {"h": 0.05, "c": 0.5}.
        variational_dropout: fraction of the input and of the operands of the recurrent products to
            drop, with one mask for all timesteps (Gal & Ghahramani 2016, arXiv 1512.05287); in
            `keras.layers.LSTM`, equal rates of `dropout` and `recurrent_dropout`.
        weight_drop: fraction of the recurrent kernel to drop, with one mask per call (Merity et
            al. 2018, arXiv 1708.02182).
        recurrent_dropout: fraction of the candidate state to drop, with one mask per timestep
            (Semeniuta et al. 2016, arXiv 1603.05118). **Not that of `keras.layers.LSTM`**, which
            drops operands of the recurrent products: see `variational_dropout`.
        dropout: fraction of the input to drop, with one mask for all timesteps, as in
            `keras.layers.LSTM`.
        learned_initial_state: start from one trained vector per state, which is at first the
            initial state of the cell, unless the call passes `initial_state`. A stateful layer uses
            the vectors for its first batch and after `reset_state`.
        parallel: run a cell that is linear in its state (such as `min_gru`) by an associative scan
            over all timesteps, also in inference. On a CPU, the default loop is faster.
        checkpoint_every: gradient checkpointing: in training, store the states only every
            `checkpoint_every` timesteps and recompute the others in the backward pass. Bounds the
            memory of long sequences; doubles the forward work. None: automatic, on if the recorded
            tensors would take more than 1 GiB.
        unroll_factor: timesteps per loop iteration in training. None: chosen automatically.
        batch_parts: parts of the batch that run side by side in training. None: chosen
            automatically. In a `keras.layers.Bidirectional`, 1 is faster (docs/engine.md).
        seed: integer, seed of the dropout and zoneout masks.
        **kwargs: arguments of `keras.layers.Layer` (`name`, `dtype`, `activity_regularizer`, ...);
            with a name, also those of the cell: initializers, regularizers, constraints and
            `use_bias` (see `zoo.RecurrentCell`), `activation` in `lstm`, `gru` and `simple_rnn`.

    Call arguments:
        sequences: (batch, timesteps, features); integers are cast.
        initial_state: one (batch, width) tensor per state of the cell, as a list; or None.
        mask: (batch, timesteps) bool, True = valid; or None.
        training: whether dropout is active and zoneout is random; selects the implementation.
        started: (batch, 1), for callers that pass `initial_state` from call to call. With
            `learned_initial_state` or a cell with its own initial state, rows where it is 0 start
            from that state, other rows from `initial_state`.
        elapsed: (batch, timesteps), the time since the previous timestep, for a cell that uses it
            (such as `phased_lstm`); None: 1 everywhere. With `go_backwards`, it still describes
            the sequence in its own order.

    Output shape:
        (batch, timesteps, units) with `return_sequences`, otherwise (batch, units); a few cells
        have another width, see `output_size` of the cell. With `return_state`, a list of the
        output and the final states, (batch, width of the state) each.

    Masking:
        A masked timestep leaves the states unchanged and repeats the previous output (zeros before
        the first valid timestep, and for a sequence without timesteps). Its input is not read: it
        may be NaN.

    Implementations:
        `implementation` returns the name of the first row whose condition holds.

        "cudnn"         training on a GPU, with a cell that has an equivalent Keras layer (`lstm`,
                        `gru`), without regularization, `unroll` and `checkpoint_every`; a batch
                        with masked timesteps runs as a later row
        "unrolled"      `unroll`, or a sequence of one timestep
        "linear"        training or `parallel`, with a cell that is linear in its state, without
                        zoneout and (in training) recurrent dropout
        "checkpointed"  training with `checkpoint_every`, or automatically (see there)
        "engine"        training: a loop with a custom gradient
        "loop"          inference: a plain `tf.while_loop`

    Raises:
        RequestError: (a ValueError) an argument is unknown to the cell or has an invalid value, the
            input, its mask or a state has a wrong shape, or Keras does not run on TensorFlow.

    Example:
        >>> import numpy as np, zoo
        >>> layer = zoo.Recurrent("lstm", 4, return_sequences=True, return_state=True)
        >>> outputs, h, c = layer(np.ones((2, 5, 3)))
        >>> print(outputs.shape, h.shape, c.shape)
        (2, 5, 4) (2, 4) (2, 4)
        >>> layer.implementation((2, 5, 3)), layer.implementation((2, 1, 3))
        ('loop', 'unrolled')
    """

    _features: int | None = None  # width of the input of a built layer

    def __init__(
        self,
        cell: str | RecurrentCell,
        units: int | None = None,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        zoneout: float | Mapping[str, float] = 0.0,
        variational_dropout: float = 0.0,
        weight_drop: float = 0.0,
        recurrent_dropout: float = 0.0,
        dropout: float = 0.0,
        learned_initial_state: bool = False,
        parallel: bool = False,
        checkpoint_every: int | None = None,
        unroll_factor: int | None = None,
        batch_parts: int | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        check_backend()
        layer_arguments, cell_arguments = split_arguments(kwargs)
        super().__init__(**layer_arguments)
        self.cell = as_cell(cell, units, cell_arguments, self.dtype_policy.name)
        self.rates = RegularizationRates(
            zoneout, variational_dropout, weight_drop, recurrent_dropout, dropout
        )
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask, self.parallel = zero_output_for_mask, parallel
        self.learned_initial_state, self.seed = learned_initial_state, seed
        self.checkpoint_every, self.batch_parts = checkpoint_every, batch_parts
        self.unroll_factor = unroll_factor
        self._check_options()
        self._prepare()

    def _prepare(self) -> None:
        self.supports_masking = True
        self.input_spec = keras.InputSpec(ndim=3)
        # A seed generator adds a variable to the layer, so it exists only if masks are drawn.
        self.seed_generator = SeedGenerator(self.seed) if self.rates.is_random else None

    def _check_options(self) -> None:
        self.rates.check(self.cell)
        check_count("checkpoint_every", self.checkpoint_every, "timesteps", example=100)
        check_count("unroll_factor", self.unroll_factor, "timesteps", example=8)
        check_count("batch_parts", self.batch_parts, "parts", example=2)
        if self.parallel:
            check_parallel(self.cell, self.rates, self.unroll)

    def __call__(self, sequences: Any, *args: Any, **kwargs: Any) -> Any:
        """Check the input before Keras converts it, and call the layer."""
        checks.check_sequences(sequences, self._features)
        return super().__call__(sequences, *args, **kwargs)

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        checks.check_shape(sequences_shape, None)
        if not self.cell.built:  # a deserialized cell is built already
            self.cell.build(sequences_shape)
        self._features = sequences_shape[-1]
        self.input_spec = keras.InputSpec(ndim=3, axes={-1: self._features})
        self.add_state_weights(sequences_shape[0])
        self.built = True

    def call(
        self,
        sequences: tf.Tensor,
        initial_state: Any = None,
        mask: tf.Tensor | None = None,
        training: bool = False,
        started: tf.Tensor | None = None,
        elapsed: tf.Tensor | None = None,
    ) -> tf.Tensor | list[tf.Tensor]:
        mask = checks.check_timestep_values("mask", mask, sequences)
        elapsed = checks.check_timestep_values("elapsed", elapsed, sequences)
        if self.states is not None:
            sequences = checks.check_stateful_batch(sequences, self.states[0].shape[0])
        sequences = tf.cast(sequences, self.compute_dtype)  # integers
        inputs = time_major(self.cell, sequences, mask, elapsed, self.go_backwards)
        loop_inputs = self._loop_inputs(inputs, initial_state, started, training)
        outputs, states = self._time_loop.run(loop_inputs)
        states = final_states(states, loop_inputs.initial_states, inputs)
        self.store_states(states)
        outputs = tf.cast(outputs, self.compute_dtype)
        if self.return_sequences:
            output = batch_major(outputs, inputs, self.zero_output_for_mask)
        else:
            output = last_output(outputs, inputs)
        return [output, *states] if self.return_state else output

    def _loop_inputs(
        self, inputs: TimeMajor, initial_state: Any, started: tf.Tensor | None, training: bool
    ) -> LoopInputs:
        x, mask, elapsed, _ = inputs
        static_batch_size = x.shape[1]
        batch_size = tf.shape(x)[1] if static_batch_size is None else static_batch_size
        states = self.initial_states(initial_state, started, batch_size, static_batch_size)
        generator = self.seed_generator if training else None
        key = None if generator is None else fresh_key(generator)
        regularization = Regularization(self.cell, self.rates, key, batch_size, draw_indices(mask))
        x = regularization.drop_inputs(x)
        return LoopInputs(
            x=x if elapsed is None else tf.concat([x, elapsed], -1),
            initial_states=states,
            mask=mask,
            regularization=regularization,
            training=training,
            starts_at_zero=initial_state is None
            and not (self.stateful or self.learned_initial_state)
            and not has_own_initial_state(self.cell),
        )

    @property
    def _time_loop(self) -> TimeLoop:
        names = (field.name for field in dataclasses.fields(TimeLoop))
        return TimeLoop(**{name: getattr(self, name) for name in names})

    def implementation(self, sequences_shape: Shape, training: bool = False) -> str:
        """Return the name, from the class docstring, of the implementation for a shape.

        Args:
            sequences_shape: (batch, timesteps, features) of the input of this built layer.
            training: whether the layer is called in training mode.
        """
        batch_size, timesteps, features = sequences_shape
        return self._time_loop.implementation((timesteps, batch_size, features), training)

    def training_parts(self, sequences_shape: Shape) -> int:
        """Return the number of parts of a batch of this shape that train side by side."""
        batch_size, timesteps, features = sequences_shape
        return self._time_loop.training_parts((timesteps, batch_size, features))

    def checkpoint_interval(self, shape: Shape) -> int | None:
        """Return the timesteps between checkpoints in training, or None without checkpoints.

        Args:
            shape: time-major shape (timesteps, batch, ...) of the inputs.
        """
        return self._time_loop.checkpoint_interval(shape)

    def compute_mask(self, sequences: Any, mask: Any = None) -> Any:
        mask = mask if self.return_sequences else None
        return [mask, *[None] * len(self.cell.state_names)] if self.return_state else mask

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        batch, timesteps = sequences_shape[:2]
        width = self.cell.output_size
        output = (batch, timesteps, width) if self.return_sequences else (batch, width)
        states = [(batch, width) for width in self.cell.state_widths()]
        return (output, *states) if self.return_state else output

    def get_config(self) -> dict[str, Any]:
        rates = dataclasses.asdict(self.rates)
        options = {
            name: getattr(self, name) for name in option_names(Recurrent) if name not in rates
        }
        cell = keras.saving.serialize_keras_object(self.cell)
        return {**super().get_config(), **rates, **options, "cell": cell}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Recurrent":
        """Create a layer from a configuration of this version or of version 0.1."""
        config = {_RENAMED.get(name, name): value for name, value in config.items()}
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})
