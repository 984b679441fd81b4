"""data.json: what was read for a run, and how further files are read."""

import json

import pytest

from tasks.data import files
from tasks.data.roles import READS
from tasks.data.trained_files import TrainedFiles
from zoo.errors import RunError
from zoo.runs import data_summary


@pytest.fixture
def summary(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("".join(f"a {k},{'xy'[k % 2]}\n" for k in range(30)))
    return files.read(READS["labelled text"], path, header=False).summary


def test_summary_is_stored_and_read(tmp_path, summary):
    assert data_summary.read(tmp_path) is None
    data_summary.write(tmp_path, None)
    assert not (tmp_path / data_summary.NAME).exists()
    data_summary.write(tmp_path, summary)
    assert data_summary.read(tmp_path) == summary


def test_record_of_the_files_of_training(tmp_path, summary):
    value = {"task": "classification", "features": {}, "header": False}
    (tmp_path / "config.json").write_text(json.dumps(value))
    assert data_summary.trained_files(tmp_path) == (
        "classification",
        TrainedFiles("", {}, False, False),
    )
    data_summary.write(tmp_path, summary)
    assert data_summary.trained_files(tmp_path) == (
        "classification",
        TrainedFiles("table", {"text": "1", "label": "2"}, True, False),
    )


def test_file_of_another_shape_is_an_error(tmp_path):
    (tmp_path / data_summary.NAME).write_text('{"source": 1}')
    with pytest.raises(RunError, match=r"data\.json"):
        data_summary.read(tmp_path)
