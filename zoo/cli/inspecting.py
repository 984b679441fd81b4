"""`zoo inspect`: what is read from files or a dataset, without training."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.data import files
from tasks.data.corpus import Corpus
from tasks.data.guessing import candidates, guess_task
from tasks.data.inspection import inspect
from tasks.data.roles import Role
from tasks.data.summary import Summary
from tasks.library import tasks
from zoo.cli.choices import reject_several
from zoo.cli.flags import Verb
from zoo.cli.names import known
from zoo.cli.output import print_json, quiet_tensorflow, table
from zoo.cli.reading import roles_of
from zoo.config import Config
from zoo.errors import RequestError
from zoo.runs.console import printable

FIELDS = ("task", "dataset", "difficulty", "data", "data_dir", "features", "header")
SHOWN = 15  # classes of a split; --json prints all


def run(argv: Sequence[str]) -> int:
    """Run `zoo inspect`."""
    verb = _verb()
    if verb.parse(argv) is None:
        return 0
    reject_several(verb, FIELDS)
    config = verb.config(FIELDS)
    if not config.data and not config.dataset:
        raise RequestError(
            "`zoo inspect` needs data: give --data=FILES or --dataset=NAME. `zoo list datasets` "
            "lists the embedded datasets."
        )
    known(tasks, config.task)
    with files.without_collection():
        task, roles, corpus = _read(config, guessed=verb["task"] is None)
        result = {"task": task, **dataclasses.asdict(inspect(corpus, roles))}
    if verb["picture"]:
        _draw(result, verb["picture"])
    if verb["json"]:
        print_json(result)
    else:
        _print(result, guessed=verb["task"] is None and bool(config.data))
    return 0


def _verb() -> Verb:
    verb = Verb(
        "inspect",
        "zoo inspect --data=FILES\nzoo inspect --dataset=NAME --task=TASK\n\n"
        "Shows what is read, without training: columns, examples, lengths, classes, duplicates\n"
        "between the splits. Without --task, the task is guessed from the files.",
    )
    verb.fields(Config, FIELDS)
    verb.picture("picture", "file of a plot of classes and lengths")
    return verb


def _read(config: Config, guessed: bool) -> tuple[str, Sequence[Role], Corpus]:
    """Return the task, its roles and the corpus; files are read without TensorFlow."""
    features = config.features or None
    if config.data and guessed:
        task, corpus = guess_task(candidates(), config.data, features, config.header)
        return task, candidates()[task], corpus
    roles = roles_of(config.task)
    if config.data and roles is not None:
        return config.task, roles, files.read(roles, config.data, features, config.header)
    quiet_tensorflow()
    from tasks.data import sources
    from zoo.models.resolve import resolve

    roles = tasks.get(config.task).roles
    config = resolve(config)
    corpus = sources.read(
        roles, config.dataset, config.data, config.data_dir, features, config.header
    )
    return config.task, roles, corpus


def _draw(result: Mapping[str, Any], path: str) -> None:
    from zoo.reports.data_picture import data_picture
    from zoo.reports.plotting import save_picture

    save_picture(data_picture(result), path)


def _print(result: Mapping[str, Any], guessed: bool) -> None:
    summary = Summary.from_json(result["summary"])
    task = f"{result['task']} (guessed; --task chooses another)" if guessed else result["task"]
    table(("data", ""), [("task", task), *summary.rows()])
    print("\nfirst training examples:")
    for number, example in enumerate(result["examples"], 1):
        for role, value in example.items():
            text = " ".join(map(str, value)) if isinstance(value, list) else value
            print(f"  {number} {role}: {printable(text, '')}")
    splits = list(summary.counts)
    print()
    _print_lengths(result["lengths"], splits)
    _print_duplicates(result["duplicates"])
    _print_classes(result["classes"], splits)
    letters = result["letters"]
    print(f"texts or words of ASCII characters: {letters['ASCII']:,}; others: {letters['other']:,}")
    if result["problem"]:
        print(f"nothing to learn: {result['problem']} in train")


def _print_lengths(lengths: Mapping[str, Any], splits: Sequence[str]) -> None:
    names = ("least", "median", "mean", "greatest")
    rows = [
        (role, split, *(_number(record[split][name]) for name in names), record["unit"])
        for role, record in lengths.items()
        for split in splits
    ]
    if rows:
        table(("length of", "split", *(f">{name}" for name in names), "unit"), rows)
        print()


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def _print_duplicates(duplicates: Mapping[str, Mapping[str, int]]) -> None:
    rows = [
        (split, where, f"{number:,}")
        for split, numbers in duplicates.items()
        for where, number in numbers.items()
    ]
    if rows:
        table(("repeated inputs of", "where", ">number"), rows)
        print()


def _print_classes(classes: Mapping[str, Mapping[str, int]], splits: Sequence[str]) -> None:
    if not classes:
        return
    names = list(dict.fromkeys(name for split in splits for name in classes[split]))
    rows = [
        (name, *(f"{classes[split].get(name, 0):,}" for split in splits)) for name in names[:SHOWN]
    ]
    table(("class", *(f">{split}" for split in splits)), rows)
    if len(names) > SHOWN:
        print(f"and {len(names) - SHOWN:,} more; --json prints all")
    print()
