r"""Read a corpus: an embedded dataset, a stock TFDS dataset, or the user's own files.

Example:
    >>> import pathlib, tempfile
    >>> from tasks.data.sources import Role, read
    >>> roles = (Role("words", "words"), Role("tags", "tags"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "tagged.tsv")
    ...     _ = path.write_text("a\tDET\ncat\tNOUN\n\n" * 10)
    ...     corpus = read(roles, data=path)
    >>> corpus.splits["test"]
    [{'words': ['a', 'cat'], 'tags': ['DET', 'NOUN']}]
    >>> {split: len(examples) for split, examples in corpus.splits.items()}
    {'train': 8, 'validation': 1, 'test': 1}
"""

import functools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.data import parallel, readers, tfds_source
from tasks.data.checksums import checksum
from tasks.data.roles import FieldNames, Role, Splits
from tasks.data.splits import complete_splits
from zoo.errors import RequestError

__all__ = ["Corpus", "Role", "read"]

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Corpus:
    """The examples of a dataset or of files, by split.

    Args:
        name: the name of the dataset, or the names of the files, to print.
        splits: dict of `"train"`, `"validation"` and `"test"` to lists of examples. An example is a
            dict of role name to Python value, see `Role`.
        found: dict of role name to the name of the feature or column that it was read from.

    Example:
        >>> import zoo
        >>> example = {"words": ["a", "cat"], "tags": ["DET", "NOUN"]}
        >>> corpus = zoo.Corpus("two words", {"train": [example]}, {})
        >>> corpus.splits["train"][0]["tags"]
        ['DET', 'NOUN']
    """

    name: str
    splits: Splits
    found: FieldNames

    @functools.cached_property
    def checksums(self) -> dict[str, str]:
        """The checksum of the examples of each split, see `tasks.data.checksums`."""
        return {split: checksum(examples) for split, examples in self.splits.items()}


def read(
    roles: Sequence[Role],
    dataset: str | None = None,
    data: PathLike | Sequence[PathLike] = (),
    data_dir: PathLike | None = None,
    features: Mapping[str, str] | None = None,
) -> Corpus:
    """Return the `Corpus` of either a dataset or files.

    Missing splits are held out from train, see `tasks.data.splits.complete_splits`.

    Args:
        roles: the parts of an example.
        dataset: an embedded dataset, such as "zoo_adding/600", or another TFDS name.
        data: one file, one folder, or three files (train, validation, test), see
            `tasks.data.readers`; or parallel files, see `tasks.data.parallel`.
        data_dir: the folder of prepared datasets; None means `TFDS_DATA_DIR` or TFDS' default.
        features: dict of role name to feature or column, for roles whose match is ambiguous.

    Raises:
        RequestError: not exactly one of `dataset` and `data` is given; the dataset, a file or a
            feature does not exist; the network is not available to prepare the dataset; or a split
            is empty.
        RunError: the download or the preparation failed.
    """
    paths = (data,) if isinstance(data, str | os.PathLike) else tuple(data)
    if bool(dataset) == bool(paths):
        raise RequestError(
            f"dataset={dataset!r} and data={[str(path) for path in paths]}: give one of the two."
        )
    if dataset:
        name = dataset
        splits, found = tfds_source.read_dataset(roles, dataset, data_dir, features)
    else:
        reader = parallel if parallel.are_parallel(paths, roles) else readers
        name, splits, found = reader.read_files(paths, roles, features)
    return Corpus(name, complete_splits(name, splits, roles), found)
