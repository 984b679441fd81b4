"""Unicode normalization form C (NFC) in the TensorFlow graph, without custom operations.

TensorFlow has no operation for it. Texts that may not be normalized are found by a regular
expression; only these are decoded into code points, decomposed, ordered and composed by the
algorithm of the Unicode standard (section 3.11). The tables come from Python's `unicodedata`, so
that a graph normalizes as `unicodedata.normalize` does.
"""

import functools
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import tensorflow as tf

_UNASSIGNED = ("Cn", "Co", "Cs")
_FIRST_SYLLABLE, _SYLLABLES = 0xAC00, 11172  # of Hangul, which is composed by arithmetic
_LEADS, _VOWELS, _TRAILS = 0x1100, 0x1161, 0x11A7  # the first jamo of each kind; no trail: 0x11A7
_LEAD_COUNT, _VOWEL_COUNT, _TRAIL_COUNT = 19, 21, 28
_SECOND_JAMO = (  # composed with an earlier character
    *range(_VOWELS, _VOWELS + _VOWEL_COUNT),
    *range(_TRAILS + 1, _TRAILS + _TRAIL_COUNT),
)


class _Tables(NamedTuple):
    """Data of `unicodedata`.

    Attributes:
        changed: code points that NFC changes or composes with an earlier one.
        marks: code points with a combining class other than 0.
        classes: dict of code point to combining class, for `marks`.
        decompositions: dict of code point to its full canonical decomposition, without Hangul.
        compositions: dict of (first, second) to their composition, without Hangul.
    """

    changed: list[int]
    marks: list[int]
    classes: dict[int, int]
    decompositions: dict[int, list[int]]
    compositions: dict[tuple[int, int], int]


@functools.cache
def _tables() -> _Tables:
    classes, decompositions, compositions = {}, {}, {}
    changed = set(_SECOND_JAMO)
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) in _UNASSIGNED:
            continue
        if unicodedata.combining(character):
            classes[code] = unicodedata.combining(character)
        if _FIRST_SYLLABLE <= code < _FIRST_SYLLABLE + _SYLLABLES:
            continue
        decomposed = unicodedata.normalize("NFD", character)
        if decomposed == character:
            continue
        decompositions[code] = [ord(each) for each in decomposed]
        if unicodedata.normalize("NFC", character) != character:
            changed.add(code)  # excluded from composition
            continue
        first, second = (int(each, 16) for each in unicodedata.decomposition(character).split())
        compositions[first, second] = code
        changed.add(second)
    return _Tables(sorted(changed), sorted(classes), classes, decompositions, compositions)


def _character_class(codes: Iterable[int]) -> str:
    """Return a character class of RE2 for sorted code points."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in ranges) + "]"


def _map(values: Mapping[int, int], default: int) -> tf.lookup.StaticHashTable:
    keys, results = (tf.constant(list(each), tf.int64) for each in (values, values.values()))
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, results), default)


def _pair(first: Any, second: Any) -> Any:
    """Return the key of two code points in the table of compositions."""
    return first * (sys.maxunicode + 1) + second


class Normalizer(tf.Module):
    r"""Normalizes texts to NFC in the graph. Texts that are not valid UTF-8 are not changed.

    Example:
        >>> import tensorflow as tf
        >>> from tasks.text.graph_normalization import Normalizer
        >>> [text.decode() for text in Normalizer()(tf.constant(["cafe\u0301"])).numpy()]
        ['café']
    """

    def __init__(self) -> None:
        super().__init__()
        tables = _tables()
        changed, marks = _character_class(tables.changed), _character_class(tables.marks)
        # Two marks may be in the wrong order. `.` does not match a byte that is not UTF-8.
        self._pattern = f"(?s).*(?:{changed}|{marks}{marks}).*"
        self._class = _map(tables.classes, 0)
        seconds = {*_SECOND_JAMO, *(second for _, second in tables.compositions)}
        self._composes = _map(dict.fromkeys(seconds, 1), 0)
        self._row = _map({code: row for row, code in enumerate(tables.decompositions)}, -1)
        parts = list(tables.decompositions.values())
        self._part_lengths = tf.constant([len(part) for part in parts], tf.int64)
        self._parts = tf.constant([code for part in parts for code in part], tf.int64)
        pairs = {_pair(*codes): composed for codes, composed in tables.compositions.items()}
        self._composition = _map(pairs, -1)
        signature = [tf.TensorSpec((None,), tf.string)]
        graph = tf.function(self._normalize, input_signature=signature, autograph=False)
        # One graph for all signatures; TensorFlow would also save a function that is an attribute.
        self._graph = lambda texts: graph(texts)

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Return texts (n,) in NFC."""
        return self._graph(texts)

    def _normalize(self, texts: tf.Tensor) -> tf.Tensor:
        chosen = tf.strings.regex_full_match(texts, self._pattern)
        return tf.cond(
            tf.reduce_any(chosen), lambda: self._normalize_chosen(texts, chosen), lambda: texts
        )

    def _normalize_chosen(self, texts: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
        """Return texts (n,) with those where `chosen` (n,) bool is true in NFC."""
        decoded = tf.strings.unicode_decode(tf.boolean_mask(texts, chosen), "UTF-8")
        rows, codes = self._decompose(
            decoded.value_rowids(), tf.cast(decoded.flat_values, tf.int64)
        )
        rows, codes = self._compose(rows, *self._order(rows, codes))
        composed = tf.RaggedTensor.from_value_rowids(
            tf.cast(codes, tf.int32), rows, decoded.nrows()
        )
        encoded = tf.strings.unicode_encode(composed, "UTF-8")
        return tf.tensor_scatter_nd_update(texts, tf.where(chosen), encoded)

    def _decompose(self, rows: tf.Tensor, codes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the row numbers and the full decompositions of code points, as flat tensors."""
        index = self._row.lookup(codes)
        syllable = codes - _FIRST_SYLLABLE
        is_syllable = (syllable >= 0) & (syllable < _SYLLABLES)
        trail = syllable % _TRAIL_COUNT
        lengths = tf.where(
            index >= 0, tf.gather(self._part_lengths, tf.maximum(index, 0)), tf.ones_like(codes)
        )
        lengths = tf.where(is_syllable, 2 + tf.cast(trail > 0, tf.int64), lengths)
        offsets = tf.ragged.range(lengths)
        source, offset = offsets.value_rowids(), offsets.flat_values
        starts = tf.cumsum(self._part_lengths, exclusive=True)
        part = tf.gather(starts, tf.maximum(tf.gather(index, source), 0))
        # Of characters that have no parts, the index is only limited to the table.
        parts = tf.gather(
            self._parts, tf.minimum(part + offset, tf.size(self._parts, tf.int64) - 1)
        )
        vowels = _VOWEL_COUNT * _TRAIL_COUNT
        jamo = tf.stack(
            [_LEADS + syllable // vowels, _VOWELS + syllable % vowels // _TRAIL_COUNT]
            + [_TRAILS + trail],
            1,
        )
        jamo = tf.gather(jamo, source)
        jamo = tf.gather(jamo, tf.minimum(offset, 2), batch_dims=1)
        has_parts, has_jamo = tf.gather(index >= 0, source), tf.gather(is_syllable, source)
        same = tf.gather(codes, source)
        return tf.gather(rows, source), tf.where(has_parts, parts, tf.where(has_jamo, jamo, same))

    def _order(self, rows: tf.Tensor, codes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return decomposed code points in canonical order, and their combining classes."""
        classes = self._class.lookup(codes)
        segments = tf.cumsum(tf.cast((classes == 0) | _begins(rows), tf.int64))
        count = tf.size(codes, tf.int64)
        keys = (segments * 256 + classes) * count + tf.range(count)  # distinct: a stable order
        order = tf.argsort(keys)
        return tf.gather(codes, order), tf.gather(classes, order)

    def _compose(
        self, rows: tf.Tensor, codes: tf.Tensor, classes: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the row numbers and the code points after composition.

        A block begins with a character that cannot be composed with an earlier one. All blocks are
        composed at the same time, each from left to right.
        """
        begins = _begins(rows) | ((classes == 0) & (self._composes.lookup(codes) == 0))
        starts = tf.where(begins)[:, 0]
        lengths = tf.concat([starts[1:], [tf.size(codes, tf.int64)]], 0) - starts
        starts, lengths = (tf.boolean_mask(each, lengths > 1) for each in (starts, lengths))

        def body(step: Any, codes: Any, kept: Any, firsts: Any, last: Any) -> Any:
            blocks = tf.where(lengths > step)
            place = tf.gather_nd(starts, blocks) + step
            first, before = tf.gather_nd(firsts, blocks), tf.gather_nd(last, blocks)
            code, own = tf.gather(codes, place), tf.gather(classes, place)
            composed = self._composed(tf.gather(codes, first), code)
            joins = (composed >= 0) & ((before == 0) | (before < own))
            joined = tf.where(joins, composed, tf.gather(codes, first))
            codes = tf.tensor_scatter_nd_update(codes, first[:, None], joined)
            kept = tf.tensor_scatter_nd_update(kept, place[:, None], ~joins)
            first = tf.where(~joins & (own == 0), place, first)
            firsts = tf.tensor_scatter_nd_update(firsts, blocks, first)
            last = tf.tensor_scatter_nd_update(last, blocks, tf.where(joins, before, own))
            return step + 1, codes, kept, firsts, last

        # A block that begins with a mark has no character that a mark could be composed with.
        last = tf.where(tf.gather(classes, starts) == 0, tf.constant(0, tf.int64), 256)
        limit = tf.reduce_max(tf.concat([lengths, [0]], 0))
        loop = (tf.constant(1, tf.int64), codes, tf.ones_like(codes, tf.bool), starts, last)
        _, codes, kept, *_ = tf.while_loop(lambda step, *_: step < limit, body, loop)
        return tf.boolean_mask(rows, kept), tf.boolean_mask(codes, kept)

    def _composed(self, first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        """Return the compositions of pairs of code points, -1 for pairs without one."""
        lead, vowel, trail = first - _LEADS, second - _VOWELS, second - _TRAILS
        syllable = first - _FIRST_SYLLABLE
        is_two = (lead >= 0) & (lead < _LEAD_COUNT) & (vowel >= 0) & (vowel < _VOWEL_COUNT)
        is_three = (syllable >= 0) & (syllable < _SYLLABLES) & (syllable % _TRAIL_COUNT == 0)
        is_three &= (trail > 0) & (trail < _TRAIL_COUNT)
        two = _FIRST_SYLLABLE + (lead * _VOWEL_COUNT + vowel) * _TRAIL_COUNT
        composed = self._composition.lookup(_pair(first, second))
        return tf.where(is_two, two, tf.where(is_three, first + trail, composed))


def _begins(rows: tf.Tensor) -> tf.Tensor:
    """Return for sorted row numbers (n,) whether each is the first of its row."""
    return tf.concat([tf.ones_like(rows[:1], tf.bool), rows[1:] != rows[:-1]], 0)
