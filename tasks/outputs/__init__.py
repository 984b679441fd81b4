"""Files with predictions: the inputs of a file, and the same file with the predictions added."""
