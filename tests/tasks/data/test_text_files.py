"""Text files: decoding, decompression, line ends."""

import gzip
import os
import pathlib
import shlex
import subprocess

import pytest

from tasks.data import text_files
from tasks.data.text_files import extension, read_text, read_text_file
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
    path = write_file(name, compress("\ufeff\ufeffé\r\nb\rc\n".encode()))
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


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_encoding_of_a_byte_order_mark_is_used(write_file, encoding):
    file = read_text_file(write_file("a.txt", "é\r\nb\u2028".encode(encoding)))
    assert file.text == "é\nb\u2028" and file.encoding == encoding.upper()


@pytest.mark.parametrize("encoding", ["UTF-16LE", "UTF-16BE"])
def test_utf_16_without_a_mark_is_named(write_file, encoding):
    message = error_of(write_file("a.txt", "some text\n".encode(encoding)))
    assert f"looks like {encoding}" in message and f"iconv -f {encoding} -t UTF-8" in message


def test_command_of_the_message_converts_the_file(write_file):
    for name, content in (
        ("a b.txt", "café".encode("latin-1")),
        ("c.txt", "ab".encode("utf-16le")),
    ):
        path = write_file(name, content)
        message = error_of(path)
        subprocess.run(message[message.index("iconv") :], shell=True, check=True)
        converted = path.with_name(f"utf8-{name}")
        assert read_text(converted) == content.decode("latin-1" if "b.txt" in name else "utf-16le")
    path = write_file("d e.txt.gz", gzip.compress("café".encode("latin-1")))
    message = error_of(path)
    assert f"gunzip -c {shlex.quote(str(path))} | iconv -f LATIN1" in message


def test_nul_characters_are_kept(write_file):
    assert read_text(write_file("a.txt", b"a\0b\0\0c")) == "a\0b\0\0c"


def test_pipe_is_refused_before_it_blocks(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    assert "is a pipe or a device" in error_of(tmp_path / "pipe.txt")
    with pytest.raises(RequestError, match="is a pipe or a device"):
        read_text(pathlib.Path("/dev/zero"))


def test_path_that_no_system_accepts_is_refused():
    with pytest.raises(RequestError, match="cannot read"):
        read_text(pathlib.Path("a" * 5000))


def test_large_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.txt"
    with open(path, "wb") as file:
        file.truncate(text_files.MAX_BYTES + 1)  # sparse: it takes no room
    assert "has 1,024 MiB" in error_of(path)


def test_decompression_ends_at_a_limit(write_file):
    content = gzip.compress(bytes(3 * text_files.FREE_BYTES), 1)
    assert len(content) < 1_000_000
    message = error_of(write_file("bomb.tsv.gz", content))
    assert "more than 83 MiB" in message or "more than 64 MiB" in message
