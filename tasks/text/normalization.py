"""Unicode normalization of texts: the same for training and for an exported model.

A letter with an accent has two encodings: one character (composed, NFC), or a letter and a
combining mark (decomposed, NFD). Both look alike; a vocabulary would hold two tokens.
"""

import unicodedata


def normalize(text: str) -> str:
    r"""Return `text` in Unicode normalization form C (composed).

    Args:
        text: any text; characters that are already composed are kept.

    Example:
        >>> from tasks.text.normalization import normalize
        >>> normalize("cafe\u0301") == "caf\u00e9"
        True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)
