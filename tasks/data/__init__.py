"""Read examples: TFDS datasets, generated datasets and the user's own files."""
