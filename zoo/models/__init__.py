"""Construction of compiled `keras.Model`s from configurations."""
