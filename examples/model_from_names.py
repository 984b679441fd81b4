"""A model from names: look up what there is, build it, train it, ask it."""

import tempfile

import zoo
from tasks.data.sources import Corpus
from tasks.library import tasks
from zoo.cells import cells
from zoo.saved_models.predictor import predictor

print("cells with an m in their name:", *cells.names("*m*"))
print("mgu is from", cells.entry("mgu").paper)

# A corpus is three lists of examples; without one, zoo.train reads the dataset that the configuration names.
sentences = [
    {"words": words.split(), "tags": tags.split()}
    for words, tags in (
        ("the cat sleeps", "DET NOUN VERB"),
        ("a dog sees the cat", "DET NOUN VERB DET NOUN"),
        ("cats sleep", "NOUN VERB"),
        ("the dog barks", "DET NOUN VERB"),
        ("dogs see cats", "NOUN VERB NOUN"),
    )
]
corpus = Corpus(
    "five sentences", {"train": sentences * 20, "validation": sentences, "test": sentences}, {}
)

config = zoo.Config(
    task="pos_tagging",
    cell="mgu",
    units=16,
    embedding=16,
    recurrent_initializer="orthogonal",
    global_clipnorm=1.0,
    epochs=4,
)
model = zoo.build(
    config,
    vocabulary=tasks.get("pos_tagging").features.fit(
        config.filled({"characters": "none"}), sentences
    ),
)
print(f"{model.name} with {config.cell}: {model.count_params():,} weights")

with tempfile.TemporaryDirectory() as folder:
    result = zoo.train(config, f"{folder}/run", corpus)
    print("accuracy on test:", result["metrics"]["accuracy"]["value"])
    (answer,) = predictor(f"{folder}/run").answers(["a cat sees dogs"])
    print(*(f"{word}/{tag}" for word, tag in zip(answer["words"], answer["output"], strict=True)))
