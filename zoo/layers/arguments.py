"""Constructor arguments of `zoo.Recurrent`: create the cell and validate the options."""

import inspect
from collections.abc import Mapping
from typing import Any

import keras

from zoo.cells import cells
from zoo.engine.regularization_rates import RegularizationRates
from zoo.errors import RequestError
from zoo.layers.implementations import is_linear
from zoo.recurrent_cell import RecurrentCell

_LAYER_ARGUMENTS = {"name", "dtype", "trainable", "activity_regularizer", "autocast"}


def check_backend() -> None:
    """Raise RequestError unless Keras runs on TensorFlow."""
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise RequestError(
            f"zoo.Recurrent needs the TensorFlow backend, and Keras runs on {backend}. "
            "Set KERAS_BACKEND=tensorflow, or use the cell in keras.layers.RNN."
        )


def option_names(layer_class: type[keras.layers.Layer]) -> list[str]:
    """Return the names of the keyword-only arguments of a layer's constructor."""
    parameters = inspect.signature(layer_class.__init__).parameters.values()
    return [each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]


def split_arguments(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split keyword arguments into those of `keras.layers.Layer` and those of the cell."""
    layer_arguments = {name: value for name, value in arguments.items() if name in _LAYER_ARGUMENTS}
    cell_arguments = {
        name: value for name, value in arguments.items() if name not in _LAYER_ARGUMENTS
    }
    return layer_arguments, cell_arguments


def make_cell(name: str, units: int, arguments: Mapping[str, Any]) -> RecurrentCell:
    """Return a new cell of a registered class.

    Args:
        name: registered name of the cell.
        units: width of the output and of each state.
        arguments: further constructor arguments of the cell; may include `dtype`.

    Raises:
        RequestError: an argument is unknown or has an invalid value.
        UnknownName: the name is not registered.
    """
    builder = cells.get(name)
    known = builder.argument_names()
    for argument in arguments:
        if argument not in known and argument != "dtype":
            raise RequestError(
                f"unknown argument {argument!r} of the cell {name!r}. "
                f"Its arguments: {', '.join(known)}."
            )
    return builder(units, **arguments)


def as_cell(
    cell: str | RecurrentCell, units: int | None, arguments: Mapping[str, Any], dtype: str
) -> RecurrentCell:
    """Return the cell of a layer.

    Args:
        cell: registered name, or a cell, which is returned unchanged.
        units: width of the state; required with a name, not allowed with a cell.
        arguments: further constructor arguments; not allowed with a cell.
        dtype: name of the dtype policy of a cell created from a name.

    Raises:
        RequestError: `units` is missing with a name; `units` or `arguments` are passed with a cell;
            `cell` is neither a name nor a cell; or an argument is invalid.
        UnknownName: the name is not registered.
    """
    if isinstance(cell, str):
        if units is None:
            raise RequestError(
                f"Recurrent({cell!r}) lacks units. Write for example Recurrent({cell!r}, 128)."
            )
        return make_cell(cell, units, {"dtype": dtype, **arguments})
    if not isinstance(cell, RecurrentCell):
        raise RequestError(
            f"{cell!r} is not a cell of the zoo. Give a registered name (`zoo list cells`) or an "
            "instance of zoo.RecurrentCell; keras.layers.RNN runs other cells."
        )
    if units is not None or arguments:
        raise RequestError(
            f"the cell is an instance, so Recurrent does not take {['units', *arguments]}. "
            "Pass them to the constructor of the cell."
        )
    return cell


def check_count(name: str, value: int | None, counted: str, example: int) -> None:
    """Raise RequestError unless the argument `name` is None or a positive integer.

    Args:
        name: name of the argument.
        value: its value.
        counted: what it counts, in the plural.
        example: a value to suggest.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise RequestError(
            f"{name}={value!r} is not a positive whole number of {counted}. "
            f"Try {example}, or leave it out."
        )


def check_parallel(cell: RecurrentCell, rates: RegularizationRates, unroll: bool) -> None:
    """Raise RequestError if the cell or the options do not support `parallel=True`."""
    if not is_linear(cell):
        raise RequestError(
            f"parallel=True needs a cell that is linear in its state, such as min_gru, and "
            f"{type(cell).__name__} is not. Leave it out."
        )
    if rates.has_zoneout or rates.recurrent_dropout or unroll:
        raise RequestError(
            "parallel=True does not support zoneout, recurrent_dropout or unroll, which need a "
            "loop over timesteps. Leave these out, or parallel."
        )
