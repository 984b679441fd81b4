r"""Parts of long texts for translation: sentences, which are translated one by one.

Example:
    >>> import tensorflow as tf
    >>> from zoo.decoding.sentences import join_parts, split_long
    >>> parts = split_long(tf.constant(["One. Two.", "One. Two. (Three!) Four"]), 10)
    >>> parts.to_list()
    [[b'One. Two.'], [b'One.', b'Two.', b'(Three!)', b'Four']]
    >>> join_parts(parts).numpy().tolist()
    [b'One. Two.', b'One. Two. (Three!) Four']
"""

import tensorflow as tf

_BOUNDARY = "\x1e"  # the control character between records; it is white space in texts
# The end of a sentence is a mark with closing quotes or brackets, then white space, which scripts
# without spaces omit. A line break ends a sentence, too.
_RULES = (
    (_BOUNDARY, " "),
    (r"""([.!?…।][)"'’”»\]]*)\s+""", rf"\1{_BOUNDARY}"),
    (r"([。！？][）」』”’]*)\s*", rf"\1{_BOUNDARY}"),
    (r"\s*\n\s*", _BOUNDARY),
    (f"^{_BOUNDARY}+|{_BOUNDARY}+$", ""),
    (f"{_BOUNDARY}+", _BOUNDARY),
)


def is_long(texts: tf.Tensor, longest: int | None) -> tf.Tensor:
    """Return for texts (n,) whether each has more than `longest` characters; None: no limit."""
    if longest is None:
        return tf.zeros(tf.shape(texts), tf.bool)
    return tf.strings.length(texts, unit="UTF8_CHAR") > longest


def split_long(texts: tf.Tensor, longest: int | None) -> tf.RaggedTensor:
    """Split texts (batch,) with more than `longest` characters into sentences.

    Args:
        texts: strings (batch,).
        longest: the number of characters up to which a text is not split; None: no text is split.

    Returns:
        Ragged strings (batch, None), at least one in each row.
    """
    if longest is None:
        return tf.RaggedTensor.from_tensor(texts[:, None])
    long = is_long(texts, longest)
    # The other texts have one part: the text itself, which may hold the boundary.
    marked = tf.where(long, texts, "-")
    for pattern, rewrite in _RULES:
        marked = tf.strings.regex_replace(marked, pattern, rewrite)
    parts = tf.strings.split(marked, _BOUNDARY)
    row = parts.value_rowids()
    flat = tf.where(tf.gather(long, row), parts.flat_values, tf.gather(texts, row))
    return parts.with_flat_values(flat)


def join_parts(parts: tf.RaggedTensor) -> tf.Tensor:
    """Return texts (batch,) of ragged parts (batch, None), with spaces between the parts."""
    dense, counts = parts.to_tensor(), parts.row_lengths()
    joined = tf.strings.reduce_join(dense, -1, separator=" ")
    return tf.where(counts > 1, tf.strings.regex_replace(joined, " +$", ""), dense[:, 0])
