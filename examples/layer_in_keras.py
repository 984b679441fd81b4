"""The layer in a Keras model of one's own: which of two signals was the louder one at the beginning?"""

import keras
import numpy as np

import zoo

keras.utils.set_random_seed(0)
random = np.random.default_rng(0)
signals = random.normal(size=(512, 30, 2)).astype("float32")
louder_at_first = (np.abs(signals[:, 0, 0]) > np.abs(signals[:, 0, 1])).astype("float32")

# zoo.Recurrent takes the arguments of keras.layers.RNN, and the name of a cell instead of a cell.
inputs = keras.Input((None, 2))
x = zoo.Recurrent("gru", 24, return_sequences=True)(inputs)
x = keras.layers.Bidirectional(
    zoo.Recurrent("coupled_lstm", 12, recurrent_initializer="orthogonal")
)(x)
outputs = keras.layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)

model.compile(
    keras.optimizers.Adam(1e-2, global_clipnorm=1.0),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
model.summary()
history = model.fit(signals, louder_at_first, epochs=6, verbose=0).history
for epoch, (loss, accuracy) in enumerate(zip(history["loss"], history["accuracy"], strict=True), 1):
    print(f"epoch {epoch}: loss {loss:.3f}, accuracy {accuracy:.2f}")
