"""The registry of cells; the other files of this folder are the cells, one each."""

from registry import Registry

cells = Registry("cell", package="zoo.cells", group="zoo.cells", brings=("zoo.layers.recurrent",))
