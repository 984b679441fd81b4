"""What is asked of a model: features, head, loss, metrics and decoding by name."""
