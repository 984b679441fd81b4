"""Unknown names are rejected with a one-line message that suggests similar names."""

import pytest
from bad_input import Case, check_message

CASES = (
    Case("command", "trian --cell=lstm", ("'trian'", "`zoo train`")),
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
    Case("misspelled token", "train --token=wrod --run_dir={new}", ("token=wrod", "'word'")),
    Case("split", "evaluate {tmp}/tagger --split=foo", ("--split=foo", "train, validation, test")),
    Case("show", "show lstn", ("'lstn'", "'lstm' (cells)")),
    Case("show of another kind", "show lstm --kind=heads", ("head 'lstm'", "zoo list heads")),
    Case("check", "check lstn --json", ("'lstn'", "'lstm'")),
    Case("kind", "list cels --json", ("'cels'", "'cells'")),
    Case("pattern", "list cells '*nothing*' --json", ("'*nothing*'", "zoo list cells")),
    Case("tags", "list --tag=gaited --json", ("'gaited'", "'gated'")),
    Case("tags of a kind without tags", "list tuners --tag=gated", ("--tag=gated", "no tags")),
    Case("order", "list cells --sort=weights", ("--sort=weights", "name, year")),
    Case("tag", "tune --cell=gru,tag:linaer --run_dir={new}", ("--cell=tag:linaer", "'linear'")),
    Case("tag of one value", "train --cell=tag:linear --run_dir={new}", ("tag:linear", "zoo tune")),
    Case("wildcard", "tune --cell='*nothing*' --run_dir={new}", ("--cell=*nothing*", "lstm")),
)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_bad_input_is_rejected_with_a_one_line_message(
    case, data_folder, tmp_path, capsys, monkeypatch
):
    check_message(case, data_folder, tmp_path, capsys, monkeypatch)


def test_case_names_are_unique():
    assert len({case.id for case in CASES}) == len(CASES)


EARLY = (
    "train --cell=lstn --run_dir=new",
    "train --recurrent_initializer=ortogonal --run_dir=new",
    "tune --tuner=randon --run_dir=new",
    "tune --units=4,0 --run_dir=new",
    "train --cell=lstm,gru --run_dir=new",
    "check lstn --json",
    "evaluate nothing --json",
    "show lstn",
)


def test_invalid_names_and_values_are_rejected_before_tensorflow_is_imported(fresh_process):
    code = (
        "import sys; from zoo.cli import main\n"
        f"print([main(command.split()) for command in {EARLY}])\n"
        "print(sorted({'tensorflow', 'keras', 'tensorflow_datasets'} & set(sys.modules)))"
    )
    assert fresh_process(code).splitlines() == [str([2] * len(EARLY)), "[]"]
