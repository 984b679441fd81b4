"""What the engine supplies to a cell while it runs the cell's `step` or `project`.

The context is held by a context variable, not by the cell: each thread has its own value, so that
threads can run the same cell at the same time.
"""

import contextlib
import contextvars
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

Tensor: TypeAlias = Any  # Keras and its backends ship no types


class MatrixColumns(NamedTuple):
    """Adjacent columns of a matrix that a step multiplies by.

    Attributes:
        name: "recurrent_kernel", or the name of a further weight of the cell.
        start: the first column.
        stop: the column after the last one.
    """

    name: str
    start: int
    stop: int


Product: TypeAlias = Callable[[Tensor, MatrixColumns], Tensor]


@dataclasses.dataclass(frozen=True)
class StepContext:
    """The functions and dropout masks that the engine supplies to the methods of one cell.

    Attributes:
        cell: the cell; a cell inside another cell does not use the context of the outer one.
        product: (h, columns) -> h times these columns of a matrix; None: the cell multiplies.
        drop_candidate: recurrent dropout of a candidate state, or None.
        operand_masks: width -> variational dropout mask (batch, width) of the operands of that
            width in recurrent products.
        affine: (x, kernel, bias or None) -> x times the kernel, plus the bias, for `project`; None:
            the cell computes it.
    """

    cell: Any
    product: Product | None = None
    drop_candidate: Callable[[Tensor], Tensor] | None = None
    operand_masks: Mapping[int, Tensor] | None = None
    affine: Callable[[Tensor, Tensor, Tensor | None], Tensor] | None = None


_current: contextvars.ContextVar[StepContext | None] = contextvars.ContextVar(
    "step_context", default=None
)


def step_context(cell: Any) -> StepContext:
    """Return the context that the engine supplies to `cell`, or an empty one."""
    context = _current.get()
    return context if context is not None and context.cell is cell else StepContext(cell)


@contextlib.contextmanager
def supply(context: StepContext) -> Iterator[None]:
    """Make `context` the current one in this thread."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
