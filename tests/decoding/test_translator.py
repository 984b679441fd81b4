"""Translator: greedy and beam search of a trained model, attention, unknown tokens, commands."""

import base64
import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

import zoo
from tasks.library import tasks
from tasks.text.features import pad_empty
from tasks.text.pairs import BEGIN, END
from tasks.text.vocabulary import PADDING, UNKNOWN
from zoo.cli import main
from zoo.decoding.translator import Translator
from zoo.models import assembly
from zoo.models.resolve import resolve


@pytest.fixture(scope="module")
def model(trained):
    return trained("translation").load_model()


@pytest.fixture(scope="module")
def translator(trained, model):
    run = trained("translation")
    return Translator(run.config, run.features, model)


def tokens_of(translator, *texts):
    return pad_empty(translator.features.tokenize(tf.constant(texts)))


def softmax(logits):
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def test_greedy_translation_has_the_most_probable_tokens_of_the_model(translator, model):
    source = tokens_of(translator, "one two five")
    found = translator.translate(source, 1)
    ids, log_probabilities = [BEGIN], []
    encoded = translator.features.encode(source)["source"].to_tensor()
    while ids[-1] != END:
        logits = model({"source": encoded, "target": tf.constant([ids])})[0, -1].numpy()
        logits[[PADDING, BEGIN]] = -np.inf
        ids.append(int(logits.argmax()))
        log_probabilities.append(np.log(softmax(logits).max()))
    expected = [translator.features.tables["target"].tokens[k - 2] for k in ids[1:-1]]
    assert found.texts.numpy()[0].decode() == " ".join(expected) == "cinq deux un"
    assert found.lengths.numpy().tolist() == [3]
    score = np.exp(np.mean(log_probabilities))
    assert found.scores.numpy()[0] == pytest.approx(score, abs=1e-5)


@pytest.mark.parametrize("beam", [1, 3])
def test_translation_does_not_depend_on_the_other_sentences(beam, translator):
    texts = ["two", "", "one two three four", " ".join(["one"] * 40)]
    together = translator.translate(tokens_of(translator, *texts), beam)
    for row, text in enumerate(texts):
        alone = translator.translate(tokens_of(translator, text), beam)
        length, sources = int(alone.lengths[0]), tokens_of(translator, text).bounding_shape()[1]
        assert together.texts[row] == alone.texts[0]
        assert together.scores[row].numpy() == pytest.approx(alone.scores[0].numpy(), abs=1e-4)
        np.testing.assert_allclose(
            together.attention[row, :length, :sources], alone.attention[0], atol=1e-4
        )


def test_attention_weights_of_valid_positions_sum_to_one(translator):
    tokens = tokens_of(translator, "one two three", "four", "five one")
    found = translator.translate(tokens, 3)
    lengths = zip(found.lengths.numpy(), tokens.row_lengths().numpy(), strict=True)
    for row, (target, source) in enumerate(lengths):
        weights = found.attention[row].numpy()
        np.testing.assert_allclose(weights[:target, :source].sum(-1), 1, atol=1e-5)
        assert not weights[:, source:].any() and not weights[target:].any()


@pytest.mark.costly
def test_unknown_token_is_replaced_by_the_source_token_with_most_attention(trained):
    run = trained("translation")
    model = (
        run.load_model()
    )  # a separate copy; its bias favors the unknown token, then the end token
    bias = model.get_layer("head").bias
    bias.assign(tf.tensor_scatter_nd_add(bias, [[UNKNOWN], [END]], [60.0, 30.0]))
    translator = Translator(run.config, run.features, model)
    found = translator.translate(tokens_of(translator, "one Zanzibar"), 1)
    words, attended = found.tokens[0].numpy(), found.attention[0].numpy().argmax(-1)
    assert len(words) == 35  # the limit of 3 * 2 source tokens + 30, without the end token
    assert [word.decode() for word in words] == [("one", "Zanzibar")[k] for k in attended]


def test_unknown_token_is_never_emitted_without_attention():
    task = tasks.get("translation")
    config = resolve(zoo.Config(task="translation", units=5, embedding=4, attention="none"))
    features = task.features.fit(config, task.sample)
    model = assembly.network(config, features)
    bias = np.zeros(features.outputs)
    bias[[UNKNOWN, END]] = 60.0, 30.0
    model.get_layer("head").bias.assign(bias)
    translator = Translator(config, features, model)
    found = translator.translate(tokens_of(translator, "The cat sleeps."), 1)
    assert found.lengths[0] == 0 and found.attention is None


@pytest.fixture(scope="module")
def folder(trained, problem, tmp_path_factory):
    """A copy of the run whose data are files, which `zoo evaluate` can read."""
    run, (_, corpus) = trained("translation"), problem("translation")
    folder = tmp_path_factory.mktemp("translation")
    for split, examples in corpus.splits.items():
        lines = [f"{example['source']}\t{example['target']}" for example in examples[:30]]
        (folder / f"{split}.tsv").write_text("\n".join(["source\ttarget", *lines]) + "\n")
    (folder / "run").mkdir()
    for name in ("model.keras", "vocabularies.json", "metrics.json"):
        (folder / "run" / name).write_bytes((run.folder / name).read_bytes())
    files = tuple(str(folder / f"{split}.tsv") for split in ("train", "validation", "test"))
    config = dataclasses.replace(run.config, dataset=None, data=files)
    (folder / "run" / "config.json").write_text(json.dumps(config.to_json()))
    return folder


def test_predict_prints_translations_and_plots_attention(folder, capsys):
    run, picture = str(folder / "run"), folder / "attention.png"
    assert main(["predict", run, "--text=one two", "--text=five", f"--attention={picture}"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [(output, source) for output, _, source in lines] == [
        ("deux un", "one two"),
        ("cinq", "five"),
    ]
    assert all(0.5 < float(score) <= 1 for _, score, _ in lines)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(["predict", run, "--text=one two", "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert (answer["input"], answer["output"]) == ("one two", "deux un")
    assert 0.5 < answer["scores"] <= 1


@pytest.mark.costly
def test_evaluate_accepts_another_beam_width(folder, capsys):
    run, metrics = str(folder / "run"), {}
    for beam in (1, 4):
        command = ["evaluate", run, f"--beam={beam}", "--length_penalty=0.5", "--json"]
        assert main(command) == 0
        metrics[beam] = json.loads(capsys.readouterr().out)["metrics"]
        assert metrics[beam]["bleu"]["signature"].startswith("nrefs:1|case:mixed")
        assert metrics[beam]["exact_match"]["value"] > 0.9
    assert metrics[1]["nats_per_token"] == metrics[4]["nats_per_token"]
    assert main(["evaluate", run, "--beam=0"]) == 2
    assert main(["evaluate", run]) == 0
    assert "\nbleu: nrefs:1" in capsys.readouterr().out


@pytest.mark.costly
def test_card_and_page_show_signature_and_attention(trained):
    run = trained("translation")
    card = (run.folder / "card.md").read_text()
    assert "![attention](plots/attention.png)" in card and "bleu: `nrefs:1" in card
    picture = (run.folder / "plots" / "attention.png").read_bytes()
    assert len(picture) > 5000
    assert base64.b64encode(picture).decode() in (run.folder / "report.html").read_text()
