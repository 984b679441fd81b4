"""Plugin task: tag each word as loud or quiet."""

from tasks import arrangements, baselines, metrics
from tasks.data.sources import Role
from tasks.library import tasks
from tasks.task import Task
from tasks.text.tagged_words import TaggedWords

tasks.register("shout_tagging", arrangement="aligned", metric="accuracy")(
    Task(
        roles=(Role("words", "words", ("tokens", "words")), Role("tags", "tags", ("tags",))),
        features=TaggedWords,
        arrangement=arrangements.ALIGNED,
        head="cosine_logits",
        dataset="zoo_turkish_treebank",
        metrics=(metrics.accuracy,),
        baseline=baselines.most_frequent_tag,
        decoding="tags",
        defaults={"characters": "convolution", "units": 8, "embedding": 4, "epochs": 2},
        space={"units": (4, 8)},
        sample=(
            {"words": ["STOP", "it", "NOW"], "tags": ["loud", "quiet", "loud"]},
            {"words": ["it", "is", "over"], "tags": ["quiet", "quiet", "quiet"]},
        ),
    )
)
