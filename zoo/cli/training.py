"""`zoo train`: train one configuration into a run folder."""

from collections.abc import Sequence

from zoo.cli.choices import reject_several
from zoo.cli.flags import Verb, run_dir
from zoo.cli.names import check_names
from zoo.cli.origins import show_config
from zoo.cli.output import print_json, quiet_tensorflow, scores
from zoo.cli.reading import check_files
from zoo.config import Config


def run(argv: Sequence[str]) -> int:
    """Run `zoo train`."""
    verb = Verb(
        "train",
        "zoo train --task=pos_tagging --cell=lstm --run_dir=runs/one\n\n"
        "Trains one configuration and evaluates its best epoch on test. Repeat the command to\n"
        "resume an interrupted run; for a finished run it prints the stored result.",
    )
    verb.run_dir_flag("run")
    verb.fields(Config)
    verb.text(
        "keep_epochs",
        "epochs whose models are kept, as epochs/0001.keras; `zoo diagnose` compares them",
        kind="INTS",
    )
    verb.switch("watch", "measure gradients over time every 100 steps, into gradients.csv")
    verb.switch("show_config", "print each value and its origin instead of training")
    if verb.parse(argv) is None:
        return 0
    reject_several(verb)
    config, kept = verb.config(), verb.numbers("keep_epochs") if verb["keep_epochs"] else []
    if verb["show_config"]:
        check_names(config)
        return show_config(verb, config)
    folder = run_dir(verb)
    check_names(config)
    check_files(config, folder)
    quiet_tensorflow()
    from zoo.callbacks import watch_session
    from zoo.runs.progress import ConsoleProgress
    from zoo.training.session import train

    watch = watch_session if verb["watch"] else None
    metrics = train(config, folder, progress=ConsoleProgress(), watch=watch, keep_epochs=kept)
    result = {"run_dir": folder, **metrics}
    if verb["json"]:
        print_json(result)
    else:
        scores(result["metrics"], f"test, {result['seconds']:.0f} s of training, {folder}")
    return 0
