import unicodedata

import pytest

from tasks.text.normalization import normalize


@pytest.mark.parametrize("text", ["", "cafe", "café", "ﬁ ½ Å", "a\x00b\u2028c", "日本語", "\ud800"])
def test_composed_texts_are_kept(text):
    assert normalize(unicodedata.normalize("NFC", text)) == unicodedata.normalize("NFC", text)


def test_decomposed_letters_are_composed():
    assert normalize("cafe\N{COMBINING ACUTE ACCENT}") == "café"


def test_compatibility_characters_are_kept():
    assert normalize("ﬁ ½ ²") == "ﬁ ½ ²"
