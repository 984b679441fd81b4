"""Text files: decoding, decompression, line ends."""

import gzip
import pathlib

import pytest

from tasks.data.text_files import extension, read_text
from zoo.errors import RequestError


def error_of(path):
    with pytest.raises(RequestError) as caught:
        read_text(path)
    message = str(caught.value)
    assert str(path) in message and "\n" not in message
    return message


@pytest.mark.parametrize(
    ("name", "suffix"), [("a.TSV", ".tsv"), ("a.b.csv.gz", ".csv"), ("a.gz", ""), ("a", "")]
)
def test_extension_is_the_last_suffix_without_gz(name, suffix):
    assert extension(pathlib.Path(name)) == suffix


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_text_has_no_byte_order_mark_and_plain_line_ends(write_file, compress):
    name = "a.txt.gz" if compress is gzip.compress else "a.txt"
    path = write_file(name, compress("\ufeffé\r\nb\rc\n".encode()))
    assert read_text(path) == "é\nb\nc\n"


def test_file_that_is_not_utf_8_is_rejected_with_the_offset(write_file):
    message = error_of(write_file("latin.txt", b"\xef\xbb\xbfcaf\xe9 au lait"))
    assert "0xe9 at offset 6" in message and "iconv" in message


def test_missing_file_folder_and_empty_file_are_rejected(write_file, tmp_path):
    assert "does not exist" in error_of(tmp_path / "absent.txt")
    assert "is a folder" in error_of(write_file("d.txt/x", "x").parent)
    message = error_of(write_file("empty.txt", " \n\n"))
    assert "empty.txt is empty" in message and "at least one example" in message


def test_truncated_gzip_file_is_rejected(write_file):
    path = write_file("half.txt.gz", gzip.compress(b"a" * 10_000)[:-9])
    assert "not a complete gzip file" in error_of(path)
