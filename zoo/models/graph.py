"""Symbolic tensors of models, and options of their recurrent layers."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import keras


@dataclasses.dataclass(frozen=True)
class Graph:
    """Symbolic tensors of a model.

    Attributes:
        inputs: the model's inputs by name.
        outputs: predictions, or the input of the head; see the method that returns the graph.
        state_inputs: inputs for the initial states of all recurrent layers, first layer first.
        new_states: the states after the last timestep, in the same order.
    """

    inputs: dict[str, keras.KerasTensor]
    outputs: keras.KerasTensor
    state_inputs: tuple[keras.KerasTensor, ...] = ()
    new_states: tuple[keras.KerasTensor, ...] = ()


@dataclasses.dataclass(frozen=True)
class StackOptions:
    """Options of a stack of recurrent layers.

    Attributes:
        prefix: prefix of the layers' names.
        bidirectional: whether each layer runs in both directions.
        return_sequences: whether the last layer returns the outputs of all timesteps.
        return_states: whether the stack returns the final states of each layer.
    """

    prefix: str = ""
    bidirectional: bool = False
    return_sequences: bool = True
    return_states: bool = False


class InitialStates(NamedTuple):
    """Initial states of a stack of recurrent layers.

    Attributes:
        states: the states of each layer, tensors (batch, units).
        started: (batch, 1), or None. With a learned initial state, rows where it is zero start from
            the learned state instead of `states`.
    """

    states: Sequence[Sequence[keras.KerasTensor]]
    started: keras.KerasTensor | None = None


class StackOutput(NamedTuple):
    """Output of a stack of recurrent layers.

    Attributes:
        output: (batch, timesteps, width), or (batch, width) without `return_sequences`.
        states: the final states of each layer; empty without `return_states`.
    """

    output: keras.KerasTensor
    states: list[list[keras.KerasTensor]]
