"""Worker of `benchmarks.serving`: an exported model, one sentence at a time."""

import pathlib
import time

import tensorflow as tf

import zoo
from benchmarks.in_keras import use_threads  # noqa: F401  (the worker calls it)
from tasks.text.tagged_words import AFFIXES
from zoo.models import assembly
from zoo.models.builder import CHARACTER_EMBEDDING

SIGNATURES = {"pos_tagging": "serve", "translation": "greedy"}
_requests = []


def load(run_dir, count):
    """Load an export; return the sizes of its model, and the tokens read and written.

    Args:
        run_dir: folder of an exported run.
        count: number of sentences of the test split.
    """
    run = zoo.Run(run_dir)
    texts = _texts(run, count)
    start = time.perf_counter()
    module = tf.saved_model.load(str(pathlib.Path(run_dir) / "export" / "1"))
    loaded = time.perf_counter()
    answer = module.signatures[SIGNATURES[run.config.task]]
    _requests[:] = [lambda text=text: answer(text=tf.constant([text])) for text in texts]
    _requests[0]()
    first = time.perf_counter()
    return {
        "model": _sizes(run),
        "lengths": [
            _tokens(text, request()) for text, request in zip(texts, _requests, strict=True)
        ],
        "load_seconds": loaded - start,
        "first_seconds": first - loaded,
    }


def measure(lengths):
    """Return the seconds of each sentence."""
    seconds = []
    for request, _ in zip(_requests, lengths, strict=True):
        start = time.perf_counter()
        request()
        seconds.append(time.perf_counter() - start)
    return seconds


def _texts(run, count):
    examples = assembly.read_corpus(run.config).splits["test"][:count]
    return [each["source"] if "source" in each else " ".join(each["words"]) for each in examples]


def _tokens(text, answer):
    """Return the number of tokens that are read and written."""
    read = len(text.split())
    if "translation" in answer:
        return read, len(answer["translation"].numpy()[0].split()) + 1  # and the end
    return int(answer["lengths"].numpy()[0]), 0


def _sizes(run):
    """Return the sizes of the layers."""
    config, model = run.config, run.load_model()
    sizes = {name: getattr(config, name) for name in ("task", "cell", "units", "embedding")}
    inputs = {item.name: item.size for item in run.features.inputs if item.size}
    outputs = model.output_shape[-1]
    affixes = {"count": AFFIXES, "width": CHARACTER_EMBEDDING}
    return {**sizes, "inputs": inputs, "outputs": outputs, "affixes": affixes}
