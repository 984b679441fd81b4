"""The search space of configurations, as a hypermodel of keras-tuner."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import keras_tuner

from tasks.data.sources import Corpus
from tasks.library import tasks
from zoo.cells import cells
from zoo.config import CLIPPINGS, Config
from zoo.errors import RequestError
from zoo.fields import with_choices
from zoo.models import assembly
from zoo.models.resolve import resolve

Space = Mapping[str, Sequence[Any]]


class HyperModel(keras_tuner.HyperModel):
    """The configurations that differ from a base in the fields of a search space.

    Works with any tuner of keras-tuner. The search space of each candidate cell is included,
    conditional on the choice of that cell.

    Args:
        config: the base configuration.
        space: field -> choices. Fields that neither `space` nor `config` sets take the choices of
            the task's search space.
        vocabulary: the vocabulary, as for `zoo.build`; without it the dataset is read once.

    Raises:
        RegistryError, RequestError: for an unknown name or an invalid choice.

    Example:
        >>> import keras_tuner
        >>> import zoo
        >>> from zoo.tuning import HyperModel
        >>> config = zoo.Config(task="adding", cell="gru", learning_rate=1e-3)
        >>> hypermodel = HyperModel(config, {"units": (8, 16)}, vocabulary={"width": 2})
        >>> hp = keras_tuner.HyperParameters()
        >>> model = hypermodel.build(hp)
        >>> hp.values
        {'units': 8}
        >>> hypermodel.configure(hp).units
        8
    """

    def __init__(
        self, config: Config, space: Space | None = None, vocabulary: Any | None = None
    ) -> None:
        super().__init__()
        self.base, self.vocabulary = config, vocabulary
        self.corpus: Corpus | None = None
        self.space = complete_space(config, {} if space is None else space)
        self._features: dict[tuple[Any, ...], Any] = {}

    def configure(self, hp: keras_tuner.HyperParameters) -> Config:
        """Return the resolved configuration for the values of hyperparameters."""
        clipping = self._clipping(hp)
        choices: dict[str, Any] = {
            name: hp.Choice(name, list(values)) if len(values) > 1 else values[0]
            for name, values in self.space.items()
            if name not in CLIPPINGS
        }
        cell = choices.get("cell", self.base.cell)
        cell_args = {**self._cell_arguments(hp, cell), **self.base.cell_args}
        values = {**choices, **clipping, "cell_args": cell_args}
        chosen = with_choices(self.base, values)
        config = resolve(chosen, search=True)
        if clipping and all(value is None for value in clipping.values()):
            # The task's default clipping must not replace the choice "none".
            unclipped: dict[str, Any] = dict.fromkeys(CLIPPINGS)
            return dataclasses.replace(config, **unclipped)
        return config

    def _clipping(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """Return the clipping; of several kinds, one is chosen first, and then its value."""
        kinds = [name for name in CLIPPINGS if name in self.space]
        if not kinds:
            return {}
        kind = hp.Choice("clipping", kinds) if len(kinds) > 1 else kinds[0]
        chosen: dict[str, Any] = {}
        for name in kinds:
            values = ["none" if value is None else str(value) for value in self.space[name]]
            if len(kinds) > 1:
                with hp.conditional_scope("clipping", [name]):
                    value = hp.Choice(name, values)
            else:
                value = hp.Choice(name, values) if len(values) > 1 else values[0]
            if name == kind:
                chosen[name] = None if value == "none" else float(value)
        return chosen

    def _cell_arguments(self, hp: keras_tuner.HyperParameters, cell: str) -> dict[str, Any]:
        """Return the values of the chosen cell's own search space."""
        chosen = {}
        names = self.space.get("cell", (self.base.cell,))
        for name in names:
            for argument, values in cells.get(name).search_space.items():
                if argument in self.base.cell_args:
                    continue
                key = f"{name}.{argument}"
                if len(names) > 1:
                    with hp.conditional_scope("cell", [name]):
                        value = _choose(hp, key, values)
                else:
                    value = _choose(hp, key, values)
                if name == cell:
                    chosen[argument] = value
        return chosen

    def features(self, config: Config) -> Any:
        """Return the features of a configuration; configurations with one vocabulary share them."""
        key = (config.token, config.characters, config.vocabulary_size)
        if key not in self._features:
            if self.vocabulary is None and self.corpus is None:
                self.corpus = assembly.read_corpus(config)
            self._features[key] = assembly.as_features(config, self.vocabulary, self.corpus)
        return self._features[key]

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled model for the values of hyperparameters."""
        config = self.configure(hp)
        return assembly.network(config, self.features(config))


def complete_space(config: Config, space: Space) -> dict[str, Sequence[Any]]:
    """Return `space` with the task's choices for the fields that neither argument sets.

    Args:
        config: the base configuration; a field that it sets is not searched by default.
        space: field -> choices.

    Returns:
        Field -> choices.

    Raises:
        RegistryError, RequestError: for an invalid choice; each choice is resolved on its own.
    """
    task = tasks.get(config.task)
    default = {name: values for name, values in task.space.items() if getattr(config, name) is None}
    merged = {**default, **space}
    cleared: dict[str, Any] = {name: None for name in CLIPPINGS if name in merged}
    unclipped = dataclasses.replace(config, **cleared)
    for name, values in merged.items():
        if not values:
            raise RequestError(f"{name} has no values to choose from. Give at least one.")
        for value in values:
            resolve(with_choices(unclipped, {name: value}))
    return merged


def _choose(hp: keras_tuner.HyperParameters, key: str, values: Any) -> Any:
    if isinstance(values, dict):
        sampling = values.get("sampling", "linear")
        return hp.Float(key, values["min"], values["max"], sampling=sampling)
    return hp.Choice(key, list(values))
