"""The networks of training sessions, shared by the trials of a search.

Most of a short trial is spent on tracing: TensorFlow traces and optimizes the graphs of a training
step and of the evaluation. Configurations that differ only in fields of `UNTRACED` have the same
graphs and the same initial weights, so that their sessions can share a network.
"""

import contextlib
import functools
import gc
import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from tensorflow.python.framework.ops import gradient_registry  # not in the public API

from tasks.arrangements import Epochs, Streams
from tasks.data.sources import Corpus
from tasks.library import tasks
from tasks.text.features import Features
from zoo.config import Config
from zoo.evaluation.evaluator import Evaluator
from zoo.models import assembly
from zoo.runs.progress import NullProgress
from zoo.training.truncated_bptt import softmax_remark, truncated_bptt_model

# Fields that affect neither the graphs nor the initial weights.
UNTRACED = ("learning_rate", "schedule", "epochs", "patience", "max_minutes")
BATCHING = ("batch_size", "bptt", "seed")  # fields that determine the batches
MOST_NETWORKS = 4
MOST_BYTES = 2**26  # of the variables of all networks

_blocks: list[None] = []  # one element for each active block of `released_gradients`
_blocks_lock = threading.Lock()
_known_gradients: set[str] = set()  # those registered before the first active block


class Network:
    """What a training session runs; its graphs are traced once.

    Args:
        config: a resolved configuration.
        features: the features.
        corpus: examples with the splits "train" and "validation".
        batches: the training batches; None: they are made.

    Attributes:
        batches: the training batches.
        model: the model, which is saved and evaluated.
        training_model: the model that is fitted: `model`, or one for truncated BPTT on its layers.
        optimizer: the optimizer of `training_model`.
    """

    def __init__(
        self, config: Config, features: Features, corpus: Corpus, batches: Epochs | None = None
    ) -> None:
        self.config, self.features, self._corpus = config, features, corpus
        if batches is None:
            arrangement = tasks.get(config.task).arrangement
            batches = arrangement.batches(features, corpus.splits["train"], config, True)
        self.batches = batches
        self.model = self.training_model = assembly.network(config, features)
        if isinstance(self.batches, Streams):
            self.training_model = truncated_bptt_model(
                config, features, self.model, self.batches.rows
            )
        self.optimizer = self.training_model.optimizer
        self.optimizer.build(self.training_model.trainable_variables)

    @functools.cached_property
    def evaluator(self) -> Evaluator:
        """The evaluator of the model on the validation split."""
        validation = self._corpus.splits["validation"]
        return Evaluator(self.model, self.config, self.features, validation)

    def note_remark(self, progress: NullProgress) -> None:
        """Suggest sampled softmax where it would save time."""
        is_full = isinstance(self.batches, Streams) and not self.config.sampled_softmax
        if is_full and (remark := softmax_remark(self.model, self.features.outputs)):
            progress.note(remark)

    @property
    def variables(self) -> Sequence[keras.Variable]:
        """The variables of the model and the optimizer, in the order of the checkpoint."""
        return [*self.model.variables, *self.optimizer.variables]


class SharedNetworks:
    """Networks for sessions that run one after the other, whose optimizers count clipped steps.

    Keeps the networks that were used last, as long as they are few and small.
    """

    def __init__(self) -> None:
        self._networks: dict[str, tuple[Network, list[np.ndarray]]] = {}

    def network(self, config: Config, features: Features, corpus: Corpus) -> Network:
        """Return a network whose variables have their initial values.

        Args:
            config: a resolved configuration.
            features: the features; the same object for configurations with equal vocabularies.
            corpus: the examples; the same for all sessions.
        """
        key = _key(config, features)
        if key in self._networks:
            network, values = self._networks.pop(key)
            for variable, value in zip(network.variables, values, strict=True):
                variable.assign(value)
            network.optimizer.clipped_steps = None
        else:
            batches = self._batches(config, features)
            self._make_room()
            network = Network(config, features, corpus, batches)
            network.optimizer.count_clipped_steps()
            values = [np.array(variable) for variable in network.variables]
        self._networks[key] = network, values
        return network

    def _batches(self, config: Config, features: Features) -> Epochs | None:
        """Return the batches of a network that divides the same examples in the same way."""
        for network, _ in self._networks.values():
            if network.features is features and all(
                getattr(network.config, name) == getattr(config, name) for name in BATCHING
            ):
                return network.batches
        return None

    def clear(self) -> None:
        """Free the memory of all networks."""
        if self._networks:
            self._networks.clear()
            _free_memory()

    def _make_room(self) -> None:
        """Drop the networks that have not been used for longest."""
        before = len(self._networks)
        while self._networks and not self._has_room():
            del self._networks[next(iter(self._networks))]
        if len(self._networks) < before:
            _free_memory()

    def _has_room(self) -> bool:
        size = sum(value.nbytes for _, values in self._networks.values() for value in values)
        return len(self._networks) < MOST_NETWORKS and size < MOST_BYTES


def _key(config: Config, features: Features) -> str:
    """Return a text that is equal for configurations whose sessions can share a network."""
    settings = {**config.to_json(), **dict.fromkeys(UNTRACED)}
    vocabularies = json.dumps(features.vocabularies, sort_keys=True)
    return json.dumps(
        [settings, hashlib.sha256(vocabularies.encode()).hexdigest(), _dtype_policy()],
        sort_keys=True,
    )


def _dtype_policy() -> dict[str, Any]:
    return keras.dtype_policies.serialize(keras.config.dtype_policy())


def _free_memory() -> None:
    policy = keras.config.dtype_policy()  # which `clear_session` resets
    keras.backend.clear_session(free_memory=False)
    keras.config.set_dtype_policy(policy)
    gc.collect()


@contextlib.contextmanager
def released_gradients() -> Iterator[None]:
    """Release the custom gradients that this block traces.

    TensorFlow registers the gradient of each traced `tf.custom_gradient` by a new name, and so
    keeps its graph until the process ends. Graphs that have been traced do not look it up again.
    If several threads are in such a block, the last one to leave it releases all: another one may
    be tracing a graph.
    """
    registered = gradient_registry._registry
    with _blocks_lock:
        if not _blocks:
            _known_gradients.update(registered)
        _blocks.append(None)
    try:
        yield
    finally:
        with _blocks_lock:
            _blocks.pop()
            if not _blocks:
                for name in set(registered) - _known_gradients:
                    if name.startswith("CustomGradient-"):
                        del registered[name]
                _known_gradients.clear()
