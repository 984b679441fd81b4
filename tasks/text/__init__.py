"""Text features: texts to ids and back, in the TensorFlow graph."""
