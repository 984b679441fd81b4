"""One cell in one arrangement of a task: training step, search space, saved file, export."""

import contextlib

import keras
import keras_tuner
import numpy as np
import tensorflow as tf

import zoo
from tasks.data.sources import Corpus
from tasks.library import tasks
from zoo.conformance.subject import Subject, randomize
from zoo.conformance.violation import demand, demand_same
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs.progress import NullProgress
from zoo.saved_models.exporting import export, serving_module
from zoo.training.session import Session
from zoo.tuning.hypermodel import HyperModel

PREFERRED = ("pos_tagging", "classification")  # among the tasks of the same arrangement
# With fewer units, all ReLUs may be inactive on a small sample, and then no weight changes.
SMALL = {
    "units": 16,
    "embedding": 4,
    "layers": 1,
    "dropout": 0.0,
    "token_dropout": 0.0,
    "batch_size": 2,
    "bptt": 32,
    "epochs": 1,
    "learning_rate": 1e-2,
    "schedule": "constant",
    "dataset": "sample",
}
PROPERTIES = {
    "step": "two training steps change every trainable weight and have a finite loss",
    "space": "a model can be built for every choice of the cell's search space",
    "file": "a `.keras` file loaded in a fresh process gives the same outputs",
    "export": "an export gives the outputs of the eager model, at sizes that were not traced",
}


def representatives():
    """Return the task that represents each arrangement."""
    tasks_of = {}
    for record in tasks.records():
        tasks_of.setdefault(record.facts["arrangement"], []).append(record.name)
    return {
        arrangement: next((name for name in PREFERRED if name in names), names[0])
        for arrangement, names in sorted(tasks_of.items())
    }


class Case:
    """One cell in one arrangement: a small model on the literal sample of a task."""

    def __init__(self, cell, arrangement, folder):
        self.task, self.name = representatives()[arrangement], f"{cell}-{arrangement}"
        task = tasks.get(self.task)
        config = zoo.Config(task=self.task, cell=cell, **SMALL)
        self.subject, self.sample = Subject(cell), [dict(example) for example in task.sample]
        self.corpus = Corpus(
            self.task, dict.fromkeys(("train", "validation", "test"), self.sample), {}
        )
        self.config = resolve(config)
        self.features = task.features.fit(self.config, self.sample)
        self.run = zoo.Run(folder / self.name)

    def step(self):
        session = Session(self.config, self.run, self.corpus, self.features, NullProgress())
        session.prepare()
        before = [weight.numpy() for weight in session.model.trainable_weights]
        inputs, *targets = next(iter(session.batches.epoch(0)))
        for _ in range(2):  # a recurrent kernel of zeros passes on no gradient in the first step
            loss = float(session.training_model.train_on_batch(inputs, *targets))
            demand(np.isfinite(loss), f"expected a finite loss; measured {loss}.")
        unchanged = [
            weight.path
            for weight, old in zip(session.model.trainable_weights, before, strict=True)
            if np.array_equal(weight.numpy(), old)
        ]
        demand(
            not unchanged,
            "expected that two training steps change every weight; measured none in "
            f"{', '.join(unchanged)}.",
        )

    def space(self):
        hypermodel = HyperModel(self.config, {}, self.features)
        for arguments in self.subject.variants():
            hp = keras_tuner.HyperParameters()
            for argument, value in arguments.items():
                hp.Fixed(f"{self.config.cell}.{argument}", value)
            config = hypermodel.configure(hp)
            for argument, value in arguments.items():
                demand(
                    config.cell_args[argument] == value,
                    f"expected {argument}={value!r} in the configuration; measured "
                    f"{config.cell_args}.",
                )
            assert isinstance(hypermodel.build(hp), keras.Model)

    def save(self):
        """Save a model and its outputs in the folder of the run.

        Its weights are larger than initial weights, which give nearly equal scores to all classes.
        """
        model = assembly.network(self.config, self.features)
        randomize(model, 1)
        self.run.begin(self.config, self.features)
        self.run.save_model(model)
        inputs = next(
            iter(
                tasks.get(self.task)
                .arrangement.batches(self.features, self.sample, self.config, False)
                .epoch(0)
            )
        )[0]
        outputs = tf.nest.flatten(model(inputs))
        np.savez(
            self.run.folder / "outputs.npz",
            **{f"in_{name}": value for name, value in inputs.items()},
            **{f"out_{k}": value for k, value in enumerate(outputs)},
        )

    def export(self):
        export(self.run)
        serve = tf.saved_model.load(str(self.run.folder / "export" / "1")).signatures["serve"]
        texts, others = self._arguments(serve)
        expected = []
        with _eagerly():
            module = serving_module(self.run)
            for text in texts:
                expected.append(module.serve(text=tf.constant([text]), **others))
        for indices in (range(len(texts)), (1,), (2, 0)):
            outputs = serve(text=tf.constant([texts[k] for k in indices]), **others)
            for name, output in outputs.items():
                for row, k in enumerate(indices):
                    _demand_row(name, output, row, expected[k][name])

    def _arguments(self, serve):
        """Return texts of different lengths, and the other arguments of the signature."""
        first = tasks.get(self.task).roles[0].name
        texts = [
            " ".join(words) if isinstance(words := example[first], (list, tuple)) else words[:40]
            for example in self.sample
        ]
        texts = [texts[0], texts[0].split()[0], f"{texts[-1]} {texts[0]} {texts[-1]}"]
        specs = {spec.name: spec for spec in tf.nest.flatten(serve.structured_input_signature)}
        return texts, {
            name: tf.constant(5 if spec.dtype.is_integer else 0, spec.dtype)
            for name, spec in specs.items()
            if name != "text"
        }


def _demand_row(name, batched, row, single):
    """Demand that a row of a batch equals the output for that text in a batch of one."""
    if batched.shape.rank and single.shape[0] == 1:
        actual, expected = batched[row].numpy(), single[0].numpy()
    else:
        actual, expected = batched.numpy(), single.numpy()
    if np.ndim(expected):
        padding = actual[len(expected) :]
        demand(
            not any(map(bool, padding.ravel())),
            f"expected padding after {name}; measured {padding}.",
        )
        actual = actual[: len(expected)]
    if np.asarray(expected).dtype.kind == "f":
        claim = f"{name} of the export equals that of the model"
        demand_same(claim, actual, expected, 1e-5, "the cell's `step`")
    else:
        demand(np.array_equal(actual, expected), f"expected {name} {expected}; measured {actual}.")


@contextlib.contextmanager
def _eagerly():
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)
