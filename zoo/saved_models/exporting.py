"""Exports: SavedModels that take strings and give strings, and need nothing but TensorFlow."""

import contextlib
import pathlib
import shutil

import tensorflow as tf

from tasks.heads import heads
from tasks.library import tasks
from tasks.text.features import pad_empty
from zoo.decoding.translator import Translator
from zoo.errors import RequestError
from zoo.models import assembly
from zoo.runs import files

VERSION = "1"  # the layout of TF Serving: NAME/VERSION/saved_model.pb
STRINGS = tf.TensorSpec((None,), tf.string)


def export(run, path=None):
    """Writes a finished run's SavedModel to `path`/1 (by default inside the run's folder); replaces an older one.

    Returns {"path", "signatures": {name: {"inputs", "outputs"}}}.
    """
    target = pathlib.Path(path or run.folder / "export") / VERSION
    module = serving_module(run)
    signatures = module.signatures()
    with files.replacing_folder(target) as folder:
        shutil.rmtree(folder)
        with _quiet():
            tf.saved_model.save(
                module, str(folder), {**signatures, "serving_default": signatures["serve"]}
            )
    return {
        "path": str(target),
        "signatures": {
            name: {
                "inputs": [
                    spec.name for spec in tf.nest.flatten(function.structured_input_signature)
                ],
                "outputs": sorted(function.structured_outputs),
            }
            for name, function in signatures.items()
        },
    }


def serving_module(run):
    """The module that answers as the export does, for a run in memory."""
    config, features, model = run.config, run.features, run.model
    decoding = tasks.get(config.task).decoding
    if decoding not in SERVING_MODULES:
        raise RequestError(
            f"task {config.task!r} decodes by {decoding!r}, which no export knows. "
            f"There are: {', '.join(SERVING_MODULES)}."
        )
    return SERVING_MODULES[decoding](config, features, model)


class ServingModule(tf.Module):
    """What an export holds: vocabularies, weights, and functions from plain tensors to plain tensors."""

    def __init__(self, config, features, model):
        super().__init__()
        self.features, self.probabilities = features, heads.get(config.head).probabilities
        self.weights = [variable.value for variable in model.variables]
        # Behind a function, or TensorFlow would save the Keras objects too.
        self._predict = lambda inputs: model(inputs, training=False)

    def predict(self, encoded):
        inputs = {
            name: values.to_tensor() if isinstance(values, tf.RaggedTensor) else values
            for name, values in encoded.items()
        }
        return self.probabilities(self._predict(inputs))

    def signatures(self):
        """Signature name -> concrete function."""
        return {"serve": self.serve.get_concrete_function()}


class Tags(ServingModule):
    """Sentences to words and tags."""

    @tf.function(input_signature=[STRINGS])
    def serve(self, text):
        """text (batch,), words apart by white space. Returns words, tags (batch, words) padded with "", scores (the
        probability of each tag) and lengths (batch,)."""
        words = self.features.split(text)
        lengths = tf.cast(words.row_lengths(), tf.int32)
        probabilities = self.predict(self.features.encode(pad_empty(words)))
        mask = tf.sequence_mask(lengths, tf.shape(probabilities)[1])
        tags = self.features.tables["tags"].texts(
            tf.argmax(probabilities, -1, output_type=tf.int32)
        )
        return {
            "words": tf.where(mask, pad_empty(words).to_tensor(), ""),
            "tags": tf.where(mask, tags, ""),
            "lengths": lengths,
            "scores": tf.where(mask, tf.reduce_max(probabilities, -1), 0.0),
        }


class Classes(ServingModule):
    """Texts to classes."""

    @tf.function(input_signature=[STRINGS])
    def serve(self, text):
        """text (batch,). Returns class (batch,), score (batch,), and scores (batch, classes) in the order of labels."""
        tokens = pad_empty(self.features.split(text))
        probabilities = self.predict(self.features.encode(tokens))
        labels = self.features.tables["labels"]
        return {
            "class": labels.texts(tf.argmax(probabilities, -1, output_type=tf.int32)),
            "score": tf.reduce_max(probabilities, -1),
            "scores": probabilities,
            "labels": tf.constant(labels.tokens),
        }


class Numbers(ServingModule):
    """Sequences of vectors to numbers."""

    def signatures(self):
        width = self.features.width
        return {
            "serve": self.serve.get_concrete_function(
                tf.TensorSpec((None, None, width), tf.float32, "vectors"),
                tf.TensorSpec((None,), tf.int32, "lengths"),
            )
        }

    @tf.function
    def serve(self, vectors, lengths):
        """vectors (batch, timesteps, width), lengths (batch,). Returns number (batch,)."""
        mask = tf.sequence_mask(lengths, tf.shape(vectors)[1])
        return {"number": self.predict({"vectors": vectors, "mask": mask})[:, 0]}


class Continuation(ServingModule):
    """Prompts to their continuations, token by token, the loop inside the graph."""

    def __init__(self, config, features, model):
        super().__init__(config, features, model)
        step = assembly.single_step_model(config, features, model)
        self._step = lambda ids, states: step([ids, *states], training=False)
        self._state_widths = [tensor.shape[-1] for tensor in step.inputs[1:]]

    def signatures(self):
        return {
            "serve": self.serve.get_concrete_function(
                tf.TensorSpec((None,), tf.string, "text"),
                tf.TensorSpec((), tf.int32, "length"),
                tf.TensorSpec((), tf.float32, "temperature"),
                tf.TensorSpec((), tf.int32, "seed"),
            )
        }

    @tf.function
    def serve(self, text, length, temperature, seed):
        """text (batch,): prompts. length: tokens to add. temperature: 0 takes the likeliest token, 1 draws from the
        model's own distribution. seed of the drawing. Returns continuation (batch,), without the prompt, and scores
        (batch, length), the probability of each token."""
        logits, states = self._read(
            self.features.encode(pad_empty(self.features.split(text)))["tokens"]
        )
        batch = tf.shape(text)[0]

        def body(t, logits, states, ids, scores):
            probabilities = self.probabilities(_known(logits))
            token = _draw(_known(logits), temperature, tf.stack([seed, t]))
            score = tf.gather(probabilities, token, batch_dims=1)
            logits, *states = self._step(token[:, None], states)
            return t + 1, logits[:, 0], states, ids.write(t, token), scores.write(t, score)

        *_, ids, scores = tf.while_loop(
            lambda t, *_: t < length,
            body,
            (
                0,
                logits,
                states,
                tf.TensorArray(tf.int32, length, element_shape=(None,)),
                tf.TensorArray(tf.float32, length, element_shape=(None,)),
            ),
            maximum_iterations=length,
        )
        ids = tf.ensure_shape(tf.transpose(tf.reshape(ids.stack(), (length, batch))), (None, None))
        texts = self.features.join(self.features.tables["tokens"].texts(ids))
        if self.features.config.token == "word":
            texts = tf.strings.join([" ", texts])
        return {
            "continuation": texts,
            "scores": tf.transpose(tf.reshape(scores.stack(), (length, batch))),
        }

    def _read(self, tokens):
        """The logits after each prompt (batch, tokens), and the states: prompts may differ in length."""
        lengths, ids = tokens.row_lengths(), tokens.to_tensor()
        states = [tf.zeros((tf.shape(ids)[0], width)) for width in self._state_widths]
        logits, *states = self._step(ids, states)
        return tf.gather(logits, lengths - 1, batch_dims=1), states


class Translations(ServingModule):
    """Texts to texts in another language."""

    def __init__(self, config, features, model):
        super().__init__(config, features, model)
        self._translator, self._beam = Translator(config, features, model), config.beam

    def signatures(self):
        attending = {"attend": self.attend} if self._translator.attends else {}
        return {
            name: function.get_concrete_function()
            for name, function in {"serve": self.serve, "greedy": self.greedy, **attending}.items()
        }

    def _translated(self, text, beam):
        tokens = pad_empty(self.features.split(text))
        return tokens, self._translator.translate(tokens, beam)

    @tf.function(input_signature=[STRINGS])
    def serve(self, text):
        """text (batch,). Returns translation (batch,) and score (batch,): the geometric mean of the probabilities of the
        translation's tokens."""
        _, found = self._translated(text, self._beam)
        return {"translation": found.texts, "score": found.scores}

    @tf.function(input_signature=[STRINGS])
    def greedy(self, text):
        """The same by greedy search, which is quicker."""
        _, found = self._translated(text, 1)
        return {"translation": found.texts, "score": found.scores}

    @tf.function(input_signature=[STRINGS])
    def attend(self, text):
        """As serve, with source_tokens (batch, source) and target_tokens (batch, target), padded with "", their
        source_lengths and target_lengths (batch,), and the attention (batch, target, source), each row's sum 1."""
        tokens, found = self._translated(text, self._beam)
        return {
            "translation": found.texts,
            "score": found.scores,
            "source_tokens": tokens.to_tensor(),
            "source_lengths": tf.cast(tokens.row_lengths(), tf.int32),
            "target_tokens": found.tokens,
            "target_lengths": found.lengths,
            "attention": found.attention,
        }


def _known(logits):
    """Padding and the unknown token are never said."""
    return tf.concat([tf.fill([tf.shape(logits)[0], 2], logits.dtype.min), logits[:, 2:]], 1)


def _draw(logits, temperature, seed):
    drawn = tf.random.stateless_categorical(
        logits / tf.maximum(temperature, 1e-6), 1, seed, dtype=tf.int32
    )[:, 0]
    return tf.where(temperature > 0, drawn, tf.argmax(logits, -1, output_type=tf.int32))


@contextlib.contextmanager
def _quiet():
    """TensorFlow announces on stderr where it writes."""
    level = tf.get_logger().level
    tf.get_logger().setLevel("ERROR")
    try:
        yield
    finally:
        tf.get_logger().setLevel(level)


SERVING_MODULES = {
    "tags": Tags,
    "classes": Classes,
    "numbers": Numbers,
    "continuation": Continuation,
    "translation": Translations,
}
