"""What a run is made of: frozen dataclasses, JSON both ways. Flags are generated from the fields."""

import dataclasses
import difflib
import json
from dataclasses import dataclass, field

from zoo.errors import RequestError

CLIPPINGS = ("clipnorm", "global_clipnorm", "clipvalue")
TOKENS = ("char", "word", "byte", "subword")
CHARACTERS = ("convolution", "recurrent", "affixes", "none")
NORMALIZATIONS = ("none", "layer")
SCHEDULES = ("cosine", "constant")
ATTENTIONS = ("additive", "dot_product", "none")


def _field(default, help, kind=None, **rules):
    """A field with what its flag and its check need. A None default means: as the task, dataset or cell suggests."""
    start = {"default_factory": default} if isinstance(default, type) else {"default": default}
    return field(
        **start,
        metadata={
            "help": help,
            "kind": kind or (default if isinstance(default, type) else type(default)),
            **rules,
        },
    )


@dataclass(frozen=True)
class Config:
    """One model and its training. Fields left None are filled by `filled` with the task's suggestions.

    Raises RequestError for a value that cannot be, naming the field, the value and what to give instead.
    """

    task: str = _field("pos_tagging", "what is asked of the model; `zoo list tasks`")
    dataset: str | None = _field(
        None, "a TFDS dataset, embedded or stock; default: the task's", str
    )
    difficulty: int | None = _field(
        None,
        "of a generated dataset: its length or delay; default: as the dataset says",
        int,
        least=1,
    )
    data: tuple = _field(
        (),
        "your own files: one, three (train, validation, test), a folder, or parallel texts",
        tuple,
    )
    data_dir: str | None = _field(None, "where TFDS datasets are prepared", str)
    features: dict = _field(
        dict, 'which feature of the data plays which role, as JSON: {"tags": "xpos"}'
    )
    token: str | None = _field(None, "what a text is cut into", str, choices=TOKENS)
    vocabulary_size: int | None = _field(
        None, "at most so many tokens in a vocabulary", int, least=1
    )
    characters: str | None = _field(
        None, "how the characters of a word are read", str, choices=CHARACTERS
    )
    cell: str = _field("lstm", "the recurrent cell; `zoo list cells`")
    cell_args: dict = _field(dict, 'further arguments of the cell, as JSON: {"activation": "relu"}')
    head: str | None = _field(None, "the task head; `zoo list heads`", str)
    units: int | None = _field(None, "width of a cell's state", int, least=1)
    layers: int | None = _field(None, "stacked recurrent layers", int, least=1)
    embedding: int | None = _field(None, "width of a token's embedding", int, least=1)
    bidirectional: bool | None = _field(None, "run each layer over time in both directions", bool)
    residual: bool = _field(False, "add a layer's input to its output where the widths agree")
    attention: str | None = _field(
        None, "how a decoder looks at the source (translation)", str, choices=ATTENTIONS
    )
    beam: int | None = _field(
        None, "hypotheses kept side by side in a translation; 1: greedy", int, least=1
    )
    length_penalty: float | None = _field(
        None,
        "a translation's log-probability is divided by its length to this power",
        float,
        least=0,
    )
    kernel_initializer: str = _field(
        "glorot_uniform", "recipe for the kernel; `zoo list initializers`"
    )
    recurrent_initializer: str | None = _field(
        None, "recipe for the recurrent kernel; default: the cell's", str
    )
    bias_initializer: str | None = _field(None, "recipe for the bias; default: the cell's", str)
    clipnorm: float | None = _field(
        None, "clip each weight's gradient to this norm", float, above=0
    )
    global_clipnorm: float | None = _field(
        None, "clip the whole gradient to this norm", float, above=0
    )
    clipvalue: float | None = _field(
        None, "clip each element of the gradient to this value", float, above=0
    )
    dropout: float | None = _field(
        None, "fraction dropped before, between and after the layers", float, least=0, below=1
    )
    token_dropout: float | None = _field(
        None, "fraction of tokens dropped whole, their spelling apart", float, least=0, below=1
    )
    recurrent_dropout: float = _field(
        0.0, "fraction dropped of what enters the state", least=0, below=1
    )
    zoneout: float = _field(
        0.0, "probability that a unit of a state keeps its old value", least=0, below=1
    )
    variational_dropout: float = _field(
        0.0,
        "fraction dropped of what the recurrence reads, one mask for all timesteps",
        least=0,
        below=1,
    )
    weight_drop: float = _field(0.0, "fraction dropped of the recurrent kernel", least=0, below=1)
    learned_initial_state: bool = _field(False, "start each sequence from a trained state")
    normalization: str = _field("none", "what follows each recurrent layer", choices=NORMALIZATIONS)
    learning_rate: float | None = _field(
        None, "of the Adam optimizer, at the start", float, above=0
    )
    schedule: str = _field(
        "cosine", "how the learning rate falls, epoch by epoch", choices=SCHEDULES
    )
    batch_size: int | None = _field(
        None, "sequences, or parallel streams of a text, in a batch", int, least=1
    )
    bptt: int | None = _field(None, "timesteps of truncated BPTT (language models)", int, least=2)
    sampled_softmax: int | None = _field(
        None,
        "words that a language model learns to tell each word from, drawn anew at "
        "each step; 0: all",
        int,
        least=0,
    )
    epochs: int | None = _field(None, "at most so many passes over the training data", int, least=1)
    max_minutes: float | None = _field(
        None, "at most so many minutes of training, evaluation apart", float, above=0
    )
    seed: int = _field(0, "of everything random", least=0, below=2**32)

    def __post_init__(self):
        for item in dataclasses.fields(self):
            object.__setattr__(self, item.name, _checked(item, getattr(self, item.name)))
        given = [name for name in CLIPPINGS if getattr(self, name) is not None]
        if len(given) > 1:
            values = " and ".join(f"{name}={getattr(self, name):g}" for name in given)
            raise RequestError(
                f"two clippings at once: {values}. They exclude each other; keep one of them."
            )
        if self.dataset and self.data:
            raise RequestError(
                f"dataset={self.dataset!r} and data={list(self.data)} are two sources. Keep one of them."
            )

    def filled(self, *suggestions):
        """This configuration with its None fields filled; later suggestions win over earlier ones."""
        merged = {key: value for suggestion in suggestions for key, value in suggestion.items()}
        if any(getattr(self, name) is not None for name in CLIPPINGS):
            merged = {key: value for key, value in merged.items() if key not in CLIPPINGS}
        return dataclasses.replace(
            self, **{key: value for key, value in merged.items() if getattr(self, key) is None}
        )

    def to_json(self):
        """A dict of JSON values."""
        return {**dataclasses.asdict(self), "data": list(self.data)}

    @classmethod
    def from_json(cls, value):
        """The configuration in a dict or a JSON text; RequestError names unknown keys and the nearest known one."""
        if isinstance(value, str):
            value = parse_json("the configuration", value)
        names = [item.name for item in dataclasses.fields(cls)]
        for key in value:
            if key not in names:
                near = difflib.get_close_matches(key, names, 1)
                raise RequestError(
                    f"a configuration has no {key!r}."
                    + (f" Did you mean {near[0]!r}?" if near else f" It has: {', '.join(names)}.")
                )
        return cls(**value)


@dataclass(frozen=True)
class Search:
    """How `zoo tune` looks for a configuration."""

    tuner: str = _field("random", "how trials are chosen; `zoo list tuners`")
    max_trials: int | None = _field(
        None,
        "at most so many trials, more for a search that ended; default: 10, or one sweep "
        "of hyperband",
        int,
        least=1,
    )
    objective: str | None = _field(
        None, "the validation metric that decides; default: the task's first", str
    )

    def __post_init__(self):
        for item in dataclasses.fields(self):
            object.__setattr__(self, item.name, _checked(item, getattr(self, item.name)))


def parse_json(what, text):
    """The JSON object in `text`; RequestError shows the text and what is wrong with it."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise RequestError(
            f"{what}: {text!r} is not JSON ({error.msg} at character {error.pos}). "
            'Write an object such as {"activation": "relu"}.'
        ) from None
    if not isinstance(value, dict):
        raise RequestError(
            f'{what}: {text!r} is no JSON object. Write one such as {{"activation": "relu"}}.'
        )
    return value


def parse(item, text):
    """The value of a field from a flag's text."""
    kind = item.metadata["kind"]
    if kind is dict:
        return parse_json(item.name, text)
    if kind is tuple:
        return tuple(part for part in text.split(",") if part)
    if (
        text.lower() == "none"
        and item.default is None
        and "none" not in item.metadata.get("choices", ())
    ):
        return None
    if kind is bool:
        if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
            _reject(item, text)
        return text.lower() in ("true", "1", "yes")
    try:
        return kind(text)
    except ValueError:
        return _reject(item, text)


def _checked(item, value):
    """`value` if it can be that of the field, made a float or a tuple where one is meant."""
    kind, rules = item.metadata["kind"], item.metadata
    if value is None and item.default is None:
        return None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind is tuple:
        value = (value,) if isinstance(value, str) else tuple(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        _reject(item, value)
    fine = value in rules.get("choices", (value,))
    if kind in (int, float):
        fine = rules.get("least", value) <= value < rules.get("below", float("inf"))
        fine = fine and value > rules.get("above", float("-inf"))
    return value if fine else _reject(item, value)


def _reject(item, value):
    rules, kind = item.metadata, item.metadata["kind"]
    if "choices" in rules:
        wanted = f"one of {', '.join(rules['choices'])}"
    else:
        wanted = {
            int: "a whole number",
            float: "a number",
            bool: "true or false",
            str: "a name",
            tuple: "paths",
            dict: "a JSON object",
        }[kind]
        wanted += f" of at least {rules['least']}" if "least" in rules else ""
        wanted += f" above {rules['above']}" if "above" in rules else ""
        wanted += f" below {rules['below']}" if "below" in rules else ""
    near = difflib.get_close_matches(str(value), rules.get("choices", ()), 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise RequestError(
        f"{item.name}={value if isinstance(value, (str, float)) else json.dumps(value, default=str)}: "
        f"{item.name} must be {wanted} ({rules['help']}).{hint}"
    )


def difference(old, new):
    """What differs between two JSON dicts, as one line: "units: 64 there, 128 asked"."""
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return "; ".join(
        f"{key}: {json.dumps(old.get(key))} there, {json.dumps(new.get(key))} asked" for key in keys
    )
