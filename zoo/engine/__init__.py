"""Run a cell over time: loops for inference, and a scan with a custom gradient for training."""
