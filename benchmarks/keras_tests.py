"""Keras' own tests of recurrent layers, run on the layers and cells of the zoo.

    python -m benchmarks.keras_tests [FOLDER]

FOLDER holds Keras' test files (`lstm_test.py`, ...); by default, those of the installed Keras. An
adapter takes the place of `keras.layers` in them. It only renames classes and arguments:

| Keras | zoo |
| --- | --- |
| LSTM, GRU, SimpleRNN | Recurrent("lstm"), Recurrent("gru"), Recurrent("simple_rnn") |
| LSTMCell, GRUCell, SimpleRNNCell | the cells of these names, with dropout in RegularizedCell |
| reset_after=False | the cell "gru_reset_before" |
| unit_forget_bias | bias_initializer="unit_forget", or an initializer that says the same |
| dropout and recurrent_dropout of one rate | variational_dropout |
| implementation, use_cudnn | left out: they select an implementation, not a result |
"""

import argparse
import importlib.util
import pathlib
import types
import unittest

import keras

import zoo
from zoo.layers.regularized_cell import RegularizedCell

FILES = (
    "lstm_test.py",
    "gru_test.py",
    "simple_rnn_test.py",
    "bidirectional_test.py",
    "stacked_rnn_cells_test.py",
)


@keras.saving.register_keras_serializable("benchmarks")
class UnitForget(keras.initializers.Initializer):
    """Initializer of an LSTM's bias: 1 for the forget gate, another initializer for the others."""

    def __init__(self, others):
        self.others = keras.initializers.get(others)

    def __call__(self, shape, dtype=None):
        (width,) = shape
        units = width // 4
        blocks = [
            self.others((units,), dtype=dtype),
            keras.ops.ones((units,), dtype),
            self.others((2 * units,), dtype=dtype),
        ]
        return keras.ops.concatenate(blocks)

    def get_config(self):
        return {"others": keras.initializers.serialize(self.others)}


def renamed(cell, arguments):
    """Return the zoo's name of a cell and its arguments, for Keras' arguments."""
    for name in ("implementation", "use_cudnn"):
        arguments.pop(name, None)
    if not arguments.pop("reset_after", True):
        cell = "gru_reset_before"
    if cell == "lstm":
        others = arguments.pop("bias_initializer", "zeros")
        if not arguments.pop("unit_forget_bias", True):
            arguments["bias_initializer"] = others
        elif others != "zeros":
            arguments["bias_initializer"] = UnitForget(others)
    if "recurrent_dropout" in arguments:
        rate = arguments.pop("recurrent_dropout")
        if rate != arguments.pop("dropout", 0.0):
            raise NotImplementedError("the zoo has no dropout of the recurrent operands alone")
        arguments["variational_dropout"] = rate
    return cell, arguments


class Layer:
    """Stands in for a class of recurrent layers in `keras.layers`."""

    def __init__(self, cell):
        self.cell = cell

    def __call__(self, units, **arguments):
        cell, arguments = renamed(self.cell, arguments)
        return zoo.Recurrent(cell, units, **arguments)

    def from_config(self, config):
        config = {name: value for name, value in config.items() if name != "implementation"}
        return zoo.Recurrent.from_config(config)


class Cell:
    """Stands in for a class of recurrent cells in `keras.layers`."""

    def __init__(self, cell):
        self.cell = cell

    def __call__(self, units, **arguments):
        name, arguments = renamed(self.cell, arguments)
        rates = {
            rate: arguments.pop(rate)
            for rate in ("dropout", "variational_dropout")
            if rate in arguments
        }
        cell = zoo.cells.get(name)(units, **arguments)
        return RegularizedCell(cell, **rates) if rates else cell


class Layers(types.SimpleNamespace):
    """Stands in for `keras.layers`; other layers are Keras' own."""

    LSTM, LSTMCell = Layer("lstm"), Cell("lstm")
    GRU, GRUCell = Layer("gru"), Cell("gru")
    SimpleRNN, SimpleRNNCell = Layer("simple_rnn"), Cell("simple_rnn")

    def __getattr__(self, name):
        return getattr(keras.layers, name)


class Outcomes(unittest.TestResult):
    """Collects (test, outcome, reason) of every test."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def add(self, test, outcome, reason=""):
        file, _, name = test.id().partition(".")
        self.rows.append((f"{file}.py {name.partition('.')[2]}", outcome, reason))

    def addSuccess(self, test):
        self.add(test, "pass")

    def addSkip(self, test, reason):
        self.add(test, "skipped", reason)

    def addFailure(self, test, err):
        lines = [line.strip() for line in str(err[1]).splitlines() if line.strip()]
        self.add(test, "FAIL", f"{err[0].__name__}: {' '.join(lines)[:300]}")

    addError = addFailure


def honour_skip_marks(case):
    """Make `unittest` skip the tests of a class that pytest would skip."""
    for name, method in list(vars(case).items()):
        for mark in getattr(method, "pytestmark", ()):
            if mark.name == "skipif" and mark.args[0]:
                setattr(case, name, unittest.skip(mark.kwargs["reason"])(method))


def load(path):
    """Return the tests of a file, with the zoo's layers in the place of Keras' layers."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.layers = Layers()
    for case in vars(module).values():
        if isinstance(case, type) and issubclass(case, unittest.TestCase):
            honour_skip_marks(case)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    installed = pathlib.Path(keras.__file__).parent / "src" / "layers" / "rnn"
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=installed)
    folder = parser.parse_args(argv).folder
    outcomes = Outcomes()
    for file in FILES:
        load(folder / file).run(outcomes)
    for test, outcome, reason in outcomes.rows:
        print(f"{outcome:8}{test}{f': {reason}' if reason else ''}")
    counts = {
        name: sum(outcome == name for _, outcome, _ in outcomes.rows)
        for name in ("pass", "FAIL", "skipped")
    }
    print(
        f"{counts['pass']} of {counts['pass'] + counts['FAIL']} tests pass, "
        f"{counts['skipped']} are skipped (Keras {keras.version()})"
    )


if __name__ == "__main__":
    main()
