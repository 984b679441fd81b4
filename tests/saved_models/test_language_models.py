"""Exported language models and translators."""

import numpy as np
import pytest
import tensorflow as tf
from saved_models.exports import assert_same_outputs, call, softmax

from tasks.text.texts import TextTokens
from zoo.config import Config
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.saved_models import language_models, predictor
from zoo.saved_models.exporting import SERVING_MODULES, serving_module


def generate(serve, texts, length=8, temperature=0.0, seed=0):
    outputs = call(
        serve,
        text=tf.constant(texts),
        length=tf.constant(length),
        seed=tf.constant(seed),
        temperature=tf.constant(temperature),
    )
    return [text.decode() for text in outputs["continuation"]], outputs["scores"]


def greedy(run, model, prompt, length):
    """Return the most probable tokens and their probabilities, from the full text at each step."""
    tokens = run.read_json("vocabularies.json")["tokens"]
    ids = [tokens.index(character) + 2 if character in tokens else 1 for character in prompt]
    scores = []
    for _ in range(length):
        logits = model({"tokens": np.array([ids], "int32")}, training=False)[0, -1].numpy()
        logits[:2] = -np.inf
        ids.append(int(logits.argmax()))
        scores.append(softmax(logits).max())
    return "".join(tokens[k - 2] for k in ids[len(prompt) :]), scores


# Language models


def test_temperature_zero_matches_the_model_run_token_by_token(loaded, trained):
    run = trained("language_model")
    model = run.load_model()
    for prompt in ("a cat s", "ö! a ma", "?"):
        (text,), (scores,) = generate(loaded("language_model"), [prompt], 12)
        expected, probabilities = greedy(run, model, prompt, 12)
        assert text == expected
        np.testing.assert_allclose(scores, probabilities, atol=1e-5)


def test_prompts_of_different_lengths_do_not_affect_each_other(loaded):
    prompts = ["a cat", "a", "ö! a cat sat on a mat."]
    texts, scores = generate(loaded("language_model"), prompts)
    for prompt, text, score in zip(prompts, texts, scores, strict=True):
        (alone,), (alone_scores,) = generate(loaded("language_model"), [prompt])
        assert text == alone and len(text) == 8
        np.testing.assert_allclose(score, alone_scores, atol=1e-5)


def test_seed_determines_the_sampled_tokens(loaded):
    serve = loaded("language_model")
    first, again, other = (generate(serve, ["a"], 40, 1.5, seed)[0] for seed in (1, 1, 2))
    assert first == again != other
    twins, _ = generate(serve, ["a", "a"], 40, 1.5)
    assert twins[0] != twins[1]


def test_temperature_flattens_the_distribution(loaded):
    serve = loaded("language_model")
    assert generate(serve, ["a cat"], 30, 1e-3)[0] == generate(serve, ["a cat"], 30, 0.0)[0]
    cold, hot = (
        len(set(generate(serve, ["a cat"] * 50, 1, temperature)[0])) for temperature in (0.2, 50.0)
    )
    assert cold < 4 < hot


@pytest.mark.parametrize("prompt", ["", "日本", "a cat"])
def test_empty_and_unknown_prompts_are_continued(prompt, loaded):
    (text,), scores = generate(loaded("language_model"), [prompt])
    assert len(text) == 8 and np.isfinite(scores).all()


@pytest.mark.parametrize("token", ["char", "word"])
def test_length_zero_gives_an_empty_continuation(token):
    config = resolve(
        Config(task="language_model", cell="mgu", units=2, embedding=2, layers=1, token=token)
    )
    features = TextTokens(config, {"tokens": ["a", "b"]})
    model = assembly.network(config, features)
    serve = SERVING_MODULES["continuation"](config, features, model).signatures()["serve"]
    for prompts in (["a"], ["", "b a b"]):
        texts, scores = generate(serve, prompts, length=0)
        assert texts == [""] * len(prompts) and scores.shape == (len(prompts), 0)
        longer, _ = generate(serve, prompts, length=2)
        assert all(len(text) == (4 if token == "word" else 2) for text in longer)


def test_padding_and_the_unknown_token_are_never_emitted(trained):
    run = trained("language_model")
    model = run.load_model()
    head = model.get_layer("head")
    head.bias.assign(
        tf.concat([[30.0, 30.0], head.bias[2:]], 0)
    )  # makes both nearly certain if allowed
    serve = SERVING_MODULES["continuation"](run.config, run.features, model).signatures()["serve"]
    for temperature in (0.0, 1.0, 100.0):
        (text,), (scores,) = generate(serve, ["a"], 60, temperature)
        assert len(text) == 60
        assert scores.sum() > 0.1, "the probabilities must be those among the allowed tokens"


@pytest.mark.parametrize("token", ["char", "word"])
def test_slices_match_generation_in_one_piece(token, monkeypatch):
    """Compare the tokens with those of `serve`, for texts and lengths that do not fill a slice."""
    config = resolve(
        Config(task="language_model", cell="gru", units=3, embedding=2, layers=2, token=token)
    )
    features = TextTokens(config, {"tokens": ["a", "b", "c", "\n"]})
    module = SERVING_MODULES["continuation"](config, features, assembly.network(config, features))
    monkeypatch.setattr(language_models, "SLICE", 4)
    model = predictor.Predictor(module, module.signatures(), "model")
    prompts = ["a", "", "b a c"]
    for length in (0, 3, 4, 9):
        texts, scores = generate(model.signatures["serve"], prompts, length, 1.0, 7)
        answers = model.generate(prompts, length, 1.0, 7)
        assert [answer["output"] for answer in answers] == texts
        np.testing.assert_array_equal([answer["scores"] for answer in answers], scores)
    assert model.generate([], 3, 1.0, 0) == []


def test_unknown_mark_of_the_training_text_is_generated_only_on_request():
    config = resolve(
        Config(task="language_model", cell="mgu", units=2, embedding=2, layers=1, token="word")
    )
    features = TextTokens(config, {"tokens": ["<unk>", "a"]})
    model = assembly.network(config, features)
    model.get_layer("head").bias.assign([0.0, 0.0, 20.0, 0.0])
    module = SERVING_MODULES["continuation"](config, features, model)
    model = predictor.Predictor(module, module.signatures(), "model")
    (answer,) = model.generate(["a"], 5, 1.0, 0)
    assert answer["output"] == " a a a a a"
    (answer,) = model.generate(["a"], 5, 1.0, 0, unknown=True)
    assert "<unk> <unk> <unk>" in answer["output"]


# Translation


@pytest.mark.costly
def test_exported_translations_match_the_run(loaded_module, trained):
    module, local = loaded_module("translation"), serving_module(trained("translation"))
    for texts in (["one two"], ["five four three two", "one", ""], ["two " * 30, "unseen 日本"]):
        for signature in ("serve", "greedy", "attend"):
            found = call(module.signatures[signature], text=tf.constant(texts))
            expected = call(getattr(local, signature), text=tf.constant(texts))
            assert_same_outputs(found, expected, 1e-5)
