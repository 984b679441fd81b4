"""Features of tagged words: the words of a sentence and their spelling."""

from collections.abc import Sequence

import tensorflow as tf

from tasks.data.roles import UNTAGGED, Example
from tasks.text.features import NO_TARGET, Encoded, Features, Input, ragged, string_tensor
from tasks.text.vocabulary import frequent_tokens
from zoo.config import Config

MAX_CHARACTERS = 24  # Longer words are truncated: one long URL would widen the whole batch.
AFFIX_LENGTHS = (1, 2, 3, 4)
AFFIXES = 2 * len(AFFIX_LENGTHS) + 1  # Per word: prefixes, suffixes and the word shape.
# The word shape replaces runs of characters: that of "Ab12" is "Xx9".
_SHAPE = ((r"\p{Lu}+", "X"), (r"\p{Ll}+", "x"), (r"\p{N}+", "9"))


class TaggedWords(Features):
    """Words, optionally with their characters or affixes, and a tag for each word.

    Example:
        >>> import zoo
        >>> from tasks.text.tagged_words import TaggedWords
        >>> config = zoo.Config(task="pos_tagging", characters="none")
        >>> features = TaggedWords(config, {"words": ["the", "cat"], "tags": ["DET", "NOUN"]})
        >>> example = {"words": ["the", "dog"], "tags": ["DET", "NOUN"]}
        >>> encoded = features.encode_examples([example])
        >>> encoded.inputs["words"].to_list(), encoded.targets.to_list()
        ([[2, 1]], [[0, 1]])
    """

    names = ("words", "characters", "tags")

    @classmethod
    def fit(cls, config: Config, examples: Sequence[Example]) -> "TaggedWords":
        """Return features for the words that occur at least twice.

        Words that occur once are unknown, so that the embedding of unknown words is trained.
        """
        words = [word for example in examples for word in example["words"]]
        vocabularies = {
            "words": frequent_tokens(words, min_count=2, max_size=config.vocabulary_size)
        }
        if config.characters == "affixes":
            affixes = word_affixes(string_tensor(words)).numpy().ravel()
            vocabularies["characters"] = frequent_tokens(
                (affix.decode() for affix in affixes), min_count=2
            )
        elif config.characters != "none":
            vocabularies["characters"] = frequent_tokens(
                character for word in words for character in word
            )
        tags = {tag for example in examples for tag in example["tags"]}
        vocabularies["tags"] = sorted(tags - {UNTAGGED})
        return cls(config, vocabularies)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The words, and their characters or affixes."""
        words = Input("words", "token", len(self.tables["words"]))
        if self.config.characters == "none":
            return (words,)
        kind = "affixes" if self.config.characters == "affixes" else "characters"
        return words, Input("characters", kind, len(self.tables["characters"]))

    @property
    def outputs(self) -> int:
        """The number of tags."""
        return len(self.tables["tags"])

    def encode(self, words: tf.RaggedTensor) -> dict[str, tf.RaggedTensor]:
        """Return the ids of ragged words (batch, None), ragged tensors by input name."""
        encoded = {"words": self.tables["words"].ids(words)}
        if self.config.characters == "affixes":
            affixes = self.tables["characters"].ids(word_affixes(words.flat_values))
            encoded["characters"] = words.with_flat_values(affixes)
        elif self.config.characters != "none":
            characters = tf.strings.unicode_split(words.flat_values, "UTF-8")[:, :MAX_CHARACTERS]
            encoded["characters"] = words.with_values(self.tables["characters"].ids(characters))
        return encoded

    def encode_examples(self, examples: Sequence[Example]) -> Encoded:
        """Return the words and the tags of examples as ids; `NO_TARGET` for words without a tag."""
        words = ragged([example["words"] for example in examples])
        tags = ragged([example["tags"] for example in examples])
        ids = self.tables["tags"].ids(tags).flat_values
        ids = tf.where(tf.equal(tags.flat_values, UNTAGGED), NO_TARGET, ids)
        targets = tags.with_flat_values(ids)
        return Encoded(self.encode(words), targets, words.row_lengths().numpy())

    def tokenize(self, sentences: tf.Tensor) -> tf.RaggedTensor:
        """Split sentences (batch,) at white space into ragged words (batch, None)."""
        return tf.strings.split(sentences)


def word_affixes(words: tf.Tensor) -> tf.Tensor:
    """Return the prefixes, suffixes and word shape of each word (n,) as strings (n, AFFIXES)."""
    length = tf.strings.length(words, unit="UTF8_CHAR")
    affixes = []
    for max_size in AFFIX_LENGTHS:
        size = tf.minimum(max_size, length)
        prefix = tf.strings.substr(words, tf.zeros_like(size), size, unit="UTF8_CHAR")
        suffix = tf.strings.substr(words, length - size, size, unit="UTF8_CHAR")
        affixes += [tf.strings.join([">", prefix]), tf.strings.join([suffix, "<"])]
    shape = words
    for pattern, letter in _SHAPE:
        shape = tf.strings.regex_replace(shape, pattern, letter)
    return tf.stack([*affixes, tf.strings.join(["=", shape])], -1)
