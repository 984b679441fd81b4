"""Worker of `benchmarks.recurrence`: fused layers of PyTorch and, if installed, torchrecurrent."""

import importlib

import torch

from benchmarks.machine import installed

FUSED = {"simple_rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
# Arguments with which a layer of torchrecurrent computes the same as the zoo's cell. Layers are
# found by name; case and underscores are ignored.
TORCHRECURRENT_ARGUMENTS = {"ind_rnn": {"nonlinearity": "relu"}}


def use_threads(threads):
    torch.set_num_threads(threads)


def prepare(cell, shape, peers):
    """Return the training steps of a cell by name, and reasons why a peer is missing."""
    steps, missing = {}, {}
    if cell in FUSED and "torch" in peers:
        steps["torch"] = _training_step(FUSED[cell](*shape[2:]), shape)
    layer_class = _torchrecurrent_layer(cell)
    if layer_class is not None and "torchrecurrent" in peers:
        try:
            layer = layer_class(*shape[2:], **TORCHRECURRENT_ARGUMENTS.get(cell, {}))
        except ValueError as error:  # its intersection_rnn needs as many features as units
            missing["torchrecurrent"] = str(error)
        else:
            steps["torchrecurrent"] = _training_step(layer, shape)
    return steps, missing


def _torchrecurrent_layer(cell):
    if not installed("torchrecurrent"):
        return None
    torchrecurrent = importlib.import_module("torchrecurrent")
    names = {name.lower(): name for name in dir(torchrecurrent)}
    return getattr(torchrecurrent, names.get(cell.replace("_", ""), ""), None)


def _training_step(layer, shape):
    """Return a training step like `zoo.timing.layers.training_step`, with the time axis first.

    This is PyTorch's default, and slightly faster.
    """
    batch_size, timesteps, features, units = shape
    torch.manual_seed(0)
    x = torch.randn(timesteps, batch_size, features, requires_grad=True)
    weights = torch.randn(timesteps, batch_size, units)

    def step():
        layer.zero_grad()
        x.grad = None
        (layer(x)[0] * weights).sum().backward()

    return step
