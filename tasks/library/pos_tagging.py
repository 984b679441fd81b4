"""Tag each word of a sentence: parts of speech, named entities (IOB), chunks."""

from tasks import arrangements, baselines, metrics
from tasks.data.roles import READS
from tasks.library import tasks
from tasks.task import Task
from tasks.text.tagged_words import TaggedWords

tasks.register(
    "pos_tagging",
    reads="tagged words",
    also=("ner", "named_entity_recognition", "chunking", "tagging", "sequence_labelling"),
    arrangement="aligned",
    metric="accuracy",
    dataset="zoo_turkish_treebank",
)(
    Task(
        roles=READS["tagged words"],
        features=TaggedWords,
        arrangement=arrangements.ALIGNED,
        head="token_logits",
        dataset="zoo_turkish_treebank",
        metrics=(metrics.accuracy,),
        baseline=baselines.most_frequent_tag,
        decoding="tags",
        defaults={
            "bidirectional": True,
            "characters": "affixes",
            "units": 128,
            "embedding": 100,
            "dropout": 0.5,
            "token_dropout": 0.15,
            "learning_rate": 4e-3,
            "batch_size": 32,
            "epochs": 8,
            "token": "word",
        },
        space={"units": (96, 128, 160), "dropout": (0.4, 0.5, 0.6), "learning_rate": (2e-3, 4e-3)},
        sample=(
            {"words": ["the", "cat", "sat", "."], "tags": ["DET", "NOUN", "VERB", "PUNCT"]},
            {"words": ["a", "dog", "barks"], "tags": ["DET", "NOUN", "VERB"]},
            {
                "words": ["the", "dog", "sees", "a", "cat", "."],
                "tags": ["DET", "NOUN", "VERB", "DET", "NOUN", "PUNCT"],
            },
            {"words": ["cats", "sleep", "."], "tags": ["NOUN", "VERB", "PUNCT"]},
        ),
    )
)
