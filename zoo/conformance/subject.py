"""A cell under examination: it makes cells with random weights, and inputs and states to run them on."""

import inspect

import keras
import numpy as np

from zoo.cells import cells
from zoo.recurrent_cell import RecurrentCell

# All different, so that no axis can be mistaken for another.
BATCH, TIMESTEPS, FEATURES, UNITS = 3, 5, 2, 4

ARRANGEMENTS = ("forward", "backward", "bidirectional", "stacked")


class Subject:
    """The cell registered as `name`, in one arrangement for the properties that look at whole models.

    arrangement: one of ARRANGEMENTS; unless given, by the place of the name among all names, so that the cells of the
    zoo share the arrangements between them. full: leave nothing out that costs time.
    Raises what `cells.entry` raises for an unknown or broken name.
    """

    def __init__(self, name, arrangement=None, full=False):
        self.name = name
        self.full = full
        self.entry = cells.entry(name)
        self.builder = self.entry.object
        self.facts = self.entry.facts
        self.exceptions = dict(self.facts.get("exceptions", {}))
        self.arrangement = (
            arrangement or ARRANGEMENTS[cells.names().index(name) % len(ARRANGEMENTS)]
        )
        self.file = self.entry.place

    def arguments(self):
        """The names of the constructor's arguments apart from `units` and those of every Keras layer."""
        bases = [
            base
            for base in self.builder.__mro__
            if "__init__" in vars(base) and issubclass(base, RecurrentCell)
        ]
        return [
            parameter.name
            for base in bases
            for parameter in inspect.signature(base.__init__).parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
            and parameter.name not in ("self", "units")
        ]

    def choices(self):
        """Argument -> the values of the search space that are tried: all choices, or both ends of a range."""
        return {
            name: (space["min"], space["max"]) if isinstance(space, dict) else tuple(space)
            for name, space in self.builder.search_space.items()
        }

    def variants(self):
        """The constructor's arguments to try: the defaults, and each choice of the search space by itself."""
        return [{}] + [
            {name: value}
            for name, values in self.choices().items()
            for value in values
            if value != self._default(name)
        ]

    def other_arguments(self):
        """A value for each argument of the constructor; not the default, where another one is known."""
        gated = bool(self.builder.retention_gates)
        other_bias = "zeros" if self.builder.default_bias_initializer != "zeros" else "unit_forget"
        others = {"kernel_initializer": "he_normal"}
        if self.builder.recurrent_shape != "none":
            others["recurrent_initializer"] = "scaled_identity:0.5"
        if gated or other_bias == "zeros":
            others["bias_initializer"] = other_bias
        for name, values in self.choices().items():
            others[name] = next(value for value in reversed(values) if value != self._default(name))
        return {**{name: self._default(name) for name in self.arguments()}, **others}

    def _default(self, name):
        for base in self.builder.__mro__:
            parameter = (
                inspect.signature(base.__init__).parameters.get(name)
                if "__init__" in vars(base)
                else None
            )
            if parameter is not None:
                return parameter.default
        return None

    def cell(self, units=UNITS, features=FEATURES, seed=1, **arguments):
        """A built cell whose weights are all random, and alike for the same seed."""
        cell = self.builder(units, **arguments)
        cell.build((None, features))
        randomize(cell, seed)
        return cell

    def inputs(self, batch=BATCH, timesteps=TIMESTEPS, features=FEATURES, seed=2):
        """Random input (batch, timesteps, features)."""
        return (
            np.random.default_rng(seed).normal(size=(batch, timesteps, features)).astype("float32")
        )

    def states(self, cell, batch=BATCH, seed=3):
        """Random initial states of `cell`: a list of arrays, one per state."""
        random = np.random.default_rng(seed)
        return [
            random.normal(size=tuple(zeros.shape)).astype("float32")
            for zeros in cell.get_initial_state(batch)
        ]


def randomize(layer, seed):
    """Gives every trainable weight of `layer` random values of either sign."""
    random = np.random.default_rng(seed)
    for weight in layer.trainable_weights:
        weight.assign(random.normal(scale=0.5, size=tuple(weight.shape)))


def weights_by_name(cell):
    """The weights of `cell` in float64, by name, as `reference` takes them."""
    return {
        weight.name: keras.ops.convert_to_numpy(weight).astype("float64") for weight in cell.weights
    }
