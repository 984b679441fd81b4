"""Byte-pair encoding (Sennrich et al. 2016): learned in Python, applied in the TensorFlow graph.

A text is first split into pieces: runs of letters, of digits or of other marks, each with the space
before it. Merges join neighbouring characters and subwords of a piece, in the order in which the
merges were learned, and never cross the boundary of a piece. Tokenization is lossless: the
concatenated subwords are the text.
"""

import collections
import heapq
from collections.abc import Iterable

import tensorflow as tf

MAX_CHARACTERS = 32  # Maximum length of a piece: one long URL would widen the whole batch.
_NO_MERGE = 2**31 - 1  # The rank of a pair that is not merged.
_BOUNDARY = b"\xff"  # Occurs in no UTF-8 text.
_PIECE = r"( ?[\p{L}\p{M}]+['’]?| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s)"

Pair = tuple[str, str]


def split_pieces(texts: tf.Tensor) -> tf.RaggedTensor:
    """Return the ragged pieces (batch, None) of texts (batch,)."""
    marked = tf.strings.regex_replace(texts, _PIECE, _BOUNDARY + rb"\1")
    split = tf.strings.split(marked, _BOUNDARY)
    runs = tf.ragged.boolean_mask(split, tf.not_equal(split, ""))
    lengths = tf.strings.length(runs.flat_values, unit="UTF8_CHAR")
    starts = tf.ragged.range(0, lengths, MAX_CHARACTERS)
    run_of_piece = tf.gather(runs.flat_values, starts.value_rowids())
    limits = tf.fill(tf.shape(run_of_piece), MAX_CHARACTERS)
    pieces = tf.strings.substr(run_of_piece, starts.flat_values, limits, unit="UTF8_CHAR")
    return runs.with_flat_values(starts.with_flat_values(pieces)).merge_dims(1, 2)


def prepend_space(texts: tf.Tensor) -> tf.Tensor:
    """Return texts with a space in front, so that the first word is tokenized like later ones."""
    return tf.strings.regex_replace(texts, "^(.|\n)", r" \1")


def learn_merges(texts: tf.Tensor, size: int | None) -> list[str]:
    """Return the merges learned from texts (batch,), as strings "left right".

    Each merge joins the pair that is the most frequent after the merges before it; among equally
    frequent pairs, the first in the order of code points. Pairs that occur once are not merged.

    Args:
        texts: strings (batch,).
        size: the maximum number of distinct subwords, characters included; None for no limit.

    Example:
        >>> import tensorflow as tf
        >>> from tasks.text import subwords
        >>> subwords.learn_merges(tf.constant([" abc abc"]), 100)
        ['  a', ' a b', ' ab c']
    """
    pieces = split_pieces(texts).flat_values.numpy()
    words = collections.Counter(piece.decode("utf-8", "replace") for piece in pieces)
    distinct = {character for word in words for character in word}
    pairs = _PairCounts(words)
    merges: list[str] = []
    while (size is None or len(distinct) < size) and (pair := pairs.most_frequent()):
        merges.append(" ".join(pair))
        distinct.add("".join(pair))
        pairs.merge(pair)
    return merges


def all_subwords(texts: tf.Tensor, merges: Iterable[str]) -> list[str]:
    """Return the results of all merges, then the characters of texts (batch,), sorted."""
    characters = {
        character for text in texts.numpy() for character in text.decode("utf-8", "replace")
    }
    return [*("".join(merge.rsplit(" ", 1)) for merge in merges), *sorted(characters)]


class _PairCounts:
    """Counts of pairs of neighbouring subwords; a merge visits only words with the pair.

    Args:
        words: dict of distinct piece to frequency.
    """

    def __init__(self, words: dict[str, int]) -> None:
        self.words = [list(word) for word in words]
        self.frequencies = list(words.values())
        self.counts: collections.Counter[Pair] = collections.Counter()
        self.words_of_pair: collections.defaultdict[Pair, set[int]] = collections.defaultdict(set)
        for index in range(len(self.words)):
            self._add(index)
        # Changed counts are pushed again; `most_frequent` skips the outdated items.
        self.heap = [(-count, pair) for pair, count in self.counts.items()]
        heapq.heapify(self.heap)

    def most_frequent(self) -> Pair | None:
        """Return the most frequent pair, or None if no pair occurs twice."""
        while self.heap:
            count, pair = heapq.heappop(self.heap)
            if self.counts[pair] == -count:
                return pair if count < -1 else None
        return None

    def merge(self, pair: Pair) -> None:
        """Merge a pair in all words."""
        changed: set[Pair] = set()
        for index in sorted(self.words_of_pair[pair]):
            changed |= self._remove(index)
            self.words[index] = _merge(self.words[index], pair)
            changed |= self._add(index)
        for each in changed:
            heapq.heappush(self.heap, (-self.counts[each], each))

    def _add(self, index: int) -> set[Pair]:
        """Count the pairs of a word, and return them."""
        pairs = _neighbours(self.words[index])
        for pair in pairs:
            self.counts[pair] += self.frequencies[index]
            self.words_of_pair[pair].add(index)
        return set(pairs)

    def _remove(self, index: int) -> set[Pair]:
        """Subtract the pairs of a word from the counts, and return them."""
        pairs = _neighbours(self.words[index])
        for pair in pairs:
            self.counts[pair] -= self.frequencies[index]
            self.words_of_pair[pair].discard(index)
        return set(pairs)


def _neighbours(word: list[str]) -> list[Pair]:
    return list(zip(word, word[1:], strict=False))


def _merge(word: list[str], pair: Pair) -> list[str]:
    merged, position = [], 0
    while position < len(word):
        width = 2 if tuple(word[position : position + 2]) == pair else 1
        merged.append("".join(word[position : position + width]))
        position += width
    return merged


class SubwordTokenizer(tf.Module):
    """A tokenizer that splits texts into subwords, with graph operations that can be exported.

    Args:
        merges: the merges in the order in which they were learned, strings "left right".

    Example:
        >>> import tensorflow as tf
        >>> from tasks.text.subwords import SubwordTokenizer
        >>> SubwordTokenizer(["a b"]).tokenize(tf.constant(["abcab"])).to_list()
        [[b'ab', b'c', b'ab']]
    """

    def __init__(self, merges: Iterable[str]) -> None:
        super().__init__()
        self.merges = tuple(merges)
        # A lookup table needs at least one key, and a tiny text has no merges; "" is never a pair.
        self._ranks = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant([*self.merges, ""]),
                tf.constant([*range(len(self.merges)), _NO_MERGE], tf.int32),
            ),
            _NO_MERGE,
        )

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Return the ragged subwords (batch, None) of texts (batch,)."""
        pieces = split_pieces(texts)
        distinct, indices = tf.unique(pieces.flat_values)
        split = tf.gather(self._split(distinct), indices)
        return pieces.with_flat_values(split).merge_dims(1, 2)

    def _split(self, pieces: tf.Tensor) -> tf.RaggedTensor:
        """Return the ragged subwords (n, None) of pieces (n,)."""
        characters = tf.strings.unicode_split(pieces, "UTF-8").to_tensor()
        # Two columns of padding, so that there is always a pair.
        padding = tf.fill([tf.shape(pieces)[0], 2], "")
        subwords = tf.concat([characters, padding], 1)
        subwords, _ = tf.while_loop(
            lambda _, ranks: tf.reduce_min(ranks) < _NO_MERGE,
            self._merge_once,
            (subwords, self._pair_ranks(subwords)),
            (tf.TensorShape([None, None]),) * 2,
        )
        return tf.RaggedTensor.from_tensor(subwords, padding="")

    def _pair_ranks(self, subwords: tf.Tensor) -> tf.Tensor:
        """Return the ranks (n, width - 1) of neighbours in subwords (n, width)."""
        return self._ranks.lookup(tf.strings.join([subwords[:, :-1], subwords[:, 1:]], " "))

    def _merge_once(self, subwords: tf.Tensor, ranks: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Merge the pair of lowest rank in each row; of equal ranks, the leftmost."""
        # Of equal ranks, argmin returns the leftmost.
        position = tf.argmin(ranks, 1, tf.int32)[:, None]
        has_pair = tf.reduce_min(ranks, 1, keepdims=True) < _NO_MERGE
        position = tf.where(has_pair, position, _NO_MERGE)
        following = tf.concat([subwords[:, 1:], tf.fill([tf.shape(subwords)[0], 1], "")], 1)
        column = tf.range(tf.shape(subwords)[1])[None]
        joined = tf.strings.join([subwords, following])
        right = tf.where(column == position, joined, following)
        subwords = tf.where(column < position, subwords, right)
        return subwords, self._pair_ranks(subwords)
