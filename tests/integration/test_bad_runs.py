"""Wrong run folders, damaged files and failures are reported in a one-line message."""

import pytest
from bad_input import DIVERGING, SEARCH, TAGGER, Case, check_message, full_disk

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
        "a run_dir with other files",
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
    Case(
        "a search in a folder with other files",
        f"{SEARCH} --run_dir={{tmp}}/things",
        ("{tmp}/things", "an empty folder"),
    ),
    Case("a missing run folder", "evaluate {tmp}/nothing --json", ("{tmp}/nothing", "zoo train")),
    Case(
        "a folder without a run",
        "evaluate {tmp}/things --json",
        ("{tmp}/things", "config.json", "zoo train"),
    ),
    Case(
        "predict with a missing folder",
        "predict {tmp}/nothing --text=a",
        ("{tmp}/nothing", "zoo train"),
    ),
    Case(
        "predict with a folder without a model",
        "predict {tmp}/things --text=a",
        ("{tmp}/things", "`zoo export`"),
    ),
    Case(
        "generate with a tagger",
        "generate {tmp}/tagger --text=the",
        ("{tmp}/tagger", "`zoo predict`"),
    ),
    Case(
        "predict with a language model",
        "predict {tmp}/writer --text=the",
        ("{tmp}/writer", "`zoo generate`"),
    ),
    Case(
        "a run without a model", "export {tmp}/begun", ("{tmp}/begun", "same `zoo train` command")
    ),
)

DAMAGED = (
    Case(
        "a truncated configuration",
        f"{TAGGER} --run_dir={{tmp}}/half_config",
        ("config.json", "Restore the file"),
        1,
    ),
    Case(
        "a truncated model",
        "predict {tmp}/half_model --text=a",
        ("half_model/model.keras", "Give a run folder"),
    ),
    Case(
        "a model without weights",
        "predict {tmp}/hollow_model --text=a",
        ("hollow_model/model.keras", "weights"),
    ),
    Case(
        "a truncated checkpoint",
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
        "a truncated vocabulary",
        "evaluate {tmp}/half_vocabulary",
        ("vocabularies.json", "train again"),
        1,
    ),
    Case(
        "a truncated result",
        f"{TAGGER} --run_dir={{tmp}}/half_result",
        ("metrics.json", "Restore the file"),
        1,
    ),
    Case("a truncated export", "predict {tmp}/half_export --text=a", ("half_export",), 1),
    Case(
        "a truncated search",
        f"{SEARCH} --run_dir={{tmp}}/half_search",
        ("half_search/search.json", "Restore the file"),
        1,
    ),
    Case(
        "a truncated leaderboard",
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
def test_bad_input_is_rejected_with_a_one_line_message(
    case, run_folder, tmp_path, capsys, monkeypatch
):
    check_message(case, run_folder, tmp_path, capsys, monkeypatch)


def test_case_names_are_unique():
    assert len({case.id for case in CASES}) == len(CASES)
