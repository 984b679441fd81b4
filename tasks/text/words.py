"""Words with punctuation apart, and the text that they came from; all of it runs in the graph.

A mark says on which side it touches its neighbour, as OpenNMT's joiners do: "Go!" is `Go ￭!`, "Va !" is `Va !`, and
"(a)" is `(￭ a ￭)`. So a model learns where a language puts its spaces, and joining has no rules of any language.
"""

import tensorflow as tf

JOINER = "￭"
_SPACES = r"[\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]"  # other than " "; a part of the mark beside them
_LETTER = r"[\p{L}\p{M}\p{N}\p{Pc}]"  # Pc: an underscore joins words to one, as in Unicode's word boundaries
_NO_LETTER = r"[^\p{L}\p{M}\p{N}\p{Pc}]"
_MARK = (
    r"[^\p{L}\p{M}\p{N}\p{Pc}'’ \x1f]"  # an apostrophe is one only where it ends or begins a word
)
_RULES = (  # \x1f stands where a mark touches its neighbour
    (r"[\s\x00-\x1f]+", " "),
    (f"({_SPACES}?{_MARK}{_SPACES}?)", "\x1f\\1\x1f"),
    (f"(^|{_NO_LETTER})(['’])", "\\1\x1f\\2\x1f"),
    (f"(['’])($|{_NO_LETTER})", "\x1f\\1\x1f\\2"),
    # English: I'm, Tom's, don't. What is left over is French: l'homme, qu'il, but aujourd'hui is one word.
    (f"({_LETTER})(['’](?i:s|t|re|ll|ve|d|m))($|{_NO_LETTER})", "\\1\x1f\\2\\3"),
    (r"\b((?i:\p{L}{1,2}|\p{L}*qu)['’])", "\\1\x1f"),
    (r"\x1f*(?:^|$| )\x1f*", " "),
    (f"\x1f+(['’]|{_MARK})", f" {JOINER}\\1"),
    (r"\x1f+", f"{JOINER} "),
)


def cut(texts):
    """Texts (batch,) to ragged words and marks."""
    for pattern, rewrite in _RULES:
        texts = tf.strings.regex_replace(texts, pattern, rewrite)
    return tf.strings.split(texts)


def join(words):
    """Words and marks (batch, timesteps), padded with "", to texts (batch,)."""
    texts = tf.strings.reduce_join(words, -1, separator=" ")
    texts = tf.strings.regex_replace(texts, f" ?{JOINER} ?", "")
    return tf.strings.strip(tf.strings.regex_replace(texts, "  +", " "))
