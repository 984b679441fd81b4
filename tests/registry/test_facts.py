"""Facts read from source files without importing them."""

import dataclasses
import re
import sys
import textwrap
import types
import warnings

import pytest
from throwaway import one_line, registration

from registry import BrokenEntry

BROKEN = {
    "syntax": ("def broken(:\n", "SyntaxError: .* \\(line 1\\)", "SyntaxError"),
    "missing": (
        "import os\nimport not_there_at_all.part\n",
        "line 2 imports 'not_there_at_all'",
        "not_there_at_all",
    ),
    "missing_from": (
        "from not_there_at_all.part import x\n",
        "line 1 imports 'not_there_at_all'",
        "not_there_at_all",
    ),
    "raising": (
        "'doc'\nraise ImportError('buy\\nme')\n",
        "line 2 raises ImportError",
        "ImportError: buy",
    ),
    "null": ("x = '\0'\n", "null bytes", "null bytes"),
}

CLASS = """\
from {package} import cells
@cells.register("written", year=1)  # a comment (with a parenthesis
class Written:
    '''The doc.'''
    def step(self): pass
"""
# Ways to write a registration, whose facts must be those that the import finds.
WRITTEN = {
    "class": CLASS,
    "indented_by_a_tab": CLASS.replace("    ", "\t"),
    "lines_of_windows": CLASS.replace("\n", "\r\n"),
    "encoding": "# coding: latin-1\n" + CLASS,
    "parentheses_in_texts": """\
from {package} import cells
@cells.register(
    "written",  # year=3)
    paper="A (1999)", about='")', tags=(
        "a)", "b",
    ),
    also=["@cells.register('other')", '''
@cells.register("other", year=2)
    def step'''],
)
class Written:
    '''The doc.

    def step(self): pass
    '''
    @property
    def step(self): return '''
@cells.register('other')
'''
""",
    "other_decorators": """\
import functools
from {package} import cells
@functools.lru_cache(maxsize=2)
@cells.register("written", year=1)
@functools.cache
def written():
    '''The doc.'''
    def step(): pass
    return step
""",
    "call": """\
from {package} import cells
class Written:
    '''The doc.'''
    def step(self): pass
cells.register("written", year=1)(Written)
""",
    "assigned": """\
import {package}
def helper():
    '''Another doc.'''
    def step(): pass
written: dict = {package}.cells.register("written", year=1)(dict(a=(1, "(")))
""",
    "several": """\
from {package} import cells
from registry import Registry
heads = Registry("head")
heads.register("written", year=2)(1)
@heads.register("other", year=3)
class Other:
    def step(self): pass
@cells.register("written", year=1)
class Written:
    '''The doc.'''
    def step(self): pass
@heads.register("last", year=4)
class Last:
    def step(self): pass
""",
    "condition_after_a_class": """\
from {package} import cells
class Other:
    def step(self): pass
if True:
    x = 1
    def step(self): pass
    cells.register("written", year=1)(step)
""",
    "condition_before_a_function": """\
from {package} import cells
try:
    import os
    def step(self):
        '''The doc.'''
    cells.register("written", year=1)(step)
except ImportError:
    raise
""",
    "form_feed": CLASS.replace("@cells", "def other():\n    def step(): pass\n\f@cells"),
    "continued_line": CLASS.replace("class", "class \\\n   "),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_listed_facts_are_those_of_the_import(folder, cells, way):
    folder.add_modules(written=WRITTEN[way])
    (listed,) = cells.records("written")
    imported = dataclasses.replace(cells.entry("written"), object=None)
    assert listed.facts == imported.facts and listed.broken is None
    assert (listed.name, listed.line) == (imported.name, imported.line)
    assert listed.doc in (imported.doc, None)  # that of an object which a call registers is unknown


def test_facts_that_are_not_literals_are_unknown_until_the_import(folder, cells):
    computed = "from {package} import cells\nname = 'computed'\ncells.register(name, year=1)(3)\n"
    spread = (
        "from {package} import cells\nfacts = dict(year=1)\n"
        "cells.register('spread', **facts, tags=5)(3)\n"
    )
    folder.add_modules(computed=computed, spread=spread)
    for name in ("computed", "spread"):
        (record,) = cells.records(name)
        assert (record.facts.get("year"), record.broken) == (None, None)
        assert None not in record.facts
        with pytest.raises(AttributeError, match="no fact 'year'"):
            _ = record.year
    assert cells.names(tags="anything") == []
    assert cells.entry("computed").year == cells.entry("spread").year == 1


def test_registration_inside_conditions_is_found_for_the_right_registry(folder, cells):
    text = """\
        from {package} import cells
        from registry import Registry
        heads = Registry("head")
        try:
            heads.register("both", year=1)(1)
            if True:
                cells.register("both", year=2)(2)
        except ImportError:
            raise
    """
    folder.add_modules(both=textwrap.dedent(text))
    record = cells.records("both")[0]
    assert (record.year, record.line) == (2, 7)
    assert cells.entry("both").line == 7


def test_edited_file_is_read_again(folder, cells):
    folder.add_modules(fresh=registration("fresh", year=1990))
    assert cells.records("fresh")[0].year == 1990
    folder.add_modules(fresh=registration("fresh", year=2020, paper="x"))
    assert cells.records("fresh")[0].year == 2020


def test_listing_reports_no_warnings_of_a_source_file(folder, cells):
    folder.add_modules(tex=registration("tex", '"""Computes \\sigma(x)."""'))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record = cells.records("tex")[0]
    assert (record.doc, record.broken) == ("Computes \\sigma(x).", None)


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("origin", ["built-in", "a-plugin"])
def test_module_that_cannot_be_imported_is_listed_as_broken(folder, cells, case, origin):
    text, listed, raised = BROKEN[case]
    if origin == "built-in":
        folder.add_modules(bad=text)
    else:
        module = f"{folder.package}_plugin"
        folder.add_distribution(origin, {"bad": module}, {f"{module}.py": text})
        cells.refresh()
    record = cells.records("bad")[0]
    assert record.origin == origin
    assert re.search(listed, record.broken)
    assert "\n" not in record.broken
    with pytest.raises(BrokenEntry, match=raised) as error:
        cells.get("bad")
    one_line(error)
    assert error.value.__cause__ is not None
    assert cells.get("mgu") and cells.names() == ["bad", "lstm", "mgu", "shout"]


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import not_there_at_all\nexcept ImportError:\n    pass\n",
        "def later():\n    import not_there_at_all\n",
        "from . import lstm\n",
        "import module_without_a_spec\n",
        "if False:\n    raise ValueError\n",
    ],
)
def test_module_that_can_be_imported_is_not_listed_as_broken(folder, cells, monkeypatch, text):
    monkeypatch.setitem(
        sys.modules, "module_without_a_spec", types.ModuleType("module_without_a_spec")
    )
    folder.add_modules(good=text + "from {package} import cells\ncells.register('good')(1)\n")
    assert cells.records("good")[0].broken is None
    assert cells.get("good") == 1
