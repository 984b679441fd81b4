"""Reading of a corpus from a dataset or from files."""

from tasks.data.sources import Role, read

TEXT = (Role("text", "text", ("text",)),)
PAIRS = (Role("source", "text"), Role("target", "text"))


def test_exactly_one_of_dataset_and_data_is_required(read_error):
    assert "give one of the two" in read_error(TEXT)
    assert "'x'" in read_error(TEXT, "x", ("y.txt",))


def test_data_accepts_one_path_or_several(write_file):
    path = write_file("all.txt", "abcdefghij" * 10)
    corpora = [read(TEXT, data=data) for data in (path, str(path), [path], (str(path),))]
    assert all(corpus == corpora[0] for corpus in corpora)
    assert corpora[0].name == "all.txt" and corpora[0].found == {"text": "text"}


def test_files_of_one_role_per_path_are_parallel(write_file):
    paths = [write_file(f"all.{language}", "a\n" * 10) for language in ("en", "fr")]
    assert read(PAIRS, data=paths).found == {"source": "en", "target": "fr"}


def test_reading_files_does_not_import_tensorflow(write_file, fresh_process):
    path = write_file("all.txt", "abcdefghij" * 10)
    code = (
        "import sys\nfrom tasks.data.sources import Role, read\n"
        "read((Role('text', 'text'),), data=(sys.argv[1],))\nprint('tensorflow' in sys.modules)"
    )
    assert fresh_process(code, path).strip() == "False"
