"""The public layer: any cell of the zoo over time, with the arguments of `keras.layers.RNN`."""

import dataclasses
import functools
import inspect

import keras
import tensorflow as tf
from keras import ops

from zoo.cells import cells
from zoo.engine import checkpointing, cudnn, loops
from zoo.engine.dropout import Regularization, RegularizationRates, clock_of, fresh_key
from zoo.engine.initial_state import add_learned, begin, broadcast
from zoo.engine.linear_scan import linear_scan
from zoo.engine.scan import scan
from zoo.engine.step import project
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell

# Arguments as version 0.1 named them: models saved by it still load.
_RENAMED = {"segment": "checkpoint_every", "timesteps_a_turn": "unroll_factor"}
_LAYER_ARGUMENTS = {"name", "dtype", "trainable", "activity_regularizer", "autocast"}


def make_cell(name, units, arguments):
    """The cell `name` of `units`; RequestError when it does not take an argument, or a value is none it knows."""
    builder = cells.get(name)
    taken = [
        parameter
        for base in builder.__mro__
        if "__init__" in vars(base) and issubclass(base, RecurrentCell)
        for parameter in inspect.signature(base.__init__).parameters
        if parameter not in ("self", "kwargs", "units")
    ]
    for argument in arguments:
        if argument not in taken and argument != "dtype":
            raise RequestError(
                f"cell {name!r} takes no argument {argument!r}. It takes: {', '.join(taken)}."
            )
    return builder(units, **arguments)


def _timesteps(name, value, likely):
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise RequestError(
            f"{name}={value!r}: it is a whole number of timesteps. Try {likely}, or leave it out."
        )
    return value


@keras.saving.register_keras_serializable("zoo")
class Recurrent(keras.layers.Layer):
    """Runs a recurrent cell over time.

    Input (batch, timesteps, features); mask (batch, timesteps), True = valid; initial_state: one (batch, units) tensor
    per state of the cell. Output (batch, timesteps, units) with `return_sequences`, else (batch, units); with
    `return_state` a list of the output and the final states.

    cell: a registered name, with `units`, or a `zoo.recurrent_cell.RecurrentCell`. With a name, further keyword
    arguments go to the cell (`recurrent_initializer="identity"`, `activation="relu"`, ...).
    The other arguments are those of `keras.layers.RNN`, and these, none of which does anything in inference but zoneout
    and the learned initial state:

    zoneout: probability that a unit of a state keeps its old value, drawn anew for each state at each timestep; in
    inference the expected value, rate * old + (1 - rate) * new (Krueger et al. 2016, arXiv 1606.01305). One rate, or a
    dict of rates by state, `{"h": 0.05, "c": 0.5}`.
    variational_dropout: fraction dropped, by one mask for all timesteps, of the input and of what the recurrent kernel
    reads (Gal & Ghahramani 2016, arXiv 1512.05287).
    weight_drop: fraction of the recurrent kernel that is dropped, one mask per call (Merity et al. 2018,
    arXiv 1708.02182).
    recurrent_dropout: fraction dropped of what enters the state, drawn anew at each timestep (Semeniuta et al. 2016,
    arXiv 1603.05118).
    learned_initial_state: where no initial state is given, a text starts from a trained vector per state. A stateful
    layer starts from it when it is new and after `reset_state`; with `started` (batch, 1), `initial_state` counts only
    in the rows where that is not zero, so that zeros mean "at the start" to a program that carries states itself.
    parallel: run a cell that is linear in its state, such as `min_gru`, over all timesteps at once, by an associative
    scan; without it a loop does, which is the faster of the two on a CPU.
    segment: timesteps after which training keeps the states and forgets the rest, to compute it again going back: long
    sequences in bounded memory, for twice the work forward. By itself where more than a gigabyte would be kept.
    unroll_factor: that many in each turn of training's loop, in the place of the measured choice.

    Raises RequestError for an argument that the cell does not take, and under a Keras backend other than TensorFlow.
    """

    def __init__(
        self,
        cell,
        units=None,
        *,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        zoneout=0.0,
        variational_dropout=0.0,
        weight_drop=0.0,
        recurrent_dropout=0.0,
        learned_initial_state=False,
        parallel=False,
        checkpoint_every=None,
        unroll_factor=None,
        seed=None,
        **kwargs,
    ):
        if keras.backend.backend() != "tensorflow":
            raise RequestError(
                f"zoo.Recurrent needs the TensorFlow backend, and Keras runs on {keras.backend.backend()}. "
                "Set KERAS_BACKEND=tensorflow, or use the cell in keras.layers.RNN."
            )
        own = {key: value for key, value in kwargs.items() if key in _LAYER_ARGUMENTS}
        rest = {key: value for key, value in kwargs.items() if key not in _LAYER_ARGUMENTS}
        super().__init__(**own)
        self.cell = self._cell(cell, units, rest)
        self.rates = RegularizationRates(
            zoneout, variational_dropout, weight_drop, recurrent_dropout
        )
        self.rates.check(self.cell)
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.learned_initial_state, self.parallel, self.seed = learned_initial_state, parallel, seed
        self.checkpoint_every = _timesteps("checkpoint_every", checkpoint_every, 100)
        self.unroll_factor = _timesteps("unroll_factor", unroll_factor, 8)
        if parallel:
            self._check_parallel()
        self.seed_generator = keras.random.SeedGenerator(seed) if self.rates.random else None
        self.supports_masking = True
        self.states = self.started = None

    def _check_parallel(self):
        if type(self.cell).linear is RecurrentCell.linear:
            raise RequestError(
                f"parallel=True needs a cell that is linear in its state, such as min_gru, and "
                f"{type(self.cell).__name__} is not. Leave it out."
            )
        if self.rates.zones or self.rates.recurrent_dropout or self.unroll:
            raise RequestError(
                "parallel=True has no single timesteps for zoneout, recurrent_dropout and unroll. "
                "Leave these out, or parallel."
            )

    def _cell(self, cell, units, arguments):
        if isinstance(cell, str):
            if units is None:
                raise RequestError(
                    f"Recurrent({cell!r}) lacks units. Write for example Recurrent({cell!r}, 128)."
                )
            return make_cell(cell, units, {"dtype": self.dtype_policy.name, **arguments})
        if not isinstance(cell, RecurrentCell):
            raise RequestError(
                f"{cell!r} is no cell of the zoo. Give a registered name (`zoo list cells`) or an instance "
                "of zoo.recurrent_cell.RecurrentCell; for other cells there is keras.layers.RNN."
            )
        if units is not None or arguments:
            raise RequestError(
                f"the cell is an instance already, so it takes no more {['units', *arguments]}. "
                "Give them to the cell."
            )
        return cell

    def build(self, sequences_shape, initial_state_shape=None):
        if not self.cell.built:  # deserializing has built it already
            self.cell.build(sequences_shape)
        if self.learned_initial_state:
            self.first = add_learned(self, self.cell)
        if self.stateful:
            if sequences_shape[0] is None:
                raise RequestError(
                    f"stateful=True needs a fixed batch size, and the input has shape {sequences_shape}. "
                    "Give one, such as keras.Input(batch_shape=(32, None, 8))."
                )
            self.states = [
                self.add_weight(
                    shape=(sequences_shape[0], self.cell.units),
                    name=f"state_{name}",
                    initializer="zeros",
                    trainable=False,
                )
                for name in self.cell.state_names
            ]
            self.started = (
                self.add_weight(
                    shape=(sequences_shape[0], 1),
                    name="started",
                    initializer="zeros",
                    trainable=False,
                )
                if self.learned_initial_state
                else None
            )
        self.built = True

    def call(self, sequences, initial_state=None, mask=None, training=False, started=None):
        x = tf.transpose(sequences, (1, 0, 2))
        mask = None if mask is None else tf.transpose(tf.cast(mask, "bool"))[:, :, None]
        if self.go_backwards:
            x, mask = tf.reverse(x, [0]), None if mask is None else tf.reverse(mask, [0])
        starts_at_zero = (
            initial_state is None and not self.stateful and not self.learned_initial_state
        )
        batch = tf.shape(x)[1] if x.shape[1] is None else x.shape[1]
        initial = self._initial(initial_state, started, batch, x.shape[1])
        key = fresh_key(self.seed_generator) if training and self.rates.random else None
        regularization = Regularization(self.cell, self.rates, key, batch, clock_of(mask))
        outputs, final = self._run(
            regularization.inputs(x), initial, mask, regularization, training, starts_at_zero
        )
        if self.stateful:
            for variable, state in zip(self.states, final, strict=True):
                variable.assign(ops.cast(state, variable.dtype))
            if self.started is not None:
                self.started.assign(ops.ones_like(self.started))
        last = outputs[-1]
        if mask is not None and self.zero_output_for_mask:
            outputs = tf.where(mask, outputs, tf.zeros_like(outputs))
        output = tf.transpose(outputs, (1, 0, 2)) if self.return_sequences else last
        return [output, *final] if self.return_state else output

    def _run(self, x, initial, mask, regularization, training, starts_at_zero):
        own = functools.partial(
            self._run_here, x, initial, mask, regularization, training, starts_at_zero
        )
        if (
            training
            and not (self.unroll or self.checkpoint_every)
            and cudnn.is_supported(self.cell, regularization)
        ):
            return cudnn.cudnn_scan(self.cell, x, initial, mask, otherwise=own)
        return own()

    def _run_here(self, x, initial, mask, regularization, training, starts_at_zero):
        checkpoint_every = self.checkpoint_interval(x.shape)
        if training and checkpoint_every and not self.unroll and not self.parallel:
            return checkpointing.checkpointed_scan(
                self.cell, x, initial, mask, regularization, checkpoint_every, self.unroll_factor
            )
        projected = project(self.cell, x) if training else self.cell.project(x)
        if self.unroll and projected.shape[0] is None:
            raise RequestError(
                "unroll=True needs a known number of timesteps, and the input has None. "
                "Fix it in the input's shape, or leave unroll out."
            )
        if (
            self.unroll or projected.shape[0] == 1
        ):  # a single timestep, as in generating, is no loop
            return loops.python_loop(self.cell, projected, initial, mask, regularization)
        pair = (
            None
            if regularization.each_timestep or not (training or self.parallel)
            else self.cell.linear(projected)
        )
        if pair is not None:
            outputs, final = linear_scan(*pair, initial[0], mask, self.parallel)
            return outputs, [final]
        if training:
            return scan(
                self.cell,
                projected,
                initial,
                mask,
                regularization,
                starts_at_zero,
                unroll_factor=self.unroll_factor,
            )
        return loops.while_loop(self.cell, projected, initial, mask, regularization)

    def checkpoint_interval(self, shape):
        """The timesteps of training's segments for inputs (timesteps, batch, ...) of this shape, or None."""
        return self.checkpoint_every or checkpointing.default_interval(self.cell, shape)

    def _initial(self, given, started, batch, static_batch):
        if given is not None:
            states = list(given) if isinstance(given, (list, tuple)) else [given]
            if len(states) != len(self.cell.state_names):
                raise RequestError(
                    f"initial_state has {len(states)} tensors, and {type(self.cell).__name__} has the "
                    f"states {', '.join(self.cell.state_names)}. Give one tensor (batch, units) for each."
                )
        elif self.stateful:
            states, started = self.states, self.started
        else:
            states = self.get_initial_state(batch)
        if started is not None and self.learned_initial_state:
            states = begin(states, started, self.get_initial_state(batch))
        return [
            tf.ensure_shape(
                tf.cast(tf.convert_to_tensor(state), self.compute_dtype),
                (static_batch, self.cell.units),
            )
            for state in states
        ]

    def reset_state(self):
        """A stateful layer is at the start of a text again."""
        for variable in [*(self.states or ()), *([] if self.started is None else [self.started])]:
            variable.assign(ops.zeros_like(variable))

    def get_initial_state(self, batch_size):
        """Zeros, or what was learned: one tensor (batch_size, units) per state of the cell."""
        if self.learned_initial_state:
            return broadcast(self.first, batch_size, self.compute_dtype)
        return self.cell.get_initial_state(batch_size)

    def compute_mask(self, sequences, mask=None):
        mask = mask if self.return_sequences else None
        return [mask, *[None] * len(self.cell.state_names)] if self.return_state else mask

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        batch, timesteps = sequences_shape[:2]
        state = (batch, self.cell.units)
        output = (batch, timesteps, self.cell.units) if self.return_sequences else state
        return (output, *[state] * len(self.cell.state_names)) if self.return_state else output

    def get_config(self):
        arguments = (
            "return_sequences",
            "return_state",
            "go_backwards",
            "stateful",
            "unroll",
            "zero_output_for_mask",
            "learned_initial_state",
            "parallel",
            "checkpoint_every",
            "unroll_factor",
            "seed",
        )
        return {
            **super().get_config(),
            **dataclasses.asdict(self.rates),
            "cell": keras.saving.serialize_keras_object(self.cell),
            **{argument: getattr(self, argument) for argument in arguments},
        }

    @classmethod
    def from_config(cls, config):
        config = {_RENAMED.get(name, name): value for name, value in config.items()}
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})
