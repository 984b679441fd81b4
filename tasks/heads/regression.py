"""A value for a whole sequence."""

import tensorflow as tf

from tasks.head import Head, dense_layer, mean_squared_error, number_sums, squared_error
from tasks.heads import heads

heads.register("regression", arrangements=("many_to_one",), decodings=("numbers",))(
    Head(
        dense_layer,
        sequences=False,
        loss=squared_error,
        sums=number_sums,
        probabilities=tf.identity,
        mean_loss=mean_squared_error,
    )
)
