"""The adding problem."""

import numpy as np
import pytest

from tasks import datasets


def test_two_timesteps_are_marked_and_summed(tmp_path):
    builder = datasets.get("zoo_adding")(data_dir=tmp_path, config="7")
    examples = [example for _, example in builder._split_generators(None)["train"]]
    vectors = np.stack([example["vectors"] for example in examples])
    targets = np.array([example["target"] for example in examples])
    assert vectors.shape == (10_000, 7, 2) and vectors.dtype == np.float32
    numbers, marks = vectors[..., 0], vectors[..., 1]
    assert set(np.unique(marks)) == {0.0, 1.0} and numbers.min() >= 0 and numbers.max() < 1
    # The first half of seven timesteps has three. Every timestep is marked in some examples.
    np.testing.assert_array_equal(marks[:, :3].sum(1), 1)
    np.testing.assert_array_equal(marks[:, 3:].sum(1), 1)
    assert np.all(marks.mean(0) > 0.2)
    np.testing.assert_allclose(targets, (numbers * marks).sum(1), rtol=1e-6)
    assert abs(targets.var() - 1 / 6) < 0.01 and abs(targets.mean() - 1) < 0.02


def test_written_examples_match_generated_examples(load, small_splits, tmp_path):
    splits, features = load("zoo_adding/7")
    assert features["vectors"].shape == (7, 2)
    builder = datasets.get("zoo_adding")(data_dir=tmp_path, config="7")
    for split, generated in builder._split_generators(None).items():
        for written, (_, expected) in zip(splits[split], generated, strict=True):
            np.testing.assert_array_equal(written["vectors"], expected["vectors"])
            assert written["target"] == pytest.approx(expected["target"])
