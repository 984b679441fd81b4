"""A task: the examples it reads, their features, the head, the metrics and the defaults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.arrangements import Arrangement
from tasks.data.sources import Role
from tasks.text.features import Example, Features


@dataclass(frozen=True)
class Metric:
    """A metric, computed from sums over all examples.

    Args:
        name: the name in result files, such as "accuracy".
        unit: the unit of the value, such as "nats".
        higher_is_better: whether a greater value is better.
        function: function of the sums, by name, that returns the value. The sums are those of
            `tasks.head.Head.sums`; a decoder's also have the lists "hypotheses" and "references".
        signature: zero-argument callable that returns how the value is computed, as sacreBLEU
            prints it; None if the name says it all.

    Example:
        >>> from tasks import metrics
        >>> metrics.accuracy.function({"correct": 3, "count": 4})
        0.75
    """

    name: str
    unit: str
    higher_is_better: bool
    function: Callable[[Mapping[str, Any]], float]
    signature: Callable[[], str] | None = None


@dataclass(frozen=True)
class Task:
    """A task: the examples it reads, their features, the head, the metrics and the defaults.

    A task knows neither the cells nor the models that learn it; a model knows the features, not the
    dataset.

    Args:
        roles: the parts of an example, such as its text and its label.
        features: the class that converts examples to ids; see `tasks.text.features`.
        arrangement: the kind of mapping from inputs to targets; see `tasks.arrangements`.
        head: the registered name of the default head.
        dataset: the name of the default dataset.
        metrics: the metrics; the first one decides between models.
        baseline: function of `(features, train, test)`, lists of examples, that returns the sums of
            a trivial baseline, which scores are compared with; see `tasks.baselines`.
        decoding: what an exported model returns: "tags", "classes", "numbers", "continuation" or
            "translation".
        defaults: default values of fields of `zoo.Config`.
        space: the default search space of `zoo tune`: field of `zoo.Config` -> choices.
        sample: a few literal examples, enough to build and fit a model without a dataset.

    Example:
        >>> from tasks import library
        >>> task = library.get("classification")
        >>> [role.name for role in task.roles]
        ['text', 'label']
        >>> task.arrangement.name, task.head, task.metrics[0].name
        ('many_to_one', 'sequence_logits', 'accuracy')
    """

    roles: tuple[Role, ...]
    features: type[Features]
    arrangement: Arrangement
    head: str
    dataset: str
    metrics: tuple[Metric, ...]
    baseline: Callable[[Any, Sequence[Example], Sequence[Example]], dict[str, Any]]
    decoding: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    space: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    sample: tuple[Example, ...] = ()
