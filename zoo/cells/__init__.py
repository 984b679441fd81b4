"""The registry of cells. Each other module of this package defines one cell.

`get`, `names`, `entry` and `records` are methods of the registry instance `cells`.

Example:
    >>> import zoo
    >>> zoo.cells.get("mgu")(units=8).state_size
    8
    >>> zoo.cells.names("peephole*")
    ['peephole_lstm']
"""

from typing import TYPE_CHECKING

from registry import Registry

if TYPE_CHECKING:
    from zoo.recurrent_cell import RecurrentCell

cells: "Registry[type[RecurrentCell]]" = Registry(
    "cell",
    package="zoo.cells",
    group="zoo.cells",
    list_command="zoo list cells",
    also_import=("zoo.layers.recurrent",),
)

get = cells.get
names = cells.names
entry = cells.entry
records = cells.records

__all__ = ["cells", "entry", "get", "names", "records"]
