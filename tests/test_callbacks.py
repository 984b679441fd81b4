"""`GradientWatch` measures gradients while any Keras model is trained, and does not affect it."""

import keras
import numpy as np
import pytest
from problems import problem_of

import zoo
from zoo.callbacks import GradientWatch, watch_session
from zoo.reports.report import gather
from zoo.reports.writing import write
from zoo.runs import gradient_curves

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(16, 30, 2)).astype("float32")
Y = RANDOM.normal(size=(16, 1)).astype("float32")


def model_of(layer, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((None, 2)), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(**options), "mse")
    return model


def test_watched_training_is_unchanged_and_measured(tmp_path):
    def trained(callbacks):
        model = model_of(zoo.Recurrent("gru", 4), global_clipnorm=1e-3)
        losses = model.fit(X, Y, batch_size=4, epochs=2, verbose=0, callbacks=callbacks)
        return losses.history["loss"]

    path, events = tmp_path / "run" / "gradients.csv", tmp_path / "events"
    watch = GradientWatch((X, Y), every=4, path=path, tensorboard=events)
    assert trained([watch]) == trained([])
    assert [record["step"] for record in watch.records] == [4, 8]
    assert {record["clipped"] for record in watch.records} == {1}
    figures = zoo.diagnose(zoo.Recurrent("gru", 4), X[:8]).layers[0]
    assert watch.records[0]["lags"] == figures.timesteps == 30
    assert 0 < watch.records[0]["ratio"] < 1 and 0 < watch.records[0]["growth"] < 1
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3 and lines[0].startswith("step,layer,direction,loss")
    first, second = gradient_curves.read(tmp_path / "run" / "gradients_curves.csv")
    assert (first.step, second.step, first.stride, len(first.log10)) == (4, 8, 1, 30)
    assert first.log10[0] == 0
    assert first.log10[-1] == pytest.approx(np.log10(watch.records[0]["ratio"]), abs=1e-3)
    assert list(events.glob("events*"))


def test_figures_equal_those_of_a_diagnosis():
    model = model_of(keras.layers.LSTM(3))
    watch = GradientWatch((X[:8], Y[:8]), every=1000)
    model.fit(X, Y, verbose=0, callbacks=[watch])
    (record,) = watch.measure(1)
    (layer,) = zoo.diagnose(model, (X[:8], Y[:8])).layers
    assert record["growth"] == pytest.approx(layer.growth.value, rel=1e-3)
    assert record["ratio"] == pytest.approx(
        layer.gradient.mean[-1] / layer.gradient.mean[0], rel=1e-3
    )
    assert record["effective_memory"] == layer.effective_memory


def test_stuck_run_with_vanishing_gradients_is_reported_once():
    notes = []
    layer = keras.layers.SimpleRNN(3, recurrent_initializer="zeros", kernel_initializer="zeros")
    watch = GradientWatch((X, Y), every=1, notify=notes.append)
    model_of(layer, learning_rate=1e-9).fit(X, Y, epochs=9, verbose=0, callbacks=[watch])
    (note,) = notes
    assert note.startswith("stuck: at step") and "vanishes" in note


def test_exploding_gradients_are_reported_once():
    notes = []
    initializer = keras.initializers.Identity(1.5)
    layer = keras.layers.SimpleRNN(3, activation="linear", recurrent_initializer=initializer)
    watch = GradientWatch((X, Y), every=1, notify=notes.append)
    model_of(layer, learning_rate=1e-9).fit(X, Y, epochs=3, verbose=0, callbacks=[watch])
    (note,) = notes
    assert note.startswith("about to blow up: at step 1") and "Clip the gradient" in note


def test_layer_without_gradient_does_not_hide_that_of_another():
    watch = GradientWatch((X, Y), every=1)
    common = {"step": 9, "loss": 1.0, "gradient_norm": 1.0, "lags": 30}
    named = [{**common, "layer": name, "direction": "forward"} for name in "ab"]
    watch.records = [{**named[0], "step": step, "ratio": np.nan} for step in range(9)]
    for ratio, text in ((1e-9, "stuck"), (1e9, "about to blow up")):
        notes = []
        watch._notify = notes.append
        watch._warn(9, [{**named[0], "ratio": np.nan}, {**named[1], "ratio": ratio}])
        assert notes[0].startswith(text) and "gradient of b" in notes[0]


@pytest.mark.costly
def test_file_is_resumed_up_to_the_step_of_the_model_or_is_a_sentence(tmp_path):
    path, model = tmp_path / "gradients.csv", model_of(keras.layers.SimpleRNN(2))
    for steps in ([2, 4], [2, 4, 6, 8]):
        watch = GradientWatch((X, Y), every=2, path=path)
        model.fit(X, Y, batch_size=4, verbose=0, callbacks=[watch])
        assert [record["step"] for record in watch.records] == steps
        curves = gradient_curves.read(tmp_path / "gradients_curves.csv")
        assert [curve.step for curve in curves] == steps
    model = model_of(keras.layers.SimpleRNN(2))
    watch = GradientWatch((X, Y), every=2, path=path)
    model.fit(X, Y, batch_size=8, verbose=0, callbacks=[watch])
    assert [record["step"] for record in watch.records] == [2]
    assert [curve.step for curve in gradient_curves.read(path.with_stem("gradients_curves"))] == [2]
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    path.write_text("step\n1\n")
    with pytest.raises(zoo.RunError, match=r"gradients\.csv"):
        model.fit(X, Y, verbose=0, callbacks=[GradientWatch((X, Y), path=path)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"every": 0}, "positive integer"), ({"probe": X}, "no targets")],
)
def test_invalid_arguments_are_sentences(arguments, message):
    with pytest.raises(zoo.RequestError, match=message):
        GradientWatch(**{"probe": (X, Y), **arguments})


def test_model_without_recurrent_layers_is_a_sentence():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    with pytest.raises(zoo.RequestError, match="no recurrent layer"):
        model.fit(X[:, 0], Y, verbose=0, callbacks=[GradientWatch((X[:, 0], Y))])


@pytest.mark.costly
@pytest.mark.parametrize("task", ["delayed_recall", "language_model"])
def test_run_is_watched_and_its_report_shows_it(task, tmp_path):
    config, corpus = problem_of(task)

    def watch(session):
        callback = watch_session(session)
        callback.every = 10
        return callback

    zoo.train(config, tmp_path / "run", corpus, watch=watch)
    report = gather(tmp_path / "run")
    assert report.gradients[0]["step"] == 10 and len(report.gradients) > 3
    write(tmp_path / "run")
    assert (tmp_path / "run" / "plots" / "gradients.png").stat().st_size > 5000
    assert (tmp_path / "run" / "plots" / "gradient_heat.png").stat().st_size > 5000
    assert "Gradient over time" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    (tmp_path / "run" / "gradients.csv").write_text("step\n1\n")
    with pytest.raises(zoo.RunError, match=r"gradients\.csv"):
        gather(tmp_path / "run")
