"""An export answers as the Keras model does, from strings, anywhere TensorFlow is."""

import errno
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import TASKS

from zoo.errors import RunError
from zoo.saved_models import exporting as exporting
from zoo.saved_models.exporting import SERVING_MODULES, export, serving_module
from zoo.saved_models.predictor import Predictor, predictor

pytestmark = pytest.mark.usefixtures("unroll_factor_one")

WORDS = ("ab", "cd", "Ef", "ghi", "çay", "k", "neverseen", "日本", "🙂")
TEXTS = {
    "pos_tagging": [
        "ab cd Ef",
        "",
        "k",
        "  çay\tghi unseen  日本 ab k k ",
        " ".join(WORDS[k % 7] for k in range(10_000)),
    ],
    "classification": ["it is surely so", "", "NEVER!", "who knows 日本", "so " * 10_000],
    "copy_memory": ["ab.?..", "", "c?.", "Z日c" + "." * 500 + "?..."],
    "delayed_recall": ["Aabc", "", "Z日", "B" + "abc" * 500],
}


@pytest.fixture(scope="session")
def exported(trained, tmp_path_factory):
    """task -> the folder of its export."""
    folder = tmp_path_factory.mktemp("exports")
    for task in TASKS:
        export(trained(task), folder / task)
    return lambda task: folder / task


@pytest.fixture(scope="session")
def loaded(exported):
    """task -> its `serve` signature, and the module that holds the weights."""
    modules = {task: tf.saved_model.load(str(exported(task) / "1")) for task in TASKS}
    return lambda task: modules[task].signatures["serve"]


def softmax(logits):
    powers = np.exp(np.float64(logits) - np.max(logits, -1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def answered(serve, **inputs):
    return {name: value.numpy() for name, value in serve(**inputs).items()}


# Parity with the Keras model


def by_keras(run, text):
    """Probabilities of one text alone, straight from the Keras model."""
    features = run.features
    encoded = features.encode(features.split(tf.constant([text])))
    model = run.model
    ask = tf.function(
        lambda inputs: model(inputs, training=False)
    )  # 10,000 timesteps one by one would take a minute
    return softmax(ask({name: ids.to_tensor() for name, ids in encoded.items()})[0])


@pytest.mark.parametrize("batch", [[0, 3, 1], [2], [3, 4], [1, 0]], ids=str)
def test_tags(batch, loaded, trained):
    run, texts = trained("pos_tagging"), [TEXTS["pos_tagging"][k] for k in batch]
    answer = answered(loaded("pos_tagging"), text=tf.constant(texts))
    tags, longest = (
        run.stored("vocabularies.json")["tags"],
        max(1, *(len(text.split()) for text in texts), 1),
    )
    assert {name: value.shape for name, value in answer.items()} == {
        "words": (len(texts), longest),
        "tags": (len(texts), longest),
        "scores": (len(texts), longest),
        "lengths": (len(texts),),
    }
    for text, words, named, scores, length in zip(
        texts, *(answer[name] for name in ("words", "tags", "scores", "lengths")), strict=True
    ):
        assert [word.decode() for word in words[:length]] == text.split()
        assert set(words[length:]) | set(named[length:]) <= {b""} and not scores[length:].any()
        if text:
            expected = by_keras(run, text)
            assert [tag.decode() for tag in named[:length]] == [
                tags[k] for k in expected.argmax(-1)
            ]
            np.testing.assert_allclose(scores[:length], expected.max(-1), atol=1e-5)


@pytest.mark.parametrize("batch", [[0, 3, 1], [2], [3, 4]], ids=str)
def test_classes(batch, loaded, trained):
    run, texts = trained("classification"), [TEXTS["classification"][k] for k in batch]
    answer = answered(loaded("classification"), text=tf.constant(texts))
    assert answer["labels"].tolist() == [b"no", b"yes"]
    for text, chosen, score, scores in zip(
        texts, answer["class"], answer["score"], answer["scores"], strict=True
    ):
        assert chosen == answer["labels"][scores.argmax()] and score == scores.max()
        if text:
            np.testing.assert_allclose(scores, by_keras(run, text), atol=1e-5)
    assert np.isfinite(answer["scores"]).all()


@pytest.mark.parametrize("lengths", [[5, 2, 9], [1], [30]], ids=str)
def test_numbers(lengths, loaded, trained):
    random = np.random.default_rng(2)
    vectors = random.random(
        (len(lengths), max(lengths), 2), "float32"
    )  # what lies beyond a length is no zero
    answer = answered(loaded("adding"), vectors=tf.constant(vectors), lengths=tf.constant(lengths))
    expected = [
        trained("adding").model(
            {"vectors": sequence[None, :length], "mask": np.ones((1, length), bool)}
        )[0, 0]
        for sequence, length in zip(vectors, lengths, strict=True)
    ]
    np.testing.assert_allclose(answer["number"], expected, atol=1e-5)


# Generation


def generate(serve, texts, length=8, temperature=0.0, seed=0):
    answer = answered(
        serve,
        text=tf.constant(texts),
        length=tf.constant(length),
        seed=tf.constant(seed),
        temperature=tf.constant(temperature),
    )
    return [text.decode() for text in answer["continuation"]], answer["scores"]


def greedy(run, prompt, length):
    """The likeliest tokens and their probabilities, the whole text read again for each of them."""
    tokens = run.stored("vocabularies.json")["tokens"]
    ids, scores = (
        [tokens.index(character) + 2 if character in tokens else 1 for character in prompt],
        [],
    )
    for _ in range(length):
        logits = run.model({"tokens": np.array([ids], "int32")}, training=False)[0, -1].numpy()
        logits[:2] = -np.inf
        ids.append(int(logits.argmax()))
        scores.append(softmax(logits).max())
    return "".join(tokens[k - 2] for k in ids[len(prompt) :]), scores


def test_temperature_zero_is_stepping_by_hand(loaded, trained):
    for prompt in ("a cat s", "ö! a ma", "?"):
        (text,), (scores,) = generate(loaded("language_model"), [prompt], 12)
        expected, probabilities = greedy(trained("language_model"), prompt, 12)
        assert text == expected
        np.testing.assert_allclose(scores, probabilities, atol=1e-5)


def test_prompts_of_different_lengths_are_gone_on_with_as_if_alone(loaded):
    prompts = ["a cat", "a", "ö! a cat sat on a mat."]
    texts, scores = generate(loaded("language_model"), prompts)
    for prompt, text, score in zip(prompts, texts, scores, strict=True):
        (alone,), (alone_scores,) = generate(loaded("language_model"), [prompt])
        assert text == alone and len(text) == 8
        np.testing.assert_allclose(score, alone_scores, atol=1e-5)


def test_the_seed_decides_what_is_drawn(loaded):
    serve = loaded("language_model")
    drawn = [generate(serve, ["a"], 40, 1.5, seed)[0] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert generate(serve, ["a", "a"], 40, 1.5)[0][0] != generate(serve, ["a", "a"], 40, 1.5)[0][1]


def test_the_temperature_flattens_what_is_drawn_from(loaded):
    serve = loaded("language_model")
    assert generate(serve, ["a cat"], 30, 1e-3)[0] == generate(serve, ["a cat"], 30, 0.0)[0]
    spread = [
        len(set(generate(serve, ["a cat"] * 50, 1, temperature)[0])) for temperature in (0.2, 50.0)
    ]
    assert spread[0] < 4 < spread[1]


@pytest.mark.parametrize("prompt", ["", "日本", "a cat"])
def test_no_prompt_and_an_unknown_one_are_gone_on_with(prompt, loaded):
    (text,), scores = generate(loaded("language_model"), [prompt])
    assert len(text) == 8 and np.isfinite(scores).all()


def test_padding_and_the_unknown_are_never_said(trained):
    run = trained("language_model")
    model = run.model
    head = model.get_layer("head")
    head.bias.assign(tf.concat([[30.0, 30.0], head.bias[2:]], 0))  # they would be nearly certain
    serve = SERVING_MODULES["continuation"](run.config, run.features, model).signatures()["serve"]
    for temperature in (0.0, 1.0, 100.0):
        (text,), (scores,) = generate(serve, ["a"], 60, temperature)
        assert len(text) == 60
        assert scores.sum() > 0.1, "the probabilities are those among what can be said"


# Translation


def test_a_translation_is_that_of_the_run_at_any_batch_and_length(exported, trained):
    module, here = (
        tf.saved_model.load(str(exported("translation") / "1")),
        serving_module(trained("translation")),
    )
    for texts in (["one two"], ["five four three two", "one", ""], ["two " * 30, "unseen 日本"]):
        for signature in ("serve", "greedy", "attend"):
            there = answered(module.signatures[signature], text=tf.constant(texts))
            expected = answered(getattr(here, signature), text=tf.constant(texts))
            for name, value in expected.items():
                if value.dtype == object:
                    assert there[name].tolist() == value.tolist()
                else:
                    np.testing.assert_allclose(there[name], value, atol=1e-5)


# Without this project


ALONE = """
import importlib.abc, importlib.machinery, json, sys

class Blocked(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("zoo", "tasks", "registry", "keras"):
            return importlib.machinery.ModuleSpec(name, self, origin="nowhere")  # TensorFlow asks where Keras is

    def create_module(self, spec):
        raise ModuleNotFoundError(f"{spec.name} is blocked")

sys.meta_path.insert(0, Blocked())
import tensorflow as tf

def answer(folder, inputs):
    module = tf.saved_model.load(folder)
    names = {spec.name: spec.dtype for spec in module.signatures["serve"].structured_input_signature[1].values()}
    tensors = {name: tf.constant(value, names[name]) for name, value in inputs.items()}
    both = [module.signatures[signature](**tensors) for signature in ("serve", "serving_default")]
    for name, value in both[0].items():
        assert isinstance(value, tf.Tensor) and bool(tf.reduce_all(value == both[1][name])), name
    return {name: value.numpy().tolist() for name, value in both[0].items()}

asked = json.loads(sys.argv[1])
answers = {task: answer(folder, inputs) for task, (folder, inputs) in asked.items()}
assert not {"zoo", "tasks", "registry", "keras"} & set(sys.modules)
print(json.dumps(answers, default=bytes.decode))
"""


def test_tensorflow_alone_answers_for_all_tasks(exported, loaded, fresh_process, tmp_path):
    inputs = {
        "pos_tagging": {"text": TEXTS["pos_tagging"][:4]},
        "classification": {"text": TEXTS["classification"][:4]},
        "language_model": {"text": ["a cat", "", "ö"], "length": 20, "temperature": 0.7, "seed": 3},
        "translation": {"text": ["one two three", "", "four neverseen"]},
        "adding": {"vectors": [[[0.5, 1], [0.25, 0]], [[0.5, 1], [0.125, 1]]], "lengths": [1, 2]},
        "copy_memory": {"text": TEXTS["copy_memory"]},
        "delayed_recall": {"text": TEXTS["delayed_recall"]},
    }
    asked = {task: (str(exported(task) / "1"), inputs[task]) for task in TASKS}
    answers = json.loads(fresh_process(ALONE, json.dumps(asked), path=(), cwd=tmp_path))
    for task in TASKS:
        dtypes = {
            spec.name: spec.dtype
            for spec in tf.nest.flatten(loaded(task).structured_input_signature)
        }
        here = answered(
            loaded(task),
            **{name: tf.constant(value, dtypes[name]) for name, value in inputs[task].items()},
        )
        assert set(answers[task]) == set(here)
        for name, value in here.items():
            if value.dtype == object:
                assert (
                    json.loads(json.dumps(value.tolist(), default=bytes.decode))
                    == answers[task][name]
                )
            else:
                np.testing.assert_allclose(answers[task][name], value, atol=1e-6)


# The folder


OUTPUTS = {
    "pos_tagging": {"words", "tags", "scores", "lengths"},
    "classification": {"class", "score", "scores", "labels"},
    "language_model": {"continuation", "scores"},
    "adding": {"number"},
    "translation": {"translation", "score"},
}
OUTPUTS |= {"copy_memory": OUTPUTS["pos_tagging"], "delayed_recall": OUTPUTS["classification"]}
FURTHER = {
    "translation": {
        "greedy": OUTPUTS["translation"],
        "attend": {
            *OUTPUTS["translation"],
            "source_tokens",
            "source_lengths",
            "target_tokens",
            "target_lengths",
            "attention",
        },
    }
}
INPUTS = {
    "pos_tagging": {"text"},
    "classification": {"text"},
    "adding": {"vectors", "lengths"},
    "copy_memory": {"text"},
    "delayed_recall": {"text"},
    "translation": {"text"},
    "language_model": {"text", "length", "temperature", "seed"},
}


@pytest.mark.parametrize("task", TASKS)
def test_signatures_are_dense_and_named(task, exported):
    assert sorted(
        path.name for path in (exported(task) / "1").iterdir() if path.suffix == ".pb"
    ) == ["fingerprint.pb", "saved_model.pb"]
    module = tf.saved_model.load(str(exported(task) / "1"))
    assert set(module.signatures) == {"serve", "serving_default", *FURTHER.get(task, {})}
    for name, function in module.signatures.items():
        assert set(function.structured_outputs) == FURTHER.get(task, {}).get(name, OUTPUTS[task])
        assert all(
            isinstance(spec, tf.TensorSpec) for spec in tf.nest.flatten(function.structured_outputs)
        )
        assert {
            spec.name for spec in tf.nest.flatten(function.structured_input_signature)
        } == INPUTS[task]
        operations = {node.op for node in function.graph.as_graph_def().node}
        operations |= {
            node.op
            for each in function.graph.as_graph_def().library.function
            for node in each.node_def
        }
        assert not any("PyFunc" in operation for operation in operations)


def test_an_export_is_replaced_whole_or_not_at_all(trained, tmp_path, monkeypatch):
    run = trained("adding")
    told = export(run, tmp_path / "model")
    assert told["path"] == str(tmp_path / "model" / "1")
    assert {name: set(each["inputs"]) for name, each in told["signatures"].items()} == {
        "serve": INPUTS["adding"]
    }
    assert told["signatures"]["serve"]["outputs"] == ["number"]
    (tmp_path / "model" / "1" / "stray").touch()
    (tmp_path / "model" / "2").mkdir()

    def fail(module, folder, signatures):
        raise OSError(errno.ENOSPC, "no space left")

    with (
        monkeypatch.context() as patch,
        pytest.raises(RunError, match="cannot write .*no space left"),
    ):
        patch.setattr(exporting.tf.saved_model, "save", fail)
        export(run, tmp_path / "model")
    assert (tmp_path / "model" / "1" / "stray").exists() and (
        tmp_path / "model" / "1" / "saved_model.pb"
    ).exists()
    export(run, tmp_path / "model")
    assert not (tmp_path / "model" / "1" / "stray").exists()
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["1", "2"]


def test_what_was_shown_is_said_again_symbol_by_symbol(exported):
    texts = ["ab.?..", "cc.?..", ""]
    answers = predictor(exported("copy_memory")).answers(texts)
    assert ["".join(answer["output"]) for answer in answers] == ["....ab", "....cc", ""]
    assert ["".join(answer["words"]) for answer in answers] == texts
    assert [
        answer["output"]
        for answer in predictor(exported("delayed_recall")).answers(["Cabab", "Acc"])
    ] == ["C", "A"]


def test_a_run_answers_as_its_export_does(trained, exported):
    run, texts = trained("pos_tagging"), ["ab cd", "", "k"]
    served_run = Predictor(module := serving_module(run), module.signatures()["serve"], run.folder)
    by_run, by_export = served_run.answers(texts), predictor(exported("pos_tagging")).answers(texts)
    assert (
        [each["output"] for each in by_run]
        == [each["output"] for each in by_export]
        == [["after_x", "after_x"], [], ["after_x"]]
    )
    assert [each["input"] for each in by_export] == texts
    many = predictor(exported("pos_tagging")).answers(texts * 50)
    assert [each["output"] for each in many] == [each["output"] for each in by_export] * 50


def test_the_model_in_memory_is_as_before(trained):
    keras.backend.clear_session()
    run = trained("adding")
    inputs = {"vectors": np.ones((1, 2, 2), "float32"), "mask": np.ones((1, 2), bool)}
    model = run.model
    before = model(inputs).numpy()
    serving_module(run).signatures()
    np.testing.assert_array_equal(model(inputs), before)
