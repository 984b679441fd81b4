"""`zoo tune`: search for the best configuration and export its model."""

import pathlib
from collections.abc import Sequence
from typing import Any

from tasks.datasets import datasets
from tasks.heads import heads
from zoo.cells import cells
from zoo.cli.choices import search_space
from zoo.cli.flags import Verb, run_dir
from zoo.cli.names import check_names, known
from zoo.cli.origins import show_config
from zoo.cli.output import leaderboard, print_json, print_text, quiet_tensorflow, scores, table
from zoo.cli.reading import check_files
from zoo.config import CLIPPINGS, Config, Search
from zoo.errors import RequestError
from zoo.tuning.tuners import tuners

SINGLE_FIELDS = ("task", "dataset", "difficulty", "seed", "max_minutes")
Space = dict[str, tuple[Any, ...]]


def run(argv: Sequence[str]) -> int:
    """Run `zoo tune`."""
    verb = _verb()
    if verb.parse(argv) is None:
        return 0
    config, space = _config_and_space(verb)
    search = verb.search()
    known(tuners, search.tuner)
    check_names(config, space)
    if verb["show_config"]:
        return show_config(verb, config, space)
    if verb["dry_run"]:
        return _dry_run(verb, config, space)
    folder = run_dir(verb)
    check_files(config, folder)
    quiet_tensorflow()
    from zoo.tuning.tuner import tune

    result = {"run_dir": folder, **tune(config, folder, space, search, verbose=True)}
    if verb["json"]:
        print_json(result)
    else:
        _print(result)
    return 0


def _verb() -> Verb:
    verb = Verb(
        "tune",
        "zoo tune --task=pos_tagging --cell=lstm,gru,*_rnn --clipnorm=none,1 --run_dir=runs/first"
        "\n\nSearches for the best configuration. Several values of a flag, separated by commas,"
        "\nare choices; one value is fixed; other fields use the task's search space."
        "\n--cell takes wildcards, and tag:linear for all cells with the tag."
        "\n--max_minutes is the time budget of the whole search. Repeat the command to resume an"
        "\ninterrupted search.",
    )
    verb.run_dir_flag("search")
    verb.fields(Config)
    verb.fields(Search)
    verb.switch("dry_run", "print the search space instead of training", group="search")
    verb.switch("show_config", "print each value and its origin instead of training")
    return verb


def _config_and_space(verb: Verb) -> tuple[Config, Space]:
    """Return the configuration of the flags with one value, and the choices of the others."""
    space, single = search_space(verb, {"cell": cells, "head": heads, "dataset": datasets})
    for name in SINGLE_FIELDS:
        if name in space:
            raise RequestError(
                f"--{name}={','.join(map(str, space[name]))}: a search has one {name}. "
                "Give one value."
            )
    clippings = [name for name in CLIPPINGS if name in {*space, *single}]
    if len(clippings) > 1:  # the search chooses the kind, even if each has one value
        space.update(
            {name: (getattr(verb.config([name]), name),) for name in clippings if name in single}
        )
        single = [name for name in single if name not in clippings]
    return verb.config(single), space


def _print(result: dict[str, Any]) -> None:
    from zoo.reports.report import gather
    from zoo.saved_models.versions import newest

    folder = result["run_dir"]
    leaderboard(gather(folder))
    scores(
        result["metrics"],
        f"\ntest, the best trial, chosen on validation; {result['seconds']:.0f} s of training "
        "in all trials",
    )
    print_text(f"\nrun folder: {folder} (report.html, card.md, plots/)")
    if exported := newest(pathlib.Path(folder, "export")):
        print_text(f"exported:   {exported}")


def _dry_run(verb: Verb, config: Config, space: Space) -> int:
    quiet_tensorflow()
    from zoo.tuning.hypermodel import complete_space

    complete = {name: list(values) for name, values in complete_space(config, space).items()}
    if verb["json"]:
        print_json(complete)
    else:
        table(
            ("field", "values"),
            [(name, ", ".join(map(str, values))) for name, values in complete.items()],
        )
    return 0
