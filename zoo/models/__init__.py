"""From a configuration to a compiled `keras.Model`."""
