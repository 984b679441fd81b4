"""Translation: the attention's equations, the encoder-decoder, what it says, and what it looks at while saying it."""

import base64
import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

import zoo
from tasks.library import tasks
from tasks.text.features import pad_empty
from tasks.text.vocabulary import UNKNOWN
from zoo.cells import cells
from zoo.cli import main
from zoo.decoding.translator import Translator
from zoo.errors import RequestError
from zoo.evaluation.evaluator import Evaluator
from zoo.layers.attention import make_attention
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.saved_models.exporting import serving_module

pytestmark = pytest.mark.usefixtures("unroll_factor_one")

SAMPLE = list(tasks.get("translation").sample)


def network_of(**changes):
    """(configuration, features, an untrained small model with random biases) of the task's sample."""
    config = resolve(zoo.Config(**{"task": "translation", "units": 5, "embedding": 4, **changes}))
    features = tasks.get("translation").features.fit(config, SAMPLE)
    model, random = assembly.network(config, features), np.random.default_rng(1)
    for weight in model.weights:
        if "float" in weight.dtype:
            weight.assign(random.normal(size=weight.shape) * 0.7)
    return config, features, model


def inputs_of(features, examples=SAMPLE):
    return {name: ids.to_tensor() for name, ids in features.examples(examples).inputs.items()}


# Attention


def softmax(scores):
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@pytest.mark.parametrize("kind", ["additive", "dot_product"])
def test_attention_is_what_its_paper_says(kind):
    random = np.random.default_rng(3)
    queries, keys, values = (
        random.normal(size=shape) for shape in ((2, 3, 5), (2, 4, 5), (2, 4, 7))
    )
    mask = np.array([[True] * 4, [True, True, False, False]])
    layer = make_attention(kind)
    layer.build(queries.shape, keys.shape, values.shape)
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    output, weights = (
        each.numpy()
        for each in layer(*(each.astype("float32") for each in (queries, keys, values)), mask)
    )
    named = {weight.name: weight.numpy().astype("float64") for weight in layer.weights}
    for b in range(2):
        count = mask[b].sum()
        for t in range(3):
            h = queries[b, t]
            if kind == "additive":
                scores = [
                    named["score_kernel"][:, 0] @ np.tanh(h @ named["query_kernel"] + key)
                    for key in keys[b, :count]
                ]
            else:
                scores = [h @ key / np.sqrt(5) for key in keys[b, :count]]
            alpha = softmax(np.array(scores))
            np.testing.assert_allclose(weights[b, t], [*alpha, *[0] * (4 - count)], atol=1e-5)
            context = alpha @ values[b, :count]
            expected = h + context @ named["kernel"]
            np.testing.assert_allclose(output[b, t], expected, atol=1e-5)


# The encoder-decoder

WAYS = [
    {},
    {"attention": "dot_product", "bidirectional": False, "layers": 2, "residual": True},
    {"attention": "none", "layers": 2},
    {"attention": "none", "bidirectional": False},
    {"attention": "none", "cell": "gru"},
]


@pytest.mark.parametrize("changes", WAYS, ids=str)
def test_padding_changes_nothing(changes):
    _, features, model = network_of(**changes)
    together = model(inputs_of(features)).numpy()
    for row, example in enumerate(SAMPLE):
        alone = model(inputs_of(features, [example])).numpy()[0]
        np.testing.assert_allclose(together[row, : len(alone)], alone, atol=1e-5)


@pytest.mark.parametrize("changes", WAYS, ids=str)
def test_logits_depend_on_the_source_and_on_no_later_target(changes):
    _, features, model = network_of(**changes)
    inputs = inputs_of(features, SAMPLE[:1])
    before = model(inputs).numpy()
    later = {**inputs, "target": tf.tensor_scatter_nd_update(inputs["target"], [[0, 2]], [5])}
    after = model(later).numpy()
    np.testing.assert_allclose(after[:, :2], before[:, :2], atol=1e-6)
    assert abs(after[:, 2:] - before[:, 2:]).max() > 1e-3
    other = {**inputs, "source": tf.tensor_scatter_nd_update(inputs["source"], [[0, 0]], [5])}
    assert (abs(model(other).numpy() - before).max(-1) > 1e-5).all()


@pytest.mark.parametrize("cell", cells.names())
def test_any_cell_takes_any_part(cell):
    """Teacher forcing at once, and step by step with the state outside, are the same."""
    config, features, model = network_of(cell=cell, layers=2)
    inputs = inputs_of(features, SAMPLE[:2])
    translator = Translator(config, features, model)
    encoded = translator.parts.encode(inputs["source"])
    states, memory = (
        encoded[: translator.states],
        [*encoded[translator.states :], inputs["source"] != 0],
    )
    expected = model(inputs).numpy()
    for t in range(expected.shape[1]):
        outputs, *states = translator.parts.recur([inputs["target"][:, t : t + 1], *states])
        logits, _ = translator.parts.read([outputs, *memory])
        np.testing.assert_allclose(logits[:, 0], expected[:, t], atol=1e-5)


def test_every_weight_gets_a_gradient():
    for changes in (*WAYS, {"dropout": 0.2, "token_dropout": 0.2, "recurrent_dropout": 0.2}):
        _, features, model = network_of(**changes)
        encoded = features.examples(SAMPLE)
        with tf.GradientTape() as tape:
            logits = model(inputs_of(features), training=True)
            loss = model.loss(encoded.targets.to_tensor(), logits)
        gradients = tape.gradient(loss, [weight.value for weight in model.trainable_weights])
        for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
            assert gradient is not None and np.abs(tf.convert_to_tensor(gradient)).max() > 0, (
                weight.path
            )


def test_what_no_translation_has_is_refused():
    for changes, said in (
        ({"attention": "additive"}, "attention=additive"),
        ({"beam": 3}, "beam=3"),
        ({"length_penalty": 0.0}, "length_penalty=0.0"),
    ):
        with pytest.raises(RequestError, match=f"{said}: a pos_tagging has no decoder"):
            resolve(zoo.Config(task="pos_tagging", **changes))
    with pytest.raises(RequestError, match="beam must be a whole number of at least 1"):
        zoo.Config(task="translation", beam=0)


# What is said


@pytest.fixture(scope="module")
def translator(trained):
    run = trained("translation")
    return Translator(run.config, run.features, run.model)


def tokens_of(translator, *texts):
    return pad_empty(translator.features.split(tf.constant(texts)))


def test_it_says_what_its_model_finds_likeliest(translator, trained):
    run, source = trained("translation"), "one two five"
    found = translator.translate(tokens_of(translator, source), 1)
    ids, logs = [2], []
    encoded = run.features.encode(tokens_of(translator, source))["source"].to_tensor()
    while ids[-1] != 3:
        logits = run.model({"source": encoded, "target": tf.constant([ids])})[0, -1].numpy()
        logits[[0, 2]] = -np.inf
        ids.append(int(logits.argmax()))
        logs.append(np.log(softmax(logits).max()))
    said = [run.features.tables["target"].tokens[k - 2] for k in ids[1:-1]]
    assert found.texts.numpy()[0].decode() == " ".join(said) == "cinq deux un"
    assert found.lengths.numpy().tolist() == [3]
    assert found.scores.numpy()[0] == pytest.approx(np.exp(np.mean(logs)), abs=1e-5)


@pytest.mark.parametrize("beam", [1, 3])
def test_a_sentence_is_translated_alike_beside_longer_ones(beam, translator):
    texts = ["two", "", "five four", "one two three four", "six one", " ".join(["one"] * 40)]
    together = translator.translate(tokens_of(translator, *texts), beam)
    for row, text in enumerate(texts):
        alone = translator.translate(tokens_of(translator, text), beam)
        length, sources = int(alone.lengths[0]), tokens_of(translator, text).bounding_shape()[1]
        assert together.texts[row] == alone.texts[0]
        assert together.scores[row].numpy() == pytest.approx(alone.scores[0].numpy(), abs=1e-4)
        np.testing.assert_allclose(
            together.attention[row, :length, :sources], alone.attention[0], atol=1e-4
        )


def test_attention_reads_the_source_and_nothing_else(translator):
    tokens = tokens_of(translator, "one two three", "four", "five one")
    found = translator.translate(tokens, 3)
    for row, (length, sources) in enumerate(
        zip(found.lengths.numpy(), tokens.row_lengths().numpy(), strict=True)
    ):
        weights = found.attention[row].numpy()
        np.testing.assert_allclose(weights[:length, :sources].sum(-1), 1, atol=1e-5)
        assert not weights[:, sources:].any() and not weights[length:].any()


def only_unknown(run):
    """The run's model, made to find the unknown token likeliest and the end next to it."""
    model = run.model
    model.get_layer("head").bias.assign(
        tf.tensor_scatter_nd_add(model.get_layer("head").bias, [[UNKNOWN], [3]], [60.0, 30.0])
    )
    return model


def test_an_unknown_word_is_the_one_looked_at(trained):
    run = trained("translation")
    translator = Translator(run.config, run.features, only_unknown(run))
    found = translator.translate(tokens_of(translator, "one Zanzibar"), 1)
    words, looked_at = found.tokens[0].numpy(), found.attention[0].numpy().argmax(-1)
    assert (
        len(words) == 35
    )  # at the limit, 3 tokens for each of the source's and 30 more, there is but the end to say
    assert [word.decode() for word in words] == [("one", "Zanzibar")[place] for place in looked_at]


def test_without_attention_the_unknown_is_never_said():
    config, features, model = network_of(attention="none")
    model.get_layer("head").bias.assign([0, 60.0, 0, 30.0, *[0] * (features.outputs - 4)])
    found = Translator(config, features, model).translate(
        features.split(tf.constant(["The cat sleeps."])), 1
    )
    assert found.lengths[0] == 0 and found.attention is None


def test_the_texts_that_are_scored_are_the_translations(trained, problem):
    run, (_, corpus) = trained("translation"), problem("translation")
    sums = Evaluator(run.model, run.config, run.features, corpus.splits["test"], final=True).sums()
    serve = serving_module(run).signatures()["serve"]
    expected = serve(text=tf.constant([example["source"] for example in corpus.splits["test"]]))[
        "translation"
    ].numpy()
    assert sums["hypotheses"] == [text.decode() for text in expected]
    assert sums["references"] == [example["target"] for example in corpus.splits["test"]]
    assert {"nats", "count"} <= set(sums)


# From the shell


@pytest.fixture(scope="module")
def asked(trained, problem, tmp_path_factory):
    """A copy of the run whose data are files, so that `zoo evaluate` finds them."""
    run, (_, corpus) = trained("translation"), problem("translation")
    folder = tmp_path_factory.mktemp("asked")
    for split, examples in corpus.splits.items():
        lines = [
            "source\ttarget",
            *(f"{example['source']}\t{example['target']}" for example in examples[:30]),
        ]
        (folder / f"{split}.tsv").write_text("\n".join(lines) + "\n")
    (folder / "run").mkdir()
    for name in ("model.keras", "vocabularies.json"):
        (folder / "run" / name).write_bytes((run.folder / name).read_bytes())
    files = tuple(str(folder / f"{split}.tsv") for split in ("train", "validation", "test"))
    config = dataclasses.replace(run.config, dataset=None, data=files)
    (folder / "run" / "config.json").write_text(json.dumps(config.to_json()))
    return folder


def test_predict_prints_the_translation_and_draws_what_it_looked_at(asked, capsys):
    run, picture = str(asked / "run"), asked / "attention.png"
    assert main(["predict", run, "--text=one two", "--text=five", f"--attention={picture}"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [(said, source) for said, _, source in lines] == [
        ("deux un", "one two"),
        ("cinq", "five"),
    ]
    assert all(0.5 < float(score) <= 1 for _, score, _ in lines)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(["predict", run, "--text=one two", "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert (answer["input"], answer["output"]) == ("one two", "deux un") and 0.5 < answer[
        "scores"
    ] <= 1


def test_evaluate_with_another_beam(asked, capsys):
    told = {}
    for beam in (1, 4):
        assert (
            main(
                ["evaluate", str(asked / "run"), f"--beam={beam}", "--length_penalty=0.5", "--json"]
            )
            == 0
        )
        told[beam] = json.loads(capsys.readouterr().out)["metrics"]
        assert told[beam]["bleu"]["signature"].startswith("nrefs:1|case:mixed")
        assert told[beam]["exact_match"]["value"] > 0.9
    assert told[1]["nats_per_token"] == told[4]["nats_per_token"]
    assert main(["evaluate", str(asked / "run"), "--beam=0"]) == 2
    assert main(["evaluate", str(asked / "run")]) == 0
    assert "\nbleu: nrefs:1" in capsys.readouterr().out


def test_its_card_shows_the_signature_and_the_attention(trained):
    run = trained("translation")
    card = (run.folder / "card.md").read_text()
    assert "![attention](plots/attention.png)" in card and "bleu: `nrefs:1" in card
    assert (run.folder / "plots" / "attention.png").stat().st_size > 5000
    page = (run.folder / "report.html").read_text()
    assert base64.b64encode((run.folder / "plots" / "attention.png").read_bytes()).decode() in page
