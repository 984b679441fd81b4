"""A cell that cannot be imported, because its base package does not exist."""

import package_that_does_not_exist

from zoo.cells import cells


@cells.register("broken_rnn", paper="none", year=2000, tags=("plugin",))
class BrokenRNNCell(package_that_does_not_exist.Cell):
    """Never defined: the import above fails first."""
