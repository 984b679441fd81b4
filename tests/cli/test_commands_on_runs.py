"""`zoo evaluate`, `predict`, `export` and `generate` on trained runs."""

import json

import pytest

from zoo.cli import main

pytestmark = [
    pytest.mark.usefixtures("eager"),
    pytest.mark.filterwarnings("ignore:Even though the `tf.config"),
]


@pytest.fixture(scope="module")
def tagger(folder, train, eager):
    assert main([*train, f"--run_dir={folder / 'tagger'}"]) == 0
    return folder / "tagger"


@pytest.fixture(scope="module")
def writer(folder, train, eager):
    data, run_dir = f"--data={folder / 'text.txt'}", f"--run_dir={folder / 'writer'}"
    assert main(["train", "--task=language_model", data, *train[2:], run_dir]) == 0
    return folder / "writer"


def test_evaluate_scores_the_requested_split(tagger, json_of, run):
    stored = json.loads((tagger / "metrics.json").read_text())
    result = json_of("evaluate", tagger)
    assert (result["run_dir"], result["split"]) == (str(tagger), "test")
    assert result["seconds"] >= 0 and result["metrics"] == stored["metrics"]
    score = result["metrics"]["accuracy"]
    assert set(score) == {"value", "unit", "higher_is_better", "baseline"}
    assert 0 <= score["value"] <= 1 and 0 <= score["baseline"] <= 1
    assert (score["unit"], score["higher_is_better"]) == ("fraction", True)
    result = json_of("evaluate", tagger, "--split=validation")
    assert result["split"] == "validation"
    assert result["metrics"]["accuracy"]["value"] == pytest.approx(
        stored["validation"]["scores"]["accuracy"]
    )
    assert "train" in run("evaluate", tagger, "--split=train")


def test_predict_returns_answers_in_order(folder, tagger, json_of, run):
    (folder / "lines.txt").write_text("a dog barks\n", encoding="utf-8")
    answers = json_of(
        "predict", tagger, "--text=the cat", "--text=cats", f"--input={folder / 'lines.txt'}"
    )
    assert [answer["input"] for answer in answers] == ["the cat", "cats", "a dog barks"]
    for answer in answers:
        assert {"input", "output", "scores"} <= set(answer)
        assert len(answer["output"]) == len(answer["scores"]) == len(answer["input"].split())
        assert set(answer["output"]) <= {"DET", "NOUN", "VERB"}
        assert all(0 < score <= 1 for score in answer["scores"])
    assert "cat" in run("predict", tagger, "--text=the cat")


@pytest.mark.costly
def test_export_predicts_like_its_run(folder, tagger, json_of, run):
    result = json_of("export", tagger, f"--path={folder / 'exported'}")
    assert result["path"] == str(folder / "exported" / "1")
    assert set(result) == {"path", "signatures"}
    assert result["signatures"]["serve"] == {
        "inputs": ["text"],
        "outputs": ["lengths", "scores", "tags", "words"],
    }
    (exported,), (original,) = (
        json_of("predict", path, "--text=the cat sat") for path in (folder / "exported", tagger)
    )
    assert exported["output"] == original["output"]
    assert exported["scores"] == pytest.approx(original["scores"], abs=1e-6)
    assert "serve: text ->" in run("export", tagger)
    assert (tagger / "export" / "1" / "saved_model.pb").exists()


def test_generate_completes_a_prompt(writer, json_of, run):
    argv = ("generate", writer, "--text=the", "--length=7")
    (answer,) = json_of(*argv, "--seed=3")
    assert (answer["input"], len(answer["output"]), len(answer["scores"])) == ("the", 7, 7)
    assert run(*argv, "--seed=3") == f"the{answer['output']}\n"
    assert run("generate", writer, "--text=the", "--length=0") == "the\n"
    greedy = [json_of(*argv, "--temperature=0", f"--seed={seed}") for seed in (1, 2)]
    assert greedy[0] == greedy[1]
