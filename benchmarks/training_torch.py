"""Worker of `benchmarks.training`: the word language model in PyTorch, by the usual loop."""

import torch

from benchmarks import language
from benchmarks.in_torch import use_threads  # noqa: F401  (the worker calls it)


class Model(torch.nn.Module):
    """An embedding, fused LSTM layers, and a dense layer of logits."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(language.OUTPUTS, language.EMBEDDING)
        self.recurrent = torch.nn.LSTM(
            language.EMBEDDING, language.UNITS, language.LAYERS, batch_first=True
        )
        self.head = torch.nn.Linear(language.UNITS, language.OUTPUTS)

    def forward(self, tokens, state):
        x, state = self.recurrent(self.embedding(tokens), state)
        return self.head(x), state


def prepare(count):
    """Return the steps by name, each of `count` windows, and no facts."""
    torch.manual_seed(0)
    model, loss = Model(), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), language.RATE)
    windows = [torch.from_numpy(part).long() for part in language.windows(language.text(count))]

    def step():
        state = None
        for tokens, targets in zip(*windows, strict=True):
            optimizer.zero_grad()
            logits, state = model(tokens, state)
            state = [each.detach() for each in state]
            loss(logits.flatten(0, 1), targets.flatten()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), language.CLIP)
            optimizer.step()

    return {"torch": step}, {}
