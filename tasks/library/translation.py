"""Translate a text into another language."""

from tasks import arrangements, baselines, metrics
from tasks.data.roles import READS
from tasks.library import tasks
from tasks.task import Task
from tasks.text.pairs import TextPairs

tasks.register(
    "translation",
    reads="pairs of texts",
    also=("mt", "machine_translation", "seq2seq", "summarization", "transliteration"),
    arrangement="encoder_decoder",
    metric="bleu",
    dataset="zoo_jupyter_fr",
)(
    Task(
        roles=READS["pairs of texts"],
        features=TextPairs,
        arrangement=arrangements.ENCODER_DECODER,
        head="decoder_logits",
        dataset="zoo_jupyter_fr",
        metrics=(metrics.bleu, metrics.chrf, metrics.exact_match, metrics.nats_per_token),
        baseline=baselines.copy_source,
        decoding="translation",
        defaults={
            "bidirectional": True,
            "token": "word",
            "units": 256,
            "embedding": 128,
            "dropout": 0.2,
            "learning_rate": 3e-3,
            "batch_size": 64,
            "epochs": 20,
            "vocabulary_size": 20000,
        },
        space={
            "units": (128, 256),
            "dropout": (0.1, 0.2, 0.4),
            "learning_rate": (1e-3, 3e-3, 5e-3),
        },
        sample=(
            {"source": "The cat sleeps.", "target": "Le chat dort."},
            {"source": "The dog sleeps.", "target": "Le chien dort."},
            {"source": "Is the cat here?", "target": "Le chat est-il ici ?"},
            {"source": "Is the dog here?", "target": "Le chien est-il ici ?"},
            {"source": "I'm here!", "target": "J'y suis, ici !"},
            {"source": "I'm the dog!", "target": "Je suis le chien !"},
        ),
    )
)
