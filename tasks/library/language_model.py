"""Predict the next token of a text."""

from tasks import arrangements, baselines, metrics
from tasks.data.roles import READS
from tasks.library import tasks
from tasks.task import Task
from tasks.text.texts import TextTokens

tasks.register(
    "language_model",
    reads="text",
    also=("lm", "language_modeling", "text_generation", "generation", "char_rnn"),
    arrangement="next_step",
    metric="nats_per_token",
    dataset="zoo_pydoc",
)(
    Task(
        roles=READS["text"],
        features=TextTokens,
        arrangement=arrangements.NEXT_STEP,
        head="token_logits",
        dataset="zoo_pydoc",
        metrics=(
            metrics.nats_per_token,
            metrics.bits_per_character,
            metrics.perplexity,
            metrics.accuracy,
        ),
        baseline=baselines.unigram,
        decoding="continuation",
        defaults={
            "bidirectional": False,
            "token": "char",
            "units": 256,
            "embedding": 64,
            "dropout": 0.05,
            "learning_rate": 5e-3,
            "batch_size": 32,
            "bptt": 64,
            "epochs": 10,
            "vocabulary_size": 10000,
        },
        space={"units": (128, 256), "learning_rate": (2e-3, 5e-3), "dropout": (0.0, 0.05, 0.2)},
        sample=(
            {
                "text": "the cat sat on the mat and the dog sat on the log.\n"
                "the cat saw the dog and the dog saw the cat.\n"
            },
            {"text": "on the mat the cat sat, and on the log the dog sat.\n"},
        ),
    )
)
