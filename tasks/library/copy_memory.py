"""Repeat ten symbols after a delay: a test of how much a state stores, and for how long."""

from tasks import arrangements, baselines, metrics
from tasks.data.roles import READS
from tasks.library import tasks
from tasks.task import Task
from tasks.text.texts import AnsweredText

tasks.register(
    "copy_memory",
    reads="answered text",
    arrangement="aligned",
    metric="nats_per_token",
    dataset="zoo_copy_memory/100",
    paper="Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016, arXiv 1511.06464, section 5.1",
)(
    Task(
        roles=READS["answered text"],
        features=AnsweredText,
        arrangement=arrangements.ALIGNED,
        head="token_logits",
        dataset="zoo_copy_memory/100",
        metrics=(metrics.nats_per_token, metrics.accuracy),
        baseline=baselines.memoryless,
        decoding="tags",
        defaults={
            "bidirectional": False,
            "token": "char",
            "units": 128,
            "embedding": 16,
            "dropout": 0.0,
            "learning_rate": 2e-3,
            "batch_size": 50,
            "epochs": 20,
            "global_clipnorm": 1.0,
        },
        space={"units": (64, 128, 256), "learning_rate": (1e-3, 2e-3, 4e-3)},
        sample=(
            {"text": "cab..?...", "answer": "......cab"},
            {"text": "bba..?...", "answer": "......bba"},
            {"text": "acc..?...", "answer": "......acc"},
            {"text": "abc.?...", "answer": ".....abc"},
        ),
    )
)
