"""A layer of the zoo in a Keras model: which of two signals is louder at the beginning?"""

import keras
import numpy as np

import zoo

keras.utils.set_random_seed(0)
signals = np.random.default_rng(0).normal(size=(512, 30, 2)).astype("float32")
targets = (np.abs(signals[:, 0, 0]) > np.abs(signals[:, 0, 1])).astype("float32")

# zoo.Recurrent takes the arguments of keras.layers.RNN, with the name of a cell.
inputs = keras.Input((None, 2))
x = zoo.Recurrent("gru", 24, return_sequences=True)(inputs)
backward_and_forward = keras.layers.Bidirectional(
    zoo.Recurrent("coupled_lstm", 12, recurrent_initializer="orthogonal")
)
outputs = keras.layers.Dense(1, activation="sigmoid")(backward_and_forward(x))
model = keras.Model(inputs, outputs)

optimizer = keras.optimizers.Adam(1e-2, global_clipnorm=1.0)
model.compile(optimizer, loss="binary_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(signals, targets, epochs=6, verbose=0).history
for epoch, (loss, accuracy) in enumerate(zip(history["loss"], history["accuracy"], strict=True), 1):
    print(f"epoch {epoch}: loss {loss:.3f}, accuracy {accuracy:.2f}")
