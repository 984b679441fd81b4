"""Byte-pair units (Sennrich et al. 2016): learned from texts here, applied to texts in the graph.

A text is first cut into pieces: runs of letters, of digits or of marks, each with the space before it. Merges join the
characters of a piece, the earliest learned first, and never cross two pieces. Nothing is lost: the units of a text,
one after the other, are the text.
"""

import collections
import heapq

import tensorflow as tf

MAX_CHARACTERS = 32  # of a piece; more would let one link in a text widen a whole batch
_NONE = 2**31 - 1  # the rank of two units that do not merge
_CUT = b"\xff"  # is in no UTF-8 text
_PIECE = r"( ?[\p{L}\p{M}]+['’]?| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s)"


def pieces(texts):
    """Texts (batch,) to ragged pieces."""
    cut = tf.strings.split(tf.strings.regex_replace(texts, _PIECE, _CUT + rb"\1"), _CUT)
    runs = tf.ragged.boolean_mask(cut, tf.not_equal(cut, ""))
    lengths = tf.strings.length(runs.flat_values, unit="UTF8_CHAR")
    starts = tf.ragged.range(0, lengths, MAX_CHARACTERS)
    long = tf.gather(runs.flat_values, starts.value_rowids())
    parts = tf.strings.substr(
        long, starts.flat_values, tf.fill(tf.shape(long), MAX_CHARACTERS), unit="UTF8_CHAR"
    )
    return runs.with_flat_values(starts.with_flat_values(parts)).merge_dims(1, 2)


def spaced(texts):
    """Texts with a space before their first word, which then is like the others."""
    return tf.strings.regex_replace(texts, "^(.|\n)", r" \1")


def learn(texts, size):
    """The merges that make at most `size` units of texts (batch,), characters included, as strings "left right".

    Each merge joins the pair that is most frequent by then; of equals, the first by character codes.
    """
    counted = collections.Counter(pieces(texts).flat_values.numpy())
    words = [(list(piece.decode("utf-8", "replace")), times) for piece, times in counted.items()]
    units = {character for word, _ in words for character in word}
    pairs = _Pairs(words)
    merges = []
    while len(units) < size and (pair := pairs.most_frequent()):
        merges.append(" ".join(pair))
        units.add("".join(pair))
        pairs.merge(pair)
    return merges


def units(texts, merges):
    """All units that texts like these (batch,) can be cut into: what merges make, and characters."""
    characters = {
        character for text in texts.numpy() for character in text.decode("utf-8", "replace")
    }
    return [*("".join(merge.rsplit(" ", 1)) for merge in merges), *sorted(characters)]


class _Pairs:
    """Neighbouring units in words, counted. A merge looks only at the words that have the pair."""

    def __init__(self, words):
        self.words, self.times = [word for word, _ in words], [times for _, times in words]
        self.counts, self.places = collections.Counter(), collections.defaultdict(set)
        for place in range(len(words)):
            self._count(place, 1)
        # An entry whose count is no longer true is passed over when it comes up.
        self.heap = [(-count, pair) for pair, count in self.counts.items()]
        heapq.heapify(self.heap)

    def most_frequent(self):
        """The pair that occurs most often, twice or more, or None."""
        while self.heap:
            count, pair = heapq.heappop(self.heap)
            if self.counts[pair] == -count:
                return pair if count < -1 else None
        return None

    def merge(self, pair):
        changed = set()
        for place in sorted(self.places[pair]):
            changed |= self._count(place, -1)
            self.words[place] = _merged(self.words[place], pair)
            changed |= self._count(place, 1)
        for each in changed:
            heapq.heappush(self.heap, (-self.counts[each], each))

    def _count(self, place, sign):
        """Adds the pairs of a word to the counts, or takes them out; returns them."""
        word = self.words[place]
        found = set(zip(word, word[1:], strict=False))
        for pair in zip(word, word[1:], strict=False):
            self.counts[pair] += sign * self.times[place]
        for pair in found:
            (self.places[pair].add if sign > 0 else self.places[pair].discard)(place)
        return found


def _merged(word, pair):
    merged, position = [], 0
    while position < len(word):
        width = 2 if tuple(word[position : position + 2]) == pair else 1
        merged.append("".join(word[position : position + width]))
        position += width
    return merged


class Subwords(tf.Module):
    """Cuts texts into units by merges; a table and a loop of the graph, saved with what holds it."""

    def __init__(self, merges):
        super().__init__()
        self.merges = tuple(merges)
        # A table may not be empty, as the merges of a tiny text may be: "" is no pair.
        self._ranks = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant([*self.merges, ""]),
                tf.constant([*range(len(self.merges)), _NONE], tf.int32),
            ),
            _NONE,
        )

    def cut(self, texts):
        """Texts (batch,) to ragged units. Each distinct piece is cut once."""
        found = pieces(texts)
        distinct, places = tf.unique(found.flat_values)
        return found.with_flat_values(tf.gather(self._units(distinct), places)).merge_dims(1, 2)

    def _units(self, words):
        """Words (n,) to ragged units (n, None): each turn merges, in each word, the leftmost pair of lowest rank."""
        characters = tf.strings.unicode_split(words, "UTF-8").to_tensor()
        units = tf.concat(
            [characters, tf.fill([tf.shape(words)[0], 2], "")], 1
        )  # so that there are always two
        ranks = self._pairs(units)
        units, _ = tf.while_loop(
            lambda _, ranks: tf.reduce_min(ranks) < _NONE,
            self._turn,
            (units, ranks),
            (tf.TensorShape([None, None]),) * 2,
        )
        return tf.RaggedTensor.from_tensor(units, padding="")

    def _pairs(self, units):
        """The ranks (n, width - 1) of neighbours in units (n, width)."""
        return self._ranks.lookup(tf.strings.join([units[:, :-1], units[:, 1:]], " "))

    def _turn(self, units, ranks):
        place = tf.argmin(ranks, 1, tf.int32)[:, None]  # of equals, argmin takes the leftmost
        place = tf.where(tf.reduce_min(ranks, 1, keepdims=True) < _NONE, place, _NONE)
        following = tf.concat([units[:, 1:], tf.fill([tf.shape(units)[0], 1], "")], 1)
        column = tf.range(tf.shape(units)[1])[None]
        joined = tf.where(column == place, tf.strings.join([units, following]), following)
        units = tf.where(column < place, units, joined)
        return units, self._pairs(units)
