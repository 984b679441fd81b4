"""What `structure` knows of a tensor of a traced step: its abstract value, and `NotElementwise`.

The kinds of values:

- `Constant`: depends on no step input; an array of any shape, or a variable.
- `Uniform`: (rows, width), the same in all rows, and a constant; for example zeros for each row.
- `Aligned`: (rows, width), computed from step inputs, column by column.
- `RowShape`: the shape of a (rows, width) tensor; `RowCount`: its number of rows.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias


class NotElementwise(Exception):
    """The step cannot be proven to be elementwise; the message names the operation."""


class Origin(NamedTuple):
    """The block of a step input to which a block of a tensor is equal, up to an addition.

    Attributes:
        is_product: True: the step input is a recurrent product; False: the projected input.
        column: the first column of the block in the projected input.
    """

    is_product: bool
    column: int


@dataclasses.dataclass(frozen=True)
class Aligned:
    """A (rows, width) tensor whose columns form blocks side by side.

    Column j of a block depends only on columns j, in the same row, of blocks of the same width in
    step inputs.

    Attributes:
        blocks: width of each block.
        origins: for each block its origin in the projected input or a product, or None.
        reads: numbers of the step inputs from which it is computed, also in columns cut off since.
        gradients_to: the subset of `reads` for which a gradient tape certainly finds a gradient,
            zeros included, where for others it may return None.
        misread: True if a block with an origin was read otherwise than by an addition of the
            projected input and a product.
    """

    blocks: tuple[int, ...]
    origins: tuple[Origin | None, ...]
    reads: frozenset[int] = frozenset()
    gradients_to: frozenset[int] = frozenset()
    misread: bool = False

    def columns(self, start: int, stop: int) -> "Aligned":
        """Return the value of a slice of the columns; it must start and end between blocks."""
        borders = [sum(self.blocks[:k]) for k in range(len(self.blocks) + 1)]
        if start not in borders or stop not in borders or start >= stop:
            raise NotElementwise(f"columns {start} to {stop} are not whole blocks {self.blocks}")
        part = slice(borders.index(start), borders.index(stop))
        return dataclasses.replace(self, blocks=self.blocks[part], origins=self.origins[part])


@dataclasses.dataclass(frozen=True)
class Constant:
    """A tensor that depends on no step input."""


@dataclasses.dataclass(frozen=True)
class Uniform:
    """A (rows, width) tensor whose rows are all the same and depend on no step input."""


@dataclasses.dataclass(frozen=True)
class RowShape:
    """The shape of a (rows, width) tensor."""


@dataclasses.dataclass(frozen=True)
class RowCount:
    """The number of rows, a scalar."""


Value: TypeAlias = Aligned | Constant | Uniform | RowShape | RowCount


def union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    """Return the union of sets of numbers."""
    return frozenset().union(*sets)


def side_by_side(parts: Sequence[Aligned]) -> Aligned:
    """Return the value of the concatenation of aligned tensors."""
    return Aligned(
        tuple(width for part in parts for width in part.blocks),
        tuple(origin for part in parts for origin in part.origins),
        union(part.reads for part in parts),
        union(part.gradients_to for part in parts),
        any(part.misread for part in parts),
    )
