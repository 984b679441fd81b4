"""Data files of every form with one or two changes."""

import gzip
import json

WORDS = [("the", "DET"), ("cat", "NOUN"), ("sat", "VERB"), ("on", "ADP"), ("çay", "NOUN")]
SENTENCES = [WORDS[k % 3 : k % 3 + 2 + k % 2] for k in range(24)]
LABELLED = [(f"it is {('bad', 'fine')[k % 2]} {k}", ("no", "yes")[k % 2]) for k in range(24)]
TRANSLATED = [(f"one two {k}", f"un deux {k}") for k in range(24)]


def _tagged(separator, columns):
    rows = ["\n".join(separator.join(columns(*pair)) for pair in each) for each in SENTENCES]
    return "\n\n".join(rows) + "\n"


def _conllu():
    def line(k, word, tag):
        return "\t".join([str(k), word, "_", tag, *["_"] * 6])

    sentences = ["\n".join(line(k, *pair) for k, pair in enumerate(each, 1)) for each in SENTENCES]
    return "\n\n".join(f"# text = x\n{each}" for each in sentences) + "\n\n"


def _table(header, rows, separator):
    return "\n".join(separator.join(row) for row in [header, *rows]) + "\n"


def _lines(header, rows):
    return "".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows)


# Name -> (file name, task, text).
FORMS = {
    "tagged": ("a.tsv", "pos_tagging", _tagged("\t", lambda w, t: (w, t))),
    "four columns": ("a.conll", "pos_tagging", _tagged(" ", lambda w, t: (w, t, "O", "B-" + t))),
    "conllu": ("a.conllu", "pos_tagging", _conllu()),
    "csv": ("a.csv", "classification", _table(("text", "label"), LABELLED, ",")),
    "semicolons": ("a.csv", "classification", _table(("text", "label"), LABELLED, ";")),
    "headerless": ("a.csv", "classification", _table(LABELLED[0], LABELLED[1:], ",")),
    "tsv": ("a.tsv", "classification", _table(("text", "label"), LABELLED, "\t")),
    "jsonl": ("a.jsonl", "classification", _lines(("text", "label"), LABELLED)),
    "labels": ("a.txt", "classification", "".join(f"__label__{y} {x}\n" for x, y in LABELLED)),
    "trec": ("a.label", "classification", "".join(f"{y.upper()}:a {x}\n" for x, y in LABELLED)),
    "text": ("a.txt", "language_model", "the cat sat on the mat and the dog.\n" * 30),
    "pairs": ("a.csv", "translation", _table(("source", "target"), TRANSLATED, ",")),
    "pair lines": ("a.jsonl", "translation", _lines(("source", "target"), TRANSLATED)),
    "source": ("train.en", "translation", "".join(f"{x}\n" for x, _ in TRANSLATED)),
}
TARGET = ("train.fr", "".join(f"{y}\n" for _, y in TRANSLATED))


def data_file(rng, folder):
    """Write a changed data file; return (paths, task, description, whether it reads as before)."""
    form = rng.choice(list(FORMS))
    name, task, text = FORMS[form]
    changes = [rng.choice(CHANGES) for _ in range(rng.choice((1, 1, 2)))]
    harmless = all(change in HARMLESS for change in changes)
    if form == "text" and no_last_line_end in changes:  # a character of a text
        harmless = False
    content = text.encode("utf-8")
    for change in changes:
        content = change(rng, content)
    if rng.random() < 0.15:
        name = rng.choice([name.upper(), name + ".gz", "a.csv", "a.jsonl", "a.txt", "a.conllu"])
        harmless = False
    elif rng.random() < 0.1:
        name, content = name + ".gz", gzip.compress(content)
        harmless = harmless and name[:-3] != "train.en"
    path = folder / name
    path.write_bytes(content)
    paths = [path]
    if form == "source":
        (folder / TARGET[0]).write_text(TARGET[1], encoding="utf-8")
        paths.append(folder / TARGET[0])
    described = f"{form} as {name}: {', '.join(change.__name__ for change in changes)}"
    return paths, task, described, form if harmless and form != "headerless" else None


def windows_lines(rng, content):
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def byte_order_mark(rng, content):
    return b"\xef\xbb\xbf" + content


def utf16(rng, content):
    try:
        return content.decode("utf-8-sig").encode("utf-16")
    except UnicodeDecodeError:
        return content


def no_last_line_end(rng, content):
    return content.rstrip(b"\n")


HARMLESS = (windows_lines, byte_order_mark, utf16, no_last_line_end)


def _line_change(change):
    """Return a change of one line of the content."""

    def changed(rng, content):
        lines = content.split(b"\n")
        k = rng.randrange(max(1, min(len(lines), 10)))
        lines[k : k + 1] = change(rng, lines[k])
        return b"\n".join(lines)

    changed.__name__ = change.__name__
    return changed


def truncated(rng, content):
    return content[: rng.randrange(len(content) + 1)]


def first_lines(rng, content):
    return b"\n".join(content.split(b"\n")[: rng.choice((1, 2, 3, 5))])


def binary(rng, content):
    place = rng.randrange(len(content) + 1)
    return (
        content[:place]
        + rng.choice([b"\xff\xfe", b"\0\0", bytes(range(128, 256))])
        + content[place:]
    )


def latin1(rng, content):
    return content.replace("ç".encode(), b"\xe7").replace(b"fine", b"f\xefne")


def old_mac_lines(rng, content):
    return content.replace(b"\n", b"\r")


def one_label(rng, content):
    for label in (b"NOUN", b"DET", b"VERB", b"ADP"):
        content = content.replace(label, b"X")
    return content.replace(b"yes", b"no").replace(b"YES", b"NO")


def all_labels_empty(rng, content):
    return content.replace(b"yes", b"").replace(b"no", b"").replace(b"NOUN", b"")


def all_underscores(rng, content):
    return one_label(rng, content).replace(b"X", b"_")


def without_separators(rng, content):
    return content.replace(rng.choice([b"\t", b",", b" ", b";", b":"]), b"")


def other_separators(rng, content):
    return content.replace(rng.choice([b"\t", b",", b" "]), rng.choice([b"\t", b";", b"|", b"  "]))


def renamed_columns(rng, content):
    for name in (b"text", b"label", b"source", b"target"):
        content = content.replace(name, rng.choice([name, b"a", b"", b"[/b]", name.upper()]))
    return content


def repeated(rng, content):
    return content * rng.choice((2, 3))


def blank_lines(rng, content):
    return content.replace(b"\n", rng.choice([b"\n\n", b"\n\t\n", b"\n \n", b"\n\n\n"]))


def only_space(rng, content):
    return rng.choice([b"", b" ", b"\n" * 50, b"\t\n" * 50, b"\xef\xbb\xbf", b"\0" * 100])


def quote(rng, line):
    place = rng.randrange(len(line) + 1)
    return [line[:place] + b'"' + line[place:]]


def long_line(rng, line):
    return [line + b"x" * rng.choice((1000, 200_000))]


def doubled_line(rng, line):
    return [line, line]


def extra_field(rng, line):
    return [line + rng.choice([b"\tX", b",X", b";X", b" X", b"\t", b",,,,"])]


def missing_field(rng, line):
    return [line[: rng.randrange(len(line) + 1)]]


def odd_line(rng, line):
    return [line, rng.choice(ODD_LINES)]


def odd_value(rng, line):
    """Replace a value of a line."""
    old = rng.choice([b'"yes"', b'"no"', b"yes", b"NOUN", b"DET", b"it is", b"one", b"1", b"text"])
    return [line.replace(old, rng.choice(ODD_VALUES))]


ODD_LINES = (
    *(b"{}", b"[]", b"3", b"null", b"-DOCSTART- -X- O O", b"#", b"\x00", b"\x1b[31m\t\x07", b'"'),
    *(b"[" * 100_000, b'{"text":' * 100_000, b'{"text": "a", "text": "b", "label": "no"}'),
    *(b'{"text": "\\ud800", "label": "no"}', b'{"text": 3, "label": true}', b'{"text": null}'),
    *(b"1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_", b"0.1\tx\t_\tDET\t_\t_\t_\t_\t_\t_", b"9" * 5000),
    *("a\u2028b\tNOUN".encode(), b",", b"\t", b"[b]x[/b],[/b]", b"text,label", b"text\tlabel"),
    *(b'{"text": "a", "label": NaN}', b'{"text": "a", "label": 1e999}', b'{"label": {"a": 1}}'),
)
ODD_VALUES = (
    *(b"", b"_", b"NaN", b"null", b"nan", b"true", b"1", b"1.0", b'""', b'"\\ud800"', b'"\\u0000"'),
    *(b"[1, 2]", b'{"a": 1}', b"[/b]", b"\x00", b"\x1b[31m", b"\xf0\x9f\x98\x80", b"e\xcc\x81"),
)
CHANGES = (
    *HARMLESS,
    *(truncated, first_lines, binary, latin1, old_mac_lines, one_label, all_labels_empty),
    *(all_underscores, without_separators, other_separators, renamed_columns, repeated),
    *(blank_lines, only_space),
    *(_line_change(change) for change in (quote, long_line, doubled_line, extra_field)),
    *(_line_change(change) for change in (missing_field, odd_line, odd_value, odd_value)),
)
