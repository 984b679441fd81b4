"""A corpus: the examples of a dataset or of files, by split."""

from dataclasses import dataclass

from tasks.data.roles import FieldNames, Splits
from tasks.data.summary import Summary


@dataclass(frozen=True)
class Corpus:
    """The examples of a dataset or of files, by split.

    Args:
        name: the name of the dataset, or the names of the files, to print.
        splits: dict of `"train"`, `"validation"` and `"test"` to lists of examples. An example is a
            dict of role name to Python value, see `Role`.
        found: dict of role name to the name of the feature or column that it was read from.
        summary: what was read, to be reported; None for examples that were not read.

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
    summary: Summary | None = None
