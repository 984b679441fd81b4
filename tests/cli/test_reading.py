"""The user's own files are read before TensorFlow is imported."""

import pytest

from tasks.data.roles import READS
from zoo.cli.reading import check_files, roles_of
from zoo.config import Config
from zoo.errors import RequestError


def test_roles_of_tasks_are_known_without_importing_them():
    assert roles_of("classification") == READS["labelled text"]
    assert roles_of("pos_tagging") == READS["tagged words"]
    assert roles_of("a task of a plugin") is None


def config(path, **fields):
    return Config(task="classification", data=(str(path),), **fields)


def test_unreadable_and_unlearnable_files_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    with pytest.raises(RequestError, match=r"a\.csv does not exist"):
        check_files(config(path), str(tmp_path / "run"))
    path.write_text("text,label\n" + "a,x\nb,x\n" * 10)
    with pytest.raises(RequestError, match="every example has the label 'x'"):
        check_files(config(path), str(tmp_path / "run"))
    path.write_text("text,label\n" + "a,x\nb,y\n" * 10)
    check_files(config(path), str(tmp_path / "run"))
    with pytest.raises(RequestError, match="has no column 'c'"):
        check_files(config(path, features={"label": "c"}), str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_files_of_a_run_that_has_begun_may_lie_elsewhere(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    check_files(config(tmp_path / "moved.csv"), str(tmp_path))


def test_datasets_are_not_read(tmp_path):
    check_files(Config(dataset="zoo_names", task="classification"), str(tmp_path))
