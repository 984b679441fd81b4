"""Every registered cell has every property of the conformance suite.

The cheap properties are checked for every cell, the costly ones for a sample; `pytest -m full`
checks everything.
"""

import functools

import pytest
from sampling import failure_message, sample
from wrong_cells import WRONG, BrokenEverywhere

from zoo.cells import cells
from zoo.conformance.fresh_process import FreshProcess
from zoo.conformance.properties import PROPERTIES
from zoo.conformance.subject import LAYOUTS, Subject
from zoo.conformance.suite import check, examinations, judge, properties
from zoo.errors import RequestError

NAMES = cells.names()
SAMPLE_SIZE = 3
# Each is checked with one cell in each layout, which is more than a sample.
WHOLE_MODEL = [
    name for name, each in PROPERTIES.items() if each.whole_model and name != "fresh_process"
]
WHOLE_MODEL_CHECKS = [
    (name, layout, property_name)
    for property_name in WHOLE_MODEL
    for layout in LAYOUTS
    for name in sample(NAMES, 1, f"{property_name} {layout}")
]
CHECKS = [
    (name, property_name)
    for property_name, each in PROPERTIES.items()
    if property_name not in WHOLE_MODEL
    for name in (sample(NAMES, SAMPLE_SIZE, property_name) if each.costly else NAMES)
]
FULL_CHECKS = [
    (name, property_name)
    for name in NAMES
    for property_name in PROPERTIES
    if property_name != "fresh_process"
]


@functools.cache
def subject_of(name, layout=None):
    return Subject(name, layout)


@pytest.fixture(scope="module", autouse=True)
def background_process():
    """Start one new process for all sampled cells before the other checks."""
    names = [name for name, property_name in CHECKS if property_name == "fresh_process"]
    with FreshProcess([subject_of(name) for name in names]) as process:
        yield process


def assert_passes(subject, property_name, function=None):
    result = judge(subject, property_name, function)
    assert result.passed, failure_message(result.reason)


@pytest.mark.parametrize(("name", "property_name"), CHECKS)
def test_cell_has_property(name, property_name, background_process):
    function = background_process.demand_loads if property_name == "fresh_process" else None
    assert_passes(subject_of(name), property_name, function)


@pytest.mark.parametrize(("name", "layout", "property_name"), WHOLE_MODEL_CHECKS)
def test_cell_in_layout_has_property(name, layout, property_name):
    assert_passes(subject_of(name, layout), property_name)


@pytest.mark.full
@pytest.mark.parametrize(("name", "property_name"), FULL_CHECKS)
def test_every_cell_has_property_in_every_layout(name, property_name):
    for subject, _ in examinations(name, full=True, selected=[property_name]):
        assert_passes(subject, property_name)


@pytest.mark.full
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_cell_loads_in_fresh_process(layout):
    subjects = [subject_of(name, layout) for name in NAMES]
    with FreshProcess(subjects) as process:
        for subject in subjects:
            assert_passes(subject, "fresh_process", process.demand_loads)


def test_declared_exception_excuses_a_violation():
    with cells.temporary():
        cells.register("excused", exceptions={"docstring": "no paper yet"})(
            WRONG["wrong_without_source"][0]
        )
        result = judge(Subject("excused"), "docstring")
    assert result.passed
    assert result.reason == "declared exception: no paper yet"


def test_check_reports_every_property_of_a_cell_that_always_fails():
    reported = []
    with cells.temporary():
        cells.register("broken_everywhere")(BrokenEverywhere)
        results = check("broken_everywhere", report=reported.append)
    assert [result.property for result in results] == list(properties)
    assert reported == results
    failed = {result.property: result.reason for result in results if not result.passed}
    assert {"reference", "loops", "saved_model", "fresh_process", "learning"} <= set(failed)
    # The message of the cell's error, without the text that Keras and AutoGraph append.
    for name in ("reference", "saved_model", "fresh_process", "learning"):
        assert failed[name].endswith("this step always fails"), failed[name]


def test_check_raises_the_error_of_a_cell_with_zoo_traceback(monkeypatch):
    monkeypatch.setenv("ZOO_TRACEBACK", "1")
    with cells.temporary():
        cells.register("broken_everywhere")(BrokenEverywhere)
        with pytest.raises(RuntimeError, match="always fails"):
            check("broken_everywhere", properties=["reference"])


def test_check_of_selected_properties_keeps_their_order():
    results = check("gru", properties=["rows", "gates"])
    assert [(result.property, result.passed) for result in results] == [
        ("gates", True),
        ("rows", True),
    ]


def test_full_check_covers_every_layout():
    results = check("gru", full=True, properties=["keras_file", "gates"])
    assert all(result.passed for result in results)
    assert [result.layout for result in results[:1]] == [None]
    assert sorted(result.layout for result in results[1:]) == sorted(LAYOUTS)


def test_check_rejects_an_unknown_property_with_a_suggestion():
    with pytest.raises(RequestError, match="unknown property 'refrence'. Did you mean 'reference'"):
        check("gru", properties=["refrence"])
