"""Asking a served model: the answers of an export, or of a run as its export would give them."""

import json
import pathlib

import numpy as np
import tensorflow as tf

from zoo.errors import RequestError
from zoo.runs.run import Run
from zoo.saved_models.exporting import VERSION, serving_module

BATCH = 64  # texts in one call: a long list need not fit into memory at once


def predictor(path):
    """The model in a run folder, an export or one version of an export; RequestError if there is none."""
    path = pathlib.Path(path)
    if (path / "config.json").exists():
        module = serving_module(Run.finished(path))
        signatures = module.signatures()
        return Predictor(module, signatures["serve"], path, signatures.get("attend"))
    for folder in (path, path / VERSION):
        if (folder / "saved_model.pb").exists():
            module = tf.saved_model.load(str(folder))
            signatures = dict(module.signatures)
            return Predictor(module, signatures["serve"], path, signatures.get("attend"))
    raise RequestError(
        f"{path} is neither a run folder nor an exported model. Make one with `zoo train` or `zoo export`."
    )


class Predictor:
    """A `serve` signature, asked with Python values. It keeps the module, with which the weights would go.

    attend: the signature that tells what a translation looked at, where there is one.
    """

    def __init__(self, module, serve, path, attend=None):
        self.module, self.serve, self.path, self.attend = module, serve, path, attend
        self.inputs = {
            spec.name: spec for spec in tf.nest.flatten(serve.structured_input_signature)
        }

    def answers(self, texts):
        """An answer {"input", "output", "scores"} for each text: tags, a class, a translation, or a number (from
        JSON vectors)."""
        if "length" in self.inputs:
            raise RequestError(
                f"{self.path} is a language model: it goes on with a prompt. Use `zoo generate`."
            )
        answer = self._numbers if "vectors" in self.inputs else self._texts
        return [
            each
            for start in range(0, len(texts), BATCH)
            for each in answer(texts[start : start + BATCH])
        ]

    def continuations(self, prompts, length, temperature, seed):
        """A continuation {"input", "output", "scores"} of each prompt; scores are the tokens' probabilities."""
        if "length" not in self.inputs:
            raise RequestError(f"{self.path} is no language model. Use `zoo predict`.")
        answer = self.serve(
            text=tf.constant(prompts),
            length=tf.constant(length),
            temperature=tf.constant(temperature, tf.float32),
            seed=tf.constant(seed % 2**31),
        )
        return [
            {"input": prompt, "output": text.decode("utf-8", "replace"), "scores": scores.tolist()}
            for prompt, text, scores in zip(
                prompts, answer["continuation"].numpy(), answer["scores"].numpy(), strict=True
            )
        ]

    def attentions(self, texts):
        """What was looked at while each text was translated: {"source", "target", "weights"}, tokens and the matrix
        (target tokens, source tokens)."""
        if self.attend is None:
            raise RequestError(
                f"{self.path} has no attention to show. Train a translation with --attention=additive "
                "or dot_product."
            )
        answer = {
            name: value.numpy() for name, value in self.attend(text=tf.constant(texts)).items()
        }
        names = ("source_tokens", "target_tokens", "source_lengths", "target_lengths", "attention")
        return [
            {
                "source": [token.decode("utf-8", "replace") for token in source[:sources]],
                "target": [token.decode("utf-8", "replace") for token in target[:targets]],
                "weights": weights[:targets, :sources],
            }
            for source, target, sources, targets, weights in zip(
                *(answer[name] for name in names), strict=True
            )
        ]

    def _texts(self, texts):
        answer = {
            name: value.numpy() for name, value in self.serve(text=tf.constant(texts)).items()
        }
        if "tags" in answer:
            return [
                _tagged(text, *row)
                for text, *row in zip(
                    texts,
                    answer["words"],
                    answer["tags"],
                    answer["scores"],
                    answer["lengths"],
                    strict=True,
                )
            ]
        if "translation" in answer:
            return [
                {"input": text, "output": said.decode("utf-8", "replace"), "scores": float(score)}
                for text, said, score in zip(
                    texts, answer["translation"], answer["score"], strict=True
                )
            ]
        labels = [label.decode() for label in answer["labels"]]
        return [
            {
                "input": text,
                "output": chosen.decode(),
                "scores": dict(zip(labels, row.tolist(), strict=True)),
            }
            for text, chosen, row in zip(texts, answer["class"], answer["scores"], strict=True)
        ]

    def _numbers(self, texts):
        sequences = [_vectors(text, self.inputs["vectors"].shape[-1]) for text in texts]
        lengths = [len(sequence) for sequence in sequences]
        padded = np.zeros((len(texts), max(lengths), sequences[0].shape[1]), "float32")
        for row, sequence in zip(padded, sequences, strict=True):
            row[: len(sequence)] = sequence
        numbers = self.serve(vectors=tf.constant(padded), lengths=tf.constant(lengths))[
            "number"
        ].numpy()
        return [
            {"input": text, "output": float(number), "scores": None}
            for text, number in zip(texts, numbers, strict=True)
        ]


def _tagged(text, words, tags, scores, length):
    return {
        "input": text,
        "words": [word.decode() for word in words[:length]],
        "output": [tag.decode() for tag in tags[:length]],
        "scores": [float(score) for score in scores[:length]],
    }


def _vectors(text, width):
    try:
        sequence = np.array(json.loads(text), "float32")
    except ValueError:
        sequence = None
    if sequence is None or sequence.ndim != 2 or sequence.shape[1] != width or not len(sequence):
        raise RequestError(
            f"--text={text[:60]}: this model reads sequences of {width} numbers a timestep. "
            f"Write JSON such as {[[0.5] * width] * 2}."
        )
    return sequence
