"""A user's own CoNLL-U files: train, dev and test in one folder; then tag a new sentence."""

import pathlib
import tempfile

import zoo
from zoo.saved_models.predictor import predictor

SENTENCES = (
    "the/DET walk/NOUN is/AUX long/ADJ ./PUNCT",
    "dogs/NOUN walk/VERB ./PUNCT",
    "a/DET dog/NOUN barks/VERB ./PUNCT",
    "the/DET old/ADJ dog/NOUN needs/VERB a/DET walk/NOUN ./PUNCT",
    "we/PRON walk/VERB the/DET dog/NOUN ./PUNCT",
)


def conllu(sentence):
    """Ten columns for each word: its number, FORM, LEMMA, UPOS and six that are not read."""
    rows = [word.split("/") for word in sentence.split()]
    return "".join(
        f"{number}\t{form}\t_\t{tag}" + "\t_" * 6 + "\n"
        for number, (form, tag) in enumerate(rows, 1)
    )


with tempfile.TemporaryDirectory() as folder:
    data = pathlib.Path(folder, "treebank")
    data.mkdir()
    for split, times in (("train", 40), ("dev", 2), ("test", 2)):
        (data / f"mine-{split}.conllu").write_text(
            "\n".join(map(conllu, SENTENCES * times)), encoding="utf-8"
        )

    config = zoo.Config(
        task="pos_tagging",
        data=str(data),
        cell="gru",
        units=16,
        dropout=0.0,
        learning_rate=0.01,
        epochs=5,
    )
    result = zoo.train(config, f"{folder}/run")
    score = result["metrics"]["accuracy"]
    print(f"accuracy {score['value']:.2f}, most frequent tags alone {score['baseline']:.2f}")
    (answer,) = predictor(f"{folder}/run").answers(["old dogs walk ."])
    print(*(f"{word}/{tag}" for word, tag in zip(answer["words"], answer["output"], strict=True)))
