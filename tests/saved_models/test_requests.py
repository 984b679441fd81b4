"""Exports answer empty batches, any Unicode form, odd lengths and several threads."""

import concurrent.futures
import unicodedata

import numpy as np
import pytest
import tensorflow as tf
from saved_models.exports import assert_same_outputs, call

from benchmarks.requests import request

TASKS = ("pos_tagging", "classification", "language_model", "translation", "adding")
THREADS, REQUESTS = 8, 24  # for each task
NO_TEXTS = tf.constant([], tf.string)


@pytest.mark.parametrize("task", TASKS)
def test_empty_batch_has_empty_outputs(task, loaded_module):
    module = loaded_module(task)
    for name, signature in module.signatures.items():
        inputs = {
            spec.name: tf.zeros([size or 0 for size in spec.shape], spec.dtype)
            if spec.dtype != tf.string
            else tf.constant([], tf.string, [0] * len(spec.shape))
            for spec in tf.nest.flatten(signature.structured_input_signature)
        }
        rows = {key: value.shape for key, value in call(signature, **inputs).items()}
        assert rows.pop("labels", (0,)) is not None
        assert all(shape[0] == 0 for shape in rows.values()), (name, rows)
        if task == "pos_tagging":
            assert rows == {"words": (0, 0), "tags": (0, 0), "scores": (0, 0), "lengths": (0,)}
        if name == "attend":
            assert rows["attention"] == (0, 0, 0) and rows["target_tokens"] == (0, 0)


@pytest.mark.parametrize("task", TASKS)
def test_threads_get_the_answers_of_one_thread(task, loaded):
    signature = loaded(task)
    requests = [request(signature, seed) for seed in range(REQUESTS)]
    alone = [call(signature, **inputs) for inputs in requests]
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda inputs: call(signature, **inputs), requests))
    for inputs, found, expected in zip(requests, together, alone, strict=True):
        assert_same_outputs(found, expected, 1e-6)
        rows = len(inputs["vectors" if task == "adding" else "text"])
        assert all(len(value) == rows for name, value in found.items() if name != "labels")
        if task != "adding":
            continue
        assert np.isfinite(found["number"]).all(), "the padding, NaN, reached an output"


@pytest.mark.parametrize("task", ["pos_tagging", "classification", "translation"])
def test_composed_and_decomposed_texts_have_the_same_answer(task, loaded):
    texts = ["çay ab cd", "one Ｃafé 日本 ガ 한", "Ω çay", ""]
    outputs = [
        call(loaded(task), text=tf.constant([unicodedata.normalize(form, text) for text in texts]))
        for form in ("NFC", "NFD")
    ]
    assert_same_outputs(outputs[1], outputs[0], 0.0)
    if task == "pos_tagging":
        assert outputs[1]["words"][0, 0].decode() == "çay"


def test_prompt_of_either_form_has_the_same_continuation(loaded):
    settings = {"length": tf.constant(5), "temperature": tf.constant(0.0), "seed": tf.constant(0)}
    composed, decomposed = (
        call(loaded("language_model"), text=tf.constant([text]), **settings)
        for text in ("a cat\nö! a", "a cat\no\u0308! a")
    )
    assert_same_outputs(decomposed, composed, 0.0)


def test_sentences_of_words_are_tagged_like_texts(loaded_module):
    signatures = loaded_module("pos_tagging").signatures
    words = [["ab", "c\u0327ay"], [], ["k", "unseen", "cd"]]
    padded = [[*sentence, *["?"] * (3 - len(sentence))] for sentence in words]
    found = call(
        signatures["tag_words"],
        words=tf.constant(padded),
        lengths=tf.constant([len(sentence) for sentence in words]),
    )
    texts = tf.constant([" ".join(sentence) for sentence in words])
    assert_same_outputs(found, call(signatures["serve"], text=texts), 1e-6)
    spaced = call(
        signatures["tag_words"], words=tf.constant([["ab cd", ""]]), lengths=tf.constant([2])
    )
    assert spaced["words"].tolist() == [[b"ab cd", b""]] and spaced["lengths"] == [2]


def test_long_text_is_translated_sentence_by_sentence(loaded, trained):
    longest = trained("translation").features.longest_source
    assert 10 < longest < 30
    sentences = ["one two three.", "four five!", "two?", "five four three"]
    long = " \n".join(sentences[:3]) + "\n" + sentences[3]
    unsplit = "one two three four five one two three"
    assert len(long) > longest and len(unsplit) > longest
    outputs = call(loaded("translation"), text=tf.constant([long, "one two", unsplit, *sentences]))
    texts = [text.decode() for text in outputs["translation"]]
    assert texts[0] == " ".join(texts[3:])
    assert outputs["sentences"].tolist() == [4, 1, 1, 1, 1, 1, 1]
    assert outputs["longer_than_training"].tolist() == [False, False, True, *[False] * 4]
    assert 0 < outputs["score"][0] <= 1
