"""PyTorch's fused layers and torchrecurrent's cells, in the process of PyTorch. Each is installed, or has no contender."""

import importlib

import torch

from benchmarks.machine import installed

FUSED = {"simple_rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
# Where the defaults are not the zoo's; all else is found by its name, without regard to case and underscores.
ALIKE = {"ind_rnn": {"nonlinearity": "relu"}}


def use_threads(threads):
    torch.set_num_threads(threads)


def prepare(cell, shape, peers):
    """Steps by name for a cell."""
    steps = {}
    if cell in FUSED and "torch" in peers:
        steps["torch"] = _training_step(FUSED[cell](*shape[2:]), shape)
    other = _of_torchrecurrent(cell)
    if other is not None and "torchrecurrent" in peers:
        steps["torchrecurrent"] = _training_step(other(*shape[2:], **ALIKE.get(cell, {})), shape)
    return steps, {}


def _of_torchrecurrent(cell):
    if not installed("torchrecurrent"):
        return None
    torchrecurrent = importlib.import_module("torchrecurrent")

    names = {name.lower(): name for name in dir(torchrecurrent)}
    return getattr(torchrecurrent, names.get(cell.replace("_", ""), ""), None)


def _training_step(layer, shape):
    """As `zoo.timing.layers.training_step`. The time axis is first: PyTorch's own order, and 0 to 3% faster here."""
    batch_size, timesteps, features, units = shape
    torch.manual_seed(0)
    x = torch.randn(timesteps, batch_size, features, requires_grad=True)
    weights = torch.randn(timesteps, batch_size, units)

    def step():
        layer.zero_grad()
        x.grad = None
        (layer(x)[0] * weights).sum().backward()

    return step
