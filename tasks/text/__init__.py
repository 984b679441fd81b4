"""Features: examples to the inputs and targets of a model, in the TensorFlow graph."""
