"""What a task is: a value that says what is read, how it is arranged, scored and decoded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.data.sources import Role


@dataclass(frozen=True)
class Metric:
    """One score: `function` computes it from the sums that an arrangement counts (see `tasks.arrangements`).

    What decodes texts counts lists, "hypotheses" and "references". signature: () -> how exactly it was computed.
    """

    name: str
    unit: str
    higher_is_better: bool
    function: Callable[[Mapping[str, Any]], float]
    signature: Callable[[], str] | None = None


@dataclass(frozen=True)
class Task:
    """A task. The model sees features, never dataset names; the task never sees cell names.

    roles: what an example must have. features: the class of `tasks.text.features` that turns examples into ids.
    arrangement: one of `tasks.arrangements`. head: registered name. dataset: the one used unless another is named.
    metrics: the first decides between models. baseline: sums of the trivial predictor, (features, train, test) ->
    dict. decoding: what an export answers, by name ("tags", "classes", "numbers", "continuation",
    "translation").
    defaults: suggestions for a Config. space: what `zoo tune` varies unless told otherwise: field -> choices.
    sample: a few literal examples, enough to build and fit a model without any dataset.
    """

    roles: tuple[Role, ...]
    features: Any
    arrangement: Any
    head: str
    dataset: str
    metrics: tuple[Metric, ...]
    baseline: Callable
    decoding: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    space: Mapping[str, tuple] = field(default_factory=dict)
    sample: tuple = ()
