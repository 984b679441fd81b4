"""Fixtures for tests of searches."""

import dataclasses

import pytest
import tensorflow as tf


@pytest.fixture(scope="module")
def eager():
    """Run tf.functions eagerly, which is faster than a graph for a few training steps."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def few_examples(problem, monkeypatch):
    """A configuration whose corpus is a few examples; nothing is exported or reported."""
    config, corpus = problem("adding")
    splits = {split: examples[:40] for split, examples in corpus.splits.items()}
    corpus = dataclasses.replace(corpus, splits=splits)
    monkeypatch.setattr("zoo.models.assembly.read_corpus", lambda config: corpus)
    monkeypatch.setattr("zoo.saved_models.exporting.export", lambda run: None)
    monkeypatch.setattr("zoo.tuning.results.write_if_possible", lambda *arguments: None)
    return config
