"""Train a configuration, epoch by epoch."""
