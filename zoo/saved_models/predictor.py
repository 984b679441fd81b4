"""Predictions of an exported model, or of a run as its export would compute them."""

import os
import pathlib
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from zoo.errors import RequestError
from zoo.runs.run import Run
from zoo.saved_models import versions
from zoo.saved_models.exporting import SERVING_MODULES, serving_module
from zoo.saved_models.serving import Answer
from zoo.saved_models.text_generation import ContinuationModule, TranslationModule

BATCH = 64  # texts per call of the model: a long list need not fit into memory at once


def predictor(path: str | os.PathLike[str]) -> "Predictor":
    """Load a model for prediction.

    Args:
        path: a run folder, the folder of an export, or the folder of one of its versions.

    Returns:
        The predictor.

    Raises:
        RequestError: if `path` is none of these.

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
        module = serving_module(Run.finished(path))
        signatures = module.signatures()
        return Predictor(module, signatures["serve"], path, signatures.get("attend"))
    for folder in (path, versions.newest(path) if path.is_dir() else None):
        if folder and (folder / "saved_model.pb").is_file():
            module = tf.saved_model.load(str(folder))
            signatures = dict(module.signatures)
            return Predictor(module, signatures["serve"], path, signatures.get("attend"))
    raise RequestError(
        f"{path} is neither a run folder nor an exported model. "
        "Create one with `zoo train` or `zoo export`."
    )


class Predictor:
    """A model that takes and returns Python values. Create one with `zoo.predictor`.

    Args:
        module: the module that owns the signatures and their weights.
        serve: the signature `serve`.
        path: path of the model, for error messages.
        attend: the signature `attend`, which only translation models with attention have.
    """

    def __init__(
        self, module: Any, serve: Any, path: str | os.PathLike[str], attend: Any = None
    ) -> None:
        self.module, self.serve, self.path, self.attend = module, serve, path, attend
        self._input_specs = {
            spec.name: spec for spec in tf.nest.flatten(serve.structured_input_signature)
        }
        # A loaded SavedModel has no Python class; one of its outputs identifies the serving module.
        self._kind = next(
            kind for kind in SERVING_MODULES.values() if kind.output in serve.structured_outputs
        )

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
        if self._kind is ContinuationModule:
            raise RequestError(
                f"{self.path} is a language model, which continues a prompt. Use `zoo generate`."
            )
        answers = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            answers += self._answers(batch, **self._kind.inputs(batch, self._input_specs))
        return answers

    def generate(
        self, prompts: Sequence[str], length: int, temperature: float, seed: int
    ) -> list[Answer]:
        """Continue each prompt with a language model.

        Args:
            prompts: the texts to continue.
            length: number of tokens to generate; 0: empty outputs.
            temperature: divisor of the logits before sampling; 1: the model's distribution, 0: the
                most probable token.
            seed: seed of the sampling.

        Returns:
            One answer {"input", "output", "scores"} per prompt; scores are the probabilities of
            the tokens.

        Raises:
            RequestError: if the model is not a language model.
        """
        if self._kind is not ContinuationModule:
            raise RequestError(f"{self.path} is not a language model. Use `zoo predict`.")
        return self._answers(
            prompts,
            text=tf.constant(prompts),
            length=tf.constant(length),
            temperature=tf.constant(temperature, tf.float32),
            seed=tf.constant(seed % 2**31),
        )

    def attention(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Translate each text and return the attention weights.

        Args:
            texts: the texts to translate.

        Returns:
            One {"source", "target", "weights"} per text: the tokens, and an array
            (target tokens, source tokens).

        Raises:
            RequestError: if the model has no attention.
        """
        if self.attend is None:
            raise RequestError(
                f"{self.path} has no attention. Train a translation model with "
                "--attention=additive or dot_product."
            )
        outputs = self.attend(text=tf.constant(texts))
        return TranslationModule.attention(_to_numpy(outputs))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table of an answer; empty if an answer is a single line."""
        return self._kind.columns

    def display(self, answer: Answer) -> list[tuple[str, ...]]:
        """Return the table rows, under `columns`, of an answer of `predict`."""
        return self._kind.display(answer)

    def _answers(self, texts: Sequence[str], **inputs: Any) -> list[Answer]:
        return self._kind.answers(texts, _to_numpy(self.serve(**inputs)))


def _to_numpy(outputs: Any) -> dict[str, Any]:
    return {name: value.numpy() for name, value in outputs.items()}
