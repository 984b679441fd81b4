"""Run a cell over time: loops for inference, a scan with a backward pass of its own for training."""
