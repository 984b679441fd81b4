"""The registry of embedded datasets; each other file of this folder is one TFDS builder.

`get`, `names`, `entry` and `records` are the methods of the registry instance `datasets`. TFDS
finds the built-in datasets as soon as this package and TFDS have been imported, in any order.

Example:
    >>> from tasks import datasets
    >>> datasets.names("zoo_d*")
    ['zoo_delayed_recall']
    >>> datasets.entry("zoo_pydoc").licence
    'PSF-2.0'
    >>> import tensorflow_datasets as tfds
    >>> tfds.builder_cls("zoo_pydoc") is datasets.get("zoo_pydoc")
    True
"""

import importlib.util
import pkgutil
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

from registry import Registry

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

datasets: "Registry[type[tfds.core.DatasetBuilder]]" = Registry(
    "dataset", package="tasks.datasets", group="zoo.datasets", list_command="zoo list datasets"
)

get = datasets.get
names = datasets.names
entry = datasets.entry
records = datasets.records

__all__ = ["datasets", "entry", "get", "names", "records"]


def _import_builders(_: ModuleType) -> None:
    generated = sys.modules.get("tasks.data.generated")
    if generated and not hasattr(generated, "GeneratedBuilder"):
        return  # That import calls this function again when it ends.
    for module in pkgutil.iter_modules(__path__):
        # A builder module that is being imported registers itself at the end of its import.
        if f"{__name__}.{module.name}" not in sys.modules:
            datasets.get(module.name)


def _register_hooks() -> None:
    import wrapt

    for module in _HOOKED:
        wrapt.register_post_import_hook(_import_builders, module)


class _HooksAtImport:
    """A finder that registers the hooks at the first import of a module that has one.

    Listings import no such module, and so they do not wait for wrapt, which imports asyncio.
    """

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _HOOKED or cls not in sys.meta_path:
            return None
        sys.meta_path.remove(cls)
        _register_hooks()
        return importlib.util.find_spec(name)  # by the finder of wrapt, now the first one


# TFDS finds a builder once its class exists. Importing TFDS here would slow down every listing.
_HOOKED = ("tensorflow_datasets", "tasks.data.generated")
if any(_module in sys.modules for _module in _HOOKED):
    _register_hooks()
else:
    sys.meta_path.insert(0, _HooksAtImport)
