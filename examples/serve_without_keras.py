"""An export answers where neither this project nor Keras is: serve_without_keras.py [EXPORT/1]"""

import subprocess
import sys
import tempfile

# All that a serving program needs. Its second line makes sure that nothing else is used.
PROGRAM = """
import sys
sys.modules.update(dict.fromkeys(("zoo", "tasks", "registry", "keras", "tf_keras")))  # None: importing them fails
import tensorflow as tf
module = tf.saved_model.load(sys.argv[1])
answer = module.signatures["serve"](text=tf.constant(["what a fine film", "a dull day"]))
for name, score in zip(answer["class"].numpy(), answer["score"].numpy()):
    print(name.decode(), f"{score:.2f}")
try:
    import keras
except ImportError as error:
    print("and there was no Keras:", error)
"""


def train_and_export(folder):
    """The path of a small model's export; this part needs the project."""
    import zoo
    from tasks.data.sources import Corpus
    from tasks.library import tasks
    from zoo.saved_models.exporting import export

    sample = list(tasks.get("classification").sample)
    corpus = Corpus("a sample", {"train": sample * 20, "validation": sample, "test": sample}, {})
    config = zoo.Config(
        task="classification",
        cell="mgu",
        units=8,
        dropout=0.0,
        learning_rate=0.02,
        batch_size=8,
        epochs=12,
    )
    zoo.train(config, f"{folder}/run", corpus)
    return export(zoo.Run(f"{folder}/run"))["path"]


with tempfile.TemporaryDirectory() as folder:
    path = sys.argv[1] if len(sys.argv) > 1 else train_and_export(folder)
    subprocess.run([sys.executable, "-c", PROGRAM, path], check=True)
