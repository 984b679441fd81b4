"""From a configuration to a compiled `keras.Model`."""

import keras
from keras import ops

from registry import RegistryError
from tasks import difficulty, sources
from tasks.arrangements import ENCODER_DECODER
from tasks.datasets import datasets
from tasks.features import AFFIXES
from tasks.heads import heads
from tasks.library import tasks
from zoo.cells import cells
from zoo.encoder_decoder import EncoderDecoder
from zoo.errors import RequestError
from zoo.optimizer import Adam
from zoo.recurrence.layer import PerWord, Recurrent, make_cell

GENERIC = {"layers": 1, "units": 128, "embedding": 64, "dropout": 0.0, "token_dropout": 0.0, "learning_rate": 2e-3,
           "batch_size": 32, "bptt": 64, "epochs": 10, "token": "word", "vocabulary_size": 20000, "characters": "none",
           "bidirectional": False}
TRANSLATING = {"attention": "dot_product", "beam": 5, "length_penalty": 0.6}  # usual for an encoder-decoder
CARRIED = {"sampled_softmax": 0}  # usual for a text without end
SPELLING = 32  # width of a character's or an affix's embedding


def resolve(config):
    """`config` with nothing left open: filled by what is usual, the task and the dataset, in rising order of weight.

    Raises RequestError for unknown names and for what the task cannot have.
    """
    task = tasks.get(config.task)
    config = difficulty.explicit(config, task)
    suggested = {}
    if config.dataset and config.dataset.partition("/")[0] in datasets:
        record, = datasets.records(config.dataset.partition("/")[0])
        suggested = record.facts.get("defaults") or {}
    _check_apart(config, task)
    own = TRANSLATING if task.arrangement is ENCODER_DECODER else CARRIED if task.arrangement.carried else {}
    config = config.filled({**GENERIC, **own}, task.defaults, {"head": task.head}, suggested)
    _check(config, task)
    return config


def _check(config, task):
    if heads.get(config.head).sequences != task.arrangement.sequences:
        fitting = [name for name in heads.names() if heads.get(name).sequences == task.arrangement.sequences]
        raise RequestError(f"head {config.head!r} does not fit task {config.task!r}, which wants a prediction for every "
                           f"{'timestep' if task.arrangement.sequences else 'sequence'}. Fitting: {', '.join(fitting)}.")
    if config.token not in task.features.tokens:
        raise RequestError(f"token={config.token!r}: task {config.task!r} reads {', '.join(task.features.tokens)}. Leave "
                           f"token out{_taking(config.token)}.")
    if task.arrangement.carried and config.bidirectional:
        raise RequestError(f"bidirectional=true: a {config.task} would see the tokens it is to predict. "
                           "Leave bidirectional out.")
    builder = cells.get(config.cell)
    try:
        make_cell(config.cell, config.units, config.cell_args).build((1, 1))
        cell = Recurrent(config.cell, 1, **_regularization(config), **_cell_arguments(config)).cell
        cell.build((1, 1))
        cell.call(ops.zeros((1, 1)), cell.get_initial_state(1))  # an activation is looked up in the step
    except (RequestError, RegistryError):
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise RequestError(f"cell {config.cell!r} cannot be built with cell_args={config.cell_args}: {reason}. "
                           f"Choices worth trying: {builder.search_space or 'none'}.") from error


def _check_apart(config, task):
    """Fields that belong to one arrangement are not given with another."""
    for fields, fits, why, instead in (
            (TRANSLATING, task.arrangement is ENCODER_DECODER, "has no decoder that writes another sequence", "translation"),
            (CARRIED, task.arrangement.carried, "does not predict the next word", "language_model")):
        given = [name for name in fields if getattr(config, name) is not None]
        if given and not fits:
            raise RequestError(f"{given[0]}={getattr(config, given[0])}: a {config.task} {why}, so it has no {given[0]}. "
                               f"Leave it out, or take --task={instead}.")


def _taking(token):
    taking = [name for name in tasks.names() if token in tasks.get(name).features.tokens]
    return f", or take one of the tasks {', '.join(taking)}" if taking else ""


def _cell_arguments(config):
    return {"kernel_initializer": config.kernel_initializer, "recurrent_initializer": config.recurrent_initializer,
            "bias_initializer": config.bias_initializer, **config.cell_args}


def _regularization(config):
    return {name: getattr(config, name) for name in (
        "recurrent_dropout", "zoneout", "variational_dropout", "weight_drop")}


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


def as_features(config, vocabulary=None, corpus=None):
    """The features of a resolved configuration: given, from vocabularies, or fitted to a corpus."""
    kind = tasks.get(config.task).features
    if isinstance(vocabulary, kind):
        return vocabulary
    if vocabulary is None:
        return kind.fit(config, (corpus or read_corpus(config)).splits["train"])
    if not isinstance(vocabulary, dict):
        if len(kind.names) > 1:
            raise RequestError(f"task {config.task!r} has the vocabularies {', '.join(kind.names)}. "
                               "Give a dict with the tokens of each.")
        vocabulary = {kind.names[0]: vocabulary}
    names = [*kind.names, *(["merges"] if config.token == "subword" else [])]
    missing = [name for name in names if name not in vocabulary and
               not (name == "characters" and config.characters == "none")]
    if missing:
        raise RequestError(f"vocabulary lacks {', '.join(missing)}. Task {config.task!r} needs the tokens of each.")
    return kind(config, vocabulary)


def network(config, features):
    """The compiled model for a resolved configuration and its features. Same seed, same first weights."""
    keras.utils.set_random_seed(config.seed)
    wiring = _Wiring(config, features)
    if tasks.get(config.task).arrangement is ENCODER_DECODER:
        inputs, outputs = EncoderDecoder(wiring).graph()
    else:
        inputs, outputs, _, _ = wiring.graph()
    return compiled(keras.Model(inputs, outputs, name=config.task), config)


def stepper(config, features, model, predicting=True):
    """The network with its state outside: [tokens, *states] to [logits, *new states], on the layers of `model`.

    For tasks whose state is carried, such as language models. predicting: without it, what the head reads in the place
    of the logits.
    """
    inputs, outputs, given, made = _Wiring(config, features, model.layers).graph(state_outside=True, predicting=predicting)
    return keras.Model([*inputs.values(), *given], [outputs, *made], name=config.task + "_step")


def parts(config, features, model):
    """An encoder-decoder's `Parts` on the layers of `model`: what a search for a translation asks, again and again."""
    return EncoderDecoder(_Wiring(config, features, model.layers)).parts()


def compiled(model, config):
    """`model`, compiled with the configuration's optimizer and clipping and the head's loss."""
    optimizer = Adam(config.learning_rate, clipnorm=config.clipnorm, global_clipnorm=config.global_clipnorm,
                     clipvalue=config.clipvalue)
    # Padded shapes change from batch to batch: XLA would compile each anew.
    model.compile(optimizer, heads.get(config.head).loss(), jit_compile=False)
    return model


def _mask(inputs, items):
    for item in items:
        if item.kind == "mask":
            return inputs[item.name]
    token = next(item for item in items if item.kind == "token")
    return ops.not_equal(inputs[token.name], 0)


class _Wiring:
    """One graph through the layers of a network: made anew, or taken by name from a model that has them."""

    def __init__(self, config, features, layers=()):
        self.config, self.features = config, features
        self.task, self.head = tasks.get(config.task), heads.get(config.head)
        self.layers = {layer.name: layer for layer in layers}

    def graph(self, state_outside=False, predicting=True):
        """Inputs by name, predictions, the states' inputs and their new values (both empty unless `state_outside`).

        predicting: without it, what the head would read is there in the place of predictions.
        """
        inputs, given = {item.name: self.input(item) for item in self.features.inputs}, []
        outside = {}
        if state_outside:
            outside["start"] = lambda _, layer: self.state_inputs(layer, given)
            if self.config.learned_initial_state:
                outside["started"] = keras.Input((1,), name="started")
        x, made = self.stack(self._embedded(inputs), _mask(inputs, self.features.inputs),
                             bidirectional=self.config.bidirectional, sequences=self.head.sequences,
                             stateful=self.task.arrangement.carried, **outside)
        made = [state for states in made for state in states]
        if "started" in outside:
            # One more state that begins with zeros, as all do outside: rows of zeros start from what was learned.
            given, made = [*given, outside["started"]], [*made, ops.ones_like(outside["started"])]
        return inputs, self.predictions(x) if predicting else x, given, made

    def input(self, item):
        shape = {"token": (None,), "mask": (None,), "vector": (None, item.size)}.get(item.kind, (None, None))
        dtype = {"vector": "float32", "mask": "bool"}.get(item.kind, "int32")
        return keras.Input(shape, dtype=dtype, name=item.name)

    def predictions(self, x):
        return self.layer("head", lambda: self.head.layer(self.features.outputs))(x)

    def layer(self, name, make):
        """The layer of this name, made if there is none yet."""
        if name not in self.layers:
            self.layers[name] = make()
            self.layers[name].name = name
        return self.layers[name]

    def dropped(self, x, name):
        rate = self.config.dropout
        return self.layer(name, lambda: keras.layers.Dropout(rate))(x) if rate else x

    def normalized(self, x, name):
        return x if self.config.normalization == "none" else self.layer(name, keras.layers.LayerNormalization)(x)

    def stack(self, x, mask=None, prefix="", bidirectional=False, sequences=True, stateful=False, start=None, started=None):
        """The recurrent layers over x (batch, timesteps, width): the output, and each layer's final states.

        sequences: whether the last layer puts out all timesteps. stateful: whether there are final states to tell.
        start: (number, layer) -> the states that the layer begins with; zeros, or what it learned, without it. started
        (batch, 1): rows of zeros begin with what was learned all the same.
        """
        x, final = self.dropped(x, prefix + "dropout_0"), []
        for number in range(self.config.layers):
            layer = self._recurrence(prefix + f"recurrent_{number}", bidirectional, return_state=stateful,
                                     return_sequences=sequences or number < self.config.layers - 1,
                                     learned_initial_state=self.config.learned_initial_state and start is None)
            more = {} if started is None else {"started": started}
            y = layer(x, mask=mask, initial_state=start(number, layer) if start else None, **more)
            if stateful:
                y, *states = y
                final.append(states)
            y = self.normalized(y, prefix + f"normalization_{number}")
            x = x + y if self.config.residual and x.shape == y.shape else y
            x = self.dropped(x, prefix + f"dropout_{number + 1}")
        return x, final

    def _recurrence(self, name, bidirectional, **keywords):
        def make():
            layer = self._recurrent(self.config.units, **_regularization(self.config), **keywords)
            return keras.layers.Bidirectional(layer) if bidirectional else layer

        return self.layer(name, make)

    def state_inputs(self, layer, given):
        """Inputs for the states of a recurrent layer, added to the list `given`."""
        states = [keras.Input((layer.cell.units,), name=f"{layer.name}_{state}") for state in layer.cell.state_names]
        given += states
        return states

    def _recurrent(self, units, **keywords):
        return Recurrent(self.config.cell, units, **keywords, **_cell_arguments(self.config))

    def _embedded(self, inputs):
        """All inputs side by side, as (batch, timesteps, width)."""
        parts = []
        for item in self.features.inputs:
            if item.kind == "token":
                parts.append(self.tokens(item, inputs[item.name]))
            elif item.kind == "vector":
                parts.append(inputs[item.name])
            elif item.kind == "affixes":
                looked_up = self._lookup(item, SPELLING)(inputs[item.name])
                parts.append(ops.concatenate([looked_up[:, :, k] for k in range(AFFIXES)], axis=-1))
            elif item.kind == "characters":
                parts.append(self._spelling(item, inputs[item.name]))
        return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=-1)

    def tokens(self, item, ids):
        """Embedded tokens; in training some are dropped whole, so that a word's spelling and neighbours have to do."""
        embedded, rate = self._lookup(item, self.config.embedding)(ids), self.config.token_dropout
        if not rate:
            return embedded
        return self.layer("token_dropout", lambda: keras.layers.Dropout(rate, noise_shape=(None, None, 1)))(embedded)

    def _lookup(self, item, width):
        return self.layer(f"{item.name}_embedding", lambda: keras.layers.Embedding(item.size, width))

    def _spelling(self, item, ids):
        """What the characters (batch, timesteps, n) of each word say: (batch, timesteps, width)."""
        shown = ops.not_equal(ids, 0)
        embedded = self._lookup(item, SPELLING)(ids)
        if self.config.characters == "recurrent":
            return self._read_characters(embedded, shown)
        # Padding is zeroed before and after, so that a word reads the same beside longer words.
        present = ops.expand_dims(ops.cast(shown, embedded.dtype), -1)
        convolve = self.layer("character_convolution", lambda: keras.layers.Conv2D(
            3 * SPELLING, (1, 3), padding="same", activation="relu"))
        return ops.max(convolve(embedded * present) * present, axis=2)

    def _read_characters(self, embedded, shown):
        """A recurrence over each word's characters, both ways."""
        layer = self.layer("character_recurrence", lambda: PerWord(
            keras.layers.Bidirectional(self._recurrent(3 * SPELLING // 2))))
        return layer(embedded, mask=shown)
