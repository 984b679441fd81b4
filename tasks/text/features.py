"""Features: what the model sees of an example. One class for each kind of input; all of it runs in the graph.

Training and the exported model call the same `encode`, so that they cannot come to differ.
"""

import dataclasses

import numpy as np
import tensorflow as tf

from tasks.text import subwords
from tasks.text.vocabulary import Vocabulary, count
from zoo.config import TOKENS
from zoo.errors import RequestError

MAX_CHARACTERS = 24  # of a word; more would let one link in a text widen a whole batch
AFFIXES = 9  # of a word: prefixes and suffixes of 1 to 4 characters, and its shape
NEWLINE = "<newline>"


@dataclasses.dataclass(frozen=True)
class Input:
    """One input of a model. kind: "token" ids (batch, timesteps); "characters" and "affixes" ids (batch, timesteps,
    n); "vector" floats (batch, timesteps, size); "mask" bool (batch, timesteps). size: ids, or width of a vector."""

    name: str
    kind: str
    size: int = 0


@dataclasses.dataclass
class Encoded:
    """Examples ready to be batched: ragged inputs by name, targets, and the length of each sequence, or a row of the
    lengths of its source and its target."""

    inputs: dict
    targets: tf.Tensor
    lengths: np.ndarray


def ragged(sequences):
    """Lists of str to a ragged string tensor (batch, None)."""
    flat = [
        token.encode("utf-8", "surrogateescape") for sequence in sequences for token in sequence
    ]
    return tf.RaggedTensor.from_row_lengths(
        tf.constant(flat, tf.string),
        tf.constant([len(sequence) for sequence in sequences], tf.int64),
    )


def pad_empty(tokens):
    """Ragged tokens (batch, None) in which a row without any has one, a space: a recurrence needs a timestep."""
    empty = tf.cast(tf.equal(tokens.row_lengths(), 0), tf.int64)
    filler = tf.RaggedTensor.from_row_lengths(tf.fill([tf.reduce_sum(empty)], " "), empty)
    return tf.concat([tokens, filler], 1)


class Features(tf.Module):
    """Vocabularies by name, and how examples become ids. Subclasses give `names`, `fit`, `inputs` and `encode`."""

    names = ()  # of the vocabularies; labels and tags, whose ids count from 0, are the last one
    tokens = ("word",)  # what it can cut a text into

    def __init__(self, config, vocabularies):
        super().__init__()
        self.config = config
        self.subwords = (
            subwords.Subwords(vocabularies["merges"]) if "merges" in vocabularies else None
        )
        self.tables = {
            name: Vocabulary(vocabularies[name], reserved=name not in ("tags", "labels"))
            for name in vocabularies
            if name != "merges"
        }

    @property
    def vocabularies(self):
        """The tokens of each vocabulary, as JSON values; "merges" are what subwords are made by."""
        merges = {"merges": list(self.subwords.merges)} if self.subwords else {}
        return {name: list(table.tokens) for name, table in self.tables.items()} | merges


class TaggedWords(Features):
    """Words with their characters or affixes, a tag for each word."""

    names = ("words", "characters", "tags")

    @classmethod
    def fit(cls, config, examples):
        """Words that occur twice or more; a word seen once teaches what an unknown word looks like."""
        words = [word for example in examples for word in example["words"]]
        vocabularies = {"words": count(words, least=2, most=config.vocabulary_size)}
        if config.characters == "affixes":
            flat = _affixes(tf.constant([word.encode() for word in words])).numpy().ravel()
            vocabularies["characters"] = count([affix.decode() for affix in flat], least=2)
        elif config.characters != "none":
            vocabularies["characters"] = count(character for word in words for character in word)
        vocabularies["tags"] = sorted({tag for example in examples for tag in example["tags"]})
        return cls(config, vocabularies)

    @property
    def inputs(self):
        words = Input("words", "token", len(self.tables["words"]))
        if self.config.characters == "none":
            return (words,)
        kind = "affixes" if self.config.characters == "affixes" else "characters"
        return words, Input("characters", kind, len(self.tables["characters"]))

    @property
    def outputs(self):
        return len(self.tables["tags"])

    def encode(self, words):
        """Ragged words (batch, None) to ragged ids by input name."""
        encoded = {"words": self.tables["words"].ids(words)}
        flat = words.flat_values
        if self.config.characters == "affixes":
            encoded["characters"] = words.with_flat_values(
                self.tables["characters"].ids(_affixes(flat))
            )
        elif self.config.characters != "none":
            characters = tf.strings.unicode_split(flat, "UTF-8")[:, :MAX_CHARACTERS]
            encoded["characters"] = words.with_values(self.tables["characters"].ids(characters))
        return encoded

    def examples(self, examples):
        words = ragged([example["words"] for example in examples])
        tags = self.tables["tags"].ids(ragged([example["tags"] for example in examples]))
        return Encoded(self.encode(words), tags, words.row_lengths().numpy())

    def split(self, sentences):
        """Sentences (batch,) to ragged words (batch, None), at white space."""
        return tf.strings.split(sentences)


class Texts(Features):
    """Features that cut texts into tokens. A subclass says in `_prepared` what is done to a text before."""

    names = ("tokens",)
    tokens = TOKENS

    @classmethod
    def _learned(cls, config, texts):
        """The vocabulary "merges" where texts (batch,) are to be cut into subwords."""
        if config.token != "subword":
            return {}
        return {"merges": subwords.learn(cls._prepared(texts, "subword"), config.vocabulary_size)}

    @classmethod
    def _counted(cls, config, texts, merges, least=1):
        """The tokens of texts (batch,), the most frequent first."""
        if config.token == "byte":
            return [bytes([value]).decode("utf-8", "surrogateescape") for value in range(256)]
        # Cut by an instance, as texts will be ever after.
        flat = cls(config, dict.fromkeys(cls.names, ()) | merges).split(texts).flat_values.numpy()
        return count(
            (token.decode("utf-8", "surrogateescape") for token in flat),
            least,
            config.vocabulary_size,
        )

    @classmethod
    def _spelled(cls, config, texts, merges, least=1):
        """The tokens of texts (batch,), and of subwords also those that only another text may be cut into."""
        tokens = cls._counted(config, texts, merges, least)
        if not merges:
            return tokens
        units = subwords.units(cls._prepared(texts, "subword"), merges["merges"])
        return list(dict.fromkeys([*tokens, *units]))[: config.vocabulary_size]

    @staticmethod
    def _prepared(texts, token):
        return texts

    @property
    def inputs(self):
        return (Input("tokens", "token", len(self.tables["tokens"])),)

    def encode(self, tokens):
        return {"tokens": self.tables["tokens"].ids(tokens)}

    def split(self, texts):
        """Texts (batch,) to ragged tokens."""
        return cut(self._prepared(texts, self.config.token), self.config.token, self.subwords)


class TextTokens(Texts):
    """The tokens of a text: characters, words, bytes or subwords, nothing lost but the width of white space between
    words."""

    @classmethod
    def fit(cls, config, examples):
        texts = tf.constant([example["text"] for example in examples], tf.string)
        merges = cls._learned(config, texts)
        return cls(config, {"tokens": cls._spelled(config, texts, merges)} | merges)

    @property
    def outputs(self):
        return len(self.tables["tokens"])

    def join(self, tokens):
        """Tokens (batch, timesteps), padded with "", to texts (batch,)."""
        if self.config.token != "word":
            return tf.strings.reduce_join(tokens, -1)
        texts = tf.strings.strip(tf.strings.reduce_join(tokens, -1, separator=" "))
        return tf.strings.regex_replace(texts, f" ?{NEWLINE} ?", "\n")

    def stream(self, examples):
        """All examples as one text, a line each: token ids (tokens,) and the number of characters."""
        text = "\n".join(example["text"] for example in examples)
        ids = self.encode(self.split(tf.constant([text])))["tokens"].flat_values
        return ids.numpy(), len(text)


class LabelledText(Texts):
    """The tokens of a short text, and its class. Words are lower case, punctuation apart."""

    names = ("tokens", "labels")

    @classmethod
    def fit(cls, config, examples):
        texts = tf.constant([example["text"] for example in examples], tf.string)
        merges = cls._learned(config, texts)
        labels = sorted({example["label"] for example in examples})
        return cls(
            config, {"tokens": cls._spelled(config, texts, merges), "labels": labels} | merges
        )

    @staticmethod
    def _prepared(texts, token):
        if token == "subword":
            return subwords.spaced(texts)
        if token == "word":
            texts = tf.strings.lower(texts, encoding="utf-8")
            texts = tf.strings.regex_replace(texts, r"([^\p{L}\p{N}\s])", r" \1 ")
        return texts

    @property
    def outputs(self):
        return len(self.tables["labels"])

    def examples(self, examples):
        tokens = self.split(tf.constant([example["text"] for example in examples], tf.string))
        labels = self.tables["labels"].ids(
            tf.constant(
                [example["label"].encode("utf-8", "surrogateescape") for example in examples],
                tf.string,
            )
        )
        return Encoded(self.encode(tokens), labels, tokens.row_lengths().numpy())


class AnsweredText(Texts):
    """The tokens of a text, and what is to be said at each of them: the tokens of another text, as many."""

    names = ("tokens", "tags")
    tokens = ("char", "word", "byte")  # two texts are not cut into equally many subwords

    @classmethod
    def fit(cls, config, examples):
        tokens, said = (
            (token.decode("utf-8", "surrogateescape") for token in flat.numpy())
            for flat in (cls._flat(examples, role, config.token) for role in ("text", "answer"))
        )
        return cls(
            config,
            {"tokens": count(tokens, most=config.vocabulary_size), "tags": sorted(set(said))},
        )

    @staticmethod
    def _flat(examples, role, token):
        return cut(
            tf.constant([example[role] for example in examples], tf.string), token
        ).flat_values

    @property
    def outputs(self):
        return len(self.tables["tags"])

    def examples(self, examples):
        texts, answers = (
            self.split(tf.constant([example[role] for example in examples], tf.string))
            for role in ("text", "answer")
        )
        lengths = texts.row_lengths().numpy()
        for number, pair in enumerate(zip(lengths, answers.row_lengths().numpy(), strict=True)):
            if pair[0] != pair[1]:
                raise RequestError(
                    f"example {number} has {pair[0]} tokens of text and {pair[1]} of answer. Write one "
                    "token of the answer for each of the text."
                )
        return Encoded(self.encode(texts), self.tables["tags"].ids(answers), lengths)


class Vectors(Features):
    """Sequences of vectors, a number for each sequence. Its one vocabulary says how wide a vector is."""

    names = ("width",)

    def __init__(self, config, vocabularies):
        super().__init__(config, {})
        self.width = vocabularies["width"]

    @classmethod
    def fit(cls, config, examples):
        return cls(config, {"width": int(np.shape(examples[0]["vectors"])[-1])})

    @property
    def vocabularies(self):
        return {"width": self.width}

    @property
    def inputs(self):
        return Input("vectors", "vector", self.width), Input("mask", "mask")

    @property
    def outputs(self):
        return 1

    def examples(self, examples):
        lengths = np.array([len(example["vectors"]) for example in examples], "int64")
        flat = tf.constant(np.concatenate([example["vectors"] for example in examples]), tf.float32)
        vectors = tf.RaggedTensor.from_row_lengths(flat, lengths)
        mask = tf.RaggedTensor.from_row_lengths(tf.ones(len(flat), tf.bool), lengths)
        targets = tf.constant([[example["target"]] for example in examples], tf.float32)
        return Encoded({"vectors": vectors, "mask": mask}, targets, lengths)


def cut(texts, token, merged=None):
    """Texts (batch,) to ragged tokens: unicode characters, bytes, words with line ends as words of their own, or the
    units of `merged`, a `tasks.text.subwords.Subwords`."""
    if token == "subword":
        return merged.cut(texts)
    if token == "char":
        return tf.strings.unicode_split(texts, "UTF-8")
    if token == "byte":
        return tf.strings.bytes_split(texts)
    return tf.strings.split(tf.strings.regex_replace(texts, "\n", f" {NEWLINE} "))


def _affixes(words):
    """Of words (n,): strings (n, AFFIXES)."""
    length = tf.strings.length(words, unit="UTF8_CHAR")
    found = []
    for size in (1, 2, 3, 4):
        size = tf.minimum(size, length)
        zero = tf.zeros_like(size)
        found.append(tf.strings.join([">", tf.strings.substr(words, zero, size, unit="UTF8_CHAR")]))
        found.append(
            tf.strings.join([tf.strings.substr(words, length - size, size, unit="UTF8_CHAR"), "<"])
        )
    shape = words
    for pattern, letter in ((r"\p{Lu}+", "X"), (r"\p{Ll}+", "x"), (r"\p{N}+", "9")):
        shape = tf.strings.regex_replace(shape, pattern, letter)
    return tf.stack([*found, tf.strings.join(["=", shape])], -1)
