"""The public Keras layers."""
