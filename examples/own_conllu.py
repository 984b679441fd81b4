"""Train on CoNLL-U files of your own: train, dev and test in one folder; then tag a sentence."""

import pathlib
import tempfile

import zoo

SENTENCES = (
    "the/DET walk/NOUN is/AUX long/ADJ ./PUNCT",
    "dogs/NOUN walk/VERB ./PUNCT",
    "a/DET dog/NOUN barks/VERB ./PUNCT",
    "the/DET old/ADJ dog/NOUN needs/VERB a/DET walk/NOUN ./PUNCT",
    "we/PRON walk/VERB the/DET dog/NOUN ./PUNCT",
)


def conllu(sentence):
    """Return a sentence as CoNLL-U. Of the ten columns, only FORM and UPOS are read."""
    words = [word.split("/") for word in sentence.split()]
    rows = (f"{number}\t{form}\t_\t{tag}" for number, (form, tag) in enumerate(words, 1))
    return "".join(row + "\t_" * 6 + "\n" for row in rows)


with tempfile.TemporaryDirectory() as folder:
    data = pathlib.Path(folder, "treebank")
    data.mkdir()
    for split, times in (("train", 40), ("dev", 2), ("test", 2)):
        text = "\n".join(map(conllu, SENTENCES * times))
        (data / f"mine-{split}.conllu").write_text(text, encoding="utf-8")

    settings = {"units": 16, "dropout": 0.0, "learning_rate": 0.01, "epochs": 5}
    config = zoo.Config(task="pos_tagging", data=str(data), cell="gru", **settings)
    score = zoo.train(config, f"{folder}/run")["metrics"]["accuracy"]
    print(f"accuracy {score['value']:.2f}, most frequent tags alone {score['baseline']:.2f}")
    (answer,) = zoo.predictor(f"{folder}/run").predict(["old dogs walk ."])
    print(*(f"{word}/{tag}" for word, tag in zip(answer["words"], answer["output"], strict=True)))
