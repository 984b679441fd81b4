"""The weights of a cell: constructor arguments, widths of gates and states, initialization."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import keras
import numpy as np

from zoo.cell_base import initialization
from zoo.cell_base.initialization import Initializer, as_initializer
from zoo.cell_base.keras_objects import KerasObject, json_value, keras_object
from zoo.errors import RequestError


class Weight(NamedTuple):
    """A further weight of a cell, as `RecurrentCell.extra_weights` declares it.

    Attributes:
        shape: the shape of the weight.
        initializer: name of a Keras initializer, or a function (shape, dtype=None) -> array.
        trainable: whether the weight is trained.
    """

    shape: tuple[int, ...]
    initializer: Initializer
    trainable: bool = True


class CellWeights(keras.layers.Layer):
    """Base class of `RecurrentCell`: creates the weights that the class attributes declare.

    `zoo.RecurrentCell` documents arguments, attributes and weights.
    """

    gates: tuple[str, ...] = ("n",)
    input_gates: tuple[str, ...] | None = None
    recurrent_gates: tuple[str, ...] | None = None
    bias_gates: tuple[str, ...] | None = None
    previous_gates: tuple[str, ...] = ()
    state_names: tuple[str, ...] = ("h",)
    positive_states: tuple[str, ...] = ()
    unregularized_states: tuple[str, ...] = ("previous",)
    recurrent_shape: Literal["full", "diagonal", "none", "derived"] = "full"
    bias_rows: int = 1
    fixed_weights: tuple[str, ...] = ()
    retention_gates: Mapping[str, int] = {}
    default_recurrent_initializer: str = "orthogonal"
    default_bias_initializer: str = "zeros"
    float32: bool = False

    def __new__(cls, *args: Any, **kwargs: Any) -> "CellWeights":
        """Record the arguments as JSON values, from which Keras derives `get_config`."""
        return super().__new__(
            cls,
            *(json_value(value) for value in args),
            **{name: json_value(value) for name, value in kwargs.items()},
        )

    def __init__(
        self,
        units: int,
        kernel_initializer: Initializer | None = None,
        recurrent_initializer: Initializer | None = None,
        bias_initializer: Initializer | None = None,
        use_bias: bool = True,
        kernel_regularizer: KerasObject = None,
        recurrent_regularizer: KerasObject = None,
        bias_regularizer: KerasObject = None,
        kernel_constraint: KerasObject = None,
        recurrent_constraint: KerasObject = None,
        bias_constraint: KerasObject = None,
        heads: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(units, bool) or not isinstance(units, int) or units < 1:
            raise RequestError(
                f"units={units!r} is not a positive integer. Give a whole number, such as 128."
            )
        self._check_recurrent("initializer", recurrent_initializer)
        self._check_recurrent("regularizer", recurrent_regularizer)
        self._check_recurrent("constraint", recurrent_constraint)
        self.units, self.use_bias = units, use_bias
        self._heads = self._checked_heads(heads)  # a cell may have an attribute `heads` of its own
        self.kernel_initializer = as_initializer(kernel_initializer or "glorot_uniform")
        self.recurrent_initializer = as_initializer(
            recurrent_initializer or self.default_recurrent_initializer
        )
        self.bias_initializer = as_initializer(bias_initializer or self.default_bias_initializer)
        self._regularizers = _keras_objects(
            "regularizer", kernel_regularizer, recurrent_regularizer, bias_regularizer
        )
        self._constraints = _keras_objects(
            "constraint", kernel_constraint, recurrent_constraint, bias_constraint
        )

    def _check_recurrent(self, kind: str, value: Any) -> None:
        if value is not None and self.recurrent_shape in ("none", "derived"):
            raise RequestError(
                f"recurrent_{kind}={value!r}: {type(self).__name__} has no recurrent kernel of its "
                "own. Leave it out."
            )

    def _checked_heads(self, heads: int) -> int:
        check_heads(heads, self.units)
        if heads > 1 and self.recurrent_shape != "full":
            raise RequestError(
                f"heads={heads}: {type(self).__name__} has no recurrent kernel that is a full "
                "matrix. Leave heads out."
            )
        return heads

    @classmethod
    def argument_names(cls) -> list[str]:
        """Return the names of the constructor's arguments, those of the subclass first.

        The list excludes `units` and the arguments of `keras.layers.Layer`.
        """
        return list(dict.fromkeys([*cls.own_argument_names(), *_arguments_of(CellWeights)]))

    @classmethod
    def own_argument_names(cls) -> list[str]:
        """Return the names of the arguments that the cell's class or a base class of it declares.

        An argument of all cells is among them if the class declares it, too.
        """
        bases = [each for each in cls.__mro__ if issubclass(each, CellWeights)]
        return [name for base in bases if base is not CellWeights for name in _arguments_of(base)]

    @classmethod
    def argument_default(cls, name: str) -> Any:
        """Return the default of a constructor argument, None if there is no such argument."""
        for base in cls.__mro__:
            if "__init__" in vars(base):
                parameter = inspect.signature(vars(base)["__init__"]).parameters.get(name)
                if parameter is not None:
                    return parameter.default
        return None

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computations: that of the policy, or float32 if `float32` is set."""
        policy_dtype = super().compute_dtype
        return "float32" if self.float32 and policy_dtype != "float64" else policy_dtype

    def gate_sizes(self) -> Mapping[str, int]:
        """Return the widths of gates that are not `units` wide: gate -> width."""
        return {}

    def state_sizes(self) -> Mapping[str, int]:
        """Return the widths of states that are not `units` wide: name -> width."""
        return {}

    def extra_weights(self) -> Mapping[str, "Weight | tuple[tuple[int, ...], Initializer]"]:
        """Return the cell's further weights: name -> (shape, initializer) or `Weight`.

        `build` creates each weight and sets it as the attribute `name` of the cell. The attribute
        `features` holds the width of the input.
        """
        return {}

    def gates_of(self, weight: Literal["kernel", "recurrent_kernel", "bias"]) -> tuple[str, ...]:
        """Return the gates that have columns in a weight, in order."""
        subsets = {
            "kernel": self.input_gates,
            "recurrent_kernel": self.recurrent_gates,
            "bias": self.bias_gates,
        }
        subset = subsets[weight]
        return self.gates if subset is None else subset

    def widths(self, gates: Sequence[str]) -> list[int]:
        """Return the width of each gate."""
        sizes = self.gate_sizes()
        return [sizes.get(gate, self.units) for gate in gates]

    def state_widths(self) -> list[int]:
        """Return the width of each state, in the order of `state_names`."""
        sizes = {"previous": sum(self.widths(self.previous_gates)), **self.state_sizes()}
        return [sizes.get(name, self.units) for name in self.state_names]

    def adjacent_columns(self, all_gates: Sequence[str], gates: Sequence[str]) -> slice:
        """Return the slice of the columns of `gates` (default: all) among those of `all_gates`."""
        widths = self.widths(all_gates)
        if not gates:
            return slice(0, sum(widths))
        first = all_gates.index(gates[0])
        last = first + len(gates)
        if tuple(all_gates[first:last]) != tuple(gates):
            raise ValueError(f"gates {gates} are not adjacent in {tuple(all_gates)}")
        return slice(sum(widths[:first]), sum(widths[:last]))

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Create the weights for inputs (..., features)."""
        self.features = input_shape[-1]
        self._add_kernels()
        self._add_bias()
        for name, declared in self.extra_weights().items():
            shape, initializer, trainable = Weight(*declared)
            weight = self.add_weight(
                shape=shape, name=name, initializer=initializer, trainable=trainable
            )
            setattr(self, name, weight)
        self.built = True

    def _add_kernels(self) -> None:
        widths = self.widths(self.gates_of("kernel"))
        self.kernel = self._add(
            "kernel",
            (self.features, sum(widths)),
            initialization.fused_kernel(self.kernel_initializer, widths),
        )
        widths = self.widths(self.gates_of("recurrent_kernel"))
        if self.recurrent_shape == "full":
            if self._heads > 1 and {self.state_widths()[0], *widths} != {self.units}:
                raise RequestError(
                    f"heads={self._heads}: the recurrent kernel of {type(self).__name__} is not "
                    f"square for each gate of {self.units} units. Leave heads out."
                )
            blocks = [width // self._heads for width in widths for _ in range(self._heads)]
            self.recurrent_kernel = self._add(
                "recurrent_kernel",
                (self.state_widths()[0] // self._heads, sum(widths)),
                initialization.fused_kernel(self.recurrent_initializer, blocks),
            )
        elif self.recurrent_shape == "diagonal":
            self.recurrent_kernel = self._add(
                "recurrent_kernel",
                (sum(widths),),
                initialization.diagonal_kernel(self.recurrent_initializer, len(widths)),
            )

    def _add_bias(self) -> None:
        width = sum(self.widths(self.gates_of("bias")))
        shape = (width,) if self.bias_rows == 1 else (self.bias_rows, width)
        self.bias: Any = None
        if not self.use_bias:  # zeros, for a step that reads the bias
            self.bias = np.zeros(shape, self.compute_dtype)
        elif width:
            initializer = initialization.fused_bias(self.bias_initializer, self)
            self.bias = self._add("bias", shape, initializer)

    def _add(self, name: str, shape: tuple[int | None, ...], initializer: Any) -> keras.Variable:
        return self.add_weight(
            shape=shape,
            name=name,
            initializer=initializer,
            trainable=name not in self.fixed_weights,
            regularizer=self._regularizers[name],
            constraint=self._constraints[name],
        )


def check_heads(heads: Any, units: int) -> None:
    """Raise RequestError unless `heads` is a positive integer that divides `units`."""
    if isinstance(heads, bool) or not isinstance(heads, int) or heads < 1:
        raise RequestError(
            f"heads={heads!r} is not a positive integer. Give a whole number, such as 4."
        )
    if units % heads:
        raise RequestError(f"heads={heads} does not divide units={units}. Try heads=1.")


def _arguments_of(base: type) -> list[str]:
    """Return the names of the arguments that the constructor of a class itself declares."""
    if "__init__" not in vars(base):
        return []
    return [
        parameter.name
        for parameter in inspect.signature(vars(base)["__init__"]).parameters.values()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        and parameter.name not in ("self", "units")
    ]


def _keras_objects(
    kind: Literal["regularizer", "constraint"], kernel: Any, recurrent: Any, bias: Any
) -> dict[str, Any]:
    """Return the regularizers or the constraints: name of a weight -> object or None."""
    values = {"kernel": kernel, "recurrent": recurrent, "bias": bias}
    objects = {name: keras_object(kind, f"{name}_{kind}", value) for name, value in values.items()}
    return {"recurrent_kernel": objects.pop("recurrent"), **objects}
