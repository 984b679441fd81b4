"""Run an export, by default a new one, without this project and without Keras."""

import subprocess
import sys
import tempfile

# The whole serving program. Its second line makes an import of anything else fail.
PROGRAM = """
import sys
sys.modules.update(dict.fromkeys(("zoo", "tasks", "registry", "keras", "tf_keras")))
import tensorflow as tf
module = tf.saved_model.load(sys.argv[1])
outputs = module.signatures["serve"](text=tf.constant(["what a fine film", "a dull day"]))
for name, score in zip(outputs["class"].numpy(), outputs["score"].numpy()):
    print(name.decode(), f"{score:.2f}")
try:
    import keras
except ImportError as error:
    print("without Keras:", error)
"""


def train_and_export(folder):
    """Train and export a small model; return the path of the SavedModel."""
    import tasks.library
    import zoo

    sample = list(tasks.library.get("classification").sample)
    splits = {"train": sample * 20, "validation": sample, "test": sample}
    settings = {"units": 8, "dropout": 0.0, "learning_rate": 0.02, "batch_size": 8, "epochs": 12}
    config = zoo.Config(task="classification", cell="mgu", **settings)
    zoo.train(config, f"{folder}/run", zoo.Corpus("a sample", splits, {}))
    return zoo.export(f"{folder}/run")["path"]


with tempfile.TemporaryDirectory() as folder:
    path = sys.argv[1] if len(sys.argv) > 1 else train_and_export(folder)
    subprocess.run([sys.executable, "-c", PROGRAM, path], check=True)
