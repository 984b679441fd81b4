"""Assembly of compiled models: clipping, and saved models that the zoo and Keras load."""

import keras
import numpy as np
import tensorflow as tf

import zoo
from zoo.cells import cells


def clipped_gradients(values, **clipping):
    """Return the gradients after clipping, and those before, which are filled with `values`.

    After one step, Adam's first moment is a tenth of the clipped gradient.
    """
    settings = {"global_clipnorm": None, **clipping}
    config = zoo.Config(task="adding", cell="simple_rnn", units=2, **settings)
    model = zoo.build(config, vocabulary={"width": 2})
    weights = model.trainable_variables
    gradients = [
        tf.fill(weight.shape, float(value)) for weight, value in zip(weights, values, strict=True)
    ]
    model.optimizer.apply(gradients, weights)
    momenta = [
        variable for variable in model.optimizer.variables if variable.path.endswith("momentum")
    ]
    return [momentum.numpy() * 10 for momentum in momenta], gradients


def test_clipnorm_clips_the_norm_of_each_weight():
    found, gradients = clipped_gradients((3, 0.01, 5, 0.1, 0.2), clipnorm=0.5)
    for clipped, gradient in zip(found, gradients, strict=True):
        norm = float(tf.norm(gradient))
        np.testing.assert_allclose(clipped, gradient * min(1, 0.5 / norm), rtol=1e-5)


def test_global_clipnorm_scales_the_whole_gradient():
    found, gradients = clipped_gradients((3, 0.01, 5, 0.1, 0.2), global_clipnorm=0.5)
    norm = float(tf.linalg.global_norm(gradients))
    for clipped, gradient in zip(found, gradients, strict=True):
        np.testing.assert_allclose(clipped, gradient * 0.5 / norm, rtol=1e-5)


def test_clipvalue_clips_each_element():
    found, gradients = clipped_gradients((3, 0.01, -5, 0.1, 0.2), clipvalue=0.15)
    for clipped, gradient in zip(found, gradients, strict=True):
        np.testing.assert_allclose(clipped, np.clip(gradient, -0.15, 0.15), rtol=1e-5)


def test_saved_model_is_loaded_by_the_zoo_and_by_keras(trained):
    run = trained("classification")
    ids = {"tokens": np.array([[2, 3, 4], [4, 0, 0]], "int32")}
    expected = run.load_model()(ids)
    cells.get(run.config.cell)
    for model in (
        zoo.load(run.folder),
        zoo.load(str(run.folder / "model.keras")),
        keras.saving.load_model(run.folder / "model.keras"),
    ):
        np.testing.assert_array_equal(model(ids), expected)
