"""The cell under test: creates cells with random weights, their inputs and their states."""

import inspect
from typing import Any

import keras
import numpy as np

from zoo.cells import cells

# All different, so that an exchange of two axes causes an error.
BATCH, TIMESTEPS, FEATURES, UNITS = 3, 5, 2, 4

# The models around a cell that the whole-model properties use.
LAYOUTS = ("forward", "backward", "bidirectional", "stacked")


class Subject:
    """A registered cell under test.

    Args:
        name: The registered name.
        layout: One of `LAYOUTS`, for properties of whole models. The default depends on the index
            of the name among all names, so that the built-in cells cover all layouts.
        full: Whether to run the slow variants of the properties too.

    Raises:
        RegistryError: The name is unknown, or its module cannot be imported.
    """

    def __init__(self, name: str, layout: str | None = None, full: bool = False) -> None:
        self.name = name
        self.full = full
        self.entry = cells.entry(name)
        self.builder: Any = self.entry.object
        self.facts = self.entry.facts
        self.exceptions: dict[str, str] = dict(self.facts.get("exceptions", {}))
        self.layout = layout or LAYOUTS[cells.names().index(name) % len(LAYOUTS)]
        self.file = self.entry.place

    def arguments(self) -> list[str]:
        """Return the names of the cell's constructor arguments.

        `units` and the arguments of every Keras layer are left out.
        """
        return self.builder.argument_names()

    def choices(self) -> dict[str, tuple]:
        """Return the tested values of the search space by argument.

        All values of a tuple are tested, and both ends of a range.
        """
        return {
            name: (space["min"], space["max"]) if isinstance(space, dict) else tuple(space)
            for name, space in self.builder.search_space.items()
        }

    def variants(self) -> list[dict[str, Any]]:
        """Return the tested constructor arguments: the defaults, then each choice on its own."""
        return [{}] + [
            {name: value}
            for name, values in self.choices().items()
            for value in values
            if value != self._default(name)
        ]

    def other_arguments(self) -> dict[str, Any]:
        """Return a value for each constructor argument, other than the default where possible."""
        has_retention_gates = bool(self.builder.retention_gates)
        other_bias = "zeros" if self.builder.default_bias_initializer != "zeros" else "unit_forget"
        others: dict[str, Any] = {"kernel_initializer": "he_normal"}
        if self.builder.recurrent_shape != "none":
            others["recurrent_initializer"] = "scaled_identity:0.5"
        if has_retention_gates or other_bias == "zeros":
            others["bias_initializer"] = other_bias
        for name, values in self.choices().items():
            others[name] = next(value for value in reversed(values) if value != self._default(name))
        return {**{name: self._default(name) for name in self.arguments()}, **others}

    def _default(self, argument: str) -> Any:
        for base in self.builder.__mro__:
            if "__init__" in vars(base):
                parameter = inspect.signature(base.__init__).parameters.get(argument)
                if parameter is not None:
                    return parameter.default
        return None

    def cell(
        self, units: int = UNITS, features: int = FEATURES, seed: int = 1, **arguments: Any
    ) -> Any:
        """Return a built cell with random weights, which depend on `seed` only."""
        cell = self.builder(units, **arguments)
        cell.build((None, features))
        randomize(cell, seed)
        return cell

    def inputs(
        self,
        batch: int = BATCH,
        timesteps: int = TIMESTEPS,
        features: int = FEATURES,
        seed: int = 2,
    ) -> np.ndarray:
        """Return random inputs (batch, timesteps, features)."""
        random = np.random.default_rng(seed)
        return random.normal(size=(batch, timesteps, features)).astype("float32")

    def states(self, cell: Any, batch: int = BATCH, seed: int = 3) -> list[np.ndarray]:
        """Return random initial states of `cell`, one array per state."""
        random = np.random.default_rng(seed)
        return [
            random.normal(size=tuple(zeros.shape)).astype("float32")
            for zeros in cell.get_initial_state(batch)
        ]


def randomize(layer: Any, seed: int) -> None:
    """Assign normally distributed random values to every trainable weight of `layer`."""
    random = np.random.default_rng(seed)
    for weight in layer.trainable_weights:
        weight.assign(random.normal(scale=0.5, size=tuple(weight.shape)))


def weights_by_name(cell: Any) -> dict[str, np.ndarray]:
    """Return the weights of `cell` in float64 by name, as `reference` takes them."""
    return {
        weight.name: keras.ops.convert_to_numpy(weight).astype("float64") for weight in cell.weights
    }
