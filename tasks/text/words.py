"""Texts to words and punctuation marks, and back, in the TensorFlow graph.

A joiner marks the side of a token without a space, as in OpenNMT: "Go!" is `Go ￭!`, "Va !" is
`Va !`, and "(a)" is `(￭ a ￭)`. A model thus learns the spacing of a language, and `detokenize` does
not depend on the language.
"""

import tensorflow as tf

JOINER = "￭"
# Spaces other than " " are part of the adjacent mark.
_SPACES = r"[\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]"
# Pc: an underscore is part of a word, as in Unicode's word boundaries.
_LETTER = r"[\p{L}\p{M}\p{N}\p{Pc}]"
_NO_LETTER = r"[^\p{L}\p{M}\p{N}\p{Pc}]"
# An apostrophe is a mark only at the beginning or the end of a word.
_MARK = r"[^\p{L}\p{M}\p{N}\p{Pc}'’ \x1f]"
_RULES = (  # \x1f marks a boundary of tokens without a space.
    (r"[\s\x00-\x1f]+", " "),
    (f"({_SPACES}?{_MARK}{_SPACES}?)", "\x1f\\1\x1f"),
    (f"(^|{_NO_LETTER})(['’])", "\\1\x1f\\2\x1f"),
    (f"(['’])($|{_NO_LETTER})", "\x1f\\1\x1f\\2"),
    # English: I'm, Tom's, don't. The rest is French: l'homme, qu'il, but aujourd'hui is one word.
    (f"({_LETTER})(['’](?i:s|t|re|ll|ve|d|m))($|{_NO_LETTER})", "\\1\x1f\\2\\3"),
    (r"\b((?i:\p{L}{1,2}|\p{L}*qu)['’])", "\\1\x1f"),
    (r"\x1f*(?:^|$| )\x1f*", " "),
    (f"\x1f+(['’]|{_MARK})", f" {JOINER}\\1"),
    (r"\x1f+", f"{JOINER} "),
)


def tokenize(texts: tf.Tensor) -> tf.RaggedTensor:
    """Return the ragged words and marks (batch, None) of texts (batch,).

    Example:
        >>> import tensorflow as tf
        >>> from tasks.text import words
        >>> [token.decode() for token in words.tokenize(tf.constant(["I don't."])).to_list()[0]]
        ['I', 'don', "￭'t", '￭.']
    """
    for pattern, rewrite in _RULES:
        texts = tf.strings.regex_replace(texts, pattern, rewrite)
    return tf.strings.split(texts)


def detokenize(words: tf.Tensor) -> tf.Tensor:
    """Return the texts (batch,) of words and marks (batch, timesteps), padded with ""."""
    texts = tf.strings.reduce_join(words, -1, separator=" ")
    texts = tf.strings.regex_replace(texts, f" ?{JOINER} ?", "")
    return tf.strings.strip(tf.strings.regex_replace(texts, "  +", " "))
