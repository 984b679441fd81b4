"""From a configuration to a compiled `keras.Model`."""

import keras

from tasks.arrangements import ENCODER_DECODER
from tasks.data import sources
from tasks.heads import heads
from tasks.library import tasks
from zoo.errors import RequestError
from zoo.models.builder import ModelBuilder
from zoo.models.encoder_decoder import EncoderDecoder
from zoo.models.resolve import resolve
from zoo.optimizers import Adam


def read_corpus(config):
    """The examples that a resolved configuration names."""
    return sources.read(
        tasks.get(config.task).roles,
        config.dataset,
        config.data,
        config.data_dir,
        config.features or None,
    )


def build(config, vocabulary=None):
    """The compiled model of a configuration.

    vocabulary: a `tasks.text.features.Features`, a dict of token lists by name, or for a task with a single vocabulary its
    tokens. Without it the dataset is prepared and read for its vocabulary; with it no disk is touched.
    """
    config = resolve(config)
    return network(config, as_features(config, vocabulary))


def as_features(config, vocabulary=None, corpus=None):
    """The features of a resolved configuration: given, from vocabularies, or fitted to a corpus."""
    kind = tasks.get(config.task).features
    if isinstance(vocabulary, kind):
        return vocabulary
    if vocabulary is None:
        return kind.fit(config, (corpus or read_corpus(config)).splits["train"])
    if not isinstance(vocabulary, dict):
        if len(kind.names) > 1:
            raise RequestError(
                f"task {config.task!r} has the vocabularies {', '.join(kind.names)}. "
                "Give a dict with the tokens of each."
            )
        vocabulary = {kind.names[0]: vocabulary}
    names = [*kind.names, *(["merges"] if config.token == "subword" else [])]
    missing = [
        name
        for name in names
        if name not in vocabulary and not (name == "characters" and config.characters == "none")
    ]
    if missing:
        raise RequestError(
            f"vocabulary lacks {', '.join(missing)}. Task {config.task!r} needs the tokens of each."
        )
    return kind(config, vocabulary)


def network(config, features):
    """The compiled model for a resolved configuration and its features. Same seed, same first weights."""
    keras.utils.set_random_seed(config.seed)
    wiring = ModelBuilder(config, features)
    if tasks.get(config.task).arrangement is ENCODER_DECODER:
        inputs, outputs = EncoderDecoder(wiring).graph()
    else:
        inputs, outputs, _, _ = wiring.graph()
    return compiled(keras.Model(inputs, outputs, name=config.task), config)


def single_step_model(config, features, model, predicting=True):
    """The network with its state outside: [tokens, *states] to [logits, *new states], on the layers of `model`.

    For tasks whose state is carried, such as language models. predicting: without it, what the head reads in the place
    of the logits.
    """
    inputs, outputs, given, made = ModelBuilder(config, features, model.layers).graph(
        state_outside=True, predicting=predicting
    )
    return keras.Model([*inputs.values(), *given], [outputs, *made], name=config.task + "_step")


def parts(config, features, model):
    """An encoder-decoder's `Parts` on the layers of `model`: what a search for a translation asks, again and again."""
    return EncoderDecoder(ModelBuilder(config, features, model.layers)).parts()


def compiled(model, config):
    """`model`, compiled with the configuration's optimizer and clipping and the head's loss."""
    optimizer = Adam(
        config.learning_rate,
        clipnorm=config.clipnorm,
        global_clipnorm=config.global_clipnorm,
        clipvalue=config.clipvalue,
    )
    # Padded shapes change from batch to batch: XLA would compile each anew.
    model.compile(optimizer, heads.get(config.head).loss(), jit_compile=False)
    return model
