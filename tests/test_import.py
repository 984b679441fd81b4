"""Importing the package changes no setting of the process."""

SETTINGS = """
import os, sys
before = dict(os.environ)
import zoo
assert "tensorflow" not in sys.modules and dict(os.environ) == before, "import zoo"

import keras, tensorflow as tf
from threadpoolctl import threadpool_info

threading = tf.config.threading

def settings():
    return (
        dict(os.environ),
        threading.get_intra_op_parallelism_threads(),
        threading.get_inter_op_parallelism_threads(),
        [(pool["filepath"], pool["num_threads"]) for pool in threadpool_info()],
        tf.config.get_soft_device_placement(),
        keras.config.floatx(),
        keras.config.dtype_policy().name,
    )

before = settings()
zoo.Recurrent("lstm", 2)
for one, other in zip(before, settings()):
    assert one == other, (one, other)
"""


def test_import_changes_neither_environment_nor_threads(fresh_process, monkeypatch):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    fresh_process(SETTINGS)
