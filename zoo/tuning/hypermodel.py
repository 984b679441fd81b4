"""A search space over configurations, as keras-tuner understands it."""

import dataclasses

import keras_tuner

from tasks.library import tasks
from zoo.cells import cells
from zoo.config import CLIPPINGS
from zoo.errors import RequestError
from zoo.models import assembly
from zoo.models.resolve import resolve


class HyperModel(keras_tuner.HyperModel):
    """The configurations that differ from `config` in the chosen fields; for any keras-tuner tuner.

    config: a `zoo.Config`. space: field -> values to choose among; by default the task's own. Each cell's own search
    space comes along, under the condition that the cell is chosen. vocabulary: as for `zoo.build`; without it the
    dataset is read once. `build(hp)` gives the compiled model, `configure(hp)` its resolved configuration.
    """

    def __init__(self, config, space=None, vocabulary=None):
        super().__init__()
        self.base, self.vocabulary, self.corpus = config, vocabulary, None
        self.space = complete_space(config, {} if space is None else space)
        self._features = {}

    def configure(self, hp):
        """The resolved configuration for a `keras_tuner.HyperParameters`."""
        clipping = self._clipping(hp)
        chosen = {
            name: hp.Choice(name, list(values)) if len(values) > 1 else values[0]
            for name, values in self.space.items()
            if name not in CLIPPINGS
        }
        cell = chosen.get("cell", self.base.cell)
        own = {**self._own_arguments(hp, cell), **self.base.cell_args}
        config = dataclasses.replace(
            self.base,
            **{name: _none(value) for name, value in chosen.items()},
            **clipping,
            cell_args=own,
        )
        config = resolve(config)
        # "none" is a choice too: what the task suggests must not take its place.
        unclipped = clipping and all(value is None for value in clipping.values())
        return dataclasses.replace(config, **dict.fromkeys(CLIPPINGS)) if unclipped else config

    def _clipping(self, hp):
        """Several clippings are a choice of the kind, and of the value under the condition of the kind."""
        kinds = [name for name in CLIPPINGS if name in self.space]
        if not kinds:
            return {}
        kind = hp.Choice("clipping", kinds) if len(kinds) > 1 else kinds[0]
        chosen = {}
        for name in kinds:
            values = ["none" if value is None else str(value) for value in self.space[name]]
            if len(kinds) > 1:
                with hp.conditional_scope("clipping", [name]):
                    picked = hp.Choice(name, values)
            else:
                picked = hp.Choice(name, values) if len(values) > 1 else values[0]
            if name == kind:
                chosen[name] = None if picked == "none" else float(picked)
        return chosen

    def _own_arguments(self, hp, cell):
        """What the chosen cell has to tune of its own."""
        own = {}
        for name in self.space.get("cell", (self.base.cell,)):
            for argument, values in cells.get(name).search_space.items():
                if argument in self.base.cell_args:
                    continue
                key = f"{name}.{argument}"
                if len(self.space.get("cell", ())) > 1:
                    with hp.conditional_scope("cell", [name]):
                        value = _choose(hp, key, values)
                else:
                    value = _choose(hp, key, values)
                if name == cell:
                    own[argument] = value
        return own

    def features(self, config):
        """The features of a configuration, read once for all that share a vocabulary."""
        key = (config.token, config.characters, config.vocabulary_size)
        if key not in self._features:
            if self.vocabulary is None and self.corpus is None:
                self.corpus = assembly.read_corpus(config)
            self._features[key] = assembly.as_features(config, self.vocabulary, self.corpus)
        return self._features[key]

    def build(self, hp):
        config = self.configure(hp)
        return assembly.network(config, self.features(config))


def complete_space(config, space):
    """`space` with the task's own space for the fields that neither it nor `config` names.

    Raises RequestError for choices that cannot be, each tried in a configuration of its own.
    """
    task = tasks.get(config.task)
    default = {name: values for name, values in task.space.items() if getattr(config, name) is None}
    merged = {**default, **space}
    for name, values in merged.items():
        for value in values:
            alone = dataclasses.replace(
                config, **{clip: None for clip in CLIPPINGS if clip in merged}
            )
            resolve(dataclasses.replace(alone, **{name: _none(value)}))
        if not values:
            raise RequestError(f"{name} has no values to choose among. Give at least one.")
    return merged


def _choose(hp, key, values):
    if isinstance(values, dict):
        return hp.Float(
            key, values["min"], values["max"], sampling=values.get("sampling", "linear")
        )
    return hp.Choice(key, list(values))


def _none(value):
    return None if isinstance(value, str) and value == "none" else value
