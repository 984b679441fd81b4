"""Assemble a compiled `keras.Model` from a configuration."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from tasks.arrangements import ENCODER_DECODER
from tasks.data import comparison, sources
from tasks.data.sources import Corpus
from tasks.library import tasks
from tasks.text.features import Features
from zoo.config import Config
from zoo.errors import RequestError
from zoo.models.builder import ModelBuilder, head_of
from zoo.models.encoder_decoder import EncoderDecoder, Submodels
from zoo.models.graph import Graph
from zoo.models.resolve import resolve
from zoo.optimizers import KERNELS, Adam

Vocabulary = Features | Mapping[str, Any] | Sequence[str]


def build(config: Config, vocabulary: Vocabulary | None = None) -> keras.Model:
    """Build the compiled model of a configuration.

    Args:
        config: the configuration. Fields that are None take the defaults of the task and the
            dataset (see `zoo.models.resolve`).
        vocabulary: a `tasks.text.features.Features`; a dict of vocabulary name to list of tokens;
            or, for a task with a single vocabulary, a list of tokens. If None, the vocabulary is
            built from the training split, which is prepared and read. Otherwise, nothing is read
            from disk.

    Returns:
        A `keras.Model`, compiled with the optimizer and the clipping of the configuration and the
        loss of the task's head. The same seed gives the same initial weights.

    Raises:
        RegistryError: for an unknown task, head, cell or initializer.
        RequestError: for a configuration that the task does not accept, or if `vocabulary` lacks
            one of the task's vocabularies.

    Example:
        >>> import zoo
        >>> config = zoo.Config(task="pos_tagging", cell="gru", units=16, characters="none")
        >>> vocabulary = {"words": ["the", "cat"], "tags": ["DET", "NOUN"]}
        >>> model = zoo.build(config, vocabulary)
        >>> model.output_shape
        (None, None, 2)
    """
    config = resolve(config)
    return network(config, as_features(config, vocabulary))


def read_corpus(config: Config) -> Corpus:
    """Read the examples that a resolved configuration names.

    Raises:
        RequestError: they cannot be read, or there is nothing to learn from them.
        RunError: the preparation of a dataset failed.
    """
    roles = tasks.get(config.task).roles
    corpus = sources.read(
        roles,
        config.dataset,
        config.data,
        config.data_dir,
        config.features or None,
        config.header,
    )
    comparison.require_learnable(corpus.splits, roles, corpus.name)
    return corpus


def as_features(
    config: Config, vocabulary: Vocabulary | None = None, corpus: Corpus | None = None
) -> Features:
    """Return the features of a resolved configuration.

    Args:
        config: a resolved configuration.
        vocabulary: as in `build`.
        corpus: the examples; if `vocabulary` is None, the features are fitted to their training
            split. Default: `read_corpus(config)`.

    Raises:
        RequestError: if `vocabulary` lacks one of the task's vocabularies.
    """
    features_class = tasks.get(config.task).features
    if isinstance(vocabulary, features_class):
        return vocabulary
    if vocabulary is None:
        return features_class.fit(config, (corpus or read_corpus(config)).splits["train"])
    if not isinstance(vocabulary, dict):
        if len(features_class.names) > 1:
            raise RequestError(
                f"task {config.task!r} has the vocabularies {', '.join(features_class.names)}. "
                "Give a dict of vocabulary name to list of tokens."
            )
        vocabulary = {features_class.names[0]: vocabulary}
    _check_vocabulary(config, vocabulary, features_class.names)
    return features_class(config, vocabulary)


def _check_vocabulary(config: Config, vocabulary: Mapping[str, Any], names: Sequence[str]) -> None:
    needed = {*names} - ({"characters"} if config.characters == "none" else set())
    needed |= {"merges"} if config.token == "subword" else set()
    missing = [name for name in (*names, "merges") if name in needed and name not in vocabulary]
    if missing:
        raise RequestError(
            f"vocabulary lacks {', '.join(missing)}, which task {config.task!r} needs. Add a list "
            "of tokens under each of these names."
        )


def network(config: Config, features: Features) -> keras.Model:
    """Build the compiled model of a resolved configuration and its features.

    The same seed gives the same initial weights.
    """
    keras.utils.set_random_seed(config.seed)
    builder = ModelBuilder(config, features)
    if tasks.get(config.task).arrangement is ENCODER_DECODER:
        graph = EncoderDecoder(builder).graph()
    else:
        graph = builder.graph()
    return compile_model(keras.Model(graph.inputs, graph.outputs, name=config.task), config)


def single_step_model(config: Config, features: Features, model: keras.Model) -> keras.Model:
    """Return a model that takes and returns the recurrent states; it shares the layers of `model`.

    For tasks whose state is carried from batch to batch, such as language models.

    Args:
        config: the resolved configuration of `model`.
        features: the features of `model`.
        model: a model from `network`, or an object that has the `layers` of such a model.

    Returns:
        A model from [tokens (batch, timesteps), *states (batch, units)] to
        [logits (batch, timesteps, tokens), *new states (batch, units)].
    """
    builder = ModelBuilder(config, features, model.layers)
    graph = builder.single_step_graph()
    return _with_states(graph, builder.predictions(graph.outputs), config)


def single_step_model_without_head(
    config: Config, features: Features, model: keras.Model
) -> keras.Model:
    """Return `single_step_model` with the input of the head in place of the logits."""
    graph = ModelBuilder(config, features, model.layers).single_step_graph()
    return _with_states(graph, graph.outputs, config)


def _with_states(graph: Graph, outputs: Any, config: Config) -> keras.Model:
    inputs = [*graph.inputs.values(), *graph.state_inputs]
    return keras.Model(inputs, [outputs, *graph.new_states], name=config.task + "_step")


def submodels(config: Config, features: Features, model: keras.Model) -> Submodels:
    """Return an encoder, a decoder and a readout that share the layers of `model`."""
    return EncoderDecoder(ModelBuilder(config, features, model.layers)).submodels()


def compile_model(model: keras.Model, config: Config) -> keras.Model:
    """Compile `model` with the optimizer, the clipping and the head's loss; return it."""
    optimizer = Adam(
        config.learning_rate,
        clipnorm=config.clipnorm,
        global_clipnorm=config.global_clipnorm,
        clipvalue=config.clipvalue,
        weight_decay=config.weight_decay or None,
        decayed=KERNELS,
    )
    # Padded shapes differ from batch to batch, and XLA would compile each shape separately.
    model.compile(optimizer, head_of(config).loss(), jit_compile=False)
    return model
