"""A keras-tuner tuner of one's own around zoo.tuning.HyperModel."""

import tempfile

import keras_tuner

import zoo
from tasks.library import tasks
from zoo import tuning

config = zoo.Config(task="classification", dropout=0.0, batch_size=4)
sample = tasks.get("classification").sample  # a few literal texts: "what a fine day" is good
hypermodel = tuning.HyperModel(
    config,
    {"cell": ("gru", "mgu"), "units": (4, 8), "learning_rate": (3e-3, 3e-2)},
    vocabulary={
        "tokens": sorted({word for each in sample for word in each["text"].split()}),
        "labels": ["bad", "good"],
    },
)


def batches(resolved):
    """The sample as (inputs, targets, weights), encoded by the task as training does it."""
    return (
        tasks.get("classification")
        .arrangement.batches(hypermodel.features(resolved), sample, resolved, True)
        .epoch(0)
    )


class MyTuner(keras_tuner.RandomSearch):
    """Any tuner will do; this one says what it tries."""

    def run_trial(self, trial, *args, **kwargs):
        resolved = hypermodel.configure(trial.hyperparameters)
        model = hypermodel.build(trial.hyperparameters)
        loss = model.fit(batches(resolved), epochs=20, shuffle=False, verbose=0).history["loss"][-1]
        print(
            f"{resolved.cell} with {resolved.units} units, rate {resolved.learning_rate}: loss {loss:.3f}"
        )
        return {"loss": loss}


with tempfile.TemporaryDirectory() as folder:
    tuner = MyTuner(
        hypermodel, keras_tuner.Objective("loss", "min"), max_trials=3, seed=1, directory=folder
    )
    tuner.search(verbose=0)
    best = hypermodel.configure(tuner.get_best_hyperparameters()[0])
    print("best:", best.cell, best.units, best.learning_rate)
