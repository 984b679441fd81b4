"""Bad input gets one sentence on stderr, with the offending value and the fix; nothing is lost by it."""

import dataclasses
import errno
import json
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.data import sources
from zoo.cli import main
from zoo.runs import files

pytestmark = pytest.mark.usefixtures("unroll_factor_one")

SENTENCES = (
    "the\tDET\ncat\tNOUN\nsat\tVERB\n",
    "a\tDET\ndog\tNOUN\nbarks\tVERB\n",
    "cats\tNOUN\nsleep\tVERB\n",
)
SMALL = "--epochs=1 --units=4 --embedding=4"
TAGGER = f"train --data={{tmp}}/pos.tsv {SMALL}"
WRITER = f"train --task=language_model --data={{tmp}}/text.txt {SMALL}"
DIVERGING = """--cell=simple_rnn --cell_args='{"activation": "relu"}' --batch_size=1"""
SEARCH = f"tune --data={{tmp}}/pos.tsv {SMALL} --max_trials=1 --dropout=0 --learning_rate=1e-3"


@dataclasses.dataclass(frozen=True)
class Case:
    """A command, its exit status, what its sentence contains, and what is the matter with the machine (`given`)."""

    id: str
    command: (
        str  # {tmp}: the folder with data and runs; {new}: a run folder that does not exist yet
    )
    fragments: tuple[str, ...]
    status: int = 2
    given: Callable | None = None


def full_disk(monkeypatch):
    def replace(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "replace", replace)


CASES = (
    # Names that nothing has.
    Case("verb", "trian --cell=lstm", ("'trian'", "`zoo train`")),
    Case("flag", "train --unit=4 --run_dir={new}", ("'unit'", "units", "zoo train --help")),
    Case("cell", "train --cell=lstn --run_dir={new}", ("'lstn'", "'lstm'", "zoo list cells")),
    Case(
        "head",
        "train --head=token_logit --run_dir={new}",
        ("'token_logit'", "'token_logits'", "zoo list heads"),
    ),
    Case(
        "task",
        "train --task=tagging --run_dir={new}",
        ("'tagging'", "'pos_tagging'", "zoo list tasks"),
    ),
    Case(
        "dataset",
        "train --dataset=zoo_turkish_treebnk --run_dir={new}",
        ("'zoo_turkish_treebnk'", "'zoo_turkish_treebank'", "zoo list datasets"),
    ),
    Case(
        "initializer",
        "train --kernel_initializer=glorot --run_dir={new}",
        ("'glorot'", "glorot_uniform", "zoo list initializers"),
    ),
    Case(
        "recurrent initializer",
        "train --recurrent_initializer=ortogonal --run_dir={new}",
        ("'ortogonal'", "'orthogonal'", "zoo list initializers"),
    ),
    Case(
        "bias initializer",
        "train --bias_initializer=chrno:100 --run_dir={new}",
        ("'chrno'", "'chrono'"),
    ),
    Case(
        "tuner", "tune --tuner=randon --run_dir={new}", ("'randon'", "'random'", "zoo list tuners")
    ),
    Case("a cell among several", "tune --cell=lstm,gruu --run_dir={new}", ("'gruu'", "'gru'")),
    Case(
        "objective",
        "tune --objective=perplexity --run_dir={new}",
        ("objective=perplexity", "accuracy"),
    ),
    Case("token", "train --token=foo --run_dir={new}", ("token=foo", "char, word, byte")),
    Case("token, nearly right", "train --token=wrod --run_dir={new}", ("token=wrod", "'word'")),
    Case("split", "evaluate {tmp}/tagger --split=foo", ("--split=foo", "train, validation, test")),
    Case("show", "show lstn", ("'lstn'", "'lstm' (cells)")),
    Case("show of another kind", "show lstm --kind=heads", ("head 'lstm'", "zoo list heads")),
    Case("check", "check lstn --json", ("'lstn'", "'lstm'")),
    Case("kind", "list cels --json", ("'cels'", "'cells'")),
    Case("pattern", "list cells '*nothing*' --json", ("'*nothing*'", "zoo list cells")),
    Case("tags", "list --tags=gaited --json", ("gaited", "zoo list")),
    Case("wildcard", "tune --cell='*nothing*' --run_dir={new}", ("--cell=*nothing*", "lstm")),
    # Values that cannot be.
    Case(
        "two clippings",
        "train --clipnorm=1 --clipvalue=0.5 --run_dir={new}",
        ("clipnorm=1", "clipvalue=0.5", "keep one"),
    ),
    Case("no units", "train --units=0 --run_dir={new} --json", ("units=0", "at least 1")),
    Case("no units among several", "tune --units=4,0 --run_dir={new}", ("units=0", "at least 1")),
    Case("no epochs", "train --epochs=0 --run_dir={new}", ("epochs=0", "at least 1")),
    Case("no trials", "tune --max_trials=0 --run_dir={new}", ("max_trials=0", "at least 1")),
    Case(
        "no number",
        "train --learning_rate=nonsense --run_dir={new}",
        ("learning_rate=nonsense", "a number above 0"),
    ),
    Case(
        "not a number",
        "train --learning_rate=nan --run_dir={new}",
        ("learning_rate=nan", "a number above 0"),
    ),
    Case("dropout", "train --dropout=1.5 --run_dir={new}", ("dropout=1.5", "at least 0 below 1")),
    Case(
        "seed", "train --seed=99999999999 --run_dir={new}", ("seed=99999999999", "below 4294967296")
    ),
    Case(
        "bool",
        "train --bidirectional=perhaps --run_dir={new}",
        ("bidirectional=perhaps", "true or false"),
    ),
    Case(
        "cell_args, no JSON",
        "train --cell_args=relu --run_dir={new}",
        ("'relu'", '{"activation": "relu"}'),
    ),
    Case(
        "cell_args, no object",
        "train --cell_args=[1] --run_dir={new}",
        ("'[1]'", '{"activation": "relu"}'),
    ),
    Case(
        "cell_args, unknown",
        """train --cell=simple_rnn --cell_args='{"activatoin": "relu"}' --run_dir={new}""",
        ("'activatoin'", "activation"),
    ),
    Case(
        "cell_args, bad value",
        """train --cell=simple_rnn --cell_args='{"activation": "rleu"}' --run_dir={new}""",
        ("rleu", "relu"),
    ),
    Case(
        "chrono without a gate",
        "train --cell=simple_rnn --bias_initializer=chrono --run_dir={new}",
        ("'chrono'", "zeros"),
    ),
    Case(
        "identity for a bias",
        "train --bias_initializer=identity --run_dir={new}",
        ("'identity'", "unit_forget"),
    ),
    Case(
        "a bias recipe for a kernel",
        "train --recurrent_initializer=chrono --run_dir={new}",
        ("'chrono'", "orthogonal"),
    ),
    Case(
        "an initializer's number",
        "train --bias_initializer=chrono:long --run_dir={new}",
        ("'long'", "chrono:0.5"),
    ),
    Case(
        "a head that does not fit",
        "train --head=regression --run_dir={new}",
        ("'regression'", "token_logits"),
    ),
    Case(
        "a language model looking ahead",
        "train --task=language_model --bidirectional --run_dir={new}",
        ("bidirectional=true", "Leave bidirectional out"),
    ),
    Case(
        "two tasks",
        "tune --task=pos_tagging,adding --run_dir={new}",
        ("--task=pos_tagging,adding", "Give one value"),
    ),
    Case(
        "two sources",
        "train --dataset=zoo_names --data={tmp}/pos.tsv --run_dir={new}",
        ("'zoo_names'", "Keep one"),
    ),
    Case(
        "several values", "train --cell=lstm,gru --run_dir={new}", ("--cell=lstm,gru", "`zoo tune`")
    ),
    Case("several numbers", "train --units=4,8 --run_dir={new}", ("--units=4,8", "`zoo tune`")),
    Case("length", "generate {tmp}/writer --length=ten", ("--length=ten", "at least 0")),
    Case(
        "too long",
        "generate {tmp}/writer --length=99999999999",
        ("--length=99999999999", "below 2147483648"),
    ),
    Case(
        "temperature", "generate {tmp}/writer --temperature=-1", ("--temperature=-1", "at least 0")
    ),
    Case(
        "difficulty, twice",
        "train --task=adding --dataset=zoo_adding/7 --difficulty=5 --run_dir={new}",
        ("difficulty=5", "'zoo_adding/7'", "'zoo_adding'"),
    ),
    Case(
        "difficulty of a treebank",
        "train --difficulty=5 --run_dir={new}",
        ("difficulty=5", "'zoo_turkish_treebank'", "Leave it out", "zoo_adding, zoo_copy_memory"),
    ),
    Case(
        "difficulty of one's own data",
        "train --difficulty=5 --data={tmp}/pos.tsv --run_dir={new}",
        ("difficulty=5", "data of your own", "Leave it out"),
    ),
    Case(
        "no difficulty",
        "train --task=adding --difficulty=0 --run_dir={new}",
        ("difficulty=0", "at least 1"),
    ),
    Case(
        "too easy",
        "train --task=adding --difficulty=1 --data_dir={tmp}/tfds --run_dir={new}",
        ("zoo_adding/1", "from 2 up"),
    ),
    Case(
        "two difficulties to search",
        "tune --task=adding --difficulty=5,6 --run_dir={new}",
        ("--difficulty=5,6", "Give one"),
    ),
    Case(
        "difficulties, no numbers",
        "evaluate {tmp}/tagger --difficulties=5,x",
        ("--difficulties=5,x", "50,100,200"),
    ),
    Case(
        "difficulties of a tagger",
        "evaluate {tmp}/tagger --difficulties=5,6 --json",
        ("{tmp}/tagger", "no difficulty", "zoo_adding"),
    ),
    Case(
        "two runs, no difficulties",
        "evaluate {tmp}/tagger {tmp}/writer",
        ("2 runs", "--difficulties=50,100,200"),
    ),
    Case(
        "a picture of one score",
        "evaluate {tmp}/tagger --path={tmp}/x.png",
        ("--path=", "--difficulties"),
    ),
    # What is lacking or too much.
    Case("no run_dir", "train --cell=lstm", ("--run_dir", "--run_dir=runs/first")),
    Case("a flag without dashes", "train lstm --run_dir={new}", ("'lstm'", "--name=value")),
    Case("no path", "predict --text=a", ("PATH", "zoo predict PATH")),
    Case("no text", "predict {tmp}/tagger --json", ("--text=", "--input=FILE")),
    Case(
        "no input file",
        "predict {tmp}/tagger --input={tmp}/nothing.txt",
        ("nothing.txt", "Name a text file"),
    ),
    Case(
        "input that is no UTF-8",
        "predict {tmp}/tagger --input={tmp}/latin.tsv",
        ("latin.tsv", "UTF-8", "iconv"),
    ),
    # Data.
    Case(
        "not prepared, no network",
        "train --task=language_model --dataset=tiny_shakespeare --data_dir={tmp}/none "
        "--run_dir={new} --json",
        ("'tiny_shakespeare'", "not prepared", "tfds.load('tiny_shakespeare'", "--data_dir=DIR"),
    ),
    Case(
        "a dataset of other features",
        "train --dataset=zoo_adding/100 --data_dir={tmp}/tfds --run_dir={new}",
        ("'zoo_adding/100'", "vectors:", "'words' (kind words)"),
    ),
    Case(
        "a feature that is not there",
        """train --data={tmp}/pos.tsv --features='{"tags": "xpos"}' --run_dir={new}""",
        ("'xpos'", "pos.tsv", "It has 1: column"),
    ),
    Case(
        "no such file",
        "train --data={tmp}/nothing.tsv --run_dir={new}",
        ("nothing.tsv", "Check the path"),
    ),
    Case(
        "unknown extension",
        "train --data={tmp}/pos.doc --run_dir={new}",
        ("'.doc'", ".conllu, .tsv"),
    ),
    Case(
        "two files",
        "train --data={tmp}/pos.tsv,{tmp}/pos.tsv --run_dir={new}",
        ("2 paths", "three files"),
    ),
    Case(
        "an empty file",
        "train --data={tmp}/empty.tsv --run_dir={new}",
        ("empty.tsv", "at least one example"),
    ),
    Case(
        "another encoding",
        "train --data={tmp}/latin.tsv --run_dir={new}",
        ("latin.tsv", "not UTF-8", "iconv"),
    ),
    Case(
        "malformed CoNLL-U",
        "train --data={tmp}/bad.conllu --run_dir={new}",
        ("bad.conllu line 3", "10", "Correct"),
    ),
    Case(
        "other columns",
        "train --task=classification --data={tmp}/other.csv --run_dir={new}",
        ("other.csv", "colour", "size", "features="),
    ),
    Case(
        "a file of the wrong kind",
        "train --task=adding --data={tmp}/pos.tsv --run_dir={new}",
        ("pos.tsv", "name a dataset"),
    ),
    Case(
        "too few sentences",
        "train --data={tmp}/one.tsv --run_dir={new}",
        ("one.tsv", "Give more examples"),
    ),
    Case(
        "too short a text",
        "train --task=language_model --data={tmp}/short.txt --run_dir={new}",
        ("short.txt", "Give more"),
    ),
    # Run folders.
    Case(
        "a run of another configuration",
        f"{TAGGER} --cell=gru --run_dir={{tmp}}/tagger",
        ("{tmp}/tagger", 'cell: "lstm" there, "gru" asked', "Choose another --run_dir"),
    ),
    Case(
        "a run_dir of other things",
        f"{TAGGER} --run_dir={{tmp}}/things",
        ("{tmp}/things", "an empty folder"),
    ),
    Case(
        "a run_dir that is a file",
        f"{TAGGER} --run_dir={{tmp}}/pos.tsv",
        ("{tmp}/pos.tsv", "an empty folder"),
    ),
    Case(
        "a run_dir in a file",
        f"{TAGGER} --run_dir={{tmp}}/pos.tsv/run",
        ("{tmp}/pos.tsv/run", "another folder"),
        1,
    ),
    Case(
        "another search",
        f"{SEARCH} --max_trials=1 --tuner=grid --run_dir={{tmp}}/search",
        ("{tmp}/search", 'search.tuner: "random" there, "grid" asked', "Choose another --run_dir"),
    ),
    Case("no search", f"{SEARCH} --run_dir={{tmp}}/things", ("{tmp}/things", "an empty folder")),
    Case("no run", "evaluate {tmp}/nothing --json", ("{tmp}/nothing", "zoo train")),
    Case(
        "no run, but a folder",
        "evaluate {tmp}/things --json",
        ("{tmp}/things", "config.json", "zoo train"),
    ),
    Case(
        "nothing to predict with", "predict {tmp}/nothing --text=a", ("{tmp}/nothing", "zoo train")
    ),
    Case(
        "no model to predict with",
        "predict {tmp}/things --text=a",
        ("{tmp}/things", "`zoo export`"),
    ),
    Case(
        "no text to generate", "generate {tmp}/tagger --text=the", ("{tmp}/tagger", "`zoo predict`")
    ),
    Case(
        "no tags to predict", "predict {tmp}/writer --text=the", ("{tmp}/writer", "`zoo generate`")
    ),
    Case(
        "a run without a model", "export {tmp}/begun", ("{tmp}/begun", "same `zoo train` command")
    ),
    # What a kill or a full disk leaves.
    Case(
        "half a configuration",
        f"{TAGGER} --run_dir={{tmp}}/half_config",
        ("config.json", "Restore the file"),
        1,
    ),
    Case(
        "half a model",
        "predict {tmp}/half_model --text=a",
        ("half_model/model.keras", "Give a run folder"),
    ),
    Case(
        "a model without weights",
        "predict {tmp}/hollow_model --text=a",
        ("hollow_model/model.keras", "weights"),
    ),
    Case(
        "half a checkpoint",
        f"{TAGGER} --run_dir={{tmp}}/half_checkpoint",
        ("half_checkpoint/checkpoint.npz", "train again"),
        1,
    ),
    Case(
        "an empty checkpoint",
        f"{TAGGER} --run_dir={{tmp}}/empty_checkpoint",
        ("empty_checkpoint/checkpoint.npz", "train again"),
        1,
    ),
    Case(
        "half a vocabulary",
        "evaluate {tmp}/half_vocabulary",
        ("vocabularies.json", "train again"),
        1,
    ),
    Case(
        "half a result",
        f"{TAGGER} --run_dir={{tmp}}/half_result",
        ("metrics.json", "Restore the file"),
        1,
    ),
    Case("half an export", "predict {tmp}/half_export --text=a", ("half_export",), 1),
    Case(
        "half a search",
        f"{SEARCH} --run_dir={{tmp}}/half_search",
        ("half_search/search.json", "Restore the file"),
        1,
    ),
    Case(
        "half a leaderboard",
        f"{SEARCH} --run_dir={{tmp}}/half_leaderboard",
        ("leaderboard.json", "Restore the file"),
        1,
    ),
    Case(
        "a full disk",
        f"{TAGGER} --run_dir={{new}} --json",
        ("No space left on device", "Free some space"),
        1,
        full_disk,
    ),
    Case(
        "a full disk in a search",
        f"{SEARCH} --run_dir={{new}}",
        ("No space left on device", "Free some space"),
        1,
        full_disk,
    ),
    # Failures while running.
    Case(
        "a loss that is no number",
        f"{TAGGER} {DIVERGING} --learning_rate=1e30 --run_dir={{new}} --json",
        ("the loss became nan", "--global_clipnorm=1", "--learning_rate"),
        1,
    ),
)


def zoo(command, tmp, new=None):
    """The exit status of a command line."""
    return main(
        shlex.split(command.replace("{tmp}", str(tmp)).replace("{new}", str(new or tmp / "new")))
    )


def write_data(folder):
    text = "\n".join(SENTENCES * 8)
    (folder / "pos.tsv").write_text(text)
    (folder / "pos.doc").write_text(text)
    (folder / "one.tsv").write_text(SENTENCES[0])
    (folder / "empty.tsv").write_text("")
    (folder / "latin.tsv").write_bytes("café\tNOUN\n".encode("latin-1"))
    (folder / "bad.conllu").write_text(
        "# text = the cat\n1\tthe\t_\tDET" + "\t_" * 6 + "\n2\tcat\tNOUN\n"
    )
    (folder / "other.csv").write_text("colour,size\nred,1\n")
    (folder / "text.txt").write_text("the cat sat on the mat and the dog sat on the log.\n" * 12)
    (folder / "short.txt").write_text("too short\n")
    (folder / "things").mkdir()
    (folder / "things" / "letter.txt").write_text("not yours")


def damaged(source, target, name, change):
    """A copy of a run in which one file is not whole."""
    shutil.copytree(source, target)
    change(target / name)


def halve(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def hollow(path):
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if not name.endswith(".h5")}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)


@pytest.fixture(scope="module")
def tmp(tmp_path_factory):
    """Data, whole and not; runs, whole and not."""
    folder = tmp_path_factory.mktemp("bad_input")
    write_data(folder)
    for command in (
        f"{TAGGER} --run_dir={{tmp}}/tagger",
        f"{WRITER} --run_dir={{tmp}}/writer",
        f"{SEARCH} --run_dir={{tmp}}/search",
        "export {tmp}/tagger --path={tmp}/half_export",
    ):
        assert zoo(command, folder) == 0
    tagger = folder / "tagger"
    damaged(tagger, folder / "begun", "model.keras", os.remove)
    damaged(tagger, folder / "half_config", "config.json", halve)
    damaged(tagger, folder / "half_model", "model.keras", halve)
    damaged(tagger, folder / "hollow_model", "model.keras", hollow)
    for name, change in (
        ("half_checkpoint", halve),
        ("empty_checkpoint", lambda path: path.write_bytes(b"")),
    ):
        damaged(tagger, folder / name, "checkpoint.npz", change)
        (folder / name / "metrics.json").unlink()  # a finished run needs its checkpoint no more
    damaged(tagger, folder / "half_vocabulary", "vocabularies.json", halve)
    damaged(tagger, folder / "half_result", "metrics.json", halve)
    damaged(folder / "search", folder / "half_search", "search.json", halve)
    damaged(folder / "search", folder / "half_leaderboard", "leaderboard.json", halve)
    halve(folder / "half_export" / "1" / "saved_model.pb")
    return folder


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_bad_input_gets_a_sentence(case, tmp, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sources, "online", lambda: False)
    if case.given:
        case.given(monkeypatch)
    capsys.readouterr()
    status = zoo(case.command, tmp, tmp_path / "new")
    out, err = capsys.readouterr()
    assert status == case.status, err
    assert out == ""
    assert err.startswith("zoo: ") and err.count("\n") == 1 and err.endswith("\n"), err
    assert "Traceback" not in err and "should not happen" not in err
    for fragment in case.fragments:
        assert fragment.replace("{tmp}", str(tmp)) in err


def test_the_table_names_what_it_asserts():
    """A case without an offending value or a fix would assert nothing."""
    assert len({case.id for case in CASES}) == len(CASES)
    assert all(case.fragments for case in CASES)


def test_what_a_name_or_a_value_tells_does_not_wait_for_tensorflow(tmp_path):
    code = (
        "import sys; from zoo.cli import main; status = main(sys.argv[1:]); "
        "print(status, sorted({'tensorflow', 'keras', 'tensorflow_datasets'} & set(sys.modules)))"
    )
    ids = (
        "cell",
        "recurrent initializer",
        "tuner",
        "no units among several",
        "several values",
        "check",
        "no run",
        "show",
    )
    for case in (case for case in CASES if case.id in ids):
        command = case.command.replace("{tmp}", str(tmp_path)).replace(
            "{new}", str(tmp_path / "new")
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *shlex.split(command)], capture_output=True, text=True
        )
        assert done.stdout == "2 []\n", (case.id, done.stdout, done.stderr)


def test_a_refused_request_leaves_the_run_as_it_was(tmp, capsys):
    before = {path.name: path.read_bytes() for path in (tmp / "tagger").iterdir() if path.is_file()}
    assert zoo(f"{TAGGER} --cell=gru --run_dir={{tmp}}/tagger", tmp) == 2
    assert zoo(f"{TAGGER} --units=0 --run_dir={{tmp}}/tagger", tmp) == 2
    assert {
        path.name: path.read_bytes() for path in (tmp / "tagger").iterdir() if path.is_file()
    } == before


def test_a_sentence_of_no_words_and_one_of_ten_thousand_are_predicted(tmp, capsys):
    (tmp / "lines.txt").write_text("\n" + "cat " * 10_000 + "\n \nthe cat\n")
    capsys.readouterr()
    assert zoo("predict {tmp}/tagger --input={tmp}/lines.txt --json", tmp) == 0
    answers = json.loads(capsys.readouterr().out)
    assert [len(answer["output"]) for answer in answers] == [0, 10_000, 0, 2]
    assert [len(answer["scores"]) for answer in answers] == [0, 10_000, 0, 2]
    assert zoo("predict {tmp}/tagger --text=", tmp) == 0


def test_a_sentence_of_no_words_and_one_of_ten_thousand_are_trained_on(tmp, tmp_path, capsys):
    quick = "--cell=simple_rnn --bidirectional=false"
    rows = [("", "a"), (" ", "b"), *[(f"word{k} good", "ab"[k % 2]) for k in range(30)]]
    (tmp_path / "empty.csv").write_text(
        "text,label\n" + "".join(f"{text},{label}\n" for text, label in rows)
    )
    assert (
        zoo(
            f"train --task=classification --data={tmp_path}/empty.csv {SMALL} {quick} --run_dir={{new}}",
            tmp,
            tmp_path / "texts",
        )
        == 0
    )
    (tmp_path / "long.tsv").write_text("cat\tNOUN\n" * 10_000 + "\n\n\n" + "\n".join(SENTENCES * 8))
    assert (
        zoo(
            f"train --data={tmp_path}/long.tsv {SMALL} {quick} --run_dir={{new}}",
            tmp,
            tmp_path / "words",
        )
        == 0
    )


class Killer:
    """In the place of `os.replace`: lets `left` files be written, then leaves half of one, as kill -9 does."""

    def __init__(self, left):
        self.left, self.killed, self.written, self.replace = left, None, set(), os.replace

    def __call__(self, source, target):
        if self.left == 0:
            half = Path(source).with_name(".partial-left" + Path(source).suffix)
            half.write_bytes(Path(source).read_bytes()[: Path(source).stat().st_size // 2])
            self.killed = Path(target).name
            raise KeyboardInterrupt
        self.left -= 1
        self.replace(source, target)
        self.written.add(Path(target).name)


def test_a_kill_at_any_write_loses_nothing(tmp, tmp_path, capsys, monkeypatch):
    command, killed = f"{TAGGER} --run_dir={{new}}", set()
    for left in (0, 1, 2, 2, 3, 3, 99):  # each kill one file further than the last
        killer = Killer(left)
        with monkeypatch.context() as patch:
            patch.setattr(files.os, "replace", killer)
            status = zoo(command, tmp, tmp_path / "run")
        assert status == (1 if killer.killed else 0), capsys.readouterr().err
        if not killer.killed:
            continue
        killed.add(killer.killed)
        err = capsys.readouterr().err
        assert (
            err.splitlines()[-1].startswith("zoo: interrupted")
            and "The same command goes on" in err
        )
    assert {
        "config.json",
        "vocabularies.json",
        "history.csv",
        "checkpoint.npz",
        "metrics.json",
    } <= killed
    whole, resumed = (
        json.loads((folder / "metrics.json").read_text())
        for folder in (tmp / "tagger", tmp_path / "run")
    )
    assert resumed["metrics"] == whole["metrics"] and resumed["validation"] == whole["validation"]
    assert (tmp_path / "run" / "history.csv").read_text() == (
        tmp / "tagger" / "history.csv"
    ).read_text()


def test_a_kill_at_any_write_of_a_search_loses_nothing(tmp, tmp_path, capsys, monkeypatch):
    killed, written = set(), set()
    for left in range(30):
        killer = Killer(left)
        with monkeypatch.context() as patch:
            patch.setattr(files.os, "replace", killer)
            status = zoo(f"{SEARCH} --run_dir={{new}}", tmp, tmp_path / "search")
        assert status == (1 if killer.killed else 0), capsys.readouterr().err
        written |= killer.written
        if not killer.killed:
            break
        killed.add(killer.killed)
    assert {"search.json", "trial.json", "config.json", "leaderboard.json"} <= killed
    assert "tuner0.json" in written  # keras-tuner alone would write it in place
    whole, resumed = (
        json.loads((folder / "search" / "leaderboard.json").read_text())
        for folder in (tmp, tmp_path)
    )
    assert resumed["metrics"] == whole["metrics"]
    assert [trial["score"] for trial in resumed["trials"]] == [
        trial["score"] for trial in whole["trials"]
    ]
