"""`zoo report`: what a run or a search came to, told in the terminal and written to a page."""

from rich.columns import Columns
from rich.console import Console
from rich.text import Text

from zoo.cli.flags import Verb, existing
from zoo.cli.output import leaderboard, print_json, scores
from zoo.cli.work import work
from zoo.reports.terminal import curve


def run(argv):
    verb = Verb(
        "report",
        "zoo report RUN_DIR\n\nTells of a run or a search, finished or as far as it is: learning curves, "
        "leaderboard, scores.\nWrites RUN_DIR/report.html and RUN_DIR/plots.",
        ("RUN_DIR",),
    )
    places = verb.parse(argv)
    if places is None:
        return 0
    folder = existing(verb, places["RUN_DIR"], "RUN_DIR")
    report = work("report")(folder)
    if verb["json"]:
        print_json(report.to_json())
        return 0
    _curves(report)
    if report.trials:
        leaderboard(report)
    if report.metrics:
        scores(
            report.metrics,
            f"\ntest, {'the best trial, ' * (report.kind == 'search')}chosen on validation; "
            f"{report.seconds:.0f} s of training",
        )
    else:
        print("\nnot finished: no scores on test yet. The command that began it goes on with it.")
    print(f"\nwritten: {folder}/report.html, {folder}/plots")
    return 0


def _curves(report):
    """Loss and score over the epochs, beside each other where there is room."""
    if not report.history:
        return
    console = Console(highlight=False)
    named = {
        "training loss": "loss",
        f"validation {report.metric.name.replace('_', ' ')}": f"validation_{report.metric.name}",
    }
    drawn = [
        "\n".join(
            curve(
                title,
                [record[key] for record in report.history],
                ascii_only=console.options.ascii_only,
            )
        )
        for title, key in named.items()
    ]
    of = f"trial {report.best_trial}, " if report.best_trial else ""
    chosen = f"; chosen: epoch {report.best['epoch']}" if report.best else ""
    console.print(f"learning curves, {of}{len(report.history)} epochs{chosen}", soft_wrap=True)
    console.print(Columns([Text(text, no_wrap=True) for text in drawn], padding=(0, 4)))
