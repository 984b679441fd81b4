"""The splits of a corpus: their names, and missing ones, which are held out from train."""

from collections.abc import Iterable, Sequence
from typing import Any

from tasks.data.roles import Example, Role, Splits
from zoo.errors import RequestError

# Split -> the names that datasets and files use for it, the most common first.
SPLIT_ALIASES = {
    "train": ("train",),
    "validation": ("validation", "dev", "valid", "val"),
    "test": ("test",),
}
SPLITS = tuple(SPLIT_ALIASES)


def complete_splits(name: str, splits: Splits, roles: Sequence[Role]) -> Splits:
    """Return train, validation and test, with the missing ones held out from train.

    Of every ten training examples, the tenth goes to the first missing split, and the ninth to the
    second one. If train is one text, each missing split is a tenth of its characters, taken from
    the end. Examples with an empty value are dropped.

    Args:
        name: the name of the corpus, for error messages.
        splits: the splits that the source provides.
        roles: the roles of the examples.

    Raises:
        RequestError: the train split is missing, or a split would be empty.
    """
    if "train" not in splits:
        raise RequestError(
            f"{name} has no split 'train', so there is nothing to train on. Name another dataset."
        )
    splits = {split: drop_empty(examples) for split, examples in splits.items()}
    missing = [split for split in SPLITS if split not in splits]
    if len(splits["train"]) == 1 and [role.kind for role in roles] == ["text"]:
        splits |= _hold_out_text(splits["train"][0], missing)
    else:
        splits |= _hold_out_examples(splits["train"], missing)
    for split in SPLITS:
        if not splits[split]:
            raise RequestError(
                _empty_split_message(name, split, roles, splits["train"], split in missing)
            )
    return {split: splits[split] for split in SPLITS}


def _hold_out_examples(examples: list[Example], missing: Sequence[str]) -> Splits:
    split_of_last_digit = {9 - number: split for number, split in enumerate(missing)}
    splits: Splits = {split: [] for split in ("train", *missing)}
    for index, example in enumerate(examples):
        splits[split_of_last_digit.get(index % 10, "train")].append(example)
    return splits


def _hold_out_text(example: Example, missing: Sequence[str]) -> Splits:
    ((role, text),) = example.items()
    tenth = len(text) // 10
    start = len(text) - tenth * len(missing)
    texts = {"train": text[:start]}
    for number, split in enumerate(missing):
        texts[split] = text[start + number * tenth :][:tenth]
    return {split: drop_empty([{role: part}]) for split, part in texts.items()}


def drop_empty(examples: Iterable[Example]) -> list[Example]:
    """Return the examples without an empty value."""
    return [example for example in examples if all(map(_has_content, example.values()))]


def _has_content(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, float) or len(value) > 0


def _empty_split_message(
    name: str, split: str, roles: Sequence[Role], train: Sequence[Example], held_out: bool
) -> str:
    reason = "no example has content"
    if held_out:
        reason = "train is too small to hold out a tenth of it"
        if len(train) == 1 and any(role.kind == "words" for role in roles):
            reason = "train is one sentence, and a blank line ends a sentence"
    return (
        f"the split {split!r} of {name} is empty: {reason}. Give more examples, or three files: "
        "train, validation, test."
    )
