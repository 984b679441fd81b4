"""Parse files with a label and a text on each line: fastText's and TREC's formats."""

import re

from tasks.data.file_contents import FileContents, features_flag
from tasks.data.file_source import FileSource
from tasks.data.matching import Field
from zoo.errors import RequestError

_FASTTEXT = "__label__"
FORMS = ("TREC", "fastText")
_TREC = re.compile(r"([A-Z]+):([A-Za-z]+) (.*)")
_FASTTEXT_LINE = re.compile(rf"\s*{_FASTTEXT}(\S+)(.*)")
_FASTTEXT_FIELDS = {
    "label": Field("the word after __label__", by_type=("label",)),
    "text": Field("the rest of the line", by_type=("text",)),
}
_TREC_FIELDS = {
    "coarse": Field("the label before the colon", by_type=("label",)),
    "fine": Field("the whole label", by_name=("label",)),
    "text": Field("the rest of the line", by_type=("text",)),
}


def is_labelled_lines(text: str) -> bool:
    """Return whether the first line begins with a label of fastText or TREC."""
    first = text.lstrip("\n").partition("\n")[0]
    return first.startswith(_FASTTEXT) or _TREC.fullmatch(first) is not None


def form_of_labels(text: str) -> str:
    """Return the form of labelled lines, "fastText" or "TREC"."""
    return FORMS[text.lstrip("\n").startswith(_FASTTEXT)]


def parse_labelled_lines(source: FileSource) -> FileContents:
    """Return the examples of a file with `__label__X text` or `LABEL:sub text` on each line.

    The columns of the former are "label" and "text", those of the latter "coarse" (the label before
    the colon), "fine" (the whole label) and "text".

    Raises:
        RequestError: a line has no label, several labels or no text.
    """
    path, text = source.path, source.text
    form = form_of_labels(text)
    source.reject_header(f"the format of {form}")
    fields, read = _READERS[form]
    found = source.columns(fields)
    examples = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            values = read(f"{path} line {number}", line)
            examples.append({role: values[name] for role, name in found.items()})
    described = {role: fields[name].type for role, name in found.items()}
    notes = [
        f"labels are those before the colon; choose whole labels with "
        f"{features_flag({role: 'fine'})}"
        for role, name in found.items()
        if name == "coarse" and role not in (source.features or {})
    ]
    return FileContents(examples, found, described, form, notes=notes)


def _read_fasttext(place: str, line: str) -> dict[str, str]:
    labels = [word for word in line.split() if word.startswith(_FASTTEXT)]
    found = _FASTTEXT_LINE.fullmatch(line)
    if len(labels) != 1 or found is None:
        raise RequestError(
            f"{place} has {len(labels)} labels instead of one at its beginning: {line[:60]!r}. "
            "Write `__label__X text` on each line."
        )
    return {"label": found[1], "text": found[2].strip()}


def _read_trec(place: str, line: str) -> dict[str, str]:
    found = _TREC.fullmatch(line)
    if found is None:
        raise RequestError(
            f"{place} does not begin with a label such as NUM:date: {line[:60]!r}. Write "
            "`LABEL:sub text` on each line."
        )
    coarse, sub, text = found.groups()
    return {"coarse": coarse, "fine": f"{coarse}:{sub}", "text": text.strip()}


_READERS = {"fastText": (_FASTTEXT_FIELDS, _read_fasttext), "TREC": (_TREC_FIELDS, _read_trec)}
