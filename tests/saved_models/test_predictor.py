"""Predictions of runs and exports as Python values."""

import os
import pathlib
import shutil

import pytest
import tensorflow as tf

import zoo
from tasks.data.trained_files import TrainedFiles
from zoo.errors import RequestError, RunError
from zoo.saved_models import trained_source
from zoo.saved_models.exporting import serving_module
from zoo.saved_models.predictor import Predictor


def test_copy_memory_answer_has_one_symbol_per_input_symbol(exported):
    texts = ["ab.?..", "cc.?..", ""]
    answers = zoo.predictor(exported("copy_memory")).predict(texts)
    assert ["".join(answer["output"]) for answer in answers] == ["....ab", "....cc", ""]
    assert ["".join(answer["words"]) for answer in answers] == texts


def test_run_and_export_predict_the_same_tags(trained, exported):
    run, texts = trained("pos_tagging"), ["ab cd", "", "k"]
    module = serving_module(run)
    by_run = Predictor(module, module.signatures(), run.folder).predict(texts)
    by_export = zoo.predictor(exported("pos_tagging")).predict(texts)
    assert (
        [each["output"] for each in by_run]
        == [each["output"] for each in by_export]
        == [["after_x", "after_x"], [], ["after_x"]]
    )
    assert [each["input"] for each in by_export] == texts
    many = zoo.predictor(exported("pos_tagging")).predict(texts * 50)
    assert [each["output"] for each in many] == [each["output"] for each in by_export] * 50


def test_predictor_of_a_run_traces_only_the_signatures_that_it_uses(trained):
    model = zoo.predictor(trained("pos_tagging").folder)
    model.predict(["ab cd"])
    assert set(model.signatures) == {"serve", "tag_words"}
    assert list(model.signatures._traced) == ["serve"]


def test_version_folder_of_an_export_is_loaded(exported):
    predictor = zoo.predictor(str(exported("delayed_recall") / "1"))
    assert [answer["output"] for answer in predictor.predict(["Cabab", "Acc"])] == ["C", "A"]


@pytest.mark.costly
def test_display_depends_on_the_kind_of_answer(exported):
    tagger = zoo.predictor(exported("pos_tagging"))
    (answer,) = tagger.predict(["ab cd"])
    assert tagger.columns == ("word", "tag", ">score")
    assert [row[:2] for row in tagger.display(answer)] == [("ab", "after_x"), ("cd", "after_x")]
    assert tagger.display(answer)[0][2] == f"{answer['scores'][0]:.3f}"
    classifier = zoo.predictor(exported("delayed_recall"))
    (answer,) = classifier.predict(["Cab"])
    assert set(answer["scores"]) == {"A", "B", "C"} and classifier.columns == ()
    assert classifier.display(answer) == [("C", f"{answer['scores']['C']:.3f}", "Cab")]
    regressor = zoo.predictor(exported("adding"))
    (answer,) = regressor.predict(["[[0.5, 1], [0.25, 1]]"])
    assert answer["scores"] is None and 0 < answer["output"] < 2
    assert regressor.display(answer) == [(f"{answer['output']:.4f}", answer["input"])]
    translator = zoo.predictor(exported("translation"))
    (answer,) = translator.predict(["one two"])
    assert 0 < answer["scores"] <= 1
    assert translator.display(answer) == [(answer["output"], f"{answer['scores']:.3f}", "one two")]


def test_language_model_generates_and_others_predict(exported):
    language_model = zoo.predictor(exported("language_model"))
    (answer,) = language_model.generate(["a cat"], length=5, temperature=0.0, seed=0)
    assert answer["input"] == "a cat" and len(answer["output"]) == len(answer["scores"]) == 5
    with pytest.raises(RequestError, match="is a language model.*Use `zoo generate`"):
        language_model.predict(["a cat"])
    tagger = zoo.predictor(exported("pos_tagging"))
    with pytest.raises(RequestError, match="is not a language model. Use `zoo predict`"):
        tagger.generate(["ab"], 5, 0.0, 0)
    with pytest.raises(RequestError, match="has no attention. Train a translation"):
        tagger.attention(["ab"])


def test_attention_has_a_weight_for_each_pair_of_tokens(exported):
    long, short = zoo.predictor(exported("translation")).attention(["one two three", "four"])
    assert long["source"] == ["one", "two", "three"] and short["source"] == ["four"]
    for each in (long, short):
        assert each["weights"].shape == (len(each["target"]), len(each["source"]))
        assert len(each["copied"]) == len(each["target"])
        assert each["weights"].sum(1) == pytest.approx([1.0] * len(each["target"]), abs=1e-5)


@pytest.mark.parametrize("text", ["one two", "[[1]]", "[]", "[1, 2]"])
def test_text_that_is_not_a_list_of_vectors_is_rejected(text, exported):
    with pytest.raises(RequestError, match="reads sequences of vectors of 2 numbers. Write JSON"):
        zoo.predictor(exported("adding")).predict([text])


def test_folder_without_a_run_or_export_is_rejected(tmp_path):
    with pytest.raises(RequestError, match="neither a run folder nor an exported model"):
        zoo.predictor(tmp_path)


def save_foreign(folder, function, *specs):
    """Save a SavedModel of another program."""
    module = tf.Module()
    module.function = tf.function(function, input_signature=specs)
    signatures = {"serve": module.function.get_concrete_function()} if specs else {}
    tf.saved_model.save(module, str(folder), signatures)


@pytest.mark.parametrize(
    ("name", "function", "specs"),
    [
        ("none", lambda: 0, ()),
        ("output", lambda x: {"y": x}, (tf.TensorSpec((None,), tf.string, "text"),)),
        ("input", lambda x: {"tags": x}, (tf.TensorSpec((None,), tf.float32, "x"),)),
    ],
)
def test_saved_model_of_another_program_is_rejected(name, function, specs, tmp_path):
    save_foreign(tmp_path / name, function, *specs)
    with pytest.raises(RequestError, match="is a SavedModel of another program.*`zoo export`"):
        zoo.predictor(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"\0", b"\xff" * 100])
def test_damaged_export_is_a_sentence_without_texts_of_tensorflow(content, exported, tmp_path):
    shutil.copytree(exported("adding") / "1", tmp_path / "1")
    (tmp_path / "1" / "saved_model.pb").write_bytes(content)
    with pytest.raises(RunError, match="/1 cannot be loaded: its files are damaged or incomplete"):
        zoo.predictor(tmp_path)


def test_pipe_in_an_export_is_refused(exported, tmp_path):
    shutil.copytree(exported("adding") / "1", tmp_path / "1")
    weights = tmp_path / "1" / "variables" / "variables.index"
    weights.unlink()
    os.mkfifo(weights)
    with pytest.raises(RunError, match="variables.index is not a regular file"):
        zoo.predictor(tmp_path)


def test_highest_version_of_an_export_is_loaded(exported, tmp_path):
    shutil.copytree(exported("delayed_recall") / "1", tmp_path / "2")
    shutil.copytree(exported("adding") / "1", tmp_path / "10")
    (tmp_path / "11").mkdir()
    (answer,) = zoo.predictor(tmp_path).predict(["[[0.5, 1], [0.25, 1]]"])
    assert isinstance(answer["output"], float)


@pytest.mark.parametrize("text", ["[[NaN, 1]]", "[[1e39, 1]]", "[[1e999, 1]]", "[[-Infinity, 1]]"])
def test_vector_that_is_not_finite_is_rejected(text, exported):
    with pytest.raises(RequestError, match="Write finite numbers"):
        zoo.predictor(exported("adding")).predict([text])


@pytest.mark.parametrize("text", ["[" * 100_000, f"[[{'9' * 400}, 1]]", '{"a": 1}', "[[null, 1]]"])
def test_odd_json_is_rejected(text, exported):
    with pytest.raises(RequestError, match="reads sequences of vectors|Write finite numbers"):
        zoo.predictor(exported("adding")).predict([text])


def test_words_are_predicted_only_by_taggers(exported):
    (answer,) = zoo.predictor(exported("pos_tagging")).predict_words([["ab", "a b", "\ud800"]])
    assert answer["words"] == ["ab", "a b", "\ufffd"] and len(answer["output"]) == 3
    assert zoo.predictor(exported("pos_tagging")).predict_words([]) == []
    with pytest.raises(RequestError, match="does not tag words"):
        zoo.predictor(exported("adding")).predict_words([["ab"]])


def test_export_tells_how_its_files_were_read(exported):
    source = trained_source.of_model(pathlib.Path(exported("classification")))
    assert source == trained_source.TrainedSource("classification", TrainedFiles())
