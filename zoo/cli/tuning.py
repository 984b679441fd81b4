"""`zoo tune`: a search, its leaderboard, the best model exported."""

from tasks.datasets import datasets
from tasks.heads import heads
from zoo.cells import cells
from zoo.cli.flags import Verb, run_dir
from zoo.cli.names import check_names, known
from zoo.cli.output import leaderboard, print_json, scores, table
from zoo.cli.work import work
from zoo.config import CLIPPINGS, Config, Search
from zoo.errors import RequestError
from zoo.tuning.tuners import tuners


def run(argv):
    verb = Verb(
        "tune",
        "zoo tune --task=pos_tagging --cell=lstm,gru,*_rnn --clipnorm=none,1 --run_dir=runs/first\n\n"
        "Searches for the best configuration. A flag with several values, commas between them, is a choice;\n"
        "one value fixes; what is not named uses the task's space. --max_minutes bounds the whole search.",
    )
    verb.text("run_dir", "the folder of the search")
    verb.fields(Config)
    verb.fields(Search)
    verb.switch("dry_run", "print the space and train nothing")
    if verb.parse(argv) is None:
        return 0
    space, single = verb.choices({"cell": cells, "head": heads, "dataset": datasets})
    for name in ("task", "dataset", "difficulty", "seed", "max_minutes"):
        if name in space:
            raise RequestError(
                f"--{name}={','.join(map(str, space[name]))}: a search has one {name}. Give one value."
            )
    given = [name for name in CLIPPINGS if name in {*space, *single}]
    if len(given) > 1:  # several kinds are a choice among kinds, even with one value each
        space.update(
            {name: (getattr(verb.config([name]), name),) for name in given if name in single}
        )
        single = [name for name in single if name not in given]
    config, search = verb.config(single), verb.search()
    known(tuners, search.tuner)
    check_names(config, space)
    if verb["dry_run"]:
        return _dry_run(verb, config, space)
    result = {
        "run_dir": run_dir(verb),
        **work("tune")(config, run_dir(verb), space, search, verbose=True),
    }
    if verb["json"]:
        print_json(result)
        return 0
    leaderboard(work("gather")(result["run_dir"]))
    scores(
        result["metrics"],
        f"\ntest, the best trial, chosen on validation; {result['seconds']:.0f} s of training in all",
    )
    print(
        f"\nrun folder: {result['run_dir']} (report.html, card.md, plots/)\nexported:   {result['run_dir']}/export/1"
    )
    return 0


def _dry_run(verb, config, space):
    complete = {name: list(values) for name, values in work("space")(config, space).items()}
    if verb["json"]:
        print_json(complete)
    else:
        table(
            ("field", "values"),
            [(name, ", ".join(map(str, values))) for name, values in complete.items()],
        )
    return 0
