"""Training: it learns, goes on after a kill as if nothing had been, keeps to its time, and clips as it was told."""

import csv
import dataclasses
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from tasks.library import tasks
from zoo.cells import cells
from zoo.layers import recurrent
from zoo.errors import RunError
from zoo.evaluation import evaluator
from zoo.evaluation.evaluator import Evaluator
from zoo.models import assembly
from zoo.models.resolve import resolve
from zoo.runs.progress import ConsoleProgress, NullProgress
from zoo.runs.run import Run
from zoo.training.session import Session
from zoo.training.truncated_bptt import (
    TruncatedBPTTModel,
    FusedSoftmaxModel,
    SampledSoftmaxModel,
    is_softmax,
    log_uniform,
)

pytestmark = pytest.mark.usefixtures("unroll_factor_one")

CHANCE = {
    "pos_tagging": "accuracy",
    "classification": "accuracy",
    "language_model": "nats_per_token",
    "adding": "mean_squared_error",
    "copy_memory": "nats_per_token",
    "delayed_recall": "accuracy",
    "translation": "exact_match",
}
WORDS = {"words": ["cat", "sat"], "characters": list("acst"), "tags": ["N", "V"]}


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


class KilledAt(NullProgress):
    """Kills training at a batch of an epoch (counted from 0 in this process), or after an epoch."""

    def __init__(self, epoch, batch=None):
        self.left, self.at, self.seen = epoch, batch, 0

    def batch(self, loss):
        if self.left == 0 and self.seen == self.at:
            raise Killed
        self.seen += 1

    def epoch(self, record, improved):
        self.left, self.seen = self.left - 1, 0
        if self.left == 0 and self.at is None:
            raise Killed


def small(problem, task, count=40, **changes):
    """The problem of `task`, cut to a few examples."""
    config, corpus = problem(task)
    splits = {
        split: [{"text": examples[0]["text"][:600]}]
        if task == "language_model"
        else examples[:count]
        for split, examples in corpus.splits.items()
    }
    return dataclasses.replace(config, **{"units": 6, "epochs": 3, **changes}), dataclasses.replace(
        corpus, splits=splits
    )


def session_of(config, folder, corpus, progress=None, **arguments):
    config = resolve(config)
    return Session(
        config, Run.of(folder, config), corpus, None, progress or NullProgress(), **arguments
    )


def assembled(config, folder, corpus):
    """What a session trains."""
    session = session_of(config, folder, corpus)
    session.prepare()
    return session.trainee


# Learning


@pytest.mark.parametrize(
    ("task", "reached"),
    [
        ("pos_tagging", lambda value, baseline: value > 0.95 and baseline < 0.7),
        ("classification", lambda value, baseline: value > 0.95 and baseline < 0.6),
        ("language_model", lambda value, baseline: value < baseline / 5 and baseline > 1.5),
        ("adding", lambda value, baseline: value < baseline / 5 and 0.1 < baseline < 0.25),
        (
            "copy_memory",
            lambda value, baseline: (
                value < baseline / 5 and baseline == pytest.approx(np.log(3) / 3)
            ),
        ),
        (
            "delayed_recall",
            lambda value, baseline: value > 0.95 and baseline == pytest.approx(1 / 3),
        ),
        ("translation", lambda value, baseline: value > 0.95 and baseline == 0),
    ],
)
def test_it_learns_far_beyond_the_trivial_baseline(task, reached, trained):
    score = trained(task).result["metrics"][CHANCE[task]]
    assert reached(score["value"], score["baseline"]), score


def test_the_score_is_that_of_the_saved_model_on_test(trained, problem):
    run, (_, corpus) = trained("pos_tagging"), problem("pos_tagging")
    assert run.result["metrics"] == evaluator.evaluate(run.model, run.config, run.features, corpus)
    best = max(run.history, key=lambda record: record["validation_accuracy"])
    assert run.result["validation"]["scores"] == {"accuracy": best["validation_accuracy"]}


# Going on


@pytest.mark.parametrize(
    "task", ["pos_tagging", "language_model", pytest.param("translation", marks=pytest.mark.full)]
)
def test_three_kills_change_nothing(task, problem, tmp_path, monkeypatch):
    drawn = {"sampled_softmax": 6} if task == "language_model" else {}
    config, corpus = small(
        problem,
        task,
        dropout=0.3,
        recurrent_dropout=0.3,
        schedule="cosine",
        characters="none",
        **drawn,
    )
    whole = zoo.train(config, tmp_path / "whole", corpus)
    with pytest.raises(Killed):  # after the first epoch
        zoo.train(config, tmp_path / "killed", corpus, progress=KilledAt(epoch=1))
    with pytest.raises(Killed):  # in the middle of the second
        zoo.train(config, tmp_path / "killed", corpus, progress=KilledAt(epoch=0, batch=1))
    with (
        monkeypatch.context() as patch,
        pytest.raises(Killed),
    ):  # between the second's model.keras and its checkpoint
        patch.setattr(
            Run, "save_model", lambda run, model: (run.folder / "model.keras").write_bytes(b"half")
        )
        patch.setattr(Run, "save_checkpoint", die)
        zoo.train(config, tmp_path / "killed", corpus)
    assert Run(tmp_path / "killed").progress["epoch"] == 1
    killed = zoo.train(config, tmp_path / "killed", corpus)
    assert {**killed, "seconds": 0} == {**whole, "seconds": 0}
    same_run(tmp_path / "whole", tmp_path / "killed")


def die(*_):
    raise Killed


def same_run(one, other):
    """Two run folders have the same history, model, and state to go on from, bit for bit."""
    assert (one / "history.csv").read_bytes() == (other / "history.csv").read_bytes()
    for a, b in zip(zoo.load(one).get_weights(), zoo.load(other).get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with np.load(one / "checkpoint.npz") as a, np.load(other / "checkpoint.npz") as b:
        assert set(a.files) == set(b.files)
        for name in set(a.files) - {"progress"}:
            np.testing.assert_array_equal(a[name], b[name])


def test_a_finished_run_is_not_trained_again(problem, trained, monkeypatch):
    run, (config, corpus) = trained("pos_tagging"), problem("pos_tagging")
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")}
    monkeypatch.setattr(Session, "_one_epoch", lambda *_: pytest.fail("it trained"))
    assert zoo.train(config, run.folder, corpus) == run.result
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")} == before


def test_a_kill_before_the_test_score_costs_no_epoch(problem, tmp_path, monkeypatch):
    config, corpus = small(problem, "adding", epochs=1)
    session_of(config, tmp_path / "run", corpus).train()
    monkeypatch.setattr(Session, "_one_epoch", lambda *_: pytest.fail("it trained"))
    assert zoo.train(config, tmp_path / "run", corpus)["metrics"]["mean_squared_error"]["value"] > 0


def test_the_seed_decides(problem, tmp_path):
    config, corpus = small(problem, "adding", epochs=1)
    losses = {}
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        session = session_of(dataclasses.replace(config, seed=seed), tmp_path / name, corpus)
        session.train()
        losses[name] = session.history[0]["loss"]
    assert losses["one"] == losses["again"] != losses["two"]


def test_a_run_can_be_moved(trained, problem, tmp_path):
    old, (config, corpus) = trained("classification"), problem("classification")
    run = Run(shutil.copytree(old.folder, tmp_path / "there"))
    for a, b in zip(old.model.get_weights(), run.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert zoo.train(config, run.folder, corpus) == run.result == old.result
    assert evaluator.evaluate(run.model, run.config, run.features, corpus) == old.result["metrics"]
    for path in run.folder.iterdir():
        if path.suffix in (".json", ".csv", ".md"):
            assert str(old.folder) not in path.read_text(encoding="utf-8")


# Time


def steps(session):
    return int(session.trainee.optimizer.iterations)


def test_the_time_limit_stops_within_an_epoch(problem, tmp_path, clock):
    config, corpus = small(problem, "adding", count=400, max_minutes=1.0, epochs=5)
    clock(10)
    session = session_of(config, tmp_path / "run", corpus)
    session.train()
    assert len(session.batches) == 20 and 5 <= steps(session) <= 8
    assert len(session.history) == 1 and session.seconds >= 60
    assert session.run.model is not None


def test_the_time_limit_counts_what_was_spent_before_a_kill(problem, tmp_path, clock):
    config, corpus = small(problem, "adding", max_minutes=1.0, epochs=50)
    clock(4)
    whole = session_of(config, tmp_path / "whole", corpus)
    whole.train()
    assert 3 < len(whole.history) < 10
    with pytest.raises(Killed):
        session_of(config, tmp_path / "killed", corpus, KilledAt(epoch=2)).train()
    rest = session_of(config, tmp_path / "killed", corpus)
    rest.train()
    assert rest.history == whole.history and rest.seconds == whole.seconds


def test_the_time_limit_counts_an_epoch_that_a_kill_cut_short(problem, tmp_path, clock):
    config, corpus = small(problem, "adding", count=400, max_minutes=1.0, epochs=5)
    clock(10)
    with pytest.raises(Killed):
        session_of(config, tmp_path / "run", corpus, KilledAt(epoch=0, batch=4)).train()
    rest = session_of(config, tmp_path / "run", corpus)
    rest.train()
    assert 1 <= steps(rest) <= 4 and rest.seconds >= 60


# Failing, and choosing


def test_a_loss_that_is_no_number_is_told(problem, tmp_path):
    config, corpus = small(problem, "adding")
    corpus.splits["train"] = [
        {**example, "target": float("nan")} for example in corpus.splits["train"]
    ]
    with pytest.raises(
        RunError, match=r"the loss became nan at batch 1\. Clip .*global_clipnorm.*learning_rate"
    ):
        zoo.train(config, tmp_path / "run", corpus)
    assert not (tmp_path / "run" / "model.keras").exists()


def test_a_validation_score_that_is_no_number_is_told(problem, tmp_path):
    config, corpus = small(problem, "adding")
    corpus.splits["validation"] = [
        {**example, "target": float("nan")} for example in corpus.splits["validation"]
    ]
    with pytest.raises(RunError, match=r"validation mean_squared_error is nan\. Clip "):
        zoo.train(config, tmp_path / "run", corpus)


@pytest.mark.parametrize(
    ("task", "scores", "best"),
    [("classification", (0.2, 0.9, 0.4, 0.9), 2), ("adding", (0.5, 0.3, float("nan"), 0.1), 4)],
)
def test_the_model_is_that_of_the_best_epoch(task, scores, best, problem, tmp_path, monkeypatch):
    config, corpus = small(problem, task, epochs=4)
    session, weights = session_of(config, tmp_path / "run", corpus), []

    def told(evaluator):
        weights.append(session.model.get_weights())
        return {session.metric.name: scores[len(weights) - 1]}

    monkeypatch.setattr(Evaluator, "scores", told)
    session.train()
    assert session.best == {"epoch": best, "scores": {session.metric.name: scores[best - 1]}}
    for kept, then in zip(session.run.model.get_weights(), weights[best - 1], strict=True):
        np.testing.assert_array_equal(kept, then)
    with open(tmp_path / "run" / "history.csv", encoding="utf-8") as file:
        assert [
            float(row[f"validation_{session.metric.name}"]) for row in csv.DictReader(file)
        ] == pytest.approx(scores, nan_ok=True)


def test_the_learning_rate_falls_by_a_half_cosine_or_not_at_all(problem, tmp_path):
    config, corpus = small(problem, "adding", count=20, learning_rate=0.01, schedule="cosine")
    session = session_of(config, tmp_path / "run", corpus)
    session.train()
    rates = [record["learning_rate"] for record in session.history]
    assert rates == pytest.approx([0.01, 0.00755, 0.00265])


def test_one_graph_serves_batches_of_all_lengths(problem, tmp_path, monkeypatch):
    config, corpus = small(problem, "pos_tagging", batch_size=4)
    session, scan, made = session_of(config, tmp_path / "run", corpus), recurrent.scan, []
    session.prepare()
    monkeypatch.setattr(
        recurrent, "scan", lambda *given, **named: made.append(given) or scan(*given, **named)
    )
    session.train_epoch()
    assert len({batch[1].shape[1] for batch in session.batches.epoch(0)}) > 3
    assert len(made) == 2  # forwards and backwards, once each


# Truncated BPTT


@pytest.fixture(scope="module")
def writer():
    """A language model, its step, and a trainee of two rows that carries the state."""
    config = resolve(
        zoo.Config(task="language_model", cell="lstm", units=5, embedding=3, dropout=0.0)
    )
    features = assembly.as_features(config, list("abcdef"))
    model = assembly.network(config, features)
    step = assembly.single_step_model(config, features, model)
    return model, step, TruncatedBPTTModel(step, 2)


def test_windows_with_carried_state_are_the_whole(writer):
    model, step, trainee = writer
    ids = np.random.default_rng(3).integers(2, 8, (2, 12)).astype("int32")
    whole = model({"tokens": ids})
    trainee.reset_state()
    parts = [trainee({"tokens": ids[:, start : start + 4]}) for start in (0, 4, 8)]
    np.testing.assert_allclose(np.concatenate(parts, 1), whole, atol=1e-5)
    trainee.reset_state()
    apart = trainee({"tokens": ids[:, 4:8]})
    assert np.abs(apart - parts[1]).max() > 1e-4
    states = [np.zeros((2, 5), "float32")] * 2
    logits, *states = step([ids, *states])
    np.testing.assert_allclose(logits, whole, atol=1e-5)


def test_the_sampled_softmax_is_the_whole_one_on_the_average(problem, tmp_path):
    """Over many draws of most of the words its gradient is that of all words, and its draws follow from the step."""
    config, corpus = small(problem, "language_model", sampled_softmax=6, dropout=0.0, bptt=3)
    trainee = assembled(config, tmp_path / "sampled", corpus)
    assert isinstance(trainee, SampledSoftmaxModel)
    whole = assembled(dataclasses.replace(config, sampled_softmax=0), tmp_path / "whole", corpus)
    assert isinstance(whole, FusedSoftmaxModel)
    inputs = {"tokens": np.array([[2, 3, 4]] * 4, "int32")}
    targets = np.array([[3, 4, 2]] * 4, "int32")

    def head_gradient(model):
        @tf.function
        def gradient():
            model.reset_state()
            with tf.GradientTape() as tape:
                loss = model.compute_loss(inputs, targets, model(inputs, training=True))
            return tape.gradient(loss, model.head.kernel.value)

        return gradient

    sampled, drawn = head_gradient(trainee), []
    for step in range(200):
        trainee.optimizer.iterations.assign(step)
        drawn.append(sampled().numpy())
    assert np.abs(drawn[0] - drawn[1]).max() > 1e-3
    trainee.optimizer.iterations.assign(0)
    np.testing.assert_array_equal(sampled(), drawn[0])
    expected = head_gradient(whole)().numpy()
    assert np.linalg.norm(np.mean(drawn, 0) - expected) < 0.2 * np.linalg.norm(expected)


def test_head_and_loss_are_one_where_they_are_a_softmax_and_its_cross_entropy_and_nothing_else():
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert is_softmax(keras.layers.Dense(4), loss)
    own = type("Own", (keras.layers.Dense,), {})
    for head in (
        keras.layers.Dense(4, activation="relu"),
        keras.layers.Dense(4, use_bias=False),
        keras.layers.ReLU(),
        own(4),
    ):
        assert not is_softmax(head, loss)
    for other in (
        keras.losses.MeanSquaredError(),
        keras.losses.SparseCategoricalCrossentropy(),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
    ):
        assert not is_softmax(keras.layers.Dense(4), other)


@pytest.mark.parametrize("drawn", [0, 6])
def test_what_a_layer_adds_to_the_loss_counts(drawn, problem, tmp_path):
    config, corpus = small(problem, "language_model", sampled_softmax=drawn, dropout=0.0, bptt=3)
    trainee, ids = assembled(config, tmp_path / "run", corpus), np.array([[2, 3, 4]] * 4, "int32")
    states = trainee({"tokens": ids})
    before = trainee.compute_loss(None, ids, states)
    trainee.head.kernel.regularizer = keras.regularizers.L2(0.5)
    added = 0.5 * np.sum(np.square(trainee.head.kernel))
    np.testing.assert_allclose(trainee.compute_loss(None, ids, states) - before, added, rtol=1e-4)


def test_a_softmax_that_dominates_says_so_once(problem, tmp_path, capsys):
    config, corpus = small(problem, "language_model", epochs=1)
    says = "of a step's work. --sampled_softmax=1000"
    for drawn, label, told in ((0, "", True), (6, "", False), (0, "trial 1/2 ", False)):
        run = tmp_path / f"{drawn}{label}"
        session_of(
            dataclasses.replace(config, units=1, sampled_softmax=drawn),
            run,
            corpus,
            ConsoleProgress(label),
        ).train()
        assert (says in capsys.readouterr().err) == told
    session_of(
        dataclasses.replace(config, units=40), tmp_path / "wide", corpus, ConsoleProgress()
    ).train()
    assert says not in capsys.readouterr().err


def test_words_are_drawn_by_their_rank():
    ids = log_uniform(200_000, 50, (3, 4)).numpy()
    chances = np.log((np.arange(50) + 2) / (np.arange(50) + 1)) / np.log(51)
    np.testing.assert_allclose(np.bincount(ids, minlength=50) / len(ids), chances, atol=3e-3)


def test_the_gradient_ends_at_the_window(writer):
    _, _, trainee = writer
    trainee.reset_state()
    embedding = trainee.single_step_model.get_layer("tokens_embedding").embeddings
    with tf.GradientTape() as tape:
        trainee({"tokens": np.array([[2, 3], [3, 2]], "int32")}, training=True)
        loss = tf.reduce_sum(
            trainee({"tokens": np.array([[6, 7], [7, 6]], "int32")}, training=True) ** 2
        )
    gradient = np.abs(tf.convert_to_tensor(tape.gradient(loss, embedding.value)))
    assert gradient[6:8].min() > 0 and gradient[2:4].max() == 0


def test_training_carries_the_state_from_window_to_window_and_forgets_it_between_epochs(
    problem, tmp_path
):
    config, corpus = small(problem, "language_model", learning_rate=1e-12, bptt=3)
    session = session_of(config, tmp_path / "run", corpus)
    session.prepare()
    for number in range(2):
        session.epoch = number
        session.trainee.optimizer.learning_rate = 1e-12
        loss = session.train_epoch()
        windows = [
            (inputs["tokens"].numpy(), targets.numpy())
            for inputs, targets in session.batches.epoch(number)
        ]
        assert len(windows) > 5
        carried = nats(
            session.model, *(np.concatenate(part, 1) for part in zip(*windows, strict=True))
        )
        apart = np.mean([nats(session.model, *window) for window in windows])
        assert loss == pytest.approx(carried, abs=2e-5)
        assert abs(loss - apart) > 2e-4


def nats(model, tokens, targets):
    return float(
        np.mean(
            keras.losses.sparse_categorical_crossentropy(
                targets, model({"tokens": tokens}), from_logits=True
            )
        )
    )


@pytest.mark.parametrize("window", [1, 7])
def test_a_text_is_scored_alike_in_windows_and_in_one_piece(window, trained, problem, monkeypatch):
    run, (_, corpus) = trained("language_model"), problem("language_model")
    text = [{"text": corpus.splits["test"][0]["text"][:100]}]
    whole = Evaluator(run.model, run.config, run.features, text).sums()
    monkeypatch.setattr(evaluator, "WINDOW", window)
    parts = Evaluator(run.model, run.config, run.features, text).sums()
    assert whole["count"] == 99 and whole["characters"] == 100
    assert parts == pytest.approx(whole, rel=1e-5)


# Clipping


def clipped(gradients, **clipping):
    """What of `gradients` reaches the weights: Adam's first momentum, after one step, is a tenth of it."""
    model = zoo.build(
        zoo.Config(
            task="adding", cell="simple_rnn", units=2, **{"global_clipnorm": None, **clipping}
        ),
        vocabulary={"width": 2},
    )
    weights = model.trainable_variables
    gradients = [
        tf.fill(weight.shape, float(value))
        for weight, value in zip(weights, gradients, strict=True)
    ]
    model.optimizer.apply(gradients, weights)
    momenta = [
        variable for variable in model.optimizer.variables if variable.path.endswith("momentum")
    ]
    return [momentum.numpy() * 10 for momentum in momenta], gradients


def test_clipnorm_clips_each_weight_by_itself():
    given = (3, 0.01, 5, 0.1, 0.2)
    for got, gradient in zip(*clipped(given, clipnorm=0.5), strict=True):
        norm = float(tf.norm(gradient))
        np.testing.assert_allclose(got, gradient * min(1, 0.5 / norm), rtol=1e-5)


def test_global_clipnorm_scales_the_whole_gradient():
    got, gradients = clipped((3, 0.01, 5, 0.1, 0.2), global_clipnorm=0.5)
    norm = float(tf.linalg.global_norm(gradients))
    for one, gradient in zip(got, gradients, strict=True):
        np.testing.assert_allclose(one, gradient * 0.5 / norm, rtol=1e-5)


def test_clipvalue_clips_each_element():
    got, gradients = clipped((3, 0.01, -5, 0.1, 0.2), clipvalue=0.15)
    for one, gradient in zip(got, gradients, strict=True):
        np.testing.assert_allclose(one, np.clip(gradient, -0.15, 0.15), rtol=1e-5)


@pytest.mark.parametrize("task", ["adding", "language_model"])
@pytest.mark.parametrize("kind", ["clipnorm", "global_clipnorm", "clipvalue"])
def test_the_clipping_reaches_the_optimizer_that_trains(kind, task, problem, tmp_path):
    config, corpus = small(problem, task, **{"global_clipnorm": None, kind: 0.25})
    session = session_of(config, tmp_path / "run", corpus)
    session.prepare()
    optimizer = session.trainee.optimizer
    assert {
        name: getattr(optimizer, name) for name in ("clipnorm", "global_clipnorm", "clipvalue")
    } == {"clipnorm": None, "global_clipnorm": None, "clipvalue": None, kind: 0.25}


# Models


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": 2, "residual": True, "embedding": 6, "units": 3, "characters": "none"},
        {"bidirectional": False, "characters": "convolution"},
        {"characters": "recurrent", "recurrent_dropout": 0.2},
        {"characters": "affixes", "dropout": 0.2},
    ],
    ids=str,
)
def test_every_shape_of_a_model_trains_and_is_saved(changes, tmp_path):
    task = tasks.get("pos_tagging")
    config = resolve(
        zoo.Config(task="pos_tagging", cell="gru", **{"units": 4, "embedding": 4, **changes})
    )
    features = task.features.fit(config, task.sample)
    model = assembly.network(config, features)
    before = [weight.numpy() for weight in model.trainable_weights]
    model.fit(
        task.arrangement.batches(features, task.sample, config, True).epoch(0),
        verbose=0,
        shuffle=False,
    )
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert np.abs(weight.numpy() - old).max() > 0, f"{weight.path} was not trained"
    Run(tmp_path).save_model(model)
    inputs, *_ = next(iter(task.arrangement.batches(features, task.sample, config, False).epoch(0)))
    np.testing.assert_array_equal(
        zoo.load(tmp_path)(inputs, training=False), model(inputs, training=False)
    )


def test_residual_adds_the_input_of_a_layer_where_the_widths_agree():
    vocabulary = {name: tokens for name, tokens in WORDS.items() if name != "characters"}
    config = zoo.Config(
        task="pos_tagging",
        cell="simple_rnn",
        characters="none",
        units=3,
        embedding=6,
        layers=2,
        dropout=0.0,
        residual=True,
    )
    model = zoo.build(config, vocabulary)
    ids = np.array([[2, 3, 2]], "int32")
    x = model.get_layer("words_embedding")(ids)
    for number in range(2):
        x = x + model.get_layer(f"recurrent_{number}")(x)
    np.testing.assert_allclose(model({"words": ids}), model.get_layer("head")(x), atol=1e-6)
    narrow = zoo.build(dataclasses.replace(config, embedding=5, layers=1), vocabulary)
    y = narrow.get_layer("recurrent_0")(narrow.get_layer("words_embedding")(ids))
    np.testing.assert_allclose(narrow({"words": ids}), narrow.get_layer("head")(y), atol=1e-6)


def test_a_saved_model_is_loaded_by_the_zoo_and_by_keras(trained):
    run = trained("classification")
    ids = {"tokens": np.array([[2, 3, 4], [4, 0, 0]], "int32")}
    expected = run.model(ids)
    cells.get(run.config.cell)
    for model in (
        zoo.load(run.folder),
        zoo.load(str(run.folder / "model.keras")),
        keras.saving.load_model(run.folder / "model.keras"),
    ):
        np.testing.assert_array_equal(model(ids), expected)
