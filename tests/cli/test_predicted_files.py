"""`zoo predict --output` and `zoo evaluate --data` on files in the form of the training data."""

import json

import pytest

from zoo.cli import main

pytestmark = [
    pytest.mark.usefixtures("eager"),
    pytest.mark.filterwarnings("ignore:Even though the `tf.config"),
]
ROWS = [f"{k},{'good' if k % 2 else 'bad'},a {'fine' if k % 2 else 'dull'} day" for k in range(30)]


@pytest.fixture(scope="module")
def tagger(folder, train, eager):
    assert main([*train, f"--run_dir={folder / 'tagger'}"]) == 0
    return folder / "tagger"


@pytest.fixture(scope="module")
def classifier(folder, train, eager):
    (folder / "reviews.csv").write_text("id,mood,body\n" + "\n".join(ROWS) + "\n")
    features = '--features={"text": "body", "label": "mood"}'
    arguments = ["--task=classification", f"--data={folder / 'reviews.csv'}", features, *train[2:]]
    assert main(["train", *arguments, f"--run_dir={folder / 'classifier'}"]) == 0
    return folder / "classifier"


def test_columns_are_read_as_in_training_and_kept(folder, classifier, run, json_of):
    output = folder / "predicted.csv"
    result = json_of(
        "predict", classifier, f"--input={folder / 'reviews.csv'}", f"--output={output}"
    )
    assert result == {"output": str(output), "inputs": 30}
    header, *lines = output.read_text().splitlines()
    assert header == "id,mood,body,prediction,score"
    assert [line.rsplit(",", 2)[0] for line in lines] == ROWS
    answers_of = f"--input={folder / 'reviews.csv'}"
    answers = json_of("predict", classifier, answers_of)
    assert [answer["input"] for answer in answers] == [row.split(",")[2] for row in ROWS]
    assert [line.split(",")[3] for line in lines] == [answer["output"] for answer in answers]
    (folder / "unlabelled.csv").write_text("body\na fine day\n")
    (answer,) = json_of("predict", classifier, f"--input={folder / 'unlabelled.csv'}")
    assert answer["input"] == "a fine day"
    for argv in (
        (f"--input={folder / 'unlabelled.csv'}", f"--output={folder / 'predicted.txt'}"),
        (f"--input={folder / 'reviews.csv'}", '--features={"text": "missing"}'),
        (f"--input={folder / 'reviews.csv'}", "--text=a"),
        (f"--input={folder / 'reviews.csv'}", "--header=maybe"),
        ("--text=x", "--header=true"),
        ("--text=x", '--features={"zzz": "q"}'),
    ):
        run("predict", classifier, *argv, status=2)
    for header in ("yes", "TRUE"):
        again = json_of("predict", classifier, answers_of, f"--header={header}")
        assert again == answers
    assert not (folder / "predicted.txt").exists()


def test_label_before_a_text_is_not_part_of_it(folder, classifier, json_of):
    (folder / "lines.txt").write_text("__label__good a fine day\n__label__bad dull\n")
    answers = json_of("predict", classifier, f"--input={folder / 'lines.txt'}")
    assert [answer["input"] for answer in answers] == ["a fine day", "dull"]


def test_failed_prediction_leaves_no_file(folder, classifier, run):
    (folder / "broken.csv").write_text("id,body\n1,a\n2\n")
    output = folder / "never.csv"
    run("predict", classifier, f"--input={folder / 'broken.csv'}", f"--output={output}", status=2)
    assert not output.exists() and not list(folder.glob(".partial-*"))


def test_conllu_comes_out_with_the_predicted_column(folder, tagger, run):
    rest = "\t_" * 5
    source = (
        f"# text = the cats\n1-2\tthecats\t_\t_\t_{rest}\n1\tthe\t_\tX\t_{rest}\n"
        f"2\tcats\t_\tX\t_{rest}\n2.1\tsat\t_\t_\t_{rest}\n\n"
    )
    (folder / "new.conllu").write_text(source)
    output = folder / "out.conllu"
    run("predict", tagger, f"--input={folder / 'new.conllu'}", f"--output={output}")
    found = output.read_text().split("\n")
    tags = [line.split("\t")[3] for line in found if line[:2] in ("1\t", "2\t")]
    assert len(tags) == 2 and set(tags) <= {"DET", "NOUN", "VERB"}
    for line, result in zip(source.split("\n"), found, strict=True):
        cells, after = line.split("\t"), result.split("\t")
        if cells[0].isdigit():
            after[3] = cells[3]
        assert after == cells


def test_tags_are_written_beside_the_gold_ones(folder, tagger, run):
    output = folder / "tagged.tsv"
    run("predict", tagger, f"--input={folder / 'pos.tsv'}", f"--output={output}")
    gold, found = (path.read_text().split("\n") for path in (folder / "pos.tsv", output))
    assert [line.rpartition("\t")[0] for line in found] == gold[: len(found) - 1] + [""]


def test_undecodable_texts_are_replaced_and_reported(tagger, capsys):
    capsys.readouterr()
    assert main(["predict", str(tagger), "--text=the \udcff", "--text=\ud800", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [answer["words"] for answer in json.loads(out)] == [["the", "\ufffd"], ["\ufffd"]]
    assert err == "zoo: 2 texts with characters that are not valid Unicode, read as U+FFFD\n"


def test_labelled_file_is_scored_with_the_vocabularies_of_the_run(folder, classifier, run, json_of):
    result = json_of("evaluate", classifier, f"--data={folder / 'reviews.csv'}")
    assert result["examples"] == 30 and result["unknown_labels"] == {}
    accuracy = result["metrics"]["accuracy"]
    assert 0 <= accuracy["value"] <= 1 and 0 <= accuracy["baseline"] <= 1
    (folder / "other.csv").write_text("mood,body\nawful,a dull day\nawful,no\ngood,a fine day\n")
    other = json_of("evaluate", classifier, f"--data={folder / 'other.csv'}")
    assert other["unknown_labels"] == {"awful": 2} and other["examples"] == 3
    assert other["metrics"]["accuracy"]["value"] <= 1 / 3
    text = run("evaluate", classifier, f"--data={folder / 'other.csv'}")
    assert "labels that the training data lacks, all counted as wrong: 'awful' (2)" in text
    for argv in (
        (f"--data={folder / 'other.csv'}", "--split=test"),
        (f"--data={folder / 'missing.csv'}",),
        ('--features={"text": "body"}',),
    ):
        run("evaluate", classifier, *argv, status=2)


def test_file_is_scored_without_the_training_data(folder, classifier, json_of):
    moved = folder / "moved.csv"
    (folder / "reviews.csv").rename(moved)
    try:
        result = json_of("evaluate", classifier, f"--data={moved}")
        assert result["metrics"]["accuracy"]["baseline"] is None
    finally:
        moved.rename(folder / "reviews.csv")


def test_conllu_is_scored_by_a_tagger_of_columns(folder, tagger, json_of, capsys):
    row = "{}\t{}\t_\t{}\t_\t_\t_\t_\t_\t_\n"
    rows = row.format(1, "the", "DET") + row.format(2, "ca", "_") + row.format(3, "cat", "X")
    (folder / "gold.conllu").write_text(rows)
    result = json_of("evaluate", tagger, f"--data={folder / 'gold.conllu'}")
    # The word without a tag is neither scored nor an unknown label.
    assert result["unknown_labels"] == {"X": 1} and result["examples"] == 1
    assert result["metrics"]["accuracy"]["value"] in (0.0, 0.5)
    assert result["read"]["columns"] == {"words": "FORM", "tags": "UPOS"}
    assert result["read"]["classes"] == 2


def test_what_was_read_is_reported(folder, tagger, classifier, capsys):
    capsys.readouterr()
    assert main(["predict", str(tagger), f"--input={folder / 'pos.tsv'}"]) == 0
    assert "words column 1 of 2; the predictions are a further column" in capsys.readouterr().err
    assert main(["evaluate", str(classifier), f"--data={folder / 'reviews.csv'}"]) == 0
    err = capsys.readouterr().err
    assert "read reviews.csv: text column 'body', label column 'mood'; 30 examples; 2 labels" in err
