"""A task: the examples it reads, their features, the head, the metrics and the defaults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.arrangements import Arrangement
from tasks.data.roles import Example
from tasks.data.sources import Role
from tasks.text.features import Features


@dataclass(frozen=True)
class Metric:
    """A metric, computed from sums over all examples.

    Args:
        name: the name in result files, such as "accuracy".
        unit: the unit of the value, such as "nats".
        higher_is_better: whether a greater value is better.
        function: function of the sums by name that returns the value. The sums are the totals of
            `tasks.head.Head.sums`; for a language model also "characters", for a decoder also the
            lists of texts "hypotheses" and "references".
        signature: zero-argument callable that returns sacreBLEU's signature, the parameters of the
            score; None for metrics without parameters.

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

    A task does not depend on cells or models; a model depends on the task's features, not on its
    dataset.

    Args:
        roles: the parts of an example, such as its text and its label.
        features: the class that converts examples to tensors; see `tasks.text.features`.
        arrangement: the kind of mapping from inputs to targets; see `tasks.arrangements`.
        head: the registered name of the default head.
        dataset: the name of the default dataset, such as "zoo_adding/100".
        metrics: the metrics; the first one selects the best epoch and ranks trials.
        baseline: function of `(features, train, test)`, the latter two lists of examples, that
            returns the sums of a trivial baseline; see `tasks.baselines`.
        decoding: the output of an exported model: "tags", "classes", "numbers", "continuation" or
            "translation".
        defaults: dict of fields of `zoo.Config` to default values.
        space: the default search space of `zoo tune`, a dict of fields of `zoo.Config` to choices.
        sample: a few literal examples, enough to build and train a model without a dataset.

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
