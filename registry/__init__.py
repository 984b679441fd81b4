"""Names to objects, lazily, with good errors; the standard library only."""

from registry.core import Registry
from registry.entry import Entry
from registry.errors import BrokenEntry, DuplicateName, RegistryError, UnknownName

__all__ = ["BrokenEntry", "DuplicateName", "Entry", "Registry", "RegistryError", "UnknownName"]
