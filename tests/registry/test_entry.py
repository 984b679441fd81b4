"""Entries: fields, facts as attributes, and misspelled facts."""

import copy
import dataclasses
import pickle

import pytest

from registry import Entry


def test_entry_of_class_has_its_docstring_and_decorator_line(folder, cells):
    entry = cells.entry("mgu")
    assert (entry.name, entry.object) == ("mgu", cells.get("mgu"))
    assert dict(entry.facts) == {
        "paper": "Zhou et al. 2016",
        "year": 2016,
        "tags": ("gated", "small"),
    }
    assert (entry.paper, entry.year) == ("Zhou et al. 2016", 2016)
    file = folder.file("mgu")
    assert (entry.file, entry.line, entry.place) == (file, 5, f"{file}:5")
    assert (entry.doc, entry.origin, entry.broken) == ("Minimal gated unit.", "built-in", None)


def test_entry_of_plain_value_has_module_docstring_and_line_of_call(folder, cells):
    entry = cells.entry("shout")
    assert entry.object == {"loud": True}
    assert (entry.doc, entry.file, entry.line, entry.tags) == (
        "Shouts every word.",
        folder.file("shout"),
        4,
        ["value"],
    )


def test_entry_is_frozen_copied_and_hashed(cells):
    entry = cells.entry("mgu")
    with pytest.raises(dataclasses.FrozenInstanceError):
        entry.name = "other"
    with pytest.raises(TypeError):
        entry.facts["year"] = 1
    with pytest.raises(AttributeError):
        _ = entry._private
    assert copy.copy(entry) == entry
    assert hash(copy.copy(entry)) == hash(entry)
    plain = dataclasses.replace(entry, object=None, facts={"year": 2016})
    assert pickle.loads(pickle.dumps(plain)) == plain
    assert isinstance(entry, Entry)


@pytest.mark.parametrize(
    ("name", "close"), [("papr", "paper"), ("Year", "year"), ("tag", "tags"), ("orign", "origin")]
)
def test_misspelled_fact_is_rejected_with_a_suggestion(cells, name, close):
    for entry in (cells.entry("mgu"), cells.records("mgu")[0]):
        with pytest.raises(AttributeError) as error:
            getattr(entry, name)
        message = str(error.value)
        assert message.startswith(f"entry 'mgu' has no fact {name!r}; did you mean {close!r}?")
        assert message.endswith("Its facts: paper, year, tags")
        assert not hasattr(entry, name)


def test_fact_without_a_close_match_is_rejected_without_suggestion(cells):
    with pytest.raises(AttributeError) as error:
        _ = cells.entry("shout").equation_class
    assert str(error.value) == "entry 'shout' has no fact 'equation_class'. Its facts: tags"
    assert cells.entry("shout").facts.get("equation_class") is None


@pytest.mark.parametrize(
    ("file", "line", "place"),
    [("x.py", 3, "x.py:3"), ("x.py", None, "x.py"), (None, None, "an unknown file")],
)
def test_place_contains_the_known_file_and_line(file, line, place):
    assert Entry("x", None, {}, file, line, None, "built-in").place == place
