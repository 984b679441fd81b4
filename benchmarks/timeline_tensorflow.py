"""Worker of `benchmarks.timeline`: profiles the operations of one training step."""

import pathlib
import tempfile

import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from zoo.timing import layers


def use_threads(threads):
    """Use this number of threads for each operation, and two operations side by side."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(2)


def profile(cell, shape):
    """Return the operations of each thread: lists of (begin, end, name), in milliseconds."""
    shape = layers.Shape(*shape)
    step = layers.training_step(layers.build_layer(cell, shape), shape)
    for _ in range(5):
        step()
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        step()
        tf.profiler.experimental.stop()
        (file,) = pathlib.Path(folder).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(file.read_bytes())
    (plane,) = (each for each in space.planes if each.name == "/host:CPU")
    names = {key: each.name for key, each in plane.event_metadata.items()}
    threads = [line for line in plane.lines if line.name.startswith("tf_Compute")]
    return [
        [operation for event in line.events if (operation := _operation(line, event, names))]
        for line in threads
    ]


def _operation(line, event, names):
    """Return (begin, end, name) of an operation; None for another event."""
    name = names[event.metadata_id]
    if ":" not in name or "::" in name or not event.duration_ps:
        return None
    begin = line.timestamp_ns / 1e6 + event.offset_ps / 1e9
    return begin, begin + event.duration_ps / 1e9, name
