"""Invalid, missing and contradictory flags are rejected with a one-line message and a remedy."""

import pytest
from bad_input import Case, check_message

INVALID = (
    Case(
        "two clippings",
        "train --clipnorm=1 --clipvalue=0.5 --run_dir={new}",
        ("clipnorm=1", "clipvalue=0.5", "keep one"),
    ),
    Case("zero units", "train --units=0 --run_dir={new} --json", ("units=0", "at least 1")),
    Case("zero units among several", "tune --units=4,0 --run_dir={new}", ("units=0", "at least 1")),
    Case("zero epochs", "train --epochs=0 --run_dir={new}", ("epochs=0", "at least 1")),
    Case("zero trials", "tune --max_trials=0 --run_dir={new}", ("max_trials=0", "at least 1")),
    Case(
        "learning_rate is text",
        "train --learning_rate=nonsense --run_dir={new}",
        ("learning_rate=nonsense", "a number above 0"),
    ),
    Case(
        "learning_rate is nan",
        "train --learning_rate=nan --run_dir={new}",
        ("learning_rate=nan", "a number above 0"),
    ),
    Case(
        "dropout", "train --dropout=1.5 --run_dir={new}", ("dropout=1.5", "at least 0 and below 1")
    ),
    Case(
        "seed", "train --seed=99999999999 --run_dir={new}", ("seed=99999999999", "below 4294967296")
    ),
    Case(
        "bool",
        "train --bidirectional=perhaps --run_dir={new}",
        ("bidirectional=perhaps", "true or false"),
    ),
    Case(
        "cell_args, not JSON",
        "train --cell_args=relu --run_dir={new}",
        ("'relu'", '{"activation": "relu"}'),
    ),
    Case(
        "cell_args, not an object",
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
        "a bias initializer for a kernel",
        "train --recurrent_initializer=chrono --run_dir={new}",
        ("'chrono'", "orthogonal"),
    ),
    Case(
        "an invalid argument of an initializer",
        "train --bias_initializer=chrono:long --run_dir={new}",
        ("'long'", "chrono:0.5"),
    ),
    Case(
        "a head that does not fit",
        "train --head=regression --run_dir={new}",
        ("'regression'", "token_logits"),
    ),
    Case(
        "a bidirectional language model",
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
        "length above the maximum",
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
        "difficulty of user data",
        "train --difficulty=5 --data={tmp}/pos.tsv --run_dir={new}",
        ("difficulty=5", "data of your own", "Leave it out"),
    ),
    Case(
        "zero difficulty",
        "train --task=adding --difficulty=0 --run_dir={new}",
        ("difficulty=0", "at least 1"),
    ),
    Case(
        "difficulty below the minimum",
        "train --task=adding --difficulty=1 --data_dir={tmp}/tfds --run_dir={new}",
        ("zoo_adding/1", "from 2 up"),
    ),
    Case(
        "two difficulties to search",
        "tune --task=adding --difficulty=5,6 --run_dir={new}",
        ("--difficulty=5,6", "Give one"),
    ),
    Case(
        "difficulties, not numbers",
        "evaluate {tmp}/tagger --difficulties=5,x",
        ("--difficulties=5,x", "50,100,200"),
    ),
    Case(
        "two runs, no difficulties",
        "evaluate {tmp}/tagger {tmp}/writer",
        ("2 runs", "--difficulties=50,100,200"),
    ),
    Case(
        "a plot path without difficulties",
        "evaluate {tmp}/tagger --path={tmp}/x.png",
        ("--path=", "--difficulties"),
    ),
)

MISSING = (
    Case("missing run_dir", "train --cell=lstm", ("--run_dir", "--run_dir=runs/first")),
    Case("a flag without dashes", "train lstm --run_dir={new}", ("'lstm'", "--name=value")),
    Case("missing path", "predict --text=a", ("PATH", "zoo predict PATH")),
    Case("missing text", "predict {tmp}/tagger --json", ("--text=", "--input=FILE")),
    Case(
        "missing input file",
        "predict {tmp}/tagger --input={tmp}/nothing.txt",
        ("nothing.txt", "does not exist"),
    ),
    Case(
        "input that is not UTF-8",
        "predict {tmp}/tagger --input={tmp}/latin.tsv",
        ("latin.tsv", "UTF-8", "iconv"),
    ),
)

CASES = (*INVALID, *MISSING)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_bad_input_is_rejected_with_a_one_line_message(
    case, data_folder, tmp_path, capsys, monkeypatch
):
    check_message(case, data_folder, tmp_path, capsys, monkeypatch)


def test_case_names_are_unique():
    assert len({case.id for case in CASES}) == len(CASES)
