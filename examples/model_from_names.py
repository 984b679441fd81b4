"""A model from names: list cells, build a model, train it, predict with it."""

import tempfile

import zoo

print("cells with an m in their name:", *zoo.cells.names("*m*"))
print("source of mgu:", zoo.cells.entry("mgu").paper)

# A corpus holds three lists of examples. Without one, zoo.train reads the configured dataset.
sentences = [
    {"words": ["the", "cat", "sleeps"], "tags": ["DET", "NOUN", "VERB"]},
    {"words": ["a", "dog", "sees", "cats"], "tags": ["DET", "NOUN", "VERB", "NOUN"]},
    {"words": ["cats", "sleep"], "tags": ["NOUN", "VERB"]},
    {"words": ["the", "dog", "barks"], "tags": ["DET", "NOUN", "VERB"]},
    {"words": ["dogs", "see", "a", "cat"], "tags": ["NOUN", "VERB", "DET", "NOUN"]},
]
splits = {"train": sentences * 20, "validation": sentences, "test": sentences}
corpus = zoo.Corpus("five sentences", splits, {})

settings = {"units": 16, "characters": "none", "dropout": 0.0, "learning_rate": 0.03, "epochs": 4}
config = zoo.Config(task="pos_tagging", cell="mgu", **settings)
vocabulary = {
    "words": sorted({word for example in sentences for word in example["words"]}),
    "tags": ["DET", "NOUN", "VERB"],
}
model = zoo.build(config, vocabulary=vocabulary)
print(f"{model.name} with {config.cell}: {model.count_params():,} weights")

with tempfile.TemporaryDirectory() as folder:
    result = zoo.train(config, f"{folder}/run", corpus)
    print("accuracy on test:", result["metrics"]["accuracy"]["value"])
    (answer,) = zoo.predictor(f"{folder}/run").predict(["a cat sees dogs"])
    print(*(f"{word}/{tag}" for word, tag in zip(answer["words"], answer["output"], strict=True)))
