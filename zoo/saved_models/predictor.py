"""Predictions of an exported model, or of a run as its export would compute them."""

import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from tasks.data.cleaning import valid_text
from zoo.errors import RequestError, RunError, is_out_of_memory
from zoo.runs.run import Run
from zoo.saved_models import versions
from zoo.saved_models.exporting import SERVING_MODULES, serving_module
from zoo.saved_models.language_models import ContinuationModule
from zoo.saved_models.serving import Answer, ServingModule, TaggingModule
from zoo.saved_models.translation import TranslationModule

BATCH = 64  # texts per call of the model: a long list need not fit into memory at once


def predictor(path: str | os.PathLike[str]) -> "Predictor":
    """Load a model for prediction.

    Args:
        path: a run folder, the folder of an export, or the folder of one of its versions.

    Returns:
        The predictor.

    Raises:
        RequestError: if `path` is none of these, or a SavedModel of another program.
        RunError: if the files of the export are damaged.

    Example:
        >>> import tempfile, zoo
        >>> texts = [{"text": "fine", "label": "good"}, {"text": "dull", "label": "bad"}]
        >>> corpus = zoo.Corpus("two", {"train": texts, "validation": texts, "test": texts}, {})
        >>> config = zoo.Config(task="classification", cell="mgu", units=2, epochs=1)
        >>> folder = tempfile.mkdtemp()
        >>> result = zoo.train(config, folder, corpus)
        >>> (answer,) = zoo.predictor(folder).predict(["fine"])
        >>> answer["input"], sorted(answer["scores"])
        ('fine', ['bad', 'good'])
    """
    path = pathlib.Path(path)
    if (path / "config.json").exists():
        run = Run.finished(path)
        module = serving_module(run)
        return Predictor(module, module.signatures(), path)
    return _exported(path)


def _exported(path: pathlib.Path) -> "Predictor":
    folder = versions.model_folder(path)
    for each in folder.rglob("*"):  # TensorFlow would wait for a pipe
        if not (each.is_file() or each.is_dir()):
            raise RunError(f"{each} is not a regular file. Export the run again with `zoo export`.")
    try:
        module = tf.saved_model.load(str(folder))
    except Exception as error:  # TensorFlow raises many kinds for damaged files
        if is_out_of_memory(error):
            raise
        raise RunError(
            f"{folder} cannot be loaded: its files are damaged or incomplete. Export the run again "
            "with `zoo export`."
        ) from error
    return Predictor(module, dict(module.signatures), path)


class Predictor:
    """A model that takes and returns Python values. Create one with `zoo.predictor`.

    Args:
        module: the module that owns the signatures and their weights.
        signatures: dict of signature name to function.
        path: path of the model, for error messages.

    Raises:
        RequestError: if the signatures are not those of an export of this program.
    """

    def __init__(
        self,
        module: Any,
        signatures: Mapping[str, Any],
        path: str | os.PathLike[str],
    ) -> None:
        self.module, self.signatures, self.path = module, signatures, path
        self._kind = _kind_of(signatures, path)
        self._input_specs = _input_specs(signatures["serve"])

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Predict tags, a class, a translation or a number for each text.

        Args:
            texts: the inputs. For a model on vectors, each text is a JSON list of vectors.

        Returns:
            One answer {"input", "output", "scores"} per text. Taggers also give "words".

        Raises:
            RequestError: for a language model, or if a text is not a list of vectors where the
                model needs one.
        """
        self._reject_language_model()
        answers = []
        for start in range(0, len(texts), BATCH):
            batch = [valid_text(text) for text in texts[start : start + BATCH]]
            inputs = self._kind.inputs(batch, self._input_specs)
            answers += self._kind.answers(batch, _to_numpy(self.signatures["serve"](**inputs)))
        return answers

    def predict_words(self, sentences: Sequence[Sequence[str]]) -> list[Answer]:
        """Predict the tags of sentences that are split into words, which may contain spaces.

        Args:
            sentences: the words of each sentence.

        Returns:
            One answer {"input", "words", "output", "scores"} per sentence.

        Raises:
            RequestError: if the model is not a tagger, or is an export of version 0.1.
        """
        if self._kind is not TaggingModule:
            raise RequestError(
                f"{self.path} does not tag words, so it cannot predict for a file of words. "
                "Give texts, or a run of a tagging task."
            )
        if "tag_words" not in self.signatures:
            raise _lacks(self.path, "tag_words")
        answers = []
        for start in range(0, len(sentences), BATCH):
            batch = [list(map(valid_text, words)) for words in sentences[start : start + BATCH]]
            outputs = self.signatures["tag_words"](**TaggingModule.word_inputs(batch))
            answers += TaggingModule.answers(
                [" ".join(words) for words in batch], _to_numpy(outputs)
            )
        return answers

    def _reject_language_model(self) -> None:
        if self._kind is ContinuationModule:
            raise RequestError(
                f"{self.path} is a language model, which continues a prompt. Use `zoo generate`."
            )

    def generate(
        self,
        prompts: Sequence[str],
        length: int,
        temperature: float,
        seed: int,
        unknown: bool = False,
    ) -> list[Answer]:
        """Continue each prompt with a language model.

        The tokens are generated in slices, so that a signal can end the generation.

        Args:
            prompts: the texts to continue.
            length: number of tokens to generate; 0: empty outputs.
            temperature: divisor of the logits before sampling; 1: the model's distribution, 0: the
                most probable token.
            seed: seed of the sampling.
            unknown: whether a token for unknown words that the training text holds, such as
                "<unk>", may be generated.

        Returns:
            One answer {"input", "output", "scores"} per prompt; scores are the probabilities of
            the tokens.

        Raises:
            RequestError: if the model is not a language model, or is too old for `unknown`.
        """
        if self._kind is not ContinuationModule:
            raise RequestError(f"{self.path} is not a language model. Use `zoo predict`.")
        prompts = [valid_text(prompt) for prompt in prompts]
        if not prompts:
            return []
        if "generate" not in self.signatures and unknown:
            raise _lacks(self.path, "generate")
        outputs = ContinuationModule.run(
            self.signatures, prompts, length, temperature, seed, unknown
        )
        return self._kind.answers(prompts, _to_numpy(outputs))

    def attention(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Translate each text and return the attention weights.

        Args:
            texts: the texts to translate.

        Returns:
            One {"source", "target", "weights", "copied"} per text: the tokens, an array
            (target tokens, source tokens), and whether each target token is a copied source token.

        Raises:
            RequestError: if the model has no attention.
        """
        if "attend" not in self.signatures:
            raise RequestError(
                f"{self.path} has no attention. Train a translation model with "
                "--attention=additive or dot_product."
            )
        outputs = self.signatures["attend"](text=tf.constant([valid_text(text) for text in texts]))
        return TranslationModule.attention(_to_numpy(outputs))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table of an answer; empty if an answer is a single line."""
        return self._kind.columns

    def display(self, answer: Answer) -> list[tuple[str, ...]]:
        """Return the table rows, under `columns`, of an answer of `predict`."""
        return self._kind.display(answer)


def _lacks(path: str | os.PathLike[str], signature: str) -> RequestError:
    return RequestError(
        f"{path} is an export without the signature {signature!r}. Export the run again with "
        "`zoo export`."
    )


def _kind_of(signatures: Mapping[str, Any], path: str | os.PathLike[str]) -> type[ServingModule]:
    """Return the class of an export's serving module, identified by an output of `serve`."""
    serve = signatures.get("serve")
    if serve is not None:
        inputs, outputs = set(_input_specs(serve)), serve.structured_outputs
        for kind in SERVING_MODULES.values():
            if inputs == set(kind.input_names) and kind.output in outputs:
                return kind
    raise RequestError(
        f"{path} is a SavedModel of another program: it has the signatures "
        f"{', '.join(sorted(map(str, signatures))) or 'none'}, not those of `zoo export`. "
        "Name a run folder or one of its exports."
    )


def _input_specs(serve: Any) -> dict[str, Any]:
    return {spec.name: spec for spec in tf.nest.flatten(serve.structured_input_signature)}


def _to_numpy(outputs: Any) -> dict[str, Any]:
    return {name: value.numpy() for name, value in outputs.items()}
