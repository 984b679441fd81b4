"""Classify a sequence by its first symbol, after many distractors."""

from tasks import arrangements, baselines, metrics
from tasks.data.roles import READS
from tasks.library import tasks
from tasks.task import Task
from tasks.text.texts import LabelledText

tasks.register(
    "delayed_recall",
    reads="labelled symbols",
    arrangement="many_to_one",
    metric="accuracy",
    dataset="zoo_delayed_recall/100",
    paper="Hochreiter & Schmidhuber 1997",
)(
    Task(
        roles=READS["labelled symbols"],
        features=LabelledText,
        arrangement=arrangements.MANY_TO_ONE,
        head="sequence_logits",
        dataset="zoo_delayed_recall/100",
        metrics=(metrics.accuracy, metrics.nats_per_token),
        baseline=baselines.chance,
        decoding="classes",
        defaults={
            "bidirectional": False,
            "token": "char",
            "units": 64,
            "embedding": 16,
            "dropout": 0.0,
            "learning_rate": 2e-3,
            "batch_size": 50,
            "epochs": 20,
            "global_clipnorm": 1.0,
        },
        space={"units": (32, 64, 128), "learning_rate": (1e-3, 2e-3, 4e-3)},
        sample=(
            {"text": "Acabba", "label": "A"},
            {"text": "Bbcaac", "label": "B"},
            {"text": "Bacbcb", "label": "B"},
            {"text": "Accab", "label": "A"},
        ),
    )
)
