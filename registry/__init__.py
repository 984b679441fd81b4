"""Names to objects: lazy imports, listings without imports, and errors with suggestions.

The package uses the standard library only.

Example:
    >>> from registry import Registry
    >>> optimizers = Registry("optimizer")
    >>> @optimizers.register("sgd", year=1951)
    ... class SGD:
    ...     "Stochastic gradient descent."
    >>> optimizers.get("sgd") is SGD
    True
    >>> optimizers.entry("sgd").year
    1951
    >>> optimizers.get("SGD")
    Traceback (most recent call last):
        ...
    registry.errors.UnknownName: unknown optimizer 'SGD'; did you mean 'sgd'?
"""

from registry.core import Registry
from registry.entry import Entry
from registry.errors import BrokenEntry, DuplicateName, RegistryError, UnknownName

__all__ = ["BrokenEntry", "DuplicateName", "Entry", "Registry", "RegistryError", "UnknownName"]
