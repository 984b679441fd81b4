"""The sum of two marked numbers in a long sequence: a test of long-range gradients."""

from tasks import arrangements, baselines, metrics
from tasks.data.roles import READS
from tasks.library import tasks
from tasks.task import Task
from tasks.text.vectors import Vectors

tasks.register(
    "adding",
    reads="vectors and a number",
    arrangement="many_to_one",
    metric="mean_squared_error",
    dataset="zoo_adding/100",
    paper="Hochreiter & Schmidhuber 1997",
)(
    Task(
        roles=READS["vectors and a number"],
        features=Vectors,
        arrangement=arrangements.MANY_TO_ONE,
        head="regression",
        dataset="zoo_adding/100",
        metrics=(metrics.mean_squared_error,),
        baseline=baselines.mean_number,
        decoding="numbers",
        defaults={
            "bidirectional": False,
            "units": 64,
            "dropout": 0.0,
            "learning_rate": 2e-3,
            "batch_size": 50,
            "epochs": 20,
            "global_clipnorm": 1.0,
        },
        space={"units": (32, 64, 128), "learning_rate": (1e-3, 2e-3, 4e-3)},
        sample=(
            {"vectors": ((0.5, 1.0), (0.2, 0.0), (0.3, 1.0)), "target": 0.8},
            {"vectors": ((0.1, 0.0), (0.9, 1.0), (0.6, 1.0), (0.4, 0.0)), "target": 1.5},
            {"vectors": ((0.7, 1.0), (0.1, 1.0), (0.8, 0.0)), "target": 0.8},
            {"vectors": ((0.3, 1.0), (0.2, 1.0)), "target": 0.5},
        ),
    )
)
