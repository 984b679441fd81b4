"""The registry of embedded datasets; the other files of this folder are TFDS builders, one each.

Importing this package makes the built-in builders known to TFDS, in whichever order the two are imported.
"""

import pkgutil
import sys

import wrapt

from registry import Registry

datasets = Registry("dataset", package="tasks.datasets", group="zoo.datasets")


def _tell_tfds(_):
    for module in pkgutil.iter_modules(__path__):
        # A builder module that is being imported right now registers itself when its import ends.
        if f"{__name__}.{module.name}" not in sys.modules:
            datasets.get(module.name)


# TFDS looks builders up among the classes that exist; importing it here would cost every listing half a second.
wrapt.register_post_import_hook(_tell_tfds, "tensorflow_datasets")
