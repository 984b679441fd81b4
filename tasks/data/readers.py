"""Reads the user's own files: plain text, CoNLL-U, tagged words, CSV, TSV and JSON lines, gzipped or not."""

import csv
import gzip
import io
import itertools
import json
import math
import pathlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tasks.data.matching import Field, listing, match
from zoo.errors import RequestError

SPLITS = ("train", "validation", "test")
SPLIT_WORDS = {"train": "train", "dev": "validation", "valid": "validation", "validation": "validation",
                "val": "validation", "test": "test"}  # fmt: skip
_SPLIT_WORD = re.compile(r"(?<![a-z])(train|dev|validation|valid|val|test)(?![a-z])")
_CONLLU_COLUMNS = {"form": 1, "upos": 3, "xpos": 4}


def read_files(paths, roles, features=None):
    """Returns (name to print, dict split -> list of examples, dict role name -> column).

    `paths`: one file (all of it is train), three files (train, validation, test) or one folder whose files bear
    train / dev, valid, validation, val / test in their names. Raises RequestError.
    """
    paths = [pathlib.Path(path).expanduser() for path in paths]
    splits, found = {}, {}
    for split, path in _files(paths).items():
        splits[split], columns = read_file(path, roles, features)
        found = found or columns
    return ", ".join(path.name or str(path) for path in paths), splits, found


def read_file(path, roles, features=None):
    """Returns (list of examples, dict role name -> column) of one file. Raises RequestError."""
    reader = _reader(path, roles)
    examples, found = reader(path, whole(path), roles, features)
    if not examples:
        raise RequestError(f"{path} holds no example. Put at least one in, or name another file.")
    return examples, found


def _files(paths):
    """The file of each split, train first."""
    if len(paths) == 1 and paths[0].is_dir():
        return _folder_files(paths[0])
    if len(paths) == 1:
        return {"train": paths[0]}
    if len(paths) == 3:
        return dict(zip(SPLITS, paths, strict=True))
    raise RequestError(
        f"data names {len(paths)} paths ({', '.join(map(str, paths))}). Give one file, one folder, or three files: "
        "train, validation, test."
    )


def _folder_files(folder):
    files = {}
    try:
        inside = sorted(
            path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
        )
    except OSError as error:
        raise RequestError(
            f"cannot read {folder}: {error.strerror}. Check its permissions."
        ) from error
    for path in inside:
        words = splits_named(path)
        if extension(path) not in _EXTENSIONS or not words:
            continue
        if len(words) > 1:
            raise RequestError(
                f"{path} names several splits. Rename it after one, or give three files."
            )
        if (split := words.pop()) in files:
            raise RequestError(
                f"{files[split]} and {path} are both {split}. Leave one of them, or give three files."
            )
        files[split] = path
    if "train" not in files:
        names = ", ".join(path.name for path in inside) or "nothing"
        raise RequestError(
            f"{folder} has no file with 'train' in its name and one of {', '.join(_EXTENSIONS)} at its end. It has "
            f"{names}. Rename the files after train, dev and test, or give three files."
        )
    return {split: files[split] for split in SPLITS if split in files}


def splits_named(path):
    """The splits that a file's name speaks of."""
    return {SPLIT_WORDS[word] for word in _SPLIT_WORD.findall(path.name.lower())}


def extension(path):
    """The last suffix of a file's name, .gz apart."""
    name = path.name.lower().removesuffix(".gz")
    return pathlib.PurePath(name).suffix


def _reader(path, roles):
    suffix = extension(path)
    if suffix not in _EXTENSIONS:
        raise RequestError(
            f"{path}: the extension {suffix!r} is not known. Known are {', '.join(_EXTENSIONS)}, each with or "
            "without .gz."
        )
    kinds = {role.kind for role in roles}
    fitting = [each for each in _FORMATS if kinds <= each.kinds]
    for each in fitting:
        if each.extension == suffix:
            return each.read
    wanted = ", ".join(f"{role.name!r} (kind {role.kind})" for role in roles)
    known = " or ".join(each.extension for each in fitting)
    fix = f"give a {known} file" if known else "no file gives them: name a dataset"
    raise RequestError(f"{path}: a {suffix} file cannot give the roles {wanted}. Instead, {fix}.")


def whole(path):
    """The file's text, with no byte order mark and "\\n" at the end of every line."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise RequestError(f"{path} does not exist. Check the path.") from error
    except IsADirectoryError as error:
        raise RequestError(
            f"{path} is a folder, where a file is expected. Name a file in it."
        ) from error
    except OSError as error:
        raise RequestError(
            f"cannot read {path}: {error.strerror}. Check its permissions."
        ) from error
    if path.name.lower().endswith(".gz"):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise RequestError(
                f"{path} is no whole gzip file ({error}). Fetch it again, or gzip it anew."
            ) from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"{path} is not UTF-8: byte {raw[error.start]:#04x} at offset {error.start}. Convert it, for instance: "
            f"iconv -f LATIN1 -t UTF-8 {path}"
        ) from error
    if not (text := text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")).strip():
        raise RequestError(f"{path} is empty. Put at least one example in, or name another file.")
    return text


def _whole(path, text, roles, features):
    if len(roles) != 1:
        raise RequestError(
            f"{path}: a .txt file is one text and cannot give {len(roles)} roles. Give a .csv, .tsv or .jsonl file."
        )
    found = match(
        roles, {"text": Field("the whole file", natural=("text",))}, features, path, "column"
    )
    return [{roles[0].name: text}], found


def _conllu(path, text, roles, features):
    fields = {"form": Field("FORM", natural=("words",)), "upos": Field("UPOS", natural=("tags",)),
              "xpos": Field("XPOS", named=("tags",))}  # fmt: skip
    found = match(roles, fields, features, path, "column")
    columns = {role: _CONLLU_COLUMNS[name] for role, name in found.items()}
    examples = list(_sentences(_conllu_rows(path, text), columns))
    for role, name in found.items():
        if name != "form" and all(tag == "_" for example in examples for tag in example[role]):
            raise RequestError(
                f"{path}: the column {name!r} is '_' throughout, so there are no tags. Choose another column with "
                f"features={{{role!r}: NAME}}: {listing(fields)}."
            )
    return examples, found


def _conllu_rows(path, text):
    """The columns of each word's line, and None between sentences."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            yield None
        elif not line.startswith("#"):
            row = line.split("\t")
            if len(row) != 10:
                raise RequestError(
                    f"{path} line {number} has {len(row)} columns with tabs between them instead of CoNLL-U's 10: "
                    f"{line[:60]!r}. Correct the line."
                )
            if not re.fullmatch(r"\d+([-.]\d+)?", row[0]):
                raise RequestError(
                    f"{path} line {number} begins with {row[0]!r}, which is no CoNLL-U word number. Correct the line."
                )
            if not row[1].strip():
                raise RequestError(f"{path} line {number} has an empty FORM. Correct the line.")
            # Multi-word tokens ("3-4") and empty nodes ("5.1") stand beside the words they are made of.
            if row[0].isdigit():
                yield row


def _tagged(path, text, roles, features):
    first = next(line for line in text.split("\n") if line.strip())
    kinds = ("words", "tags")
    fields = {str(place): Field("column", natural=kinds[place - 1 : place], named=kinds)
              for place in range(1, first.count("\t") + 2)}  # fmt: skip
    found = match(roles, fields, features, f"{path} (word TAB tag on each line)", "column")
    columns = {role: int(name) - 1 for role, name in found.items()}
    return list(_sentences(_tagged_rows(path, text, columns.values()), columns)), found


def _tagged_rows(path, text, places):
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            yield None
            continue
        row = [cell.strip(" ") for cell in line.split("\t")]
        if missing := [place for place in places if place >= len(row) or not row[place]]:
            raise RequestError(
                f"{path} line {number} has nothing in column {missing[0] + 1}: {line[:60]!r}. Write word TAB tag, and "
                "a blank line between sentences."
            )
        yield row


def _sentences(rows, columns):
    """Examples made of the rows between two Nones; `columns` maps role names to places in a row."""
    for blank, group in itertools.groupby(rows, key=lambda row: row is None):
        if not blank:
            group = list(group)
            yield {role: [row[place] for row in group] for role, place in columns.items()}


def _comma_table(path, text, roles, features):
    return _table(
        path, _table_rows(path, csv.reader(io.StringIO(text), strict=True), text), roles, features
    )


def _tab_table(path, text, roles, features):
    if (
        len(roles) > 1
        and {role.kind for role in roles} == {"text"}
        and not _has_header(text, roles, features)
    ):
        return _bare_table(path, text, roles, features)
    rows = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    return _table(path, _table_rows(path, rows, text), roles, features)


def _has_header(text, roles, features):
    """Whether the first line names a column for every role."""
    cells = {cell.strip() for cell in text.lstrip("\n").split("\n", 1)[0].split("\t")}
    return all(
        cells & {(features or {}).get(role.name), role.name, *role.preferred} for role in roles
    )


def _bare_table(path, text, roles, features):
    """Texts side by side without a header: the first column is the first role, and so on."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    fields = {str(place): Field("column", natural=("text",) if place <= len(roles) else (), named=("text",))
              for place in range(1, lines[0][1].count("\t") + 2)}  # fmt: skip
    found = match(roles, fields, features, f"{path} (source TAB target on each line)", "column")
    columns = {role: int(name) - 1 for role, name in found.items()}
    last = max(columns.values())
    for number, line in lines:
        if line.count("\t") < last:
            raise RequestError(
                f"{path} line {number} has nothing in column {last + 1}: {line[:60]!r}. Write source TAB "
                "target on each line."
            )
    return [
        {role: line.split("\t")[place] for role, place in columns.items()} for _, line in lines
    ], found


def _table_rows(path, rows, text):
    """(line number, dict column -> cell) of each row under the header."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    header = None
    try:
        for row in rows:
            if not row:
                continue
            if header is None:
                header = [name.strip() for name in row]
                yield rows.line_num, dict.fromkeys(header)
            elif len(row) != len(header):
                raise RequestError(
                    f"{path} line {rows.line_num} has {len(row)} columns, the header line {len(header)} "
                    f"({', '.join(header)}). Correct the line, or quote what holds a separator."
                )
            else:
                yield rows.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise RequestError(
            f"{path} line {rows.line_num} cannot be read: {error}. Correct its quotes."
        ) from error


def _json_table(path, text, roles, features):
    rows = _json_rows(path, text)
    first = next(rows)
    # The first object stands for the header too.
    return _table(path, itertools.chain([first, first], rows), roles, features)


def _json_rows(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise RequestError(
                f"{path} line {number} is no JSON ({error}). Write one object on each line."
            ) from error
        if not isinstance(row, dict):
            raise RequestError(
                f"{path} line {number} is no JSON object: {line[:60]!r}. Write one on each line."
            )
        yield number, row


def _table(path, rows, roles, features):
    """`rows` gives (line number, dict column -> value); the first of them only names the columns."""
    kinds = ("text", "label", "number")
    fields = {name: Field("column", named=kinds) for name in next(rows)[1]}
    found = match(roles, fields, features, path, "column")
    kind_of = {role.name: role.kind for role in roles}
    examples = []
    for number, row in rows:
        place = f"{path} line {number}"
        examples.append(
            {role: _value(kind_of[role], row, column, place) for role, column in found.items()}
        )
    return examples, found


def _value(kind, row, column, place):
    if column not in row:
        raise RequestError(
            f"{place} has no {column!r}; it has {', '.join(row)}. Give every line the same columns."
        )
    value = row[column]
    if kind == "number":
        return _number(value, column, place)
    if kind == "text" and isinstance(value, str):
        return value
    if kind == "label" and isinstance(value, str | int | float) and str(value).strip():
        return str(value).strip()
    raise RequestError(f"{place}: {column!r} is {value!r}, which is no {kind}. Correct the line.")


def _number(value, column, place):
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise RequestError(
            f"{place}: {column!r} is {value!r}, which is no finite number. Correct the line."
        )
    return number


@dataclass(frozen=True)
class _Format:
    extension: str
    kinds: frozenset
    read: Callable


_FORMATS = (
    _Format(".txt", frozenset({"text"}), _whole),
    _Format(".conllu", frozenset({"words", "tags"}), _conllu),
    _Format(".tsv", frozenset({"words", "tags"}), _tagged),
    _Format(".tsv", frozenset({"text", "label", "number"}), _tab_table),
    _Format(".csv", frozenset({"text", "label", "number"}), _comma_table),
    _Format(".jsonl", frozenset({"text", "label", "number"}), _json_table),
)
TABLES = (".tsv", ".csv", ".jsonl", ".conllu")  # what holds more than one text
_EXTENSIONS = tuple(dict.fromkeys(each.extension for each in _FORMATS))
