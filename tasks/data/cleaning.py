"""Clean the texts of examples: normalization form C, and no lone surrogates."""

import collections
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from tasks.data.roles import Example, Role
from tasks.text.normalization import normalize

DECOMPOSED = "{n} text{s} or words with decomposed letters (NFD) normalized to NFC"
COMPOSED = "{n} text{s} or words with composed letters (NFC) beside them"
SURROGATES = "{n} lone surrogate{s} replaced by U+FFFD"
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(
    examples: Iterable[Example], roles: Sequence[Role], counts: collections.Counter[str]
) -> None:
    """Normalize the texts of examples in place.

    Args:
        examples: the examples.
        roles: their roles; numbers and vectors are left alone.
        counts: receives the numbers of changed texts or words, and that of texts or words with
            composed letters if the examples mix both forms.
    """
    cleaner = _Cleaner()
    for example in examples:
        for role in roles:
            value = example[role.name]
            if role.kind in ("text", "label") and not value.isascii():
                example[role.name] = cleaner.cleaned(value)
            elif role.kind in ("words", "tags") and not all(map(str.isascii, value)):
                value[:] = [word if word.isascii() else cleaner.cleaned(word) for word in value]
    if cleaner.counts[DECOMPOSED] == 0:
        del cleaner.counts[COMPOSED]
    counts.update(cleaner.counts)


def valid_text(text: str) -> str:
    r"""Return `text` with each surrogate, which UTF-8 cannot encode, replaced by U+FFFD.

    Surrogates stand for bytes of a command line that are not UTF-8, and come from JSON such as
    "\ud83d"; a pair of them is one character.

    Example:
        >>> from tasks.data.cleaning import valid_text
        >>> valid_text("a\udcff"), valid_text("\ud83d\ude00")
        ('a\ufffd', '\U0001f600')
    """
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def normalization(counts: Mapping[str, int]) -> str:
    """Return the normalization form of texts that were cleaned, by the remarks about them."""
    if not counts.get(DECOMPOSED):
        return "NFC"
    return ("NFD and NFC" if counts.get(COMPOSED) else "NFD") + ", normalized to NFC"


class _Cleaner:
    """Cleans texts and counts what it finds; words are looked up if they occur again."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self._known: dict[str, tuple[str, str | None]] = {}

    def cleaned(self, text: str) -> str:
        """Return a text without surrogates, in normalization form C."""
        if len(text) > 50:
            result, form = self._clean(text)
        else:
            if text not in self._known:
                self._known[text] = self._clean(text)
            result, form = self._known[text]
        if form:
            self.counts[form] += 1
        return result

    def _clean(self, text: str) -> tuple[str, str | None]:
        """Return the clean text and the remark about its form, if any."""
        replaced = valid_text(text)
        self.counts[SURROGATES] += replaced.count("\ufffd") - text.count("\ufffd")
        result = normalize(replaced)
        if result != replaced:
            return result, DECOMPOSED
        return result, COMPOSED if unicodedata.normalize("NFD", result) != result else None
