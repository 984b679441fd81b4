"""Classify a text."""

from tasks import arrangements, baselines, metrics
from tasks.data.roles import READS
from tasks.library import tasks
from tasks.task import Task
from tasks.text.texts import LabelledText

tasks.register(
    "classification",
    reads="labelled text",
    also=("sentiment", "sentiment_analysis", "intent", "text_classification", "topic"),
    arrangement="many_to_one",
    metric="accuracy",
    dataset="zoo_names",
)(
    Task(
        roles=READS["labelled text"],
        features=LabelledText,
        arrangement=arrangements.MANY_TO_ONE,
        head="sequence_logits",
        dataset="zoo_names",
        metrics=(metrics.accuracy,),
        baseline=baselines.most_frequent_class,
        decoding="classes",
        defaults={
            "bidirectional": True,
            "token": "word",
            "units": 128,
            "embedding": 100,
            "dropout": 0.4,
            "learning_rate": 2e-3,
            "batch_size": 32,
            "epochs": 10,
            "vocabulary_size": 20000,
        },
        space={"units": (64, 128, 192), "dropout": (0.2, 0.4), "learning_rate": (1e-3, 2e-3, 4e-3)},
        sample=(
            {"text": "what a fine day", "label": "good"},
            {"text": "a fine and lovely film", "label": "good"},
            {"text": "what a dull day", "label": "bad"},
            {"text": "a dull and awful film", "label": "bad"},
        ),
    )
)
