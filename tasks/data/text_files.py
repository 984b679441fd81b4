"""Read text files: encodings, line ends, gzip and file names."""

import gzip
import pathlib
import zlib

from zoo.errors import RequestError


def extension(path: pathlib.Path) -> str:
    """Return the last suffix of a file's name, in lower case and without `.gz`."""
    return pathlib.PurePath(path.name.lower().removesuffix(".gz")).suffix


def read_text(path: pathlib.Path) -> str:
    r"""Return the text of a UTF-8 file, without a byte order mark and with `\n` as line end.

    Args:
        path: the file; it is decompressed if its name ends in `.gz`.

    Raises:
        RequestError: the file does not exist, cannot be read or decoded, or is empty.
    """
    content = _read_bytes(path)
    if path.name.lower().endswith(".gz"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise RequestError(
                f"{path} is not a complete gzip file ({error}). Download it again, or compress it "
                "again."
            ) from error
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"{path} is not UTF-8: byte {content[error.start]:#04x} at offset {error.start}. "
            f"Convert it, for instance: iconv -f LATIN1 -t UTF-8 {path}"
        ) from error
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise RequestError(f"{path} is empty. Add at least one example, or name another file.")
    return text


def _read_bytes(path: pathlib.Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RequestError(f"{path} does not exist. Check the path.") from error
    except IsADirectoryError as error:
        raise RequestError(f"{path} is a folder, not a file. Name a file in it.") from error
    except OSError as error:
        raise RequestError(
            f"cannot read {path}: {error.strerror}. Check its permissions."
        ) from error
