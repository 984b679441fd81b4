"""Inspect a corpus without training: lengths, classes, duplicates, normalization."""

import collections
import dataclasses
import statistics
from collections.abc import Callable, Sequence
from typing import Any

from tasks.data import comparison
from tasks.data.corpus import Corpus
from tasks.data.roles import Example, Role, Splits

_EXAMPLES = 3
_SHOWN_CHARACTERS = 200  # of a text
_SHOWN_ITEMS = 20  # of words or tags
_BINS = 20  # of a histogram


@dataclasses.dataclass(frozen=True)
class Inspection:
    """What a corpus holds, as JSON values.

    Args:
        summary: what was read, a `Summary` as JSON values.
        examples: the first training examples, long values shortened.
        lengths: dict of role to its "unit", the "histogram" of train, a list of
            [least length, greatest length, number of examples], and for each split the "least",
            "median", "mean" and "greatest" length.
        classes: dict of split to dict of label or tag to its number of occurrences, the most
            frequent first.
        duplicates: dict of split to the numbers of its examples whose input occurs before in it
            ("within"), and in each split before it.
        letters: the numbers of texts and words of ASCII characters only, and of others.
        problem: why there is nothing to learn, None if there is something.
    """

    summary: dict[str, Any]
    examples: list[Example]
    lengths: dict[str, dict[str, Any]]
    classes: dict[str, dict[str, int]]
    duplicates: dict[str, dict[str, int]]
    letters: dict[str, int]
    problem: str | None


def inspect(corpus: Corpus, roles: Sequence[Role]) -> Inspection:
    """Inspect a corpus.

    Args:
        corpus: examples with a summary.
        roles: the parts of an example.
    """
    assert corpus.summary is not None
    splits = corpus.splits
    return Inspection(
        summary=corpus.summary.to_json(),
        examples=[_shortened(each) for each in splits["train"][:_EXAMPLES]],
        lengths={role.name: _lengths(splits, role) for role in roles if _measure(role)},
        classes=_classes(splits, roles),
        duplicates=_duplicates(splits, roles),
        letters=_letters(splits, roles),
        problem=comparison.nothing_to_learn(splits, roles),
    )


def _shortened(example: Example) -> Example:
    return {role: _shortened_value(value) for role, value in example.items()}


def _shortened_value(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "..."
    if isinstance(value, list):
        return value if len(value) <= _SHOWN_ITEMS else [*value[:_SHOWN_ITEMS], "..."]
    return value if isinstance(value, float) else value[:_SHOWN_ITEMS].tolist()


def _measure(role: Role) -> tuple[str, Callable[[Any], int]] | None:
    """Return the unit of a role's length and the function that measures it."""
    if role.kind == "text":
        return "words", lambda text: len(text.split())
    if role.kind in ("words", "vectors"):
        return ("words" if role.kind == "words" else "timesteps"), len
    return None


def _lengths(splits: Splits, role: Role) -> dict[str, Any]:
    unit, measure = _measure(role) or ("", len)
    result: dict[str, Any] = {"unit": unit}
    for split, examples in splits.items():
        lengths = [measure(example[role.name]) for example in examples]
        if split == "train":
            result["histogram"] = _histogram(lengths)
        result[split] = {
            "least": min(lengths),
            "median": statistics.median(lengths),
            "mean": round(statistics.fmean(lengths), 1),
            "greatest": max(lengths),
        }
    return result


def _histogram(lengths: Sequence[int]) -> list[list[int]]:
    """Return [least length, greatest length, number of examples] of bins of equal width."""
    width = -(-(max(lengths) + 1) // _BINS)
    counts = collections.Counter(length // width for length in lengths)
    return [
        [k * width, (k + 1) * width - 1, counts[k]] for k in range(min(counts), max(counts) + 1)
    ]


def _classes(splits: Splits, roles: Sequence[Role]) -> dict[str, dict[str, int]]:
    role = comparison.classes_role(roles)
    if role is None:
        return {}
    return {
        split: dict(collections.Counter(comparison.classes(examples, role)).most_common())
        for split, examples in splits.items()
    }


def _duplicates(splits: Splits, roles: Sequence[Role]) -> dict[str, dict[str, int]]:
    key = comparison.input_key(roles)
    if key is None:
        return {}
    result: dict[str, dict[str, int]] = {}
    seen: dict[str, set[Any]] = {}
    for split, examples in splits.items():
        keys = [key(example) for example in examples]
        distinct = set(keys)
        result[split] = {"within": len(keys) - len(distinct)}
        for before, others in seen.items():
            result[split][f"in {before}"] = sum(each in others for each in keys)
        seen[split] = distinct
    return result


def _letters(splits: Splits, roles: Sequence[Role]) -> dict[str, int]:
    """Return the numbers of texts and words by the characters that they hold."""
    counts = collections.Counter[bool]()
    for role in roles:
        for examples in splits.values():
            if role.kind == "text":
                counts.update(example[role.name].isascii() for example in examples)
            elif role.kind == "words":
                for example in examples:
                    counts.update(map(str.isascii, example[role.name]))
    return {"ASCII": counts[True], "other": counts[False]}
