"""Early stopping on a small training set that overfits: 2,000 sentences of `clinc_oos`.

    python -m benchmarks.early_stopping DATA_DIR

DATA_DIR is the folder of the prepared TFDS dataset `clinc_oos`. A fixed seed draws the training
sentences; the validation and test splits are whole. Without dropout, the model soon fits the
training sentences perfectly. Each seed is trained with and without patience, and the test accuracy
of both is compared. Exits with status 1 if training continued for more than `patience` epochs after
its best, or if the test accuracies differ by more than half a point.
"""

import argparse
import dataclasses
import pathlib
import random
import sys
import tempfile

from zoo.cli.output import quiet_tensorflow, table

SENTENCES, DRAW = 2000, 0
TOLERANCE = 0.005
COLUMNS = (
    ">seed",
    ">patience",
    ">epochs",
    ">best epoch",
    ">validation accuracy",
    ">test accuracy",
    ">seconds",
    "stopped",
)


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_dir", help="folder of the prepared TFDS dataset clinc_oos")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--patience", type=int, default=5, help="by default that of a search")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds")
    parser.add_argument("--run_dir", help="folder of the runs; default: a temporary one")
    arguments = parser.parse_args(argv)
    quiet_tensorflow()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.run_dir or temporary)
        rows = [
            _trained(arguments, folder, seed, patience)
            for seed in range(arguments.seeds)
            for patience in (0, arguments.patience)
        ]
    table(COLUMNS, [row.values() for row in rows])
    return any(
        _differs(whole, stopped) for whole, stopped in zip(rows[::2], rows[1::2], strict=True)
    )


def _trained(arguments, folder, seed, patience):
    """Return the row of a run, which is trained unless its folder holds it."""
    import zoo  # after `quiet_tensorflow`, whose settings TensorFlow reads when it is imported
    from zoo.models import assembly
    from zoo.models.resolve import resolve

    config = resolve(
        zoo.Config(
            task="classification",
            dataset="clinc_oos",
            data_dir=arguments.data_dir,
            dropout=arguments.dropout,
            epochs=arguments.epochs,
            patience=patience,
            seed=seed,
        )
    )
    corpus = assembly.read_corpus(config)
    drawn = random.Random(DRAW).sample(corpus.splits["train"], SENTENCES)
    corpus = dataclasses.replace(corpus, splits={**corpus.splits, "train": drawn})
    result = zoo.train(config, folder / f"seed_{seed}_patience_{patience}", corpus)
    return {
        "seed": seed,
        "patience": patience,
        "epochs": result["stopped"]["epoch"],
        "best": result["validation"]["epoch"],
        "validation": round(result["validation"]["scores"]["accuracy"], 4),
        "test": round(result["metrics"]["accuracy"]["value"], 4),
        "seconds": result["seconds"],
        "stopped": result["stopped"]["text"],
    }


def _differs(whole, stopped):
    late = stopped["epochs"] > stopped["best"] + stopped["patience"]
    return late or abs(stopped["test"] - whole["test"]) > TOLERANCE


if __name__ == "__main__":
    sys.exit(main())
