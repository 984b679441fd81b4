"""Run a cell over time: loops for inference, and a scan with its own backward pass for training."""
