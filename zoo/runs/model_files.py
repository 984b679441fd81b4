"""Loading of .keras files whose cells are in the registry."""

import json
import os
import pathlib
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

import keras

# Imported for their side effect: they register the classes of a saved model with Keras.
from zoo import optimizers  # noqa: F401
from zoo.cells import cells
from zoo.errors import RequestError, is_out_of_memory
from zoo.layers import (  # noqa: F401
    attention,
    normalization,
    per_word,
    pooling,
    recurrent,
    regularized_cell,
)
from zoo.runs import files
from zoo.runs.archives import check_archive, check_weights


def load(path: str | os.PathLike[str]) -> Any:
    """Load a Keras model of registered cells.

    The cells that the file names are imported first, among them those of installed plugins. Only
    registered cells are imported: a file cannot cause the import of any other module.

    Args:
        path: a run folder, or a .keras file.

    Returns:
        The `keras.Model`.

    Raises:
        RequestError: if the file does not exist, is damaged, or names a cell that is not installed.

    Example:
        >>> import os, tempfile
        >>> import keras, zoo
        >>> inputs = keras.Input((None, 3))
        >>> model = keras.Model(inputs, zoo.Recurrent("mgu", 4)(inputs))
        >>> path = os.path.join(tempfile.mkdtemp(), "model.keras")
        >>> model.save(path)
        >>> zoo.load(path).output_shape
        (None, 4)
    """
    path = pathlib.Path(path)
    path = path / "model.keras" if path.is_dir() else path
    _import_cells(_registered_modules(_read_config(path)))
    try:
        return keras.saving.load_model(path)
    except Exception as error:  # HDF5, zlib, Keras and TensorFlow raise many kinds
        if is_out_of_memory(error):
            raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise RequestError(
            f"{path} cannot be loaded: {reason}. If it names a cell of a plugin, install the "
            "plugin; if it is damaged, train again."
        ) from error


def save(model: Any, path: pathlib.Path) -> None:
    """Save a Keras model atomically, without its optimizer."""
    with files.atomic_file(path) as temporary:
        keras.Model(model.input, model.output, name=model.name).save(temporary)


def _read_config(path: pathlib.Path) -> Any:
    """Return the Keras config in a .keras file, whose declared sizes are looked at first."""
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is not a regular file")
        with zipfile.ZipFile(path) as archive:
            check_archive(path, archive)
            check_weights(archive)
            return json.loads(archive.read("config.json").decode("utf-8"))
    except (OSError, KeyError, ValueError, RecursionError, RuntimeError, zlib.error) as error:
        raise _not_keras(path, error) from None
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise _not_keras(path, error) from None


def _not_keras(path: pathlib.Path, error: Exception) -> RequestError:
    return RequestError(
        f"{path} is not a .keras file ({error}). Give a run folder or a file that Keras saved."
    )


def _import_cells(modules: Iterable[str]) -> None:
    """Import the registered cells that are defined in `modules` (names such as "zoo.cells.lstm").

    A record of the registry has the cell's source file but not its module, since listings do not
    import cells. A cell belongs to a module if the path of its file ends with the module's name:
    ".../zoo/cells/lstm.py" belongs to "zoo.cells.lstm".
    """
    suffixes = tuple("/" + name.replace(".", "/") for name in modules)
    for entry in cells.records():
        if entry.file and pathlib.Path(entry.file).with_suffix("").as_posix().endswith(suffixes):
            cells.get(entry.name)


def _registered_modules(value: Any) -> set[str]:
    """Return the modules of all registered names ("zoo.cells.lstm>LSTMCell") in a Keras config."""
    if isinstance(value, dict):
        name = value.get("registered_name")
        found = {name.partition(">")[0]} if isinstance(name, str) and ">" in name else set()
        return found.union(*map(_registered_modules, value.values()))
    return set().union(*map(_registered_modules, value)) if isinstance(value, list) else set()
