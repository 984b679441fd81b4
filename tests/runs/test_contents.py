"""The contents of run folders: data that changed, older and newer versions, lost models, links."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from training.sessions import Killed, KilledAt, small_problem

import zoo
from tasks.data.sources import Corpus
from tasks.text.vectors import Vectors
from zoo.cli import main
from zoo.errors import RequestError, RunError
from zoo.models.resolve import resolve
from zoo.runs import contents, data_record, files, stored
from zoo.runs.run import Run

WORDS = [{"text": f"word{k} end", "label": "ab"[k % 2]} for k in range(20)]
CORPUS = Corpus("words", {"train": WORDS[:10], "validation": WORDS[10:15], "test": WORDS[15:]}, {})


@pytest.fixture
def copied(trained, tmp_path):
    """A copy of a finished run."""
    return Run(shutil.copytree(trained("classification").folder, tmp_path / "copied"))


@pytest.fixture
def config():
    return resolve(zoo.Config(task="classification", data=("words.csv",), units=4))


def changed(split):
    splits = {**CORPUS.splits, split: CORPUS.splits[split][::-1]}
    return dataclasses.replace(CORPUS, splits=splits)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_changed_split_is_named(split, config, tmp_path):
    run = Run(tmp_path)
    contents.write_record(tmp_path, config, CORPUS)
    run.check_data(CORPUS)
    with pytest.raises(
        RequestError, match=f"has changed .* the split '{split}' has other examples"
    ):
        run.check_data(changed(split))
    others = tuple(name for name in CORPUS.splits if name != split)
    run.check_data(changed(split), others)
    fewer = dataclasses.replace(CORPUS, splits={**CORPUS.splits, split: WORDS[:2]})
    with pytest.raises(RequestError, match="has 2 examples and had"):
        run.check_data(fewer)


def test_relative_paths_are_those_of_the_folder_where_the_run_began(config, tmp_path, monkeypatch):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "words.csv").touch()
    monkeypatch.chdir(tmp_path / "one")
    record = data_record.record(config, CORPUS)
    monkeypatch.chdir(tmp_path / "two")
    first = (str(tmp_path / "one" / "words.csv"),)
    assert data_record.located(config, record).data == first
    assert data_record.located(config, record, here=True).data == first
    (tmp_path / "two" / "words.csv").touch()  # its contents are compared with the record
    assert data_record.located(config, record, here=True).data == ("words.csv",)
    assert data_record.located(config, record).data == first
    assert data_record.same_paths(["../one/words.csv"], record)
    assert not data_record.same_paths(["words.csv"], record)
    assert data_record.located(config, None) is config


def test_killed_run_notices_changed_data_and_keeps_its_vocabularies(problem, tmp_path):
    settings, corpus = small_problem(problem, "classification", epochs=2)
    with pytest.raises(Killed):
        zoo.train(settings, tmp_path / "run", corpus, progress=KilledAt(epoch=0, batch=0))
    assert not (tmp_path / "run" / files.LOCK).exists()
    before = (tmp_path / "run" / "vocabularies.json").read_bytes()
    examples = [{**corpus.splits["train"][0], "text": "neverseen"}, *corpus.splits["train"][1:]]
    other = dataclasses.replace(corpus, splits={**corpus.splits, "train": examples})
    with pytest.raises(RequestError, match="the split 'train' has other examples"):
        zoo.train(settings, tmp_path / "run", other)
    assert (tmp_path / "run" / "vocabularies.json").read_bytes() == before


def test_finished_run_notices_changed_data(trained, problem):
    run, (settings, corpus) = trained("classification"), problem("classification")
    examples = corpus.splits["test"][:-1]
    other = dataclasses.replace(corpus, splits={**corpus.splits, "test": examples})
    with pytest.raises(RequestError, match="the split 'test' has"):
        zoo.train(settings, run.folder, other)


def edit(path, **changes):
    value = json.loads(path.read_text())
    value.update(changes)
    path.write_text(json.dumps({name: item for name, item in value.items() if item != "ABSENT"}))


def test_run_of_an_older_version_is_the_same_run(copied, problem):
    settings, corpus = problem("classification")
    edit(copied.folder / "config.json", weight_drop="ABSENT", token="ABSENT")
    (copied.folder / "run.json").unlink()
    assert copied.config == resolve(settings)
    assert zoo.train(settings, copied.folder, corpus) == copied.result
    with pytest.raises(RequestError, match=r"another configuration \(weight_drop: 0.0 stored, 0.5"):
        Run.open(copied.folder, resolve(dataclasses.replace(settings, weight_drop=0.5)))


def test_folder_of_a_newer_version_is_rejected(copied):
    edit(copied.folder / "run.json", format=stored.FORMAT + 1, version="9.9")
    with pytest.raises(RequestError, match=r"of Recurrent Zoo 9.9; .* Install the newer version"):
        Run.finished(copied.folder).load_model()
        _ = copied.config


def test_other_vocabularies_are_rejected(copied):
    name, tokens = next(iter(copied.features.vocabularies.items()))
    edit(copied.folder / "vocabularies.json", **{name: tokens[:-1]})
    with pytest.raises(RunError, match=r"vocabularies.json: it is not the file that the run began"):
        _ = copied.features


def lose_model(run, epoch):
    """Remove the model of a run; its checkpoint has the model's weights as those of an epoch."""
    model, progress = run.load_model(), run.read_progress()
    best = {**progress["best"], "epoch": 2}
    run.save_checkpoint(model.variables, {**progress, "epoch": epoch, "best": best})
    (run.folder / "model.keras").unlink()
    return model.get_weights()


def test_lost_model_is_restored_from_a_checkpoint_of_the_best_epoch(copied, problem):
    weights = lose_model(copied, epoch=2)
    config, corpus = problem("classification")
    assert zoo.train(config, copied.folder, corpus) == copied.result
    for a, b in zip(weights, Run.finished(copied.folder).load_model().get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_lost_model_is_not_replaced_by_another_epoch(copied, problem):
    lose_model(copied, epoch=3)
    with pytest.raises(RunError, match="holds epoch 3 and not the best one. Restore the file"):
        Run.finished(copied.folder)
    (copied.folder / "checkpoint.npz").unlink()
    config, corpus = problem("classification")
    with pytest.raises(RunError, match="its checkpoint is missing too"):
        zoo.train(config, copied.folder, corpus)


def test_unfinished_run_is_not_opened_as_finished(copied):
    (copied.folder / "metrics.json").unlink()
    with pytest.raises(RequestError, match="is not finished. Resume it with the same `zoo train`"):
        Run.finished(copied.folder)


@pytest.mark.parametrize("name", ["config.json", "model.keras", "metrics.json", "plots"])
def test_links_are_not_followed(name, copied, tmp_path, capsys):
    path = copied.folder / name
    if name == "plots":
        path.mkdir(exist_ok=True)
    shutil.move(path, tmp_path / "target")
    path.symlink_to(tmp_path / "target")
    command = "report" if name == "plots" else "evaluate"
    assert main([command, str(copied.folder)]) == 1
    err = capsys.readouterr().err
    assert f"{path} is a symbolic link, which is not followed" in err


def test_vectors_have_a_width_in_place_of_tokens(tmp_path):
    config = resolve(zoo.Config(task="adding", units=2))
    run = Run.open(tmp_path, config)
    run.begin(config, Vectors(config, {"width": 2}))
    assert run.features.vocabularies == {"width": 2}
