"""Cases of the three kinds: the commands of each, and the files that they meet."""

import dataclasses
import random
import shutil

import bad_input

from generated_cases.data_files import FORMS, TARGET, data_file
from generated_cases.requests import SMALL, request
from generated_cases.run_folders import change_run
from generated_cases.values import write_wrong_paths


@dataclasses.dataclass(frozen=True)
class Case:
    """The commands of a generated case.

    Attributes:
        commands: the arguments of each command.
        description: what is wrong.
        like: the commands, which read other files, whose results a success must equal; by default
            there are none.
    """

    commands: list[list[str]]
    description: str
    like: list[list[str]] = dataclasses.field(default_factory=list)


def wrong_flags(seed, folder, base):
    """Return a case of wrong flags; `base` has the folders `tagger` and `writer`."""
    rng = random.Random(seed)
    write_wrong_paths(folder)
    shutil.copy(base / "pos.tsv", folder / "good.tsv")
    argv, run = request(rng, folder)
    if any(str(folder / "run") in argument for argument in argv):
        shutil.copytree(base / run, folder / "run")
    return Case([argv], "flags")


def wrong_data(seed, folder, base):
    """Return a case of a changed data file: how it is read, and often a command that uses it."""
    rng = random.Random(seed)
    paths, task, description, form = data_file(rng, folder)
    inspect = ["inspect", f"--task={task}", "--json"]
    flag = f"--data={','.join(map(str, paths))}"
    used = [
        ["inspect", flag],
        ["train", flag, f"--task={task}", f"--run_dir={folder / 'new'}", *SMALL],
    ]
    if task == "pos_tagging":
        suffix = "".join(paths[0].suffixes)
        predict = ["predict", str(base / "tagger"), f"--input={paths[0]}"]
        used += [
            ["evaluate", str(base / "tagger"), f"--data={paths[0]}", "--json"],
            [*predict, f"--output={folder / 'out'}{suffix}", "--json"],
        ]
    commands = [[*inspect, flag], *rng.sample(used, rng.choice((0, 0, 1)))]
    like = [[*inspect, f"--data={_write_form(form, folder / 'unchanged')}"]] if form else []
    return Case(commands, description, like)


def _write_form(form, folder):
    """Write a data file without changes; return its paths for --data."""
    folder.mkdir()
    name, _, text = FORMS[form]
    files = [(name, text)] + [TARGET] * (form == "source")
    for each, content in files:
        (folder / each).write_text(content, encoding="utf-8")
    return ",".join(str(folder / each) for each, _ in files)


def wrong_run(seed, folder, base):
    """Return a case of a changed file in a run, a search or an export."""
    rng = random.Random(seed)
    kind = rng.choice(
        ["tagger", "tagger", "unfinished", "unfinished", "writer", "search", "export"]
    )
    source = {"unfinished": "tagger", "export": "search/export"}.get(kind, kind)
    run = shutil.copytree(base / source, folder / "run")
    if kind == "unfinished":
        (run / "metrics.json").unlink()
    commands = _commands(kind, run, base)
    command = rng.choice(commands)
    like = [_replaced(command, run, base / source)] if command[0] in EQUAL else []
    return Case([command], f"{kind}: {change_run(rng, run)}", like)


# Commands of which a success must give the result of the unchanged folder.
EQUAL = ("predict", "evaluate", "generate")


def _commands(kind, run, base):
    def line(text):
        return text.replace("{tmp}", str(base)).split()

    resume = {"writer": bad_input.WRITER, "search": bad_input.SEARCH}.get(kind, bad_input.TAGGER)
    resume = [*line(resume), f"--run_dir={run}"]
    report, path = ["report", str(run)], str(run)
    return {
        "tagger": [
            ["evaluate", path, "--json"],
            ["predict", path, "--text=the cat", "--json"],
            report,
            ["export", path],
            resume,
        ],
        "unfinished": [report, resume, resume],
        "writer": [["generate", path, "--text=the", "--length=2", "--json"], report, resume],
        "search": [[*report, "--json"], ["evaluate", path, "--json"], resume],
        "export": [["predict", path, "--text=the cat", "--json"]],
    }[kind]


def _replaced(command, run, source):
    return [argument.replace(str(run), str(source)) for argument in command]


KINDS = {"flags": wrong_flags, "data": wrong_data, "run": wrong_run}
