"""Read text files: sizes, encodings, line ends, gzip and file names."""

import gzip
import io
import os
import pathlib
import shlex
import stat
import zlib
from dataclasses import dataclass

from zoo.errors import RequestError

MAX_BYTES = 2**30  # of text: all examples are held in memory
MAX_RATIO, FREE_BYTES = 100, 2**26  # decompressed / compressed size, for more than FREE_BYTES
_CHUNK = 2**20
# A byte order mark -> the encoding. That of UTF-32 begins with that of UTF-16.
_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


# The first bytes of a file that is not a text -> what it is, and what helps.
_BINARY = {
    b"\x1f\x8b": "it is compressed by gzip. Let its name end in .gz.",
    b"PK\x03\x04": "it is a zip archive or a spreadsheet. Unpack it, or save the sheet as CSV.",
    b"PAR1": "it is a Parquet file. Convert it to CSV or JSON lines.",
    b"BZh": "it is compressed by bzip2. Decompress it.",
    b"\xfd7zXZ": "it is compressed by xz. Decompress it.",
    b"%PDF": "it is a PDF document. Save its text.",
}


@dataclass(frozen=True)
class TextFile:
    r"""The content of a text file.

    Args:
        text: its text, without a byte order mark and with `\n` as line end.
        encoding: the name of its encoding, such as "UTF-8".
    """

    text: str
    encoding: str


def extension(path: pathlib.Path) -> str:
    """Return the last suffix of a file's name, in lower case and without `.gz`."""
    return pathlib.PurePath(path.name.lower().removesuffix(".gz")).suffix


def split_lines(text: str) -> list[str]:
    """Return the lines of a text; the last line break ends a line."""
    return text.removesuffix("\n").split("\n") if text else []


def read_text(path: pathlib.Path) -> str:
    """Return the text of a file, see `read_text_file`."""
    return read_text_file(path).text


def read_text_file(path: pathlib.Path) -> TextFile:
    """Return the text of a file: UTF-8, or the encoding that its byte order mark names.

    Args:
        path: the file; it is decompressed if its name ends in `.gz`.

    Raises:
        RequestError: the file does not exist, is not a regular file, is too large, cannot be read
            or decoded, or is empty.
    """
    content = _read_bytes(path)
    if path.name.lower().endswith(".gz"):
        content = _decompress(path, content)
    text, encoding = _decode(path, content)
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise RequestError(f"{path} is empty. Add at least one example, or name another file.")
    return TextFile(text, encoding)


def check_file(path: pathlib.Path) -> int:
    """Return the size of a regular file in bytes.

    Raises:
        RequestError: the file does not exist, is a folder, a pipe or a device, or is too large.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        missing = isinstance(error, FileNotFoundError)
        reason = getattr(error, "strerror", None) or str(error)
        raise RequestError(
            f"{path} does not exist. Check the path."
            if missing
            else f"cannot read {path}: {reason}. Check its name and its permissions."
        ) from error
    if stat.S_ISDIR(status.st_mode):
        raise RequestError(f"{path} is a folder, not a file. Name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise RequestError(
            f"{path} is a pipe or a device, which can be read only once. Write its contents into "
            "a file, and name that file."
        )
    if status.st_size > MAX_BYTES:
        raise RequestError(_too_large_message(path, status.st_size))
    return status.st_size


def _read_bytes(path: pathlib.Path) -> bytes:
    size = check_file(path)
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RequestError(
            f"cannot read {path}: {error.strerror}. Check its permissions."
        ) from error
    if len(content) > MAX_BYTES:  # a file of the system, whose size is said to be 0
        raise RequestError(_too_large_message(path, max(size, len(content))))
    return content


def _too_large_message(path: pathlib.Path, size: int) -> str:
    return (
        f"{path} has {size / 2**20:,.0f} MiB, and files of more than {MAX_BYTES // 2**20:,} MiB "
        "are not read, since all examples are held in memory. Give a part of it, or make a TFDS "
        "dataset of it."
    )


def _decompress(path: pathlib.Path, content: bytes) -> bytes:
    """Decompress in chunks, so that a small file cannot fill the memory."""
    limit = min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * len(content)))
    parts, size = [], 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            while part := file.read(_CHUNK):
                parts.append(part)
                size += len(part)
                if size > limit:
                    raise RequestError(
                        f"{path} has {len(content) / 2**20:.1f} MiB and more than "
                        f"{limit // 2**20:,} MiB when it is decompressed, which is not the size of "
                        "a text. Decompress it, check it, and name the decompressed file."
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise RequestError(
            f"{path} is not a complete gzip file ({error}). Download it again, or compress it "
            "again."
        ) from error
    return b"".join(parts)


def _decode(path: pathlib.Path, content: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding."""
    for start, remedy in _BINARY.items():
        if content.startswith(start):
            raise RequestError(f"{path} is not a text: {remedy}")
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "UTF-8")
    if encoding == "UTF-8" and (unmarked := _unmarked_utf16(content)):
        raise RequestError(
            f"{path} looks like {unmarked} without a byte order mark: every second byte is zero. "
            f"Convert it: {_conversion(path, unmarked)}"
        )
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        where = f"byte {content[error.start]:#04x} at offset {error.start}"
        remedy = "Save it again as UTF-8."
        if encoding == "UTF-8":
            remedy = f"If it is Latin-1, convert it: {_conversion(path, 'LATIN1')}"
        raise RequestError(f"{path} is not {encoding}: {where}. {remedy}") from error


def _unmarked_utf16(content: bytes) -> str | None:
    """Return the UTF-16 encoding of bytes of which every second one is zero, or None."""
    start = content[:4000]
    for encoding, zeros in (("UTF-16LE", start[1::2]), ("UTF-16BE", start[::2])):
        if len(zeros) >= 2 and zeros.count(0) > 0.8 * len(zeros) and start.count(0) < len(start):
            return encoding
    return None


def _conversion(path: pathlib.Path, encoding: str) -> str:
    """Return the shell command that converts a file to UTF-8."""
    name = path.name.removesuffix(".gz")
    target = shlex.quote(str(path.with_name(f"utf8-{name}")))
    command = f"iconv -f {encoding} -t UTF-8"
    source = shlex.quote(str(path))
    if path.name.lower().endswith(".gz"):
        return f"gunzip -c {source} | {command} > {target}"
    return f"{command} {source} > {target}"
