"""`zoo inspect`: each line that it prints, and the picture, without TensorFlow."""

import json

import pytest

ROWS = "".join(f"{'good' if k % 3 else 'bad'};caf\u00e9 number {k % 25};{k}\n" for k in range(30))
TABLE = "label;text;id\n" + ROWS


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


def lines_of(text):
    """Return the lines of an output, with single spaces."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_each_fact_is_printed(write, run):
    lines = lines_of(run("inspect", f"--data={write('a.csv', TABLE)}"))
    for line in (
        "task classification (guessed; --task chooses another)",
        "source a.csv",
        "format table",
        "separator semicolon",
        "header line 1",
        "encoding UTF-8",
        "normalization NFC",
        "text column 'text'",
        "label column 'label'",
        "train 24 examples",
        "distinct labels 2",
        "remark validation and test held out from train, a tenth of it each",
        "first training examples:",
        "1 text: café number 0",
        "1 label: bad",
        "3 text: café number 2",
        "text train 3 3 3 3 words",
        "train within 3",
        "test in train 1",
        "good 16 2 2",
        "bad 8 1 1",
        "texts or words of ASCII characters: 0; others: 30",
    ):
        assert line in lines, line
    assert not any(line.startswith(("4 text", "nothing to learn")) for line in lines)


def test_decomposed_letters_are_reported(write, run):
    path = write("a.csv", TABLE + TABLE.replace("\u00e9", "e\u0301"))
    lines = lines_of(run("inspect", f"--data={path}"))
    assert "normalization NFD and NFC, normalized to NFC" in lines
    assert "remark 1 repeated header line skipped" in lines
    decomposed = write("b.csv", TABLE.replace("\u00e9", "e\u0301"))
    assert "normalization NFD, normalized to NFC" in lines_of(
        run("inspect", f"--data={decomposed}")
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("text,label\n" + "a,x\nb,x\n" * 10, "every example has the label 'x'"),
        (
            "text,label\n" + "".join(f"a,x{k}\n" for k in range(20)),
            "all 16 labels are distinct, such as 'x0'",
        ),
    ],
)
def test_labels_that_teach_nothing_are_reported(write, run, content, reason):
    lines = lines_of(run("inspect", f"--data={write('a.csv', content)}"))
    assert f"nothing to learn: {reason} in train" in lines


def test_other_tasks_and_columns_can_be_chosen(write, run):
    path = write("a.csv", TABLE)
    lines = lines_of(run("inspect", "--task=language_model", f"--data={path}"))
    assert "task language_model" in lines and "train 24 texts" in lines
    features = '--features={"label": "id"}'
    lines = lines_of(run("inspect", "--task=classification", f"--data={path}", features))
    assert "label column 'id'" in lines
    path = write("b.csv", ROWS)
    run("inspect", f"--data={path}", "--task=classification", status=2)
    lines = lines_of(run("inspect", f"--data={path}", "--task=classification", "--header=false"))
    assert "header none" in lines and "text column 2 of 3" in lines


def test_many_classes_are_shortened_and_json_has_all(write, run, json_of):
    content = "text,label\n" + "".join(f"a {k},x{k % 40}\n" for k in range(400))
    path = write("a.csv", content)
    lines = lines_of(run("inspect", f"--data={path}"))
    assert "and 25 more; --json prints all" in lines
    found = json_of("inspect", f"--data={path}")
    assert len(found["classes"]["train"]) == 32 and found["task"] == "classification"
    assert found["lengths"]["text"]["histogram"] == [[2, 2, 320]]
    assert found["summary"]["facts"]["separator"] == "comma" and found["problem"] is None


def test_control_characters_are_escaped(write, run):
    path = write("a.csv", "text,label\n" + "a\x1b[31m b,x\nc,[bold]y\n" * 10)
    text = run("inspect", f"--data={path}")
    assert "\x1b" not in text and "a\\x1b[31m b" in text and "[bold]y" in text


def test_long_values_are_shortened(write, run):
    words = "".join(f"w{k}\t{'XY'[k % 2]}\n" for k in range(30)) + "\n"
    lines = lines_of(run("inspect", f"--data={write('a.tsv', words * 10)}"))
    assert next(line for line in lines if line.startswith("1 words")).endswith("w18 w19 ...")
    path = write("b.csv", "text,label\n" + ("x" * 500 + ",y\na,z\n") * 10)
    assert f"1 text: {'x' * 200}..." in lines_of(run("inspect", f"--data={path}"))


@pytest.mark.parametrize("end", ["png", "svg", "pdf"])
def test_picture_is_drawn_on_request(write, run, tmp_path, end):
    run("inspect", f"--data={write('a.csv', TABLE)}", f"--picture={tmp_path / f'p.{end}'}")
    start = (tmp_path / f"p.{end}").read_bytes()[:5]
    assert start == {"png": b"\x89PNG\r", "svg": b"<?xml", "pdf": b"%PDF-"}[end]


def test_wrong_requests_are_refused(write, run, tmp_path):
    path = write("a.csv", TABLE)
    run("inspect", status=2)
    run("inspect", f"--data={path}", "--picture=p.txt", status=2)
    run("inspect", f"--data={tmp_path / 'none.csv'}", status=2)
    run("inspect", f"--data={path}", "--task=clasification", status=2)


def test_embedded_dataset_is_inspected(run, json_of):
    found = json_of("inspect", "--dataset=zoo_names", "--task=classification")
    assert found["summary"]["form"] == "TFDS" and found["lengths"]["text"]["unit"] == "words"
    assert found["summary"]["columns"]["text"].startswith("feature ")


PROGRAM = """
import sys
from zoo.cli import main
status = main(sys.argv[1:])
heavy = {"tensorflow", "keras", "tensorflow_datasets", "matplotlib"} & set(sys.modules)
print(status, sorted(heavy))
"""


def test_inspecting_imports_no_heavy_library(write, fresh_process):
    output = fresh_process(PROGRAM, "inspect", f"--data={write('a.csv', TABLE)}", "--json")
    json_text, _, last = output.strip().rpartition("\n")
    assert last == "0 []" and json.loads(json_text)["task"] == "classification"


@pytest.mark.parametrize("command", ["train", "tune"])
@pytest.mark.parametrize("content", [None, "text,label,label\na,b,c\n", "text,label\na,x\nb,x\n"])
def test_mistake_in_files_is_told_before_tensorflow(
    write, fresh_process, tmp_path, command, content
):
    path = tmp_path / "none.csv" if content is None else write("a.csv", content)
    arguments = ("--task=classification", f"--data={path}", f"--run_dir={tmp_path / 'run'}")
    assert fresh_process(PROGRAM, command, *arguments).strip() == "2 []"
    assert not (tmp_path / "run").exists()


def test_path_with_a_comma_is_one_path(write, run, tmp_path, capsys):
    path = write("a,b.csv", TABLE)
    assert "source a,b.csv" in lines_of(run("inspect", f"--data={path}"))
    run("inspect", f"--data={tmp_path / 'a,c.csv'}", status=2)
    paths = ",".join([str(path)] * 3)
    assert "source a,b.csv, a,b.csv, a,b.csv" in lines_of(run("inspect", f"--data={paths}"))


def test_number_of_a_column_may_be_a_number(write, run):
    path = write("a.csv", ROWS)
    features = '--features={"label": 1, "text": 2}'
    lines = lines_of(run("inspect", f"--data={path}", "--header=false", features))
    assert "label column 1 of 3" in lines and "text column 2 of 3" in lines
