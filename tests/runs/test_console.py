"""Texts of data on the console: no markup, no emoji, no control codes."""

import json

from zoo.cli import output
from zoo.runs.console import notify, printable

TEXT = "[a] :cat: [/b] \x1b[31m \u202e \ufeff \udcff \x9b"
SHOWN = r"[a] :cat: [/b] \x1b[31m \u202e \ufeff \udcff \x9b"


def test_control_characters_are_shown_as_escapes():
    assert printable(TEXT) == SHOWN
    assert printable("a\n\tb\r") == "a\n\tb\\r" and printable("a\nb", "") == r"a\nb"
    for text in (
        "çay 日本 👩‍👩‍👧",
        "10\u00a0000",
        "日本\u3000語",
        "\U0001f3f4\U000e0067\U000e007f",
    ):
        assert printable(text) == text


def test_tables_show_data_as_it_is(capsys):
    output.table(("[b]word[/b]", ">tag"), [(TEXT, "[/x]")], f"title {TEXT}")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"title {SHOWN}"
    assert lines[1].split()[0] == "[b]word[/b]" and SHOWN in lines[2] and "[/x]" in lines[2]


def test_texts_and_remarks_show_data_as_it_is(capsys):
    output.print_text(TEXT)
    notify(TEXT)
    out, err = capsys.readouterr()
    assert out == f"{SHOWN}\n" and err == f"{SHOWN}\n"


def test_json_has_no_raw_control_characters(capsys):
    output.print_json({"text": TEXT})
    out = capsys.readouterr().out
    assert json.loads(out) == {"text": TEXT}
    assert not set(out) & set("\x1b\udcff\x9b")
