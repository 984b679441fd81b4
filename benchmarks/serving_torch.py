"""Worker of `benchmarks.serving`: models of the same sizes in PyTorch."""

import time

import torch

from benchmarks.in_torch import FUSED, use_threads  # noqa: F401  (the worker calls it)

_models = []


class Tagger(torch.nn.Module):
    """Embeddings of words and their affixes, a bidirectional layer, and a dense layer."""

    def __init__(self, sizes):
        super().__init__()
        words, characters = sizes["inputs"].values()
        self.count, width = sizes["affixes"]["count"], sizes["affixes"]["width"]
        self.words = torch.nn.Embedding(words, sizes["embedding"])
        self.affixes = torch.nn.Embedding(characters, width)
        self.recurrent = FUSED[sizes["cell"]](
            sizes["embedding"] + self.count * width,
            sizes["units"],
            batch_first=True,
            bidirectional=True,
        )
        self.head = torch.nn.Linear(2 * sizes["units"], sizes["outputs"])

    def forward(self, read, written):
        words = torch.randint(self.words.num_embeddings, (1, read))
        affixes = torch.randint(self.affixes.num_embeddings, (1, read, self.count))
        x = torch.cat([self.words(words), self.affixes(affixes).flatten(2)], -1)
        outputs, _ = self.recurrent(x)
        return self.head(outputs).softmax(-1).max(-1)


class Translator(torch.nn.Module):
    """A bidirectional encoder, and a decoder with additive attention that decodes greedily."""

    def __init__(self, sizes):
        super().__init__()
        source, target = sizes["inputs"].values()
        units, layer = sizes["units"], FUSED[sizes["cell"]]
        self.source = torch.nn.Embedding(source, sizes["embedding"])
        self.target = torch.nn.Embedding(target, sizes["embedding"])
        self.encoder = layer(sizes["embedding"], units, batch_first=True, bidirectional=True)
        self.bridges = torch.nn.ModuleList(torch.nn.Linear(2 * units, units) for _ in range(2))
        self.decoder = layer(sizes["embedding"], units, batch_first=True)
        self.keys = torch.nn.Linear(2 * units, units, bias=False)
        self.query = torch.nn.Linear(units, units, bias=False)
        self.score = torch.nn.Linear(units, 1, bias=False)
        self.context = torch.nn.Linear(2 * units, units, bias=False)
        self.head = torch.nn.Linear(units, sizes["outputs"])

    def forward(self, read, written):
        ids = torch.randint(self.source.num_embeddings, (1, read))
        values, states = self.encoder(self.source(ids))
        states = states if isinstance(states, tuple) else (states,)
        bridges = zip(self.bridges, states, strict=False)  # an LSTM has two states
        states = [bridge(each.transpose(0, 1).flatten(1))[None] for bridge, each in bridges]
        keys, token = self.keys(values), torch.zeros((1, 1), dtype=torch.long)
        for _ in range(written):
            state = tuple(states) if len(states) > 1 else states[0]
            output, state = self.decoder(self.target(token), state)
            states = state if isinstance(state, tuple) else (state,)
            weights = self.score(torch.tanh(self.query(output) + keys)).softmax(1)
            attended = output + self.context((weights * values).sum(1, keepdim=True))
            token = self.head(attended).argmax(-1)


MODELS = {"pos_tagging": Tagger, "translation": Translator}


def build(sizes):
    """Build the model of some sizes."""
    torch.manual_seed(0)
    _models[:] = [MODELS[sizes["task"]](sizes).eval()]


def measure(lengths):
    """Return the seconds of each sentence."""
    (model,), seconds = _models, []
    with torch.inference_mode():
        for read, written in lengths:
            start = time.perf_counter()
            model(read, written)
            seconds.append(time.perf_counter() - start)
    return seconds
