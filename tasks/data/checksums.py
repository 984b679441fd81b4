"""Checksums of examples as they were read: equal for equal examples in the same order."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from tasks.data.roles import Example


def checksum(examples: Iterable[Example]) -> str:
    """Return the SHA-256 of examples, as hexadecimal digits.

    It depends on the values and on the order of the examples, and not on the format or the place of
    the file that they come from.

    Example:
        >>> from tasks.data.checksums import checksum
        >>> one = checksum([{"words": ["a", "cat"], "tags": ["DET", "NOUN"]}])
        >>> one == checksum([{"tags": ["DET", "NOUN"], "words": ["a", "cat"]}])
        True
        >>> one == checksum([{"words": ["a", "cat"], "tags": ["DET", "VERB"]}])
        False
    """
    result = hashlib.sha256()
    for example in examples:
        # ASCII, since a text may hold surrogates, which UTF-8 cannot encode.
        text = json.dumps(example, sort_keys=True, default=_json_value)
        result.update(text.encode("ascii") + b"\n")
    return result.hexdigest()


def _json_value(value: Any) -> Any:
    array = np.asarray(value)
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return [str(array.dtype), list(array.shape), digest]
