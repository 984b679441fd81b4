"""The parts of a TFDS dataset name."""

from typing import NamedTuple

MAX_DIGITS = 9  # of the difficulty in the name of a generated dataset


class DatasetName(NamedTuple):
    """A dataset name of the form `NAME`, `NAME/CONFIG`, `NAME:VERSION` or `NAME/CONFIG:VERSION`.

    Args:
        base: the name of the builder.
        config: the name of the builder's configuration; None if the name has no `/`.
        version: the version; None if the name has no `:`.
    """

    base: str
    config: str | None
    version: str | None

    @classmethod
    def parse(cls, name: str) -> "DatasetName":
        """Return the parts of `name`."""
        path, colon, version = name.partition(":")
        base, slash, config = path.partition("/")
        return cls(base, config if slash else None, version if colon else None)
