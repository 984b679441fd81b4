"""Builders of TFDS datasets, which are prepared if they are not on disk."""

import contextlib
import difflib
import io
import os
import re
import sys
from collections.abc import Callable, Iterator

import tensorflow_datasets as tfds
from tensorflow_datasets.core import read_only_builder
from tensorflow_datasets.core.utils import tqdm_utils

from registry import UnknownName
from tasks.data import network
from tasks.data.dataset_name import DatasetName
from tasks.data.trusted_features import trusted_features
from tasks.datasets import datasets
from zoo.errors import RequestError, RunError


def prepared_builder(
    dataset: str, data_dir: str | os.PathLike[str] | None = None
) -> tfds.core.DatasetBuilder:
    """Return the builder of a dataset, after preparing the dataset if it is not on disk.

    Args:
        dataset: the name of an embedded dataset, or of one of TFDS' own (a stock dataset); see
            `DatasetName`.
        data_dir: the folder of prepared datasets; None for `TFDS_DATA_DIR` or, if that is not set,
            TFDS' default.

    Raises:
        RequestError: the name, configuration or version is unknown, a package is missing, or the
            network is not available for a download.
        RunError: the download or the preparation failed.
    """
    folder = os.path.expanduser(data_dir or os.environ.get("TFDS_DATA_DIR") or "") or None
    try:
        builder_class = datasets.get(DatasetName.parse(dataset).base)
    except UnknownName:
        with trusted_features(dataset):
            return _stock_builder(dataset, folder)
    return _embedded_builder(dataset, builder_class, folder)


def _embedded_builder(
    dataset: str, builder_class: type[tfds.core.DatasetBuilder], folder: str | None
) -> tfds.core.DatasetBuilder:
    name = DatasetName.parse(dataset)

    def make_builder() -> tfds.core.DatasetBuilder:
        return builder_class(data_dir=folder, config=name.config, version=name.version)

    try:
        builder = make_builder()
    except RequestError:
        raise
    except (ValueError, AssertionError) as error:
        raise RequestError(_unknown_variant_message(dataset, builder_class, error)) from error
    if not builder.is_prepared():
        with contextlib.redirect_stdout(io.StringIO()), _without_progress_bar():
            builder = _prepare(dataset, builder, make_builder)
    return builder


def _stock_builder(dataset: str, folder: str | None) -> tfds.core.DatasetBuilder:
    # Try the prepared files first: a stock builder's code may need packages that are not
    # installed. `builder_from_files` is private API of TFDS.
    with contextlib.suppress(ValueError, ImportError):
        return read_only_builder.builder_from_files(dataset, data_dir=folder)

    def make_builder() -> tfds.core.DatasetBuilder:
        return tfds.builder(dataset, data_dir=folder)

    # TFDS prints messages to stdout, which is reserved for results.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            builder = make_builder()
        except tfds.core.DatasetNotFoundError as error:
            raise RequestError(_unknown_dataset_message(dataset)) from error
        except ImportError as error:
            raise RequestError(_missing_package_message(dataset, error)) from error
        except (ValueError, AssertionError, RuntimeError) as error:
            raise RequestError(_unknown_variant_message(dataset, None, error)) from error
        if builder.is_prepared():
            return builder
        if not network.online():
            raise RequestError(_offline_message(dataset, folder))
        return _prepare(dataset, builder, make_builder)


def _prepare(
    dataset: str,
    builder: tfds.core.DatasetBuilder,
    make_builder: Callable[[], tfds.core.DatasetBuilder],
) -> tfds.core.DatasetBuilder:
    try:
        builder.download_and_prepare()
    except RequestError:
        raise
    except ImportError as error:
        raise RequestError(_missing_package_message(dataset, error)) from error
    except Exception as error:
        # Another process may have prepared the dataset in the meantime.
        builder = make_builder()
        if not builder.is_prepared():
            raise RunError(
                f"preparing the dataset {dataset!r} in {builder.data_dir} failed: "
                f"{_first_line(error)}. Free some space, try again, or prepare the dataset "
                "elsewhere and set data_dir to its folder."
            ) from error
    return builder


@contextlib.contextmanager
def _without_progress_bar() -> Iterator[None]:
    # `tqdm_utils._active` is private API of TFDS: the setting has no public getter.
    before = tqdm_utils._active
    tfds.display_progress_bar(False)
    try:
        yield
    finally:
        tfds.display_progress_bar(before)


def _unknown_dataset_message(dataset: str) -> str:
    known = {*datasets.names(), *tfds.list_builders(with_community_datasets=False)}
    close = difflib.get_close_matches(DatasetName.parse(dataset).base, sorted(known), n=3)
    hint = f"did you mean {' or '.join(map(repr, close))}?" if close else "check the spelling."
    return (
        f"unknown dataset {dataset!r}; {hint} `zoo list datasets` lists the embedded datasets, and "
        "TFDS has others."
    )


def _unknown_variant_message(
    dataset: str, builder_class: type[tfds.core.DatasetBuilder] | None, error: Exception
) -> str:
    """Return the message for a configuration, a version or a name that does not exist."""
    name = DatasetName.parse(dataset)
    pattern = '^Failed to construct .*?}": | Here are 10 BuilderConfigs.*'
    reason = re.sub(pattern, "", _first_line(error)).rstrip(".")
    if builder_class is None:
        try:
            builder_class = tfds.builder_cls(name.base)
        except (ValueError, ImportError):
            return (
                f"{dataset!r} is not the name of a dataset: {reason}. Write NAME, NAME/CONFIG or "
                "NAME/CONFIG:VERSION."
            )
    known = list(builder_class.builder_configs)
    close = difflib.get_close_matches(name.config or "", known, n=3, cutoff=0.3) or known[:3]
    variants = [f"{builder_class.name}/{config}" for config in close] or [builder_class.name]
    return (
        f"the dataset {dataset!r} does not exist: {reason}. Try {' or '.join(map(repr, variants))}."
    )


def _missing_package_message(dataset: str, error: ImportError) -> str:
    named = re.search(r"No module named '([\w.]+)'", str(error))
    module = error.name or (named[1] if named else None)
    remedy = f"Run: pip install {module.split('.')[0]}" if module else "Install that package."
    return (
        f"the dataset {dataset!r} needs a package that is not installed ({_first_line(error)}). "
        f"{remedy}"
    )


def _offline_message(dataset: str, folder: str | None) -> str:
    return (
        f"the dataset {dataset!r} is not prepared in {folder or tfds.core.constants.DATA_DIR}, and "
        "the network is not available to download it. On a machine with a network, run: python -c "
        f"\"import tensorflow_datasets as tfds; tfds.load('{dataset}', data_dir='DIR')\", copy DIR "
        "to this machine and add --data_dir=DIR"
    )


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".")
