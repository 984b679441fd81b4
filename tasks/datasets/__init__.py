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

import pkgutil
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import wrapt

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


# TFDS finds a builder once its class exists. Importing TFDS here would slow down every listing.
for _module in ("tensorflow_datasets", "tasks.data.generated"):
    wrapt.register_post_import_hook(_import_builders, _module)
