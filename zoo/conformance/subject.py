"""The cell under test: creates cells with random weights, their inputs and their states."""

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from zoo.cells import cells
from zoo.conformance.parts import Parts, split_exception
from zoo.errors import RequestError
from zoo.recurrent_cell import RecurrentCell

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
        self.parts = Parts({})  # of the property that is being checked
        self._cells: dict[str, Any] = {}
        self._results: dict[str, Any] = {}
        self.layout = layout or LAYOUTS[cells.names().index(name) % len(LAYOUTS)]
        self.file = self.entry.place
        # The method that holds the equations, for messages: a linear cell has no step of its own.
        methods = ("step", "linear", "memory")
        defined = [name for name in methods if self._defines(name)]
        self.equations = f"`{(defined or ['step'])[0]}` in {self.file}"

    def _defines(self, method: str) -> bool:
        """Return whether the cell's class, or a base class other than RecurrentCell, has it."""
        return any(
            method in vars(base)
            for base in self.builder.__mro__
            if issubclass(base, RecurrentCell) and base is not RecurrentCell
        )

    def part_exceptions(self, property_name: str) -> dict[str, str]:
        """Return the declared exceptions for parts of a property: part -> reason."""
        pairs = [(split_exception(name), reason) for name, reason in self.exceptions.items()]
        return {
            part: reason
            for (name, part), reason in pairs
            if name == property_name and part is not None
        }

    def part(self, name: str) -> contextlib.AbstractContextManager[None]:
        """Return a context in which a violation is excused if an exception for `name` is declared.

        Args:
            name: A part of the checked property, such as a weight or a mask.
        """
        return self.parts.part(name)

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
            if value != self.builder.argument_default(name)
        ]

    def further_variants(self) -> list[dict[str, Any]]:
        """Return constructor arguments that set those outside the search space to other values.

        All are in one variant if the constructor accepts them together. Arguments of which another
        valid value is not known, such as names, are left out.
        """
        values = {
            name: _other_value(self.builder.argument_default(name))
            for name in self.builder.own_argument_names()
            if name not in self.builder.search_space
        }
        found = {name: value for name, value in values.items() if value is not None}
        accepted = {n: value for n, value in found.items() if self.accepts(UNITS, **{n: value})}
        if not accepted or self.accepts(UNITS, **accepted):
            return [accepted] if accepted else []
        return [{name: value} for name, value in accepted.items()]

    def other_arguments(self) -> dict[str, Any]:
        """Return a value for each constructor argument, other than the default where possible."""
        has_retention_gates = bool(self.builder.retention_gates)
        other_bias = "zeros" if self.builder.default_bias_initializer != "zeros" else "unit_forget"
        others: dict[str, Any] = {"kernel_initializer": "he_normal"}
        if self.builder.recurrent_shape in ("full", "diagonal"):
            others["recurrent_initializer"] = "scaled_identity:0.5"
        if has_retention_gates or other_bias == "zeros":
            others["bias_initializer"] = other_bias
        defaults = {name: self.builder.argument_default(name) for name in self.arguments()}
        for name, values in self.choices().items():
            others[name] = next(value for value in reversed(values) if value != defaults[name])
        return {**defaults, **others}

    def accepts(self, units: int, **arguments: Any) -> bool:
        """Return whether the constructor accepts a width: it may have to be a multiple of heads."""
        try:
            self.builder(units, **arguments)
        except RequestError:
            return False
        return True

    def cell(
        self, units: int = UNITS, features: int = FEATURES, seed: int = 1, **arguments: Any
    ) -> Any:
        """Return a built cell with random weights, which depend on `seed` only.

        Equal arguments give the same cell, as building one and tracing its step takes a while. A
        property that changes a cell uses `new_cell`.
        """
        key = repr((units, features, seed, sorted(arguments.items())))
        if key not in self._cells:
            self._cells[key] = self.new_cell(units, features, seed, **arguments)
        return self._cells[key]

    def new_cell(
        self, units: int = UNITS, features: int = FEATURES, seed: int = 1, **arguments: Any
    ) -> Any:
        """Return a cell as `cell` does, that no other caller has."""
        cell = self.builder(units, **arguments)
        cell.build((None, features))
        randomize(cell, seed)
        return cell

    def once(self, key: str, compute: Callable[[], Any]) -> Any:
        """Return the result of `compute`, which is computed once for all properties."""
        if key not in self._results:
            self._results[key] = compute()
        return self._results[key]

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

    def elapsed(
        self, cell: Any, batch: int = BATCH, timesteps: int = TIMESTEPS
    ) -> np.ndarray | None:
        """Return random elapsed times (batch, timesteps); None if the cell does not use them."""
        if not cell.elapsed_time:
            return None
        times = np.random.default_rng(9).uniform(0.5, 2.0, size=(batch, timesteps))
        return times.astype("float64" if cell.compute_dtype == "float64" else "float32")

    def states(self, cell: Any, batch: int = BATCH, seed: int = 3) -> list[np.ndarray]:
        """Return random initial states of `cell`, one array per state.

        The states that the class attribute `positive_states` names are positive, such as the
        divisor of an average.
        """
        random = np.random.default_rng(seed)
        dtype = "float64" if cell.compute_dtype == "float64" else "float32"
        positive = getattr(cell, "positive_states", ())
        states = [random.normal(size=tuple(each.shape)) for each in cell.get_initial_state(batch)]
        return [
            (np.abs(state) + 0.5 if name in positive else state).astype(dtype)
            for name, state in zip(cell.state_names, states, strict=True)
        ]


def randomize(layer: Any, seed: int) -> None:
    """Assign normally distributed random values to every trainable weight of `layer`."""
    random = np.random.default_rng(seed)
    for weight in layer.trainable_weights:
        weight.assign(random.normal(scale=0.5, size=tuple(weight.shape)))


def _other_value(default: Any) -> Any:
    """Return a valid value of a constructor argument other than its default; None: unknown."""
    if isinstance(default, bool):
        return None
    if default is None or isinstance(default, int):
        return default // 2 if default and default > 1 else 2
    if isinstance(default, float):
        return default / 2 or 0.5
    return {"tanh": "relu", "relu": "tanh", "sigmoid": "tanh"}.get(default)


def with_arguments(arguments: dict[str, Any]) -> str:
    """Return constructor arguments as words of a message, "" for none."""
    return "".join(f" with {name}={value!r}" for name, value in arguments.items())


def states_section(docstring: str) -> str:
    """Return the text under "State:" of a cell's class docstring."""
    return docstring.partition("State:")[2].partition("Source:")[0]


def examined_by_parts(name: str, function: Callable[[Subject], None]) -> Callable[[Subject], None]:
    """Return the function of the property `name`, with the exceptions for its parts applied."""

    @functools.wraps(function)
    def examine(subject: Subject) -> None:
        subject.parts = Parts(subject.part_exceptions(name))
        function(subject)
        subject.parts.demand_violated(subject.file)

    return examine
