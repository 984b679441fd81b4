"""Labels of runs in a picture of score against length."""

from zoo.reports import lengths


def test_labels_distinguish_runs_of_the_same_cell():
    runs = [
        {"cell": cell, "trained_at": 5, "run_dir": folder}
        for cell, folder in (("gru", "a"), ("gru", "b"), ("mgu", "c"))
    ]
    assert lengths.run_labels(runs) == [
        "gru, trained at 5 (a)",
        "gru, trained at 5 (b)",
        "mgu, trained at 5",
    ]
