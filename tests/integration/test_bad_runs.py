"""Folders that hold another run, damaged files and failures get one sentence."""

import pytest
from bad_input import DIVERGING, SEARCH, TAGGER, Case, check_sentence, full_disk

pytestmark = pytest.mark.usefixtures("unroll_factor_one")

FOLDERS = (
    Case(
        "difficulties of a tagger",
        "evaluate {tmp}/tagger --difficulties=5,6 --json",
        ("{tmp}/tagger", "no difficulty", "zoo_adding"),
    ),
    Case(
        "a run of another configuration",
        f"{TAGGER} --cell=gru --run_dir={{tmp}}/tagger",
        ("{tmp}/tagger", 'cell: "lstm" stored, "gru" requested', "Choose another --run_dir"),
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
        (
            "{tmp}/search",
            'search.tuner: "random" stored, "grid" requested',
            "Choose another --run_dir",
        ),
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
)

DAMAGED = (
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
)

FAILURES = (
    Case(
        "a non-finite loss",
        f"{TAGGER} {DIVERGING} --learning_rate=1e30 --run_dir={{new}} --json",
        ("the loss became nan", "--global_clipnorm=1", "--learning_rate"),
        1,
    ),
)

CASES = (*FOLDERS, *DAMAGED, *FAILURES)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_bad_input_gets_a_sentence(case, run_folder, tmp_path, capsys, monkeypatch):
    check_sentence(case, run_folder, tmp_path, capsys, monkeypatch)


def test_cases_have_different_names():
    assert len({case.id for case in CASES}) == len(CASES)
