"""From a configuration to a compiled `keras.Model`."""

import dataclasses

import keras
from keras import ops

from registry import RegistryError
from tasks import sources
from tasks.datasets import datasets
from tasks.features import AFFIXES
from tasks.heads import heads
from tasks.library import tasks
from zoo.cells import cells
from zoo.errors import RequestError
from zoo.recurrence.layer import Recurrent, make_cell

GENERIC = {"layers": 1, "units": 128, "embedding": 64, "dropout": 0.0, "learning_rate": 2e-3, "batch_size": 32,
           "bptt": 64, "epochs": 10, "token": "word", "vocabulary_size": 20000, "characters": "none",
           "bidirectional": False}


def resolve(config):
    """`config` with nothing left open: filled by what is usual, the task and the dataset, in rising order of weight.

    Raises RequestError for unknown names and for what the task cannot have.
    """
    task = tasks.get(config.task)
    if not config.dataset and not config.data:
        config = dataclasses.replace(config, dataset=task.dataset)
    suggested = {}
    if config.dataset and config.dataset.partition("/")[0] in datasets:
        record, = datasets.records(config.dataset.partition("/")[0])
        suggested = record.facts.get("defaults") or {}
    config = config.filled(GENERIC, task.defaults, {"head": task.head}, suggested)
    _check(config, task)
    return config


def _check(config, task):
    if heads.get(config.head).sequences != task.arrangement.sequences:
        fitting = [name for name in heads.names() if heads.get(name).sequences == task.arrangement.sequences]
        raise RequestError(f"head {config.head!r} does not fit task {config.task!r}, which wants a prediction for every "
                           f"{'timestep' if task.arrangement.sequences else 'sequence'}. Fitting: {', '.join(fitting)}.")
    if task.arrangement.carried and config.bidirectional:
        raise RequestError(f"bidirectional=true: a {config.task} would see the tokens it is to predict. "
                           "Leave bidirectional out.")
    builder = cells.get(config.cell)
    try:
        make_cell(config.cell, config.units, config.cell_args).build((1, 1))
        make_cell(config.cell, 1, _cell_arguments(config)).build((1, 1))
    except (RequestError, RegistryError):
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise RequestError(f"cell {config.cell!r} cannot be built with cell_args={config.cell_args}: {reason} "
                           f"Choices worth trying: {builder.search_space or 'none'}.") from error


def _cell_arguments(config):
    return {"kernel_initializer": config.kernel_initializer, "recurrent_initializer": config.recurrent_initializer,
            "bias_initializer": config.bias_initializer, **config.cell_args}


def read_corpus(config):
    """The examples that a resolved configuration names."""
    return sources.read(tasks.get(config.task).roles, config.dataset, config.data, config.data_dir,
                        config.features or None)


def build(config, vocabulary=None):
    """The compiled model of a configuration.

    vocabulary: a `tasks.features.Features`, a dict of token lists by name, or for a task with a single vocabulary its
    tokens. Without it the dataset is prepared and read for its vocabulary; with it no disk is touched.
    """
    config = resolve(config)
    return network(config, as_features(config, vocabulary))


def as_features(config, vocabulary):
    kind = tasks.get(config.task).features
    if isinstance(vocabulary, kind):
        return vocabulary
    if vocabulary is None:
        return kind.fit(config, read_corpus(config).splits["train"])
    if not isinstance(vocabulary, dict):
        if len(kind.names) > 1:
            raise RequestError(f"task {config.task!r} has the vocabularies {', '.join(kind.names)}. "
                               "Give a dict with the tokens of each.")
        vocabulary = {kind.names[0]: vocabulary}
    missing = [name for name in kind.names if name not in vocabulary and
               not (name == "characters" and config.characters == "none")]
    if missing:
        raise RequestError(f"vocabulary lacks {', '.join(missing)}. Task {config.task!r} needs the tokens of each.")
    return kind(config, vocabulary)


def network(config, features):
    """The compiled model for a resolved configuration and its features. Same seed, same first weights."""
    keras.utils.set_random_seed(config.seed)
    task, head = tasks.get(config.task), heads.get(config.head)
    inputs = {item.name: _input(item) for item in features.inputs}
    mask = _mask(inputs, features.inputs)
    x = _embed(config, features.inputs, inputs, mask)
    x = _stack(config, x, mask, head.sequences, task.arrangement.carried)
    model = keras.Model(inputs, head.apply(x, features.outputs), name=config.task)
    return compiled(model, config)


def compiled(model, config):
    """`model`, compiled with the configuration's optimizer and clipping and the head's loss."""
    optimizer = keras.optimizers.Adam(config.learning_rate, clipnorm=config.clipnorm,
                                      global_clipnorm=config.global_clipnorm, clipvalue=config.clipvalue)
    # Padded shapes change from batch to batch: XLA would compile each anew.
    model.compile(optimizer, heads.get(config.head).loss(), jit_compile=False)
    return model


def _input(item):
    shape = {"token": (None,), "mask": (None,), "vector": (None, item.size)}.get(item.kind, (None, None))
    dtype = {"vector": "float32", "mask": "bool"}.get(item.kind, "int32")
    return keras.Input(shape, dtype=dtype, name=item.name)


def _mask(inputs, items):
    for item in items:
        if item.kind == "mask":
            return inputs[item.name]
    token = next(item for item in items if item.kind == "token")
    return ops.not_equal(inputs[token.name], 0)


def _embed(config, items, inputs, mask):
    """All inputs side by side, as (batch, timesteps, width)."""
    parts = []
    for item in items:
        if item.kind == "token":
            parts.append(keras.layers.Embedding(item.size, config.embedding, name=item.name + "_embedding")(
                inputs[item.name]))
        elif item.kind == "vector":
            parts.append(inputs[item.name])
        elif item.kind in ("characters", "affixes"):
            parts.append(_spelling(config, item, inputs[item.name]))
    x = parts[0] if len(parts) == 1 else keras.layers.Concatenate(name="embedded")(parts)
    return keras.layers.Dropout(config.dropout, name="dropout_0")(x) if config.dropout else x


def _spelling(config, item, ids):
    """What the characters or affixes (batch, timesteps, n) of each word say: (batch, timesteps, width)."""
    if item.kind == "affixes":
        embedded = keras.layers.Embedding(item.size, 32, name="affix_embedding")(ids)
        return ops.concatenate([embedded[:, :, k] for k in range(AFFIXES)], axis=-1)
    shown = ops.not_equal(ids, 0)
    present = ops.expand_dims(ops.cast(shown, "float32"), -1)
    embedded = keras.layers.Embedding(item.size, 32, name="character_embedding")(ids)
    if config.characters == "recurrent":
        return _read_characters(config, embedded, shown)
    # Padding is zeroed before and after, so that a word reads the same beside longer words.
    convolved = keras.layers.Conv2D(96, (1, 3), padding="same", activation="relu", name="character_convolution")(
        embedded * present)
    return ops.max(convolved * present, axis=2)


def _read_characters(config, embedded, shown):
    """A recurrence over each word's characters, both ways: words become rows of one large batch."""
    width, batch = embedded.shape[-1], ops.shape(embedded)
    flat = ops.reshape(embedded, (-1, batch[2], width))
    read = keras.layers.Bidirectional(Recurrent(config.cell, 48, name="character_recurrence", **_cell_arguments(config)),
                                      name="characters_both_ways")(flat, mask=ops.reshape(shown, (-1, batch[2])))
    return ops.reshape(read, (batch[0], batch[1], 96))


def _stack(config, x, mask, sequences, carried):
    """The recurrent layers over (batch, timesteps, width); the last one gives its last output unless `sequences`.

    carried: the layers return their states too, for `stepper`.
    """
    for number in range(config.layers):
        every = sequences or number < config.layers - 1
        layer = Recurrent(config.cell, config.units, return_sequences=every, name=f"recurrent_{number}",
                          return_state=carried, recurrent_dropout=config.recurrent_dropout, **_cell_arguments(config))
        if config.bidirectional:
            layer = keras.layers.Bidirectional(layer, name=f"recurrent_{number}")
        y = layer(x, mask=mask)
        y = y[0] if carried else y
        x = x + y if config.residual and x.shape == y.shape else y
        x = keras.layers.Dropout(config.dropout, name=f"dropout_{number + 1}")(x) if config.dropout else x
    return x


def stepper(model):
    """The same layers with the state outside: [inputs, *states] to [predictions, *new states].

    model: of a task whose state is carried (its recurrent layers return their states). The weights are shared.
    """
    given, made = [], []

    def call(layer, *arguments, **keywords):
        if not isinstance(layer, Recurrent):
            return layer(*arguments, **keywords)
        states = [keras.Input((layer.cell.units,), name=f"{layer.name}_{name}") for name in layer.cell.state_names]
        output, *new = layer(*arguments, initial_state=states, **keywords)
        given.extend(states)
        made.extend(new)
        return [output, *new]

    again = keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)
    return keras.Model([*again.inputs, *given], [again.output, *made], name=model.name + "_step")
