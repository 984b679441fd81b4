"""The matrix: every cell in every arrangement of a task, and what has to hold there.

`python -m tests.matrix` goes through all of it and writes docs/matrix.md, as `pytest -m full` checks it.
"""

import contextlib
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_tuner
import numpy as np
import tensorflow as tf

import zoo
from tasks.data.sources import Corpus
from tasks.library import tasks
from zoo.cells import cells
from zoo.conformance.subject import Subject, randomize
from zoo.conformance.violation import Violation, demand, demand_same
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs.progress import NullProgress
from zoo.saved_models.exporting import export, serving_module
from zoo.training.session import Session
from zoo.tuning.hypermodel import HyperModel

ROOT = pathlib.Path(__file__).parent.parent
TABLE = ROOT / "docs" / "matrix.md"
PREFERRED = ("pos_tagging", "classification")  # of the tasks that share an arrangement
# So many units that, by ReLU, not all are silent on the few words of a sample: a silent unit's weights stand still.
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
    "step": "one training step changes every trainable weight, and its loss is finite",
    "space": "a model is built for every choice of the cell's own search space",
    "file": "a `.keras` file loaded in a fresh process gives the same outputs",
    "export": "an export gives what the Keras model gives run eagerly, to 1e-5, at batch sizes and lengths that were "
    "not traced, each text alone or beside others",
}


def representatives():
    """Arrangement -> the task that stands for it."""
    found = {}
    for record in tasks.records():
        found.setdefault(record.facts["arrangement"], []).append(record.name)
    return {
        arrangement: next((name for name in PREFERRED if name in names), names[0])
        for arrangement, names in sorted(found.items())
    }


class Case:
    """One cell at one task, its model made and trained for a step on the task's literal sample."""

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
        loss = float(session.trainee.train_on_batch(inputs, *targets))
        demand(np.isfinite(loss), f"expected a finite loss; measured {loss}.")
        still = [
            weight.path
            for weight, old in zip(session.model.trainable_weights, before, strict=True)
            if np.array_equal(weight.numpy(), old)
        ]
        demand(
            not still,
            f"expected that a training step changes every weight; measured none in {', '.join(still)}.",
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
                    f"expected {argument}={value!r} in the configuration; measured {config.cell_args}.",
                )
            assert isinstance(hypermodel.build(hp), keras.Model)

    def save(self):
        """A model with decided opinions (small first weights leave near ties), and what it says, in the run's folder."""
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
            self.run.folder / "noted.npz",
            **{f"in_{name}": value for name, value in inputs.items()},
            **{f"out_{k}": value for k, value in enumerate(outputs)},
        )

    def export(self):
        export(self.run)
        serve = tf.saved_model.load(str(self.run.folder / "export" / "1")).signatures["serve"]
        texts, others = self._questions(serve)
        alone = []
        with _eagerly():
            module = serving_module(self.run)
            for text in texts:
                alone.append(module.serve(text=tf.constant([text]), **others))
        for chosen in (range(len(texts)), (1,), (2, 0)):
            answer = serve(text=tf.constant([texts[k] for k in chosen]), **others)
            for name, value in answer.items():
                for row, k in enumerate(chosen):
                    _demand_row(name, value, row, alone[k][name])

    def _questions(self, serve):
        """Texts of different lengths, and a value for each further argument of the signature."""
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


def _demand_row(name, together, row, alone):
    """A row of an answer is the answer to that row alone, padding apart."""
    if together.shape.rank and alone.shape[0] == 1:
        together, alone = together[row].numpy(), alone[0].numpy()
    else:
        together, alone = together.numpy(), alone.numpy()
    if np.ndim(alone):
        padding = together[len(alone) :]
        demand(
            not any(map(bool, padding.ravel())),
            f"expected padding after {name}; measured {padding}.",
        )
        together = together[: len(alone)]
    if np.asarray(alone).dtype.kind == "f":
        demand_same(
            f"{name} of the export equals that of the model",
            together,
            alone,
            1e-5,
            "the cell's `step`",
        )
    else:
        demand(np.array_equal(together, alone), f"expected {name} {alone}; measured {together}.")


@contextlib.contextmanager
def _eagerly():
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


class Matrix:
    """Cases (cell, arrangement), each judged by a property once: to what is wrong, or None."""

    def __init__(self, folder, cases):
        self.folder, self.cases = pathlib.Path(folder), cases
        self.case = functools.cache(lambda cell, arrangement: Case(cell, arrangement, self.folder))
        self.saved = functools.cache(lambda cell, arrangement: self.case(cell, arrangement).save())
        self.judge = functools.cache(self._judge)
        self.loaded = functools.cache(self._loaded)

    def _judge(self, cell, arrangement, asked):
        try:
            if asked in ("export", "file"):
                self.saved(cell, arrangement)
            if asked == "file":
                return self.loaded()[f"{cell}-{arrangement}"]
            getattr(self.case(cell, arrangement), asked)()
        except Exception as error:  # whatever is wrong belongs into the table
            prefix = "" if isinstance(error, Violation) else f"{type(error).__name__}: "
            return prefix + " ".join(str(error).split())
        finally:
            if asked == "export":
                keras.backend.clear_session()
        return None

    def _loaded(self):
        """Loads every model in ONE new process: case -> what is wrong, or None."""
        faults = {}
        for case in self.cases:
            try:
                self.saved(*case)
            except Exception as error:
                faults["-".join(case)] = f"not saved: {error}"
        path = os.pathsep.join(str(pathlib.Path(each).absolute()) for each in (ROOT, *sys.path))
        done = subprocess.run(
            [sys.executable, __file__, "load", str(self.folder)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            check=True,
        )
        return {**json.loads(done.stdout.splitlines()[-1]), **faults}

    def verdicts(self, report=lambda *case: None):
        """(cell, arrangement, property) -> what is wrong, or None."""
        found = {}
        for case in self.cases:
            for asked in PROPERTIES:
                found[*case, asked] = self.judge(*case, asked)
                report(*case, asked, found[*case, asked])
        return found


def every_case(names=()):
    """All pairs (cell, arrangement), of the cells in `names` or of all."""
    return [
        (cell, arrangement) for cell in names or cells.names() for arrangement in representatives()
    ]


def load_all(folder):
    """In a fresh process: what is wrong with each model in `folder`."""
    return {
        path.name: _fault(path)
        for path in sorted(pathlib.Path(folder).iterdir())
        if (path / "noted.npz").exists()
    }


def _fault(path):
    noted = np.load(path / "noted.npz")
    try:
        model = zoo.load(path)
        outputs = tf.nest.flatten(
            model({name[3:]: noted[name] for name in noted if name.startswith("in_")})
        )
        for k, output in enumerate(outputs):
            demand_same(
                "a .keras file gives the same outputs in a new process",
                output,
                noted[f"out_{k}"],
                1e-6,
                "the constructor of the cell",
            )
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return None


def table(verdicts, seconds):
    """The text of docs/matrix.md."""
    columns = list(dict.fromkeys((arrangement, asked) for _, arrangement, asked in verdicts))
    lines = [
        "| cell | " + " | ".join(f"{arrangement} {asked}" for arrangement, asked in columns) + " |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for cell in dict.fromkeys(cell for cell, *_ in verdicts):
        marks = ["no" if verdicts[cell, *column] else "yes" for column in columns]
        lines.append(f"| {cell} | {' | '.join(marks)} |")
    wrong = [f"- {' '.join(case)}: {reason}" for case, reason in verdicts.items() if reason]
    told = "\n".join(f"- **{name}**: {text}." for name, text in PROPERTIES.items())
    stand = ", ".join(f"{arrangement} by {task}" for arrangement, task in representatives().items())
    return "\n".join(
        [
            "# Every cell in every arrangement",
            "",
            "Generated by `python -m tests.matrix`; `pytest -m full` goes through the same and fails where this is out of date.",
            f"Arrangements stand for the ways of a task: {stand}; each on the task's own literal sample.",
            "",
            told,
            "",
            *lines,
            "",
            *([*wrong, ""] if wrong else []),
            f"{len(verdicts)} verdicts, {len(verdicts) - len(wrong)} yes, in {seconds:.0f} s.",
            "",
        ]
    )


def rows(text):
    """The verdicts in the text of docs/matrix.md, without the time that they took."""
    return re.findall(r"^\|.*\|$", text, re.MULTILINE)


def main():
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="zoo-matrix-") as folder:
        verdicts = Matrix(folder, every_case(sys.argv[1:])).verdicts(
            lambda cell, arrangement, asked, reason: print(
                f"{time.monotonic() - began:6.0f} s  {cell} {arrangement} {asked}: {reason or 'yes'}",
                flush=True,
            )
        )
    text = table(verdicts, time.monotonic() - began)
    if sys.argv[1:]:
        print(text)
    else:
        TABLE.write_text(text, encoding="utf-8")
    return any(verdicts.values())


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        print(json.dumps(load_all(sys.argv[2])))
    else:
        sys.exit(main())
