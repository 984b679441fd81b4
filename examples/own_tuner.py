"""A keras-tuner tuner of your own with zoo.tuning.HyperModel."""

import tempfile

import keras_tuner

import tasks.library
import zoo
from zoo.tuning import HyperModel

task = tasks.library.get("classification")
examples = task.sample  # a few texts: "what a fine day" is good
space = {"cell": ("gru", "mgu"), "units": (4, 8), "learning_rate": (3e-3, 3e-2)}
words = sorted({word for example in examples for word in example["text"].split()})
hypermodel = HyperModel(
    zoo.Config(task="classification", dropout=0.0, batch_size=4),
    space,
    vocabulary={"tokens": words, "labels": ["bad", "good"]},
)


class MyTuner(keras_tuner.RandomSearch):
    """A random search that prints each trial. Any keras-tuner tuner can be used."""

    def run_trial(self, trial, *args, **kwargs):
        config = hypermodel.configure(trial.hyperparameters)
        features = hypermodel.features(config)
        batches = task.arrangement.batches(features, examples, config, True).epoch(0)
        model = hypermodel.build(trial.hyperparameters)
        loss = model.fit(batches, epochs=10, shuffle=False, verbose=0).history["loss"][-1]
        print(config.cell, config.units, config.learning_rate, f"loss {loss:.3f}")
        return {"loss": loss}


with tempfile.TemporaryDirectory() as folder:
    objective = keras_tuner.Objective("loss", "min")
    tuner = MyTuner(hypermodel, objective, max_trials=2, seed=1, directory=folder)
    tuner.search(verbose=0)
    print("best:", tuner.get_best_hyperparameters()[0].values)
