"""A value for a whole sequence."""

import tensorflow as tf

from tasks.head import Head, dense_layer, number_sums, squared_error
from tasks.heads import heads

heads.register("regression", arrangements=("many_to_one",), decodings=("numbers",))(
    Head(
        dense_layer,
        sequences=False,
        loss=squared_error,
        sums=number_sums,
        probabilities=tf.identity,
    )
)
