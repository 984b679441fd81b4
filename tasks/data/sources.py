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

import os
from collections.abc import Mapping, Sequence

from tasks.data import files, tfds_source
from tasks.data.corpus import Corpus
from tasks.data.files import PathLike
from tasks.data.roles import Role
from zoo.errors import RequestError

__all__ = ["Corpus", "Role", "read"]


def read(
    roles: Sequence[Role],
    dataset: str | None = None,
    data: PathLike | Sequence[PathLike] = (),
    data_dir: PathLike | None = None,
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
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
        header: whether the first lines of the files are headers; None: depends on the format.

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
    if not dataset:
        return files.read(roles, paths, features, header)
    if header is not None:
        raise RequestError(
            f"header={str(header).lower()} is for files, and dataset={dataset!r} is a dataset. "
            "Leave one of them out."
        )
    return tfds_source.read_corpus(roles, dataset, data_dir, features)
